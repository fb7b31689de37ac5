package main

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"deltatrace/network/topology"
)

// TestFabricSaysWhatIsWrong holds that a mistake in naming the network is told.
func TestFabricSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	empty, other := t.TempDir(), topology.Files{Root: t.TempDir()}
	standard := topology.Default()
	anhui, err := standard.Province("anhui")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(other.Province(anhui), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := standard.Profile(other, anhui).Write(other.Profile(anhui)); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args []string
		want string
	}{
		"no province":      {[]string{"serve", "--network=" + empty}, "needs --province"},
		"no network":       {[]string{"serve", "--network=" + empty, "--province=310000"}, "network up"},
		"another province": {[]string{"serve", "--network=" + other.Root, "--province=310000"}, `"340000 anhui"`},
		"no keys":          {[]string{"serve", "--network=" + other.Root, "--province=340000"}, "the client's certificate"},
		"verify":           {[]string{"verify"}, "network audit"},
		"rebuild":          {[]string{"rebuild", "--province=340000", "--network=" + empty}, "network up"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append(test.args, "--ledger=fabric", "--data="+t.TempDir())
			if test.args[0] == "serve" {
				args = append(args, "--listen=127.0.0.1:0")
			}
			err := run(context.Background(), args, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want one with %s", err, test.want)
			}
		})
	}
}
