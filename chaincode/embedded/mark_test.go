package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"deltatrace/traceability/ledgertest"
)

// A damaged log reads like the torn end that a crash leaves. The blocks behind
// the damage must not vanish silently.
func TestDamagedLogIsNoticed(t *testing.T) {
	t.Parallel()
	ledger, lab := mustLive(t)
	for i := range 5 {
		mustSubmit(t, ledger, ledgertest.SignedReport(t, lab, 1000+i))
	}
	// The log as it is while the owner runs; closing it would tidy up.
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(ledger.dir)); err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no log: %v", err)
	}
	log := logs[len(logs)-1]
	content, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	written := len(content)
	for written > 0 && content[written-1] == 0 {
		written--
	}
	content[written/2] ^= 0xff
	if err := os.WriteFile(log, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(context.Background(), dir, func(uint64) {}); !errors.Is(err, ErrLostBlocks) {
		t.Errorf("verify: got %v", err)
	}
	if damaged, err := Open(dir, Options{}); !errors.Is(err, ErrLostBlocks) {
		t.Errorf("open: got %v", err)
		if err == nil {
			mustClose(t, damaged)
		}
	}
	// The operator's way out, which the message names.
	if err := os.Remove(filepath.Join(dir, markFile)); err != nil {
		t.Fatal(err)
	}
	kept := mustOpen(t, dir, Options{})
	mustVerify(t, kept)
}

// A mark that a power cut left torn says nothing.
func TestTornMark(t *testing.T) {
	t.Parallel()
	ledger, _ := mustLive(t)
	dir := ledger.dir
	mustClose(t, ledger)
	for _, torn := range []string{"", "0000", "00000000000000000099 abc\n", "\x00\x00"} {
		if err := os.WriteFile(filepath.Join(dir, markFile), []byte(torn), 0o600); err != nil {
			t.Fatal(err)
		}
		mustClose(t, mustOpen(t, dir, Options{}))
	}
}
