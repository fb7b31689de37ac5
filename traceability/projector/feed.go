package projector

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/semaphore"

	"deltatrace/traceability"
)

// errFeedEnded says that the ledger's feed ended without saying why.
var errFeedEnded = errors.New("projector: the ledger's feed ended")

// feed reads blocks ahead, so that those which are there already can be applied
// together. What it holds is bounded: by its budget of bytes, one batch more
// than is being applied, and by the channel's length.
type feed struct {
	blocks chan traceability.Block
	err    error // set before blocks is closed
	budget *semaphore.Weighted
	most   int64
	cancel context.CancelFunc
}

func newFeed(ctx context.Context, ledger Ledger, from uint64, maxBytes int64, notice func(number uint64, now time.Time)) *feed {
	ctx, cancel := context.WithCancel(ctx)
	f := &feed{blocks: make(chan traceability.Block, 256), budget: semaphore.NewWeighted(2 * maxBytes), most: 2 * maxBytes, cancel: cancel}
	go func() {
		defer close(f.blocks)
		f.err = f.read(ctx, ledger, from, notice)
	}()
	return f
}

// read hands on blocks until the ledger's feed ends.
func (f *feed) read(ctx context.Context, ledger Ledger, from uint64, notice func(number uint64, now time.Time)) error {
	for b, err := range ledger.Blocks(ctx, from) {
		if err != nil {
			return err
		}
		notice(b.Number, time.Now())
		if err := f.budget.Acquire(ctx, f.weight(&b)); err != nil {
			return err
		}
		select {
		case f.blocks <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errFeedEnded
}

// weight is a block's share of the budget, never more than all of it.
func (f *feed) weight(b *traceability.Block) int64 { return min(int64(size(b)), f.most) }

// size is the length of what a block writes.
func size(b *traceability.Block) int {
	n := 0
	for i := range b.Transactions {
		for _, w := range b.Transactions[i].Writes {
			n += len(w.Key) + len(w.Value)
		}
	}
	return n
}

// next waits for a block, and takes with it what is there too, up to the bounds.
func (f *feed) next(maxBlocks, maxBytes int) ([]traceability.Block, error) {
	b, ok := <-f.blocks
	if !ok {
		return nil, f.err
	}
	blocks, bytes := []traceability.Block{b}, size(&b)
	for len(blocks) < maxBlocks && bytes < maxBytes {
		select {
		case b, ok := <-f.blocks:
			if !ok {
				return blocks, nil // the next call tells why
			}
			blocks, bytes = append(blocks, b), bytes+size(&b)
		default:
			return blocks, nil
		}
	}
	return blocks, nil
}

// done gives the blocks' bytes back to the budget.
func (f *feed) done(blocks []traceability.Block) {
	for i := range blocks {
		f.budget.Release(f.weight(&blocks[i]))
	}
}

// close ends the feed and waits for its goroutine.
func (f *feed) close() {
	f.cancel()
	for range f.blocks { // until it is closed
	}
}
