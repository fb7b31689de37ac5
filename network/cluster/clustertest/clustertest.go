// Package clustertest starts a real four-province network for tests: native
// processes on loopback, in a temporary folder, stopped when the test ends.
//
//	func TestSomething(t *testing.T) {
//		c := clustertest.Start(t)
//		profile := c.Topology.Profile(c.Files(), c.Topology.Provinces[0])
package clustertest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"deltatrace/network/cluster"
	"deltatrace/network/topology"
)

// Start starts a network. Tests that need one are long: they are skipped unless
// DELTATRACE_LONG is set. When the test fails, the end of each log is shown.
func Start(tb testing.TB) *cluster.Cluster {
	tb.Helper()
	c := New(tb)
	if err := c.Up(tb.Context()); err != nil {
		tb.Fatalf("start the network: %v", err)
	}
	return c
}

// New returns a network that is not started, with its programs built.
func New(tb testing.TB) *cluster.Cluster {
	tb.Helper()
	if os.Getenv("DELTATRACE_LONG") == "" {
		tb.Skip("a real Fabric network takes a while; set DELTATRACE_LONG=1 to run this")
	}
	t, root := Topology(tb), tb.TempDir()
	file := filepath.Join(root, "topology.yaml")
	if err := t.Write(file); err != nil {
		tb.Fatal(err)
	}
	c, err := cluster.New(cluster.Config{
		Topology: t, TopologyFile: file, Root: filepath.Join(root, "network"),
		Bin: filepath.Join(root, "bin"), Fabric: filepath.Join(Source(tb), "bin", "fabric"), Out: writer{tb},
	})
	if err != nil {
		tb.Fatal(err)
	}
	if err := c.Build(tb.Context()); err != nil {
		tb.Fatalf("build the programs: %v", err)
	}
	tb.Cleanup(func() {
		if err := c.Down(); err != nil {
			tb.Errorf("stop the network: %v", err)
		}
	})
	return c
}

// Topology is the default one on ports that are the test's own until it ends. They lie
// below those that the system gives to outgoing connections, which come and go.
func Topology(tb testing.TB) *topology.Topology {
	tb.Helper()
	const step = 10
	t := topology.Default()
	width := step * len(t.Provinces)
	for range 100 {
		base := 20000 + rand.IntN(10000/width)*width
		if !reserve(tb, base) || !free(base, width) {
			continue
		}
		for i := range t.Provinces {
			b := base + i*step
			t.Provinces[i].Ports = topology.Ports{
				Peer: b, PeerOperations: b + 1, Chaincode: b + 2, ChaincodeNext: b + 3,
				Orderer: b + 4, OrdererAdmin: b + 5, OrdererOperations: b + 6,
			}
		}
		return t
	}
	tb.Fatal("no free ports")
	return nil
}

// reserve takes the ports from base on, if no other test has them: those of a process
// that was killed look free until it runs again.
func reserve(tb testing.TB, base int) bool {
	tb.Helper()
	file, err := os.OpenFile(filepath.Join(os.TempDir(), fmt.Sprintf("deltatrace-ports-%d.lock", base)), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return false // another user's
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return false
	}
	tb.Cleanup(func() { file.Close() })
	return true
}

func free(base, n int) bool {
	for port := base; port < base+n; port++ {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return false
		}
		listener.Close()
	}
	return true
}

// Source is the folder of deltatrace's source.
func Source(tb testing.TB) string {
	tb.Helper()
	output, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		tb.Fatalf("find the source: %v", err)
	}
	return strings.TrimSpace(string(output))
}

// writer shows progress in the test's log.
type writer struct{ tb testing.TB }

func (w writer) Write(p []byte) (int, error) {
	w.tb.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}
