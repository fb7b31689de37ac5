package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deltatrace/network/keyring"
	"deltatrace/traceability"
)

// The keys that sign are regulators', from files that are named or from a folder; who
// has none is told what is missing. That signing works is held in package api.
func TestInitDataCommand(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Error("without a key something is sent")
		}
		w.Write([]byte(`{"items":[]}`))
	}))
	t.Cleanup(server.Close)
	ring := keyring.Keyring{Dir: t.TempDir()}
	if _, err := ring.Genesis(); err != nil { // makes the four keys
		t.Fatal(err)
	}
	if _, err := ring.Key("lab:230912340001"); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "reg-310000.key.json")
	if err := os.WriteFile(broken, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		command initDataCommand
		keys    int // -1: refused
	}{
		"a folder":      {initDataCommand{Keys: ring.Dir}, 4},
		"one":           {initDataCommand{Key: []string{ring.Path(traceability.Regulator(traceability.Anhui))}}, 1},
		"none":          {initDataCommand{}, 0},
		"a laboratory":  {initDataCommand{Key: []string{ring.Path("lab:230912340001")}}, -1},
		"no such file":  {initDataCommand{Key: []string{filepath.Join(ring.Dir, "x")}}, -1},
		"a broken file": {initDataCommand{Keys: filepath.Dir(broken)}, -1},
		"empty folder":  {initDataCommand{Keys: t.TempDir()}, -1},
	} {
		keys, err := tc.command.keys()
		if (err != nil) != (tc.keys < 0) || err == nil && len(keys) != tc.keys {
			t.Errorf("%s: %d keys, %v", name, len(keys), err)
		}
	}
	var out bytes.Buffer
	command := initDataCommand{apiFlags: apiFlags{API: server.URL}}
	if err := command.run(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"timer/T14@1", "calendar/2026@1", "parameters/microbiological@1", "needs the signatures of 3 provinces", "needs the signatures of 4 provinces", "waits for Anhui", "limit/腐霉利/韭菜@2"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}
