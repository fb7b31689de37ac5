package store_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/store/storetest"
)

// BenchmarkRegister loads a register of licences with as many shops, and asks what
// the verification of a platform's shops asks, -benchtime 1x as BenchmarkRegion.
// DELTATRACE_BENCH_LICENCES is how many there are, 20,000 if it is not set;
// DELTATRACE_BENCH_DB is where.
func BenchmarkRegister(b *testing.B) {
	licences, err := strconv.Atoi(os.Getenv("DELTATRACE_BENCH_LICENCES"))
	if err != nil {
		licences = 20_000
	}
	g := storetest.Register{Seed: 1, Licences: licences, Shops: licences}
	db, size := benchDatabase(b)
	s := open(b, db)
	if _, err := s.Head(b.Context()); err != nil {
		l := load(b, s, g.Blocks())
		bytes := size()
		b.Run("load", func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(2*licences)/(l.applying+l.indexing).Seconds(), "records/s")
			b.ReportMetric(l.processor.Seconds()*1e6/float64(2*licences), "cpu-us/record")
			b.ReportMetric(float64(bytes)/(1<<20), "MB")
		})
	}
	const many = 10_000
	random := rand.New(rand.NewPCG(1, 2))
	batch := func() (ids []traceability.LicenceID, shops []traceability.ShopID) {
		for range many {
			n := 3 * random.IntN(licences/3) // of the first platform
			ids, shops = append(ids, g.Licence(n).ID), append(shops, g.Shop(n).ID)
		}
		return ids, shops
	}
	rounds := func(b *testing.B, ask func(ids []traceability.LicenceID, shops []traceability.ShopID) (int, error)) {
		var took []time.Duration
		before := time.Duration(0)
		for range 11 {
			ids, shops := batch()
			processor := processorTime(b)
			began := time.Now()
			found, err := ask(ids, shops)
			if err != nil || found < min(many, licences/3)/2 {
				b.Fatalf("%d found: %v", found, err)
			}
			took = append(took, time.Since(began))
			before += processorTime(b) - processor
		}
		report(b, took)
		b.ReportMetric(before.Seconds()*1000/float64(len(took)), "cpu-ms")
	}
	b.Run("LicenceOn", func(b *testing.B) {
		rounds(b, func(ids []traceability.LicenceID, _ []traceability.ShopID) (int, error) {
			found, err := s.LicenceOn(b.Context(), ids, storetest.RegisterDay)
			return len(found), err
		})
	})
	b.Run("LicenceSums", func(b *testing.B) {
		rounds(b, func(ids []traceability.LicenceID, _ []traceability.ShopID) (int, error) {
			found, err := s.LicenceSums(b.Context(), ids)
			return len(found), err
		})
	})
	b.Run("ListingsOf", func(b *testing.B) {
		rounds(b, func(_ []traceability.LicenceID, shops []traceability.ShopID) (int, error) {
			found, err := s.ListingsOf(b.Context(), g.Platform(0), shops)
			return len(found), err
		})
	})
	b.Run("ListingsOfLicence", func(b *testing.B) {
		rounds(b, func(ids []traceability.LicenceID, _ []traceability.ShopID) (int, error) {
			found, err := s.ListingsOfLicence(b.Context(), ids)
			return len(found), err
		})
	})
	b.Run("Licence", func(b *testing.B) {
		ids, _ := batch()
		var took []time.Duration
		for _, id := range ids[:2000] {
			began := time.Now()
			if _, err := s.Licence(b.Context(), id); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
		report(b, took)
	})
	b.Run("LicenceChecksum", func(b *testing.B) {
		var took []time.Duration
		total := 0
		for range 3 {
			for _, province := range traceability.Provinces() {
				began := time.Now()
				sum, err := s.LicenceChecksum(b.Context(), province)
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
				total += sum.Licences
			}
		}
		if total != 3*licences {
			b.Fatalf("%d licences in three rounds", total)
		}
		report(b, took)
	})
}
