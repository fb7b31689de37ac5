package cluster

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// engineCommands are what the nested module network/tools builds.
var engineCommands = []string{"peer", "orderer", "configtxgen", "cryptogen", "osnadmin"}

// Build builds the Fabric engine's commands, unless they are there in the pinned
// version, and the programs chaincode and admin, from the source in the current
// folder. Without the source, as on a machine that got the programs only, they
// must be there already.
func (c *Cluster) Build(ctx context.Context) error {
	source, err := moduleRoot(ctx)
	if err != nil {
		return c.builtAlready(err)
	}
	if err := c.buildEngine(ctx, filepath.Join(source, "network", "tools")); err != nil {
		return err
	}
	return c.BuildPrograms(ctx, "./chaincode", "./network/admin")
}

// BuildPrograms builds programs of deltatrace, given as folders of its source,
// into Config.Bin.
func (c *Cluster) BuildPrograms(ctx context.Context, folders ...string) error {
	source, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	bin, err := filepath.Abs(c.Bin)
	if err != nil {
		return err
	}
	return run(ctx, source, "go", append([]string{"build", "-trimpath", "-o", bin + string(filepath.Separator)}, folders...)...)
}

// buildEngine takes a minute when nothing is cached, so it is done once for each
// content of the module's files.
func (c *Cluster) buildEngine(ctx context.Context, tools string) error {
	hash := sha256.New()
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(tools, name))
		if err != nil {
			return err
		}
		hash.Write(content)
	}
	version := hex.EncodeToString(hash.Sum(nil))
	unlock, err := lock(c.Fabric)
	if err != nil {
		return err
	}
	defer unlock()
	stamp := filepath.Join(c.Fabric, "version")
	if built, err := os.ReadFile(stamp); err == nil && string(built) == version && c.builtAlready(nil) == nil {
		return nil
	}
	c.say("building Fabric's commands: once, a minute or two")
	done := make(chan struct{})
	defer close(done)
	go func() { // the build itself is silent
		start := time.Now()
		for {
			select {
			case <-done:
				return
			case <-time.After(15 * time.Second):
				c.say("  … still building after %s", time.Since(start).Round(time.Second))
			}
		}
	}()
	folder, err := filepath.Abs(c.Fabric)
	if err != nil {
		return err
	}
	if err := run(ctx, tools, "go", "build", "-trimpath", "-o", folder+string(filepath.Separator), "tool"); err != nil {
		return err
	}
	return os.WriteFile(stamp, []byte(version), 0o644)
}

// lock makes a folder this program's own until unlock: others that build there at
// the same time wait, and find the work done.
func lock(folder string) (unlock func() error, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(folder, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file.Close, nil
}

// builtAlready checks that the engine's commands are there; because says why
// they cannot be built.
func (c *Cluster) builtAlready(because error) error {
	var missing []string
	for _, name := range engineCommands {
		if path := filepath.Join(c.Fabric, name); !exists(path) {
			missing = append(missing, path)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("missing: %s; they are built from deltatrace's source (%w)", strings.Join(missing, ", "), because)
	}
	return nil
}

// moduleRoot returns the folder of deltatrace's source, when the current folder
// is in it.
func moduleRoot(ctx context.Context) (string, error) {
	output, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("no Go source here: %w", err)
	}
	path, folder, _ := strings.Cut(strings.TrimSpace(string(output)), " ")
	if path != "deltatrace" {
		return "", fmt.Errorf("the source here is of module %q, not deltatrace", path)
	}
	return folder, nil
}

func run(ctx context.Context, folder, command string, args ...string) error {
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Dir = folder
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w:\n%s", command, strings.Join(args, " "), err, bytes.TrimSpace(output))
	}
	return nil
}
