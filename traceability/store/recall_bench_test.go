package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
	"deltatrace/traceability/store/storetest"
)

// BenchmarkRecall measures a recall of a lot of which a hundred thousand others
// were made, in two steps, most of them sold: how long the announcement takes until
// each of them is known as recalled, how long it takes to stream the scope, and how
// long to ask of one lot.
func BenchmarkRecall(b *testing.B) {
	const fan, each = 200, 500
	s := open(b, filepath.Join(b.TempDir(), "bench.db"))
	chain, recall, last := storetest.RecallChain(b, fan, each)
	for _, block := range chain.Blocks[:len(chain.Blocks)-1] {
		if err := s.Apply(b.Context(), block); err != nil {
			b.Fatal(err)
		}
	}
	began := time.Now()
	if err := s.Apply(b.Context(), chain.Blocks[len(chain.Blocks)-1]); err != nil {
		b.Fatal(err)
	}
	announced := time.Since(began)
	b.Run("stream", func(b *testing.B) {
		for b.Loop() {
			lots, bytes := 0, 0
			for l, err := range s.RecallScope(b.Context(), traceability.ScopeQuery{Recall: recall, Height: uint64(len(chain.Blocks))}) {
				if err != nil {
					b.Fatal(err)
				}
				line, err := json.Marshal(l)
				if err != nil {
					b.Fatal(err)
				}
				lots, bytes = lots+1, bytes+len(line)
			}
			if lots != 1+fan+fan*each {
				b.Fatalf("%d lots", lots)
			}
			b.ReportMetric(float64(lots), "lots")
			b.ReportMetric(float64(bytes)/1e6, "MB")
		}
		b.ReportMetric(announced.Seconds()*1000, "announce-ms")
	})
	b.Run("of a lot", func(b *testing.B) {
		for b.Loop() {
			of, err := s.RecallsOf(b.Context(), last)
			if err != nil || len(of) != 1 {
				b.Fatalf("%v %v", of, err)
			}
		}
	})
}
