package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/store/postgrestest"
	"deltatrace/traceability/store/storetest"
)

// TestRebuild makes a read model anew while it is asked: one that breaks off leaves
// the old as it was, one that comes through takes its place, and who opens it
// afterwards finds it. Nothing is left beside it.
func TestRebuild(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, url := range map[string]string{"sqlite": filepath.Join(dir, "store.db"), "postgres": postgrestest.Start(t).Database(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			blocks := slices.Collect(storetest.Region{Seed: 1, Lots: 60, Block: 10}.Blocks())
			s, err := openFile(t, url, discard)
			if err != nil {
				t.Fatal(err)
			}
			old := blocks[:len(blocks)/2]
			if err := s.Apply(t.Context(), old...); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			asked := make(chan error, 1)
			go func() { // questions never fail, and never go back
				for last := uint64(0); ; {
					head, err := s.Head(context.Background())
					if err != nil || head.Number < last {
						asked <- errors.Join(errors.New("a question failed or went back"), err)
						return
					}
					if last = head.Number; ctx.Err() != nil {
						asked <- nil
						return
					}
				}
			}()
			broken := errors.New("broken off")
			before := storetest.DumpOf(t, s)
			fail := func(fresh *Store) error { return errors.Join(fresh.Apply(t.Context(), blocks[:3]...), broken) }
			if err := errors.Join(s.Rebuild(t.Context(), fail)); !errors.Is(err, broken) || storetest.DumpOf(t, s) != before {
				t.Errorf("broken off: %v", err)
			}
			for range 2 {
				if err := s.Rebuild(t.Context(), func(fresh *Store) error { return fresh.Apply(t.Context(), blocks...) }); err != nil {
					t.Fatal(err)
				}
			}
			stop()
			if err := <-asked; err != nil {
				t.Error(err)
			}
			want := storetest.DumpOf(t, s)
			if want == before || !indexed(t, s) {
				t.Error("it is not the new one, whole")
			}
			later, err := openFile(t, url, discard)
			if err != nil || storetest.DumpOf(t, later) != want {
				t.Errorf("opened again it is another: %v", err)
			}
			if err := Remake(t.Context(), url, discard, fail); !errors.Is(err, broken) {
				t.Error(err)
			}
			if err := Remake(t.Context(), url, discard, func(fresh *Store) error { return fresh.Apply(t.Context(), blocks...) }); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRemakeDamaged makes a read model that is no database any more anew.
func TestRemakeDamaged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, slices.Repeat([]byte("not a database"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openFile(t, path, discard); !errors.Is(err, traceability.ErrDamaged) {
		t.Errorf("Open: %v", err)
	}
	block := traceability.Block{Hash: traceability.Hash{1}}
	if err := Remake(t.Context(), path, discard, func(fresh *Store) error { return fresh.Apply(t.Context(), block) }); err != nil {
		t.Fatal(err)
	}
	s, err := openFile(t, path, discard)
	if err != nil {
		t.Fatal(err)
	}
	if head, err := s.Head(t.Context()); err != nil || head != block.Head() {
		t.Errorf("%v, %v", head, err)
	}
	if left, err := filepath.Glob(path + "*"); err != nil || len(left) > 4 { // the link, the file, its log and its index
		t.Errorf("left: %v, %v", left, err)
	}
}
