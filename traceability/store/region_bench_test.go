package store_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/store"
	"deltatrace/traceability/store/postgrestest"
	"deltatrace/traceability/store/storetest"
)

// BenchmarkRegion loads a region and asks of it. -benchtime 1x asks each question
// as often as is written here, which is enough. DELTATRACE_BENCH_LOTS is how many
// lots there are, 100,000 if it is not set. DELTATRACE_BENCH_DB is where: nothing
// for SQLite in a temporary folder, `postgres` for a server that the benchmark
// starts, else a path or URL, whose read model is kept, and used again if there is
// one.
func BenchmarkRegion(b *testing.B) {
	lots, err := strconv.Atoi(os.Getenv("DELTATRACE_BENCH_LOTS"))
	if err != nil {
		lots = 100_000
	}
	scope := min(100_000, lots/4)
	r := storetest.Region{Seed: 1, Scope: scope, Chain: 50, Trade: lots / 2, Lots: lots - lots/2}
	db, size := benchDatabase(b)
	s := open(b, db)
	if _, err := s.Head(b.Context()); err != nil {
		l := load(b, s, r.Blocks())
		bytes := size()
		b.Run("load", func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(l.records), "records")
			b.ReportMetric(float64(l.records)/(l.applying+l.indexing).Seconds(), "records/s")
			b.ReportMetric(l.indexing.Seconds(), "indexing-s")
			b.ReportMetric(float64(bytes)/(1<<20), "MB")
		})
	}
	for _, question := range []struct {
		name string
		pick func(n int) traceability.TraceQuery
	}{
		{"trace50/up", func(n int) traceability.TraceQuery { return up(r.ChainLot(n%r.Chains(), r.Chain-1)) }},
		{"trace50/down", func(n int) traceability.TraceQuery { return down(r.ChainLot(n%r.Chains(), 1)) }}, // the first went into many
		{"trade/up", func(n int) traceability.TraceQuery { return up(r.ShopLot(n % r.ShopLots())) }},
		{"trade/down", func(n int) traceability.TraceQuery { return down(r.FarmLot(n % r.ShopLots())) }},
	} {
		b.Run(question.name, func(b *testing.B) { benchTraces(b, s, question.pick) })
	}
	b.Run("recall", func(b *testing.B) {
		var took []time.Duration
		for range 5 {
			began := time.Now()
			lots := traceLots(b, s, traceability.TraceQuery{Lot: r.RecalledLot(), Direction: traceability.Down, Limit: 1_000_000})
			took = append(took, time.Since(began))
			if lots != r.Scope+1 {
				b.Fatalf("%d lots, want %d", lots, r.Scope+1)
			}
		}
		report(b, took)
		b.ReportMetric(float64(r.Scope), "lots")
	})
	b.Run("scan", func(b *testing.B) { benchScans(b, s, r) })
	b.Run("memory", func(b *testing.B) {
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(memory(b, "VmHWM"))/(1<<20), "peak-MB")
		b.ReportMetric(float64(memory(b, "VmRSS"))/(1<<20), "RSS-MB")
	})
}

func up(lot traceability.LotID) traceability.TraceQuery {
	return traceability.TraceQuery{Lot: lot, Direction: traceability.Up}
}

func down(lot traceability.LotID) traceability.TraceQuery {
	return traceability.TraceQuery{Lot: lot, Direction: traceability.Down}
}

// benchDatabase returns the URL of the read model, and how large it is.
func benchDatabase(b *testing.B) (url string, size func() int64) {
	url = os.Getenv("DELTATRACE_BENCH_DB")
	switch {
	case url == "postgres":
		// A server of a few gigabytes, as one would set it up.
		server := postgrestest.StartWith(b, postgrestest.Settings{"shared_buffers": "2GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min",
			"maintenance_work_mem": "256MB", "effective_io_concurrency": "64", "random_page_cost": "1.1"})
		url = server.Database(b)
		return url, func() int64 { return server.Size(b, "test1") }
	case strings.Contains(url, "://"):
		return url, func() int64 { return 0 }
	case url == "":
		url = filepath.Join(b.TempDir(), "region.db")
	}
	return url, func() (bytes int64) {
		for _, suffix := range []string{"", "-wal"} {
			if info, err := os.Stat(url + suffix); err == nil {
				bytes += info.Size()
			}
		}
		return bytes
	}
}

// loaded says what it took.
type loaded struct {
	records, documents int
	applying, indexing time.Duration
	processor          time.Duration // used by applying
}

// load fills the store as a rebuild does, as much in a transaction as the
// projector hands over. The time in which the region is invented does not count.
func load(b *testing.B, s *store.Store, region iter.Seq[traceability.Block]) loaded {
	var l loaded
	var filled time.Time
	err := s.Load(b.Context(), func() error {
		next, stop := iter.Pull(region)
		defer stop()
		said := time.Now()
		for more := true; more; {
			var blocks []traceability.Block
			for bytes := 0; len(blocks) < 64 && bytes < 16<<20; {
				block, ok := next()
				if more = ok; !ok {
					break
				}
				blocks = append(blocks, block)
				for _, tx := range block.Transactions {
					l.records += len(tx.Writes)
					for _, w := range tx.Writes {
						bytes += len(w.Value)
						l.documents += strings.Count(string(w.Value), `"tx":"`+string(tx.ID))
					}
				}
			}
			began, before := time.Now(), processorTime(b)
			if err := s.Apply(b.Context(), blocks...); err != nil {
				return err
			}
			l.applying += time.Since(began)
			l.processor += processorTime(b) - before
			if time.Since(said) > 30*time.Second {
				said = time.Now()
				fmt.Fprintf(os.Stderr, "%d records, %.0f a second\n", l.records, float64(l.records)/l.applying.Seconds())
			}
		}
		filled = time.Now()
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	l.indexing = time.Since(filled)
	return l
}

// benchTraces asks for 2,000 traces, each another; the first 100 do not count.
func benchTraces(b *testing.B, s *store.Store, pick func(n int) traceability.TraceQuery) {
	random := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	total := 0
	before := processorTime(b)
	for n := range 2100 {
		began := time.Now()
		lots := traceLots(b, s, pick(random.IntN(1<<40)))
		if n >= 100 {
			took = append(took, time.Since(began))
			total += lots
		}
	}
	report(b, took)
	b.ReportMetric(float64(total)/float64(len(took)), "lots")
	b.ReportMetric((processorTime(b)-before).Seconds()*1000/2100, "cpu-ms")
}

// processorTime is what the process has used: unlike the clock, it does not
// count what else the machine was busy with.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// benchScans asks what the page of a lot asks: the lot, its reports, its events.
func benchScans(b *testing.B, s *store.Store, r storetest.Region) {
	random := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	for range 2000 {
		id := r.ChainLot(random.IntN(r.Chains()), 10*random.IntN(5))
		began := time.Now()
		_, err := s.Lot(b.Context(), id)
		if err != nil {
			b.Fatal(err)
		}
		reports, err := s.Reports(b.Context(), traceability.ReportFilter{Lot: id, Current: true}, traceability.Page{})
		if err != nil {
			b.Fatal(err)
		}
		events, err := s.Events(b.Context(), traceability.EventFilter{Lots: []traceability.LotID{id}}, traceability.Page{})
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		if len(reports.Items) != 1 || len(events.Items) == 0 {
			b.Fatalf("%d reports, %d events", len(reports.Items), len(events.Items))
		}
	}
	report(b, took)
}

// traceLots counts the lots of a trace.
func traceLots(b *testing.B, s *store.Store, q traceability.TraceQuery) int {
	lots := 0
	for step, err := range s.Trace(b.Context(), q) {
		if err != nil {
			b.Fatal(err)
		}
		if step.Lot != nil {
			lots++
		}
	}
	return lots
}

// report reports the median and the 99th percentile.
func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
}

// memory reads a figure of the process from the system.
func memory(b *testing.B, name string) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("no /proc here:", err)
	}
	_, rest, _ := strings.Cut(string(status), name+":")
	kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes << 10
}
