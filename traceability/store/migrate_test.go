package store

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"deltatrace/traceability"
	"deltatrace/traceability/store/postgrestest"
	"deltatrace/traceability/store/storetest"
)

func openFile(t *testing.T, path string, log *slog.Logger) (*Store, error) {
	t.Helper()
	s, err := Open(t.Context(), path, log)
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

func TestMigrateNewerIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := openFile(t, path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	err = s.db.write(t.Context(), func(tx transaction) error {
		return tx.exec(t.Context(), "-- name: newer\nINSERT INTO migrations (version) VALUES (?)", 9999)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openFile(t, path, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "9999") {
		t.Errorf("got %v", err)
	}
}

// TestMigrateOutdatedIsKept holds that a later version, which supports later
// schemas only, refuses the read model and leaves it as it is.
func TestMigrateOutdatedIsKept(t *testing.T) {
	t.Parallel()
	s, err := openFile(t, filepath.Join(t.TempDir(), "store.db"), discard)
	if err != nil {
		t.Fatal(err)
	}
	block := traceability.Block{Hash: traceability.Hash{1}}
	if err := s.Apply(t.Context(), block); err != nil {
		t.Fatal(err)
	}
	later := &laterEngine{engine: s.db}
	if err := (&Store{db: later, log: s.log}).migrate(t.Context(), oldestSchema+1); !errors.Is(err, ErrOutdated) {
		t.Fatalf("got %v", err)
	}
	if head, err := s.Head(t.Context()); err != nil || head != block.Head() {
		t.Errorf("the rows of the version before are gone: %v, %v", head, err)
	}
}

func TestMigrateForward(t *testing.T) {
	t.Parallel()
	s, err := openFile(t, filepath.Join(t.TempDir(), "store.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	block := traceability.Block{Hash: traceability.Hash{1}}
	if err := s.Apply(t.Context(), block); err != nil {
		t.Fatal(err)
	}
	later := &Store{db: &laterEngine{engine: s.db}, log: s.log}
	for range 2 { // the second time there is nothing to do
		if err := later.migrate(t.Context(), oldestSchema); err != nil {
			t.Fatal(err)
		}
	}
	if head, err := later.Head(t.Context()); err != nil || head != block.Head() {
		t.Errorf("the rows are gone: %v, %v", head, err)
	}
	if err := one(t.Context(), later.db, "-- name: new table\nSELECT version, 0 FROM migrations WHERE version = ?", []any{oldestSchema + 1}, new(int), new(int)); err != nil {
		t.Error(err)
	}
}

// laterEngine has one migration more.
type laterEngine struct{ engine }

func (e *laterEngine) migrations() fs.FS {
	files := fstest.MapFS{fmt.Sprintf("%04d_another.sql", oldestSchema+1): {Data: []byte("-- name: another\nCREATE TABLE IF NOT EXISTS another (id TEXT NOT NULL PRIMARY KEY)")}}
	first := fmt.Sprintf("%04d_read_model.sql", oldestSchema)
	text, err := fs.ReadFile(e.engine.migrations(), first)
	if err != nil {
		panic(err)
	}
	files[first] = &fstest.MapFile{Data: text}
	return files
}

func TestReadMigrations(t *testing.T) {
	t.Parallel()
	for _, files := range []fstest.MapFS{
		{"0000_x.sql": {}}, {"0001_x.sql": {}, "0003_x.sql": {}}, {"x.sql": {}}, {"0001_x.sql": {}, "0001_y.sql": {}}, {},
	} {
		if list, err := readMigrations(files); err == nil {
			t.Errorf("%v: got %v", files, list)
		}
	}
}

func TestOpenURL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for url, want := range map[string]traceability.Code{
		"sqlite://" + dir + "/a b?c#d%20.db":     "",
		dir + "/plain.db":                        "",
		"":                                       traceability.CodeMissing,
		"mysql://user:secret@host/db":            traceability.CodeInvalid,
		"sqlite://" + dir + "/no/such/folder.db": traceability.CodeInternal,
		dir:                                      traceability.CodeInternal,
	} {
		_, err := openFile(t, url, slog.New(slog.DiscardHandler))
		if traceability.CodeOf(err) != want {
			t.Errorf("%q: %v", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

func TestFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := openFile(t, path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), traceability.Block{}); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", suffix, info, err)
		}
	}
}

// TestSettings holds that the connections are what they are meant to be: the
// driver ignores what comes in the wrong order.
func TestSettings(t *testing.T) {
	t.Parallel()
	s, err := openFile(t, filepath.Join(t.TempDir(), "store.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	db := s.db.(*live).now.engine.(*sqliteEngine)
	for pragma, want := range map[string][2]string{ // of the writer and of the readers
		"page_size":          {"8192", "8192"},
		"journal_mode":       {"wal", "wal"},
		"synchronous":        {"1", "2"},
		"foreign_keys":       {"0", "0"},
		"query_only":         {"0", "1"},
		"busy_timeout":       {"10000", "10000"},
		"cache_size":         {"-65536", fmt.Sprint(-sqliteReadCache / max(4, 2*runtime.GOMAXPROCS(0)))},
		"wal_autocheckpoint": {"16384", "1000"},
	} {
		var got [2]string
		err1 := db.writer.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got[0])
		err2 := db.readers.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got[1])
		if got != want || err1 != nil || err2 != nil {
			t.Errorf("%s is %v, want %v (%v, %v)", pragma, got, want, err1, err2)
		}
	}
}

// TestLoadIsFinishedLater breaks a load off: what was applied is there, the next
// opening makes the indexes, and the rest can follow.
func TestLoadIsFinishedLater(t *testing.T) {
	t.Parallel()
	lite := filepath.Join(t.TempDir(), "store.db")
	for name, url := range map[string]string{"sqlite": lite, "postgres": postgrestest.Start(t).Database(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			blocks := slices.Collect(storetest.Region{Seed: 1, Lots: 100, Block: 50}.Blocks())
			s, err := openFile(t, url, discard)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Apply(t.Context(), blocks...); err != nil {
				t.Fatal(err)
			}
			want := storetest.DumpOf(t, s)
			broken := errors.New("broken off")
			err = s.Load(t.Context(), func() error {
				if _, err := s.Head(t.Context()); !errors.Is(err, traceability.ErrNotFound) {
					t.Errorf("the read model is not empty: %v", err)
				}
				return errors.Join(s.Apply(t.Context(), blocks[:2]...), broken)
			})
			if !errors.Is(err, broken) || indexed(t, s) {
				t.Fatalf("indexed %v, %v", indexed(t, s), err)
			}
			later, err := openFile(t, url, discard)
			if err != nil {
				t.Fatal(err)
			}
			if !indexed(t, later) {
				t.Error("the indexes are still missing")
			}
			if err := later.Apply(t.Context(), blocks[2:]...); err != nil {
				t.Fatal(err)
			}
			if storetest.DumpOf(t, later) != want {
				t.Error("the rows differ from those applied at once")
			}
			if err := s.Load(t.Context(), func() error { return s.Apply(t.Context(), blocks...) }); err != nil {
				t.Fatal(err)
			}
			if !indexed(t, s) || storetest.DumpOf(t, s) != want {
				t.Error("a load that comes through leaves something else")
			}
		})
	}
}

// indexed tells whether the store has the index of lots.
func indexed(t *testing.T, s *Store) bool {
	t.Helper()
	question := "SELECT name FROM sqlite_master WHERE name = ?"
	if _, ok := s.db.(*live).now.engine.(*postgresEngine); ok {
		question = "SELECT indexname::TEXT FROM pg_indexes WHERE indexname = ?"
	}
	err := one(t.Context(), s.db, question, []any{"lots_by_id"}, new(string))
	if err != nil && !errors.Is(err, traceability.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestPosition(t *testing.T) {
	t.Parallel()
	before := position(-1)
	for _, at := range [][3]int{{0, 0, 0}, {0, 0, 999}, {0, 1, 0}, {0, 512, 7}, {1, 0, 0}, {1 << 38, 16_000, 999}} {
		p, err := positionOf(uint64(at[0]), at[1], at[2])
		if err != nil || p <= before || p.block() != uint64(at[0]) {
			t.Errorf("%v: %d after %d, %v", at, p, before, err)
		}
		before = p
	}
	for _, at := range [][3]int{{0, 0, -1}, {0, 0, 1000}, {0, 20_000, 0}, {1 << 39, 0, 0}} {
		if p, err := positionOf(uint64(at[0]), at[1], at[2]); err == nil {
			t.Errorf("%v: %d", at, p)
		}
	}
}
