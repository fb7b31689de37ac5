package traceability

import (
	"net/url"
	"strconv"
)

// RecognitionRuleKey is the state key of a version of a rule.
func RecognitionRuleKey(accepting ProvinceCode, rule RecognitionRuleID, version int) string {
	return "recognition-rule/" + string(accepting) + "/" + string(rule) + "/" + strconv.Itoa(version)
}

// RecognitionKey is the state key of a decision: the parameter folded and
// percent-escaped, and the decision's own document last, so that another decision
// stands beside it.
func RecognitionKey(report ReportID, parameter string, accepting ProvinceCode, decision DocumentID) string {
	return "recognition/" + string(report) + "/" + url.PathEscape(Fold(parameter)) + "/" + string(accepting) + "/" + string(decision)
}

// RecognitionRuleState is the record under recognition-rule/<accepting>/<rule>/<version>.
type RecognitionRuleState struct {
	Document Entry    `json:"document"`
	Remarks  []Remark `json:"remarks,omitempty"`
}

// RecognitionState is the record under
// recognition/<report>/<parameter>/<accepting>/<document>: the decision, and what
// the rules made of it on what the ledger held then.
type RecognitionState struct {
	Document   Entry                 `json:"document"`
	Evaluation RecognitionEvaluation `json:"evaluation"`
	Issuing    ProvinceCode          `json:"issuing"` // that admitted the laboratory
	Lot        LotID                 `json:"lot,omitzero"`
	Remarks    []Remark              `json:"remarks,omitempty"`
}

func (r *RecognitionRuleState) entry() *Entry { return &r.Document }
func (r *RecognitionState) entry() *Entry     { return &r.Document }
