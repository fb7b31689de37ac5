package store_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"deltatrace/traceability/store"
	"deltatrace/traceability/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	newFile := func(tb testing.TB) string { return "sqlite://" + filepath.Join(tb.TempDir(), "read model?#%.db") }
	engines := map[string]storetest.Engine{
		"sqlite": {
			Open: func(tb testing.TB) storetest.Store { return open(tb, newFile(tb)) },
			OpenTwo: func(tb testing.TB) (storetest.Store, storetest.Store) {
				file := newFile(tb)
				return open(tb, file), open(tb, file)
			},
		},
		"memory": {Open: func(tb testing.TB) storetest.Store { return open(tb, ":memory:") }},
	}
	for name, engine := range engines {
		engine.ErrGap, engine.ErrReplaced, engine.ErrRecord = store.ErrGap, store.ErrReplaced, store.ErrRecord
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, engine)
		})
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
