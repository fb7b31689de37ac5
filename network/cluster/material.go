package cluster

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"

	"deltatrace/network/keyring"
	"deltatrace/network/topology"
)

//go:embed config builder
var embedded embed.FS

// maxBlockBytes bounds a transaction, and a block: the largest batch of documents
// (8 MiB), what the records add to it, and the endorsements.
const maxBlockBytes = 16 << 20

// material makes keys, channel and configuration. Keys and channel are made once
// and for all: new ones would be another network. The configuration is written
// each time.
func (c *Cluster) material(ctx context.Context) error {
	steps := []struct {
		what, path string
		make       func(context.Context) error
	}{
		{"key material of every organisation", c.files.Crypto(), c.makeCrypto},
		{"keys of the regulators, and the genesis that names them", c.files.Genesis(), c.makeGenesis},
		{"the channel's first block", c.files.GenesisBlock(), c.makeChannel},
	}
	for _, step := range steps {
		if exists(step.path) {
			continue
		}
		c.say("making %s", step.what)
		if err := step.make(ctx); err != nil {
			return fmt.Errorf("make %s: %w", step.what, err)
		}
	}
	return c.configure()
}

// makeCrypto has cryptogen write to a folder of another name, so that a half-made
// one is never taken for whole.
func (c *Cluster) makeCrypto(ctx context.Context) error {
	config := filepath.Join(c.files.Config(), "crypto.yaml")
	if err := c.render("crypto.yaml.tmpl", config); err != nil {
		return err
	}
	making := c.files.Crypto() + ".making"
	if err := os.RemoveAll(making); err != nil {
		return err
	}
	if err := c.engine(ctx, "cryptogen", nil, "generate", "--config", config, "--output", making); err != nil {
		return err
	}
	return os.Rename(making, c.files.Crypto())
}

func (c *Cluster) makeGenesis(context.Context) error {
	genesis, err := keyring.Keyring{Dir: c.files.Keys()}.Genesis()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.files.Genesis()), 0o755); err != nil {
		return err
	}
	return keyring.WriteJSON(c.files.Genesis(), genesis)
}

func (c *Cluster) makeChannel(ctx context.Context) error {
	if err := c.render("configtx.yaml.tmpl", filepath.Join(c.files.Config(), "configtx.yaml")); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.files.GenesisBlock()), 0o755); err != nil {
		return err
	}
	return c.engine(ctx, "configtxgen", []string{"FABRIC_CFG_PATH=" + c.files.Config()},
		"-profile", "deltatrace", "-channelID", c.Topology.Channel, "-outputBlock", c.files.GenesisBlock())
}

// configure writes what the processes read at their start.
func (c *Cluster) configure() error {
	if err := c.render("core.yaml.tmpl", filepath.Join(c.files.Config(), "core.yaml")); err != nil {
		return err
	}
	if err := c.render("orderer.yaml", filepath.Join(c.files.Config(), "orderer.yaml")); err != nil {
		return err
	}
	for _, step := range []string{"detect", "build", "release"} {
		script, err := embedded.ReadFile("builder/" + step)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(c.files.Builder(), "bin", step), script, 0o755); err != nil {
			return err
		}
	}
	for _, p := range c.provinces {
		if err := os.MkdirAll(c.files.Connections(p), 0o700); err != nil {
			return err
		}
		if err := c.Topology.Profile(c.files, p).Write(c.files.Profile(p)); err != nil {
			return err
		}
	}
	return nil
}

// render fills a template from the topology.
func (c *Cluster) render(name, path string) error {
	text, err := embedded.ReadFile("config/" + name)
	if err != nil {
		return err
	}
	add := func(a, b int) int { return a + b }
	t, err := template.New(name).Funcs(template.FuncMap{"add": add}).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	err = t.Execute(&out, struct {
		*topology.Topology
		Files         topology.Files
		Builder       string
		MaxBlockBytes int
	}{c.Topology, c.files, c.files.Builder(), maxBlockBytes})
	if err != nil {
		return err
	}
	return write(path, out.Bytes(), 0o644)
}

// engine runs one of the Fabric engine's commands to its end.
func (c *Cluster) engine(ctx context.Context, command string, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(c.Fabric, command), args...)
	cmd.Env = append(os.Environ(), env...)
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w:\n%s", command, err, bytes.TrimSpace(output))
	}
	return nil
}

func write(path string, content []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil // a running process may have it open
	}
	return os.WriteFile(path, content, mode)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
