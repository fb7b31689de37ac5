package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

var jiangsu = traceability.Regulator(traceability.Jiangsu)

// recognitionRule is a rule of Shanghai's about Zhejiang's laboratories.
func recognitionRule(version int, from traceability.Date) *traceability.RecognitionRule {
	return &traceability.RecognitionRule{
		Rule: "MR-31-2026-01", Version: version, Accepting: traceability.Shanghai, EffectiveFrom: from,
		Issuing: []traceability.ProvinceCode{traceability.Jiangsu, traceability.Zhejiang, traceability.Anhui},
		Applies: traceability.RecognitionScope{Tasks: []traceability.Task{traceability.TaskSupervision}, Categories: []string{"*"}, Parameters: []string{"*"}},
		Require: []traceability.Condition{traceability.ConditionScope, traceability.ConditionSensitivity},
	}
}

// decision is Shanghai's word on the abamectin of a report.
func (w *world) decision(no string) *traceability.RecognitionDecision {
	return &traceability.RecognitionDecision{
		Report: traceability.NewReportID(lab, no, 1), Parameter: "阿维菌素", Accepting: traceability.Shanghai, Rule: "MR-31-2026-01", Version: 1,
		Outcome: traceability.Recognised, At: w.now,
	}
}

func (w *world) decided(outcome traceability.Outcome) *traceability.RecognitionState {
	w.Helper()
	state, err := traceability.DecodeState[traceability.RecognitionState](w.state[outcome.Record])
	if err != nil {
		w.Fatal(err)
	}
	return state
}

func TestRecognitionRule(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	rule := func(party traceability.PartyID, r *traceability.RecognitionRule) string {
		return w.sign(party, traceability.TypeRecognitionRule, r)
	}
	w.refuse(rule(zhejiang, recognitionRule(1, "2026-07-01")), traceability.CodeNotAllowed, "accepting")
	w.refuse(rule(lab, recognitionRule(1, "2026-07-01")), traceability.CodeNotAllowed, "kid")
	w.refuse(rule(shanghai, func() *traceability.RecognitionRule {
		r := recognitionRule(2, "2027-01-01")
		r.Supersedes = traceability.DocumentID(strings.Repeat("0", 64))
		return r
	}()),
		traceability.CodeSupersedes, "version")

	first := rule(shanghai, recognitionRule(1, "2026-07-01"))
	accepted := w.accept(first)
	if accepted.Record != "recognition-rule/310000/MR-31-2026-01/1" {
		t.Error(accepted.Record)
	}
	if again := w.submit(first)[0]; again.Code != traceability.CodeReplayed {
		t.Errorf("%+v", again)
	}
	conflict := w.refuse(rule(shanghai, recognitionRule(1, "2026-08-01")), traceability.CodeConflict, "version")
	if conflict.Existing != accepted.ID {
		t.Errorf("the conflict does not name what stands in the way: %+v", conflict)
	}

	second := recognitionRule(2, "2026-11-22") // today
	second.Supersedes = accepted.ID
	w.refuse(rule(shanghai, second), traceability.CodeInvalid, "effective_from")
	second.EffectiveFrom = "2026-11-23"
	second.Supersedes = traceability.DocumentID(strings.Repeat("0", 64))
	w.refuse(rule(shanghai, second), traceability.CodeSupersedes, "supersedes")
	second.Supersedes = accepted.ID
	w.accept(rule(shanghai, second))
}

// Anyone can see who may decide, about what, and by which version.
func TestRecognitionDecisionRefused(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	first := w.accept(w.sign(shanghai, traceability.TypeRecognitionRule, recognitionRule(1, "2026-07-01")))
	failing := report("F1")
	failing.Verdict, failing.Items[0].Verdict = traceability.VerdictFail, traceability.VerdictFail
	w.accept(w.sign(lab, traceability.TypeReportSubmit, report("R1")))
	w.accept(w.sign(lab, traceability.TypeReportSubmit, failing))
	for _, tt := range []struct {
		name   string
		signer traceability.PartyID
		change func(*traceability.RecognitionDecision)
		code   traceability.Code
		field  string
	}{
		{"a laboratory", lab, nil, traceability.CodeNotAllowed, "kid"},
		{"another province", jiangsu, nil, traceability.CodeNotAllowed, "accepting"},
		{"no such report", shanghai, func(d *traceability.RecognitionDecision) { d.Report += "0" }, traceability.CodeUnknownReport, "report"},
		{"no such parameter", shanghai, func(d *traceability.RecognitionDecision) { d.Parameter = "镉" }, traceability.CodeUnknownReport, "parameter"},
		{"a fail", shanghai, func(d *traceability.RecognitionDecision) { d.Report = traceability.NewReportID(lab, "F1", 1) }, traceability.CodeInvalid, "parameter"},
		{"no such rule", shanghai, func(d *traceability.RecognitionDecision) { d.Rule = "MR-31-2026-02" }, traceability.CodeRuleNotInForce, "rule"},
		{"no such version", shanghai, func(d *traceability.RecognitionDecision) { d.Version = 2 }, traceability.CodeRuleNotInForce, "rule"},
		{"before the rule", shanghai, func(d *traceability.RecognitionDecision) { d.At = time.Date(2026, 6, 30, 15, 59, 59, 0, time.UTC) }, traceability.CodeRuleNotInForce, "version"},
		{"tomorrow", shanghai, func(d *traceability.RecognitionDecision) { d.At = w.now.Add(24 * time.Hour) }, traceability.CodeFutureDated, "at"},
		{"another outcome without a reason", shanghai, func(d *traceability.RecognitionDecision) { d.Outcome = traceability.NeedsReview }, traceability.CodeDissent, "outcome"},
		{"a reason without a difference", shanghai, func(d *traceability.RecognitionDecision) { d.Dissent = "因为" }, traceability.CodeInvalid, "dissent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := w.decision("R1")
			if tt.change != nil {
				tt.change(d)
			}
			w.refuse(w.sign(tt.signer, traceability.TypeRecognitionDecide, d), tt.code, tt.field)
		})
	}

	// The province's own laboratory needs no recognition.
	own := recognitionRule(1, "2026-07-01")
	own.Accepting, own.Rule = traceability.Zhejiang, "MR-33"
	own.Issuing = []traceability.ProvinceCode{traceability.Shanghai}
	w.accept(w.sign(zhejiang, traceability.TypeRecognitionRule, own))
	d := w.decision("R1")
	d.Accepting, d.Rule = traceability.Zhejiang, "MR-33"
	w.refuse(w.sign(zhejiang, traceability.TypeRecognitionDecide, d), traceability.CodeInvalid, "report")

	// A rule about other provinces is not about this report.
	narrow := recognitionRule(2, "2026-11-23")
	narrow.Supersedes, narrow.Issuing = first.ID, []traceability.ProvinceCode{traceability.Jiangsu}
	w.accept(w.sign(shanghai, traceability.TypeRecognitionRule, narrow))
	d = w.decision("R1")
	w.accept(w.sign(shanghai, traceability.TypeRecognitionDecide, d)) // version 1 is in force today
	midnight := time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC)        // in China
	w.now, d.At = midnight, midnight
	w.refuse(w.sign(shanghai, traceability.TypeRecognitionDecide, d), traceability.CodeRuleNotInForce, "version")
	d.At = midnight.Add(-time.Second)
	w.accept(w.sign(shanghai, traceability.TypeRecognitionDecide, d))
	d.At, d.Version = midnight, 2
	w.refuse(w.sign(shanghai, traceability.TypeRecognitionDecide, d), traceability.CodeRuleNotInForce, "rule")
}

// One province recognises and another does not: two decisions on one report, and
// every further one beside them.
func TestRecognitionDecisions(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.accept(w.sign(shanghai, traceability.TypeRecognitionRule, recognitionRule(1, "2026-07-01")))
	strict := recognitionRule(1, "2026-07-01")
	strict.Accepting, strict.Rule, strict.Issuing = traceability.Jiangsu, "MR-32", []traceability.ProvinceCode{traceability.Zhejiang}
	strict.Applies.ExcludeParameters = []string{"阿维菌素"}
	w.accept(w.sign(jiangsu, traceability.TypeRecognitionRule, strict))
	subcontracted := report("R1")
	subcontracted.Items = append(subcontracted.Items, traceability.Item{Seq: 4, Parameter: "毒死蜱", Unit: "mg/kg", Limit: "≤0.02", Result: "未检出(定量限：0.01)",
		Verdict: traceability.VerdictPass, Method: "GB 23200.121-2021", Subcontracted: true})
	w.accept(w.sign(lab, traceability.TypeReportSubmit, subcontracted))

	want := func(outcome traceability.Outcome, result traceability.RecognitionOutcome, failed, unknown []traceability.Condition) {
		t.Helper()
		state := w.decided(outcome)
		if e := state.Evaluation; e.Outcome != result || !slices.Equal(e.Failed, failed) || !slices.Equal(e.Unknown, unknown) || state.Issuing != traceability.Zhejiang {
			t.Errorf("got %s failed %v unknown %v", e.Outcome, e.Failed, e.Unknown)
		}
		for _, f := range state.Evaluation.Findings {
			if f.ZH+f.EN != "" {
				t.Errorf("the ledger keeps a sentence: %+v", f)
			}
		}
	}
	want(w.accept(w.sign(shanghai, traceability.TypeRecognitionDecide, w.decision("R1"))), traceability.Recognised, nil, nil)

	refused := w.decision("R1")
	refused.Accepting, refused.Rule = traceability.Jiangsu, "MR-32"
	refused.Outcome, refused.Failed = traceability.NotRecognised, []traceability.Condition{traceability.ConditionParameter}
	want(w.accept(w.sign(jiangsu, traceability.TypeRecognitionDecide, refused)), traceability.NotRecognised, refused.Failed, nil)

	// A sub-contracted item is of a laboratory that the ledger does not know.
	other := w.decision("R1")
	other.Parameter, other.Outcome = "毒死蜱", traceability.NeedsReview
	want(w.accept(w.sign(shanghai, traceability.TypeRecognitionDecide, other)), traceability.NeedsReview, nil,
		[]traceability.Condition{traceability.ConditionScope})

	// An item out of scope, with the province's dissent.
	dissent := w.decision("R1")
	dissent.Parameter, dissent.Outcome, dissent.Dissent = "铅(以Pb计)", traceability.Recognised, "机构已于检验前续证，附证书"
	dissent.Evidence = []traceability.RecognitionEvidence{{Hash: traceability.Hash{7}, Note: "续证"}}
	outcome := w.accept(w.sign(shanghai, traceability.TypeRecognitionDecide, dissent))
	want(outcome, traceability.NotRecognised, []traceability.Condition{traceability.ConditionScope}, nil)

	// The same again is a duplicate; at another moment it is another decision.
	before := len(w.state)
	again := w.decision("R1")
	again.At = again.At.Add(-time.Minute)
	w.accept(w.sign(shanghai, traceability.TypeRecognitionDecide, again))
	if duplicate := w.submit(w.sign(shanghai, traceability.TypeRecognitionDecide, again))[0]; duplicate.Status != traceability.StatusDuplicate {
		t.Errorf("%+v", duplicate)
	}
	if len(w.state) != before+1 {
		t.Errorf("%d records more, want one", len(w.state)-before)
	}

	// An amended report no longer speaks.
	amended := *subcontracted
	amended.Revision, amended.Remark = 2, "更正"
	amended.Supersedes = w.submit(w.sign(lab, traceability.TypeReportSubmit, subcontracted))[0].ID
	w.accept(w.sign(lab, traceability.TypeReportSubmit, &amended))
	late := w.decision("R1")
	late.Outcome, late.Failed = traceability.NotRecognised, []traceability.Condition{traceability.ConditionUndisputed}
	want(w.accept(w.sign(shanghai, traceability.TypeRecognitionDecide, late)), traceability.NotRecognised, late.Failed, nil)
}

// What the notice about the sample says decides whether a result stands: contested,
// it does not count, and neither when it was overturned.
func TestRecognitionOfContested(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.accept(w.sign(shanghai, traceability.TypeRecognitionRule, recognitionRule(1, "2026-07-01")))
	partly := report("R1")
	partly.Verdict, partly.Items[1].Verdict = traceability.VerdictFail, traceability.VerdictFail
	w.accept(w.sign(lab, traceability.TypeReportSubmit, partly))
	for _, tt := range []struct {
		name    string
		notice  *traceability.Notice
		outcome traceability.RecognitionOutcome
	}{
		{"a failure without a notice", nil, traceability.NeedsReview},
		{"not contested", &traceability.Notice{}, traceability.Recognised},
		{"re-inspection", &traceability.Notice{Reinspection: &traceability.Reinspection{Progress: traceability.Accepted}}, traceability.NotRecognised},
		{"overturned", &traceability.Notice{Outcome: traceability.Overturned}, traceability.NotRecognised},
		{"upheld", &traceability.Notice{Outcome: traceability.Upheld}, traceability.Recognised},
	} {
		if tt.notice != nil {
			value, err := traceability.Canonical(traceability.NoticeState{Notice: *tt.notice})
			if err != nil {
				t.Fatal(err)
			}
			w.state[traceability.NoticeKey(traceability.NewNoticeID(lab, partly))] = value
		}
		d := w.decision("R1")
		d.Outcome = tt.outcome
		if tt.outcome == traceability.NotRecognised {
			d.Failed = []traceability.Condition{traceability.ConditionUndisputed}
		}
		if outcome := w.submit(w.sign(shanghai, traceability.TypeRecognitionDecide, d))[0]; outcome.Status != traceability.StatusAccepted {
			t.Errorf("%s is not %s: %v", tt.name, tt.outcome, outcome.Problems)
		}
	}
}
