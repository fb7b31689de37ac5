package embedded

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// commitAll is the committer: the one goroutine that decides and writes. Open
// starts it, Close waits for it. While one block is on its way to the disk, the
// submissions of the next one gather, so that under load many share a sync.
func (l *Ledger) commitAll() {
	defer close(l.finished)
	for first := range l.queue {
		group := l.gather(first)
		err := contain(func() error { return l.commit(group) })
		if err == nil {
			continue
		}
		if err = l.hurt(err, nil); !errors.Is(err, traceability.ErrDamaged) {
			l.stop(err)
			err = l.why()
		}
		for _, s := range group {
			l.reply(s, answer{err: err})
		}
	}
}

// gather takes what waits, within the limits of a block.
func (l *Ledger) gather(first *submission) []*submission {
	group, bytes := []*submission{first}, first.bytes
	for len(group) < l.limits.block.submissions && bytes < l.limits.block.bytes {
		select {
		case s, ok := <-l.queue:
			if !ok {
				return group
			}
			group, bytes = append(group, s), bytes+s.bytes
		default:
			return group
		}
	}
	return group
}

// commit decides on a group of submissions, each a transaction of its own,
// writes one block with those that write anything, and answers all. An error is
// the disk's; then nobody has been answered and the ledger must not go on.
func (l *Ledger) commit(group []*submission) error {
	if err := l.why(); err != nil {
		return err
	}
	head := l.head // only this goroutine moves it
	if err := l.obstacle(head); err != nil {
		for _, s := range group {
			l.reply(s, answer{err: err})
		}
		return nil
	}
	block := traceability.Block{Number: head.Number + 1, Previous: head.Hash, Time: l.now(head.Time)}
	state := &overlay{db: l.db, values: l.db}
	answers := make([]answer, len(group))
	for i, s := range group {
		if s.abandoned() {
			answers[i].err = errAbandoned
			continue
		}
		tx := rules.Tx{ID: newTxID(block.Previous, len(block.Transactions)), Time: block.Time}
		outcomes, writes, err := apply(&l.memo, state, tx, s.documents)
		if state.err != nil {
			return state.err
		}
		if err != nil {
			l.log.Error("a submission could not be judged", "block", block.Number, "error", err, "stack", stack(err))
			answers[i].err = err
			continue
		}
		answers[i].receipt = traceability.Receipt{Block: head.Number, Time: block.Time, Outcomes: outcomes}
		if len(block.Transactions) > 0 {
			answers[i].receipt.Block = block.Number // it may speak of what its neighbours wrote
		}
		if len(writes) > 0 {
			answers[i].receipt.Tx, answers[i].receipt.Block = tx.ID, block.Number
			block.Transactions = append(block.Transactions, traceability.Transaction{ID: tx.ID, Time: tx.Time, Writes: writes})
			state.put(writes)
		}
	}
	if len(block.Transactions) > 0 {
		if err := l.append(block); err != nil {
			return err
		}
	}
	for i, s := range group {
		l.reply(s, answers[i])
	}
	return nil
}

// now is the ledger's clock: it never goes back, whatever the machine's does.
func (l *Ledger) now(last time.Time) time.Time {
	if now := traceability.Instant(l.clock()); now.After(last) {
		return now
	}
	return last
}

// apply runs the rules on one submission.
func apply(memo *rules.Memo, state rules.State, tx rules.Tx, documents []*rules.Prepared) (outcomes []traceability.Outcome, writes []traceability.Write, err error) {
	err = contain(func() error {
		outcomes, writes, err = memo.Apply(state, tx, documents)
		return err
	})
	return outcomes, writes, err
}

// append makes a block durable and moves the head.
func (l *Ledger) append(block traceability.Block) error {
	began := time.Now()
	batch := l.db.NewBatchWithSize(batchSize(block))
	defer batch.Close()
	head, err := write(batch, block)
	if err != nil {
		return err
	}
	size := batch.Len()
	if err := batch.Commit(pebble.Sync); err != nil {
		return err
	}
	if err := l.mark(head); err != nil {
		return err
	}
	l.mu.Lock()
	l.head = head
	close(l.grown)
	l.grown = make(chan struct{})
	l.mu.Unlock()
	l.log.Debug("block", "block", head.Number, "transactions", len(block.Transactions), "bytes", size, "took", time.Since(began))
	return nil
}

// batchSize is about how many bytes write will put, so that a batch of
// megabytes is not copied again and again as it grows.
func batchSize(block traceability.Block) int {
	const around = 100 // of keys, locations, digests and lengths for each write
	size := 1 << 10
	for _, tx := range block.Transactions {
		size += around
		for _, w := range tx.Writes {
			size += around + len(w.Key) + writeSize(w)
		}
	}
	return size
}

// write puts a block, the state that it makes and the new head into a batch.
func write(batch *pebble.Batch, block traceability.Block) (traceability.Head, error) {
	h := headerOf(block)
	at := location{block: block.Number}
	for i, tx := range block.Transactions {
		for _, w := range tx.Writes {
			op := batch.SetDeferred(1+locationSize, writeSize(w))
			at.append(append(op.Key[:0], prefixWrite))
			record := appendWrite(op.Value[:0], w)
			h.transactions[i].digests = append(h.transactions[i].digests, digest(record))
			if err := op.Finish(); err != nil {
				return traceability.Head{}, err
			}
			if err := batch.Set(stateKey(w.Key), at.append(nil), nil); err != nil {
				return traceability.Head{}, err
			}
			at.place++
		}
	}
	stored := h.append(nil)
	head := traceability.Head{Number: block.Number, Hash: digest(stored), Time: block.Time}
	if err := batch.Set(blockKey(block.Number), stored, nil); err != nil {
		return traceability.Head{}, err
	}
	return head, batch.Set(keyHead, encodeHead(head.Number, head.Hash), nil)
}

// reply answers a submission and counts it out.
func (l *Ledger) reply(s *submission, a answer) {
	l.dismiss(s.bytes)
	s.answer <- a
}

// stop ends the ledger after a failure of the disk: what is in memory may be
// ahead of it. Opening again finds the last durable block.
func (l *Ledger) stop(cause error) {
	if l.why() != nil {
		return
	}
	l.log.Error("the ledger has stopped", "dir", l.dir, "error", cause, "stack", stack(cause))
	l.end(fmt.Errorf("embedded: the ledger in %s has stopped, because its disk failed; see to the disk and start again, every acknowledged document is kept: %w", l.dir, cause))
}

// end says that nothing more will come, once.
func (l *Ledger) end(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended == nil {
		l.ended = why
		close(l.grown)
	}
}

// why says why the ledger has ended, nil while it has not.
func (l *Ledger) why() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// overlay is the state as a transaction of a block being made sees it: the
// disk's, under what the block's earlier transactions wrote.
type overlay struct {
	db      pebble.Reader // keys and their locations
	values  pebble.Reader // what is at a location
	written map[string][]byte
	err     error // the disk's
}

// Get implements rules.State.
func (o *overlay) Get(keys []string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		if value, ok := o.written[key]; ok {
			values[i] = value
			continue
		}
		at, found, err := readLocation(o.db, key)
		if err == nil && found {
			values[i], err = readValue(o.values, key, at)
		}
		if err != nil {
			o.err = fmt.Errorf("read %s: %w", key, err)
			return nil, o.err
		}
	}
	return values, nil
}

func (o *overlay) put(writes []traceability.Write) {
	if o.written == nil {
		o.written = make(map[string][]byte)
	}
	for _, w := range writes {
		o.written[w.Key] = w.Value
	}
}
