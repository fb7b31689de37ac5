package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
)

// What outlives one benchmark or is needed before the first test.
var (
	benchContext = context.Background()
	benchLog     = slog.New(slog.DiscardHandler)
	benchDir     string
)

// TestMain makes the folder of the benchmarks' store.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if benchDir, err = os.MkdirTemp("", "deltatrace-store"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(benchDir)
	return m.Run()
}
