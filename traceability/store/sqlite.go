package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"runtime"
	"sync"

	"modernc.org/sqlite"
)

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

// sqliteEngine is SQLite in this process: one connection that writes, some that
// read. In WAL mode neither waits for the other.
type sqliteEngine struct {
	path            string
	writer, readers *sql.DB
	writes          map[string]*sql.Stmt // by text; not changed after prepare
	questions       sync.Map             // text → *sql.Stmt
}

// Settings of the connections. synchronous=NORMAL may lose the last transactions
// when the power fails, never consistency; the cursor is lost with their rows,
// so the projector brings them again from the ledger, which does sync. Foreign
// keys are the rules' business.
//
// The caches bound the memory, for the system caches the file anyway. At a million
// lots larger ones made nothing faster; at ten million the upper pages of the
// indexes did not go into 8 MiB for each reader, and a trace took two thirds more
// processor time than with 64. Pages of 8 KiB and a checkpoint every 128 MiB,
// instead of 4 KiB and 64 MiB, take a tenth less processor time to fill a store
// of a million lots. What a reader sorts is small and stays in memory; the sorting
// for an index is not, and goes to a file.
//
// The driver applies _pragma in the order of the alphabet and before
// _journal_mode; a page's size must be set before WAL.
const (
	sqliteCommon  = "?_busy_timeout=10000&_foreign_keys=0"
	sqliteWriting = sqliteCommon + "&_txlock=immediate&_pragma=page_size(8192)&_journal_mode=WAL&_synchronous=NORMAL" +
		"&_pragma=cache_size(-65536)&_pragma=wal_autocheckpoint(16384)&_pragma=journal_size_limit(134217728)"
	sqliteReading = sqliteCommon + "&_pragma=temp_store(2)&_query_only=1&_pragma=cache_size(-%d)"
)

// sqliteReadCache is shared out among the connections that read, in KiB.
const sqliteReadCache = 128 << 10

// openSQLite opens or makes the database in the file. ":memory:" is one that
// ends with the process, for tests: it has one connection.
func openSQLite(path string) (*sqliteEngine, error) {
	if path == memory {
		db, err := openSQLitePool(path+sqliteWriting, 1)
		if err != nil {
			return nil, err
		}
		return &sqliteEngine{writer: db, readers: db}, nil
	}
	// SQLite would make the file readable to all.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open read model: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open read model: %w", err)
	}
	file := "file:" + (&url.URL{Path: path}).EscapedPath()
	writer, err := openSQLitePool(file+sqliteWriting, 1)
	if err != nil {
		return nil, err
	}
	connections := max(4, 2*runtime.GOMAXPROCS(0))
	readers, err := openSQLitePool(file+fmt.Sprintf(sqliteReading, sqliteReadCache/connections), connections)
	if err != nil {
		writer.Close()
		return nil, err
	}
	return &sqliteEngine{path: path, writer: writer, readers: readers}, nil
}

// openSQLitePool opens at most so many connections, and keeps them.
func openSQLitePool(dsn string, connections int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("open read model: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if err := db.Ping(); err != nil {
		db.Close()
		return nil, fmt.Errorf("open read model: %w", err)
	}
	return db, nil
}

func (e *sqliteEngine) migrations() fs.FS {
	sub, _ := fs.Sub(sqliteMigrations, "migrations/sqlite") // embedded above
	return sub
}

func (e *sqliteEngine) close() error {
	err := e.readers.Close()
	if e.writer != e.readers {
		err = errors.Join(err, e.writer.Close())
	}
	return err
}

func (e *sqliteEngine) prepare(ctx context.Context, statements []string) error {
	e.writes = make(map[string]*sql.Stmt, len(statements))
	for _, statement := range statements {
		stmt, err := e.writer.PrepareContext(ctx, statement)
		if err != nil {
			return fmt.Errorf("prepare %s: %w", nameOf(statement), err)
		}
		e.writes[statement] = stmt
	}
	return nil
}

// query keeps every question prepared: their number is small and fixed. ctx ends
// it before, not within: every question is short, and the goroutines with which
// database/sql and the driver watch ctx made a trace take twice its time.
func (e *sqliteEngine) query(ctx context.Context, question string, args []any, row func(func(...any) error) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	stmt, ok := e.questions.Load(question)
	if !ok {
		fresh, err := e.readers.PrepareContext(ctx, question)
		if err != nil {
			return fmt.Errorf("prepare %s: %w", nameOf(question), err)
		}
		if stmt, ok = e.questions.LoadOrStore(question, fresh); ok {
			fresh.Close()
		}
	}
	rows, err := stmt.(*sql.Stmt).QueryContext(ctx, args...)
	return eachRow(rows, err, question, row)
}

func (e *sqliteEngine) write(ctx context.Context, f func(transaction) error) error {
	return e.transact(ctx, e.writer, func(tx *sql.Tx) error {
		return f(sqliteTransaction{tx: tx, prepared: e.writes})
	})
}

func (e *sqliteEngine) snapshot(ctx context.Context, f func(querier) error) error {
	return e.transact(ctx, e.readers, func(tx *sql.Tx) error { return f(sqliteTransaction{tx: tx}) })
}

func (e *sqliteEngine) transact(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(tx); err != nil {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			err = errors.Join(err, fmt.Errorf("roll back: %w", undo))
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

type sqliteTransaction struct {
	tx       *sql.Tx
	prepared map[string]*sql.Stmt
}

func (t sqliteTransaction) query(ctx context.Context, question string, args []any, row func(func(...any) error) error) error {
	rows, err := t.tx.QueryContext(ctx, question, args...)
	return eachRow(rows, err, question, row)
}

func (t sqliteTransaction) exec(ctx context.Context, statement string, args ...any) error {
	err := ctx.Err()
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // as in query
	if stmt, ok := t.prepared[statement]; ok {
		_, err = t.tx.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	} else {
		_, err = t.tx.ExecContext(ctx, statement, args...)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", nameOf(statement), err)
	}
	return nil
}

func eachRow(rows *sql.Rows, err error, question string, row func(func(...any) error) error) error {
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
