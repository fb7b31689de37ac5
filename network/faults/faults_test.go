package faults_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"deltatrace/network/cluster/clustertest"
	"deltatrace/network/faults"
)

// What a test among others allows a stall, and an orderer that catches up: they take
// the processors in which it would. `network faults` alone holds them to faults.Utmost
// and faults.Level.
const (
	utmost = time.Minute
	level  = 3 * time.Minute
)

// TestFaults breaks a real network in every way of the schedule, under load,
// DELTATRACE_FAULTS times. It takes minutes, and processors of its own.
func TestFaults(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("DELTATRACE_FAULTS"))
	if err != nil || rounds < 1 {
		t.Skip("breaks a network for some minutes: DELTATRACE_LONG=1 DELTATRACE_FAULTS=1")
	}
	base := clustertest.New(t) // builds the programs, finds ports
	if err := base.BuildPrograms(t.Context(), "./api", "./network", "./network/faults/liar"); err != nil {
		t.Fatal(err)
	}
	config := faults.Config{
		Topology: base.Topology, Root: filepath.Join(t.TempDir(), "network"), Bin: base.Bin, Fabric: base.Fabric,
		Rounds: rounds, Seed: 1, Bound: faults.Bound, Utmost: utmost, Level: level, Freeze: 6 * time.Second, Every: 200 * time.Millisecond, Out: log{t},
	}
	if err := faults.CanSeparate(); err != nil {
		t.Log("no province is cut off from the others here:", err)
	} else {
		islands, err := faults.Separate(config.Topology)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := islands.Close(); err != nil {
				t.Error(err)
			}
		})
		config.Islands = islands
	}
	outcomes, err := faults.Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if len(outcomes) < 16*rounds {
		t.Errorf("%d faults were brought about, want all of the schedule", len(outcomes))
	}
}

type log struct{ t *testing.T }

func (l log) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}
