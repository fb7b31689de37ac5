package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"deltatrace/labs-adapter/conformance"
)

// TestConformanceCommand runs the program against what is no API of deltatrace:
// it says so for each check, for people and for machines. The suite itself is tried
// against the real API in package api.
func TestConformanceCommand(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	key := newKey(t, "plat:91320106MA1FPX121A")
	shops := filepath.Join(t.TempDir(), "shops.ndjson")
	if err := os.WriteFile(shops, []byte(`{"shop":"A","name":"甲","address":"","expect":[]}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"conformance", "--api", server.URL + "/", "--key", key, "--patience", "0s", "--shops", shops, "--skip", "quota,feed"}
	status, stdout, stderr := runProgram(t, arguments...)
	if status != exitRejected || !strings.Contains(stdout, "✗ FAIL  token") || !strings.Contains(stdout, "- skip  quota") || !strings.Contains(stdout, " 失败 failed") || stderr != "" {
		t.Errorf("%d\n%s\n%s", status, stdout, stderr)
	}
	status, stdout, _ = runProgram(t, append(arguments, "--json")...)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	for _, line := range lines {
		var r conformance.Result
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Check == "" || r.Status == "" {
			t.Errorf("%s: %v", line, err)
		}
	}
	if status != exitRejected || len(lines) < 20 {
		t.Errorf("%d: %d lines", status, len(lines))
	}
	bad := filepath.Join(t.TempDir(), "bad.ndjson")
	if err := os.WriteFile(bad, []byte(`{"shop":"A","adress":""}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, more := range map[string][]string{
		"of a laboratory":      {"--key", newKey(t, lab)},
		"no key":               {"--key", filepath.Join(t.TempDir(), "none")},
		"no address":           {"--api", "x"},
		"no shops":             {"--shops", bad},
		"no such check":        {"--skip", "everything"},
		"directory for nobody": {"--directory", "127.0.0.1:0"},
	} {
		if status, stdout, stderr := runProgram(t, append(arguments, more...)...); status != exitUsage || stdout != "" || stderr == "" {
			t.Errorf("%s: %d\n%s\n%s", name, status, stdout, stderr)
		}
	}
}

func FuzzReadShops(f *testing.F) {
	for _, seed := range []string{"", `{"shop":"A","name":"甲","address":"","expect":[]}`, "{}\n{}", `[]`, `{"expect":["EXPIRED"]}`, `{"shop":`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shops, err := conformance.ReadShops(strings.NewReader(text))
		if err != nil && shops != nil {
			t.Error("half of a file is read")
		}
	})
}
