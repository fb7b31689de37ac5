package main

import (
	"fmt"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
)

// What becomes of a row. The first two are of check; accepted, duplicate and
// rejected are the ledger's.
const (
	statusOK         = "ok"
	statusRejected   = string(traceability.StatusRejected)
	statusUnreadable = "unreadable" // a file that cannot be read, as a whole
	statusUnknown    = "unknown"    // sent, and no answer came
	statusNotSent    = "not_sent"
)

// answer is what became of one row, or of a file that cannot be read. Its JSON
// is a line of the output for machines.
type answer struct {
	File        string                  `json:"file"`
	Sheet       string                  `json:"sheet,omitzero"`
	Row         int                     `json:"row,omitzero"`
	ReportNo    string                  `json:"report_no"`
	Revision    int                     `json:"revision,omitzero"`
	SamplingNo  traceability.SamplingNo `json:"sampling_no"`
	FoodName    string                  `json:"food_name,omitzero"`
	Seq         int                     `json:"seq,omitzero"`
	Parameter   string                  `json:"parameter"`
	Method      string                  `json:"method"`
	Result      string                  `json:"result"`
	Unit        string                  `json:"unit"`
	Limit       string                  `json:"limit"`
	Verdict     traceability.Verdict    `json:"verdict"`
	VerdictText string                  `json:"verdict_text"`
	Status      string                  `json:"status"`
	Document    traceability.DocumentID `json:"document,omitzero"`
	Record      string                  `json:"record,omitzero"`
	Tx          traceability.TxID       `json:"tx,omitzero"`
	Block       uint64                  `json:"block,omitzero"`
	Problems    []formats.Problem       `json:"problems,omitempty"`
	Warnings    []formats.Problem       `json:"warnings,omitempty"`
}

// fate is what became of a report.
type fate struct {
	status   string
	document traceability.DocumentID
	record   string
	tx       traceability.TxID
	block    uint64
	problems []formats.Problem // of a report that was not accepted
	warnings []formats.Problem
}

// localFate is the fate of a report before it is sent.
func localFate(r *formats.Report) fate {
	if r.Rejected() {
		return fate{status: statusRejected, problems: r.Problems}
	}
	return fate{status: statusOK, warnings: r.Warnings}
}

// answers returns an answer for each row of a report, and one for a report
// without rows.
func answers(file string, r *formats.Report, f fate) []answer {
	list := make([]answer, 0, max(1, len(r.Rows)))
	p := &r.Payload
	for i := range max(1, len(r.Rows)) {
		a := answer{File: file, Sheet: r.Sheet, Row: r.Line, ReportNo: p.No, Revision: p.Revision, SamplingNo: p.Sample.No, FoodName: p.Sample.FoodName,
			Status: f.status, Document: f.document, Record: f.record, Tx: f.tx, Block: f.block}
		if i < len(r.Rows) {
			item := &p.Items[i]
			a.Row, a.Seq, a.Parameter, a.Method, a.Result = r.Rows[i], item.Seq, item.Parameter, item.Method, item.Result
			a.Unit, a.Limit, a.Verdict, a.VerdictText = item.Unit, item.Limit, item.Verdict, item.VerdictText
		}
		a.Problems = rowProblems(f.problems, a.Row)
		if len(f.problems) > 0 && len(a.Problems) == 0 {
			a.Problems = []formats.Problem{elsewhere(f.problems[0])}
		}
		a.Warnings = rowProblems(f.warnings, a.Row)
		list = append(list, a)
	}
	return list
}

// rowProblems picks what is said of a row, or, with row 0, of all.
func rowProblems(all []formats.Problem, row int) []formats.Problem {
	var own []formats.Problem
	for _, p := range all {
		if p.Row == row || p.Row == 0 {
			own = append(own, p)
		}
	}
	return own
}

// elsewhere says that a row is not accepted because of another row of its report.
func elsewhere(p formats.Problem) formats.Problem {
	return formats.Problem{Row: p.Row, Column: p.Column, Err: &traceability.Error{
		Code: p.Err.Code, Field: p.Err.Field,
		ZH: fmt.Sprintf("同一报告的另一行未通过：第 %d 行", p.Row),
		EN: fmt.Sprintf("another row of the same report was rejected: row %d", p.Row),
	}}
}

// fileAnswer is the answer for a file that cannot be read.
func fileAnswer(file string, p *formats.Problem) answer {
	return answer{File: file, Sheet: p.Sheet, Row: p.Row, Status: statusUnreadable, Problems: []formats.Problem{*p}}
}

// totals counts what became of reports and rows.
type totals struct {
	Files   int            `json:"files"`
	Reports int            `json:"reports"`
	Rows    int            `json:"rows"`
	ByRow   map[string]int `json:"rows_by_status"`

	what string // what the rows are gathered into; empty for reports
}

func (t *totals) add(status string, rows int) {
	if t.ByRow == nil {
		t.ByRow = make(map[string]int)
	}
	t.Reports++
	t.Rows += rows
	t.ByRow[status] += rows
}

// exit is the status with which to end; see the constants.
func (t *totals) exit() int {
	switch {
	case t.ByRow[statusUnknown]+t.ByRow[statusNotSent] > 0:
		return exitUnsent
	case t.ByRow[statusUnreadable] > 0:
		return exitUsage
	case t.ByRow[statusRejected] > 0:
		return exitRejected
	default:
		return exitOK
	}
}
