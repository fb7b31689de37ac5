package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	_ "modernc.org/sqlite" // the driver of what is kept in SQLite

	"deltatrace/traceability"
)

// kept is what belongs into a backup beside the ledger: which files of the data
// folder, and how to copy them while a server writes them. The read model,
// readmodel.db, is made from the ledger.
var kept = []struct {
	pattern string
	copy    func(ctx context.Context, from, to string) error
}{
	{"webhooks.db", copyDatabase},
	{"*.pem", copyFile},
	{"*.key", copyFile},
	{"cursor-key", copyFile},
	{"disclosure/*.json*", copyFile},
}

// LedgerFolder is where an embedded ledger is in a data folder.
const LedgerFolder = "ledger"

// Stage is a copy of what is to be saved, which stands still while it is written
// out.
type Stage struct {
	dir      string
	manifest Manifest
}

// prefix of a stage's folder, and when one was left by a process that was killed.
const (
	prefix = ".backup-"
	stale  = 24 * time.Hour
)

// Take copies what is to be saved of a data folder to a folder in it; Close
// removes that. ledger puts the ledger into the new folder that it is given, and
// returns its last block; nil when the ledger is elsewhere.
func Take(ctx context.Context, data string, ledger func(to string) (traceability.Head, error)) (s *Stage, err error) {
	if err := sweep(data); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(data, prefix)
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	s = &Stage{dir: dir, manifest: Manifest{Format: Format, Made: traceability.Instant(time.Now())}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if ledger != nil {
		head, err := ledger(filepath.Join(dir, LedgerFolder))
		if err != nil {
			return nil, err
		}
		s.manifest.Head = &head
	}
	for _, k := range kept {
		found, err := filepath.Glob(filepath.Join(data, filepath.FromSlash(k.pattern)))
		if err != nil {
			return nil, fmt.Errorf("backup: %w", err)
		}
		for _, from := range found {
			name, err := filepath.Rel(data, from)
			if err != nil {
				return nil, fmt.Errorf("backup: %w", err)
			}
			to := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				return nil, fmt.Errorf("backup: %w", err)
			}
			if err := k.copy(ctx, from, to); err != nil {
				return nil, fmt.Errorf("backup: %s: %w", name, err)
			}
		}
	}
	return s, s.list(ctx)
}

// sweep removes what killed processes have left.
func sweep(data string) error {
	found, err := filepath.Glob(filepath.Join(data, prefix+"*"))
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	for _, dir := range found {
		info, err := os.Stat(dir)
		if err == nil && time.Since(info.ModTime()) > stale {
			err = os.RemoveAll(dir)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("backup: %w", err)
		}
	}
	return nil
}

// list notes every file with its size and digest.
func (s *Stage) list(ctx context.Context) error {
	return filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		defer f.Close()
		digest := sha256.New()
		size, err := io.Copy(digest, f)
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		name, err := filepath.Rel(s.dir, path)
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		s.manifest.Files = append(s.manifest.Files, File{Name: filepath.ToSlash(name), Size: size, SHA256: traceability.Hash(digest.Sum(nil))})
		return nil
	})
}

// Manifest says what is in the stage.
func (s *Stage) Manifest() Manifest { return s.manifest }

// Write writes the backup.
func (s *Stage) Write(ctx context.Context, w io.Writer) error {
	text, err := json.Marshal(s.manifest, json.Deterministic(true), jsontext.WithIndent(" "))
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	out := tar.NewWriter(w)
	if err := out.WriteHeader(s.header(manifestName, int64(len(text)))); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if _, err := out.Write(text); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	for _, f := range s.manifest.Files {
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		if err := s.entry(out, f); err != nil {
			return fmt.Errorf("backup: %s: %w", f.Name, err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

func (s *Stage) entry(out *tar.Writer, f File) error {
	in, err := os.Open(filepath.Join(s.dir, filepath.FromSlash(f.Name)))
	if err != nil {
		return err
	}
	defer in.Close()
	if err := out.WriteHeader(s.header(f.Name, f.Size)); err != nil {
		return err
	}
	_, err = io.CopyN(out, in, f.Size)
	return err
}

func (s *Stage) header(name string, size int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: s.manifest.Made, Format: tar.FormatPAX}
}

// Close removes the copy.
func (s *Stage) Close() error {
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

func copyFile(_ context.Context, from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}

// copyDatabase copies a SQLite database as it is at one moment, also while others
// write it.
func copyDatabase(ctx context.Context, from, to string) error {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: from}).EscapedPath()+"?_busy_timeout=10000&mode=rw")
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(os.Chmod(to, 0o600), db.Close())
}
