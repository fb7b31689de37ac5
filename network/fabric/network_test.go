package fabric

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"deltatrace/network/cluster"
	"deltatrace/network/cluster/clustertest"
	"deltatrace/network/keyring"
	"deltatrace/network/topology"
	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// quiet is a log that nobody reads.
var quiet = slog.New(slog.DiscardHandler)

// testNetwork is the one real network of this package's tests. Each test has a
// ledger of its own on it: a chaincode name.
type testNetwork struct {
	*cluster.Cluster
	parties *ledgertest.Network
	names   atomic.Int64
}

var (
	network     testNetwork
	networkOnce sync.Once
	networkErr  error
)

// TestMain stops the network that a test has started. With DELTATRACE_NETWORK,
// the network in that folder is used, and kept for the next run.
func TestMain(m *testing.M) {
	code := m.Run()
	if network.Cluster != nil && os.Getenv("DELTATRACE_NETWORK") == "" {
		if err := errors.Join(network.Down(), os.RemoveAll(network.Root)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// realNetwork returns the network, starting it for the first test that asks.
func realNetwork(tb testing.TB) *testNetwork {
	tb.Helper()
	if os.Getenv("DELTATRACE_LONG") == "" {
		tb.Skip("a long test on a real network: set DELTATRACE_LONG=1, as make test does")
	}
	networkOnce.Do(func() { networkErr = startNetwork(tb) })
	if networkErr != nil {
		tb.Fatal(networkErr)
	}
	return &network
}

func startNetwork(tb testing.TB) error {
	tb.Helper()
	root := os.Getenv("DELTATRACE_NETWORK")
	if root == "" {
		var err error
		if root, err = os.MkdirTemp("", "deltatrace-fabric"); err != nil {
			return err
		}
	}
	t := clustertest.Topology(tb)
	file := filepath.Join(root, "topology.yaml")
	if _, err := os.Stat(file); err == nil { // a network that was kept
		if t, err = topology.Load(file); err != nil {
			return err
		}
	}
	if err := t.Write(file); err != nil {
		return err
	}
	c, err := cluster.New(cluster.Config{
		Topology: t, TopologyFile: file, Root: root, Bin: filepath.Join(root, "bin"),
		Fabric: filepath.Join(clustertest.Source(tb), "bin", "fabric"), Out: os.Stderr,
	})
	if err != nil {
		return err
	}
	network.Cluster = c
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := errors.Join(os.MkdirAll(c.Bin, 0o755), c.Build(ctx)); err != nil {
		return err
	}
	if err := c.Up(ctx); err != nil {
		return err
	}
	ring := keyring.Keyring{Dir: c.Files().Keys()}
	keys := make(map[traceability.ProvinceCode]traceability.SigningKey)
	for _, code := range traceability.Provinces() {
		if keys[code], err = ring.Key(traceability.Regulator(code)); err != nil {
			return err
		}
	}
	network.parties = ledgertest.NetworkOf(keys)
	return nil
}

// deploy makes a new ledger and returns its name.
func (n *testNetwork) deploy(tb testing.TB) string {
	tb.Helper()
	name := "t" + strconv.FormatInt(time.Now().UnixMilli(), 36) + "n" + strconv.FormatInt(n.names.Add(1), 10)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := n.Deploy(ctx, name); err != nil {
		tb.Fatal(err)
	}
	return name
}

// profile is how a province's client reaches a ledger.
func (n *testNetwork) profile(tb testing.TB, province, chaincode string) *topology.Profile {
	tb.Helper()
	p, err := n.Topology.Province(province)
	if err != nil {
		tb.Fatal(err)
	}
	profile, err := topology.ReadProfile(n.Files().Profile(p))
	if err != nil {
		tb.Fatal(err)
	}
	profile.Chaincode = chaincode
	return profile
}

// mustOpen opens a ledger that the test closes.
func mustOpen(tb testing.TB, profile *topology.Profile, o Options) *Ledger {
	tb.Helper()
	if o.Logger == nil {
		o.Logger = quiet
		if os.Getenv("DELTATRACE_LOG") != "" {
			o.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	l, err := Open(ctx, profile, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	return l
}

// province names the province's processes that match.
func (n *testNetwork) processes(tb testing.TB, of ...string) []string {
	tb.Helper()
	status, err := n.Status(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	var names []string
	for _, p := range status.Processes {
		for _, prefix := range of {
			if strings.HasPrefix(p.Name, prefix) {
				names = append(names, p.Name)
			}
		}
	}
	return names
}
