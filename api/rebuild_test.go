package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRebuildWhileServing makes the read model anew by the running server, under
// load: no question fails, nothing is lost, and it is what a rebuild gives that has
// the ledger for itself.
func TestRebuildWhileServing(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.stop()
	data := "--data=" + filepath.Join(w.dir, "data")
	p := mustProcess(t, w.args...)
	l := &load{world: w}
	l.key(lab)
	for range 2 {
		rebuilt := make(chan string, 1)
		go func() { rebuilt <- mustRun(t, "rebuild", data) }()
		for done := false; !done; {
			if !l.submit(p.url, l.batch()) {
				t.Fatal("not taken")
			}
			l.check(p.url, l.fresh)
			select {
			case out := <-rebuilt:
				if done = true; !strings.HasPrefix(out, "OK block ") || strings.Contains(out, "restart") {
					t.Error(out)
				}
			default:
			}
		}
	}
	l.check(p.url, l.acknowledged)
	p.terminate()
	before := mustRun(t, "dump", data)
	mustRun(t, "rebuild", data)
	if diff := cmp.Diff(before, mustRun(t, "dump", data)); diff != "" || before == "" {
		t.Errorf("it differs from one made with the ledger alone:\n%s", diff)
	}
	if left, err := filepath.Glob(filepath.Join(w.dir, "data", "readmodel.db*")); err != nil || len(left) > 4 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestRebuildOfDamaged holds that a damaged read model is said plainly and mended by
// a rebuild, and that a rebuild from a damaged ledger ends, says where, and leaves
// the read model as it was.
func TestRebuildOfDamaged(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.stop()
	w.start()
	w.stop() // what was in the ledger's log is in its tables now
	folder := filepath.Join(w.dir, "data")
	data, path := "--data="+folder, filepath.Join(folder, "readmodel.db")
	want := mustRun(t, "dump", data)
	if err := os.WriteFile(path, slices.Repeat([]byte("damaged!"), 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, wal := range []string{"-wal", "-shm"} {
		os.Remove(path + wal)
	}
	if out, err := program(w.args...).CombinedOutput(); err == nil || !strings.Contains(string(out), "api rebuild") {
		t.Errorf("serve on a damaged read model: %v: %s", err, out)
	}
	if out := mustRun(t, "rebuild", data); !strings.HasPrefix(out, "OK block ") {
		t.Error(out)
	}
	if diff := cmp.Diff(want, mustRun(t, "dump", data)); diff != "" {
		t.Error(diff)
	}

	tables, err := filepath.Glob(filepath.Join(folder, "ledger", "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("the ledger has no tables: %v", err)
	}
	for _, table := range tables {
		b := mustRead(t, table)
		copy(b[len(b)/3:], bytes.Repeat([]byte{0x5a}, 64))
		if err := os.WriteFile(table, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := program("rebuild", data).CombinedOutput(); err == nil || !strings.Contains(string(out), "damaged") || !strings.Contains(string(out), ".sst") {
		t.Errorf("rebuild from a damaged ledger: %v: %s", err, out)
	}
	if diff := cmp.Diff(want, mustRun(t, "dump", data)); diff != "" {
		t.Errorf("the read model is not as it was:\n%s", diff)
	}
}
