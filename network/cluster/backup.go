package cluster

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/network/keyring"
	"deltatrace/network/topology"
	"deltatrace/traceability"
)

// A backup of a province is a .tar.gz: what it needs to run again on another
// machine. It holds the province's private keys, and is written for its owner
// alone. Its last entry is the manifest.

// backupFormat names what this version writes and reads.
const backupFormat = "deltatrace province backup 1"

// manifestName is the last entry of a backup.
const manifestName = "backup.json"

// manifest says what must be in a backup, so that one that was cut, or altered, is
// no backup.
type manifest struct {
	Format   string            `json:"format"`
	Province string            `json:"province"` // its name in the topology
	Made     time.Time         `json:"made"`     // UTC
	Files    map[string]digest `json:"files"`    // by name below the root, with slashes
}

// digest is a file's size in bytes and its SHA-256 in hex.
type digest struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// local returns the one province that runs here.
func (c *Cluster) local() (topology.Province, error) {
	if len(c.provinces) != 1 {
		return topology.Province{}, fmt.Errorf("--only: found %d provinces, expected one", len(c.provinces))
	}
	return c.provinces[0], nil
}

// Backup writes a backup of the province that runs here. The orderer and then the
// peer are stopped for as long as they are copied, and started again if they ran;
// the other provinces go on meanwhile.
func (c *Cluster) Backup(ctx context.Context, w io.Writer) error {
	p, err := c.local()
	if err != nil {
		return err
	}
	if !exists(c.files.AdminMSP(p)) || !exists(c.files.GenesisBlock()) {
		return fmt.Errorf("%s has no province %s to save", c.Root, p.Name)
	}
	compressed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	a := &backupWriter{root: c.Root, archive: tar.NewWriter(compressed),
		manifest: manifest{Format: backupFormat, Province: p.Name, Made: time.Now().UTC().Truncate(time.Second), Files: make(map[string]digest)}}
	paths, err := c.kept(p)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := a.add(ctx, path); err != nil {
			return err
		}
	}
	for _, part := range []struct{ kind, folder string }{{Orderer, c.files.OrdererData(p)}, {Peer, c.files.PeerData(p)}} {
		if err := c.stopped(ctx, Name(p, part.kind), func() error { return a.add(ctx, part.folder) }); err != nil {
			return err
		}
	}
	if err := a.finish(); err != nil {
		return err
	}
	return compressed.Close()
}

// kept lists what belongs in a province's backup beside its processes' data. Of the
// others it is what they share; their keys, where they are here, stay.
func (c *Cluster) kept(p topology.Province) ([]string, error) {
	paths := []string{
		filepath.Dir(c.files.MSP(p)), filepath.Dir(c.files.OrdererMSP(p)), c.files.Regulator(p),
		c.files.GenesisBlock(), c.files.Genesis(), c.madeFor(),
	}
	for _, path := range []string{
		c.files.Deployments(), filepath.Dir(c.files.Package("")),
		keyring.Keyring{Dir: c.files.Keys()}.Path(traceability.Regulator(traceability.ProvinceCode(p.Code))),
	} {
		if exists(path) {
			paths = append(paths, path)
		}
	}
	for _, other := range c.Topology.Provinces {
		if other.Code == p.Code || !exists(c.files.MSP(other)) {
			continue
		}
		public, err := c.public(other)
		if err != nil {
			return nil, fmt.Errorf("public material of %s: %w", other.Name, err)
		}
		for _, path := range public {
			paths = append(paths, filepath.Join(c.Root, path))
		}
	}
	return paths, nil
}

// stopped does something while a process does not run, and starts it again, if it
// ran, whatever comes of that.
func (c *Cluster) stopped(ctx context.Context, name string, do func() error) error {
	d, err := c.named(name)
	if err != nil {
		return err
	}
	if d.PID() == 0 {
		c.say("copying the data of %s, which does not run", name)
		return do()
	}
	c.say("stopping %s to copy its data; the other provinces go on", name)
	if err := d.Stop(); err != nil {
		return err
	}
	failure := do()
	c.say("starting %s again", name)
	return errors.Join(failure, explain(d, d.Start(context.WithoutCancel(ctx))))
}

// backupWriter writes files below the root, and notes them.
type backupWriter struct {
	root     string
	archive  *tar.Writer
	manifest manifest
}

// add writes a file, or a folder with all that is in it. What several paths have in
// common is written once.
func (a *backupWriter) add(ctx context.Context, path string) error {
	return filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		relative, err := filepath.Rel(a.root, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		if _, written := a.manifest.Files[name]; written {
			return nil
		}
		if entry.IsDir() {
			return a.archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o700})
		}
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%s is neither a file nor a folder", path)
		}
		return a.file(name, path)
	})
}

func (a *backupWriter) file(name, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := a.archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: info.Size()}); err != nil {
		return err
	}
	hash := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(a.archive, hash), file, info.Size()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	a.manifest.Files[name] = digest{info.Size(), hex.EncodeToString(hash.Sum(nil))}
	return nil
}

// finish writes the manifest.
func (a *backupWriter) finish() error {
	content, err := json.Marshal(a.manifest, json.Deterministic(true))
	if err != nil {
		return err
	}
	if err := a.archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: manifestName, Mode: 0o600, Size: int64(len(content))}); err != nil {
		return err
	}
	if _, err := a.archive.Write(content); err != nil {
		return err
	}
	return a.archive.Close()
}

// mayRestore accepts what Backup writes of a province, and nothing beside: names
// below the root, of this province or of what all share.
func (c *Cluster) mayRestore(p topology.Province, header *tar.Header) error {
	name := filepath.FromSlash(strings.TrimSuffix(header.Name, "/"))
	if !filepath.IsLocal(name) || filepath.Clean(name) != name || (header.Typeflag != tar.TypeReg && header.Typeflag != tar.TypeDir) {
		return fmt.Errorf("%q: found something other than a file or folder below the folder", header.Name)
	}
	for _, folder := range []string{c.files.Crypto(), filepath.Dir(c.files.GenesisBlock()), filepath.Dir(c.files.Regulator(p)),
		filepath.Dir(c.files.Package("")), c.files.Keys(), c.files.Deployments(), c.madeFor(), c.files.PeerData(p), c.files.OrdererData(p)} {
		relative, err := filepath.Rel(folder, filepath.Join(c.Root, name))
		if err == nil && (relative == "." || filepath.IsLocal(relative)) {
			return nil
		}
	}
	return fmt.Errorf("%q: belongs to no backup of %s", header.Name, p.Name)
}
