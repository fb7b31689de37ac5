package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReadme walks the README as a newcomer: in a fresh copy of the project it
// runs `make demo`, every command under "Try it", a second start, and verify.
func TestReadme(t *testing.T) {
	if os.Getenv("DELTATRACE_LONG") == "" {
		t.Skip("a long test: set DELTATRACE_LONG=1, as make test does")
	}
	checkout := freshCopy(t)
	address := freeAddress(t)
	data := filepath.Join(t.TempDir(), "demo")
	block := readmeCommands(t, filepath.Join(checkout, "README.md"))
	if found := len(block["## Try it"]); found != 2 {
		t.Fatalf("the README has %d blocks under Try it, want 2", found)
	}

	first := startDemo(t, checkout, address, data)
	for _, command := range block["## Try it"][0] {
		command = strings.NewReplacer("127.0.0.1:8080", address, "data/demo", data).Replace(command)
		if output, err := run(t, checkout, command); err != nil {
			t.Errorf("%s: %v\n%s", command, err, output)
		} else {
			t.Logf("$ %s\n%s", command, output)
		}
	}
	before := get(t, "http://"+address+"/v1/lots")
	first.stop(t)

	began := time.Now()
	second := startDemo(t, checkout, address, data)
	t.Logf("second start: %s", time.Since(began).Round(10*time.Millisecond))
	if after := get(t, "http://"+address+"/v1/lots"); after != before {
		t.Errorf("the second start does not continue from the same ledger:\n%s\n%s", before, after)
	}
	second.stop(t)

	for _, command := range block["## Try it"][1] {
		command = strings.ReplaceAll(command, "data/demo", data)
		output, err := run(t, checkout, command)
		if err != nil {
			t.Errorf("%s: %v\n%s", command, err, output)
		}
		t.Logf("$ %s\n%s", command, output)
	}
}

// TestReadmeNetwork does the same with the commands of the Fabric network.
func TestReadmeNetwork(t *testing.T) {
	if os.Getenv("DELTATRACE_LONG") == "" {
		t.Skip("a long test: set DELTATRACE_LONG=1, as make test does")
	}
	checkout := freshCopy(t)
	otherPorts(t, filepath.Join(checkout, "network", "topology", "topology.yaml"))
	t.Cleanup(func() {
		down := exec.Command("bin/network", "down") // the test's context is done
		down.Dir = checkout
		if output, err := down.CombinedOutput(); err != nil {
			t.Errorf("bin/network down: %v\n%s", err, output)
		}
	})
	address := freeAddress(t)
	var api runningDemo
	for _, command := range readmeCommands(t, filepath.Join(checkout, "README.md"))["## The four provinces' network"][0] {
		command, _, _ = strings.Cut(command, "#")
		command = strings.ReplaceAll(command, "127.0.0.1:8081", address)
		if strings.HasPrefix(command, "bin/api serve") {
			api = start(t, checkout, "serving on", strings.Fields(command)...)
			t.Logf("%s", get(t, "http://"+address+"/v1/ledger"))
			continue
		}
		if strings.HasPrefix(command, "bin/network down") {
			api.stop(t)
		}
		began := time.Now()
		output, err := run(t, checkout, command)
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, output)
		}
		t.Logf("$ %s (%s)\n%s", command, time.Since(began).Round(time.Millisecond), output)
		if _, data, ok := cutLast(output, "参考数据"); ok && strings.Contains(data, "签署") && !strings.Contains(data, "not shipped") {
			t.Errorf("with all four keys signatures are still lacking:\n%s", data)
		}
	}
}

// cutLast cuts a text at the last place that has another.
func cutLast(text, sep string) (before, after string, found bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

// otherPorts moves the built-in topology, so that a network that runs here
// already is not in the way.
func otherPorts(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.ReplaceAll(string(content), ": 171", fmt.Sprintf(": %d", 310+rand.IntN(10)))
	if moved == string(content) {
		t.Fatalf("%s has other ports than this test knows", path)
	}
	if err := os.WriteFile(path, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
}

// freshCopy copies what git knows of the project, as a clone would.
func freshCopy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	command := fmt.Sprintf("cd .. && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t '%s' && cd '%s' && git init -q", dir, dir)
	if output, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
		t.Fatalf("copy: %v\n%s", err, output)
	}
	return dir
}

// readmeCommands returns the shell blocks of each section, as lines without
// comments.
func readmeCommands(t *testing.T, path string) map[string][][]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string][][]string{}
	section, inside := "", false
	for _, line := range strings.Split(string(content), "\n") {
		switch {
		case strings.HasPrefix(line, "```sh"):
			inside = true
			sections[section] = append(sections[section], nil)
		case strings.HasPrefix(line, "```"):
			inside = false
		case !inside && strings.HasPrefix(line, "#"):
			section = line
		case inside && line != "" && !strings.HasPrefix(line, "#"):
			last := len(sections[section]) - 1
			sections[section][last] = append(sections[section][last], line)
		}
	}
	return sections
}

type runningDemo struct{ *exec.Cmd }

// startDemo runs make demo and waits until it says that it is up.
func startDemo(t *testing.T, checkout, address, data string) runningDemo {
	t.Helper()
	return start(t, checkout, "deltatrace is up", "make", "demo", "LISTEN="+address, "DATA="+data)
}

// start runs a command that serves, and waits for the line that says so.
func start(t *testing.T, checkout, ready string, arguments ...string) runningDemo {
	t.Helper()
	command := exec.Command(arguments[0], arguments[1:]...)
	command.Dir = checkout
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) })
	up := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(reader)
		seen := false
		for lines.Scan() {
			t.Log(lines.Text())
			if !seen && strings.HasPrefix(lines.Text(), ready) {
				seen = true
				close(up)
			}
		}
	}()
	select {
	case <-up:
	case <-time.After(5 * time.Minute):
		t.Fatalf("%s is not up after 5 minutes", arguments)
	}
	return runningDemo{command}
}

// stop presses Ctrl-C.
func (d runningDemo) stop(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(-d.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- d.Wait() }()
	select {
	case <-done: // make reports the interrupt, which is right
	case <-time.After(30 * time.Second):
		t.Fatalf("%s does not stop on Ctrl-C", d.Args)
	}
}

func run(t *testing.T, dir, command string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "sh", "-c", command)
	shell.Dir = dir
	output, err := shell.CombinedOutput()
	return string(output), err
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", url, response.Status, err)
	}
	return string(body)
}

// freeAddress finds a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
