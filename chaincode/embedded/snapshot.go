package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"deltatrace/traceability"
)

// Snapshot makes the new folder to a ledger of its own, as it is now, while this
// one goes on working: everything acknowledged before the call is in it. Tables
// are shared as hard links when to is on the same disk, so it takes little room
// until the ledger has moved on. It returns the last block in it.
func (l *Ledger) Snapshot(to string) (traceability.Head, error) {
	err := l.read(func(pebble.Reader) error {
		return l.db.Checkpoint(to, pebble.WithFlushedWAL())
	})
	if err != nil {
		return traceability.Head{}, fmt.Errorf("embedded: snapshot: %w", err)
	}
	return markSnapshot(to)
}

// Snapshot is as the method, for a ledger that nobody has open. It needs no room
// for the tables, so a ledger whose disk is full can still be saved elsewhere.
func Snapshot(ctx context.Context, dir, to string) (head traceability.Head, err error) {
	v, err := openView(dir)
	if err != nil {
		return head, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	if _, err := ledgerHead(v, v.dir); err != nil {
		return head, err
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		return head, fmt.Errorf("embedded: snapshot: %w", err)
	}
	files, err := os.ReadDir(v.dir)
	if err != nil {
		return head, fmt.Errorf("embedded: snapshot: %w", err)
	}
	for _, f := range files {
		if err := context.Cause(ctx); err != nil {
			return head, fmt.Errorf("embedded: snapshot: %w", err)
		}
		if f.IsDir() || f.Name() == lockFile || f.Name() == ownerFile {
			continue
		}
		// A table never changes; a log does, and is written over when its time is past.
		move := func(fs vfs.FS, from, to string) error { return vfs.Copy(fs, from, to) }
		if strings.HasSuffix(f.Name(), ".sst") {
			move = vfs.LinkOrCopy
		}
		if err := move(vfs.Default, filepath.Join(v.dir, f.Name()), filepath.Join(to, f.Name())); err != nil {
			return head, fmt.Errorf("embedded: snapshot: %w", err)
		}
	}
	return markSnapshot(to)
}

// lockFile is how Pebble names its lock.
const lockFile = "LOCK"

// markSnapshot writes the mark of a folder that was just made, and returns the
// last block in it.
func markSnapshot(dir string) (head traceability.Head, err error) {
	v, err := openView(dir)
	if err != nil {
		return head, err
	}
	defer func() { err = errors.Join(err, v.Close(), os.Remove(filepath.Join(dir, lockFile))) }()
	if head, err = ledgerHead(v, v.dir); err != nil {
		return head, err
	}
	text := fmt.Appendf(nil, markLayout, head.Number, head.Hash)
	if err := os.WriteFile(filepath.Join(dir, markFile), text, 0o600); err != nil {
		return head, fmt.Errorf("embedded: snapshot: %w", err)
	}
	return head, nil
}

// ledgerHead returns the last block of a database that must be a ledger.
func ledgerHead(db pebble.Reader, dir string) (traceability.Head, error) {
	found, err := checkFormat(db, dir)
	if err == nil && !found {
		err = fmt.Errorf("embedded: there is no ledger in %s", dir)
	}
	if err != nil {
		return traceability.Head{}, err
	}
	head, err := readHead(db)
	if err != nil {
		return head, damaged(fmt.Errorf("embedded: %s: %w", dir, err), nil)
	}
	return head, nil
}
