package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"deltatrace/traceability/store"
	"deltatrace/traceability/store/postgrestest"
	"deltatrace/traceability/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	for name, newURL := range map[string]func(*testing.T) func(testing.TB) string{
		"sqlite": func(*testing.T) func(testing.TB) string {
			return func(tb testing.TB) string { return "sqlite://" + filepath.Join(tb.TempDir(), "read model?#%.db") }
		},
		"memory":    func(*testing.T) func(testing.TB) string { return func(testing.TB) string { return ":memory:" } },
		"postgres":  func(t *testing.T) func(testing.TB) string { return postgrestest.Start(t).Database },
		"cockroach": cockroach,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newURL := newURL(t)
			engine := storetest.Engine{
				Open:   func(tb testing.TB) storetest.Store { return open(tb, newURL(tb)) },
				ErrGap: store.ErrGap, ErrReplaced: store.ErrReplaced, ErrRecord: store.ErrRecord,
			}
			if name != "memory" { // which no second process can open
				engine.OpenTwo = func(tb testing.TB) (storetest.Store, storetest.Store) {
					url := newURL(tb)
					return open(tb, url), open(tb, url)
				}
			}
			storetest.Run(t, engine)
		})
	}
}

// cockroach makes databases on the server that TEST_COCKROACH_URL names.
func cockroach(t *testing.T) func(testing.TB) string {
	server, err := url.Parse(os.Getenv("TEST_COCKROACH_URL"))
	if err != nil {
		t.Fatal(err)
	}
	if server.Host == "" {
		t.Skip("no CockroachDB to test on: TEST_COCKROACH_URL is not set")
	}
	return func(tb testing.TB) string {
		c, err := pgx.Connect(tb.Context(), server.String())
		if err != nil {
			tb.Fatal(err)
		}
		name := fmt.Sprintf("deltatrace_test_%x", rand.Uint64())
		if _, err := c.Exec(tb.Context(), "CREATE DATABASE "+name); err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() {
			_, err := c.Exec(context.Background(), "DROP DATABASE "+name+" CASCADE")
			if err := errors.Join(err, c.Close(context.Background())); err != nil {
				tb.Error(err)
			}
		})
		database := *server
		database.Path = "/" + name
		return database.String()
	}
}

// open opens a store and closes it when the test ends.
func open(tb testing.TB, url string) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// TestDumpsAreEqual holds that the same blocks give the same dump, byte for byte,
// from every engine.
func TestDumpsAreEqual(t *testing.T) {
	t.Parallel()
	lite, postgres := open(t, ":memory:"), open(t, postgrestest.Start(t).Database(t))
	for b := range (storetest.Region{Seed: 4, Lots: 2000, Chain: 20, Scope: 300, Block: 100}).Blocks() {
		if err := errors.Join(lite.Apply(t.Context(), b), postgres.Apply(t.Context(), b)); err != nil {
			t.Fatal(err)
		}
	}
	want, got := storetest.DumpOf(t, lite), storetest.DumpOf(t, postgres)
	if want != got {
		t.Error(cmp.Diff(strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")))
	}
	if len(want) < 1_000_000 {
		t.Errorf("a dump of %d bytes says little", len(want))
	}
}
