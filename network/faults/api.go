package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"deltatrace/network/launcher"
	"deltatrace/network/topology"
)

// apiPort is where a province's API listens, on its host; the index of the
// province is added.
const apiPort = 17190

// api is a province's API, with a read model of its own.
func (n *network) api(i int) launcher.Detached {
	p := n.Topology.Provinces[i]
	path, args := filepath.Join(n.bin, "api"), []string{"serve", "--ledger", "fabric", "--province", p.Code, "--network", n.Files().Root,
		"--listen", n.address(i), "--data", n.apiData(p), "--reads=0/0", "--writes=0/0"}
	if n.Wrap != nil {
		command := append(n.Wrap(p), path)
		path, args = command[0], append(command[1:], args...)
	}
	return launcher.Detached{
		Process: launcher.Process{
			Name: p.Name + "-api", Path: path, Args: args, Log: n.Files().Log(p, "api"),
			Ready: launcher.HTTPReady("http://" + n.address(i) + "/readyz"),
		},
		PIDFile: filepath.Join(n.Files().Province(p), "api.pid"),
	}
}

func (n *network) address(i int) string {
	return fmt.Sprintf("%s:%d", n.Topology.Provinces[i].Host, apiPort+i)
}

func (n *network) apiData(p topology.Province) string {
	return filepath.Join(n.Files().Province(p), "api")
}

func (n *network) startAPIs(ctx context.Context) error {
	for i := range n.Topology.Provinces {
		if err := n.api(i).Start(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (n *network) stopAPIs() error {
	var errs []error
	for i := range n.Topology.Provinces {
		errs = append(errs, n.api(i).Stop())
	}
	return errors.Join(errs...)
}

// dump writes a province's read model as text into a file, and returns it.
func (n *network) dump(ctx context.Context, p topology.Province) (string, error) {
	path := filepath.Join(n.Files().Province(p), "dump.txt")
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	cmd := exec.CommandContext(ctx, filepath.Join(n.bin, "api"), "dump", "--data", n.apiData(p))
	cmd.Stdout, cmd.Stderr = file, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("dump of %s: %w", p.Name, err)
	}
	return path, nil
}
