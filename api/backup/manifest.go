package backup

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// Format names what this version writes and reads.
const Format = "deltatrace backup 1"

// Bounds of what is read: a manifest is a line for each file.
const (
	manifestName = "backup.json"
	maxManifest  = 64 << 20
	maxFiles     = 200_000
)

// Manifest says what is in a backup.
type Manifest struct {
	Format string             `json:"format"`
	Made   time.Time          `json:"made"`          // UTC
	Head   *traceability.Head `json:"head,omitzero"` // the last block of the ledger in it; nil when there is none in it
	Files  []File             `json:"files"`
}

// File is an entry.
type File struct {
	Name   string            `json:"name"` // from the data folder, with slashes
	Size   int64             `json:"size"` // bytes
	SHA256 traceability.Hash `json:"sha256"`
}

// Size is how many bytes all files have.
func (m *Manifest) Size() (n int64) {
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// errFile says that a file is no backup.
var errFile = errors.New("backup: this is not a whole backup")

func readManifest(text []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errFile, manifestName, err)
	}
	if m.Format != Format {
		return nil, fmt.Errorf("%w: found format %q, expected %q", errFile, m.Format, Format)
	}
	if len(m.Files) > maxFiles {
		return nil, fmt.Errorf("%w: found %d files, expected at most %d", errFile, len(m.Files), maxFiles)
	}
	seen := make(map[string]bool)
	for _, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Name)) || path.Clean(f.Name) != f.Name || f.Name == manifestName || seen[f.Name] || f.Size < 0 {
			return nil, fmt.Errorf("%w: entry %q of %d bytes", errFile, f.Name, f.Size)
		}
		seen[f.Name] = true
	}
	return m, nil
}
