package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"deltatrace/traceability"
)

// Difference is a row in which a read model is not what the ledger says. It has no
// value of the row but its key.
type Difference struct {
	Table  string
	Key    string // column=value, with commas between
	Column string // that differs; empty for a row that is missing or should not be there
	Added  bool   // the row should not be there; only where Column is empty
}

// String says it in words.
func (d Difference) String() string {
	switch {
	case d.Column != "":
		return fmt.Sprintf("%s: the row %s has another %s", d.Table, d.Key, d.Column)
	case d.Added:
		return fmt.Sprintf("%s: the row %s is nowhere on the ledger", d.Table, d.Key)
	default:
		return fmt.Sprintf("%s: the row %s is missing", d.Table, d.Key)
	}
}

// errUneven says that the two read models of a comparison do not have the same blocks.
var errUneven = errors.New("the read models do not have the same blocks")

// Compare finds the rows in which the read model differs from another, which was
// made of the same ledger by this process, and returns the block that both were
// compared at. It reads one unchanging state: level is called with its last block
// and brings the other there, which must not be ahead. The rows come table by table,
// in the order of their keys; found says whether to go on. Both are read as streams,
// so any size takes the same memory.
func (s *Store) Compare(ctx context.Context, anew *Store, level func(traceability.Head) error, found func(Difference) bool) (traceability.Head, error) {
	var at traceability.Head
	err := s.db.snapshot(ctx, func(db querier) (err error) {
		if at, err = head(ctx, db, headQuestion); err != nil {
			return err
		}
		if err := level(at); err != nil {
			return err
		}
		return anew.db.snapshot(ctx, func(other querier) error {
			if there, err := head(ctx, other, headQuestion); err != nil || there.Number != at.Number {
				return errors.Join(err, fmt.Errorf("%d and %d: %w", at.Number, there.Number, errUneven))
			}
			for _, t := range tables() {
				if err := compareTable(ctx, t, db, other, found); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return at, err
}

// compareTable walks two tables at the same time, in the order of their keys.
func compareTable(ctx context.Context, t table, here, there querier, found func(Difference) bool) error {
	nextHere, stopHere := iter.Pull2(rowsOf(ctx, here, t))
	defer stopHere()
	nextThere, stopThere := iter.Pull2(rowsOf(ctx, there, t))
	defer stopThere()
	report := func(row []any, column string, added bool) error {
		if !found(Difference{Table: t.name, Key: t.keyOf(row), Column: column, Added: added}) {
			return errEnough
		}
		return nil
	}
	mine, err1, more1 := nextHere()
	theirs, err2, more2 := nextThere()
	for more1 || more2 {
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		order := 0
		switch {
		case !more1:
			order = 1
		case !more2:
			order = -1
		default:
			order = t.order(mine, theirs)
		}
		var err error
		switch {
		case order < 0:
			err = report(mine, "", true)
		case order > 0:
			err = report(theirs, "", false)
		default:
			for i, column := range t.columns {
				if mine[i] != theirs[i] {
					err = errors.Join(err, report(mine, column, false))
				}
			}
		}
		if err != nil {
			return err
		}
		if order <= 0 {
			mine, err1, more1 = nextHere()
		}
		if order >= 0 {
			theirs, err2, more2 = nextThere()
		}
	}
	return nil
}

// rowsOf reads a table in the order of its key. What is no number and no text, as
// only another's hand can have put there, becomes a text that no row has.
func rowsOf(ctx context.Context, db querier, t table) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		err := db.query(ctx, t.dump(), nil, func(scan func(...any) error) error {
			row, dest := make([]any, len(t.columns)), make([]any, len(t.columns))
			for i := range row {
				dest[i] = &row[i]
			}
			if err := scan(dest...); err != nil {
				return err
			}
			for i, value := range row {
				switch value.(type) {
				case int64, string:
				default:
					row[i] = fmt.Sprintf("%T %v", value, value)
				}
			}
			if !yield(row, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// keyColumns returns where the columns of the key are in a row.
func (t table) keyColumns() []int {
	var places []int
	for _, name := range t.key {
		for i, column := range t.columns {
			if column == name {
				places = append(places, i)
			}
		}
	}
	return places
}

// order compares the keys of two rows as the engines order them: numbers before
// texts, and these by their bytes.
func (t table) order(a, b []any) int {
	for _, i := range t.keyColumns() {
		x, isNumber := a[i].(int64)
		y, bothNumbers := b[i].(int64)
		switch {
		case isNumber && bothNumbers:
			if c := cmp.Compare(x, y); c != 0 {
				return c
			}
		case isNumber:
			return -1
		case bothNumbers:
			return 1
		default:
			if c := strings.Compare(a[i].(string), b[i].(string)); c != 0 {
				return c
			}
		}
	}
	return 0
}

// keyOf names a row.
func (t table) keyOf(row []any) string {
	var parts []string
	for _, i := range t.keyColumns() {
		value, isText := row[i].(string)
		if n, ok := row[i].(int64); ok && !isText {
			value = strconv.FormatInt(n, 10)
		}
		parts = append(parts, t.columns[i]+"="+value)
	}
	return strings.Join(parts, ",")
}
