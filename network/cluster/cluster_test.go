package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deltatrace/network/cluster"
	"deltatrace/network/cluster/clustertest"
	"deltatrace/network/launcher"
	"deltatrace/network/topology"
)

// TestLife walks a network through its life: up, up again, down, up with its
// data, upgrade, down.
func TestLife(t *testing.T) {
	c := clustertest.Start(t)
	before := level(t, c)
	if before == 0 {
		t.Fatal("the peers have no block")
	}
	status, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := 3 * len(c.Topology.Provinces); len(status.Processes) != want {
		t.Errorf("got %d processes, want %d", len(status.Processes), want)
	}
	pids := make(map[string]int)
	for _, p := range status.Processes {
		if p.PID == 0 || p.Health != "ok" {
			t.Errorf("%s: process %d, %s", p.Name, p.PID, p.Health)
		}
		pids[p.Name] = p.PID
	}
	if !strings.HasSuffix(status.Leader, "-orderer") {
		t.Errorf("leader: %q, want an orderer", status.Leader)
	}

	if err := c.Up(t.Context()); err != nil {
		t.Fatalf("up again: %v", err)
	}
	again, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range again.Processes {
		if p.PID != pids[p.Name] {
			t.Errorf("%s was started anew by a second up", p.Name)
		}
	}

	if err := c.Down(); err != nil {
		t.Fatal(err)
	}
	for name, pid := range pids {
		if alive(pid) {
			t.Errorf("%s (%d) runs after down", name, pid)
		}
	}
	if err := c.Up(t.Context()); err != nil {
		t.Fatalf("up after down: %v", err)
	}
	if after := level(t, c); after != before {
		t.Errorf("after down and up: height %d, want %d", after, before)
	}

	if err := c.Upgrade(t.Context()); err != nil {
		t.Fatalf("upgrade: %v", err)
	}
	if after := level(t, c); after <= before {
		t.Errorf("after the upgrade: height %d, want more than %d", after, before)
	}
	upgraded, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range upgraded.Processes {
		if strings.HasSuffix(p.Name, "-chaincode-1") || p.PID == 0 {
			t.Errorf("after the upgrade: %s is process %d", p.Name, p.PID)
		}
	}
}

// TestFifthOrganisation adds one to the topology and nothing else.
func TestFifthOrganisation(t *testing.T) {
	c := clustertest.New(t)
	fifth := c.Topology.Provinces[3]
	fifth.Code, fifth.Name, fifth.MSP = "100000", "samr", "SAMRMSP"
	fifth.Ports = topology.Ports{
		Peer: fifth.Ports.Peer + 10, PeerOperations: fifth.Ports.Peer + 11, Chaincode: fifth.Ports.Peer + 12, ChaincodeNext: fifth.Ports.Peer + 13,
		Orderer: fifth.Ports.Peer + 14, OrdererAdmin: fifth.Ports.Peer + 15, OrdererOperations: fifth.Ports.Peer + 16,
	}
	config := c.Config
	larger := *c.Topology
	larger.Provinces = append(larger.Provinces, fifth)
	config.Topology = &larger
	if err := larger.Write(config.TopologyFile); err != nil {
		t.Fatal(err)
	}
	five, err := cluster.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := five.Down(); err != nil {
			t.Error(err)
		}
	})
	if err := five.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if height := level(t, five); height == 0 {
		t.Error("the peers have no block")
	}
}

// TestPortTaken names the process and the address.
func TestPortTaken(t *testing.T) {
	c := clustertest.New(t)
	address := c.Topology.Provinces[2].PeerAddress()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	err = c.Up(t.Context())
	if err == nil || !strings.Contains(err.Error(), "zhejiang-peer cannot have "+address) {
		t.Errorf("got %v, want the process and its address", err)
	}
}

// TestStale starts networks on what is left of others.
func TestStale(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	up := func(change func(*topology.Topology)) error {
		given := topology.Default()
		change(given)
		c, err := cluster.New(cluster.Config{Topology: given, Root: root, Bin: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		return c.Up(t.Context())
	}
	same := func(*topology.Topology) {}
	if err := up(same); err == nil || !strings.Contains(err.Error(), "cryptogen") {
		t.Fatalf("without the engine's commands: %v", err)
	}
	if err := up(func(t *topology.Topology) { t.Provinces[1].Host = "10.0.0.1" }); err == nil || !strings.Contains(err.Error(), "made for another topology") {
		t.Errorf("with another host: %v", err)
	}
	left := filepath.Join(root, "jiangsu", "peer", "ledgersData")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := up(same); err == nil || !strings.Contains(err.Error(), filepath.Dir(left)) {
		t.Errorf("with data and without a channel: %v", err)
	}
}

// TestLikelyCause reads logs of processes that did not start.
func TestLikelyCause(t *testing.T) {
	t.Parallel()
	for sign, want := range map[string]string{
		"listen tcp 127.0.0.1:17110: bind: address already in use":                                                            "another program has the port",
		"x509: certificate has expired or is not yet valid: current time 2026-11-30T17:46:21Z is after 2026-11-30T17:46:12Z":  "network renew",
		"x509: certificate has expired or is not yet valid: current time 2026-11-30T17:46:21Z is before 2026-11-30T17:46:22Z": "clock is behind",
		"the local MSP: signing identity expired 5s ago":                                                                      "network renew",
		"write /x: no space left on device":                                                                                   "disk is full",
	} {
		d := launcher.Detached{Process: launcher.Process{Log: filepath.Join(t.TempDir(), "log")}}
		if err := os.WriteFile(d.Log, []byte("…\n"+sign+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := cluster.Explain(d, errors.New("it ended")); !strings.Contains(err.Error(), "likely cause: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", sign, err, want)
		}
	}
}

func TestUnknownProcess(t *testing.T) {
	t.Parallel()
	c, err := cluster.New(cluster.Config{Topology: topology.Default(), Root: t.TempDir(), Bin: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop("shanghai-beer"); err == nil || !strings.Contains(err.Error(), "shanghai-peer") {
		t.Errorf("got %v, want the names there are", err)
	}
	if err := c.Down(); err != nil {
		t.Errorf("down of what was never up: %v", err)
	}
}

// level waits until all peers are at one height and returns it.
func level(t *testing.T, c *cluster.Cluster) uint64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		heights, err := c.Heights(ctx)
		if err != nil {
			t.Fatal(err)
		}
		equal := true
		for _, h := range heights {
			equal = equal && h.Error == "" && h.Height == heights[0].Height && h.Hash == heights[0].Hash
		}
		if equal {
			return heights[0].Height
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
