// Package storetest is the suite that the read model passes on every engine, and
// makes the blocks that it and the benchmarks project. It imports traceability
// only: what it tests is handed to it.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Engine{Open: openInTempDir, ErrGap: store.ErrGap, …})
//	}
package storetest

import (
	"context"
	"io"
	"strings"
	"testing"

	"deltatrace/traceability"
)

// Store is a read model as the suite uses it.
type Store interface {
	traceability.Reader
	Apply(ctx context.Context, blocks ...traceability.Block) error
	Dump(ctx context.Context, w io.Writer) error
	Reset(ctx context.Context) error
	Load(ctx context.Context, fill func() error) error
}

// Engine is what the suite tests.
type Engine struct {
	// Open returns an empty store, closed by the test's cleanup.
	Open func(testing.TB) Store
	// OpenTwo returns two stores on one empty database, as two processes would
	// open them; nil for an engine that has no database of its own.
	OpenTwo func(testing.TB) (Store, Store)
	// The errors of Apply: blocks are missing, another ledger's block, and a
	// record that cannot be read.
	ErrGap, ErrReplaced, ErrRecord error
}

// Run runs the suite. Every case has a store of its own.
func Run(t *testing.T, e Engine) {
	for _, group := range []map[string]func(*testing.T, Engine){
		applyCases(),
		readCases(),
		listCases(),
		traceCases(),
		noticeCases(),
		recognitionCases(),
		recallCases(),
		consultationCases(),
		feedCases(),
		webhookCases(),
		creditCases(),
		licenceCases(),
		listingCases(),
		verificationCases(),
		gtinCases(),
	} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, e)
			})
		}
	}
}

// DumpOf returns a store's dump.
func DumpOf(tb testing.TB, s Store) string {
	tb.Helper()
	var text strings.Builder
	if err := s.Dump(tb.Context(), &text); err != nil {
		tb.Fatal(err)
	}
	return text.String()
}

// applied opens a store with the chain's blocks.
func applied(t *testing.T, e Engine, c *Chain) Store {
	t.Helper()
	s := e.Open(t)
	if err := s.Apply(t.Context(), c.Blocks...); err != nil {
		t.Fatal(err)
	}
	return s
}
