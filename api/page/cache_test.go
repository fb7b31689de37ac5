package page

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"deltatrace/traceability"
)

// TestCache holds that a page is made anew when a block comes, and not before.
func TestCache(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	head := func() traceability.Hash {
		head, err := s.store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return head.Hash
	}
	page := s.batch(LangZH, s.none, Query{})
	if r, ok := s.site.cache.get(cacheKey{LangZH, s.none, ""}, head()); !ok || string(r.Body) != page {
		t.Error("the page is not remembered")
	}
	if s.batch(LangEN, s.none, Query{}) == page {
		t.Error("the English page is the Chinese one")
	}
	lab := traceability.PartyID("lab:231112340002")
	s.at("2026-11-22 08:40").report(lab, traceability.Report{No: "SP202600200", Issued: "2026-11-22", Verdict: traceability.VerdictPass, Sample: traceability.Sample{Lot: s.none},
		Items: []traceability.Item{{Seq: 1, Parameter: "铅（以Pb计）", Result: "0.1", Verdict: traceability.VerdictPass}}})
	if _, ok := s.site.cache.get(cacheKey{LangZH, s.none, ""}, head()); ok {
		t.Error("a page from before the block is still good")
	}
	if now := s.batch(LangZH, s.none, Query{}); !strings.Contains(now, "SP202600200") {
		t.Error("the page does not show the new report")
	}
	if s.batch(LangZH, s.none, Query{View: strings.Repeat("x", 1000)}); len(s.site.cache.pages) != 2 {
		t.Errorf("%d pages are remembered, not 2: strangers can fill the memory", len(s.site.cache.pages))
	}
}

// TestCacheBound holds the bound under concurrent use.
func TestCacheBound(t *testing.T) {
	t.Parallel()
	c := newCache()
	body := bytes.Repeat([]byte("x"), maxCached/10)
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			key := cacheKey{lot: traceability.LotID(fmt.Sprint(i))}
			c.put(key, traceability.Hash{}, Result{Body: body})
			c.put(key, traceability.Hash{1}, Result{Body: body})
			c.get(key, traceability.Hash{1})
		})
	}
	group.Wait()
	if len(c.pages) != 10 || c.order.Len() != 10 || c.bytes > maxCached {
		t.Errorf("%d pages, %d in order, %d bytes", len(c.pages), c.order.Len(), c.bytes)
	}
}
