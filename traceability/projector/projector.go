package projector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"deltatrace/traceability"
)

// Store is the read model as the projector needs it.
type Store interface {
	// Head returns the last block applied; traceability.ErrNotFound before block 0.
	Head(ctx context.Context) (traceability.Head, error)
	// Apply projects consecutive blocks in one transaction; blocks that it has
	// already are skipped. An error with a method Permanent() bool that returns
	// true will not go away by trying again.
	Apply(ctx context.Context, blocks ...traceability.Block) error
}

// A transaction takes so many blocks, or writes, at the most; and so many
// blocks are read ahead of it.
const (
	maxBlocks = 256
	maxWrites = 20_000
	readAhead = 64
)

// Projector follows one ledger into one read model.
type Projector struct {
	ledger traceability.Ledger
	store  Store
	log    *slog.Logger

	mu      sync.Mutex
	next    uint64        // the block that the read model lacks
	arrived chan struct{} // closed, and made anew, when next moves
}

// New returns a projector; Run makes it work.
func New(ledger traceability.Ledger, store Store, log *slog.Logger) *Projector {
	return &Projector{ledger: ledger, store: store, log: log, arrived: make(chan struct{})}
}

// Run follows the ledger until ctx is done, and then returns its error. A
// failure that may pass is tried again, with pauses of up to 30 seconds; one
// that will not, such as a read model that belongs to another ledger, is
// returned.
func (p *Projector) Run(ctx context.Context) error {
	const shortest, longest = 100 * time.Millisecond, 30 * time.Second
	pause := shortest
	for {
		before := p.height()
		err := p.follow(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var permanent interface{ Permanent() bool }
		if errors.As(err, &permanent) && permanent.Permanent() {
			return fmt.Errorf("the read model cannot follow this ledger; rebuild it: %w", err)
		}
		if errors.Is(err, traceability.ErrClosed) {
			return err
		}
		if p.height() > before {
			pause = shortest
		}
		p.log.WarnContext(ctx, "projection failed, trying again", "error", err, "pause", pause)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, longest)
	}
}

// follow applies blocks from the read model's head on, until something fails.
func (p *Projector) follow(ctx context.Context) error {
	head, err := p.store.Head(ctx)
	switch {
	case errors.Is(err, traceability.ErrNotFound):
	case err != nil:
		return err
	default:
		p.advance(head.Number + 1)
	}
	ctx, cancel := context.WithCancel(ctx)
	blocks := make(chan traceability.Block, readAhead)
	var readError error
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(blocks)
		readError = p.read(ctx, p.height(), blocks)
	})
	defer reader.Wait()
	defer cancel()
	for block := range blocks {
		batch := gather(block, blocks)
		if err := p.store.Apply(ctx, batch...); err != nil {
			return err
		}
		p.advance(batch[len(batch)-1].Number + 1)
	}
	return readError // written before blocks was closed
}

// read hands the ledger's blocks on.
func (p *Projector) read(ctx context.Context, from uint64, blocks chan<- traceability.Block) error {
	for block, err := range p.ledger.Blocks(ctx, from) {
		if err != nil {
			return err
		}
		select {
		case blocks <- block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.New("the ledger's feed has ended")
}

// gather takes what has been read already, within the bounds of a transaction.
func gather(first traceability.Block, blocks <-chan traceability.Block) []traceability.Block {
	batch, writes := []traceability.Block{first}, size(first)
	for len(batch) < maxBlocks && writes < maxWrites {
		select {
		case block, ok := <-blocks:
			if !ok {
				return batch
			}
			batch, writes = append(batch, block), writes+size(block)
		default:
			return batch
		}
	}
	return batch
}

func size(block traceability.Block) (writes int) {
	for _, tx := range block.Transactions {
		writes += len(tx.Writes)
	}
	return writes
}

// advance moves the height and wakes who waits.
func (p *Projector) advance(next uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if next > p.next {
		p.next = next
		close(p.arrived)
		p.arrived = make(chan struct{})
	}
}

func (p *Projector) height() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next
}

// Wait returns when the read model has the block, or with ctx's error.
func (p *Projector) Wait(ctx context.Context, block uint64) error {
	for {
		p.mu.Lock()
		next, arrived := p.next, p.arrived
		p.mu.Unlock()
		if next > block {
			return nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
