package store_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"deltatrace/traceability"
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
