package store_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"deltatrace/traceability"
	"deltatrace/traceability/store"
	"deltatrace/traceability/store/storetest"
)

// BenchmarkApply reports the records a second that are projected, those that
// SQLite takes when it is handed the same bytes, unread, in one transaction, and
// how many times as long the first takes. One block of 1,000 documents after the
// other, as many in a transaction as the projector takes when it catches up.
func BenchmarkApply(b *testing.B) {
	blocks := slices.Collect(storetest.Region{Seed: 1, Lots: 10_000}.Blocks())
	records := 0
	for _, block := range blocks {
		for _, tx := range block.Transactions {
			records += len(tx.Writes)
		}
	}
	var projecting, bare time.Duration
	n := 0
	for b.Loop() {
		n++
		s := open(b, filepath.Join(b.TempDir(), "store.db"))
		began := time.Now()
		for part := range slices.Chunk(blocks, 16) {
			if err := s.Apply(b.Context(), part...); err != nil {
				b.Fatal(err)
			}
		}
		projecting += time.Since(began)
		began = time.Now()
		insertBare(b, blocks)
		bare += time.Since(began)
	}
	perSecond := func(d time.Duration) float64 { return float64(records*n) / d.Seconds() }
	b.ReportMetric(perSecond(projecting), "records/s")
	b.ReportMetric(perSecond(bare), "bare-records/s")
	b.ReportMetric(projecting.Seconds()/bare.Seconds(), "times-bare")
	b.ReportMetric(0, "ns/op")
}

// insertBare puts every record into a table of keys and values.
func insertBare(b *testing.B, blocks []traceability.Block) {
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "bare.db")+"?_journal_mode=WAL&_synchronous=NORMAL&_pragma=cache_size(-65536)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE records (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)"); err != nil {
		b.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	insert, err := tx.Prepare("INSERT INTO records (key, value) VALUES (?, ?)")
	if err != nil {
		b.Fatal(err)
	}
	for _, block := range blocks {
		for _, t := range block.Transactions {
			for _, w := range t.Writes {
				if _, err := insert.Exec(w.Key, string(w.Value)); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// benchRegion is the store that the questions are asked of: DELTATRACE_BENCH_LOTS
// lots, half of them, at most 100,000, in the scope of one recall.
func benchRegion() storetest.Region {
	lots, err := strconv.Atoi(os.Getenv("DELTATRACE_BENCH_LOTS"))
	if err != nil {
		lots = 100_000
	}
	return storetest.Region{Seed: 1, Lots: lots, Scope: min(100_000, lots/2), Chain: 51}
}

// benchStore is filled once in a process. DELTATRACE_BENCH_DB names a file to
// keep it in and to find it again; else it is gone with the process.
var benchStore = sync.OnceValues(func() (*store.Store, error) {
	path := os.Getenv("DELTATRACE_BENCH_DB")
	if path == "" {
		path = filepath.Join(benchDir, "region.db")
	}
	s, err := store.Open(benchContext, path, benchLog)
	if err != nil {
		return nil, err
	}
	if _, err := s.Head(benchContext); err == nil {
		return s, nil
	}
	var pending []traceability.Block
	var applying time.Duration
	records, size := 0, 0
	flush := func() error {
		began := time.Now()
		err := s.Apply(benchContext, pending...)
		applying += time.Since(began)
		pending = pending[:0]
		return err
	}
	for b := range benchRegion().Blocks() {
		for _, tx := range b.Transactions {
			records += len(tx.Writes)
		}
		if pending = append(pending, b); len(pending) == 16 {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil {
		size = int(info.Size())
	}
	fmt.Printf("filled with %d records in %v: %.0f records/s, %d MB\n",
		records, applying.Round(time.Second), float64(records)/applying.Seconds(), size>>20)
	return s, nil
})

// BenchmarkTrace50 traces chains of 50 lots, each time another: upwards with
// what else went into them, downwards from the second lot, for the first went
// into many.
func BenchmarkTrace50(b *testing.B) {
	s, err := benchStore()
	if err != nil {
		b.Fatal(err)
	}
	r := benchRegion()
	for _, direction := range []traceability.Direction{traceability.Up, traceability.Down} {
		b.Run(string(direction), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 2))
			var took []time.Duration
			total := 0
			before := processorTime(b)
			for b.Loop() {
				lot := r.ChainLot(random.IntN(r.Chains()), 50)
				if direction == traceability.Down {
					lot = r.ChainLot(random.IntN(r.Chains()), 1)
				}
				began := time.Now()
				lots := traceLots(b, s, traceability.TraceQuery{Lot: lot, Direction: direction})
				took = append(took, time.Since(began))
				if lots < 50 {
					b.Fatalf("%d lots came of %s", lots, lot)
				}
				total += lots
			}
			b.ReportMetric((processorTime(b)-before).Seconds()*1000/float64(len(took)), "cpu-ms/op")
			report(b, took)
			b.ReportMetric(float64(total)/float64(len(took)), "lots")
		})
	}
}

// BenchmarkRecallScope100k streams everything that came of one lot.
func BenchmarkRecallScope100k(b *testing.B) {
	s, err := benchStore()
	if err != nil {
		b.Fatal(err)
	}
	r := benchRegion()
	lots := 0
	for b.Loop() {
		lots = traceLots(b, s, traceability.TraceQuery{Lot: r.RecalledLot(), Direction: traceability.Down, Limit: 1_000_000})
		if lots != r.Scope+1 {
			b.Fatalf("%d lots, want %d", lots, r.Scope+1)
		}
	}
	b.ReportMetric(float64(lots), "lots")
	b.ReportMetric(float64(residentBytes(b))/(1<<20), "RSS-MB")
}

// BenchmarkScan asks what the page of a lot asks: the lot, its reports, its
// events and its producer's record.
func BenchmarkScan(b *testing.B) {
	s, err := benchStore()
	if err != nil {
		b.Fatal(err)
	}
	r := benchRegion()
	random := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	for b.Loop() {
		id := r.ChainLot(random.IntN(r.Chains()), 10*random.IntN(5))
		began := time.Now()
		lot, err := s.Lot(b.Context(), id)
		if err != nil {
			b.Fatal(err)
		}
		reports, err := s.Reports(b.Context(), traceability.ReportFilter{Lot: lot.ID, Current: true}, traceability.Page{})
		if err != nil {
			b.Fatal(err)
		}
		events, err := s.Events(b.Context(), traceability.EventFilter{Lots: []traceability.LotID{lot.ID}}, traceability.Page{})
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		if len(reports.Items) != 1 || len(events.Items) == 0 {
			b.Fatalf("%d reports, %d events", len(reports.Items), len(events.Items))
		}
	}
	report(b, took)
	b.ReportMetric(float64(residentBytes(b))/(1<<20), "RSS-MB")
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
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
}

// residentBytes is the process's memory as the system counts it, after a
// collection.
func residentBytes(b *testing.B) int {
	runtime.GC()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("no /proc here:", err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes << 10
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
