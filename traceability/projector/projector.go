package projector

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"time"

	"deltatrace/traceability"
)

// Ledger is what the projector needs of a ledger; see traceability.Ledger.
type Ledger interface {
	Blocks(ctx context.Context, from uint64) iter.Seq2[traceability.Block, error]
	Head(ctx context.Context) (traceability.Head, error)
}

// Store is what the projector needs of a read model.
type Store interface {
	// Head returns the last block applied; traceability.ErrNotFound before block 0.
	Head(ctx context.Context) (traceability.Head, error)
	// Apply applies blocks in one transaction. Blocks that it has are skipped
	// after their hash is compared. An error with a method Permanent that returns
	// true ends the projector; after any other it reads Head and tries again.
	Apply(ctx context.Context, blocks ...traceability.Block) error
}

// Options may be left empty.
type Options struct {
	MaxBlocks int           // in a transaction; 64 when 0
	MaxBytes  int           // of records in a transaction, as far as blocks allow; 16 MiB when 0
	MinRetry  time.Duration // after the first failure; 100 ms when 0
	MaxRetry  time.Duration // it doubles up to that; 10 s when 0
	Logger    *slog.Logger  // none when nil
}

// ErrStopped says that the projector runs no more.
var ErrStopped = errors.New("projector: stopped")

// Projector follows one ledger into one store.
type Projector struct {
	ledger  Ledger
	store   Store
	options Options
	log     *slog.Logger
	progress
}

// New makes a projector; Run starts it.
func New(ledger Ledger, store Store, o Options) *Projector {
	if o.MaxBlocks == 0 {
		o.MaxBlocks = 64
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 16 << 20
	}
	if o.MinRetry == 0 {
		o.MinRetry = 100 * time.Millisecond
	}
	if o.MaxRetry == 0 {
		o.MaxRetry = 10 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Projector{ledger: ledger, store: store, options: o, log: o.Logger, progress: progress{changed: make(chan struct{})}}
}

// Run projects until ctx is done, and then returns nil. Failures of the ledger's
// feed and of the store are tried again. It returns an error when that is
// useless: the ledger is closed, or the read model belongs to another ledger or
// cannot read a record, which the error says with what to do.
//
// Run once. When it has returned, everyone who waits is told.
func (p *Projector) Run(ctx context.Context) error {
	err := p.run(ctx)
	if ctx.Err() != nil {
		err = nil
	}
	p.end(err)
	return err
}

func (p *Projector) run(ctx context.Context) error {
	retry := p.options.MinRetry
	for {
		before, _ := p.Head()
		err := p.follow(ctx)
		var permanent interface{ Permanent() bool }
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, traceability.ErrClosed), errors.As(err, &permanent) && permanent.Permanent():
			p.log.ErrorContext(ctx, "projector stops", slog.Any("error", err))
			return err
		}
		if now, _ := p.Head(); now.Number > before.Number {
			retry = p.options.MinRetry
		}
		p.fail(err)
		p.log.WarnContext(ctx, "projector tries again", slog.Any("error", err), slog.Duration("after", retry))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retry):
		}
		retry = min(2*retry, p.options.MaxRetry)
	}
}

// start returns the height to follow from: the last block that both have, once
// more, so that the store compares its hash. A ledger may be behind, as a peer
// is that was just restarted; its blocks are compared all the same.
func (p *Projector) start(ctx context.Context) (uint64, error) {
	there, err := p.ledger.Head(ctx)
	if err != nil {
		return 0, err
	}
	p.notice(there.Number, time.Now())
	here, err := p.store.Head(ctx)
	switch {
	case errors.Is(err, traceability.ErrNotFound):
		return 0, nil
	case err != nil:
		return 0, err
	}
	p.advance(here)
	if there.Number <= here.Number {
		p.fail(nil) // there is nothing left that could fail
	}
	if there.Number < here.Number {
		p.log.WarnContext(ctx, "the ledger is behind the read model",
			slog.Uint64("ledger", there.Number), slog.Uint64("read_model", here.Number))
	}
	return min(here.Number, there.Number), nil
}

// follow applies blocks until something fails or ctx is done.
func (p *Projector) follow(ctx context.Context) error {
	from, err := p.start(ctx)
	if err != nil {
		return err
	}
	feed := newFeed(ctx, p.ledger, from, int64(p.options.MaxBytes), p.notice)
	defer feed.close()
	for {
		blocks, err := feed.next(p.options.MaxBlocks, p.options.MaxBytes)
		if err != nil {
			return err
		}
		if err := p.store.Apply(ctx, blocks...); err != nil {
			return err
		}
		feed.done(blocks)
		last := blocks[len(blocks)-1]
		p.advance(last.Head())
		p.log.DebugContext(ctx, "projected", slog.Uint64("block", last.Number), slog.Int("blocks", len(blocks)))
	}
}
