package fabric

import (
	"context"
	"fmt"
	"time"

	"deltatrace/traceability"
)

// limits bound what the ledger holds in memory and has under way.
type limits struct {
	documents int // of submissions that are not answered yet; more is ErrBusy
	bytes     int // of the same
	batch     int // bytes of documents in one transaction of several submissions
}

var defaultLimits = limits{documents: 20_000, bytes: 64 << 20, batch: traceability.MaxBatchBytes}

// submission is a caller's documents on their way.
type submission struct {
	documents []string
	bytes     int
	answer    chan answer // takes one answer without waiting

	gone  bool   // the caller does not wait any more; Ledger.mu is held
	batch *batch // that it is in, once it is in one
}

type answer struct {
	receipt traceability.Receipt
	err     error
}

// batch is the submissions of one transaction.
type batch struct {
	submissions []*submission
	present     int                // how many callers still wait
	cancel      context.CancelFunc // when nobody does
}

// Submit implements traceability.Ledger. While as many transactions as may be
// are under way, submissions gather, and then go together.
func (l *Ledger) Submit(ctx context.Context, documents []string) (traceability.Receipt, error) {
	size, err := traceability.CheckBatch(documents)
	if err != nil {
		return traceability.Receipt{}, err
	}
	if err := ctx.Err(); err != nil {
		return traceability.Receipt{}, fmt.Errorf("submit: %w", err)
	}
	if len(documents) == 0 {
		head, err := l.Head(ctx)
		return traceability.Receipt{Block: head.Number, Time: head.Time}, err
	}
	s := &submission{documents: documents, bytes: size, answer: make(chan answer, 1)}
	if err := l.enqueue(s); err != nil {
		return traceability.Receipt{}, err
	}
	select {
	case a := <-s.answer:
		return a.receipt, a.err
	case <-ctx.Done():
		l.leave(s)
		return traceability.Receipt{}, fmt.Errorf("submit: the documents may have been kept: %w", ctx.Err())
	}
}

// enqueue takes a submission in, if there is room for it; an empty queue has
// room for any. It sees to it that somebody works on the queue.
func (l *Ledger) enqueue(s *submission) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return traceability.ErrClosed
	}
	if l.waiting > 0 && (l.waiting+len(s.documents) > l.limits.documents || l.waitingBytes+s.bytes > l.limits.bytes) {
		return traceability.ErrBusy
	}
	l.waiting += len(s.documents)
	l.waitingBytes += s.bytes
	l.queue = append(l.queue, s)
	l.queued += len(s.documents)
	l.staff(l.queued >= worthAnother)
	return nil
}

// A transaction takes about as long with a hundred documents as with one, so
// beside one that is under way another is begun only when so many documents wait,
// or when they have waited so long, since the first may be in trouble.
const (
	worthAnother = 100
	longEnough   = 100 * time.Millisecond
)

// staff sees to it that somebody works on the queue; l.mu is held.
func (l *Ledger) staff(another bool) {
	switch {
	case len(l.queue) == 0 || l.workers >= l.inFlight:
	case l.workers == 0 || another:
		l.workers++
		l.working.Go(l.work)
	case !l.reminded:
		l.reminded = true
		time.AfterFunc(longEnough, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.reminded = false
			l.staff(true)
		})
	}
}

// work commits batches until the queue is empty.
func (l *Ledger) work() {
	for {
		b, ctx := l.gather()
		if b == nil {
			return
		}
		l.commit(ctx, b.submissions)
		b.cancel()
	}
}

// gather takes from the queue what fits into one transaction, and leaves out
// whose caller has gone. It returns nil when the worker is to end.
func (l *Ledger) gather() (*batch, context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := new(batch)
	documents, bytes := 0, 0
	for len(l.queue) > 0 {
		s := l.queue[0]
		if s.gone {
			l.shift()
			l.dismiss(s)
			continue
		}
		documents, bytes = documents+len(s.documents), bytes+s.bytes
		if len(b.submissions) > 0 && (documents > traceability.MaxBatchDocuments || bytes > l.limits.batch) {
			break
		}
		l.shift()
		s.batch = b
		b.submissions = append(b.submissions, s)
	}
	if len(b.submissions) == 0 {
		l.workers--
		return nil, nil
	}
	b.present = len(b.submissions)
	ctx, cancel := context.WithTimeout(l.background, l.patience)
	b.cancel = cancel
	return b, ctx
}

// shift takes the first submission from the queue; l.mu is held.
func (l *Ledger) shift() {
	l.queued -= len(l.queue[0].documents)
	l.queue[0], l.queue = nil, l.queue[1:]
}

// leave notes that a caller does not wait any more. Its documents are committed
// with their neighbours'; when nobody waits for a batch, it is given up.
func (l *Ledger) leave(s *submission) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.gone = true
	if s.batch == nil {
		return
	}
	if s.batch.present--; s.batch.present == 0 {
		s.batch.cancel()
	}
}

// reply answers a submission.
func (l *Ledger) reply(s *submission, a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dismiss(s)
	s.answer <- a
}

// dismiss counts a submission out; Ledger.mu is held.
func (l *Ledger) dismiss(s *submission) {
	l.waiting -= len(s.documents)
	l.waitingBytes -= s.bytes
}
