package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"deltatrace/network/launcher"
	"deltatrace/network/topology"
)

// causes are signs in a process's log, with what they mean for who runs it.
var causes = []struct{ sign, cause string }{
	{"address already in use", "another program has the port, perhaps another network; ports are set in the topology file (--topology)"},
	{"cannot assign requested address", "this machine does not have the province's host address; run only this machine's provinces (--only)"},
	// Go says "has expired or is not yet valid" of both, and then which it is.
	{" is before ", "this machine's clock is behind the one that made the certificates"},
	{"signing identity expired", "its certificate has expired: `network renew` issues a new one (`network status` shows when each ends); or this machine's clock is ahead"},
	{"has expired", "a certificate has expired: `network renew` issues new ones (`network status` shows when each ends); or this machine's clock is ahead"},
	{"certificate signed by unknown authority", "the keys are not those that the data were made with: the folder's data are of another network"},
	{"no space left on device", "the disk is full"},
	{"permission denied", "the files belong to another user"},
	{"resource temporarily unavailable", "another process has this data open"},
}

// explain adds the likely cause to the error of a process that did not start.
func explain(d launcher.Detached, err error) error {
	if err == nil {
		return nil
	}
	return likely(launcher.Tail(d.Log, 40), err)
}

// likely adds to an error the cause of which a text has a sign.
func likely(text string, err error) error {
	for _, c := range causes {
		if strings.Contains(text, c.sign) {
			return fmt.Errorf("%w\nlikely cause: %s", err, c.cause)
		}
	}
	return err
}

// madeFor is the topology that the network was made for.
func (c *Cluster) madeFor() string { return filepath.Join(c.Root, "made-for.yaml") }

// sameNetwork refuses to run a folder's data under another topology: names, hosts
// and ports are in its keys and in its channel.
func (c *Cluster) sameNetwork() error {
	path := c.madeFor()
	made, err := topology.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c.Topology.Write(path)
	}
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(made, c.Topology) {
		return fmt.Errorf("the network in %s was made for another topology, which is in %s: give that one (--topology), or another folder (--root); a running channel changes by a configuration update", c.Root, path)
	}
	return nil
}

// unmixed says early that keys or the channel are gone while the processes' data
// are still there.
func (c *Cluster) unmixed() error {
	if exists(c.files.GenesisBlock()) {
		return nil
	}
	for _, p := range c.provinces {
		for _, folder := range []string{c.files.PeerData(p), c.files.OrdererData(p)} {
			entries, err := os.ReadDir(folder)
			if err == nil && len(entries) > 0 {
				return fmt.Errorf("%s has data of a network whose first block, %s, is gone: put it back, or start afresh in another folder (--root)", folder, c.files.GenesisBlock())
			}
		}
	}
	return nil
}
