package launcher_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltatrace/network/launcher"
)

func detached(t *testing.T, script string) launcher.Detached {
	t.Helper()
	dir := t.TempDir()
	d := launcher.Detached{
		Process: launcher.Process{
			Name: "sample", Path: "/bin/sh", Args: []string{"-c", script}, Log: filepath.Join(dir, "log"),
			StartWithin: 5 * time.Second, StopWithin: time.Second,
			Ready: func(context.Context) error {
				if _, err := os.Stat(filepath.Join(dir, "ready")); err != nil {
					return err
				}
				return nil
			},
		},
		PIDFile: filepath.Join(dir, "pid"),
	}
	d.Env = []string{"DIR=" + dir}
	t.Cleanup(func() { _ = d.Kill() })
	return d
}

func TestDetached(t *testing.T) {
	t.Parallel()
	d := detached(t, `trap 'exit 0' TERM; touch $DIR/ready; while :; do sleep 0.05; done`)
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	pid := d.PID()
	if pid == 0 {
		t.Fatal("it was started and does not run")
	}
	again := launcher.Detached{Process: d.Process, PIDFile: d.PIDFile} // as a later program has it
	if err := again.Start(t.Context()); err != nil || again.PID() != pid {
		t.Errorf("started again: process %d (%v), want the running one, %d", again.PID(), err, pid)
	}
	if err := again.Stop(); err != nil {
		t.Errorf("Stop: %v", err)
	}
	if d.PID() != 0 {
		t.Error("it was stopped and runs")
	}
	if err := d.Stop(); err != nil {
		t.Errorf("stopping what does not run: %v", err)
	}
	if err := d.Signal(syscall.SIGHUP); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a signal to what does not run: %v", err)
	}
}

func TestDetachedThatIgnoresTERM(t *testing.T) {
	t.Parallel()
	d := detached(t, `trap '' TERM; touch $DIR/ready; while :; do sleep 0.05; done`)
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Stop(); err == nil || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("Stop: %v, want to hear that it was killed", err)
	}
	if d.PID() != 0 {
		t.Error("it was killed and runs")
	}
}

func TestDetachedThatDies(t *testing.T) {
	t.Parallel()
	d := detached(t, `echo the cause; exit 3`)
	if err := d.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "the cause") || !strings.Contains(err.Error(), d.Log) {
		t.Errorf("Start: %v, want the log's end and place", err)
	}
}

// TestDetachedTakesNoStranger writes the id of another process into the file:
// it must not be taken for ours, nor be ended.
func TestDetachedTakesNoStranger(t *testing.T) {
	t.Parallel()
	stranger := detached(t, `touch $DIR/ready; while :; do sleep 0.05; done`)
	if err := stranger.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := detached(t, `exit 0`)
	for _, content := range []string{fmt.Sprintf("%d 1\n", stranger.PID()), fmt.Sprintf("%d\n", stranger.PID()), "1 1\n", "-1 1\n", "x", ""} {
		if err := os.WriteFile(d.PIDFile, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if pid := d.PID(); pid != 0 {
			t.Errorf("with %q in the file: process %d is taken for ours", content, pid)
		}
		if err := d.Stop(); err != nil {
			t.Errorf("with %q in the file: Stop: %v", content, err)
		}
	}
	if stranger.PID() == 0 {
		t.Error("the stranger was ended")
	}
}

// TestDetachedThatIsWatched has a process die: it is known by its file that it is to
// run, and is revived once. What was stopped, or replaced by another, is not.
func TestDetachedThatIsWatched(t *testing.T) {
	t.Parallel()
	d := detached(t, `trap 'exit 0' TERM; touch $DIR/ready; while :; do sleep 0.05; done`)
	if err := d.Revive(t.Context()); err != nil || d.PID() != 0 || d.Died() {
		t.Errorf("what was never started: process %d (%v), died %v; want none", d.PID(), err, d.Died())
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := d.PID()
	if err := d.Revive(t.Context()); err != nil || d.PID() != first {
		t.Errorf("revived while it runs: process %d (%v), want %d", d.PID(), err, first)
	}
	if err := d.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for d.PID() != 0 {
		time.Sleep(10 * time.Millisecond)
	}
	if !d.Died() {
		t.Error("it was killed, and is not known to have died")
	}
	if err := d.Revive(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := d.PID()
	if second == 0 || second == first || d.Died() {
		t.Errorf("after Revive: process %d, died %v; want another than %d", second, d.Died(), first)
	}
	if err := d.Replace(t.Context(), first); err != nil || d.PID() != second {
		t.Errorf("replaced by an old id: process %d (%v), want %d", d.PID(), err, second)
	}
	if err := d.Replace(t.Context(), second); err != nil || d.PID() == second || d.PID() == 0 {
		t.Errorf("replaced: process %d (%v), want another than %d", d.PID(), err, second)
	}
	if err := d.Hold(); err != nil || !d.Held() {
		t.Errorf("Hold: %v, held %v", err, d.Held())
	}
	if err := d.Stop(); err != nil || d.Held() || d.Died() {
		t.Errorf("Stop: %v; held %v, died %v; want neither", err, d.Held(), d.Died())
	}
	if err := d.Revive(t.Context()); err != nil || d.PID() != 0 {
		t.Errorf("revived after it was stopped: process %d (%v)", d.PID(), err)
	}
}
