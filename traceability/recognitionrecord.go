package traceability

// RecognitionRuleFilter restricts a list of rules; empty fields do not.
type RecognitionRuleFilter struct {
	Accepting ProvinceCode
}

// RecognitionRuleRecord is one version of a rule.
type RecognitionRuleRecord struct {
	RecognitionRule
	Document DocumentRef `json:"document"`
	Remarks  []Remark    `json:"remarks,omitempty"`
}

// RecognitionFilter restricts a list of decisions. It names a lot or a report;
// Accepting may be empty.
type RecognitionFilter struct {
	Lot       LotID
	Report    ReportID
	Accepting ProvinceCode
}

// RecognitionRecord is one decision, with what the rules made of it then.
type RecognitionRecord struct {
	RecognitionDecision
	Issuing    ProvinceCode          `json:"issuing"`
	Lot        LotID                 `json:"lot,omitzero"`
	Evaluation RecognitionEvaluation `json:"evaluation"`
	Document   DocumentRef           `json:"document"`
}

// Month is a month in China, 2006-01.
type Month string

// ParseMonth checks the grammar.
func ParseMonth(s string) (Month, error) {
	if _, err := ParseDate(s + "-01"); err != nil {
		return "", Invalid("", s, "a month: YYYY-MM")
	}
	return Month(s), nil
}

// Month returns the month of a day.
func (d Date) Month() Month {
	if len(d) < 7 {
		return ""
	}
	return Month(d[:7])
}

// RecognitionRateFilter restricts the rates; empty fields do not. From and To are
// the first and the last month.
type RecognitionRateFilter struct {
	Issuing, Accepting ProvinceCode
	From, To           Month
}

// RecognitionRate counts what one province made of another's results in a month, by
// parameters of reports: each counts once, with the last decision of the month. The
// recognition rate is Recognised of Offered. A recognised parameter avoided a repeat
// unless a laboratory of the accepting province reported on the same parameter of
// the same lot afterwards: Avoided of Recognised. Shares are given as the two
// numbers, never as a rounded one.
type RecognitionRate struct {
	Month         Month        `json:"month"`
	Issuing       ProvinceCode `json:"issuing"`
	Accepting     ProvinceCode `json:"accepting"`
	Offered       int          `json:"offered"`
	Recognised    int          `json:"recognised"`
	NotRecognised int          `json:"not_recognised"`
	NeedsReview   int          `json:"needs_review"`
	Avoided       int          `json:"avoided"`
}
