package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"deltatrace/traceability"
)

func recognitionCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"recognition/rules":     recognitionRules,
		"recognition/decisions": recognitionDecisions,
		"recognition/rates":     recognitionRates,
	}
}

// ruleOf is a version of a rule of a province.
func ruleOf(accepting traceability.ProvinceCode, rule traceability.RecognitionRuleID, version int) traceability.RecognitionRule {
	issuing := slices.DeleteFunc(traceability.Provinces(), func(p traceability.ProvinceCode) bool { return p == accepting })
	return traceability.RecognitionRule{Rule: rule, Version: version, Accepting: accepting, Issuing: issuing, EffectiveFrom: "2026-07-01",
		Applies: traceability.RecognitionScope{Tasks: []traceability.Task{traceability.TaskSupervision}, Categories: []string{"*"}, Parameters: []string{"*"}},
		Require: []traceability.Condition{traceability.ConditionScope}}
}

func recognitionRules(t *testing.T, e Engine) {
	c := NewChain(t)
	var want []string
	id := func(r traceability.RecognitionRuleRecord) string {
		return traceability.RecognitionRuleKey(r.Accepting, r.Rule, r.Version)
	}
	for version := 12; version > 0; version-- { // 12 comes after 2
		c.RecognitionRule(ruleOf(traceability.Zhejiang, "MR-1", version))
	}
	c.Close()
	remark := traceability.Remark{Code: traceability.CodeInvalid, Field: "require"}
	document := c.RecognitionRule(ruleOf(traceability.Jiangsu, "MR-2", 1), remark)
	first := traceability.RecognitionRuleRecord{RecognitionRule: ruleOf(traceability.Jiangsu, "MR-2", 1), Remarks: []traceability.Remark{remark},
		Document: c.ref(document, traceability.TypeRecognitionRule, traceability.Regulator(traceability.Jiangsu))}
	c.RecognitionRule(ruleOf(traceability.Zhejiang, "MR-0", 1))
	c.Close()
	s := applied(t, e, c)
	all := must[traceability.List[traceability.RecognitionRuleRecord]](t)(s.RecognitionRules(t.Context(), traceability.RecognitionRuleFilter{}, traceability.Page{}))
	equal(t, first, all.Items[0])
	want = append(want, "recognition-rule/330000/MR-0/1")
	for version := 1; version <= 12; version++ {
		want = append(want, fmt.Sprintf("recognition-rule/330000/MR-1/%d", version))
	}
	pages(t, "Zhejiang's", want, id, func(p traceability.Page) (traceability.List[traceability.RecognitionRuleRecord], error) {
		return s.RecognitionRules(t.Context(), traceability.RecognitionRuleFilter{Accepting: traceability.Zhejiang}, p)
	})
	pages(t, "all", append([]string{"recognition-rule/320000/MR-2/1"}, want...), id, func(p traceability.Page) (traceability.List[traceability.RecognitionRuleRecord], error) {
		return s.RecognitionRules(t.Context(), traceability.RecognitionRuleFilter{}, p)
	})
}

// decisionOf is a province's word on a parameter of a laboratory's report.
func decisionOf(accepting traceability.ProvinceCode, reportNo, parameter string, outcome traceability.RecognitionOutcome, at time.Time) traceability.RecognitionDecision {
	return traceability.RecognitionDecision{Report: traceability.NewReportID(lab, reportNo, 1), Parameter: parameter, Accepting: accepting,
		Rule: "MR-1", Version: 1, Outcome: outcome, At: traceability.Instant(at)}
}

// evaluationOf is an evaluation with one finding.
func evaluationOf(outcome traceability.RecognitionOutcome, result traceability.ConditionResult) traceability.RecognitionEvaluation {
	return traceability.RecognitionEvaluation{Outcome: outcome, Findings: []traceability.RecognitionFinding{
		{Condition: traceability.ConditionScope, Result: result, Found: "毒死蜱", Evidence: []string{"x"}}}}
}

// Two provinces decide differently on one report: two decisions, and a third
// beside them when one of the two decides again.
func recognitionDecisions(t *testing.T, e Engine) {
	c := NewChain(t)
	at := c.now()
	var want []traceability.RecognitionRecord
	decide := func(d traceability.RecognitionDecision, e traceability.RecognitionEvaluation) {
		document := c.Recognise(d, lotID("A"), e)
		want = append(want, traceability.RecognitionRecord{RecognitionDecision: d, Issuing: traceability.Shanghai, Lot: lotID("A"), Evaluation: e,
			Document: c.ref(document, traceability.TypeRecognitionDecide, traceability.Regulator(d.Accepting))})
	}
	decide(decisionOf(traceability.Zhejiang, "R1", "毒死蜱", traceability.Recognised, at), evaluationOf(traceability.Recognised, traceability.ConditionMet))
	refused := decisionOf(traceability.Jiangsu, "R1", "毒死蜱", traceability.NotRecognised, at)
	refused.Dissent, refused.Failed = "本省另行抽检", []traceability.Condition{traceability.ConditionAge}
	decide(refused, evaluationOf(traceability.Recognised, traceability.ConditionMet))
	c.Close()
	decide(decisionOf(traceability.Zhejiang, "R1", "毒死蜱", traceability.NotRecognised, at.Add(time.Hour)), evaluationOf(traceability.NotRecognised, traceability.ConditionFailed))
	c.Recognise(decisionOf(traceability.Zhejiang, "R2", "铅", traceability.Recognised, at), lotID("B"), evaluationOf(traceability.Recognised, traceability.ConditionMet))
	c.Close()
	s := applied(t, e, c)
	for name, q := range map[string]struct {
		filter traceability.RecognitionFilter
		want   []traceability.RecognitionRecord
	}{
		"lot":                {traceability.RecognitionFilter{Lot: lotID("A")}, want},
		"report":             {traceability.RecognitionFilter{Report: want[0].Report}, want},
		"lot and province":   {traceability.RecognitionFilter{Lot: lotID("A"), Accepting: traceability.Zhejiang}, []traceability.RecognitionRecord{want[0], want[2]}},
		"another's":          {traceability.RecognitionFilter{Report: want[0].Report, Accepting: traceability.Anhui}, nil},
		"report, other lot":  {traceability.RecognitionFilter{Report: want[0].Report, Lot: lotID("B")}, nil},
		"report and its lot": {traceability.RecognitionFilter{Report: want[0].Report, Lot: lotID("A")}, want},
	} {
		list := must[traceability.List[traceability.RecognitionRecord]](t)(s.Recognitions(t.Context(), q.filter, traceability.Page{}))
		t.Log(name)
		equal(t, q.want, list.Items)
		var ids []string
		for _, r := range q.want {
			ids = append(ids, string(r.Document.ID))
		}
		pages(t, name, ids, func(r traceability.RecognitionRecord) string { return string(r.Document.ID) },
			func(p traceability.Page) (traceability.List[traceability.RecognitionRecord], error) {
				return s.Recognitions(t.Context(), q.filter, p)
			})
	}
	if _, err := s.Recognitions(t.Context(), traceability.RecognitionFilter{}, traceability.Page{}); traceability.CodeOf(err) != traceability.CodeMissing {
		t.Errorf("decisions on everything: %v", err)
	}
}

// recognitionRates counts a parameter once a month, with its last word, and a
// repeat only where the accepting province tested the same again.
func recognitionRates(t *testing.T, e Engine) {
	c := NewChain(t)
	october, november := time.Date(2026, 10, 31, 15, 59, 59, 0, time.UTC), time.Date(2026, 10, 31, 16, 0, 0, 0, time.UTC) // midnight in China
	met := evaluationOf(traceability.Recognised, traceability.ConditionMet)
	c.Admit(traceability.Admission{Party: lab, Name: "上海示例检测有限公司"})
	c.Recognise(decisionOf(traceability.Zhejiang, "R1", "毒死蜱", traceability.NeedsReview, october), lotID("A"), met)
	c.Recognise(decisionOf(traceability.Zhejiang, "R1", "毒死蜱", traceability.Recognised, november), lotID("A"), met)
	c.Recognise(decisionOf(traceability.Zhejiang, "R1", "铅", traceability.NotRecognised, november), lotID("A"), met)
	c.Close()
	c.Recognise(decisionOf(traceability.Zhejiang, "R1", "毒死蜱", traceability.NotRecognised, november.Add(time.Hour)), lotID("A"), met)
	c.Recognise(decisionOf(traceability.Zhejiang, "R1", "毒死蜱", traceability.Recognised, november.Add(2*time.Hour)), lotID("A"), met) // the last word
	c.Recognise(decisionOf(traceability.Shanghai, "R9", "毒死蜱", traceability.Recognised, november), lotID("B"), met)
	c.Recognise(decisionOf(traceability.Shanghai, "R9", "铅", traceability.Recognised, november), lotID("B"), met)
	c.Recognise(decisionOf(traceability.Shanghai, "R8", "毒死蜱", traceability.Recognised, november), "", met)
	c.Close()
	// The accepting province's laboratory, Shanghai's here, tests B again, and A,
	// which is another province's to avoid.
	c.Report(lab, report("AGAIN", 1, "", lotID("B")), nil)
	c.Report(lab, report("OTHER", 1, "", lotID("A")), nil)
	c.Close()
	s := applied(t, e, c)
	ask := func(f traceability.RecognitionRateFilter) []traceability.RecognitionRate {
		return must[[]traceability.RecognitionRate](t)(s.RecognitionRates(t.Context(), f))
	}
	inOctober := traceability.RecognitionRate{Month: "2026-10", Issuing: traceability.Shanghai, Accepting: traceability.Zhejiang, Offered: 1, NeedsReview: 1}
	ofShanghai := traceability.RecognitionRate{Month: "2026-11", Issuing: traceability.Shanghai, Accepting: traceability.Shanghai, Offered: 3, Recognised: 3, Avoided: 2}
	ofZhejiang := traceability.RecognitionRate{Month: "2026-11", Issuing: traceability.Shanghai, Accepting: traceability.Zhejiang, Offered: 2, Recognised: 1, NotRecognised: 1, Avoided: 1}
	equal(t, []traceability.RecognitionRate{inOctober, ofShanghai, ofZhejiang}, ask(traceability.RecognitionRateFilter{}))
	equal(t, []traceability.RecognitionRate{inOctober}, ask(traceability.RecognitionRateFilter{To: "2026-10"}))
	equal(t, []traceability.RecognitionRate{ofZhejiang}, ask(traceability.RecognitionRateFilter{From: "2026-11", Accepting: traceability.Zhejiang, Issuing: traceability.Shanghai}))
	equal(t, []traceability.RecognitionRate(nil), ask(traceability.RecognitionRateFilter{Issuing: traceability.Anhui}))
}
