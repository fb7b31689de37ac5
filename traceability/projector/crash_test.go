package projector_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/projector"
	"deltatrace/traceability/store"
	"deltatrace/traceability/store/storetest"
)

// crashFile names the store of a child process that projects until it is killed.
const crashFile = "DELTATRACE_TEST_CRASH_STORE"

func crashRegion() []traceability.Block {
	return slices.Collect(storetest.Region{Seed: 9, Lots: 600, Chain: 20, Block: 10}.Blocks())
}

func TestMain(m *testing.M) {
	if path := os.Getenv(crashFile); path != "" {
		if err := crashChild(context.Background(), path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// crashChild projects all blocks, a few in a transaction, and says how far it is.
func crashChild(ctx context.Context, path string) error {
	s, err := store.Open(ctx, path, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	blocks := crashRegion()
	p := projector.New(newChain(blocks), s, projector.Options{MaxBlocks: 3})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	for n := range blocks {
		if err := p.Wait(ctx, uint64(n)); err != nil {
			return err
		}
		fmt.Println(n)
	}
	cancel()
	return <-done
}

// TestKill kills a process that projects, again and again, at moments that are
// not chosen, until one comes through. What it said is projected must be there,
// and at the end the store must be what a rebuild from block 0 gives.
func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	kills, last := 0, -1
	for finished := false; !finished; {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), crashFile+"="+path)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		// After a few lines, then a moment later, in the midst of something.
		lines := bufio.NewScanner(out)
		for left := random.IntN(20) + last + 2; left > 0 && lines.Scan(); left-- {
			if last, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
		}
		if kills < 12 {
			time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond)
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		for lines.Scan() {
			if last, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
		}
		finished = child.Wait() == nil
		if !finished {
			kills++
		}
		if t.Failed() || kills > 20 {
			t.Fatal("the child does not come through")
		}
		checkStore(t, path, last)
	}
	if kills == 0 {
		t.Error("no child was killed in time: the test says nothing")
	}
	t.Logf("%d kills", kills)
}

// checkStore holds that a store has what was said to be projected, and is what
// a rebuild up to its head gives.
func checkStore(t *testing.T, path string, said int) {
	t.Helper()
	s, err := store.Open(t.Context(), path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	head, err := s.Head(t.Context())
	if said < 0 && err != nil {
		return // killed before block 0
	}
	if err != nil || head.Number < uint64(max(said, 0)) {
		t.Fatalf("block %d was said to be projected; the store has %v, %v", said, head.Number, err)
	}
	rebuilt := openStore(t)
	if err := rebuilt.Apply(t.Context(), crashRegion()[:head.Number+1]...); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(storetest.DumpOf(t, rebuilt), storetest.DumpOf(t, s)); diff != "" {
		t.Fatal(diff)
	}
}
