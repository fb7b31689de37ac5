package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltatrace/traceability"
)

// mustSmallDisk mounts a disk of its own, which only root may.
func mustSmallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no disk can be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	return dir
}

// mustFill leaves no room on a disk.
func mustFill(t *testing.T, dir string) (file string) {
	t.Helper()
	file = filepath.Join(dir, "ballast")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 1<<20); err == nil; {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	f.Close() // it says that there is no room, too
	return file
}

// TestFullDisk fills the disk of a running server: nothing is taken, everything is
// read, and it goes on by itself; a server is not started on a full disk, and says
// why.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.stop()
	disk := mustSmallDisk(t, "128m")
	data := filepath.Join(disk, "data")
	if err := os.CopyFS(data, os.DirFS(filepath.Join(w.dir, "data"))); err != nil {
		t.Fatal(err)
	}
	args := append(append([]string{}, w.args...), "--data="+data, "--disk-floor=16")
	p := mustProcess(t, args...)
	ask := func(method, path string, body []byte) (int, http.Header, []byte) {
		r, err := http.NewRequest(method, p.url+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", mediaJSON)
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var b bytes.Buffer
		b.ReadFrom(response.Body)
		return response.StatusCode, response.Header, b.Bytes()
	}
	l := &load{world: w}
	l.key(lab)
	if !l.submit(p.url, l.batch()) {
		t.Fatal("not taken")
	}
	ballast := mustFill(t, disk)
	batch := l.batch()
	status, header, body := ask(http.MethodPost, "/v1/documents", batch)
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || mustDecode[Problem](t, body).Code != traceability.CodeNoSpace {
		t.Errorf("a submission to a full disk: %d %s", status, body)
	}
	if status, _, body := ask(http.MethodGet, "/readyz", nil); status != http.StatusServiceUnavailable || !strings.Contains(string(body), "disk_full") {
		t.Errorf("readyz: %d %s", status, body)
	}
	l.check(p.url, l.acknowledged)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if !l.submit(p.url, batch) {
		t.Error("it does not go on by itself")
	}
	if status, _, body := ask(http.MethodGet, "/readyz", nil); status != http.StatusOK {
		t.Errorf("readyz: %d %s", status, body)
	}
	p.kill()

	mustFill(t, disk)
	cmd := program(args...)
	stuck := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--disk-floor") || len(out) > 4096 {
		t.Errorf("a start on a full disk: %v: %d bytes: %.1000s", err, len(out), out)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	p = mustProcess(t, args...)
	l.check(p.url, l.acknowledged)
	p.terminate()
}
