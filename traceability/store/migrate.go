package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"

	"deltatrace/traceability"
)

// oldestSchema is the schema of the first migration; later ones bring it up to
// date. A read model with an older one is made again from the ledger, beside the old:
// that is simpler than to migrate what is derived, and gives the same. A change
// that needs the ledger replaces all files by one with the next number.
const oldestSchema = 7

// unindexed stands among the schema's versions while the indexes are missing.
const unindexed = 0

const createMigrations = `-- name: create migrations
CREATE TABLE IF NOT EXISTS migrations (version BIGINT NOT NULL PRIMARY KEY)`

// migration is one file of the schema.
type migration struct {
	version int
	sql     string
}

// readMigrations returns the files in the order of their numbers.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql") // sorted
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	var list []migration
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil || len(list) > 0 && version != list[len(list)-1].version+1 || version <= unindexed {
			return nil, fmt.Errorf("migrations: %s is out of order", name)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("migrations: %w", err)
		}
		list = append(list, migration{version: version, sql: string(text)})
	}
	if len(list) == 0 {
		return nil, errors.New("migrations: there are none")
	}
	return list, nil
}

// migrate brings the schema up to date in one transaction, so that it is whole
// or untouched, also when two programs start at once. An outdated read model is
// ErrOutdated: nothing of it is touched, for until another has been made the
// version before can still be asked.
func (s *Store) migrate(ctx context.Context, oldest int) error {
	list, err := readMigrations(s.db.migrations())
	if err != nil {
		return err
	}
	return s.db.write(ctx, func(tx transaction) error {
		have, err := schemaVersion(ctx, tx)
		switch newest := list[len(list)-1].version; {
		case err != nil:
			return err
		case have != 0 && have < oldest:
			return fmt.Errorf("schema %d, this program knows %d and later: %w", have, oldest, ErrOutdated)
		case have > newest:
			return fmt.Errorf("schema %d, this program knows %d: %w", have, newest, ErrNewer)
		case have == 0:
			if err := noteVersion(ctx, tx, unindexed); err != nil {
				return err
			}
		}
		for _, m := range list {
			if m.version <= have {
				continue
			}
			if err := tx.exec(ctx, m.sql); err != nil {
				return fmt.Errorf("migration %d: %w", m.version, err)
			}
			if err := noteVersion(ctx, tx, m.version); err != nil {
				return err
			}
			s.log.InfoContext(ctx, "read model migrated", slog.Int("schema", m.version))
		}
		return nil
	})
}

func noteVersion(ctx context.Context, tx transaction, version int) error {
	return tx.exec(ctx, "-- name: note migration\nINSERT INTO migrations (version) VALUES (?)", version)
}

// index makes the indexes of the large tables if they are missing, each in a
// transaction of its own, and then what needs them.
func (s *Store) index(ctx context.Context) error {
	s.applying.Lock()
	defer s.applying.Unlock()
	const question = "-- name: indexed\nSELECT version FROM migrations WHERE version = ?"
	if err := one(ctx, s.db, question, []any{unindexed}, new(int)); err != nil {
		if errors.Is(err, traceability.ErrNotFound) {
			s.loading.Store(false)
			return nil
		}
		return err
	}
	for _, i := range indexes() {
		if err := s.db.write(ctx, func(tx transaction) error { return tx.exec(ctx, i.create()) }); err != nil {
			return err
		}
		s.log.DebugContext(ctx, "index made", slog.String("index", i.name))
	}
	if err := s.oneRowPerLot(ctx); err != nil {
		return err
	}
	if err := s.spreadAll(ctx); err != nil {
		return err
	}
	err := s.db.write(ctx, func(tx transaction) error {
		return tx.exec(ctx, "-- name: note indexes\nDELETE FROM migrations WHERE version = ?", unindexed)
	})
	s.loading.Store(err != nil)
	return err
}

// schemaVersion returns the last migration applied, 0 for an empty database.
func schemaVersion(ctx context.Context, tx transaction) (int, error) {
	if err := tx.exec(ctx, createMigrations); err != nil {
		return 0, err
	}
	version := 0
	err := one(ctx, tx, "-- name: schema version\nSELECT version FROM migrations ORDER BY version DESC LIMIT 1", nil, &version)
	if errors.Is(err, traceability.ErrNotFound) {
		return 0, nil
	}
	return version, err
}

// tableNames returns the names of all tables.
func tableNames() []string {
	names := []string{"migrations"}
	for _, t := range tables() {
		names = append(names, t.name)
	}
	return names
}

// dropTables drops every table that any version has had. A table that a
// migration gives up stays in this list.
func dropTables(ctx context.Context, tx transaction) error {
	for _, name := range tableNames() {
		if err := tx.exec(ctx, "-- name: drop "+name+"\nDROP TABLE IF EXISTS "+name); err != nil {
			return err
		}
	}
	return nil
}
