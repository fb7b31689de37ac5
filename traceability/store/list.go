package store

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// Limits of lists.
const (
	defaultPage = 100
	maxPage     = 1000
	// maxPageBytes is how many bytes of documents and records a part of a list is made
	// of: a document may have a megabyte, and a thousand of them are no answer.
	maxPageBytes = 8 << 20
)

// pageLimit returns how many items a page has.
func pageLimit(p traceability.Page) (int, error) {
	switch {
	case p.Limit == 0:
		return defaultPage, nil
	case p.Limit < 0 || p.Limit > maxPage:
		return 0, traceability.Invalid("limit", strconv.Itoa(p.Limit), "1 to 1000")
	}
	return p.Limit, nil
}

// where collects the conditions of a question.
type where struct {
	conditions []string
	args       []any
}

func (w *where) and(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// A cursor is the sort key of the last item that was given, with the name of
// its list. To the caller it is opaque.

func encodeCursor(list string, key ...string) string {
	text, _ := json.Marshal(append([]string{list}, key...)) // strings always encode
	return base64.RawURLEncoding.EncodeToString(text)
}

// decodeCursor returns the key, of so many parts. An error is an *Error invalid.
func decodeCursor(cursor, list string, parts int) ([]string, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	var key []string
	if err == nil {
		err = json.Unmarshal(text, &key)
	}
	if err != nil || len(key) != parts+1 || key[0] != list {
		return nil, badCursor(cursor)
	}
	return key[1:], nil
}

// decodeNumbers is decodeCursor for a key whose first parts are numbers.
func decodeNumbers(cursor, list string, numbers, parts int) ([]any, error) {
	key, err := decodeCursor(cursor, list, parts)
	if err != nil {
		return nil, err
	}
	values := make([]any, len(key))
	for i, part := range key {
		values[i] = part
		if i < numbers {
			if values[i], err = strconv.ParseInt(part, 10, 64); err != nil {
				return nil, badCursor(cursor)
			}
		}
	}
	return values, nil
}

func badCursor(cursor string) error {
	return traceability.Invalid("after", cursor, "the next of the part before, unchanged")
}

// cut makes a list of what was read, one item more than the page has if there
// are more.
func cut[T any](items []T, limit int, cursor func(*T) string) traceability.List[T] {
	if len(items) <= limit {
		return traceability.List[T]{Items: items}
	}
	return traceability.List[T]{Items: items[:limit], Next: cursor(&items[limit-1])}
}

// readPage is readAll for a part of a list, which ends earlier when its rows are
// large: then limit becomes how many items it has, and one more is returned, as cut
// expects it. There is always one item, if there are any.
func readPage[R, T any](ctx context.Context, db querier, question string, args []any, limit *int, dest func(*R) []any, read func(*R) (T, error)) ([]T, error) {
	rows, bytes := 0, 0
	full := func(row *R) bool {
		rows++
		for _, value := range dest(row) {
			if text, ok := value.(*string); ok {
				bytes += len(*text)
			}
		}
		if bytes <= maxPageBytes || rows == 1 {
			return false
		}
		*limit = min(*limit, rows-1)
		return true
	}
	return readUntil(ctx, db, question, args, dest, full, read)
}

// readAll reads the rows of a question; the documents among them are decoded
// after the last row has come, when the connection is free again.
func readAll[R, T any](ctx context.Context, db querier, question string, args []any, dest func(*R) []any, read func(*R) (T, error)) ([]T, error) {
	return readUntil(ctx, db, question, args, dest, func(*R) bool { return false }, read)
}

// readUntil is readAll up to the row by which it is enough.
func readUntil[R, T any](ctx context.Context, db querier, question string, args []any, dest func(*R) []any, enough func(*R) bool, read func(*R) (T, error)) ([]T, error) {
	var found []R
	err := db.query(ctx, question, args, func(scan func(...any) error) error {
		var row R
		if err := scan(dest(&row)...); err != nil {
			return err
		}
		if found = append(found, row); enough(&row) {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	items := make([]T, len(found))
	for i := range found {
		if items[i], err = read(&found[i]); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// inListSizes are how many values an IN list has, so that few statements serve
// any number of values.
var inListSizes = [...]int{1, 8, 64, 512}

// inList returns the values for an IN list, the last repeated up to one of the
// sizes. There is at least one value.
func inList[T any](values []T) []any {
	size := len(values)
	for _, s := range inListSizes {
		if s >= size {
			size = s
			break
		}
	}
	args := make([]any, size)
	for i := range args {
		args[i] = values[min(i, len(values)-1)]
	}
	return args
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
