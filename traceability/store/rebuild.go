package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"deltatrace/traceability"
)

// A read model is made again beside the one that is asked, and takes its place
// when it is whole: whatever happens until then, the old one is as it was.

// site is where a read model is, with room beside it for another.
type site interface {
	// beside makes an empty database beside the read model; what an attempt before
	// left there is removed.
	beside(ctx context.Context) (engine, error)
	// promote puts what beside made in the read model's place, at once, and returns
	// the engine to ask from now on.
	promote(ctx context.Context, fresh engine) (engine, error)
	// clean removes what has no place any more, once nobody here uses it.
	clean(ctx context.Context) error
}

func siteOf(url string) (site, error) {
	if path, ok := Path(url); ok {
		return liteSite(path), nil
	}
	if url == memory || !strings.Contains(url, "://") {
		return nil, traceability.Invalid("db", url, postgresURL+", or a path")
	}
	return postgresSite(url), nil
}

// Remake makes the read model that url names anew: fill applies the ledger to it
// from block 0. What was there is not opened; it may be damaged, or another
// version's, and stays until the new one is whole.
func Remake(ctx context.Context, url string, log *slog.Logger, fill func(fresh *Store) error) error {
	at, err := siteOf(url)
	if err != nil {
		return err
	}
	fresh, err := load(ctx, at, log, fill)
	if err != nil {
		return err
	}
	e, err := at.promote(ctx, fresh.db.(*live).current())
	if err != nil {
		return errors.Join(err, fresh.Close(), at.clean(ctx))
	}
	return errors.Join(e.close(), at.clean(ctx))
}

// Rebuild makes the read model anew while it is asked, and followed. fill is called
// twice: for the bulk, and, when nothing is applied to the old one, for what came
// meanwhile.
func (s *Store) Rebuild(ctx context.Context, fill func(fresh *Store) error) error {
	at, err := siteOf(s.url)
	if err != nil {
		return err
	}
	fresh, err := load(ctx, at, s.log, fill)
	if err != nil {
		return err
	}
	s.applying.Lock()
	defer s.applying.Unlock()
	err = fill(fresh)
	var next engine
	if err == nil {
		next, err = at.promote(ctx, fresh.db.(*live).current())
	}
	if err != nil {
		return errors.Join(err, fresh.Close(), at.clean(ctx))
	}
	s.loading.Store(false)
	return errors.Join(s.db.(*live).replace(next), at.clean(ctx))
}

// load fills an empty database: the tables first, then the indexes.
func load(ctx context.Context, at site, log *slog.Logger, fill func(*Store) error) (*Store, error) {
	db, err := at.beside(ctx)
	if err != nil {
		return nil, err
	}
	s := newStore(db, log)
	err = s.migrate(ctx, oldestSchema)
	if err == nil {
		err = s.db.prepare(ctx, s.statements())
	}
	if err == nil {
		s.loading.Store(true)
		err = fill(s)
	}
	if err == nil {
		err = s.index(ctx)
	}
	if err != nil {
		return nil, errors.Join(classify(err), s.Close(), at.clean(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// liteSite is a file of SQLite. The name becomes a link to a file with a number
// behind it: a link is replaced in one step, and those who have the old file open
// keep it until they close it.
type liteSite string

func (l liteSite) beside(ctx context.Context) (engine, error) {
	if err := l.clean(ctx); err != nil {
		return nil, err
	}
	e, err := openSQLite(fmt.Sprintf("%s.%d", string(l), time.Now().UnixNano()))
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (l liteSite) promote(_ context.Context, fresh engine) (engine, error) {
	path := fresh.(*sqliteEngine).path
	link := path + ".link"
	if err := os.Symlink(filepath.Base(path), link); err != nil {
		return nil, fmt.Errorf("rebuild: %w", err)
	}
	if err := os.Rename(link, string(l)); err != nil {
		return nil, errors.Join(fmt.Errorf("rebuild: %w", err), os.Remove(link))
	}
	folder, err := os.Open(filepath.Dir(path))
	if err == nil {
		err = errors.Join(folder.Sync(), folder.Close())
	}
	return fresh, err
}

func (l liteSite) clean(context.Context) error {
	target, err := os.Readlink(string(l))
	linked := err == nil
	found, err := filepath.Glob(string(l) + ".[0-9]*")
	if err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	if linked { // then these are of the file whose place the link took
		found = append(found, string(l)+"-wal", string(l)+"-shm")
	}
	var errs []error
	for _, path := range found {
		if linked && strings.HasPrefix(filepath.Base(path), filepath.Base(target)) {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("rebuild: %w", err))
		}
	}
	return errors.Join(errs...)
}

// postgresSite is a schema of a database. The new tables are made in another one,
// and change places with the old in one transaction.
type postgresSite string

// besideSuffix makes the name of the other schema.
const besideSuffix = "_rebuild"

// run opens the database, and has f work on it with the names of both schemas.
func (p postgresSite) run(ctx context.Context, f func(e *postgresEngine, schema, other string) error) error {
	e, err := openPostgres(ctx, string(p), "")
	if err != nil {
		return err
	}
	defer e.close()
	var schema string
	if err := e.pool.QueryRow(ctx, "SELECT current_schema()").Scan(&schema); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	return f(e, schema, schema+besideSuffix)
}

func (p postgresSite) beside(ctx context.Context) (fresh engine, err error) {
	err = p.run(ctx, func(e *postgresEngine, _, other string) error {
		name := pgx.Identifier{other}.Sanitize()
		for _, statement := range []string{"DROP SCHEMA IF EXISTS " + name + " CASCADE", "CREATE SCHEMA " + name} {
			if _, err := e.pool.Exec(ctx, statement); err != nil {
				return fmt.Errorf("rebuild: %w", err)
			}
		}
		made, err := openPostgres(ctx, string(p), name)
		if err == nil {
			fresh = made
		}
		return err
	})
	return fresh, err
}

func (p postgresSite) promote(ctx context.Context, fresh engine) (engine, error) {
	next, err := openPostgres(ctx, string(p), "")
	if err != nil {
		return nil, err
	}
	err = p.run(ctx, func(e *postgresEngine, schema, other string) error {
		return pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
			for _, name := range tableNames() {
				old, made := pgx.Identifier{schema, name}.Sanitize(), pgx.Identifier{other, name}.Sanitize()
				for _, statement := range []string{"DROP TABLE IF EXISTS " + old, "ALTER TABLE " + made + " SET SCHEMA " + pgx.Identifier{schema}.Sanitize()} {
					if _, err := tx.Exec(ctx, statement); err != nil {
						return fmt.Errorf("rebuild: %s: %w", name, err)
					}
				}
			}
			return nil
		})
	})
	if err != nil {
		return nil, errors.Join(err, next.close())
	}
	return next, fresh.close()
}

func (p postgresSite) clean(ctx context.Context) error {
	return p.run(ctx, func(e *postgresEngine, _, other string) error {
		_, err := e.pool.Exec(ctx, "DROP SCHEMA IF EXISTS "+pgx.Identifier{other}.Sanitize()+" CASCADE")
		return err
	})
}
