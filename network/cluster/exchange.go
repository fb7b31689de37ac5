package cluster

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"deltatrace/network/topology"
)

// What a province gives to the others: certificates, and its regulator's public
// key. No private key is among it; Take refuses files that are not.

// public lists, below the root, what others need of a province.
func (c *Cluster) public(p topology.Province) ([]string, error) {
	var paths []string
	for _, path := range []string{
		c.files.MSP(p), c.files.OrdererMSP(p), c.files.Regulator(p),
		c.files.PeerTLS(p).Root, c.files.OrdererTLS(p).Cert, c.files.OrdererTLS(p).Root, c.files.OrdererSigningCert(p),
	} {
		err := filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			relative, err := filepath.Rel(c.Root, path)
			paths = append(paths, relative)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// Share writes the public material of the provinces that run here, .tar.gz.
func (c *Cluster) Share(w io.Writer) error {
	compressed := gzip.NewWriter(w)
	archive := tar.NewWriter(compressed)
	for _, p := range c.provinces {
		paths, err := c.public(p)
		if err != nil {
			return fmt.Errorf("public material of %s: %w; `network keys` makes it", p.Name, err)
		}
		for _, path := range paths {
			content, err := os.ReadFile(filepath.Join(c.Root, path))
			if err != nil {
				return err
			}
			if err := archive.WriteHeader(&tar.Header{Name: filepath.ToSlash(path), Mode: 0o644, Size: int64(len(content))}); err != nil {
				return err
			}
			if _, err := archive.Write(content); err != nil {
				return err
			}
		}
	}
	return errors.Join(archive.Close(), compressed.Close())
}

// Bounds of what Take reads.
const (
	maxShared     = 1000    // files
	maxSharedFile = 1 << 20 // bytes of one
)

// Take reads what another province shared. What is there already must be equal:
// nobody changes a province's certificates behind its back.
func (c *Cluster) Take(r io.Reader) error {
	compressed, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("not a shared file: %w", err)
	}
	archive := tar.NewReader(compressed)
	for n := 0; ; n++ {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("not a shared file: %w", err)
		}
		if n >= maxShared || header.Size > maxSharedFile {
			return fmt.Errorf("%s: found %d bytes in file %d, expected at most %d and %d", header.Name, header.Size, n+1, maxSharedFile, maxShared)
		}
		if err := c.mayTake(header); err != nil {
			return err
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return err
		}
		path := filepath.Join(c.Root, filepath.FromSlash(header.Name))
		if old, err := os.ReadFile(path); err == nil && string(old) != string(content) {
			return fmt.Errorf("%s is here already and differs from what was shared", path)
		}
		if err := write(path, content, 0o644); err != nil {
			return err
		}
	}
}

// mayTake accepts certificates, the configuration of an MSP, and regulators'
// public keys, of provinces of the topology that do not run here.
func (c *Cluster) mayTake(header *tar.Header) error {
	name := filepath.FromSlash(header.Name)
	if header.Typeflag != tar.TypeReg || !filepath.IsLocal(name) {
		return fmt.Errorf("%q: found something other than a file below the folder", header.Name)
	}
	switch filepath.Ext(name) {
	case ".pem", ".crt", ".yaml", ".json":
	default:
		return fmt.Errorf("%q: expected a certificate, config.yaml or a regulator's public key", header.Name)
	}
	for _, p := range c.Topology.Provinces {
		here := slices.ContainsFunc(c.provinces, func(o topology.Province) bool { return o.Code == p.Code })
		for _, folder := range []string{c.files.MSP(p), c.files.OrdererMSP(p), c.files.Regulator(p), filepath.Dir(c.files.PeerTLS(p).Root),
			filepath.Dir(c.files.OrdererTLS(p).Cert), filepath.Dir(c.files.OrdererSigningCert(p))} {
			relative, err := filepath.Rel(folder, filepath.Join(c.Root, name))
			if err == nil && !strings.HasPrefix(relative, "..") {
				if here && len(c.Only) > 0 {
					return fmt.Errorf("%q: %s runs here; its own material is not taken from others", header.Name, p.Name)
				}
				return nil
			}
		}
	}
	return fmt.Errorf("%q: belongs to no province of the topology", header.Name)
}
