package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// BreakError is the first place where a ledger does not hold together.
type BreakError struct {
	Block   uint64
	Tx      traceability.TxID // empty when it is the block as such
	Key     string            // of the state; empty when it is the transaction as such
	Problem string
}

// Error says where the ledger breaks and what differs.
func (e *BreakError) Error() string {
	s := fmt.Sprintf("the ledger breaks at block %d", e.Block)
	if e.Tx != "" {
		s += ", transaction " + string(e.Tx)
	}
	if e.Key != "" {
		s += ", key " + e.Key
	}
	return s + ": " + e.Problem
}

// Verify recomputes a ledger that nobody has open, from its first block: every
// hash and link and time; every decision, by handing the documents that the
// records keep to the rules again and comparing what they write, byte for
// byte; and the state, which must be what the blocks make, no more and no less.
// It changes nothing. It calls progress, if given, after each block, and
// returns the last block's position, to be compared with one noted earlier: a
// ledger that was cut off at its end, or written anew with the keys of all its
// parties, holds together.
//
// A *BreakError says where the ledger breaks first. Memory stays bounded; the
// folder for temporary files takes about 100 bytes for each record.
func Verify(ctx context.Context, dir string, progress func(block uint64)) (traceability.Head, error) {
	v, err := openView(dir)
	if err != nil {
		return traceability.Head{}, err
	}
	head, err := verify(ctx, v, v.dir, progress)
	if err == nil {
		err = checkMark(vfs.Default, v.dir, v, head)
	}
	return head, errors.Join(err, v.Close())
}

// Verify is as the function Verify, for a ledger that goes on working. It
// looks at the blocks that were there when it was called. Close ends it with
// ErrClosed.
func (l *Ledger) Verify(ctx context.Context, progress func(block uint64)) (head traceability.Head, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	var watch sync.WaitGroup
	defer watch.Wait()
	watch.Go(func() {
		select {
		case <-l.finished:
			cancel(traceability.ErrClosed)
		case <-ctx.Done():
		}
	})
	defer cancel(nil) // before Wait
	err = l.read(func(pebble.Reader) error {
		snapshot := l.db.NewSnapshot()
		head, err = verify(ctx, snapshot, l.dir, progress)
		return errors.Join(err, snapshot.Close())
	})
	return head, err
}

func verify(ctx context.Context, db pebble.Reader, dir string, progress func(uint64)) (head traceability.Head, err error) {
	found, err := checkFormat(db, dir)
	if err != nil {
		return head, err
	}
	if !found {
		return head, fmt.Errorf("embedded: there is no ledger in %s", dir)
	}
	temporary, err := os.MkdirTemp("", "deltatrace-verify-")
	if err != nil {
		return head, fmt.Errorf("embedded: verify: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	options := pebbleOptions(vfs.Default, slog.New(slog.DiscardHandler))
	options.DisableWAL = true
	replayed, err := pebble.Open(temporary, options)
	if err != nil {
		return head, fmt.Errorf("embedded: verify: %w", err)
	}
	defer func() { err = errors.Join(err, replayed.Close()) }()

	v := &verifier{db: db, replayed: replayed}
	if err := v.blocks(ctx, progress); err != nil {
		return v.head, err
	}
	return v.head, v.state(ctx)
}

// verifier follows a ledger from block to block.
type verifier struct {
	db       pebble.Reader
	replayed *pebble.DB // the state as the blocks so far make it: key → location
	keys     keyring
	memo     rules.Memo
	head     traceability.Head // the last block that was found good
}

// blocks checks every block, then that the head names the last one and that
// no write lies outside the blocks.
func (v *verifier) blocks(ctx context.Context, progress func(uint64)) error {
	i, err := v.db.NewIter(&pebble.IterOptions{LowerBound: []byte{prefixBlock}, UpperBound: []byte{prefixBlock + 1}})
	if err != nil {
		return err
	}
	defer i.Close()
	next := uint64(0)
	for valid := i.First(); valid; valid = i.Next() {
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("embedded: verify: %w", err)
		}
		if !bytes.Equal(i.Key(), blockKey(next)) {
			return &BreakError{Block: next, Problem: fmt.Sprintf("the block is missing; key %x follows", i.Key())}
		}
		stored, err := i.ValueAndErr()
		if err != nil {
			return &BreakError{Block: next, Problem: "the block cannot be read: " + plain(err)}
		}
		if err := v.block(next, stored); err != nil {
			return err
		}
		if progress != nil {
			progress(next)
		}
		next++
	}
	if err := i.Error(); err != nil {
		return &BreakError{Block: next, Problem: "the block cannot be read: " + plain(err)}
	}
	if next == 0 {
		return &BreakError{Problem: "the block is missing; there are no blocks"}
	}
	stored, err := lookup(v.db, keyHead)
	if err != nil || !bytes.Equal(stored, encodeHead(v.head.Number, v.head.Hash)) {
		return &BreakError{Block: v.head.Number, Problem: fmt.Sprintf("the head is %x, not number and hash of the last block", stored)}
	}
	return v.stray(next)
}

// stray looks for writes after the last block, and for keys that no ledger has.
func (v *verifier) stray(next uint64) error {
	for _, span := range [][2][]byte{
		{nil, {prefixBlock}},
		{{prefixBlock + 1}, keyFormat},
		{append(bytes.Clone(keyFormat), 0), keyHead},
		{append(bytes.Clone(keyHead), 0), {prefixState}},
		{{prefixState + 1}, {prefixWrite}},
		{location{block: next}.writeKey(), nil},
	} {
		i, err := v.db.NewIter(&pebble.IterOptions{LowerBound: span[0], UpperBound: span[1]})
		if err != nil {
			return err
		}
		if i.First() {
			err = &BreakError{Block: v.head.Number, Problem: fmt.Sprintf("the folder has key %x, which belongs to no block", i.Key())}
		}
		if err := errors.Join(err, i.Close()); err != nil {
			return err
		}
	}
	return nil
}

// block checks one block and takes its writes into the replayed state.
func (v *verifier) block(number uint64, stored []byte) error {
	h, err := decodeHeader(stored)
	if err != nil {
		return &BreakError{Block: number, Problem: plain(err)}
	}
	switch {
	case h.number != number:
		return &BreakError{Block: number, Problem: fmt.Sprintf("it says that its number is %d", h.number)}
	case h.previous != v.head.Hash:
		return &BreakError{Block: number, Problem: fmt.Sprintf("it follows a block with the hash %s; the block before it has %s", h.previous, v.head.Hash)}
	case h.time.Before(v.head.Time):
		return &BreakError{Block: number, Problem: fmt.Sprintf("its time %s is before the previous block's %s", h.time, v.head.Time)}
	case len(h.transactions) == 0:
		return &BreakError{Block: number, Problem: "it has no transactions"}
	}
	records, err := readRecords(v.db, number)
	if err != nil {
		return &BreakError{Block: number, Problem: plain(err)}
	}
	if len(records) != int(h.writes()) {
		return &BreakError{Block: number, Problem: fmt.Sprintf("it has %d writes; its header says %d", len(records), h.writes())}
	}
	state := &overlay{db: v.replayed, values: v.db}
	batch := v.replayed.NewBatch()
	defer batch.Close()
	at := location{block: number}
	for i, tx := range h.transactions {
		expected := rules.Tx{ID: newTxID(h.previous, i), Time: h.time}
		if tx.id != expected.ID || !tx.time.Equal(expected.Time) {
			return &BreakError{Block: number, Tx: tx.id, Problem: fmt.Sprintf("found id %s and time %s, expected %s and %s", tx.id, tx.time, expected.ID, expected.Time)}
		}
		writes, err := checkDigests(tx, records[:len(tx.digests)])
		if err == nil {
			err = v.decide(state, number, expected, writes)
		}
		if err != nil {
			return located(err, number, tx.id)
		}
		for _, w := range writes {
			if err := batch.Set(stateKey(w.Key), at.append(nil), nil); err != nil {
				return err
			}
			at.place++
		}
		state.put(writes)
		records = records[len(writes):]
	}
	v.head = traceability.Head{Number: number, Hash: digest(stored), Time: h.time}
	return batch.Commit(pebble.NoSync)
}

// located completes a break with its block and transaction.
func located(err error, number uint64, tx traceability.TxID) error {
	var b *BreakError
	if errors.As(err, &b) {
		b.Block, b.Tx = number, tx
	}
	return err
}

// checkDigests decodes a transaction's writes and compares them with what the
// header says of them.
func checkDigests(tx headerTransaction, records [][]byte) ([]traceability.Write, error) {
	writes := make([]traceability.Write, len(records))
	for i, record := range records {
		w, err := decodeWrite(record)
		if err != nil {
			return nil, &BreakError{Problem: fmt.Sprintf("write %d: %v", i, err)}
		}
		if found := digest(record); found != tx.digests[i] {
			return nil, &BreakError{Key: w.Key, Problem: fmt.Sprintf("write %d has the digest %s; the block's header says %s", i, found, tx.digests[i])}
		}
		writes[i] = w
	}
	return writes, nil
}

// state compares the stored state with the replayed one, key by key.
func (v *verifier) state(ctx context.Context) error {
	span := &pebble.IterOptions{LowerBound: []byte{prefixState}, UpperBound: []byte{prefixState + 1}}
	stored, err := v.db.NewIter(span)
	if err != nil {
		return err
	}
	defer stored.Close()
	made, err := v.replayed.NewIter(span)
	if err != nil {
		return err
	}
	defer made.Close()
	for a, b := stored.First(), made.First(); a || b; a, b = stored.Next(), made.Next() {
		if err := errors.Join(context.Cause(ctx), stored.Error(), made.Error()); err != nil {
			return fmt.Errorf("embedded: verify: %w", err)
		}
		if err := v.compare(stored, made, a, b); err != nil {
			return err
		}
	}
	return errors.Join(stored.Error(), made.Error())
}

// compare says what differs where the two states stand, if anything.
func (v *verifier) compare(stored, made *pebble.Iterator, a, b bool) error {
	order := 0
	switch {
	case !a:
		order = 1
	case !b:
		order = -1
	default:
		order = bytes.Compare(stored.Key(), made.Key())
	}
	switch {
	case order < 0:
		return &BreakError{Block: v.head.Number, Key: string(stored.Key()[1:]), Problem: "the state has the key, but no block writes it"}
	case order > 0:
		at, _ := decodeLocation(made.Value())
		return &BreakError{Block: at.block, Key: string(made.Key()[1:]), Problem: "the block writes the key, but the state does not have it"}
	case !bytes.Equal(stored.Value(), made.Value()):
		at, _ := decodeLocation(made.Value())
		return &BreakError{Block: at.block, Key: string(made.Key()[1:]),
			Problem: fmt.Sprintf("the block writes the key last, as write %d; the state points to %x", at.place, stored.Value())}
	}
	return nil
}
