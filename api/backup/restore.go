package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2/vfs"

	"deltatrace/traceability"
)

// Restore takes a backup out into dir, which must be empty or not there. Nothing
// is in dir before all has been read, has the digests of the manifest, and prove
// has found the folder that holds it to be sound.
func Restore(ctx context.Context, r io.Reader, dir string, prove func(folder string, m *Manifest) error) (m *Manifest, err error) {
	if err := checkEmpty(dir); err != nil {
		return nil, err
	}
	above := filepath.Dir(dir)
	if err := os.MkdirAll(above, 0o700); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	folder, err := os.MkdirTemp(above, ".restore-")
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}()
	m, err = unpack(ctx, r, func(m *Manifest) error { return checkRoom(folder, m.Size()) }, func(in io.Reader, f File) error {
		return place(in, filepath.Join(folder, filepath.FromSlash(f.Name)), f)
	})
	if err != nil {
		return nil, err
	}
	if err := prove(folder, m); err != nil {
		return nil, err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("restore: %w", err)
	}
	if err := os.Rename(folder, dir); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	return m, syncFolder(above)
}

// checkEmpty refuses a folder that has something in it.
func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("restore: %w", err)
	case len(entries) > 0:
		return fmt.Errorf("restore: %s is not empty: restore into a new folder (--data), and put it in the place of the old one yourself", dir)
	}
	return nil
}

// Check reads a backup to its end, and compares every digest.
func Check(ctx context.Context, r io.Reader) (*Manifest, error) {
	return unpack(ctx, r, func(*Manifest) error { return nil }, func(in io.Reader, f File) error { return pour(in, io.Discard, f) })
}

// unpack reads entry by entry what the manifest says, no more and no less.
func unpack(ctx context.Context, r io.Reader, begin func(*Manifest) error, take func(io.Reader, File) error) (*Manifest, error) {
	in := tar.NewReader(r)
	header, err := in.Next()
	if err != nil || header.Name != manifestName || header.Size > maxManifest {
		return nil, fmt.Errorf("%w: it does not begin with %s", errFile, manifestName)
	}
	text, err := io.ReadAll(io.LimitReader(in, maxManifest))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFile, err)
	}
	m, err := readManifest(text)
	if err != nil {
		return nil, err
	}
	if err := begin(m); err != nil {
		return nil, err
	}
	for _, f := range m.Files {
		if err := context.Cause(ctx); err != nil {
			return nil, fmt.Errorf("restore: %w", err)
		}
		header, err := in.Next()
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", errFile, f.Name, err)
		}
		if header.Typeflag != tar.TypeReg || header.Name != f.Name || header.Size != f.Size {
			return nil, fmt.Errorf("%w: found %q of %d bytes, expected %q of %d", errFile, header.Name, header.Size, f.Name, f.Size)
		}
		if err := take(in, f); err != nil {
			return nil, err
		}
	}
	if _, err := in.Next(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: there is more in it than its manifest says", errFile)
	}
	return m, nil
}

// place writes one file, durably.
func place(in io.Reader, path string, f File) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := errors.Join(pour(in, out, f), out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

// pour copies one file and compares its digest.
func pour(in io.Reader, out io.Writer, f File) error {
	digest := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(out, digest), in, f.Size); err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	if found := traceability.Hash(digest.Sum(nil)); found != f.SHA256 {
		return fmt.Errorf("%w: %s has the digest %s, expected %s", errFile, f.Name, found, f.SHA256)
	}
	return nil
}

// checkRoom refuses what does not fit on the disk.
func checkRoom(dir string, size int64) error {
	disk, err := vfs.Default.GetDiskUsage(dir)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if uint64(size) > disk.AvailBytes {
		return fmt.Errorf("restore: %w: the backup has %d MiB, the disk of %s has %d MiB free", traceability.ErrNoSpace, size>>20, dir, disk.AvailBytes>>20)
	}
	return nil
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}
