package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"deltatrace/network/topology"
)

// Islands gives each province a network namespace of its own, joined by a bridge,
// so that one of them can be cut off for all others at once, as a broken line
// does. It needs root, and Linux's ip command.
type Islands struct {
	names []string // of the namespaces, in the order of the provinces
}

const (
	bridge = "deltatrace0"
	subnet = "10.231.77."
)

// CanSeparate says why islands cannot be made here; nil when they can.
func CanSeparate() error {
	if os.Geteuid() != 0 {
		return errors.New("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return fmt.Errorf("network namespaces need the command ip (package iproute2): %w", err)
	}
	if err := ip("netns", "add", "deltatrace-probe"); err != nil {
		return err
	}
	return ip("netns", "delete", "deltatrace-probe")
}

// Separate makes the islands and moves the topology's provinces there.
func Separate(t *topology.Topology) (*Islands, error) {
	i := new(Islands)
	if err := ip("link", "add", bridge, "type", "bridge"); err != nil {
		return nil, fmt.Errorf("%w; if it is left over from a run that was killed: ip link delete %s", err, bridge)
	}
	for _, args := range [][]string{
		{"address", "add", subnet + "254/24", "dev", bridge},
		{"link", "set", bridge, "up"},
	} {
		if err := ip(args...); err != nil {
			return nil, errors.Join(err, i.Close())
		}
	}
	for n := range t.Provinces {
		p := &t.Provinces[n]
		name, outside, inside := "deltatrace-"+p.Name, fmt.Sprintf("deltatrace%do", n+1), fmt.Sprintf("deltatrace%di", n+1)
		p.Host = fmt.Sprint(subnet, n+1)
		i.names = append(i.names, name)
		for _, args := range [][]string{
			{"netns", "add", name},
			{"link", "add", outside, "type", "veth", "peer", "name", inside},
			{"link", "set", inside, "netns", name},
			{"link", "set", outside, "master", bridge, "up"},
			{"-n", name, "address", "add", p.Host + "/24", "dev", inside},
			{"-n", name, "link", "set", inside, "up"},
			{"-n", name, "link", "set", "lo", "up"},
		} {
			if err := ip(args...); err != nil {
				return nil, errors.Join(err, i.Close())
			}
		}
	}
	return i, nil
}

// Wrap runs a province's command on its island.
func (i *Islands) Wrap(p topology.Province) []string {
	return []string{"ip", "netns", "exec", "deltatrace-" + p.Name}
}

// Cut takes a province's line away; Mend gives it back.
func (i *Islands) Cut(province int) error {
	return ip("link", "set", fmt.Sprintf("deltatrace%do", province+1), "down")
}

// Mend gives a province its line back.
func (i *Islands) Mend(province int) error {
	return ip("link", "set", fmt.Sprintf("deltatrace%do", province+1), "up")
}

// Close takes the islands away; nothing may run there any more.
func (i *Islands) Close() error {
	var errs []error
	for n, name := range i.names {
		errs = append(errs, ip("link", "delete", fmt.Sprintf("deltatrace%do", n+1)), ip("netns", "delete", name))
	}
	return errors.Join(append(errs, ip("link", "delete", bridge))...)
}

func ip(args ...string) error {
	if output, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(output)))
	}
	return nil
}
