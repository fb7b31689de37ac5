package store_test

import (
	"errors"
	"slices"
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/store"
	"deltatrace/traceability/store/storetest"
)

// FuzzApply holds that no record, however broken, does more than give an error,
// and that one that is accepted can be read.
func FuzzApply(f *testing.F) {
	c := storetest.NewChain(f)
	for b := range (storetest.Region{Seed: 1, Lots: 3, Chain: 3, Scope: 2}).Blocks() {
		for _, tx := range b.Transactions {
			for _, w := range tx.Writes {
				f.Add(w.Key, []byte(w.Value))
			}
		}
	}
	for _, w := range c.Blocks[0].Transactions[0].Writes {
		f.Add(w.Key, []byte(w.Value))
	}
	f.Add("report/x", []byte(`{"document":{"jws":"a.b.c","tx":"","n":-1}}`))
	f.Add("rotation//", []byte(`{}`))
	f.Add("recognition-rule//", []byte(`{}`))
	f.Add("recognition///", []byte(`{}`))
	f.Add("notice/x", []byte(`{"documents":[],"notice":{"notice":"x","report":"a/b/1","publication":[{}],"deadlines":[{"status":"running"}]}}`))
	f.Add("calendar/2026", []byte(`{"documents":[{"jws":""}]}`))
	f.Add("", []byte(nil))
	s := open(f, ":memory:")
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		if err := s.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		err := s.Apply(t.Context(), traceability.Block{Transactions: []traceability.Transaction{{ID: "x",
			Writes: []traceability.Write{{Key: key, Value: value}}}}})
		if err != nil {
			if !errors.Is(err, store.ErrRecord) {
				t.Fatalf("%q: %v", key, err)
			}
			return
		}
		_, err1 := s.Parties(t.Context(), traceability.PartyFilter{}, traceability.Page{})
		_, err2 := s.Lots(t.Context(), traceability.LotFilter{}, traceability.Page{})
		_, err3 := s.Events(t.Context(), traceability.EventFilter{}, traceability.Page{})
		_, err4 := s.Reports(t.Context(), traceability.ReportFilter{}, traceability.Page{})
		_, err5 := s.RecognitionRules(t.Context(), traceability.RecognitionRuleFilter{}, traceability.Page{})
		_, err6 := s.RecognitionRates(t.Context(), traceability.RecognitionRateFilter{})
		if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
			t.Errorf("%q was accepted and cannot be read: %v", key, err)
		}
	})
}

// FuzzCursor holds that a cursor is one that a list gave, or an error.
func FuzzCursor(f *testing.F) {
	s := open(f, ":memory:")
	blocks := slices.Collect(storetest.Region{Seed: 1, Lots: 20, Chain: 10}.Blocks())
	if err := s.Apply(f.Context(), blocks...); err != nil {
		f.Fatal(err)
	}
	first := traceability.Page{Limit: 1}
	lots, err1 := s.Lots(f.Context(), traceability.LotFilter{}, first)
	events, err2 := s.Events(f.Context(), traceability.EventFilter{}, first)
	reports, err3 := s.Reports(f.Context(), traceability.ReportFilter{}, first)
	if err := errors.Join(err1, err2, err3); err != nil {
		f.Fatal(err)
	}
	for _, cursor := range []string{"", lots.Next, events.Next, reports.Next, "W10", "!"} {
		f.Add(cursor)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		page := traceability.Page{After: cursor, Limit: 1}
		_, err1 := s.Parties(t.Context(), traceability.PartyFilter{}, page)
		_, err2 := s.Lots(t.Context(), traceability.LotFilter{}, page)
		_, err3 := s.Events(t.Context(), traceability.EventFilter{}, page)
		_, err4 := s.Reports(t.Context(), traceability.ReportFilter{}, page)
		_, err5 := s.RecognitionRules(t.Context(), traceability.RecognitionRuleFilter{}, page)
		_, err6 := s.Recognitions(t.Context(), traceability.RecognitionFilter{Lot: "x"}, page)
		accepted := 0
		for _, err := range []error{err1, err2, err3, err4, err5, err6} {
			switch traceability.CodeOf(err) {
			case "":
				accepted++
			case traceability.CodeInvalid:
			default:
				t.Errorf("%q: %v", cursor, err)
			}
		}
		if cursor != "" && accepted > 1 {
			t.Errorf("%q is a cursor of %d lists", cursor, accepted)
		}
	})
}
