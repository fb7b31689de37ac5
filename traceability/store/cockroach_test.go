package store

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/parser"
	"github.com/google/go-cmp/cmp"

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
	var e postgresEngine
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
	for _, name := range []string{"head", "insert event_lots", "trace far in", "events", "index lots_by_id", "dump reports", "supersede report", "drop blocks", "schema version"} {
		if !names[name] {
			t.Errorf("the suite does not use %q: what was parsed is not all", name)
		}
	}
}

// TestMigrationsAgree holds that CockroachDB's schema is PostgreSQL's but for the
// order of texts and what spreads growing keys.
func TestMigrationsAgree(t *testing.T) {
	t.Parallel()
	postgres, cockroach := new(postgresEngine).migrations(), (&postgresEngine{cockroach: true}).migrations()
	names, err := fs.Glob(cockroach, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	read := func(files fs.FS, name string, without string) []string {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for line := range strings.Lines(strings.ReplaceAll(string(text), without, "")) {
			if line, _, _ = strings.Cut(line, "--"); strings.TrimSpace(line) != "" {
				lines = append(lines, strings.Join(strings.Fields(line), " "))
			}
		}
		return lines
	}
	for _, name := range names {
		if diff := cmp.Diff(read(postgres, name, ` COLLATE "C"`), read(cockroach, name, " USING HASH")); diff != "" {
			t.Errorf("%s: %s", name, diff)
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
		parsed, err := parser.Parse(string(text))
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
