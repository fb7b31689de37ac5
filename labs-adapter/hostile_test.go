package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// hostile is a text that would steer a terminal: clear it, set its title, write over a
// line, turn the direction, in C0, C1 and by marks; and bytes that are no UTF-8.
const hostile = "A\x1b[2J\x1b]0;x\x07\r\x7f\u009b31m\u202eB\u2028\xff"

// steering is what of a text would steer; none in what was passed on.
func steering(text string) (found []rune) {
	for _, r := range text {
		if r != '\n' && r != '\t' && steers(r) {
			found = append(found, r)
		}
	}
	return found
}

// However a text is cut into writes, nothing of it steers, nothing is lost, and in JSON
// it reads as what it was.
func FuzzPrintable(f *testing.F) {
	f.Add(hostile, 3)
	f.Add("检验报告\n", 1)
	f.Add("\U000e0001", 2)
	f.Fuzz(func(t *testing.T, text string, at int) {
		var cut, whole bytes.Buffer
		to := &printable{to: &cut}
		for rest := text; rest != ""; {
			n := max(1, min(len(rest), at%7))
			if wrote, err := to.Write([]byte(rest[:n])); wrote != n || err != nil {
				t.Fatal(wrote, err)
			}
			rest = rest[n:]
		}
		(&printable{to: &whole}).Write([]byte(text))
		if cut.String() != whole.String() || len(steering(whole.String())) > 0 || !utf8.ValidString(whole.String()) {
			t.Fatalf("%q: %q, in pieces %q", text, whole.String(), cut.String())
		}
		if !utf8.ValidString(text) || strings.Contains(text, `\`) {
			return
		}
		encoded, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		(&printable{to: &out}).Write(encoded)
		var back string
		if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != text {
			t.Fatalf("%q comes back as %q: %v", text, back, err)
		}
	})
}

// Cells, headers, names of files and answers of the API reach neither terminal nor
// result with anything that steers.
func TestNothingSteersTheTerminal(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	dir := t.TempDir()
	evil := strings.TrimSuffix(hostile, "\xff")
	name := "evil\x1b[31m\u009b\u202e.csv"
	path := put(t, dir, name, "报告编号,检验项目,实测值,单项判定,检验类别,"+evil+"\n"+
		"SP1,铅"+evil+",0.1"+evil+",符合规定,监督抽检,x\nSP2,铅,0.1,"+evil+",监督抽检,x\n")
	for _, format := range []string{"text", "json"} {
		_, stdout, stderr := runProgram(t, "check", path, "--format", format, "--progress")
		if stdout == "" || len(steering(stdout+stderr)) > 0 {
			t.Errorf("%s: %q in\n%q\n%q", format, steering(stdout+stderr), stdout, stderr)
		}
	}
	api := newRecorder(t, key)
	api.before = func(w http.ResponseWriter, _ int) bool {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusConflict)
		text, _ := json.Marshal(evil)
		fmt.Fprintf(w, `{"code":%s,"zh":%s,"en":%s}`, text, text, text)
		return true
	}
	_, stdout, stderr := runProgram(t, "submit", "examples/export.csv", "--api", api.URL, "--key", key, "--patience", "0s")
	if !strings.Contains(stdout+stderr, `\u001b`) || len(steering(stdout+stderr)) > 0 {
		t.Errorf("the API's answer: %q", stdout+stderr)
	}
	api.set(func(r *recorder) { r.before = nil })
	program, errs := watching(t, api, key, dir)
	rejected := filepath.Join(dir, rejectedFolder, name)
	eventually(t, "taken", func() bool { _, err := os.Stat(rejected); return err == nil })
	stop(t, program, errs)
	text, err := os.ReadFile(rejected + resultSuffix)
	if err != nil || len(text) == 0 || len(steering(string(text)+errs.String())) > 0 {
		t.Errorf("%q, %q, %v", text, errs, err)
	}
}

// What is no regular file is refused, and does not hold the program up.
func TestOnlyRegularFilesAreRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.csv")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	key := newKey(t, lab)
	good := filepath.Join("examples", "export.csv")
	for name, arguments := range map[string][]string{
		"a pipe":              {"check", pipe},
		"a device":            {"check", "/dev/zero"},
		"a folder":            {"check", dir},
		"a register's pipe":   {"register", "check", pipe},
		"a pipe of limits":    {"limits", pipe, "--source", "x", "--api", "http://127.0.0.1:1", "--key", key},
		"a pipe for a key":    {"submit", good, "--api", "http://127.0.0.1:1", "--key", pipe},
		"a pipe to be sent":   {"submit", pipe, "--api", "http://127.0.0.1:1", "--key", key},
		"an endless key file": {"submit", good, "--api", "http://127.0.0.1:1", "--key", "/dev/zero"},
	} {
		status, stdout, stderr := runProgram(t, arguments...) // one that waits is killed with the test
		if status != exitUsage || !strings.Contains(stdout+stderr, "no regular file") {
			t.Errorf("%s: status %d: %s%s", name, status, stdout, stderr)
		}
	}
}

// A key that others can read or change is refused, with what to do.
func TestKeyFilesOfOthers(t *testing.T) {
	t.Parallel()
	api := newRecorder(t, newKey(t, lab))
	for mode, good := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: true, 0o644: false, 0o660: false, 0o602: false, 0o666: false, 0o777: false} {
		key := newKey(t, lab)
		if err := os.Chmod(key, mode); err != nil {
			t.Fatal(err)
		}
		status, _, stderr := runProgram(t, "submit", "examples/export.csv", "--api", api.URL, "--key", key)
		if (status != exitUsage) != good || !good && !strings.Contains(stderr, "chmod 600") {
			t.Errorf("%04o: status %d: %s", mode, status, stderr)
		}
	}
}

// Links that somebody plants in the drop folder are not followed: what they lead to
// stays as it is, and nothing goes there.
func TestWatchFollowsNoLinks(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	api := newRecorder(t, key)
	dir, elsewhere := t.TempDir(), t.TempDir()
	victim := put(t, elsewhere, "victim.txt", "untouched")
	for _, name := range []string{".a.csv.result.json.tmp", "b.csv"} {
		if err := os.Symlink(victim, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	export(t, dir, "a.csv", 1, 2)
	program, stderr := watching(t, api, key, dir)
	eventually(t, "done", func() bool { return len(names(t, filepath.Join(dir, doneFolder))) == 2 })
	stop(t, program, stderr)
	if text, err := os.ReadFile(victim); err != nil || string(text) != "untouched" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "b.csv")); err != nil {
		t.Error("a link was taken for a file:", err)
	}
	other := t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(other, doneFolder)); err != nil {
		t.Fatal(err)
	}
	c, _, errs := command(t, "watch", other, "--api", api.URL, "--key", key)
	if err := c.Run(); err == nil || c.ProcessState.ExitCode() != exitUsage || !strings.Contains(errs.String(), doneFolder) {
		t.Errorf("%v: %s", err, errs)
	}
}
