package formats

import (
	"fmt"
	"strconv"
	"strings"

	"deltatrace/traceability"
)

// Report is all that a file says about one report, or about a part of it when
// the file tears it apart (then it is rejected).
type Report struct {
	// Payload is what would be signed. It is whole when there are no Problems;
	// otherwise it holds what could be read.
	Payload traceability.Report
	// Sheet is the worksheet; empty in formats without.
	Sheet string
	// Line is where the report begins, as in Rows.
	Line int
	// Rows are the rows of Payload.Items, one for each: the row of a worksheet,
	// the line of a text file, from 1.
	Rows []int
	// Problems are why the report is rejected; Warnings are remarks on a good one.
	Problems, Warnings []Problem

	// column names the column of a field: of an item's, by its index, or, with
	// -1, of the head's.
	column func(item int, field string) string
}

// Rejected reports whether the report must not be sent.
func (r *Report) Rejected() bool { return len(r.Problems) > 0 }

// Problem is one thing that is wrong, and where.
type Problem struct {
	Sheet  string              `json:"-"`
	Row    int                 `json:"row,omitzero"`
	Column string              `json:"column,omitzero"` // the heading, or the JSON path
	Err    *traceability.Error `json:",embed"`
}

// Error returns the place and the English sentence.
func (p *Problem) Error() string { return p.Place() + p.Err.Error() }

// Unwrap returns the *traceability.Error.
func (p *Problem) Unwrap() error { return p.Err }

// Place returns the place as people write it, `row 3, column 实测值: `, or nothing.
func (p *Problem) Place() string {
	var parts []string
	if p.Sheet != "" {
		parts = append(parts, "sheet "+p.Sheet)
	}
	if p.Row > 0 {
		parts = append(parts, "row "+strconv.Itoa(p.Row))
	}
	if p.Column != "" {
		parts = append(parts, "column "+p.Column)
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + ": "
}

// Notice tells of something in a file that is not sent and is no fault: an
// unknown column, an empty row, a note below the table.
type Notice struct {
	Sheet string
	Row   int // 0 for a column
	ZH    string
	EN    string
}

// Locate returns the place in the file of a field of the payload, such as
// items[3].unit: the row and the column. What has no place of its own is where the
// report begins.
func (r *Report) Locate(field string) (row int, column string) {
	if rest, ok := strings.CutPrefix(field, "items["); ok {
		number, member, _ := strings.Cut(rest, "]")
		if i, err := strconv.Atoi(number); err == nil && i < len(r.Rows) {
			return r.Rows[i], r.column(i, strings.TrimPrefix(member, "."))
		}
	}
	return r.Line, r.column(-1, field)
}

// found records what is wrong with a field, unless something is known of the
// field or its place already.
func (r *Report) found(e *traceability.Error) {
	row, column := r.Locate(e.Field)
	for i := range r.Problems {
		p := &r.Problems[i]
		if p.Err.Field == e.Field || (column != "" && p.Row == row && p.Column == column) {
			return
		}
	}
	r.Problems = append(r.Problems, Problem{Sheet: r.Sheet, Row: row, Column: column, Err: e})
}

// finish derives what the file leaves open and judges the report as the ledger will.
func (r *Report) finish(options Options) {
	if r.Payload.Task == "" {
		r.Payload.Task = options.Task
	}
	derived := r.Payload.Verdict == ""
	if derived {
		r.Payload.Verdict = verdictOf(&r.Payload)
	}
	problems, warnings := r.Payload.Check()
	for _, e := range problems {
		r.found(inBothLanguages(e))
	}
	if r.Rejected() {
		if derived {
			r.Payload.Verdict = "" // it would follow from what could not be read
		}
		return
	}
	for _, e := range warnings {
		row, column := r.Locate(e.Field)
		r.Warnings = append(r.Warnings, Problem{Sheet: r.Sheet, Row: row, Column: column, Err: e})
	}
}

// verdictOf is the report's verdict when it has no column of its own: what the
// conclusion plainly says, else fail if any item fails, else problem if any is
// one, else pass.
func verdictOf(r *traceability.Report) traceability.Verdict {
	if verdict, ok := conclusionVerdict(r.Conclusion); ok {
		return verdict
	}
	verdict := traceability.VerdictPass
	for i := range r.Items {
		switch r.Items[i].Verdict {
		case traceability.VerdictFail:
			return traceability.VerdictFail
		case traceability.VerdictProblem:
			verdict = traceability.VerdictProblem
		}
	}
	return verdict
}

// whole returns the problem of a file as a whole.
func whole(code traceability.Code, found, zh, en string) *Problem {
	return &Problem{Err: fault(code, "", found, zh, en)}
}

// inBothLanguages says of a text that is missing that it is, in Chinese too.
func inBothLanguages(e *traceability.Error) *traceability.Error {
	if e.Code == traceability.CodeMissing && e.Expected == "text" {
		return fault(traceability.CodeMissing, e.Field, "", "非空文本", "text")
	}
	return e
}

// fault returns an error whose expectation is said in both languages.
func fault(code traceability.Code, field, found, zh, en string) *traceability.Error {
	e := traceability.Invalid(field, found, en) // shortens what was found
	e.Code = code
	e.ZH = fmt.Sprintf("值“%s”无效，应为：%s", e.Found, zh)
	if code == traceability.CodeMissing && found == "" {
		e.ZH, e.EN = "缺少必填项，应为："+zh, "a required value is missing; expected "+en
	}
	return e
}
