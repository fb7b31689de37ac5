package cluster

import (
	"archive/tar"
	"bytes"
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
	"syscall"

	"github.com/go-json-experiment/json"

	"deltatrace/network/topology"
)

// Bounds of what Restore reads; of bytes it takes what the disk has room for.
const (
	maxBackupFiles = 1_000_000
	maxManifest    = 256 << 20 // bytes
)

// Restore makes the province that runs here from a backup, starts it, and proves
// it: every block of the copy is recomputed before it is used, and when the peer is
// level with the others its blocks are compared with theirs. The province must not
// be there; of what all provinces share, what is there must be equal.
//
// An orderer must not run twice: where the old one may still run, it must be
// stopped first.
func (c *Cluster) Restore(ctx context.Context, r io.Reader) error {
	p, err := c.local()
	if err != nil {
		return err
	}
	for _, folder := range []string{c.files.PeerData(p), c.files.OrdererData(p)} {
		if entries, err := os.ReadDir(folder); err == nil && len(entries) > 0 {
			return fmt.Errorf("%s is not empty: a province is restored where it is not; move it away first", folder)
		}
	}
	if err := os.MkdirAll(c.Root, 0o755); err != nil {
		return err
	}
	staged, err := os.MkdirTemp(c.Root, ".restore-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staged)
	c.say("unpacking the backup of %s", p.Name)
	m, err := c.unpack(ctx, p, r, staged)
	if err != nil {
		return err
	}
	c.say("the backup is whole: %d files, made %s; putting it in place", len(m.Files), m.Made.Format("2006-01-02 15:04:05Z07:00"))
	if err := c.place(p, staged, m); err != nil {
		return err
	}
	if err := c.sameNetwork(); err != nil {
		return err
	}
	c.say("recomputing the blocks of the copy")
	if err := c.audit(ctx, "--peer-ledger", p.Name+"="+c.files.PeerData(p), "--province", p.Name); err != nil {
		return fmt.Errorf("the peer's copy is damaged; the peer's folder %s may be removed, and `network up` fetches all blocks from the others: %w", c.files.PeerData(p), err)
	}
	if err := c.Up(ctx); err != nil {
		return err
	}
	return c.Prove(ctx)
}

// Prove checks each peer that runs here: every hash, signature and endorsement of
// its blocks, and that the other provinces' peers have the same blocks.
func (c *Cluster) Prove(ctx context.Context) error {
	c.say("checking every block, and comparing with the other provinces")
	if err := c.audit(ctx, c.only()...); err != nil {
		return err
	}
	return c.admin(ctx, append([]string{"compare"}, c.only()...)...)
}

func (c *Cluster) audit(ctx context.Context, args ...string) error {
	return c.admin(ctx, append([]string{"audit"}, args...)...)
}

// unpack reads a backup into a folder and checks that it is whole.
func (c *Cluster) unpack(ctx context.Context, p topology.Province, r io.Reader, folder string) (*manifest, error) {
	compressed, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("not a backup: %w", err)
	}
	archive := tar.NewReader(compressed)
	found := make(map[string]digest)
	for n := 0; ; n++ {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		header, err := archive.Next()
		if err != nil {
			return nil, fmt.Errorf("not a whole backup: %w", noEOF(err))
		}
		if n >= maxBackupFiles {
			return nil, fmt.Errorf("not a backup: more than %d files", maxBackupFiles)
		}
		if header.Name == manifestName {
			m, err := readManifest(archive, header.Size)
			if err != nil {
				return nil, err
			}
			if _, err := archive.Next(); !errors.Is(err, io.EOF) {
				return nil, errors.New("not a whole backup: there is more in it after its manifest")
			}
			return m, m.check(p, found)
		}
		if err := c.mayRestore(p, header); err != nil {
			return nil, err
		}
		path := filepath.Join(folder, filepath.FromSlash(header.Name))
		if header.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(path, 0o700); err != nil {
				return nil, err
			}
			continue
		}
		if found[header.Name], err = unpackFile(archive, header, path); err != nil {
			return nil, err
		}
	}
}

// noEOF makes an end that comes too early an error that says so.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func unpackFile(r io.Reader, header *tar.Header, path string) (digest, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return digest{}, err
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &disk); err != nil {
		return digest{}, err
	}
	if room := disk.Bavail * uint64(disk.Bsize); uint64(header.Size) > room {
		return digest{}, fmt.Errorf("%s has %d MiB, the disk has room for %d", header.Name, header.Size>>20, room>>20)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return digest{}, err
	}
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(file, hash), r)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return digest{}, fmt.Errorf("%s: %w", header.Name, noEOF(err))
	}
	return digest{size, hex.EncodeToString(hash.Sum(nil))}, nil
}

func readManifest(r io.Reader, size int64) (*manifest, error) {
	if size > maxManifest {
		return nil, fmt.Errorf("%s has %d bytes, expected at most %d", manifestName, size, maxManifest)
	}
	m := new(manifest)
	if err := json.UnmarshalRead(r, m); err != nil {
		return nil, fmt.Errorf("not a whole backup: %s: %w", manifestName, err)
	}
	return m, nil
}

// check compares what was found in a backup with its manifest.
func (m *manifest) check(p topology.Province, found map[string]digest) error {
	if m.Format != backupFormat {
		return fmt.Errorf("%s: found format %q, expected %q", manifestName, m.Format, backupFormat)
	}
	if m.Province != p.Name {
		return fmt.Errorf("this is a backup of %q, expected %q", m.Province, p.Name)
	}
	if len(found) != len(m.Files) {
		return fmt.Errorf("not a whole backup: found %d files, expected %d", len(found), len(m.Files))
	}
	for name, expected := range m.Files {
		if found[name] != expected {
			return fmt.Errorf("not a whole backup: %s has %d bytes with SHA-256 %q, expected %d with %q",
				name, found[name].Size, found[name].SHA256, expected.Size, expected.SHA256)
		}
	}
	return nil
}

// place moves what was unpacked to where it belongs. Nothing is moved unless all
// can be.
func (c *Cluster) place(p topology.Province, staged string, m *manifest) error {
	var missing []string
	for name := range m.Files {
		path := filepath.FromSlash(name)
		if c.ownData(p, path) {
			continue
		}
		there, err := os.ReadFile(filepath.Join(c.Root, path))
		if errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, path)
			continue
		}
		if err != nil {
			return err
		}
		if isCertificate(path) || filepath.Join(c.Root, path) == c.files.Deployments() {
			continue // what is here may be newer
		}
		saved, err := os.ReadFile(filepath.Join(staged, path))
		if err != nil {
			return err
		}
		if !bytes.Equal(there, saved) {
			return fmt.Errorf("%s is here already and differs from the backup: is it the same network?", filepath.Join(c.Root, path))
		}
	}
	for _, path := range missing {
		if err := moveTo(filepath.Join(staged, path), filepath.Join(c.Root, path)); err != nil {
			return err
		}
	}
	for _, folder := range []string{c.files.PeerData(p), c.files.OrdererData(p)} {
		relative, err := filepath.Rel(c.Root, folder)
		if err != nil {
			return err
		}
		if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := moveTo(filepath.Join(staged, relative), folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// ownData says whether a file belongs to the province's peer or orderer.
func (c *Cluster) ownData(p topology.Province, path string) bool {
	for _, folder := range []string{c.files.PeerData(p), c.files.OrdererData(p)} {
		if strings.HasPrefix(filepath.Join(c.Root, path), folder+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

func moveTo(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.Rename(from, to)
}
