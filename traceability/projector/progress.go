package projector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"deltatrace/traceability"
)

// progress is how far the projector is, for those who wait.
type progress struct {
	mu      sync.Mutex
	head    traceability.Head
	any     bool          // there is a head
	ended   error         // why the projector has ended
	failing error         // why it tries again; nil while it works
	waiting backlog       // since when blocks are known that are not projected
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
	p.failing = nil
	p.waiting.projected(head.Number)
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

// Ended returns an ErrStopped once the projector runs no more, and nil before.
func (p *progress) Ended() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// fail notes why the projector tries again.
func (p *progress) fail(cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failing = cause
}

// notice notes that the ledger has a block.
func (p *progress) notice(number uint64, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.any || number > p.head.Number {
		p.waiting.known(number, now)
	}
}

// Behind returns for how long the oldest block has been known that the read model
// lacks, and 0 when it lacks none; ledger is the number of the last block that the
// caller knows of. It may say too much by what the block before took, never too
// little.
func (p *progress) Behind(ledger uint64) time.Duration {
	now := time.Now()
	p.notice(ledger, now)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting.age(now)
}

// Ailments implements traceability.Ailing.
func (p *progress) Ailments() []traceability.Ailment {
	p.mu.Lock()
	defer p.mu.Unlock()
	err, code, severe := p.failing, traceability.CodeFailing, false
	if p.ended != nil {
		err, code, severe = p.ended, traceability.CodeStopped, true
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, traceability.ErrDamaged):
		code, severe = traceability.CodeDamaged, true
	case errors.Is(err, traceability.ErrNoSpace):
		code, severe = traceability.CodeNoSpace, true
	}
	return []traceability.Ailment{{Part: traceability.PartReadModel, Code: code, Severe: severe, Err: err}}
}

func (p *progress) broadcast() {
	close(p.changed)
	p.changed = make(chan struct{})
}
