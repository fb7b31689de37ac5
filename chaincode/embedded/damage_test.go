package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// mustDamage flips bytes in the middle of every table of a closed ledger.
func mustDamage(t *testing.T, dir string) {
	t.Helper()
	tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("the ledger has no tables: %v", err)
	}
	for _, table := range tables {
		b, err := os.ReadFile(table)
		if err != nil {
			t.Fatal(err)
		}
		for i := len(b) / 3; i < len(b)/3+64; i++ {
			b[i] ^= 0x5a
		}
		if err := os.WriteFile(table, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDamageIsPermanent holds that damage ends a reader with the block and the
// file, that nothing is written on a damaged ledger, and that it stays open for
// what can be read.
func TestDamageIsPermanent(t *testing.T) {
	t.Parallel()
	l, lab := mustLive(t)
	mustClose(t, l)
	mustClose(t, mustOpen(t, l.dir, Options{})) // what was in the log goes to a table
	mustDamage(t, l.dir)
	l = mustOpen(t, l.dir, Options{})
	var met error
	for _, err := range l.Blocks(t.Context(), 0) {
		if met = err; err != nil {
			break
		}
	}
	var damage *DamageError
	if !errors.As(met, &damage) || !errors.Is(met, traceability.ErrDamaged) || !damage.Permanent() {
		t.Fatalf("Blocks: %v", met)
	}
	if damage.Block == nil || !strings.HasSuffix(damage.File, ".sst") || strings.Contains(met.Error(), "<") || strings.Contains(met.Error(), "\n") {
		t.Errorf("it does not say plainly where: %v", met)
	}
	if _, err := l.Submit(context.Background(), []string{ledgertest.SignedReport(t, lab, 900)}); !errors.Is(err, traceability.ErrDamaged) {
		t.Errorf("Submit on a damaged ledger: %v", err)
	}
	if says := codes(l); says != string(traceability.CodeDamaged) {
		t.Errorf("it says %q", says)
	}
	if _, err := l.Head(context.Background()); err != nil {
		t.Errorf("Head: %v", err)
	}
	mustClose(t, l)
	if _, err := Verify(t.Context(), l.dir, nil); err == nil || strings.Contains(err.Error(), "<") || strings.Contains(err.Error(), "\n") {
		t.Errorf("Verify: %v", err)
	}
}

// TestSnapshot holds that a copy of a ledger, taken while it is open or not, is a
// ledger with the same head that goes on by itself, and leaves the first as it is.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	l, lab := mustLive(t)
	live := mustVerify(t, l)
	open, closed := filepath.Join(t.TempDir(), "open"), filepath.Join(t.TempDir(), "closed")
	head, err := l.Snapshot(open)
	if err != nil || head != live {
		t.Errorf("Snapshot: %v, %v; want %v", head, err, live)
	}
	mustSubmit(t, l, ledgertest.SignedReport(t, lab, 901))
	later := mustVerify(t, l)
	if _, err := Snapshot(t.Context(), l.dir, closed); !errors.Is(err, ErrInUse) {
		t.Errorf("Snapshot of an open ledger: %v", err)
	}
	mustClose(t, l)
	if head, err := Snapshot(t.Context(), l.dir, closed); err != nil || head != later {
		t.Errorf("Snapshot: %v, %v; want %v", head, err, later)
	}
	for dir, want := range map[string]traceability.Head{open: live, closed: later} {
		if got, err := Verify(t.Context(), dir, nil); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", dir, got, err, want)
		}
		mustSubmit(t, mustOpen(t, dir, Options{}), ledgertest.SignedReport(t, lab, 902))
	}
	if got, err := Verify(t.Context(), l.dir, nil); err != nil || got != later {
		t.Errorf("the first: %v, %v; want %v", got, err, later)
	}
}

// mustReadOnly makes a folder one that this process cannot write in.
func mustReadOnly(t *testing.T, dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		if err := os.Chmod(filepath.Join(dir, lockFile), 0o400); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(dir, 0o700) })
		return
	}
	if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("root may write everywhere, and nothing may be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	if err := syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyWithoutWriting holds that a folder that may not be written in can be
// verified.
func TestVerifyWithoutWriting(t *testing.T) {
	t.Parallel()
	l, _ := mustLive(t)
	live := mustVerify(t, l)
	mustClose(t, l)
	mustReadOnly(t, l.dir)
	if got, err := Verify(t.Context(), l.dir, nil); err != nil || got != live {
		t.Errorf("%v, %v; want %v", got, err, live)
	}
}

// TestNoLedgerNoFolder holds that nothing is made where there is nothing to start
// a ledger from.
func TestNoLedgerNoFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data", "ledger")
	if _, err := Open(dir, Options{Logger: quiet}); err == nil || !strings.Contains(err.Error(), "genesis") {
		t.Errorf("Open: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder was made: %v", err)
	}
}
