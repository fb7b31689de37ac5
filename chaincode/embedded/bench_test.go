package embedded

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// BenchmarkSubmit has 64 clients submit signed reports, durably, and writes the
// same bytes to a bare Pebble, with as many documents for each sync as the
// ledger has in a block. The two take turns, so that other load on the machine
// meets both. It reports documents/s of both and how many times slower the
// ledger is (x-of-bare).
func BenchmarkSubmit(b *testing.B) {
	for _, batch := range []int{1, 200} {
		b.Run(fmt.Sprintf("clients=64/batch=%d", batch), func(b *testing.B) {
			network := ledgertest.NewNetwork(b)
			l := mustStart(b, network)
			lab, admission := network.Laboratory(b, 1)
			before := mustSubmit(b, l, admission).Block
			documents := signAll(b, lab, b.N)
			plain := mustOpenBare(b)

			turns := min(8, 1+b.N/(3*64*batch)) // long enough that the clients are busy
			var took, bare time.Duration
			group := 1.0
			b.ResetTimer()
			for turn := range turns {
				from, to := b.N*turn/turns, b.N*(turn+1)/turns
				took += submitAll(b, l, documents[from:to], 64, batch)
				b.StopTimer()
				group = max(1, float64(to)/max(1, float64(l.head.Number-before)))
				bare += writeAll(b, plain, documents[from:to], from, int(group))
				b.StartTimer()
			}
			b.ReportMetric(float64(b.N)/took.Seconds(), "docs/s")
			b.ReportMetric(float64(b.N)/bare.Seconds(), "bare-docs/s")
			b.ReportMetric(took.Seconds()/bare.Seconds(), "x-of-bare")
			b.ReportMetric(group, "docs/block")
		})
	}
}

// BenchmarkBarePebble writes signed reports to a bare Pebble, synced, in groups
// of a fixed size.
func BenchmarkBarePebble(b *testing.B) {
	for _, group := range []int{1, 64, 1000} {
		b.Run(fmt.Sprintf("group=%d", group), func(b *testing.B) {
			lab, _ := ledgertest.NewNetwork(b).Laboratory(b, 1)
			documents, db := signAll(b, lab, b.N), mustOpenBare(b)
			b.ResetTimer()
			took := writeAll(b, db, documents, 0, group)
			b.ReportMetric(float64(b.N)/took.Seconds(), "docs/s")
		})
	}
}

// BenchmarkVerify recomputes a ledger of b.N reports.
func BenchmarkVerify(b *testing.B) {
	network := ledgertest.NewNetwork(b)
	l := mustStart(b, network)
	lab, admission := network.Laboratory(b, 1)
	mustSubmit(b, l, admission)
	submitAll(b, l, signAll(b, lab, b.N), 16, 50)
	b.ResetTimer()
	mustVerify(b, l)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
}

// BenchmarkBlocks reads b.N reports from the feed.
func BenchmarkBlocks(b *testing.B) {
	network := ledgertest.NewNetwork(b)
	l := mustStart(b, network)
	lab, admission := network.Laboratory(b, 1)
	mustSubmit(b, l, admission)
	submitAll(b, l, signAll(b, lab, b.N), 16, 50)
	b.ResetTimer()
	n := 0
	for block, err := range l.Blocks(context.Background(), 2) {
		if err != nil {
			b.Fatal(err)
		}
		for _, tx := range block.Transactions {
			n += len(tx.Writes)
		}
		if block.Number == l.head.Number {
			break
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "docs/s")
}

func signAll(b *testing.B, lab traceability.SigningKey, n int) []string {
	b.Helper()
	documents := make([]string, n)
	err := spread(n, func(i int) (err error) {
		documents[i], err = traceability.Sign(lab, traceability.TypeReportSubmit, ledgertest.Report(i), ledgertest.Signed)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(documents[0])))
	return documents
}

// submitAll has clients submit all documents and returns how long it took.
func submitAll(b *testing.B, l *Ledger, documents []string, clients, batch int) time.Duration {
	b.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	began := time.Now()
	for range clients {
		group.Go(func() {
			for {
				to := int(next.Add(int64(batch)))
				from := to - batch
				if from >= len(documents) {
					return
				}
				receipt, err := l.Submit(context.Background(), documents[from:min(to, len(documents))])
				if err != nil || receipt.Outcomes[0].Status != traceability.StatusAccepted {
					b.Errorf("got %+v, %v", receipt, err)
					return
				}
			}
		})
	}
	group.Wait()
	return time.Since(began)
}

// mustOpenBare opens a new Pebble with the ledger's options.
func mustOpenBare(b *testing.B) *pebble.DB {
	b.Helper()
	db, err := pebble.Open(b.TempDir(), pebbleOptions(vfs.Default, quiet))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

// writeAll writes documents under the numbers from first on, some for each
// sync, and returns how long it took.
func writeAll(b *testing.B, db *pebble.DB, documents []string, first, group int) time.Duration {
	b.Helper()
	began := time.Now()
	for from := 0; from < len(documents); from += group {
		batch := db.NewBatch()
		for i := from; i < min(from+group, len(documents)); i++ {
			if err := batch.Set(binary.BigEndian.AppendUint64(nil, uint64(first+i)), []byte(documents[i]), nil); err != nil {
				b.Fatal(err)
			}
		}
		if err := batch.Commit(pebble.Sync); err != nil {
			b.Fatal(err)
		}
		if err := batch.Close(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}
