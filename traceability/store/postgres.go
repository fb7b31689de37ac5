package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/cockroachdb/cockroach-go/v2/crdb/crdbpgxv5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/postgres/*.sql migrations/cockroach/*.sql
var postgresMigrations embed.FS

// postgresEngine is PostgreSQL or CockroachDB, by a pool of connections.
type postgresEngine struct {
	pool      *pgxpool.Pool
	cockroach bool
	numbered  sync.Map // statement with ? → with $1, $2, …
}

func (e *postgresEngine) migrations() fs.FS {
	folder := "migrations/postgres"
	if e.cockroach {
		folder = "migrations/cockroach"
	}
	sub, _ := fs.Sub(postgresMigrations, folder) // embedded above
	return sub
}

func (e *postgresEngine) close() error {
	e.pool.Close()
	return nil
}

// prepare has nothing to do: every connection keeps what it has prepared.
func (e *postgresEngine) prepare(context.Context, []string) error { return nil }

// number returns the statement with the engine's placeholders. No statement has
// a question mark that is none.
func (e *postgresEngine) number(statement string) string {
	if known, ok := e.numbered.Load(statement); ok {
		return known.(string)
	}
	var text strings.Builder
	for n, part := range strings.Split(statement, "?") {
		if n > 0 {
			text.WriteString("$" + strconv.Itoa(n))
		}
		text.WriteString(part)
	}
	e.numbered.Store(statement, text.String())
	return text.String()
}

func (e *postgresEngine) query(ctx context.Context, question string, args []any, row func(func(...any) error) error) error {
	return e.ask(ctx, e.pool, question, args, row)
}

// asker is a pool or a transaction.
type asker interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func (e *postgresEngine) ask(ctx context.Context, db asker, question string, args []any, row func(func(...any) error) error) error {
	rows, err := db.Query(ctx, e.number(question), args...)
	if err != nil {
		return fmt.Errorf("%s: %w", nameOf(question), err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("%s: %w", nameOf(question), err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", nameOf(question), err)
	}
	return nil
}

// snapshot reads at one moment: a later level would bring nothing, for a
// transaction that only reads cannot be in a cycle with those that append.
func (e *postgresEngine) snapshot(ctx context.Context, f func(querier) error) error {
	return pgx.BeginTxFunc(ctx, e.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return f(postgresTransaction{engine: e, tx: tx})
	})
}

func (e *postgresEngine) write(ctx context.Context, f func(transaction) error) error {
	var db crdbpgx.Conn = e.pool
	if !e.cockroach {
		db = restarting{e.pool}
	}
	return crdbpgx.ExecuteTx(ctx, db, pgx.TxOptions{IsoLevel: pgx.Serializable}, func(tx pgx.Tx) error {
		return f(postgresTransaction{engine: e, tx: tx})
	})
}

type postgresTransaction struct {
	engine *postgresEngine
	tx     pgx.Tx
}

func (t postgresTransaction) query(ctx context.Context, question string, args []any, row func(func(...any) error) error) error {
	return retryable(t.engine.ask(ctx, t.tx, question, args, row))
}

func (t postgresTransaction) exec(ctx context.Context, statement string, args ...any) error {
	if _, err := t.tx.Exec(ctx, t.engine.number(statement), args...); err != nil {
		return retryable(fmt.Errorf("%s: %w", nameOf(statement), err))
	}
	return nil
}

// restarting makes cockroach-go's retry right on PostgreSQL. That library marks
// the start of a transaction with a savepoint, returns to it to try again, and
// takes its release for the commit, whose own answer it ignores. So it is on
// CockroachDB. On PostgreSQL a savepoint keeps the snapshot that just proved
// stale, and the commit may still fail: the first would retry in vain, the second
// lose a transaction in silence. Here the three statements begin, commit, and
// begin anew.
type restarting struct{ *pgxpool.Pool }

// BeginTx implements crdbpgx.Conn.
func (r restarting) BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error) {
	tx, err := r.Pool.BeginTx(ctx, o)
	return &restartable{Tx: tx, begin: func() (pgx.Tx, error) { return r.Pool.BeginTx(ctx, o) }}, err
}

// restartable is a transaction that can become another.
type restartable struct {
	pgx.Tx
	begin func() (pgx.Tx, error)
}

// Exec implements pgx.Tx.
func (r *restartable) Exec(ctx context.Context, statement string, args ...any) (pgconn.CommandTag, error) {
	switch statement {
	case "SAVEPOINT cockroach_restart":
		return pgconn.CommandTag{}, nil // the transaction has just begun
	case "RELEASE SAVEPOINT cockroach_restart":
		return pgconn.CommandTag{}, r.Commit(ctx)
	case "ROLLBACK TO SAVEPOINT cockroach_restart":
		if err := r.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
			return pgconn.CommandTag{}, err
		}
		tx, err := r.begin()
		if err == nil {
			r.Tx = tx
		}
		return pgconn.CommandTag{}, err
	}
	return r.Tx.Exec(ctx, statement, args...)
}

// othersWay are the codes of PostgreSQL for what another transaction was in the
// way of, beside 40001, which cockroach-go knows: a deadlock, and a table that
// two programs made at once, which shows as one of three.
var othersWay = []string{"40P01", "42P07", "42710", "23505"}

// retryable marks such an error as one to try again after.
func retryable(err error) error {
	if slices.Contains(othersWay, codeOf(err)) {
		return inTheWay{err}
	}
	return err
}

// inTheWay is an error that counts as a serialization failure.
type inTheWay struct{ error }

// SQLState is what cockroach-go asks for.
func (inTheWay) SQLState() string { return "40001" }

// Unwrap returns the error.
func (e inTheWay) Unwrap() error { return e.error }
