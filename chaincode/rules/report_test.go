package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

func report(number string) *traceability.Report {
	return &traceability.Report{
		No: number, Revision: 1, Task: traceability.TaskSupervision, Verdict: traceability.VerdictPass, TestedTo: "2026-11-21",
		Items: []traceability.Item{
			{Seq: 1, Parameter: "阿维菌素", Unit: "mg/kg", Limit: "≤0.02", Result: "未检出(定量限：0.01)", Verdict: traceability.VerdictPass, Method: "GB 23200.121-2021"},
			{Seq: 2, Parameter: "铅（以Pb计）", Unit: "mg/kg", Limit: "≤0.2", Result: "0.05", Verdict: traceability.VerdictPass, Method: "GB 5009.12-2023 第二法"},
			{Seq: 3, Parameter: "钙磷比值", Limit: "1.2：1～2：1", Result: "1.4:1", Verdict: traceability.VerdictPass, Method: "/"},
		},
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	first := w.accept(w.sign(lab, traceability.TypeReportSubmit, report("SP2026（食）001")))
	if want := "report/" + string(traceability.NewReportID(lab, "SP2026(食)001", 1)); first.Record != want {
		t.Errorf("record: got %s, want %s", first.Record, want)
	}
	state, err := traceability.DecodeState[traceability.ReportState](w.state[first.Record])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{2}, state.OutOfScope); diff != "" {
		t.Errorf("the scope for lead ended the day before the test (-want +got):\n%s", diff)
	}

	changed := report("SP2026(食)001")
	changed.Items[1].Result = "0.06"
	conflict := w.refuse(w.sign(lab, traceability.TypeReportSubmit, changed), traceability.CodeConflict, "report_no")
	if conflict.Existing != first.ID || !strings.Contains(conflict.Problems[0].EN, "revision 2 with supersedes "+string(first.ID)) {
		t.Errorf("the conflict does not say how to supersede: %+v", conflict.Problems[0])
	}
	changed.Revision, changed.Supersedes = 3, first.ID
	w.refuse(w.sign(lab, traceability.TypeReportSubmit, changed), traceability.CodeSupersedes, "revision")
	changed.Revision, changed.Supersedes = 2, traceability.DocumentID(strings.Repeat("0", 64))
	w.refuse(w.sign(lab, traceability.TypeReportSubmit, changed), traceability.CodeSupersedes, "supersedes")
	changed.Supersedes = first.ID
	w.accept(w.sign(lab, traceability.TypeReportSubmit, changed))

	w.refuse(w.sign(farm, traceability.TypeReportSubmit, report("X1")), traceability.CodeNotAllowed, "kid")
	future := report("X2")
	future.Issued = "2026-11-24"
	w.refuse(w.sign(lab, traceability.TypeReportSubmit, future), traceability.CodeFutureDated, "issued")
	unstated := report("X3")
	unstated.Task, unstated.Verdict = "", traceability.VerdictFail
	unstated.Sample.Lot = lotID(farm, "later")
	outcome := w.accept(w.sign(lab, traceability.TypeReportSubmit, unstated))
	var codes []traceability.Code
	for _, warning := range outcome.Warnings {
		codes = append(codes, warning.Code)
	}
	want := []traceability.Code{traceability.CodeTaskUnstated, traceability.CodeVerdictDiffers, traceability.CodeUnknownLot, traceability.CodeOutOfScope}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// Every kind of bad document has its own code, and its neighbours in the batch
// are unharmed.
func TestBadDocuments(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	good := w.sign(lab, traceability.TypeReportSubmit, report("OK"))
	parts := strings.Split(good, ".")
	late, err := traceability.Sign(w.key(lab), traceability.TypeReportSubmit, report("X"), w.now.Add(6*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name     string
		document string
		code     traceability.Code
	}{
		{"malformed", "not a document", traceability.CodeMalformed},
		{"oversized", strings.Repeat("x", traceability.MaxDocumentBytes+1), traceability.CodeOversized},
		{"unsigned", parts[0] + "." + parts[1] + ".", traceability.CodeUnsigned},
		{"alg none", "eyJhbGciOiJub25lIn0." + parts[1] + "." + parts[2], traceability.CodeUnsigned},
		{"alg HS256", "eyJhbGciOiJIUzI1NiJ9." + parts[1] + "." + parts[2], traceability.CodeAlgorithm},
		{"other payload", parts[0] + "." + strings.Split(w.sign(lab, traceability.TypeReportSubmit, report("X")), ".")[1] + "." + parts[2], traceability.CodeBadSignature},
		{"unknown type", w.sign(lab, "report.delete", report("X")), traceability.CodeUnknownType},
		{"future dated", late, traceability.CodeFutureDated},
		{"unknown field", w.sign(lab, traceability.TypeReportSubmit, map[string]any{"report_no": "X", "shape": "round"}), traceability.CodeUnknownField},
		{"wrong kind of value", w.sign(lab, traceability.TypeReportSubmit, map[string]any{"report_no": 7}), traceability.CodeInvalid},
		{"no items", w.sign(lab, traceability.TypeReportSubmit, map[string]any{"report_no": "X", "revision": 1, "verdict": "pass", "items": []any{}}), traceability.CodeMissing},
		{"not an object", w.sign(lab, traceability.TypeReportSubmit, []string{}), traceability.CodeMalformed},
	}
	var documents []string
	for _, c := range cases {
		documents = append(documents, c.document, w.sign(lab, traceability.TypeReportSubmit, report("neighbour of "+c.name)))
	}
	outcomes := w.submit(documents...)
	for i, c := range cases {
		if got := outcomes[2*i]; got.Status != traceability.StatusRejected || got.Code != c.code || len(got.Problems) == 0 {
			t.Errorf("%s: got %s %s %v, want %s", c.name, got.Status, got.Code, got.Problems, c.code)
		}
		if got := outcomes[2*i+1]; got.Status != traceability.StatusAccepted {
			t.Errorf("neighbour of %s: got %s %v", c.name, got.Code, got.Problems)
		}
	}
}

// The same documents on the same state give the same bytes, whoever prepares
// them and whether or not the signatures were checked ahead of time.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	documents := []string{
		w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B1")),
		w.event(farm, traceability.Event{Ref: "1", Type: traceability.EventCommission, Outputs: []traceability.LotQuantity{kilograms(farm, "B1", "100")}}),
		w.sign(lab, traceability.TypeReportSubmit, report("R1")),
		w.sign(lab, traceability.TypeReportSubmit, report("R1")),
		"rubbish",
	}
	apply := func(verify bool) ([]traceability.Outcome, []traceability.Write) {
		var prepared []*rules.Prepared
		for _, document := range documents {
			p := rules.Prepare(document)
			if verify && p.Key() != "" {
				p.Verify(w.key(p.Key().Party()).Public())
			}
			prepared = append(prepared, p)
		}
		outcomes, writes, err := rules.Apply(w.state, rules.Tx{ID: "tx", Time: w.now}, prepared)
		if err != nil {
			t.Fatal(err)
		}
		return outcomes, writes
	}
	outcomes, writes := apply(false)
	for range 5 {
		againOutcomes, againWrites := apply(true)
		if diff := cmp.Diff(writes, againWrites); diff != "" {
			t.Fatalf("writes differ:\n%s", diff)
		}
		if diff := cmp.Diff(outcomes, againOutcomes); diff != "" {
			t.Fatalf("outcomes differ:\n%s", diff)
		}
	}
	if outcomes[3].Status != traceability.StatusDuplicate {
		t.Errorf("the same report twice in one batch: got %+v", outcomes[3])
	}
}

// A forged pre-verification is impossible: Verify with another key is passed
// over, and Apply checks again.
func TestVerifyAheadWithAnotherKey(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	stranger := w.newKey(lab)
	forged := w.signWith(stranger, traceability.TypeReportSubmit, report("F"))
	p := rules.Prepare(forged)
	p.Verify(stranger.Public())
	outcomes, _, err := rules.Apply(w.state, rules.Tx{ID: "tx", Time: w.now}, []*rules.Prepared{p})
	if err != nil || outcomes[0].Code != traceability.CodeUnknownKey {
		t.Errorf("got %+v, %v", outcomes[0], err)
	}
}
