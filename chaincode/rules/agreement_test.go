package rules_test

import (
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

func calendar(revision int, off ...traceability.Date) *traceability.Calendar {
	return &traceability.Calendar{Year: 2027, Revision: revision, Off: off, Basis: "演示"}
}

var provinces = traceability.Provinces()

// inForce returns which of a record's documents are in force.
func (w *world) inForce(key string) []int {
	w.Helper()
	state, err := traceability.DecodeState[traceability.AgreementState](w.state[key])
	if err != nil {
		w.Fatal(err)
	}
	return state.InForce
}

func TestAgreementNeedsThree(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	say := func(province int, c *traceability.Calendar) string {
		return w.sign(traceability.Regulator(provinces[province]), traceability.TypeCalendarSet, c)
	}
	first := calendar(1, "2027-01-01")
	for i := range 2 {
		outcome := w.accept(say(i, first))
		if len(outcome.Warnings) != 1 || outcome.Warnings[0].Code != traceability.CodeAwaiting || outcome.Record != "calendar/2027" {
			t.Errorf("signature %d: got %+v", i+1, outcome)
		}
		if got := w.inForce("calendar/2027"); len(got) > 0 {
			t.Errorf("in force with %d signatures", i+1)
		}
	}
	if outcome := w.submit(say(0, first))[0]; outcome.Status != traceability.StatusDuplicate {
		t.Errorf("the same province again: got %+v", outcome)
	}
	conflict := w.refuse(say(2, calendar(1, "2027-01-02")), traceability.CodeConflict, "revision")
	if conflict.Existing == "" || conflict.Record != "calendar/2027" {
		t.Errorf("the conflict does not lead anywhere: %+v", conflict)
	}
	if outcome := w.accept(say(2, first)); len(outcome.Warnings) > 0 {
		t.Errorf("the third: got %+v", outcome)
	}
	if got := w.inForce("calendar/2027"); len(got) != 1 || got[0] != 2 {
		t.Errorf("in force: %v", got)
	}
	w.accept(say(3, first)) // the fourth agrees too; nothing changes
	if got := w.inForce("calendar/2027"); len(got) != 1 {
		t.Errorf("in force after the fourth: %v", got)
	}
	w.refuse(say(0, calendar(1, "2027-01-02")), traceability.CodeConflict, "revision")
	w.refuse(w.sign(lab, traceability.TypeCalendarSet, calendar(2, "2027-01-02")), traceability.CodeNotAllowed, "kid")
}

// A revision that nobody else signs is passed over by a later one, and what has
// been replaced does not come back.
func TestAgreementPassesOver(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	wrong, right := calendar(1, "2027-01-11"), calendar(2, "2027-01-01")
	w.accept(w.sign(shanghai, traceability.TypeCalendarSet, wrong))
	for i := range 3 {
		w.accept(w.sign(traceability.Regulator(provinces[i]), traceability.TypeCalendarSet, right))
	}
	w.refuse(w.sign(zhejiang, traceability.TypeCalendarSet, calendar(1, "2027-01-11")), traceability.CodeSupersedes, "revision")
	if got := w.inForce("calendar/2027"); len(got) != 1 || got[0] != 3 {
		t.Errorf("in force: %v", got)
	}
}

// agree has three provinces sign all the reference data that is shipped.
func (w *world) agree() {
	w.Helper()
	documents, err := reference.Documents()
	if err != nil {
		w.Fatal(err)
	}
	for i := range 3 {
		var batch []string
		for _, d := range documents {
			batch = append(batch, w.sign(traceability.Regulator(provinces[i]), d.Type, d.Payload))
		}
		for _, outcome := range w.submit(batch...) {
			if outcome.Status != traceability.StatusAccepted {
				w.Fatalf("%+v", outcome.Problems)
			}
		}
	}
}

func TestReferenceData(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.agree()
	for _, key := range []string{"calendar/2025", "calendar/2026", "timer/T7", "timer/R1a", "parameters/microbiological"} {
		if got := w.inForce(key); len(got) != 1 {
			t.Errorf("%s: in force %v", key, got)
		}
	}
}
