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

	"github.com/go-json-experiment/json"

	"deltatrace/network/keyring"
	"deltatrace/network/topology"
	"deltatrace/traceability"
)

//go:embed config builder
var embedded embed.FS

// maxBlockBytes bounds a transaction, and a block: the largest batch of documents
// (8 MiB), what the records add to it, and the endorsements.
const maxBlockBytes = 16 << 20

// material makes what is missing of keys and channel, and the configuration. Keys
// and channel are made once and for all: new ones would be another network. Where
// only some provinces run, the others' public material and the channel must have
// been taken in.
func (c *Cluster) material(ctx context.Context) error {
	if err := c.Keys(ctx); err != nil {
		return err
	}
	if len(c.Only) > 0 && !exists(c.files.GenesisBlock()) {
		return fmt.Errorf("%s is missing: one province makes it with `network channel`, when it has everybody's public material, and gives it and %s to the others", c.files.GenesisBlock(), c.files.Genesis())
	}
	if err := c.Channel(ctx); err != nil {
		return err
	}
	return c.configure()
}

// Keys makes the key material of the provinces that run here, and their
// regulators' keys, unless they have it.
func (c *Cluster) Keys(ctx context.Context) error {
	for _, p := range c.provinces {
		if !exists(c.files.AdminMSP(p)) {
			c.say("making key material of %s", p.Name)
			if err := c.makeCrypto(ctx, p); err != nil {
				return fmt.Errorf("make key material of %s: %w", p.Name, err)
			}
		}
		if !exists(c.files.Regulator(p)) && traceability.ProvinceCode(p.Code).Valid() {
			key, err := keyring.Keyring{Dir: c.files.Keys()}.Key(traceability.Regulator(traceability.ProvinceCode(p.Code)))
			if err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Dir(c.files.Regulator(p)), 0o755); err != nil {
				return err
			}
			province := traceability.Province{Code: traceability.ProvinceCode(p.Code), Key: key.Public()}
			if err := keyring.WriteJSON(c.files.Regulator(p), province); err != nil {
				return err
			}
		}
	}
	return nil
}

// Channel makes the channel's first block, and the genesis that names the
// regulators, from everybody's public material, unless they are there.
func (c *Cluster) Channel(ctx context.Context) error {
	if exists(c.files.GenesisBlock()) && exists(c.files.Genesis()) {
		return nil
	}
	var missing []string
	for _, p := range c.Topology.Provinces {
		if !exists(c.files.MSP(p)) || !exists(c.files.OrdererMSP(p)) {
			missing = append(missing, p.Name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the public material of %v is missing: they write it with `network share`, and `network take` reads it", missing)
	}
	c.say("making the channel's first block")
	if err := c.makeGenesis(); err != nil {
		return fmt.Errorf("make the genesis: %w", err)
	}
	if err := c.makeChannel(ctx); err != nil {
		return fmt.Errorf("make the channel's first block: %w", err)
	}
	return nil
}

// makeCrypto has cryptogen write elsewhere, so that a half-made organisation is
// never taken for whole.
func (c *Cluster) makeCrypto(ctx context.Context, p topology.Province) error {
	one := *c.Topology
	one.Provinces = []topology.Province{p}
	making := filepath.Join(c.Root, "making", p.Name)
	if err := os.RemoveAll(making); err != nil {
		return err
	}
	config := filepath.Join(making, "crypto.yaml")
	if err := c.render("crypto.yaml.tmpl", config, &one); err != nil {
		return err
	}
	if err := c.engine(ctx, "cryptogen", nil, "generate", "--config", config, "--output", making); err != nil {
		return err
	}
	made := topology.Files{Root: making}
	for _, organisation := range [][2]string{{"ordererOrganizations", p.OrdererDomain()}, {"peerOrganizations", p.Domain()}} {
		from, to := filepath.Join(made.Root, organisation[0], organisation[1]), filepath.Join(c.files.Crypto(), organisation[0], organisation[1])
		signer, err := filepath.Rel(to, c.files.OrdererSigningCert(p))
		if err != nil {
			return err
		}
		signer = filepath.Join(from, signer)
		if err := lengthen(from, signer); err != nil {
			return err
		}
		begin, end := c.period()
		if err := reissue(from, signer, begin, end); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
	}
	return os.RemoveAll(making)
}

// makeGenesis puts the regulators' public keys together.
func (c *Cluster) makeGenesis() error {
	var genesis traceability.Genesis
	for _, p := range c.Topology.Provinces {
		if !traceability.ProvinceCode(p.Code).Valid() {
			continue // an organisation that runs a part of the network and regulates nothing
		}
		content, err := os.ReadFile(c.files.Regulator(p))
		if err != nil {
			return err
		}
		var province traceability.Province
		if err := json.Unmarshal(content, &province, json.RejectUnknownMembers(true)); err != nil {
			return fmt.Errorf("%s: %w", c.files.Regulator(p), err)
		}
		genesis.Provinces = append(genesis.Provinces, province)
	}
	if err := os.MkdirAll(filepath.Dir(c.files.Genesis()), 0o755); err != nil {
		return err
	}
	return keyring.WriteJSON(c.files.Genesis(), genesis)
}

func (c *Cluster) makeChannel(ctx context.Context) error {
	if err := c.render("configtx.yaml.tmpl", filepath.Join(c.files.Config(), "configtx.yaml"), c.Topology); err != nil {
		return err
	}
	return c.engine(ctx, "configtxgen", []string{"FABRIC_CFG_PATH=" + c.files.Config()},
		"-profile", "deltatrace", "-channelID", c.Topology.Channel, "-outputBlock", c.files.GenesisBlock())
}

// configure writes what the processes read at their start.
func (c *Cluster) configure() error {
	if err := c.render("core.yaml.tmpl", filepath.Join(c.files.Config(), "core.yaml"), c.Topology); err != nil {
		return err
	}
	if err := c.render("orderer.yaml", filepath.Join(c.files.Config(), "orderer.yaml"), c.Topology); err != nil {
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

// render fills a template from a topology.
func (c *Cluster) render(name, path string, of *topology.Topology) error {
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
	}{of, c.files, c.files.Builder(), maxBlockBytes})
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
