package recognition

import (
	"slices"

	"deltatrace/traceability"
)

// Question asks what counts of a lot in a province on a day: as the ledger stood at
// the end of that day. Rule and Version ask by one version of a rule instead of the
// one that speaks; a version of 0 is the one in force on the day.
type Question struct {
	Lot       traceability.LotID
	Accepting traceability.ProvinceCode
	On        traceability.Date
	Rule      traceability.RecognitionRuleID
	Version   int
}

// Answer is what counts of a lot in a province on a day. Of the offered parameters
// (passes of other provinces' laboratories), so many are recognised.
type Answer struct {
	Lot        traceability.LotID        `json:"lot"`
	Accepting  traceability.ProvinceCode `json:"province"`
	On         traceability.Date         `json:"on"`
	Offered    int                       `json:"offered"`
	Recognised int                       `json:"recognised"`
	Results    []Result                  `json:"results"`
}

// Standing is what a result counts for in a province.
type Standing string

// The standings: those of a decision, and two that need none.
const (
	Recognised             = Standing(traceability.Recognised)
	NotRecognised          = Standing(traceability.NotRecognised)
	NeedsReview            = Standing(traceability.NeedsReview)
	Own           Standing = "own"         // of the province's own laboratory
	NotOffered    Standing = "not_offered" // no pass: shared, and not recognised
)

// Result is one parameter of a report, and what it counts for. Failed, Unknown and
// Findings are of the rule's evaluation on the day; Decision is the province's last
// word by then.
type Result struct {
	Report    traceability.ReportID          `json:"report"`
	Lab       traceability.PartyID           `json:"lab"`
	Issuing   traceability.ProvinceCode      `json:"issuing"`
	Seq       int                            `json:"seq"`
	Parameter string                         `json:"parameter"`
	Result    string                         `json:"result"`
	Unit      string                         `json:"unit,omitzero"`
	Limit     string                         `json:"limit,omitzero"`
	Method    string                         `json:"method,omitzero"`
	Verdict   traceability.Verdict           `json:"verdict"`
	Tested    traceability.Date              `json:"tested,omitzero"`
	Standing  Standing                       `json:"standing"`
	ZH        string                         `json:"zh"` // why, in a sentence
	EN        string                         `json:"en"`
	Rule      traceability.RecognitionRuleID `json:"rule,omitzero"`
	Version   int                            `json:"version,omitzero"`
	Failed    []traceability.Condition       `json:"failed,omitempty"`
	Unknown   []traceability.Condition       `json:"unknown,omitempty"`

	Findings []traceability.RecognitionFinding `json:"findings,omitempty"`
	Decision *traceability.RecognitionRecord   `json:"decision,omitzero"`
}

// answer judges the items of one report. chosen returns the rule that speaks;
// decided the province's last decision on a parameter, or nil.
func answer(c *Case, q Question, chosen *Rule, decided func(parameter string) *traceability.RecognitionRecord) []Result {
	var results []Result
	for i := range c.Report.Items {
		item := &c.Report.Items[i]
		r := Result{Report: c.ID, Lab: c.ID.Lab(), Issuing: c.Issuing, Seq: item.Seq, Parameter: item.Parameter, Result: item.Result, Unit: item.Unit,
			Limit: item.Limit, Method: item.Method, Verdict: item.Verdict, Tested: c.Tested()}
		switch {
		case !Offered(item):
			r.stand(NotOffered, "不是合格项目：不合格信息无需互认即共享", "no pass: a fail is shared without recognition")
		case c.Issuing == q.Accepting:
			r.stand(Own, "本省检验机构的结果", "the result of the province's own laboratory")
		case chosen == nil:
			r.stand(NotRecognised, "该省当日没有适用的互认规则", "the province has no rule about such a report on that day")
		default:
			r.Decision = decided(item.Parameter)
			r.evaluate(c, *chosen, item, q.On)
		}
		results = append(results, r)
	}
	return results
}

func (r *Result) stand(standing Standing, zh, en string) { r.Standing, r.ZH, r.EN = standing, zh, en }

// evaluate applies the rule, with what the province has attested, and lets its
// dissent stand unless something failed since that had not when it decided. A
// decision by another version of the rules is of its time.
func (r *Result) evaluate(c *Case, rule Rule, item *traceability.Item, day traceability.Date) {
	r.Rule, r.Version = rule.Rule, rule.Version
	decision := r.Decision
	if decision != nil && (decision.Rule != rule.Rule || decision.Version != rule.Version) {
		decision = nil
	}
	var papers []traceability.RecognitionEvidence
	if decision != nil {
		papers = decision.Evidence
	}
	e := Evaluate(c, rule, item, day, papers)
	r.Failed, r.Unknown, r.Findings = e.Failed, e.Unknown, e.Findings
	if decision != nil && decision.Dissent != "" && !failedSince(&e, &decision.Evaluation) {
		r.stand(Standing(decision.Outcome), "该省另有判定，理由见判定", "the province decided otherwise, and says why")
		return
	}
	switch e.Outcome {
	case traceability.Recognised:
		r.stand(Recognised, "符合规则的全部条件", "it meets all conditions of the rule")
	case traceability.NotRecognised:
		r.stand(NotRecognised, "不符合规则的条件："+firstSentence(&e, traceability.ConditionFailed, true), "it fails a condition of the rule: "+firstSentence(&e, traceability.ConditionFailed, false))
	default:
		r.stand(NeedsReview, "账本信息不足，须人工核对："+firstSentence(&e, traceability.ConditionUnknown, true), "the ledger does not know enough: "+firstSentence(&e, traceability.ConditionUnknown, false))
	}
}

// failedSince reports whether a condition fails now that did not when the province
// decided.
func failedSince(now, then *traceability.RecognitionEvaluation) bool {
	return slices.ContainsFunc(now.Failed, func(c traceability.Condition) bool { return !slices.Contains(then.Failed, c) })
}

func firstSentence(e *traceability.RecognitionEvaluation, result traceability.ConditionResult, zh bool) string {
	for _, f := range e.Findings {
		switch {
		case f.Result != result:
		case zh:
			return f.ZH
		default:
			return f.EN
		}
	}
	return ""
}
