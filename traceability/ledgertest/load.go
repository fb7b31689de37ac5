package ledgertest

import (
	"context"
	"errors"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// insist submits until the ledger takes the batch, as a client does: ErrBusy
// means later.
func insist(ctx context.Context, ledger traceability.Ledger, documents []string) (traceability.Receipt, error) {
	for {
		receipt, err := ledger.Submit(ctx, documents)
		if !errors.Is(err, traceability.ErrBusy) {
			return receipt, err
		}
		select {
		case <-ctx.Done():
			return traceability.Receipt{}, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

const submitters = 64

// testConcurrency has many clients submit at once: all is accepted, and is on
// the ledger exactly once, in the block that the receipt names.
func testConcurrency(t *testing.T, b *bench) {
	lab := b.laboratory(t)
	const each = 6
	documents := make([]string, submitters*each)
	for i := range documents {
		documents[i] = SignedReport(t, lab, i)
	}
	receipts := make([]traceability.Receipt, len(documents))
	var group sync.WaitGroup
	for s := range submitters {
		group.Go(func() {
			for i := s * each; i < (s+1)*each; i++ {
				ctx, cancel := context.WithTimeout(context.Background(), 6*b.Patience)
				receipt, err := insist(ctx, b.Ledger, documents[i:i+1])
				cancel()
				if err != nil || receipt.Outcomes[0].Status != traceability.StatusAccepted {
					t.Errorf("document %d: got %+v, error %v", i, receipt, err)
				}
				receipts[i] = receipt
			}
		})
	}
	group.Wait()
	blocks := b.blocks(t, 0)
	_, written := state(blocks)
	where := make(map[traceability.TxID]uint64)
	for _, block := range blocks {
		for _, tx := range block.Transactions {
			where[tx.ID] = block.Number
		}
	}
	for i, receipt := range receipts {
		if n := written[ReportKey(lab, i)]; n != 1 {
			t.Errorf("report %d was written %d times, want once", i, n)
		}
		if where[receipt.Tx] != receipt.Block {
			t.Errorf("report %d: the receipt says block %d, but the transaction is in %d", i, receipt.Block, where[receipt.Tx])
		}
	}
}

// testContendedDocument has many clients submit the same document at once: one
// brings it, the others learn who did.
func testContendedDocument(t *testing.T, b *bench) {
	lab := b.laboratory(t)
	documents := []string{SignedReport(t, lab, 1)}
	receipts := make([]traceability.Receipt, submitters)
	var group sync.WaitGroup
	for s := range submitters {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 6*b.Patience)
			defer cancel()
			var err error
			if receipts[s], err = insist(ctx, b.Ledger, documents); err != nil {
				t.Errorf("submitter %d: %v", s, err)
				receipts[s].Outcomes = make([]traceability.Outcome, 1)
			}
		})
	}
	group.Wait()
	var winner traceability.TxID
	accepted := 0
	for _, r := range receipts {
		if r.Outcomes[0].Status == traceability.StatusAccepted {
			winner, accepted = r.Tx, accepted+1
		}
	}
	if accepted != 1 {
		t.Fatalf("%d submitters were told accepted, want one", accepted)
	}
	for s, r := range receipts {
		if o := r.Outcomes[0]; o.Status == traceability.StatusDuplicate && o.First != winner {
			t.Errorf("submitter %d was told that %s came first, want %s", s, o.First, winner)
		}
	}
}

func testCancellation(t *testing.T, b *bench) {
	lab := b.laboratory(t)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.Ledger.Submit(done, []string{SignedReport(t, lab, 0)}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that was done before: got %v, want %v", err, context.Canceled)
	}
	const hasty = 40
	for i := range hasty {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i)*100*time.Microsecond)
		_, err := b.Ledger.Submit(ctx, []string{SignedReport(t, lab, i)})
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("report %d: got %v, want nil or %v", i, err, context.DeadlineExceeded)
		}
	}
	for i := range hasty { // submitting again settles it
		if o := b.submit(t, SignedReport(t, lab, i)).Outcomes[0]; o.Status == traceability.StatusRejected {
			t.Errorf("report %d again: rejected %v", i, o.Problems)
		}
	}
	_, written := state(b.blocks(t, 0))
	for i := range hasty {
		if n := written[ReportKey(lab, i)]; n != 1 {
			t.Errorf("report %d was written %d times, want once", i, n)
		}
	}
}

// testDeterminism submits the same documents to two ledgers: they come to the
// same state, but for the names and times of transactions.
func testDeterminism(t *testing.T, b *bench) {
	if b.Twin == nil {
		t.Skip("the harness has no twin")
	}
	lab, admission := b.Network.Laboratory(t, 1)
	batches := [][]string{{admission}, {SignedReport(t, lab, 2), SignedReport(t, lab, 1)}, {"not a document", SignedReport(t, lab, 3)}}
	var states []map[string]string
	for _, ledger := range []traceability.Ledger{b.Ledger, b.Twin(t)} {
		twin := &bench{b.Harness}
		twin.Ledger = ledger
		for _, batch := range batches {
			twin.submit(t, batch...)
		}
		values, _ := state(twin.blocks(t, 0))
		for key, value := range values {
			values[key] = neutral(value)
		}
		states = append(states, values)
	}
	if diff := cmp.Diff(states[0], states[1]); diff != "" {
		t.Errorf("two ledgers (-one +other):\n%s", diff)
	}
}

var (
	transactionName = regexp.MustCompile(`"tx":"[0-9a-f]+"`)
	ledgerTimes     = regexp.MustCompile(`"(from|to|recorded)":(?:"[^"]+"|\[[^\]]*\])`)
)

// neutral takes out of a record what belongs to the ledger and not to the
// documents.
func neutral(record string) string {
	return ledgerTimes.ReplaceAllString(transactionName.ReplaceAllString(record, `"tx":""`), `"$1":""`)
}
