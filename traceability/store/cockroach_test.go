package store

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/parser"

	"deltatrace/traceability/store/storetest"
)

// TestCockroachParses runs the whole suite, notes every statement, and has
// CockroachDB's own parser read each, and each migration.
func TestCockroachParses(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var recorders []*recorder
	t.Run("suite", func(t *testing.T) {
		storetest.Run(t, storetest.Engine{ErrGap: ErrGap, ErrReplaced: ErrReplaced, ErrRecord: ErrRecord,
			Open: func(tb testing.TB) storetest.Store {
				s, err := Open(tb.Context(), ":memory:", discard)
				if err != nil {
					tb.Fatal(err)
				}
				tb.Cleanup(func() { s.Close() })
				r := &recorder{engine: s.db}
				s.db = r
				mu.Lock()
				recorders = append(recorders, r)
				mu.Unlock()
				return s
			}})
	})
	said := make(map[string]bool)
	for _, r := range recorders {
		for _, statement := range r.done {
			said[statement] = true
		}
		for _, a := range r.asked {
			said[a.question] = true
		}
	}
	names := make(map[string]bool)
	e := postgresEngine{cockroach: true}
	for statement := range said {
		if strings.Contains(statement, "CREATE TABLE blocks") {
			continue // SQLite's migration
		}
		name, _, _ := strings.Cut(nameOf(statement), " (")
		names[name] = true
		parsed, err := parser.ParseOne(e.number(statement))
		if err != nil {
			t.Errorf("%v\n%s", err, statement)
			continue
		}
		if want := strings.Count(statement, "?"); parsed.NumPlaceholders != want {
			t.Errorf("%d placeholders, want %d: %s", parsed.NumPlaceholders, want, statement)
		}
	}
	t.Logf("%d statements: %v", len(said), slices.Sorted(maps.Keys(names)))
	for _, name := range []string{"head", "insert event_lots", "trace far in", "events", "dump reports", "supersede report", "drop blocks", "schema version"} {
		if !names[name] {
			t.Errorf("the suite does not use %q: what was parsed is not all", name)
		}
	}
}

// TestCockroachMigrations parses the files of the schema, and holds that they use
// nothing that CockroachDB lacks or treats otherwise; see the ADR.
func TestCockroachMigrations(t *testing.T) {
	t.Parallel()
	e := postgresEngine{cockroach: true}
	files := e.migrations()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		parsed, err := parser.Parse(e.number(string(text)))
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, statement := range parsed {
			for _, avoided := range []string{"SERIAL", "SEQUENCE", "IDENTITY", "DEFERRABLE", "REFERENCES", "TRIGGER", "UNLOGGED", "nextval", "unique_rowid"} {
				if strings.Contains(strings.ToUpper(statement.AST.String()), strings.ToUpper(avoided)) {
					t.Errorf("%s uses %s: %s", path, avoided, statement.AST)
				}
			}
		}
		if len(parsed) < 10 {
			t.Errorf("%s has %d statements", path, len(parsed))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for _, settings := range []string{cockroachSettings, "SAVEPOINT cockroach_restart", "RELEASE SAVEPOINT cockroach_restart"} {
		if _, err := parser.Parse(settings); err != nil {
			t.Errorf("%s: %v", settings, err)
		}
	}
}
