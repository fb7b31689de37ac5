package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"deltatrace/traceability"
)

// errMoved says that another projector applied blocks in the meantime.
var errMoved = errors.New("the read model moved")

// Apply projects blocks, each following the one before, in one transaction:
// rows and cursor together, so that a crash leaves all of it or nothing. Blocks
// that the read model contains are skipped, once their hash is compared.
//
// Errors: ErrGap; ErrReplaced and ErrRecord, which have a method Permanent: to
// try again is useless. Any other may go away.
func (s *Store) Apply(ctx context.Context, blocks ...traceability.Block) error {
	s.applying.Lock()
	defer s.applying.Unlock()
	for {
		err := s.apply(ctx, blocks)
		if !errors.Is(err, errMoved) {
			return err
		}
	}
}

func (s *Store) apply(ctx context.Context, blocks []traceability.Block) error {
	number, previous, err := next(ctx, s.db)
	if err != nil {
		return err
	}
	for len(blocks) > 0 && blocks[0].Number < number {
		if err := checkApplied(ctx, s.db, &blocks[0]); err != nil {
			return err
		}
		blocks = blocks[1:]
	}
	if len(blocks) == 0 {
		return nil
	}
	if err := checkChain(number, previous, blocks); err != nil {
		return err
	}
	parts, wait := project(ctx, blocks)
	defer wait()
	return s.db.write(ctx, func(tx transaction) error {
		now, _, err := next(ctx, tx)
		switch {
		case err != nil:
			return err
		case now != number:
			return errMoved
		}
		return s.store(ctx, tx, parts)
	})
}

// checkChain checks that the blocks follow the read model and each other.
func checkChain(number uint64, previous traceability.Hash, blocks []traceability.Block) error {
	for i := range blocks {
		b := &blocks[i]
		switch {
		case b.Number != number:
			return fmt.Errorf("block %d came where %d is next: %w", b.Number, number, ErrGap)
		case b.Previous != previous:
			return fmt.Errorf("block %d follows %s, but the block before it has the hash %s: %w", b.Number, b.Previous, previous, ErrReplaced)
		}
		number, previous = b.Number+1, b.Hash
	}
	return nil
}

// writesAtOnce is how many records one goroutine reads at a time.
const writesAtOnce = 256

// project begins to make the rows of blocks. Reading documents costs as much as
// storing them, so every processor takes its share, and the first rows are
// stored while the last are made. The parts keep the ledger's order. The caller
// waits, which ends what is still to be done.
func project(ctx context.Context, blocks []traceability.Block) (parts []*rows, wait func()) {
	for i := range blocks {
		b := &blocks[i]
		for n := range b.Transactions {
			tx := &b.Transactions[n]
			for writes := range slices.Chunk(tx.Writes, writesAtOnce) {
				parts = append(parts, &rows{position: traceability.Position{Block: b.Number, Tx: tx.ID, Time: tx.Time}, order: n,
					writes: writes, ready: make(chan struct{})})
			}
		}
		end := &rows{ready: make(chan struct{})}
		end.add(tableBlocks, int64(b.Number), b.Hash.String(), seconds(b.Time))
		parts = append(parts, end)
	}
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	var taken atomic.Int64
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		workers.Go(func() {
			for i := taken.Add(1) - 1; i < int64(len(parts)); i = taken.Add(1) - 1 {
				parts[i].project(ctx)
			}
		})
	}
	return parts, func() {
		cancel()
		workers.Wait()
	}
}

// store writes rows, as many as it may in one statement, and then what follows of
// them all. A document's own rows are in proportion to what it says, and so must be
// what follows of it, for a block is applied in one transaction while all others wait:
//
//   - a revision, a decision, a lot registered anew: the row of the one before;
//   - a licence's change: the licence's own periods, and a signal for each platform,
//     not for each shop, that lists a shop with it or of its holder; provinces sign it;
//   - a notice's act: its counters and its own words;
//   - a verification, a part of a snapshot: a row for each shop that it names, and one
//     for a snapshot that is whole;
//   - a failure: one proposal for each rule of recurrence, which rests on each failure
//     once (lookBack at a time), and a signal for each of four regulators;
//   - an announcement of a recall: a row for each lot that it covers, once; so many
//     recalls may cover a lot as its origins' producers may have (MaxOwnRecalls each),
//     and as regulators order;
//   - an event: of at most MaxAlerts recalls an alert, with a row and a signal for each
//     of up to five parties, and a row for each of its outputs and the recalls that its
//     inputs are under.
func (s *Store) store(ctx context.Context, tx transaction, parts []*rows) error {
	w := writing{tables: &s.insert, tx: tx}
	for _, part := range parts {
		<-part.ready // which comes soon also when ctx is done
		if part.err != nil {
			return part.err
		}
		if err := w.add(ctx, part); err != nil {
			return err
		}
		if len(part.telling) == 0 {
			continue
		}
		// Who is told depends on what stands at this place of the ledger, whatever
		// else comes in the same transaction of the database.
		if err := w.flush(ctx); err != nil {
			return err
		}
		for _, t := range part.telling {
			if err := tx.exec(ctx, t.statement(), t.args()...); err != nil {
				return err
			}
		}
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	if !s.loading.Load() { // the index is missing: see oneRowPerLot
		for _, part := range parts {
			for _, later := range part.replacing {
				if err := tx.exec(ctx, replaceStatement, string(later.lot), int64(later.by)); err != nil {
					return err
				}
			}
		}
	}
	for _, part := range parts {
		for _, later := range part.superseding {
			if err := tx.exec(ctx, supersedeStatement, string(later.by), string(later.report)); err != nil {
				return err
			}
		}
		for _, again := range part.deciding {
			if err := tx.exec(ctx, redecideStatement, again.args()...); err != nil {
				return err
			}
		}
		for _, changed := range part.changing {
			if err := tx.exec(ctx, forgetPeriodsStatement, string(changed.licence), changed.version); err != nil {
				return err
			}
		}
		for _, more := range part.counting {
			if err := tx.exec(ctx, countStatement, more.args()...); err != nil {
				return err
			}
		}
		for _, verified := range part.verifying {
			if err := tx.exec(ctx, verifiedStatement, verified...); err != nil {
				return err
			}
		}
	}
	if err := s.recur(ctx, tx, parts); err != nil {
		return err
	}
	for _, snapshot := range snapshotsOf(parts) {
		if err := tx.exec(ctx, wholeStatement, snapshot.args()...); err != nil {
			return err
		}
	}
	if s.loading.Load() { // the indexes are missing: see spreadAll
		return nil
	}
	var changes []change
	for _, part := range parts {
		changes = append(changes, part.changes...)
	}
	return s.spread(ctx, tx, changes)
}

// writing gathers rows until there are enough of a table for one statement.
type writing struct {
	tables  *[tableCount]inserts
	tx      transaction
	pending [tableCount][]any
}

// add takes the rows of a part, and writes those that are enough.
func (w *writing) add(ctx context.Context, part *rows) error {
	for i := range w.pending {
		w.pending[i] = append(w.pending[i], part.values[i]...)
		many := w.tables[i].most * w.tables[i].columns
		for ; len(w.pending[i]) >= many; w.pending[i] = w.pending[i][many:] {
			if !w.tables[i].distinct(w.pending[i][:many]) {
				if err := w.single(ctx, i, w.pending[i][:many]); err != nil {
					return err
				}
				continue
			}
			if err := w.tx.exec(ctx, w.tables[i].many, w.pending[i][:many]...); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush writes what is left.
func (w *writing) flush(ctx context.Context) error {
	for i := range w.pending {
		if err := w.single(ctx, i, w.pending[i]); err != nil {
			return err
		}
		w.pending[i] = nil
	}
	return nil
}

// single writes rows of a table one by one.
func (w *writing) single(ctx context.Context, i int, values []any) error {
	for row := range slices.Chunk(values, w.tables[i].columns) {
		if err := w.tx.exec(ctx, w.tables[i].one, row...); err != nil {
			return err
		}
	}
	return nil
}
