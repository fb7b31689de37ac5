package projector_test

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/projector"
	"deltatrace/traceability/store"
	"deltatrace/traceability/store/storetest"
)

// chain is a ledger of given blocks that more can be added to.
type chain struct {
	mu      sync.Mutex
	blocks  []traceability.Block
	changed chan struct{}
	fail    error // ends every feed when the blocks are through
}

func newChain(blocks []traceability.Block) *chain {
	return &chain{blocks: slices.Clone(blocks), changed: make(chan struct{})}
}

func (c *chain) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *chain) Head(context.Context) (traceability.Head, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.blocks[len(c.blocks)-1].Head(), nil
}

func (c *chain) Blocks(ctx context.Context, from uint64) iter.Seq2[traceability.Block, error] {
	return func(yield func(traceability.Block, error) bool) {
		for n := from; ; {
			c.mu.Lock()
			blocks, changed, fail := c.blocks, c.changed, c.fail
			c.mu.Unlock()
			switch {
			case n < uint64(len(blocks)):
				if !yield(blocks[n], nil) {
					return
				}
				n++
			case fail != nil:
				yield(traceability.Block{}, fail)
				return
			default:
				select {
				case <-changed:
				case <-ctx.Done():
					return
				}
			}
		}
	}
}

// watched counts what is applied together, and fails as often as it is told.
type watched struct {
	projector.Store
	mu       sync.Mutex
	batches  []int
	failures int
}

func (w *watched) Apply(ctx context.Context, blocks ...traceability.Block) error {
	w.mu.Lock()
	fail := w.failures > 0
	if fail {
		w.failures--
	} else {
		w.batches = append(w.batches, len(blocks))
	}
	w.mu.Unlock()
	if fail {
		return errors.New("the disk is full")
	}
	return w.Store.Apply(ctx, blocks...)
}

func openStore(tb testing.TB) *store.Store {
	tb.Helper()
	return open(tb, filepath.Join(tb.TempDir(), "store.db"))
}

func open(tb testing.TB, url string) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

func region() []traceability.Block {
	return slices.Collect(storetest.Region{Seed: 5, Lots: 300, Chain: 10, Block: 20}.Blocks())
}

// start runs a projector until the test ends, and hands out what Run returns.
func start(t *testing.T, ledger projector.Ledger, s projector.Store, o projector.Options) (p *projector.Projector, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p = projector.New(ledger, s, o)
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() { stop() })
	return p, stop
}

func wait(t *testing.T, p *projector.Projector, block int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := p.Wait(ctx, uint64(block)); err != nil {
		t.Fatal(err)
	}
}

func TestCatchesUpAndFollows(t *testing.T) {
	t.Parallel()
	blocks := region()
	half := len(blocks) / 2
	ledger, s := newChain(blocks[:half]), openStore(t)
	watching := &watched{Store: s}
	p, stop := start(t, ledger, watching, projector.Options{})
	wait(t, p, half-1)
	if n := len(watching.batches); n >= half {
		t.Errorf("%d blocks were applied in %d transactions, not together", half, n)
	}
	for n := half; n < len(blocks); n++ {
		ledger.change(func() { ledger.blocks = blocks[:n+1] })
		wait(t, p, n)
		if head, err := s.Head(t.Context()); err != nil || head.Number < uint64(n) {
			t.Fatalf("after waiting for block %d the store is at %v, %v", n, head.Number, err)
		}
	}
	if behind := p.Behind(uint64(len(blocks) - 1)); behind != 0 {
		t.Errorf("behind by %s", behind)
	}
	if err := stop(); err != nil {
		t.Errorf("Run: %v", err)
	}
	want := openStore(t)
	if err := want.Apply(t.Context(), blocks...); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(storetest.DumpOf(t, want), storetest.DumpOf(t, s)); diff != "" {
		t.Error(diff)
	}
}

func TestGoesOnFromTheCursor(t *testing.T) {
	t.Parallel()
	blocks, s := region(), openStore(t)
	if err := s.Apply(t.Context(), blocks[:5]...); err != nil {
		t.Fatal(err)
	}
	p, _ := start(t, newChain(blocks), s, projector.Options{})
	wait(t, p, len(blocks)-1)
}

func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	blocks := region()
	for name, test := range map[string]struct {
		options projector.Options
		most    int
	}{
		"by number": {projector.Options{MaxBlocks: 3}, 3},
		"by bytes":  {projector.Options{MaxBytes: 1}, 2}, // block 0 has none
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &watched{Store: openStore(t)}
			p, stop := start(t, newChain(blocks), s, test.options)
			wait(t, p, len(blocks)-1)
			stop()
			if got := slices.Max(s.batches); got > test.most {
				t.Errorf("%d blocks in a transaction, at most %d allowed", got, test.most)
			}
		})
	}
}

func TestTriesAgain(t *testing.T) {
	t.Parallel()
	blocks := region()
	ledger := newChain(blocks[:10])
	ledger.fail = errors.New("connection lost")
	s := &watched{Store: openStore(t), failures: 3}
	p, _ := start(t, ledger, s, projector.Options{MinRetry: time.Millisecond, MaxRetry: 2 * time.Millisecond})
	wait(t, p, 9)
	ledger.change(func() { ledger.blocks, ledger.fail = blocks, nil })
	wait(t, p, len(blocks)-1)
}

// TestBackOff holds how long the projector waits between attempts.
func TestBackOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &brokenStore{}
		_, stop := start(t, newChain(storetest.NewChain(t).Blocks), s, projector.Options{MinRetry: time.Second, MaxRetry: 3 * time.Second})
		time.Sleep(13 * time.Second)
		synctest.Wait()
		if err := stop(); err != nil {
			t.Error(err)
		}
		var waits []time.Duration
		for i := range s.at[1:] {
			waits = append(waits, s.at[i+1].Sub(s.at[i]))
		}
		want := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second, 3 * time.Second}
		if !slices.Equal(want, waits) {
			t.Errorf("waits %v, want %v", waits, want)
		}
	})
}

// brokenStore never applies anything, and notes when it was asked.
type brokenStore struct{ at []time.Time }

func (s *brokenStore) Head(context.Context) (traceability.Head, error) {
	return traceability.Head{}, traceability.ErrNotFound
}

func (s *brokenStore) Apply(context.Context, ...traceability.Block) error {
	s.at = append(s.at, time.Now())
	return errors.New("no connection")
}

func TestStopsWhenTheLedgerWasReplaced(t *testing.T) {
	t.Parallel()
	blocks := region()
	other := slices.Collect(storetest.Region{Seed: 6, Lots: 250, Chain: 10, Block: 21}.Blocks())
	for name, ledger := range map[string][]traceability.Block{"by a longer one": other, "by a shorter one": other[:3]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t)
			if err := s.Apply(t.Context(), blocks[:6]...); err != nil {
				t.Fatal(err)
			}
			p := projector.New(newChain(ledger), s, projector.Options{})
			err := p.Run(t.Context())
			if !errors.Is(err, store.ErrReplaced) || !strings.Contains(err.Error(), "rebuild") {
				t.Errorf("Run: %v", err)
			}
			if err := p.Wait(t.Context(), 100); !errors.Is(err, projector.ErrStopped) || !errors.Is(err, store.ErrReplaced) {
				t.Errorf("Wait: %v", err)
			}
		})
	}
}

func TestStopsAtWhatItCannotRead(t *testing.T) {
	t.Parallel()
	c := storetest.NewChain(t)
	bad := traceability.Block{Number: 1, Previous: c.Blocks[0].Hash, Transactions: []traceability.Transaction{{ID: "x",
		Writes: []traceability.Write{{Key: "lot/x", Value: []byte(`{}`)}}}}}
	err := projector.New(newChain(append(c.Blocks, bad)), openStore(t), projector.Options{}).Run(t.Context())
	if !errors.Is(err, store.ErrRecord) || !strings.Contains(err.Error(), "lot/x") {
		t.Errorf("Run: %v", err)
	}
}

func TestStopsWhenTheLedgerIsClosed(t *testing.T) {
	t.Parallel()
	ledger := newChain(region())
	ledger.fail = traceability.ErrClosed
	if err := projector.New(ledger, openStore(t), projector.Options{}).Run(t.Context()); !errors.Is(err, traceability.ErrClosed) {
		t.Errorf("Run: %v", err)
	}
}

func TestWaitsForALedgerThatIsBehind(t *testing.T) {
	t.Parallel()
	blocks, s := region(), openStore(t)
	if err := s.Apply(t.Context(), blocks[:8]...); err != nil {
		t.Fatal(err)
	}
	ledger := newChain(blocks[:4])
	p, _ := start(t, ledger, s, projector.Options{})
	wait(t, p, 7)
	if behind := p.Behind(3); behind != 0 {
		t.Errorf("behind by %s", behind)
	}
	ledger.change(func() { ledger.blocks = blocks })
	wait(t, p, len(blocks)-1)
}

func TestWait(t *testing.T) {
	t.Parallel()
	p, stop := start(t, newChain(region()[:2]), openStore(t), projector.Options{})
	wait(t, p, 0)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := p.Wait(ctx, 2); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a block that does not come: %v", err)
	}
	wait(t, p, 1)
	waiting := make(chan error)
	go func() { waiting <- p.Wait(t.Context(), 2) }()
	stop()
	if err := <-waiting; !errors.Is(err, projector.ErrStopped) {
		t.Errorf("when it stops: %v", err)
	}
	if err := p.Wait(t.Context(), 1); err != nil {
		t.Errorf("a block that is there, after it stopped: %v", err)
	}
}
