package ledgertest

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// grow submits n reports, each by itself, so that there are blocks to read.
func (b *bench) grow(tb testing.TB, lab traceability.SigningKey, from, n int) {
	tb.Helper()
	for i := from; i < from+n; i++ {
		b.accept(tb, SignedReport(tb, lab, i))
	}
}

func testBlocksFromEverywhere(t *testing.T, b *bench) {
	b.grow(t, b.laboratory(t), 0, 8)
	all := b.blocks(t, 0)
	for _, from := range []uint64{1, uint64(len(all)) / 2, all[len(all)-1].Number} {
		if diff := cmp.Diff(all[from:], b.blocks(t, from)); diff != "" {
			t.Errorf("blocks from %d (-of all +read):\n%s", from, diff)
		}
	}
	if diff := cmp.Diff(all[len(all)-1].Head(), b.head(t)); diff != "" {
		t.Errorf("head (-last block +head):\n%s", diff)
	}
}

// testBlocksLive follows a ledger from the head and from beyond it.
func testBlocksLive(t *testing.T, b *bench) {
	lab := b.laboratory(t)
	head := b.head(t).Number
	ctx := b.within(t)
	const growth = 5
	type heard struct {
		from   uint64
		blocks []traceability.Block
		err    error
	}
	results := make(chan heard)
	starts := []uint64{head, head + 1, head + 3}
	for _, from := range starts {
		go func() {
			h := heard{from: from}
			for block, err := range b.Ledger.Blocks(ctx, from) {
				if err != nil {
					h.err = err
					break
				}
				h.blocks = append(h.blocks, block)
				if block.Number >= head+growth {
					break
				}
			}
			results <- h
		}()
	}
	b.grow(t, lab, 0, growth)
	for range starts {
		h := <-results
		if want := int(head+growth-h.from) + 1; h.err != nil || len(h.blocks) != want {
			t.Errorf("following from %d: got %d blocks and error %v, want %d blocks", h.from, len(h.blocks), h.err, want)
			continue
		}
		checkChain(t, h.from, h.blocks)
	}
}

// testBlocksSlowConsumer lets a consumer sleep over many blocks: submissions go
// on meanwhile, and it misses nothing.
func testBlocksSlowConsumer(t *testing.T, b *bench) {
	lab := b.laboratory(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	next, stop := iter.Pull2(b.Ledger.Blocks(ctx, 0))
	defer stop()
	first, err, _ := next()
	if err != nil {
		t.Fatal(err)
	}
	blocks := []traceability.Block{first}
	const growth = 30
	b.grow(t, lab, 0, growth) // each within the harness's patience
	for head := b.head(t).Number; blocks[len(blocks)-1].Number < head; {
		block, err, ok := next()
		if err != nil || !ok {
			t.Fatalf("after block %d: ended with %v", blocks[len(blocks)-1].Number, err)
		}
		blocks = append(blocks, block)
	}
	checkChain(t, 0, blocks)
	if _, written := state(blocks); written[ReportKey(lab, growth-1)] != 1 {
		t.Error("the last report is not in the blocks")
	}
}

// testBlocksEnd ends feeds: silently when the context is done, and at once when
// the consumer has enough.
func testBlocksEnd(t *testing.T, b *bench) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		for _, err := range b.Ledger.Blocks(ctx, b.head(t).Number+1) {
			ended <- errors.Join(errors.New("yielded"), err)
			return
		}
		ended <- nil
	}()
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("after the context was done: got %v, want silence", err)
		}
	case <-time.After(b.Patience):
		t.Error("the feed did not end with its context")
	}
	for block, err := range b.Ledger.Blocks(ctx, 0) {
		t.Errorf("with a context that was done before: got block %d, error %v", block.Number, err)
		break
	}
}
