package embedded

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// quiet is a log that nobody reads.
var quiet = slog.New(slog.DiscardHandler)

// mustOpen opens a ledger that the test closes.
func mustOpen(tb testing.TB, dir string, o Options) *Ledger {
	tb.Helper()
	o.Logger = quiet
	l, err := Open(dir, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	return l
}

// mustStart starts a new ledger in a folder of the test.
func mustStart(tb testing.TB, network *ledgertest.Network) *Ledger {
	tb.Helper()
	genesis := network.Genesis()
	return mustOpen(tb, tb.TempDir(), Options{Genesis: &genesis})
}

func mustClose(tb testing.TB, l *Ledger) {
	tb.Helper()
	if err := l.Close(); err != nil {
		tb.Fatal(err)
	}
}

// mustSubmit submits documents that must all be accepted.
func mustSubmit(tb testing.TB, l *Ledger, documents ...string) traceability.Receipt {
	tb.Helper()
	receipt, err := l.Submit(context.Background(), documents)
	if err != nil {
		tb.Fatal(err)
	}
	for i, o := range receipt.Outcomes {
		if o.Status != traceability.StatusAccepted {
			tb.Fatalf("document %d: %s (%s) %v", i, o.Status, o.Code, o.Problems)
		}
	}
	return receipt
}

// mustVerify verifies a ledger that is open.
func mustVerify(tb testing.TB, l *Ledger) traceability.Head {
	tb.Helper()
	head, err := l.Verify(context.Background(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return head
}

// TestConformanceOnDisk runs the suite on the real disk. TestKill kills real
// processes there.
func TestConformanceOnDisk(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(tb testing.TB) ledgertest.Harness {
		network := ledgertest.NewNetwork(tb)
		l := mustStart(tb, network)
		return ledgertest.Harness{
			Ledger: l, Network: network,
			Twin: func(tb testing.TB) traceability.Ledger { return mustStart(tb, network) },
			Restart: func(tb testing.TB) traceability.Ledger {
				mustClose(tb, l)
				l = mustOpen(tb, l.dir, Options{})
				return l
			},
		}
	})
}

// TestConformanceWithPowerCuts runs the suite on a disk in memory that loses
// what was not synced when its power is cut, or a random part of it.
func TestConformanceWithPowerCuts(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(tb testing.TB) ledgertest.Harness {
		network, disk := ledgertest.NewNetwork(tb), vfs.NewCrashableMem()
		genesis := network.Genesis()
		l := mustOpen(tb, "/data/ledger", Options{Genesis: &genesis, fs: disk})
		return ledgertest.Harness{
			Ledger: l, Network: network,
			Twin: func(tb testing.TB) traceability.Ledger { return mustStart(tb, network) },
			Restart: func(tb testing.TB) traceability.Ledger {
				mustClose(tb, l)
				l = mustOpen(tb, "/data/ledger", Options{fs: disk})
				return l
			},
			Kill: func(tb testing.TB) traceability.Ledger {
				disk = disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rand.IntN(2) * 50, RNG: rand.New(rand.NewPCG(1, 2))})
				l = mustOpen(tb, "/data/ledger", Options{fs: disk})
				mustVerify(tb, l)
				return l
			},
		}
	})
}

func TestOneOwner(t *testing.T) {
	t.Parallel()
	l := mustStart(t, ledgertest.NewNetwork(t))
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(l.dir, link); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{l.dir, link} {
		_, err := Open(dir, Options{Logger: quiet})
		if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), l.dir) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
			t.Errorf("Open a second time: got %v, want %v with folder and process", err, ErrInUse)
		}
		if _, err := Verify(context.Background(), dir, nil); !errors.Is(err, ErrInUse) {
			t.Errorf("Verify: got %v, want %v", err, ErrInUse)
		}
	}
	mustClose(t, l)
	if entries, err := os.ReadFile(filepath.Join(l.dir, ownerFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Close the owner's file says %q, error %v", entries, err)
	}
	mustOpen(t, l.dir, Options{})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	network, other := ledgertest.NewNetwork(t), ledgertest.NewNetwork(t)
	genesis, otherGenesis := network.Genesis(), other.Genesis()
	existing := func(t *testing.T, change func(db *pebble.DB) error) string {
		l := mustStart(t, network)
		mustClose(t, l)
		tamper(t, l.dir, change)
		return l.dir
	}
	unchanged := func(*pebble.DB) error { return nil }
	file := func(t *testing.T, _ func(*pebble.DB) error) string {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := map[string]struct {
		dir     func(t *testing.T, change func(*pebble.DB) error) string
		change  func(*pebble.DB) error
		genesis *traceability.Genesis
		want    string
	}{
		"no genesis":      {func(t *testing.T, _ func(*pebble.DB) error) string { return t.TempDir() }, nil, nil, "a required value is missing"},
		"another genesis": {existing, unchanged, &otherGenesis, "another genesis"},
		"a later format":  {existing, func(db *pebble.DB) error { return db.Set(keyFormat, []byte("deltatrace ledger 9"), nil) }, &genesis, `the format "deltatrace ledger 9"`},
		"not a ledger":    {existing, func(db *pebble.DB) error { return db.Delete(keyFormat, nil) }, &genesis, "another program's"},
		"a cut head":      {existing, func(db *pebble.DB) error { return db.Delete(blockKey(0), nil) }, &genesis, "damaged"},
		"a changed head":  {existing, func(db *pebble.DB) error { return db.Set(keyHead, encodeHead(0, traceability.Hash{1}), nil) }, &genesis, "block 0"},
		"a file":          {file, nil, &genesis, "not a directory"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := test.dir(t, test.change)
			_, err := Open(dir, Options{Genesis: test.genesis, Logger: quiet})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want one with %q", err, test.want)
			}
			if _, err2 := Open(dir, Options{Genesis: test.genesis, Logger: quiet}); errors.Is(err2, ErrInUse) {
				t.Errorf("the refused folder stays locked: %v", err2)
			}
		})
	}
}

// tamper changes a ledger behind its back.
func tamper(tb testing.TB, dir string, change func(db *pebble.DB) error) {
	tb.Helper()
	db, err := pebble.Open(dir, pebbleOptions(vfs.Default, quiet))
	if err != nil {
		tb.Fatal(err)
	}
	if err := errors.Join(change(db), db.Close()); err != nil {
		tb.Fatal(err)
	}
}

func TestReopenWithItsGenesis(t *testing.T) {
	t.Parallel()
	network := ledgertest.NewNetwork(t)
	l := mustStart(t, network)
	mustClose(t, l)
	genesis := network.Genesis()
	slices.Reverse(genesis.Provinces) // their order does not matter
	mustOpen(t, l.dir, Options{Genesis: &genesis})
}

func TestClosed(t *testing.T) {
	t.Parallel()
	network := ledgertest.NewNetwork(t)
	l := mustStart(t, network)
	ctx := context.Background()
	feed := make(chan error)
	go func() {
		var last error
		for _, err := range l.Blocks(ctx, 0) {
			last = err
		}
		feed <- last
	}()
	mustClose(t, l)
	_, admission := network.Laboratory(t, 1)
	_, submit := l.Submit(ctx, []string{admission})
	_, head := l.Head(ctx)
	_, get := l.Get(ctx, "party/reg:310000")
	_, verify := l.Verify(ctx, nil)
	for name, err := range map[string]error{"Blocks": <-feed, "Submit": submit, "Head": head, "Get": get, "Verify": verify} {
		if !errors.Is(err, traceability.ErrClosed) {
			t.Errorf("%s: got %v, want %v", name, err, traceability.ErrClosed)
		}
	}
	if err := l.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	network := ledgertest.NewNetwork(t)
	l := mustStart(t, network)
	lab, admission := network.Laboratory(t, 1)
	receipt := mustSubmit(t, l, admission)
	block, err := readBlock(l.db, receipt.Block)
	if err != nil {
		t.Fatal(err)
	}
	value, err := l.Get(context.Background(), traceability.PartyKey(lab.Party))
	if diff := cmp.Diff(block.Transactions[0].Writes[0].Value, value); err != nil || diff != "" {
		t.Errorf("error %v, value (-block +state):\n%s", err, diff)
	}
	if value, err := l.Get(context.Background(), "party/none"); value != nil || err != nil {
		t.Errorf("an absent key: got %s, %v", value, err)
	}
}

// TestClockGoesBack holds that block time does not.
func TestClockGoesBack(t *testing.T) {
	t.Parallel()
	network := ledgertest.NewNetwork(t)
	genesis := network.Genesis()
	start := time.Date(2026, 3, 1, 8, 0, 0, 999, time.FixedZone("", 8*60*60))
	var now atomic.Pointer[time.Time]
	now.Store(&start)
	l := mustOpen(t, t.TempDir(), Options{Genesis: &genesis, Clock: func() time.Time { return *now.Load() }})
	for i, step := range []struct{ clock, want time.Duration }{{-4 * time.Minute, 0}, {time.Minute, time.Minute}, {30 * time.Second, time.Minute}} {
		clock := start.Add(step.clock)
		now.Store(&clock)
		_, admission := network.Laboratory(t, i)
		if got, want := mustSubmit(t, l, admission).Time, traceability.Instant(start).Add(step.want); !got.Equal(want) {
			t.Errorf("step %d: got %s, want %s", i, got, want)
		}
	}
	mustVerify(t, l)
}

// TestSameClockSameHash holds that two ledgers with the same genesis, clock and
// documents are the same to the last byte.
func TestSameClockSameHash(t *testing.T) {
	t.Parallel()
	network := ledgertest.NewNetwork(t)
	genesis := network.Genesis()
	lab, admission := network.Laboratory(t, 1)
	documents := [][]string{{admission}, {ledgertest.SignedReport(t, lab, 1), ledgertest.SignedReport(t, lab, 2)}}
	var heads []traceability.Head
	for range 2 {
		l := mustOpen(t, t.TempDir(), Options{Genesis: &genesis, Clock: func() time.Time { return ledgertest.Signed }})
		for _, batch := range documents {
			mustSubmit(t, l, batch...)
		}
		heads = append(heads, mustVerify(t, l))
	}
	if diff := cmp.Diff(heads[0], heads[1]); diff != "" {
		t.Errorf("heads (-one +other):\n%s", diff)
	}
}

// TestBusy stops the committer's clock, so that submissions pile up: those over
// the limit are refused at once, the others are answered when it goes on.
func TestBusy(t *testing.T) {
	t.Parallel()
	network := ledgertest.NewNetwork(t)
	genesis := network.Genesis()
	var stopped sync.Mutex
	const room = 3
	l := mustOpen(t, t.TempDir(), Options{
		Genesis: &genesis,
		Clock:   func() time.Time { stopped.Lock(); defer stopped.Unlock(); return time.Now() },
		limits:  limits{waiting: load{submissions: room, bytes: 1 << 20}, block: defaultLimits.block},
	})
	_, admission := network.Laboratory(t, 1)
	stopped.Lock()
	answers := make(chan error, room)
	for range room {
		go func() {
			_, err := l.Submit(context.Background(), []string{admission})
			answers <- err
		}()
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		waiting := l.waiting
		l.mu.Unlock()
		if waiting.submissions == room {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d submissions wait, want %d", waiting.submissions, room)
		}
	}
	if _, err := l.Submit(context.Background(), []string{admission}); !errors.Is(err, traceability.ErrBusy) {
		t.Errorf("one too many: got %v, want %v", err, traceability.ErrBusy)
	}
	stopped.Unlock()
	for range room {
		if err := <-answers; err != nil {
			t.Errorf("one that waited: %v", err)
		}
	}
	mustClose(t, l)
	if l.waiting != (load{}) {
		t.Errorf("after all answers %+v wait", l.waiting)
	}
}
