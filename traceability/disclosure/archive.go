package disclosure

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"deltatrace/traceability"
)

// Archive keeps the computed days, a file of JSON for each, named by the day, and for
// the last of them the list of failing shops beside it. Days can be computed again,
// so files are enough.
type Archive struct{ dir string }

// OpenArchive makes the folder if it is not there.
func OpenArchive(dir string) (*Archive, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("disclosure: %w", err)
	}
	return &Archive{dir}, nil
}

const suffix = ".json"

// Save keeps a day, in place of what was kept of it, with its list of failing shops,
// and drops the lists that are too old. A file is whole or not there, and a day that
// is there has had its list.
func (a *Archive) Save(d *Day) error {
	err := a.write(string(d.Day)+listSuffix, func(w io.Writer) error { return writeList(w, d) })
	if err == nil {
		err = a.write(string(d.Day)+suffix, func(w io.Writer) error {
			text, err := json.Marshal(d, json.Deterministic(true), jsontext.WithIndent(" "))
			if err != nil {
				return err
			}
			_, err = w.Write(append(text, '\n'))
			return err
		})
	}
	if err == nil {
		err = a.dropLists()
	}
	if err != nil {
		return fmt.Errorf("disclosure of %s: %w", d.Day, err)
	}
	return nil
}

// write makes a file, whole or not at all.
func (a *Archive) write(name string, fill func(io.Writer) error) error {
	temporary, err := os.CreateTemp(a.dir, name+".*")
	if err != nil {
		return err
	}
	err = errors.Join(fill(temporary), temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), filepath.Join(a.dir, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

// lists returns the names of the lists of failing shops, in the order of their days.
func (a *Archive) lists() ([]string, error) {
	return filepath.Glob(filepath.Join(a.dir, "????-??-??"+listSuffix)) // sorted
}

func (a *Archive) dropLists() error {
	names, err := a.lists()
	for _, name := range names[:max(0, len(names)-ListsKept)] {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// Load returns a day; ErrNotFound when it was not computed.
func (a *Archive) Load(day traceability.Date) (*Day, error) {
	text, err := os.ReadFile(filepath.Join(a.dir, string(day)+suffix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, traceability.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("disclosure of %s: %w", day, err)
	}
	d := new(Day)
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("disclosure of %s: %w", day, err)
	}
	return d, nil
}

// Days lists the days that were computed, in their order.
func (a *Archive) Days() ([]traceability.Date, error) {
	names, err := filepath.Glob(filepath.Join(a.dir, "????-??-??"+suffix)) // sorted
	if err != nil {
		return nil, fmt.Errorf("disclosure: %w", err)
	}
	var days []traceability.Date
	for _, name := range names {
		if day, err := traceability.ParseDate(strings.TrimSuffix(filepath.Base(name), suffix)); err == nil {
			days = append(days, day)
		}
	}
	return days, nil
}

// Of returns a cell's rate on the day; the zero Rate where it has no shop.
func (d *Day) Of(c Cell) Rate {
	for _, r := range d.Rates {
		if r.Cell == c {
			return r.Rate
		}
	}
	return Rate{}
}
