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
	"deltatrace/network/keyring"
	"deltatrace/network/topology"
)

// Config says what to break, and where.
type Config struct {
	Topology *topology.Topology // as it is written to a file for the programs, too
	Root     string             // folder of the network; a new one
	Bin      string             // folder of the programs
	Fabric   string             // folder of the Fabric engine's commands; Bin/fabric when empty
	Freeze   time.Duration      // how long an orderer is held with SIGSTOP
	Every    time.Duration      // pause between two submissions to one province's API
	Islands  *Islands           // where the provinces run; nil for loopback, where none can be cut off
	Out      io.Writer          // progress and figures
}

// Outcome is what one fault did to submissions.
type Outcome struct {
	Fault string
	// Held is how long it lasted.
	Held time.Duration
	// Acknowledged is how many documents were acknowledged while it lasted.
	Acknowledged int
	// Stall is the longest time without an acknowledgement at the provinces that
	// it did not hit, from its beginning until all were well again.
	Stall time.Duration
	// Recovery is how long it took after its end until the provinces that it hit
	// acknowledged again.
	Recovery time.Duration
}

type network struct {
	*cluster.Cluster
	config Config
	bin    string
	load   *load
}

// Run starts a network, breaks it, one fault after the other, and checks at the
// end that nothing acknowledged is missing or doubled and that all peers and read
// models are equal. An error names what did not hold.
func Run(ctx context.Context, c Config) (outcomes []Outcome, err error) {
	file := filepath.Join(c.Root, "topology.yaml")
	if err := c.Topology.Write(file); err != nil {
		return nil, err
	}
	settings := cluster.Config{Topology: c.Topology, TopologyFile: file, Root: c.Root, Bin: c.Bin, Fabric: c.Fabric, Out: c.Out}
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

	for _, f := range n.schedule() {
		outcome, err := n.inflict(ctx, f)
		if err != nil {
			return outcomes, fmt.Errorf("%s: %w", f.name, err)
		}
		outcomes = append(outcomes, outcome)
		fmt.Fprintf(c.Out, "%-44s held %6.1f s, %4d acknowledged meanwhile, longest stall elsewhere %5.1f s, recovered after %5.1f s\n",
			f.name, outcome.Held.Seconds(), outcome.Acknowledged, outcome.Stall.Seconds(), outcome.Recovery.Seconds())
	}
	stop()
	running.Wait()
	return outcomes, n.check(ctx)
}

// inflict brings one fault about, holds it, ends it, and waits until every
// province acknowledges again.
func (n *network) inflict(ctx context.Context, f fault) (Outcome, error) {
	outcome := Outcome{Fault: f.name}
	if err := n.settle(ctx, time.Now()); err != nil { // the load runs everywhere before
		return outcome, err
	}
	begin := time.Now()
	if err := f.begin(ctx); err != nil {
		return outcome, err
	}
	broken := time.Now()
	wait(ctx, f.hold)
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
	acks := n.load.since(begin)
	for _, a := range acks {
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
	unhurt := func(province int) bool { return !f.hits(province) }
	outcome.Stall = stall(n.load.since(begin), begin, time.Now(), unhurt)
	if !f.stops && outcome.Acknowledged == 0 {
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
