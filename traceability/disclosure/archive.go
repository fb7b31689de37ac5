package disclosure

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"deltatrace/traceability"
)

// Archive keeps the computed days, a file of JSON for each, named by the day. Days
// are small and can be computed again, so files are enough.
type Archive struct{ dir string }

// OpenArchive makes the folder if it is not there.
func OpenArchive(dir string) (*Archive, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("disclosure: %w", err)
	}
	return &Archive{dir}, nil
}

const suffix = ".json"

// Save keeps a day, in place of what was kept of it. A file is whole or not there.
func (a *Archive) Save(d *Day) error {
	text, err := json.Marshal(d, json.Deterministic(true), jsontext.WithIndent(" "))
	if err != nil {
		return fmt.Errorf("disclosure of %s: %w", d.Day, err)
	}
	temporary, err := os.CreateTemp(a.dir, string(d.Day)+".*")
	if err != nil {
		return fmt.Errorf("disclosure of %s: %w", d.Day, err)
	}
	_, err = temporary.Write(append(text, '\n'))
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), filepath.Join(a.dir, string(d.Day)+suffix))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("disclosure of %s: %w", d.Day, err), os.Remove(temporary.Name()))
	}
	return nil
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
