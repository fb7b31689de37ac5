package recognition_test

import (
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
)

func TestDisputeOf(t *testing.T) {
	t.Parallel()
	reinspection := func(p traceability.Progress) *traceability.Reinspection {
		return &traceability.Reinspection{Progress: p}
	}
	objection := func(p traceability.Progress, counted bool) []traceability.Objection {
		return []traceability.Objection{{Progress: traceability.Denied}, {Progress: p, Counted: counted}}
	}
	another := goodCase().ID.Next()
	for _, tt := range []struct {
		name   string
		notice *traceability.Notice
		want   recognition.Dispute
	}{
		{"no notice", nil, recognition.DisputeNone},
		{"not contested", &traceability.Notice{}, recognition.DisputeNone},
		{"upheld", &traceability.Notice{Outcome: traceability.Upheld}, recognition.DisputeUpheld},
		{"overturned", &traceability.Notice{Outcome: traceability.Overturned}, recognition.DisputeOverturned},
		{"re-inspection applied for", &traceability.Notice{Reinspection: reinspection(traceability.Applied)}, recognition.DisputeOpen},
		{"re-inspection concluded, not determined", &traceability.Notice{Reinspection: reinspection(traceability.Notified)}, recognition.DisputeOpen},
		{"re-inspection concluded and determined", &traceability.Notice{Reinspection: reinspection(traceability.Notified), Outcome: traceability.Upheld}, recognition.DisputeUpheld},
		{"re-inspection refused", &traceability.Notice{Reinspection: reinspection(traceability.Refused)}, recognition.DisputeNone},
		{"objection filed", &traceability.Notice{Objections: objection(traceability.Filed, false)}, recognition.DisputeOpen},
		{"objection filed after the determination", &traceability.Notice{Objections: objection(traceability.Filed, false), Outcome: traceability.Upheld}, recognition.DisputeOpen},
		{"objection denied", &traceability.Notice{Objections: objection(traceability.Denied, false)}, recognition.DisputeNone},
		{"objection granted, not determined", &traceability.Notice{Objections: objection(traceability.Granted, false)}, recognition.DisputeOpen},
		{"objection granted and counted", &traceability.Notice{Objections: objection(traceability.Granted, true), Outcome: traceability.Overturned}, recognition.DisputeOverturned},
		{"objection withdrawn", &traceability.Notice{Objections: objection(traceability.Withdrawn, false)}, recognition.DisputeNone},
		{"issued the day after", &traceability.Notice{Issued: on("2026-09-02"), Outcome: traceability.Overturned}, recognition.DisputeNone},
		{"moved the day after", &traceability.Notice{Issued: on("2026-08-10"), Outcome: traceability.Overturned, Done: []traceability.Done{{At: on("2026-09-02")}}}, recognition.DisputeUnknown},
		{"about another report of the sample", &traceability.Notice{Report: "lab:230912340009/X/1", Outcome: traceability.Upheld}, recognition.DisputeUpheld},
		{"about another revision", &traceability.Notice{Report: another}, recognition.DisputeNoticed},
		{"about another revision, upheld", &traceability.Notice{Report: another, Outcome: traceability.Upheld}, recognition.DisputeNoticed},
		{"about another revision, overturned", &traceability.Notice{Report: another, Outcome: traceability.Overturned}, recognition.DisputeNone},
		{"recorded the day after", &traceability.Notice{Done: []traceability.Done{{At: on("2026-09-01"), Recorded: on("2026-09-02")}}}, recognition.DisputeUnknown},
	} {
		if got := recognition.DisputeOf(goodCase().ID, goodCase().Report, tt.notice, "2026-09-01"); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	failing := goodCase().Report
	failing.Items[1].Verdict = traceability.VerdictFail
	if got := recognition.DisputeOf(goodCase().ID, failing, nil, "2026-09-01"); got != recognition.DisputeUnknown {
		t.Errorf("a failure whose notice is still to come: got %q", got)
	}
}
