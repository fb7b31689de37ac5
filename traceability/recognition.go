package traceability

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// RecognitionOutcome is what becomes of one parameter of a report in another
// province.
type RecognitionOutcome string

// The outcomes.
const (
	Recognised    RecognitionOutcome = "recognised"     // 互认
	NotRecognised RecognitionOutcome = "not_recognised" // 不予互认
	NeedsReview   RecognitionOutcome = "needs_review"   // the ledger does not know enough
)

// RecognitionDecision is the payload of recognition.decide: a province's word on
// one parameter of a report. The rules make the decision themselves from what is on
// the ledger; one that differs from theirs is a dissent and says why. Another
// decision on the same is another document, and the later one speaks.
type RecognitionDecision struct {
	Report    ReportID              `json:"report"`
	Parameter string                `json:"parameter"` // as the report names it
	Accepting ProvinceCode          `json:"accepting"`
	Rule      RecognitionRuleID     `json:"rule"`
	Version   int                   `json:"version"`
	Outcome   RecognitionOutcome    `json:"outcome"`
	Failed    []Condition           `json:"failed,omitempty"`
	Evidence  []RecognitionEvidence `json:"evidence,omitempty"`
	Dissent   string                `json:"dissent,omitzero"` // why it is not what the rule gives
	At        time.Time             `json:"at"`               // RFC 3339; kept as UTC, whole seconds
}

// RecognitionEvidence is a paper that the deciding province has seen, by its
// SHA-256: a sampling form, a chain of custody, a signed original. With Condition
// it says that the paper shows that condition to be met, which counts where the
// ledger itself does not know.
type RecognitionEvidence struct {
	Hash      Hash      `json:"sha256"`
	Condition Condition `json:"condition,omitzero"`
	Note      string    `json:"note,omitzero"`
}

const maxRecognitionEvidence = 50

// Check implements Payload.
func (d *RecognitionDecision) Check() (problems, warnings []*Error) {
	var c checker
	report, err := ParseReportID(string(d.Report))
	canonical(&c, "report", d.Report, report, err)
	c.need("parameter", d.Parameter, 200)
	c.province("accepting", d.Accepting)
	_, err = ParseRecognitionRuleID(string(d.Rule))
	c.problem(err, "rule")
	if d.Version < 1 {
		c.problems = append(c.problems, Invalid("version", strconv.Itoa(d.Version), "a version, from 1"))
	}
	switch d.Outcome {
	case Recognised, NotRecognised, NeedsReview:
	default:
		c.problems = append(c.problems, Invalid("outcome", string(d.Outcome), "recognised, not_recognised or needs_review"))
	}
	c.conditions("failed", d.Failed)
	if d.Outcome == Recognised && len(d.Failed) > 0 && d.Dissent == "" {
		c.problems = append(c.problems, Invalid("failed", fmt.Sprint(d.Failed), "none, when the result is recognised"))
	}
	for i, e := range bounded(&c, "evidence", d.Evidence, 0, maxRecognitionEvidence) {
		field := index("evidence", i)
		if e.Hash == (Hash{}) {
			c.missing(field+".sha256", "the paper's SHA-256, 64 hex digits")
		}
		if e.Condition != "" && !slices.Contains(Conditions(), e.Condition) {
			c.problems = append(c.problems, Invalid(field+".condition", string(e.Condition), "a condition of mutual recognition"))
		}
		c.text(field+".note", e.Note, 300)
	}
	c.text("dissent", d.Dissent, 1000)
	switch {
	case d.At.IsZero():
		c.missing("at", "an RFC 3339 time")
	case !d.At.Equal(Instant(d.At)):
		c.problems = append(c.problems, Invalid("at", d.At.Format(time.RFC3339Nano), "whole seconds"))
	default:
		c.year("at", d.At)
	}
	return c.result()
}

// ConditionResult says whether a condition is met.
type ConditionResult string

// The results. What the ledger does not know is never taken for met.
const (
	ConditionMet      ConditionResult = "met"
	ConditionFailed   ConditionResult = "failed"
	ConditionUnknown  ConditionResult = "unknown"
	ConditionAttested ConditionResult = "attested" // unknown to the ledger; the province has seen a paper
)

// RecognitionFinding is what one condition came to, and what that rests on.
type RecognitionFinding struct {
	Condition Condition       `json:"condition"`
	Result    ConditionResult `json:"result"`
	Found     string          `json:"found,omitzero"`
	Expected  string          `json:"expected,omitzero"`
	ZH        string          `json:"zh,omitzero"` // sentences, which the ledger does not keep
	EN        string          `json:"en,omitzero"`
	Evidence  []string        `json:"evidence,omitempty"` // document ids, and SHA-256 of papers
}

// RecognitionEvaluation is what a rule gives for one parameter of a report.
type RecognitionEvaluation struct {
	Outcome  RecognitionOutcome   `json:"outcome"`
	Failed   []Condition          `json:"failed,omitempty"`
	Unknown  []Condition          `json:"unknown,omitempty"`
	Findings []RecognitionFinding `json:"findings"`
}

// Bare returns the evaluation as the ledger keeps it, without its sentences.
func (e RecognitionEvaluation) Bare() RecognitionEvaluation {
	e.Findings = slices.Clone(e.Findings)
	for i := range e.Findings {
		e.Findings[i].ZH, e.Findings[i].EN = "", ""
	}
	return e
}
