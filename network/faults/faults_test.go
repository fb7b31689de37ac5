package faults_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deltatrace/network/cluster/clustertest"
	"deltatrace/network/faults"
)

// TestFaults breaks a real network in every way of the schedule, under load.
func TestFaults(t *testing.T) {
	base := clustertest.New(t) // builds the programs, finds ports
	if err := base.BuildPrograms(t.Context(), "./api"); err != nil {
		t.Fatal(err)
	}
	config := faults.Config{
		Topology: base.Topology, Root: filepath.Join(t.TempDir(), "network"), Bin: base.Bin, Fabric: base.Fabric,
		Freeze: time.Minute, Every: 200 * time.Millisecond, Out: log{t},
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
	if len(outcomes) < 12 {
		t.Errorf("%d faults were brought about, want all of the schedule", len(outcomes))
	}
}

type log struct{ t *testing.T }

func (l log) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}
