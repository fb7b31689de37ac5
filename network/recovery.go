package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"deltatrace/network/cluster"
)

// valid is the flag of commands that issue certificates.
type valid struct {
	Valid time.Duration `help:"How long certificates that are made are valid; ten years by default." placeholder:"DURATION"`
}

type renewCommand struct {
	fabricFlags
	valid
}

func (r *renewCommand) Run(ctx context.Context) error {
	c, err := r.cluster()
	if err != nil {
		return err
	}
	c.Valid = r.Valid
	if err := c.Renew(ctx); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "a client that runs, such as an API, has the old certificates until it is started again")
	return nil
}

type backupCommand struct {
	fabricFlags
	File string `arg:"" help:"File to write, .tar.gz; it must not be there." type:"path"`
}

// Run writes the file whole or not at all, for the owner's eyes only.
func (b *backupCommand) Run(ctx context.Context) error {
	c, err := b.cluster()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(b.File); err == nil {
		return fmt.Errorf("%s is there already: name another file", b.File)
	}
	file, err := os.CreateTemp(filepath.Dir(b.File), "."+filepath.Base(b.File)+"-")
	if err != nil {
		return err
	}
	if err := errors.Join(c.Backup(ctx, file), file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), b.File); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s holds the province's private keys: keep it as you keep those\n", b.File)
	return nil
}

type restoreCommand struct {
	fabricFlags
	File string `arg:"" help:"What 'network backup' wrote." type:"existingfile"`
}

func (r *restoreCommand) Run(ctx context.Context) error {
	c, err := r.cluster()
	if err != nil {
		return err
	}
	if err := c.Build(ctx); err != nil {
		return err
	}
	file, err := os.Open(r.File)
	if err != nil {
		return err
	}
	defer file.Close()
	return c.Restore(ctx, file)
}

// writeCertificates writes which certificates end, and when.
func writeCertificates(w io.Writer, certificates []cluster.Certificate) {
	fmt.Fprintln(w, "\nCERTIFICATES OF\tFIRST ENDS\t\t")
	for _, c := range certificates {
		ends := c.Ends.Format(time.DateOnly)
		if c.Ends.Equal(cluster.Endless) {
			ends = "never"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", c.Node, ends, c.Warning(time.Now()))
	}
}
