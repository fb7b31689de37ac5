package embedded

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// load is an amount of work.
type load struct {
	submissions int
	bytes       int
}

// limits bound what the ledger holds in memory.
type limits struct {
	waiting load // submitted and not answered yet; more is ErrBusy
	block   load // in one block; a block may exceed its bytes by one submission
}

var defaultLimits = limits{
	waiting: load{submissions: 4096, bytes: 64 << 20},
	block:   load{submissions: 512, bytes: 8 << 20},
}

// submission is a batch on its way to the committer. One that nobody waits for any
// more when its turn comes is not judged.
type submission struct {
	documents []*rules.Prepared
	bytes     int
	answer    chan answer     // takes one answer without waiting
	gone      <-chan struct{} // closed when nobody waits for the answer any more
}

type answer struct {
	receipt traceability.Receipt
	err     error
}

// Submit implements traceability.Ledger. The work that needs no order, reading
// the documents and checking their signatures, is done here, in the caller's
// goroutine, so that it spreads over the processors; the committer does the
// rest, in order.
func (l *Ledger) Submit(ctx context.Context, documents []string) (traceability.Receipt, error) {
	size, err := traceability.CheckBatch(documents)
	if err != nil {
		return traceability.Receipt{}, err
	}
	if err := ctx.Err(); err != nil {
		return traceability.Receipt{}, fmt.Errorf("submit: %w", err)
	}
	if err := l.admit(size); err != nil {
		return traceability.Receipt{}, err
	}
	s := &submission{bytes: size, answer: make(chan answer, 1), gone: ctx.Done()}
	if s.documents, err = l.prepare(ctx, documents); err == nil {
		err = l.enqueue(s)
	}
	if err != nil {
		l.dismiss(size)
		return traceability.Receipt{}, err
	}
	select {
	case a := <-s.answer:
		if a.err != errAbandoned {
			return a.receipt, a.err
		}
	case <-ctx.Done():
	}
	return traceability.Receipt{}, fmt.Errorf("submit: the documents may have been kept: %w", ctx.Err())
}

// admit counts a submission in, if there is room for it. An empty ledger has
// room for any batch.
func (l *Ledger) admit(bytes int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refusal(); err != nil {
		return err
	}
	most := l.limits.waiting
	if l.waiting.submissions >= most.submissions || (l.waiting.submissions > 0 && l.waiting.bytes+bytes > most.bytes) {
		return traceability.ErrBusy
	}
	l.waiting.submissions++
	l.waiting.bytes += bytes
	return nil
}

// dismiss counts a submission out.
func (l *Ledger) dismiss(bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting.submissions--
	l.waiting.bytes -= bytes
}

// refusal says why the ledger takes nothing more; l.mu is held.
func (l *Ledger) refusal() error {
	if l.ended != nil {
		return l.ended
	}
	if l.closing {
		return traceability.ErrClosed
	}
	return nil
}

// enqueue hands a submission that was admitted to the committer. There is room
// in the queue for as many as can be admitted.
func (l *Ledger) enqueue(s *submission) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refusal(); err != nil {
		return err
	}
	l.queue <- s
	return nil
}

// prepare checks the documents' signatures against the keys as they are now, and
// reads them. The rules look the keys up again, in order.
func (l *Ledger) prepare(ctx context.Context, documents []string) (prepared []*rules.Prepared, err error) {
	err = l.read(func(db pebble.Reader) error {
		prepared, err = l.keys.prepare(ctx, db, db, documents)
		return err
	})
	return prepared, l.hurt(err, nil)
}

// errAbandoned answers a submission that nobody waits for.
var errAbandoned = errors.New("embedded: nobody waits for this submission")

// abandoned reports whether nobody waits for the answer any more.
func (s *submission) abandoned() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}
