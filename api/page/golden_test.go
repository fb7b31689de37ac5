package page

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

var update = flag.Bool("update", false, "write the golden files anew")

// every renders every kind of page, by the name of its golden file.
func (s *sample) every() map[string]Result {
	s.Helper()
	pages := newShops(s.TB).every()
	keep := func(name string, lang Lang, r Result, err error) {
		if err != nil {
			s.Fatalf("%s: %v", name, err)
		}
		pages[name+"."+string(lang)+".html"] = r
	}
	for _, lang := range []Lang{LangZH, LangEN} {
		for name, id := range s.lots() {
			r, err := s.site.Batch(s.Context(), s.store, lang, id, Query{})
			keep("batch-"+name, lang, r, err)
		}
		r, err := s.site.Batch(s.Context(), s.store, lang, s.suspended, Query{View: ViewRecord})
		keep("batch-suspended-record", lang, r, err)
		for name, id := range s.notices {
			r, err := s.site.Failure(s.Context(), s.store, lang, id, "")
			keep("failure-"+name, lang, r, err)
		}
		for name, id := range map[string]traceability.LotID{"recalled": s.recalled, "unrecalled": s.unrecalled} {
			r, err := s.site.Recall(s.Context(), s.store, lang, traceability.RecallID(id), "")
			keep("recall-"+name, lang, r, err)
		}
		r, err = s.site.Recalls(s.Context(), s.store, lang, "")
		keep("recalls", lang, r, err)
		for name, q := range map[string]FailureQuery{"": {}, "-found": {Text: "豆干", From: "2026-11-01"}, "-none": {Text: "没有这个"}, "-wrong": {Text: "菜"}} {
			r, err := s.site.Failures(s.Context(), s.store, lang, q)
			keep("failures"+name, lang, r, err)
		}
		r, err = s.site.Home(s.Context(), s.store, lang)
		keep("home", lang, r, err)
		keep("unknown", lang, s.site.Unknown(lang, "01/06901234567892/10/NONE"), nil)
		_, broken := traceability.ParseLotID("01/06901234567893/10/A01")
		keep("malformed-digit", lang, s.site.Malformed(lang, "/01/06901234567893/10/A01", broken), nil)
		_, broken = traceability.ParseLotID("hello")
		keep("malformed", lang, s.site.Malformed(lang, "hello", broken), nil)
		keep("error", lang, s.site.Error(lang, 500, traceability.CodeInternal, "req-1"), nil)
		keep("error-rate", lang, s.site.Error(lang, 429, traceability.CodeRateLimited, "req-2"), nil)
		keep("notfound", lang, s.site.NotFound(lang, "/nowhere"), nil)
	}
	return pages
}

// TestGolden holds the pages of a fixed set of records byte for byte.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, result := range newSample(t).every() {
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, result.Body, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(result.Body)); diff != "" {
			t.Errorf("%s (-want +got; -update writes it anew):\n%s", name, diff)
		}
	}
}
