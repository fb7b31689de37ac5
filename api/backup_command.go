package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"deltatrace/api/backup"
	"deltatrace/chaincode/embedded"
	"deltatrace/traceability"
)

// save is `api backup`.
type save struct {
	Storage
	File string `arg:"" type:"path" help:"The file to make; it must not be there."`
}

// Run writes a backup, from the running server if there is one.
func (b *save) Run(to *streams) (err error) {
	if _, err := os.Lstat(b.File); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup: %s is there already: name another file", b.File)
	}
	out, err := os.CreateTemp(filepath.Dir(b.File), "."+filepath.Base(b.File)+"-") // for the owner alone
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Close(), os.Remove(out.Name()))
		}
	}()
	err = b.askServer(to.ctx, "backup", out)
	if errors.Is(err, errNoServer) {
		err = b.write(to.ctx, out)
	}
	if err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	made, err := backup.Check(to.ctx, out)
	if err != nil {
		return fmt.Errorf("what was written does not read back: %w", err)
	}
	if err := errors.Join(os.Rename(out.Name(), b.File), out.Close()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	fmt.Fprintf(to.out, "OK %s, %d files, %d bytes, in %s\n", headText(made.Head), len(made.Files), made.Size(), b.File)
	return nil
}

// write makes the backup in this process: no server runs.
func (b *save) write(ctx context.Context, w io.Writer) error {
	var ledger func(string) (traceability.Head, error)
	if b.Ledger != onFabric {
		ledger = func(to string) (traceability.Head, error) { return embedded.Snapshot(ctx, b.ledger(), to) }
	}
	if _, err := os.Stat(b.data()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	stage, err := backup.Take(ctx, b.data(), ledger)
	if err != nil {
		return err
	}
	return errors.Join(stage.Write(ctx, w), stage.Close())
}

// headText says which ledger is in a backup.
func headText(head *traceability.Head) string {
	if head == nil {
		return "no ledger, which is the network's"
	}
	return fmt.Sprintf("block %d hash %s", head.Number, head.Hash)
}

// restore is `api restore`.
type restore struct {
	File string `arg:"" type:"existingfile" help:"What api backup made."`
	Data string `required:"" type:"path" placeholder:"DIR" help:"The data folder to make: not there yet, or empty."`
}

// Run takes a backup out into a new data folder, after the ledger in it has been
// recomputed from its first block and ends where the backup says.
func (r *restore) Run(to *streams) error {
	in, err := os.Open(r.File)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer in.Close()
	m, err := backup.Restore(to.ctx, in, r.Data, func(folder string, m *backup.Manifest) error {
		if m.Head == nil {
			return nil
		}
		p := newProgress(to.err, "verified")
		head, err := embedded.Verify(to.ctx, filepath.Join(folder, backup.LedgerFolder), p.block)
		p.end()
		if err != nil {
			return err
		}
		if head != *m.Head {
			return fmt.Errorf("restore: the ledger in the backup ends with %s, its manifest says %s", headText(&head), headText(m.Head))
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(to.out, "OK %s, %d files, %d bytes, in %s\n", headText(m.Head), len(m.Files), m.Size(), r.Data)
	return nil
}
