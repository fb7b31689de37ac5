package main

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"deltatrace/traceability"
)

// brokenLedger fails as a ledger can, which a real one cannot be made to do.
type brokenLedger struct{ err error }

func (l brokenLedger) Submit(context.Context, []string) (traceability.Receipt, error) {
	return traceability.Receipt{}, l.err
}

func (l brokenLedger) Head(context.Context) (traceability.Head, error) {
	return traceability.Head{}, l.err
}

var errBroken = errors.New("SECRET-CAUSE")

// brokenReader fails in every method; a trace fails after so many steps.
type brokenReader struct {
	traceability.Reader
	steps int
}

func (brokenReader) Head(context.Context) (traceability.Head, error) {
	return traceability.Head{}, errBroken
}

func (brokenReader) Lot(context.Context, traceability.LotID) (traceability.LotRecord, error) {
	return traceability.LotRecord{}, errBroken
}

func (brokenReader) Party(context.Context, traceability.PartyID) (traceability.PartyRecord, error) {
	panic("SECRET-PANIC")
}

func (r brokenReader) Trace(context.Context, traceability.TraceQuery) iter.Seq2[traceability.TraceStep, error] {
	return func(yield func(traceability.TraceStep, error) bool) {
		for depth := range r.steps {
			if !yield(traceability.TraceStep{Depth: depth, Cut: "depth"}, nil) {
				return
			}
		}
		yield(traceability.TraceStep{}, errBroken)
	}
}

// mustBroken serves over real HTTP from a reader that fails.
func mustBroken(tb testing.TB, reader brokenReader) *httptest.Server {
	tb.Helper()
	s, err := NewServer(Options{Ledger: brokenLedger{errBroken}, Reader: reader, PublicURL: "http://example.test",
		Limits: mustServe(tb, "serve").Limits, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(s)
	tb.Cleanup(server.Close)
	return server
}
