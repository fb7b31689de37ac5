package store

import (
	"context"
	"io/fs"
)

// querier asks the database. SQL has ? for each argument, in order.
type querier interface {
	// query hands every row to row, whose scan copies the columns out. It
	// returns when all rows are read, so no cursor stays open while the caller
	// works with what it got.
	query(ctx context.Context, sql string, args []any, row func(scan func(...any) error) error) error
}

// transaction writes.
type transaction interface {
	querier
	exec(ctx context.Context, sql string, args ...any) error
}

// engine is what differs between databases.
type engine interface {
	querier

	// write runs f in one serialisable transaction, and again from its start when
	// the database asks for that, so f must do nothing but talk to it.
	write(ctx context.Context, f func(transaction) error) error

	// snapshot runs f on one unchanging state of the database.
	snapshot(ctx context.Context, f func(querier) error) error

	// prepare says which statements will be written often.
	prepare(ctx context.Context, statements []string) error

	// migrations holds the schema's files, NNNN_name.sql.
	migrations() fs.FS

	close() error
}
