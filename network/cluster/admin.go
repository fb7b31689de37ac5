package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
)

// Height is how far a province's peer is.
type Height struct {
	Province string `json:"province"` // its name in the topology
	Height   uint64 `json:"height"`   // number of blocks
	Hash     string `json:"hash"`     // of the last block; hex
	Error    string `json:"error"`    // why it is not known; empty when it is
}

// Heights asks every peer that runs here.
func (c *Cluster) Heights(ctx context.Context) ([]Height, error) {
	output, err := c.runAdmin(ctx, append([]string{"heights", "--format", "json"}, c.only()...)...)
	if err != nil {
		return nil, err
	}
	var heights []Height
	if err := json.Unmarshal(output, &heights); err != nil {
		return nil, fmt.Errorf("admin heights: %w", err)
	}
	return heights, nil
}

// admin runs the program admin, which does the control path.
func (c *Cluster) admin(ctx context.Context, args ...string) error {
	_, err := c.runAdmin(ctx, args...)
	return err
}

func (c *Cluster) runAdmin(ctx context.Context, args ...string) ([]byte, error) {
	cmd := c.Admin(ctx, args...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("admin %s: %w:\n%s", args[0], err, bytes.TrimSpace(problems.Bytes()))
	}
	return out.Bytes(), nil
}

// Admin returns a command of the program admin (network/admin) for this network.
func (c *Cluster) Admin(ctx context.Context, args ...string) *exec.Cmd {
	args = append(args, "--root", c.Root)
	if c.TopologyFile != "" {
		args = append(args, "--topology", c.TopologyFile)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(c.Bin, "admin"), args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = os.Environ()
	return cmd
}
