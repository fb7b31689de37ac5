package cluster

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"

	"github.com/go-json-experiment/json"
)

// pack writes the chaincode package of a deployment and returns its id, the label
// with a hash. It names the program and sequence and nothing of one province, so
// every province makes the same bytes and sees that it approves what the others
// do.
func (c *Cluster) pack(d Deployment) (id string, err error) {
	metadata, err := json.Marshal(struct {
		Type  string `json:"type"`
		Label string `json:"label"`
	}{"ccaas", d.Label()})
	if err != nil {
		return "", err
	}
	program, err := json.Marshal(struct {
		Program  string `json:"program"`
		Sequence int    `json:"sequence"`
	}{d.Program, d.Sequence})
	if err != nil {
		return "", err
	}
	code, err := archive(file{"chaincode.json", program})
	if err != nil {
		return "", err
	}
	content, err := archive(file{"metadata.json", metadata}, file{"code.tar.gz", code})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s:%x", d.Label(), sha256.Sum256(content)), write(c.files.Package(d.Label()), content, 0o644)
}

type file struct {
	name    string
	content []byte
}

// archive makes a .tar.gz whose bytes follow from its content alone: no times, no
// owners, and stored, since compressors change with their versions.
func archive(files ...file) ([]byte, error) {
	var out bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&out, gzip.NoCompression)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(compressed)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.content)), Format: tar.FormatUSTAR}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if err := compressed.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
