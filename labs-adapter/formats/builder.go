package formats

import (
	"fmt"
	"strconv"
	"strings"

	"deltatrace/traceability"
)

// builder makes a report of its rows.
type builder struct {
	layout *layout
	report *Report
	head   []string // the head's cells as first seen, in the order of layout.head
}

func newBuilder(s flatSheet, torn *traceability.Error, first row, hint int) *builder {
	b := &builder{
		layout: s.layout,
		report: &Report{Sheet: s.name, Line: first.number, Rows: make([]int, 0, hint), column: s.column},
		head:   make([]string, len(s.head)),
	}
	b.report.Payload.Items = make([]traceability.Item, 0, hint)
	if torn != nil {
		b.report.found(torn)
	}
	b.report.Payload.No = first.cell(s.items[columnNo])
	if lostDigits(b.report.Payload.No) {
		b.report.found(rounded("report_no", b.report.Payload.No))
	}
	revision, err := parseRevision(first.cell(s.items[columnRevision]))
	if err != nil {
		b.report.found(err)
	}
	b.report.Payload.Revision = revision
	return b
}

// add reads a row. What is wrong with it is recorded with the row.
func (b *builder) add(r row) {
	at := &b.layout.items
	report := b.report
	n := len(report.Rows)
	report.Rows = append(report.Rows, r.number)
	item := traceability.Item{
		Seq:    n + 1,
		Unit:   r.cell(at[columnUnit]),
		Limit:  r.cell(at[columnLimit]),
		Result: r.cell(at[columnResult]),
		Method: r.cell(at[columnMethod]),
		Remark: r.cell(at[columnRemark]),
	}
	item.Parameter, item.Amended, item.Subcontracted = parameter(r.cell(at[columnParameter]))
	item.VerdictText = r.cell(at[columnVerdict])
	verdict, known := itemVerdict(item.VerdictText)
	item.Verdict = verdict
	if !known {
		b.wrong(n, "verdict", verdictFault("", item.VerdictText))
	}
	if at[columnSeq] >= 0 {
		seq, err := strconv.Atoi(traceability.Fold(r.cell(at[columnSeq])))
		if err != nil {
			b.wrong(n, "seq", fault(traceability.CodeInvalid, "", r.cell(at[columnSeq]), "从 1 起的序号", "a number from 1"))
		}
		item.Seq = seq
	}
	report.Payload.Items = append(report.Payload.Items, item)
	if r.cell(at[columnNo]) == "" {
		b.wrong(n, "report_no", fault(traceability.CodeMissing, "", "", "每一行都填报告编号（取消合并单元格）", "the report's number in every row (unmerge the cells)"))
	}
	if len(r.cells) > MaxRowCells {
		b.wrong(n, "cells", fault(traceability.CodeTooMany, "", strconv.Itoa(len(r.cells)), fmt.Sprintf("每行最多 %d 列", MaxRowCells), fmt.Sprintf("at most %d cells in a row", MaxRowCells)))
	}
	b.addHead(r)
}

// addHead reads the columns of the report's head. A value counts from the first
// row that has it; a later row may leave it empty, but not say another.
func (b *builder) addHead(r row) {
	for i := range b.layout.head {
		c := &b.layout.head[i]
		cell := r.cell(c.index)
		switch {
		case cell == "" || cell == b.head[i]:
		case b.head[i] == "":
			b.head[i] = cell
			if err := c.set(&b.report.Payload, c.field, cell); err != nil {
				b.report.Problems = append(b.report.Problems, Problem{Sheet: b.report.Sheet, Row: r.number, Column: b.layout.names[c.field], Err: err})
			}
		default:
			b.wrong(len(b.report.Rows)-1, c.field, fault(traceability.CodeConflict, "", cell,
				"与同一报告前面的行相同的值“"+b.head[i]+"”", "the value of the report's rows before, "+b.head[i]))
		}
	}
}

// wrong records what is wrong with a row. field is relative to the item.
func (b *builder) wrong(item int, field string, e *traceability.Error) {
	e.Field = "items[" + strconv.Itoa(item) + "]." + field
	row, column := b.report.Locate(e.Field)
	b.report.Problems = append(b.report.Problems, Problem{Sheet: b.report.Sheet, Row: row, Column: column, Err: e})
}

func (b *builder) finish(options Options) *Report {
	b.report.finish(options)
	return b.report
}

// parameter takes the marks off a printed parameter: △ for an amended item, * for
// a subcontracted one.
func parameter(cell string) (name string, amended, subcontracted bool) {
	for {
		switch rest, mark := cutMark(cell); mark {
		case "△":
			amended, cell = true, rest
		case "*":
			subcontracted, cell = true, rest
		default:
			return cell, amended, subcontracted
		}
	}
}

func cutMark(cell string) (rest, mark string) {
	if cell == "" || (cell[0] != '*' && cell[0] < 0x80) {
		return cell, ""
	}
	for _, mark := range [...][2]string{{"△", "△"}, {"*", "*"}, {"＊", "*"}} {
		if rest, ok := strings.CutPrefix(cell, mark[0]); ok {
			return strings.TrimSpace(rest), mark[1]
		}
	}
	return cell, ""
}
