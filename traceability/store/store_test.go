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
	for name, url := range map[string]func(testing.TB) string{
		"sqlite": func(tb testing.TB) string { return "sqlite://" + filepath.Join(tb.TempDir(), "read model?#%.db") },
		"memory": func(testing.TB) string { return ":memory:" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, storetest.Engine{
				Open:   func(tb testing.TB) storetest.Store { return open(tb, url(tb)) },
				ErrGap: store.ErrGap, ErrReplaced: store.ErrReplaced, ErrRecord: store.ErrRecord,
			})
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
