package embedded

import (
	"context"
	"iter"

	"github.com/cockroachdb/pebble/v2"

	"deltatrace/traceability"
)

// Blocks implements traceability.Ledger. Each consumer reads from the disk at
// its own pace and only waits to be told that there is more. It ends with
// ErrClosed when the ledger is closed.
func (l *Ledger) Blocks(ctx context.Context, from uint64) iter.Seq2[traceability.Block, error] {
	return func(yield func(traceability.Block, error) bool) {
		for next := from; ; {
			head, grown, ended := l.position()
			for ; next <= head.Number; next++ {
				if ctx.Err() != nil {
					return
				}
				block, err := l.block(next)
				if !yield(block, err) || err != nil {
					return
				}
			}
			if ended != nil {
				yield(traceability.Block{}, ended)
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-grown:
			}
		}
	}
}

// position returns the head, a channel that is closed when it moves, and why
// it will not move any more.
func (l *Ledger) position() (traceability.Head, <-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head, l.grown, l.ended
}

func (l *Ledger) block(number uint64) (block traceability.Block, err error) {
	err = l.read(func(db pebble.Reader) error {
		block, err = readBlock(db, number)
		return err
	})
	return block, l.hurt(err, &number)
}
