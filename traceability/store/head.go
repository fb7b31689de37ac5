package store

import (
	"context"
	"errors"
	"fmt"

	"deltatrace/traceability"
)

const headQuestion = `-- name: head
SELECT number, hash, time FROM blocks ORDER BY number DESC LIMIT 1`

// Head implements traceability.Reader. Before block 0 it is ErrNotFound.
func (s *Store) Head(ctx context.Context) (traceability.Head, error) {
	return head(ctx, s.db, headQuestion)
}

func head(ctx context.Context, db querier, question string, args ...any) (traceability.Head, error) {
	var number, seconds int64
	var hash string
	if err := one(ctx, db, question, args, &number, &hash, &seconds); err != nil {
		return traceability.Head{}, err
	}
	h := traceability.Head{Number: uint64(number), Time: fromSeconds(seconds)}
	if err := h.Hash.UnmarshalText([]byte(hash)); err != nil {
		return traceability.Head{}, fmt.Errorf("block %d: %w", number, err)
	}
	return h, nil
}

// next returns the number of the block that is to be applied next, and the hash
// that it must follow, zero for block 0.
func next(ctx context.Context, db querier) (number uint64, previous traceability.Hash, err error) {
	h, err := head(ctx, db, headQuestion)
	switch {
	case errors.Is(err, traceability.ErrNotFound):
		return 0, traceability.Hash{}, nil
	case err != nil:
		return 0, traceability.Hash{}, err
	}
	return h.Number + 1, h.Hash, nil
}

// checkApplied compares a block with the one of its number that was applied.
func checkApplied(ctx context.Context, db querier, b *traceability.Block) error {
	h, err := head(ctx, db, "-- name: block\nSELECT number, hash, time FROM blocks WHERE number = ?", int64(b.Number))
	if err != nil {
		return err
	}
	if h.Hash != b.Hash {
		return fmt.Errorf("block %d has the hash %s, the read model has %s: %w", b.Number, b.Hash, h.Hash, ErrReplaced)
	}
	return nil
}
