package projector

import (
	"context"
	"fmt"
	"sync"

	"deltatrace/traceability"
)

// progress is how far the projector is, for those who wait.
type progress struct {
	mu      sync.Mutex
	head    traceability.Head
	any     bool          // there is a head
	ended   error         // why the projector has ended
	changed chan struct{} // closed, and another made, with every change
}

// Head returns the last block that the read model contains, without asking it;
// false while the projector has not seen one.
func (p *progress) Head() (traceability.Head, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.head, p.any
}

// Wait returns nil once the read model contains the block. Else it returns
// ctx's error, or an ErrStopped when the projector runs no more.
func (p *progress) Wait(ctx context.Context, block uint64) error {
	for {
		p.mu.Lock()
		there, ended, changed := p.any && p.head.Number >= block, p.ended, p.changed
		p.mu.Unlock()
		switch {
		case there:
			return nil
		case ended != nil:
			return ended
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for block %d: %w", block, ctx.Err())
		}
	}
}

// advance tells those who wait that a block has arrived.
func (p *progress) advance(head traceability.Head) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.any && p.head.Number >= head.Number {
		return
	}
	p.head, p.any = head, true
	p.broadcast()
}

// end tells those who wait that no more will come.
func (p *progress) end(cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = ErrStopped
	if cause != nil {
		p.ended = fmt.Errorf("%w: %w", ErrStopped, cause)
	}
	p.broadcast()
}

func (p *progress) broadcast() {
	close(p.changed)
	p.changed = make(chan struct{})
}
