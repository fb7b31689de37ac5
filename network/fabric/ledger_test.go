package fabric

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// TestConformance runs the suite on a real network. Kill ends, without warning,
// all processes of the client's own province, then of two with the client's among
// them, then of all.
func TestConformance(t *testing.T) {
	n := realNetwork(t)
	kills := [][]string{{"shanghai-"}, {"anhui-"}, {"shanghai-", "jiangsu-"}, {""}}
	ledgertest.Run(t, func(tb testing.TB) ledgertest.Harness {
		profile := n.profile(tb, "shanghai", n.deploy(tb))
		l := mustOpen(tb, profile, Options{})
		kill := 0
		return ledgertest.Harness{
			Ledger: l, Network: n.parties, Patience: 30 * time.Second,
			Twin: func(tb testing.TB) traceability.Ledger {
				return mustOpen(tb, n.profile(tb, "anhui", n.deploy(tb)), Options{})
			},
			Restart: func(tb testing.TB) traceability.Ledger {
				if err := l.Close(); err != nil {
					tb.Fatal(err)
				}
				l = mustOpen(tb, profile, Options{})
				return l
			},
			Kill: func(tb testing.TB) traceability.Ledger {
				n.crash(tb, kills[kill%len(kills)]...)
				kill++
				l = mustOpen(tb, profile, Options{})
				return l
			},
		}
	})
}

// crash kills all processes of some provinces at the same time and starts them
// again.
func (n *testNetwork) crash(tb testing.TB, provinces ...string) {
	tb.Helper()
	names := n.processes(tb, provinces...)
	var killing errgroup.Group
	for _, name := range names {
		killing.Go(func() error { return n.Kill(name) })
	}
	if err := killing.Wait(); err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	starting, ctx := errgroup.WithContext(ctx)
	for _, name := range names {
		starting.Go(func() error { return n.Start(ctx, name) })
	}
	if err := starting.Wait(); err != nil {
		tb.Fatal(err)
	}
}
