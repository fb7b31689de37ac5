package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"deltatrace/network/cluster"
	"deltatrace/network/fabric"
	"deltatrace/network/keyring"
	"deltatrace/network/topology"
)

// Config says what to break, and where.
type Config struct {
	Topology *topology.Topology // as it is written to a file for the programs, too
	Root     string             // folder of the network; a new one
	Bin      string             // folder of the programs
	Fabric   string             // folder of the Fabric engine's commands; Bin/fabric when empty
	Rounds   int                // how often each fault comes; 1 when 0
	Seed     uint64             // of the order in which they come, and of whom they hit
	Freeze   time.Duration      // how long the leading orderer is held with SIGSTOP
	Every    time.Duration      // pause between two submissions to one province's API
	// Bound is how long a province that a fault does not hit may stall, at Most of the
	// times that it comes; Utmost is how long at all.
	Bound, Utmost time.Duration
	// Level is how long the orderers may take to have all blocks after a fault.
	Level time.Duration
	// Hurried lets the next fault come as soon as every province acknowledges again,
	// though an orderer may be behind still.
	Hurried bool
	Islands *Islands  // where the provinces run; nil for loopback, where none can be cut off
	Out     io.Writer // progress and figures
}

// How long a province that a fault does not hit may stall. Bound holds for Most of the
// occurrences of each fault, when all orderers were level before. The rest are those
// at which the ordering engine loses a round of its election, or comes to a standstill
// that the watch must end: they end within Utmost, as do stalls when an orderer was
// behind still.
const (
	Bound  = 3 * time.Second
	Utmost = 15 * time.Second
	Most   = 0.9
)

// Outcome is what one fault did to submissions.
type Outcome struct {
	Fault string
	Round int
	// Held is how long it lasted.
	Held time.Duration
	// Acknowledged is how many documents were acknowledged while it lasted.
	Acknowledged int
	// Stall is the longest time without an acknowledgement at any one of the
	// provinces that it did not hit, from its beginning until all were well again.
	Stall time.Duration
	// Unbounded says that too few provinces were left, so that they had to stall.
	Unbounded bool
	// Recovery is how long it took after its end until the provinces that it hit
	// acknowledged again, and Level, until every orderer had all blocks; 0 when that
	// was not awaited.
	Recovery, Level time.Duration
	// NotLevel names the orderers that took too long for that; nil when none did.
	NotLevel error
}

type network struct {
	*cluster.Cluster
	config   Config
	bin      string
	load     *load
	orderers *fabric.Orderers
	liar     string // folder of the chaincode that lies; empty when there is none
}

// Run starts a network, breaks it, one fault after the other, and checks at the
// end that nothing acknowledged is missing or doubled and that all peers and read
// models are equal. An error names what did not hold; a stall that is longer than the
// bound is one.
func Run(ctx context.Context, c Config) (outcomes []Outcome, err error) {
	file := filepath.Join(c.Root, "topology.yaml")
	if err := c.Topology.Write(file); err != nil {
		return nil, err
	}
	settings := cluster.Config{Topology: c.Topology, TopologyFile: file, Root: c.Root, Bin: c.Bin, Fabric: c.Fabric,
		Watcher: filepath.Join(c.Bin, "network"), Out: c.Out}
	if c.Islands != nil {
		settings.Wrap = c.Islands.Wrap
	}
	base, err := cluster.New(settings)
	if err != nil {
		return nil, err
	}
	n := &network{Cluster: base, config: c, bin: c.Bin}
	defer func() { err = errors.Join(err, n.stopAPIs(), n.Down()) }()
	if err := n.Up(ctx); err != nil {
		return nil, err
	}
	first := n.Topology.Provinces[0]
	if n.orderers, err = fabric.OpenOrderers(n.Topology.Profile(n.Files(), first), n.Topology.Orderers(n.Files())); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.orderers.Close()) }()
	if n.liar, err = n.prepareLiar(); err != nil {
		fmt.Fprintln(c.Out, "no province will lie:", err)
	}
	if err := n.startAPIs(ctx); err != nil {
		return nil, err
	}
	url := func(p topology.Province) string {
		for i, o := range c.Topology.Provinces {
			if o.Code == p.Code {
				return "http://" + n.address(i)
			}
		}
		return ""
	}
	if n.load, err = newLoad(ctx, keyring.Keyring{Dir: n.Files().Keys()}, c.Topology.Provinces, url, c.Every); err != nil {
		return nil, err
	}
	loading, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	running.Go(func() { n.load.run(loading) })
	defer running.Wait()
	defer stop()

	fmt.Fprintf(c.Out, "%d rounds, seed %d; a province that is not hit may stall for %s, and never for more than %s\n", max(c.Rounds, 1), c.Seed, c.Bound, c.Utmost)
	var late []error
	for round := 1; round <= max(c.Rounds, 1); round++ {
		began := time.Now()
		for _, f := range n.round(round) {
			outcome, err := n.inflict(ctx, f)
			if err != nil {
				late = append(late, report(c.Out, outcomes, c)...)
				return outcomes, errors.Join(append(late, fmt.Errorf("round %d: %s: %w", round, f.name, err))...)
			}
			outcome.Round = round
			outcomes = append(outcomes, outcome)
			fmt.Fprintf(c.Out, time.Now().UTC().Format("15:04:05")+" %-64s held %5.1f s, %3d acknowledged meanwhile, longest stall elsewhere %4.1f s, recovered after %4.1f s, level after %4.1f s\n",
				f.name+" ("+f.whom()+")", outcome.Held.Seconds(), outcome.Acknowledged, outcome.Stall.Seconds(), outcome.Recovery.Seconds(), outcome.Level.Seconds())
			if outcome.NotLevel != nil {
				fmt.Fprintln(c.Out, outcome.NotLevel)
				late = append(late, fmt.Errorf("round %d: %s (%s): %w", round, f.name, f.whom(), outcome.NotLevel))
			}
			if !outcome.Unbounded && outcome.Stall > c.Utmost {
				late = append(late, fmt.Errorf("round %d: %s (%s): a stall of %.1f s, expected at most %s", round, f.name, f.whom(), outcome.Stall.Seconds(), c.Utmost))
			}
		}
		fmt.Fprintf(c.Out, "round %d of %d: %.0f s\n", round, max(c.Rounds, 1), time.Since(began).Seconds())
	}
	stop()
	running.Wait()
	late = append(late, report(c.Out, outcomes, c)...)
	return outcomes, errors.Join(errors.Join(late...), n.check(ctx))
}

// inflict brings one fault about, holds it, ends it, and waits until every
// province acknowledges again.
func (n *network) inflict(ctx context.Context, f *fault) (outcome Outcome, err error) {
	outcome.Fault = f.name
	if err := n.settle(ctx, time.Now()); err != nil { // the load runs everywhere before
		return outcome, err
	}
	begin := time.Now()
	if err := f.begin(ctx); err != nil {
		return outcome, err
	}
	broken := time.Now()
	wait(ctx, f.hold)
	if f.until != nil {
		if err := f.until(ctx); err != nil {
			return outcome, err
		}
	}
	// A busy machine may need longer than that to replace a leader.
	for !f.stops && len(n.load.since(broken)) == 0 && time.Since(broken) < recoveryWithin && ctx.Err() == nil {
		wait(ctx, 50*time.Millisecond)
	}
	if f.stops { // what was under way when it began may still have come through
		if late := n.load.since(broken.Add(f.grace)); len(late) > 0 {
			return outcome, fmt.Errorf("%d documents were acknowledged, the first by %s after %s, though too few provinces were left",
				len(late), n.Topology.Provinces[late[0].province].Name, late[0].at.Sub(broken))
		}
	}
	end := time.Now()
	outcome.Held = end.Sub(begin)
	for _, a := range n.load.since(begin) {
		if !a.at.After(end) {
			outcome.Acknowledged++
		}
	}
	if err := f.end(ctx); err != nil {
		return outcome, err
	}
	ended := time.Now()
	if err := n.settle(ctx, ended); err != nil {
		return outcome, err
	}
	outcome.Recovery = time.Since(ended)
	if !n.config.Hurried {
		if outcome.NotLevel, err = n.ordererLevel(ctx); err != nil {
			return outcome, err
		}
		outcome.Level = time.Since(ended)
	}
	acks, now := n.load.since(begin), time.Now()
	for province := range n.Topology.Provinces {
		if !f.hits(province) {
			outcome.Stall = max(outcome.Stall, stall(acks, begin, now, province))
		}
	}
	outcome.Unbounded = f.stops
	if f.stops {
		outcome.Stall = outcome.Held
	} else if outcome.Acknowledged == 0 {
		return outcome, fmt.Errorf("nothing was acknowledged in the %s that it lasted", outcome.Held)
	}
	return outcome, nil
}

// recoveryWithin bounds how long the network may take to be well again.
const recoveryWithin = 90 * time.Second

// settle waits until every province has acknowledged something begun after a
// moment.
func (n *network) settle(ctx context.Context, from time.Time) error {
	deadline := time.Now().Add(recoveryWithin)
	for {
		well := make(map[int]bool)
		for _, a := range n.load.since(from) {
			well[a.province] = true
		}
		if len(well) == len(n.Topology.Provinces) {
			return nil
		}
		if time.Now().After(deadline) {
			var missing []string
			for i, p := range n.Topology.Provinces {
				if !well[i] {
					missing = append(missing, p.Name)
				}
			}
			return fmt.Errorf("%v do not acknowledge anything within %s", missing, recoveryWithin)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait(ctx, 50*time.Millisecond)
	}
}
