package ledgertest

import (
	"context"
	"testing"
	"time"

	"deltatrace/traceability"
)

// Harness is a ledger to be tested.
type Harness struct {
	// Ledger is new: it has its genesis and nothing else. The harness closes it
	// when the test ends, with tb.Cleanup.
	Ledger traceability.Ledger
	// Network holds the provinces' keys that the ledger started from.
	Network *Network
	// Restart stops the ledger in good order and starts it again; nil when the
	// implementation cannot be restarted.
	Restart func(tb testing.TB) traceability.Ledger
	// Kill ends the ledger's process, or cuts its power, without a warning,
	// while submissions are under way, and starts it again; nil when the
	// implementation cannot be killed. Submissions that are under way may end
	// with any error, but must end.
	Kill func(tb testing.TB) traceability.Ledger
	// Twin starts another new ledger from the same genesis.
	Twin func(tb testing.TB) traceability.Ledger
	// Patience is how long a submission may take; 10 s when zero.
	Patience time.Duration
}

// Run tests an implementation. Each case asks newHarness for a ledger of its
// own.
func Run(t *testing.T, newHarness func(tb testing.TB) Harness) {
	t.Helper()
	cases := []struct {
		name string
		test func(*testing.T, *bench)
	}{
		{"Genesis", testGenesis},
		{"Outcomes", testOutcomes},
		{"EmptyBatch", testEmptyBatch},
		{"Resubmission", testResubmission},
		{"NothingWritten", testNothingWritten},
		{"BatchLimits", testBatchLimits},
		{"LargestBatch", testLargestBatch},
		{"WriteOrder", testWriteOrder},
		{"Concurrency", testConcurrency},
		{"ContendedDocument", testContendedDocument},
		{"Cancellation", testCancellation},
		{"Determinism", testDeterminism},
		{"Notice", testNotice},
		{"Life", testLife},
		{"BlocksFromEverywhere", testBlocksFromEverywhere},
		{"BlocksLive", testBlocksLive},
		{"BlocksSlowConsumer", testBlocksSlowConsumer},
		{"BlocksEnd", testBlocksEnd},
		{"Restart", testRestart},
		{"Kill", testKill},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t)
			if h.Patience == 0 {
				h.Patience = 10 * time.Second
			}
			c.test(t, &bench{Harness: h})
		})
	}
}

// bench is a harness with what the cases need again and again.
type bench struct{ Harness }

// within returns a context that ends with the harness's patience.
func (b *bench) within(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), b.Patience)
	tb.Cleanup(cancel)
	return ctx
}

func (b *bench) head(tb testing.TB) traceability.Head {
	tb.Helper()
	head, err := b.Ledger.Head(b.within(tb))
	if err != nil {
		tb.Fatalf("Head: %v", err)
	}
	return head
}

// submit submits a batch that the ledger must take.
func (b *bench) submit(tb testing.TB, documents ...string) traceability.Receipt {
	tb.Helper()
	receipt, err := b.Ledger.Submit(b.within(tb), documents)
	if err != nil {
		tb.Fatalf("Submit: %v", err)
	}
	if len(receipt.Outcomes) != len(documents) {
		tb.Fatalf("Submit: got %d outcomes for %d documents", len(receipt.Outcomes), len(documents))
	}
	return receipt
}

// accept submits documents that must all be accepted.
func (b *bench) accept(tb testing.TB, documents ...string) traceability.Receipt {
	tb.Helper()
	receipt := b.submit(tb, documents...)
	for i, o := range receipt.Outcomes {
		if o.Status != traceability.StatusAccepted {
			tb.Fatalf("document %d: got %s (%s) %v, want accepted", i, o.Status, o.Code, o.Problems)
		}
	}
	return receipt
}

// laboratory admits the first invented laboratory.
func (b *bench) laboratory(tb testing.TB) traceability.SigningKey {
	tb.Helper()
	lab, admission := b.Network.Laboratory(tb, 1)
	b.accept(tb, admission)
	return lab
}

// blocks reads the blocks from one height to the head, and checks that they
// hang together.
func (b *bench) blocks(tb testing.TB, from uint64) []traceability.Block {
	tb.Helper()
	return readBlocks(tb, b.within(tb), b.Ledger, from, b.head(tb).Number)
}

// readBlocks reads the blocks from one height to another, and checks that they
// hang together.
func readBlocks(tb testing.TB, ctx context.Context, ledger traceability.Ledger, from, to uint64) []traceability.Block {
	tb.Helper()
	var blocks []traceability.Block
	for block, err := range ledger.Blocks(ctx, from) {
		if err != nil {
			tb.Fatalf("Blocks: %v", err)
		}
		blocks = append(blocks, block)
		if block.Number >= to {
			break
		}
	}
	if want := int(to-from) + 1; len(blocks) != want {
		tb.Fatalf("Blocks from %d: got %d blocks, want %d", from, len(blocks), want)
	}
	checkChain(tb, from, blocks)
	return blocks
}

// checkChain checks that blocks follow each other.
func checkChain(tb testing.TB, from uint64, blocks []traceability.Block) {
	tb.Helper()
	seen := make(map[traceability.TxID]bool)
	for i, block := range blocks {
		if block.Number != from+uint64(i) {
			tb.Fatalf("got block %d, want %d", block.Number, from+uint64(i))
		}
		if block.Hash == (traceability.Hash{}) {
			tb.Errorf("block %d has no hash", block.Number)
		}
		if i > 0 && block.Previous != blocks[i-1].Hash {
			tb.Errorf("block %d follows %s, want %s", block.Number, block.Previous, blocks[i-1].Hash)
		}
		if !block.Time.Equal(traceability.Instant(block.Time)) || block.Time.Location() != time.UTC {
			tb.Errorf("block %d is of %s, want whole seconds in UTC", block.Number, block.Time)
		}
		for _, tx := range block.Transactions {
			if tx.ID == "" || seen[tx.ID] {
				tb.Errorf("block %d has the transaction %q, which is not unique", block.Number, tx.ID)
			}
			seen[tx.ID] = true
			if tx.Time.After(block.Time) {
				tb.Errorf("block %d is of %s, its transaction %s of %s, which is later", block.Number, block.Time, tx.ID, tx.Time)
			}
			for n := 1; n < len(tx.Writes); n++ {
				if before, key := tx.Writes[n-1].Key, tx.Writes[n].Key; before >= key {
					tb.Errorf("block %d, transaction %s writes %s after %s, want ascending keys, each once", block.Number, tx.ID, key, before)
				}
			}
		}
	}
}

// state applies the writes of blocks and counts how often each key was written.
func state(blocks []traceability.Block) (values map[string]string, written map[string]int) {
	values, written = make(map[string]string), make(map[string]int)
	for _, block := range blocks {
		for _, tx := range block.Transactions {
			for _, w := range tx.Writes {
				values[w.Key] = string(w.Value)
				written[w.Key]++
			}
		}
	}
	return values, written
}
