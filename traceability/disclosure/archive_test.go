package disclosure_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/disclosure"
)

func TestArchive(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "disclosure")
	a, err := disclosure.OpenArchive(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Load("2026-11-22"); !errors.Is(err, traceability.ErrNotFound) {
		t.Error(err)
	}
	day := &disclosure.Day{Day: "2026-11-22", Height: 7, Time: time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC),
		Rates: []disclosure.CellRate{{Cell: disclosure.Cell{Platform: one}, Rate: disclosure.Rate{Base: 2, Nominal: 1, Reasons: map[traceability.ViolationCode]int{traceability.ViolationStale: 1}}}}}
	for range 2 { // again, in place of the first
		if err := a.Save(day); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Save(&disclosure.Day{Day: "2026-11-20"}); err != nil {
		t.Fatal(err)
	}
	// What a crash left behind is no day.
	if err := os.WriteFile(filepath.Join(dir, "2026-11-21.123"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := a.Load("2026-11-22")
	if diff := cmp.Diff(day, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	days, err := a.Days()
	if diff := cmp.Diff([]traceability.Date{"2026-11-20", "2026-11-22"}, days); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}
