package recognition

import (
	"slices"
	"unicode/utf8"

	"deltatrace/traceability"
)

// Evaluate applies a rule to one item of a report on a day, which is a day in China.
// Of the papers, those that name a condition attest it where the ledger does not
// know; they do not undo a failure.
func Evaluate(c *Case, rule Rule, item *traceability.Item, day traceability.Date, papers []traceability.RecognitionEvidence) traceability.RecognitionEvaluation {
	e := traceability.RecognitionEvaluation{Outcome: traceability.Recognised}
	q := &question{Case: c, rule: rule, item: item, day: day}
	for _, predicate := range Table() {
		if !predicate.asked(rule.RecognitionRule) {
			continue
		}
		f := predicate.judge(q).finding(predicate.Condition)
		if f.Result == traceability.ConditionUnknown && predicate.Attestable {
			attest(&f, papers)
		}
		switch f.Result {
		case traceability.ConditionFailed:
			e.Failed = append(e.Failed, f.Condition)
		case traceability.ConditionUnknown:
			e.Unknown = append(e.Unknown, f.Condition)
		}
		e.Findings = append(e.Findings, f)
	}
	switch {
	case len(e.Failed) > 0:
		e.Outcome = traceability.NotRecognised
	case len(e.Unknown) > 0:
		e.Outcome = traceability.NeedsReview
	}
	return e
}

// EvaluateParameter is Evaluate for a parameter by its name. Where the report has
// several items of the name, the gravest counts. The parameter must be offered: see
// Case.Items and Offered.
func EvaluateParameter(c *Case, rule Rule, parameter string, day traceability.Date, papers []traceability.RecognitionEvidence) traceability.RecognitionEvaluation {
	var gravest traceability.RecognitionEvaluation
	for i, item := range c.Items(parameter) {
		e := Evaluate(c, rule, item, day, papers)
		if i == 0 || gravity(e.Outcome) > gravity(gravest.Outcome) {
			gravest = e
		}
	}
	return gravest
}

func gravity(o traceability.RecognitionOutcome) int {
	return slices.Index([]traceability.RecognitionOutcome{traceability.Recognised, traceability.NeedsReview, traceability.NotRecognised}, o)
}

// attest turns an unknown condition into an attested one when papers show it.
func attest(f *traceability.RecognitionFinding, papers []traceability.RecognitionEvidence) {
	for _, paper := range papers {
		if paper.Condition == f.Condition {
			f.Result = traceability.ConditionAttested
			f.Evidence = append(f.Evidence, paper.Hash.String())
		}
	}
}

// question is what a predicate is asked: a report's item, a rule and a day.
type question struct {
	*Case
	rule Rule
	item *traceability.Item
	day  traceability.Date
}

// found is a predicate's answer.
type found struct {
	result         traceability.ConditionResult
	what, expected string
	zh, en         string
	evidence       []string
}

func (f found) finding(condition traceability.Condition) traceability.RecognitionFinding {
	return traceability.RecognitionFinding{Condition: condition, Result: f.result, Found: short(f.what), Expected: short(f.expected),
		ZH: f.zh, EN: f.en, Evidence: slices.Clone(f.evidence)}
}

// short cuts a text to what a finding shows: 120 characters.
func short(s string) string {
	const most = 120
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

func met(zh, en string) found    { return found{result: traceability.ConditionMet, zh: zh, en: en} }
func failed(zh, en string) found { return found{result: traceability.ConditionFailed, zh: zh, en: en} }
func unknown(zh, en string) found {
	return found{result: traceability.ConditionUnknown, zh: zh, en: en}
}

// but says what was there and what should have been.
func (f found) but(what, expected string) found {
	f.what, f.expected = what, expected
	return f
}

// by says what documents the answer rests on.
func (f found) by(documents ...traceability.DocumentID) found {
	for _, d := range documents {
		if d != "" {
			f.evidence = append(f.evidence, string(d))
		}
	}
	return f
}
