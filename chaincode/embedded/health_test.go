package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// codes are the words of what ails a ledger.
func codes(l *Ledger) string {
	var words []string
	for _, a := range l.Ailments() {
		words = append(words, string(a.Code))
	}
	return strings.Join(words, " ")
}

// meter is a disk that says how much room it has.
type meter struct {
	vfs.FS
	free atomic.Uint64
}

func (m *meter) GetDiskUsage(string) (vfs.DiskUsage, error) {
	return vfs.DiskUsage{AvailBytes: m.free.Load(), TotalBytes: 1 << 40}, nil
}

// TestFullDisk holds that a ledger whose disk is full takes nothing and gives
// everything, and takes again by itself; and that it is not opened on such a disk.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	network := ledgertest.NewNetwork(t)
	genesis, dir, disk := network.Genesis(), t.TempDir(), &meter{FS: vfs.Default}
	disk.free.Store(1 << 40)
	l := mustOpen(t, dir, Options{Genesis: &genesis, fs: disk})
	_, admission := network.Laboratory(t, 1)
	for _, step := range []struct {
		free  uint64
		says  string
		taken bool
	}{
		{1 << 40, "", true},
		{DefaultFloor + 1, "disk_low", true},
		{DefaultFloor - 1, "disk_full", false},
		{0, "disk_full", false},
		{1 << 40, "", true},
	} {
		disk.free.Store(step.free)
		before, _ := l.Head(context.Background())
		_, err := l.Submit(context.Background(), []string{admission})
		if step.taken != (err == nil) || !step.taken && !errors.Is(err, traceability.ErrNoSpace) {
			t.Errorf("%d free: %v", step.free, err)
		}
		if says := codes(l); says != step.says {
			t.Errorf("%d free: it says %q, want %q", step.free, says, step.says)
		}
		if after, err := l.Head(context.Background()); err != nil || !step.taken && after != before {
			t.Errorf("%d free: head %v, then %v, %v", step.free, before, after, err)
		}
		mustVerify(t, l)
	}
	mustClose(t, l)
	disk.free.Store(DefaultFloor - 1)
	if _, err := Open(dir, Options{Logger: quiet, fs: disk}); !errors.Is(err, traceability.ErrNoSpace) || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("Open on a full disk: %v", err)
	}
	mustVerify(t, mustOpen(t, dir, Options{fs: disk, Floor: -1}))
}

// unflushable is a disk on which nothing but tables cannot be written, as a full
// one on which the log is there already. It counts the tries.
func unflushable(tries *atomic.Int64) vfs.FS {
	return errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpCreate && strings.HasSuffix(op.Path, ".sst") {
			tries.Add(1)
			return syscall.ENOSPC
		}
		return nil
	}))
}

// mustAbandon leaves a folder as a killed process does: with a log to be replayed.
func mustAbandon(t *testing.T) (dir string, head traceability.Head) {
	t.Helper()
	network := ledgertest.NewNetwork(t)
	l := mustStart(t, network)
	_, admission := network.Laboratory(t, 1)
	mustSubmit(t, l, admission)
	dir = filepath.Join(t.TempDir(), "ledger")
	head, err := l.Snapshot(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, head
}

// TestOpeningGivesUp holds that a ledger that cannot be opened for want of room
// ends after a few tries, and says why; and that it obeys its context.
func TestOpeningGivesUp(t *testing.T) {
	t.Parallel()
	dir, head := mustAbandon(t)
	var tries atomic.Int64
	_, err := Open(dir, Options{Logger: quiet, fs: unflushable(&tries)})
	if err == nil || !strings.Contains(err.Error(), "no space left") || !strings.Contains(err.Error(), "start again") {
		t.Errorf("Open: %v", err)
	}
	if n := tries.Load(); n > 2*mostTries {
		t.Errorf("Open tried %d times", n)
	}
	copied, _ := mustAbandon(t)
	ctx, cancel := context.WithCancel(t.Context())
	interrupting := errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpCreate && strings.HasSuffix(op.Path, ".sst") {
			cancel()
			return syscall.ENOSPC
		}
		return nil
	}))
	if _, err := OpenContext(ctx, copied, Options{Logger: quiet, fs: interrupting}); !errors.Is(err, context.Canceled) {
		t.Errorf("OpenContext: %v", err)
	}
	// The attempt keeps the folder in this process; a copy of it is sound.
	again := filepath.Join(t.TempDir(), "ledger")
	if err := os.CopyFS(again, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if got := mustVerify(t, mustOpen(t, again, Options{})); got.Number != head.Number || got.Hash != head.Hash {
		t.Errorf("opened at %v, want %v", got, head)
	}
}

// TestClockBehindLedger holds that nothing is written after a block of a time that
// has not come, until the clock is right or the operator accepts that very time.
func TestClockBehindLedger(t *testing.T) {
	t.Parallel()
	network := ledgertest.NewNetwork(t)
	genesis, dir := network.Genesis(), t.TempDir()
	var now atomic.Int64
	clock := func() time.Time { return time.Unix(now.Load(), 0) }
	today := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	later := today.AddDate(1, 0, 0)
	now.Store(later.Unix())
	l := mustOpen(t, dir, Options{Genesis: &genesis, Clock: clock})
	mustClose(t, l)
	_, admission := network.Laboratory(t, 1)
	for _, tt := range []struct {
		name   string
		now    time.Time
		accept time.Time
		taken  bool
	}{
		{"a year behind", today, time.Time{}, false},
		{"a year behind, an earlier time accepted", today, later.Add(-time.Second), false},
		{"more than the skew behind", later.Add(-traceability.ClockSkew - time.Second), time.Time{}, false},
		{"the skew behind", later.Add(-traceability.ClockSkew), time.Time{}, true},
		{"a year behind, accepted", today, later, true},
	} {
		now.Store(tt.now.Unix())
		l := mustOpen(t, dir, Options{Clock: clock, Accept: tt.accept})
		_, err := l.Submit(context.Background(), []string{admission})
		if tt.taken != (err == nil) || !tt.taken && (!errors.Is(err, traceability.ErrClock) || !strings.Contains(err.Error(), "2027-11-30")) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if says := codes(l); (says == "") != tt.taken || !tt.taken && says != string(traceability.CodeClock) {
			t.Errorf("%s: it says %q", tt.name, says)
		}
		if _, err := l.Head(context.Background()); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		mustClose(t, l)
	}
}

// TestClockJumps holds that a jump of the clock is told of for an hour.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	network := ledgertest.NewNetwork(t)
	genesis := network.Genesis()
	var passed, jumped atomic.Int64
	start := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	l := mustOpen(t, t.TempDir(), Options{Genesis: &genesis,
		Clock:  func() time.Time { return start.Add(time.Duration(passed.Load() + jumped.Load())) },
		passed: func() time.Duration { return time.Duration(passed.Load()) },
	})
	for i, step := range []struct {
		passes, jumps time.Duration
		says          string
	}{
		{0, 0, ""}, {24 * time.Hour, 0, ""}, {time.Minute, traceability.ClockSkew, ""},
		{time.Minute, traceability.ClockSkew + time.Second, "clock_jumped"}, {59 * time.Minute, 0, "clock_jumped"}, {2 * time.Minute, 0, ""},
		{time.Minute, -24 * time.Hour, "clock_jumped"},
	} {
		passed.Add(int64(step.passes))
		jumped.Add(int64(step.jumps))
		if step.jumps >= 0 {
			_, admission := network.Laboratory(t, i)
			mustSubmit(t, l, admission)
		} else {
			l.accepted = start.AddDate(1, 0, 0)
		}
		if says := codes(l); says != step.says {
			t.Errorf("step %d: it says %q, want %q", i, says, step.says)
		}
	}
}
