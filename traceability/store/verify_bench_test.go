package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/store/storetest"
	"deltatrace/traceability/verification"
)

// BenchmarkVerify loads a register and as many listings, and has shops compared with
// it: 10,000 in one call, and one by one. DELTATRACE_BENCH_LICENCES is how many there
// are, 20,000 if it is not set; DELTATRACE_BENCH_DB is as for BenchmarkRegion.
func BenchmarkVerify(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("DELTATRACE_BENCH_LICENCES"))
	if err != nil {
		n = 20_000
	}
	g := storetest.Register{Seed: 1, Licences: n, Shops: n}
	db, _ := benchDatabase(b)
	s := open(b, db)
	if _, err := s.Head(b.Context()); err != nil {
		l := load(b, s, g.Blocks())
		b.Logf("loaded %d records in %s, indexed in %s", l.records, l.applying, l.indexing)
	}
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	who := traceability.Viewer{As: g.Platform(0)}
	ask := func(b *testing.B, shops []traceability.Shop) time.Duration {
		began := time.Now()
		results, err := verification.Ask(b.Context(), s, verification.Question{Shops: shops, Day: storetest.RegisterDay, Now: now}, who)
		if err != nil || len(results) != len(shops) {
			b.Fatal(len(results), err)
		}
		return time.Since(began)
	}
	random := rand.New(rand.NewPCG(1, 1))
	pick := func(size int) []traceability.Shop {
		shops := make([]traceability.Shop, size)
		for i := range shops {
			shops[i] = g.Shop(random.IntN(n) / 3 * 3) // of the first platform
		}
		return shops
	}
	for _, size := range []int{10_000, 1000, 1} {
		b.Run(fmt.Sprint("shops=", size), func(b *testing.B) {
			var took []time.Duration
			var processor time.Duration
			for range min(2000, max(11, 20_000/size)) {
				shops := pick(size)
				before := processorTime(b)
				took = append(took, ask(b, shops))
				processor += processorTime(b) - before
			}
			report(b, took)
			b.ReportMetric(processor.Seconds()*1000/float64(len(took)), "cpu-ms")
		})
	}
}

// TestVerifyRegister compares invented shops with the register, and finds what was
// made wrong with each.
func TestVerifyRegister(t *testing.T) {
	t.Parallel()
	g := storetest.Register{Seed: 1, Licences: 1000, Shops: 1000, Block: 200}
	s := open(t, ":memory:")
	for block := range g.Blocks() {
		if err := s.Apply(t.Context(), block); err != nil {
			t.Fatal(err)
		}
	}
	var before []traceability.ViolationCode // of the shop before
	for n := range g.Shops {
		shop := g.Shop(n)
		results, err := verification.Ask(t.Context(), s, verification.Question{Shops: []traceability.Shop{shop}, Day: storetest.RegisterDay, Now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)},
			traceability.Viewer{As: g.Platform(n)})
		if err != nil {
			t.Fatal(err)
		}
		codes := results[0].Codes()
		wrong, others := traceability.ViolationCode(g.Violation(n)), slices.DeleteFunc(slices.Clone(codes), func(c traceability.ViolationCode) bool {
			// Nobody verified the shops before, and one whose licence another shows is told.
			return c == traceability.ViolationStale || c == traceability.ViolationDuplicateUse
		})
		if wrong == traceability.ViolationDuplicateUse && g.Platform(n) != g.Platform(n-1) {
			// Who shows another platform's licence somewhere else is refused for that; the one at the premises is told.
			if !slices.Contains(before, traceability.ViolationDuplicateUse) {
				t.Errorf("shop %d is not told that shop %d shows its licence: %v", n-1, n, before)
			}
			wrong = traceability.ViolationAddressMismatch
		}
		before = codes
		refused := results[0].Verdict == traceability.LicenceFails
		info, _ := wrong.Info()
		switch {
		case wrong == "" && (len(others) > 0 || refused):
			t.Errorf("shop %d is in order, found %v: %+v", n, codes, results[0].Findings)
		case wrong != "" && !slices.Contains(codes, wrong):
			t.Errorf("shop %d has %s, found %v: %s | %s", n, wrong, codes, shop.Address, g.Licence(n).Premises)
		case info.Severity == traceability.SeverityRefuse && !refused:
			t.Errorf("shop %d has %s, and is not refused", n, wrong)
		}
	}
}
