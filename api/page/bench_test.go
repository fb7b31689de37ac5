package page

import (
	"strings"
	"testing"

	"deltatrace/traceability"
)

// BenchmarkBatch measures a page whole and without the queries.
func BenchmarkBatch(b *testing.B) {
	s := newSample(b)
	for name, id := range map[string]traceability.LotID{"passed": s.passed, "long": s.long, "wide": s.wide} {
		b.Run(name+"/whole", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.site.Batch(b.Context(), s.store, LangZH, id, Query{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		rec := s.gathered(id)
		b.Run(name+"/render", func(b *testing.B) {
			for b.Loop() {
				v := s.site.batchView(LangZH, rec, Query{})
				v.Way, v.Record = rec.way(LangZH), rec.record(LangZH)
				if _, err := s.site.render(LangZH, 200, "batch", "x", "/", "", v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("unknown", func(b *testing.B) {
		for b.Loop() {
			if r := s.site.Unknown(LangEN, s.passed); !strings.Contains(string(r.Body), "not on the ledger") {
				b.Fatal("another page")
			}
		}
	})
}
