package launcher_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deltatrace/network/launcher"
)

// shell is a process that runs a script with /bin/sh.
func shell(t *testing.T, name, script string) launcher.Process {
	return launcher.Process{Name: name, Path: "/bin/sh", Args: []string{"-c", script}, Log: filepath.Join(t.TempDir(), name+".log")}
}

func fileReady(path string) func(context.Context) error {
	return func(context.Context) error { _, err := os.Stat(path); return err }
}

func TestOrder(t *testing.T) {
	t.Parallel()
	diary := filepath.Join(t.TempDir(), "diary")
	script := func(name string) string {
		return `trap 'echo stop ` + name + ` >>` + diary + `; exit 0' TERM; echo start ` + name + ` >>` + diary + `; while :; do sleep 0.05; done`
	}
	first, second := shell(t, "first", script("first")), shell(t, "second", script("second"))
	first.Ready = fileReady(diary)
	second.Ready = func(context.Context) error {
		if content, _ := os.ReadFile(diary); !strings.Contains(string(content), "start second") {
			return errors.New("not yet")
		}
		return nil
	}
	group, err := launcher.Start(t.Context(), first, second)
	if err != nil {
		t.Fatal(err)
	}
	if err := group.Stop(); err != nil {
		t.Fatal(err)
	}
	content, _ := os.ReadFile(diary)
	if want := "start first\nstart second\nstop second\nstop first\n"; string(content) != want {
		t.Errorf("got %q, want %q", content, want)
	}
}

func TestFailureNamesProcessAndLog(t *testing.T) {
	t.Parallel()
	p := shell(t, "peer", "echo port 7051 is taken >&2; exit 3")
	p.Ready = fileReady("/nonexistent")
	_, err := launcher.Start(t.Context(), p)
	if err == nil || !strings.Contains(err.Error(), "peer ended before it was ready (exit status 3)") || !strings.Contains(err.Error(), "port 7051 is taken") {
		t.Errorf("got %v", err)
	}
}

func TestNotReadyInTime(t *testing.T) {
	t.Parallel()
	p := shell(t, "slow", "exec sleep 60")
	p.Ready, p.StartWithin = fileReady("/nonexistent"), 200*time.Millisecond
	if _, err := launcher.Start(t.Context(), p); err == nil || !strings.Contains(err.Error(), "slow is not ready") {
		t.Errorf("got %v", err)
	}
}

func TestDeathIsNoticed(t *testing.T) {
	t.Parallel()
	group, err := launcher.Start(t.Context(), shell(t, "brief", "sleep 0.1; exit 1"))
	if err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-group.Died():
		if !strings.Contains(err.Error(), "brief ended by itself") {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the death was not noticed")
	}
	if err := group.Stop(); err != nil {
		t.Error(err)
	}
}

func TestStubbornProcessIsKilled(t *testing.T) {
	t.Parallel()
	p := shell(t, "stubborn", `trap '' TERM; while :; do sleep 0.05; done`)
	p.StopWithin = 200 * time.Millisecond
	group, err := launcher.Start(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // let it set its trap
	if err := group.Stop(); err == nil || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("got %v", err)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	content := strings.Repeat("an old line\n", 100_000) + "last but one\nlast\n"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := launcher.Tail(path, 2); got != "last but one\nlast" {
		t.Errorf("got %q", got)
	}
	if err := os.WriteFile(path, []byte("only"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := launcher.Tail(path, 10); got != "only" {
		t.Errorf("got %q", got)
	}
}
