package reference_test

import (
	"fmt"
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

// Everything that is shipped can be signed, and each thing is there once.
func TestDocuments(t *testing.T) {
	t.Parallel()
	documents, err := reference.Documents()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, d := range documents {
		if problems, warnings := d.Payload.Check(); len(problems)+len(warnings) > 0 {
			t.Errorf("%s: %v %v", d.Payload.Record(), problems, warnings)
		}
		if seen[d.Payload.Record()] || traceability.NewPayload(d.Type) == nil {
			t.Errorf("%s, %s: twice, or of no type", d.Type, d.Payload.Record())
		}
		seen[d.Payload.Record()] = true
	}
	for _, id := range []traceability.TimerID{"T1", "T2", "T3", "T4", "T4b", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "T13", "T14", "T15",
		"T16a", "T16b", "T17a", "T17b", "T18", "T19", "T20", "T21", "T22", "T23a", "R1a", "R1b", "R2a", "R2b", "R3a", "R3b", "R5", "Q1"} {
		if !seen[traceability.TimerKey(id)] {
			t.Errorf("no %s", id)
		}
	}
}

func ExampleCalendars() {
	calendars, err := reference.Calendars()
	if err != nil {
		fmt.Println(err)
		return
	}
	due, err := calendars.Add("2026-09-28", 5)
	fmt.Println(due, err)
	_, err = calendars.Add("2026-12-28", 5)
	fmt.Println(err)
	// Output:
	// 2026-10-10 <nil>
	// calendar_missing: the ledger has no calendar of 2027, so working days cannot be counted
}
