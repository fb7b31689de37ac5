package embedded

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cockroachdb/pebble/v2"

	"deltatrace/traceability"
)

// DamageError says that the disk does not give back what was written: reading
// again gives the same. It is a traceability.ErrDamaged.
type DamageError struct {
	Block *uint64 // which block; nil when it is not one block's
	File  string  // of the folder, if that is known
	Err   error
}

// Error says what is damaged and what to do.
func (e *DamageError) Error() string {
	s := "embedded: the ledger is damaged"
	if e.Block != nil {
		s += fmt.Sprintf(" at block %d", *e.Block)
	}
	if e.File != "" {
		s += ", file " + e.File
	}
	return s + ": " + plain(e.Err) + "; restore a backup (`api restore`), or put back the file from a copy of the disk, and run `api verify`"
}

// Unwrap returns the cause.
func (e *DamageError) Unwrap() error { return e.Err }

// Is makes it a traceability.ErrDamaged.
func (e *DamageError) Is(target error) bool { return target == traceability.ErrDamaged }

// Permanent tells the projector not to try again.
func (e *DamageError) Permanent() bool { return true }

// damaged makes a DamageError of an error that says so, and leaves others as
// they are.
func damaged(err error, block *uint64) error {
	var already *DamageError
	var breaks *BreakError
	switch {
	case err == nil || errors.As(err, &already):
		return err
	case errors.As(err, &breaks):
		return &DamageError{Block: &breaks.Block, Err: err}
	case !pebble.IsCorruptionError(err) && !errors.Is(err, errDamaged):
		return err
	}
	e := &DamageError{Block: block, Err: err}
	if info := pebble.ExtractDataCorruptionInfo(err); info != nil {
		e.File = info.Path
	}
	return e
}

// plain is an error's text without the lines that only carry details for
// programs.
func plain(err error) string {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "<") {
			lines = append(lines, strings.TrimPrefix(line, "embedded: "))
		}
	}
	return strings.Join(lines, "; ")
}
