package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entries reads a backup as any program can.
func entries(tb testing.TB, path string) (names []string, contents map[string][]byte) {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	contents = make(map[string][]byte)
	for in := tar.NewReader(f); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return names, contents
		}
		if err != nil {
			tb.Fatal(err)
		}
		b, err := io.ReadAll(in)
		if err != nil {
			tb.Fatal(err)
		}
		names, contents[header.Name] = append(names, header.Name), b
	}
}

// TestBackup saves a data folder while its server runs and when it does not, and
// restores both: everything acknowledged before is there, the keys are the same,
// the read model comes out the same, and the ledger goes on.
func TestBackup(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.stop()
	data := "--data=" + filepath.Join(w.dir, "data")
	p := mustProcess(t, w.args...)
	l := &load{world: w}
	l.key(lab)
	if !l.submit(p.url, l.batch()) {
		t.Fatal("not taken")
	}
	online, offline := filepath.Join(w.dir, "online.tar"), filepath.Join(w.dir, "offline.tar")
	said := mustRun(t, "backup", data, online)
	p.terminate()
	if again := mustRun(t, "backup", data, offline); strings.Fields(again)[2] != strings.Fields(said)[2] {
		t.Errorf("while the server ran: %s, then: %s", said, again)
	}
	want := strings.TrimPrefix(mustRun(t, "verify", data), "OK ")
	dump := mustRun(t, "dump", data)
	for name, file := range map[string]string{"online": online, "offline": offline} {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
		names, _ := entries(t, file)
		for _, must := range []string{"backup.json", "webhooks.db", "webhook-key.pem", "cursor-key", "ledger/acknowledged"} {
			if !slices.Contains(names, must) {
				t.Errorf("%s: %s is not in the backup, which has %v", name, must, names)
			}
		}
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "readmodel") }) {
			t.Errorf("%s: the read model is in it: %v", name, names)
		}
		restored := filepath.Join(w.dir, "restored-"+name)
		if out := mustRun(t, "restore", file, "--data="+restored); !strings.HasPrefix(out, "OK block ") {
			t.Error(out)
		}
		if found := strings.TrimPrefix(mustRun(t, "verify", "--data="+restored), "OK "); found != want {
			t.Errorf("%s: the restored ledger is %s, want %s", name, found, want)
		}
		if diff := cmp.Diff(mustRead(t, filepath.Join(w.dir, "data", "webhook-key.pem")), mustRead(t, filepath.Join(restored, "webhook-key.pem"))); diff != "" {
			t.Errorf("%s: the key differs", name)
		}
		if out := mustRun(t, "rebuild", "--data="+restored); !strings.HasPrefix(out, "OK") {
			t.Error(out)
		}
		if diff := cmp.Diff(dump, mustRun(t, "dump", "--data="+restored)); diff != "" {
			t.Errorf("%s: the read model differs:\n%s", name, diff)
		}
		q := mustProcess(t, append(slices.Clone(w.args), "--data="+restored)...)
		l.check(q.url, l.acknowledged)
		if !l.submit(q.url, l.batch()) {
			t.Errorf("%s: the restored ledger does not go on", name)
		}
		q.terminate()
		l.acknowledged = l.acknowledged[:5]
	}
	if left, err := filepath.Glob(filepath.Join(w.dir, "data", ".backup-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func mustRead(tb testing.TB, path string) []byte {
	tb.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestRestoreRefuses holds that a folder that has something in it, and a backup
// that is not whole, not what its manifest says, or of a ledger that does not hold
// together, leave nothing behind.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.stop()
	good := filepath.Join(w.dir, "good.tar")
	mustRun(t, "backup", "--data="+filepath.Join(w.dir, "data"), good)
	if out, err := program("backup", "--data="+filepath.Join(w.dir, "data"), good).CombinedOutput(); err == nil || !strings.Contains(string(out), "there already") {
		t.Errorf("a backup over another: %s", out)
	}
	names, contents := entries(t, good)
	whole := mustRead(t, good)
	for _, tt := range []struct {
		name  string
		bytes func() []byte
		says  string
	}{
		{"cut off", func() []byte { return whole[:len(whole)/2] }, "whole backup"},
		{"nothing", func() []byte { return nil }, "whole backup"},
		{"a byte changed", func() []byte {
			b := bytes.Clone(whole)
			b[bytes.Index(b, contents["webhook-key.pem"])+40] ^= 1
			return b
		}, "digest"},
		{"a way out", func() []byte {
			return bytes.ReplaceAll(whole, []byte("webhook-key.pem"), []byte("../bhook-key.pem")[:15])
		}, "entry"},
		{"another head", func() []byte {
			head := strings.SplitN(string(contents["backup.json"]), `"hash": "`, 2)[1][:8]
			return bytes.Replace(whole, []byte(head), []byte("00000000"), 1)
		}, "its manifest says"},
		{"more than its manifest", func() []byte {
			var b bytes.Buffer
			out := tar.NewWriter(&b)
			for _, name := range append(slices.Clone(names), "extra") {
				if err := out.WriteHeader(&tar.Header{Name: name, Size: int64(len(contents[name])), Mode: 0o600}); err != nil {
					t.Fatal(err)
				}
				out.Write(contents[name])
			}
			out.Close()
			return b.Bytes()
		}, "more in it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			file, data := filepath.Join(dir, "bad.tar"), filepath.Join(dir, "data")
			if err := os.WriteFile(file, tt.bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := program("restore", file, "--data="+data).CombinedOutput()
			if err == nil || !strings.Contains(string(out), tt.says) {
				t.Errorf("%v: %s", err, out)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := program("restore", good, "--data="+full).CombinedOutput(); err == nil || !strings.Contains(string(out), "not empty") {
		t.Errorf("into a folder that is not empty: %s", out)
	}
}

// TestNothingIsMadeForNothing holds that a program started without a ledger and
// without a genesis leaves no folder.
func TestNothingIsMadeForNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := program("serve", "--listen=127.0.0.1:0")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "genesis") {
		t.Errorf("%v: %s", err, out)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
