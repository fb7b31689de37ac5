package fabric

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"deltatrace/traceability"
)

// Blocks implements traceability.Ledger. Each consumer has a feed of its own from
// a peer, and goes on with another when that one is gone. It ends with an error
// when blocks do not hang together, and with ErrClosed when the ledger is closed.
func (l *Ledger) Blocks(ctx context.Context, from uint64) iter.Seq2[traceability.Block, error] {
	return func(yield func(traceability.Block, error) bool) {
		f := &feed{ledger: l, next: from}
		for tries := 0; ctx.Err() == nil; tries++ {
			before := f.next
			err := f.follow(ctx, yield)
			switch {
			case errors.Is(err, errEnough) || ctx.Err() != nil:
				return
			case errors.Is(err, errBroken) || errors.Is(err, traceability.ErrClosed):
				yield(traceability.Block{}, err)
				return
			case f.next > before:
				tries = 0
			}
			l.log.Debug("a block feed is to be resumed", "block", f.next, "error", err)
			pause(ctx, min(20*time.Millisecond<<min(tries, 10), time.Second))
		}
	}
}

// Why a feed ends for good.
var (
	errEnough = errors.New("fabric: the consumer has enough")
	errBroken = errors.New("fabric: the chain is broken")
)

// feed is one consumer's way along the chain.
type feed struct {
	ledger   *Ledger
	next     uint64 // the block to be yielded next
	previous *traceability.Hash
}

// silence is how long a peer may have no block before it is asked whether it is
// well.
const silence = 2 * time.Second

// follow yields blocks from one peer until its feed ends, a better peer is to be
// had, or the consumer has enough.
func (f *feed) follow(ctx context.Context, yield func(traceability.Block, error) bool) error {
	l := f.ledger
	if l.isClosed() {
		return traceability.ErrClosed
	}
	g := l.peers.best()
	info, err := g.info(ctx)
	if err != nil {
		l.peers.failed(g, err)
		return err
	}
	// A peer has no feed from beyond its next block.
	at := min(f.next, info.GetHeight())
	ctx, cancel := context.WithCancel(ctx)
	blocks, err := g.network.BlockEvents(ctx, client.WithStartBlock(at))
	if err != nil {
		cancel()
		l.peers.failed(g, err)
		return err
	}
	defer func() { // the library's goroutine ends when it has handed over what it holds
		cancel()
		for range blocks {
		}
	}()
	quiet := time.NewTimer(silence)
	defer quiet.Stop()
	for ; ; at++ {
		b, err := f.receive(ctx, g, blocks, quiet, at)
		if err != nil {
			return err
		}
		if b.GetHeader().GetNumber() != at {
			return fmt.Errorf("%w: the peer %s gave block %d, expected %d", errBroken, g.Address, b.GetHeader().GetNumber(), at)
		}
		if at < f.next {
			continue
		}
		block, err := decodeBlock(b, l.profile.Chaincode)
		if err != nil {
			return fmt.Errorf("%w: the peer %s: %w", errBroken, g.Address, err)
		}
		if f.previous != nil && block.Previous != *f.previous {
			return fmt.Errorf("%w: block %d of the peer %s follows %s, expected %s", errBroken, at, g.Address, block.Previous, *f.previous)
		}
		l.note(block.Head())
		f.next, f.previous = at+1, &block.Hash
		if !yield(block, nil) {
			return errEnough
		}
		if l.peers.best() != g {
			return errors.New("a better peer is to be had")
		}
	}
}

// receive waits for the peer's next block.
func (f *feed) receive(ctx context.Context, g *gateway, blocks <-chan *common.Block, quiet *time.Timer, at uint64) (*common.Block, error) {
	for {
		quiet.Reset(silence)
		select {
		case b, ok := <-blocks:
			if ok {
				return b, nil
			}
			return nil, errors.Join(fmt.Errorf("the feed of the peer %s has ended", g.Address), f.unwell(ctx, g, at))
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-f.ledger.background.Done():
			return nil, traceability.ErrClosed
		case <-quiet.C:
			if err := f.unwell(ctx, g, at); err != nil {
				return nil, err
			}
		}
	}
}

// unwell finds out why a peer has no block number at: it may be gone, its feed
// may be stuck, another may be better. It returns nil when all is well.
func (f *feed) unwell(ctx context.Context, g *gateway, at uint64) error {
	info, err := g.info(ctx)
	if err != nil {
		f.ledger.peers.failed(g, err)
		return err
	}
	if info.GetHeight() > at {
		return fmt.Errorf("the feed of the peer %s is stuck before block %d", g.Address, at)
	}
	if f.ledger.peers.best() != g {
		return errors.New("a better peer is to be had")
	}
	return nil
}
