package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"deltatrace/network/topology"
)

// Config says what to run and where.
type Config struct {
	Topology *topology.Topology
	// TopologyFile is where Topology was read from; empty for the built-in one.
	TopologyFile string
	Root         string    // folder of keys, channel and every process's data
	Bin          string    // folder of the programs chaincode and admin
	Fabric       string    // folder of the Fabric engine's commands; Bin/fabric when empty
	Out          io.Writer // progress, a line each
	// Only names the provinces whose processes are run here; all when empty.
	Only []string
	// Watcher is the program network, which watches over the provinces' processes
	// (network/watch); nobody does when it is empty.
	Watcher string
	// Valid is how long certificates that are made are valid; ten years when zero.
	Valid time.Duration
	// Wrap returns what comes before the command of a province's processes, such
	// as `ip netns exec shanghai`; nothing when nil.
	Wrap func(topology.Province) []string
}

// Cluster is a network on this machine, running or not.
type Cluster struct {
	Config
	files     topology.Files
	provinces []topology.Province // those that run here
}

// New returns the network of a configuration. It starts nothing.
func New(c Config) (*Cluster, error) {
	root, err := filepath.Abs(c.Root)
	if err != nil {
		return nil, err
	}
	c.Root = root
	if c.Fabric == "" {
		c.Fabric = filepath.Join(c.Bin, "fabric")
	}
	if c.Out == nil {
		c.Out = io.Discard
	}
	cluster := &Cluster{Config: c, files: topology.Files{Root: root}, provinces: c.Topology.Provinces}
	if len(c.Only) > 0 {
		cluster.provinces = nil
		for _, name := range c.Only {
			p, err := c.Topology.Province(name)
			if err != nil {
				return nil, err
			}
			cluster.provinces = append(cluster.provinces, p)
		}
	}
	return cluster, nil
}

// Files says where everything is.
func (c *Cluster) Files() topology.Files { return c.files }

// Up makes what is missing, starts what does not run, and returns when every
// peer and orderer takes part in the channel, is level with the others, and every
// peer can endorse. Running it again is harmless; a peer or an orderer whose folder
// is new becomes a member again by it.
func (c *Cluster) Up(ctx context.Context) error {
	start := time.Now()
	if err := errors.Join(c.sameNetwork(), c.unmixed()); err != nil {
		return err
	}
	if err := c.material(ctx); err != nil {
		return err
	}
	if err := c.free(); err != nil {
		return err
	}
	if err := c.startOrderers(ctx); err != nil {
		return err
	}
	if err := c.startChaincodes(ctx); err != nil {
		return err
	}
	if err := c.startPeers(ctx); err != nil {
		return err
	}
	if err := c.takePart(ctx); err != nil {
		return err
	}
	if err := c.awaitOrdering(ctx); err != nil {
		return err
	}
	if err := c.startWatches(ctx); err != nil {
		return err
	}
	if len(c.Only) > 0 {
		c.say("running after %s: on channel %s, level with the others", time.Since(start).Round(100*time.Millisecond), c.Topology.Channel)
		return nil
	}
	c.say("ready after %s: %d provinces can endorse on channel %s", time.Since(start).Round(100*time.Millisecond), len(c.Topology.Provinces), c.Topology.Channel)
	return nil
}

// say reports progress.
func (c *Cluster) say(format string, args ...any) { fmt.Fprintf(c.Out, format+"\n", args...) }
