package embedded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// view is a ledger that nobody else has open, opened to be read. It leaves the
// folder as it is, which may be one that this process must not write in.
type view struct {
	*pebble.DB
	dir  string
	held *pebble.Lock
}

// openView opens the ledger in dir to read it. A process that serves it keeps
// others out: ErrInUse.
func openView(dir string) (*view, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	dir, err := absolute(vfs.Default, dir)
	if err != nil {
		return nil, err
	}
	held, err := lockView(dir)
	if err != nil {
		return nil, err
	}
	options := pebbleOptions(vfs.Default, slog.New(slog.DiscardHandler))
	options.Lock, options.ReadOnly = held, true
	db, err := pebble.Open(dir, options)
	if err != nil {
		return nil, errors.Join(damaged(fmt.Errorf("embedded: open %s: %w", dir, err), nil), held.Close())
	}
	return &view{DB: db, dir: dir, held: held}, nil
}

// Close gives the folder free.
func (v *view) Close() error { return errors.Join(v.DB.Close(), v.held.Close()) }

// lockView keeps owners out while the ledger is read. Where the lock cannot be
// written, a lock for reading does it, which needs no right to write; and where
// there is no file to lock, no owner has ever been.
func lockView(dir string) (*pebble.Lock, error) {
	held, err := lock(vfs.Default, dir)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return lock(readingFS{vfs.Default}, dir)
	}
	return held, err
}

// readingFS is the disk with a lock for those who only read.
type readingFS struct{ vfs.FS }

// Lock implements vfs.FS.
func (readingFS) Lock(name string) (io.Closer, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return io.NopCloser(nil), nil
	}
	if err != nil {
		return nil, err
	}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_RDLCK, Whence: io.SeekStart}); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
