package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
)

// Dump writes all rows as text, table by table in the order of their keys, with
// a row on a line: the table's name and the columns, separated by tabs, texts
// quoted. Two read models of the same blocks have the same dump, on any engine.
func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	err := s.db.snapshot(ctx, func(db querier) error {
		for _, t := range tables() {
			if err := dumpTable(ctx, db, t, out); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

func dumpTable(ctx context.Context, db querier, t table, out *bufio.Writer) error {
	values := make([]any, len(t.columns))
	dest := make([]any, len(t.columns))
	for i := range values {
		dest[i] = &values[i]
	}
	return db.query(ctx, t.dump(), nil, func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		out.WriteString(t.name)
		for i, value := range values {
			out.WriteByte('\t')
			switch v := value.(type) {
			case int64:
				out.WriteString(strconv.FormatInt(v, 10))
			case string:
				out.WriteString(strconv.Quote(v))
			default:
				return fmt.Errorf("%s.%s has a %T", t.name, t.columns[i], value)
			}
		}
		return out.WriteByte('\n')
	})
}
