package store

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"deltatrace/traceability"
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

func TestMigrateOutdatedIsDropped(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s, err := openFile(t, filepath.Join(t.TempDir(), "store.db"), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	block := traceability.Block{Hash: traceability.Hash{1}}
	if err := s.Apply(t.Context(), block); err != nil {
		t.Fatal(err)
	}
	// A later version of the program, which supports schema 2 and later only.
	later := &laterEngine{engine: s.db}
	if err := (&Store{db: later, log: s.log}).migrate(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Head(t.Context()); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("the outdated rows are still there: %v", err)
	}
	if text := log.String(); !strings.Contains(text, "outdated schema") || !strings.Contains(text, "schema=1 oldest=2") {
		t.Errorf("the log does not say it: %s", text)
	}
	if err := s.Apply(t.Context(), block); err != nil {
		t.Errorf("the new tables: %v", err)
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
		if err := later.migrate(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if head, err := later.Head(t.Context()); err != nil || head != block.Head() {
		t.Errorf("the rows are gone: %v, %v", head, err)
	}
	if err := one(t.Context(), later.db, "-- name: new table\nSELECT version, 0 FROM migrations WHERE version = 2", nil, new(int), new(int)); err != nil {
		t.Error(err)
	}
}

// laterEngine has one migration more.
type laterEngine struct{ engine }

func (e *laterEngine) migrations() fs.FS {
	files := fstest.MapFS{"0002_another.sql": {Data: []byte("-- name: another\nCREATE TABLE IF NOT EXISTS another (id TEXT NOT NULL PRIMARY KEY)")}}
	first := "0001_read_model.sql"
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
		{"0002_x.sql": {}}, {"0001_x.sql": {}, "0003_x.sql": {}}, {"x.sql": {}}, {"0001_x.sql": {}, "0001_y.sql": {}}, {},
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
	db := s.db.(*sqliteEngine)
	for pragma, want := range map[string][2]string{ // of the writer and of the readers
		"page_size":          {"8192", "8192"},
		"journal_mode":       {"wal", "wal"},
		"synchronous":        {"1", "2"},
		"foreign_keys":       {"0", "0"},
		"query_only":         {"0", "1"},
		"busy_timeout":       {"10000", "10000"},
		"cache_size":         {"-65536", "-8192"},
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
