package formats

import (
	"iter"
	"strings"

	"deltatrace/traceability"
)

// registerLayout says which column of a sheet of licences is which.
type registerLayout struct {
	header  int
	columns []registerPlace
	names   map[string]string // field to heading
	no      int               // the place of the number
	holder  int               // and of the holder's name
	unknown []string
}

type registerPlace struct {
	index int
	registerColumn
}

// findRegisterLayout looks for the header in the first rows; nil when the sheet
// has none.
func findRegisterLayout(s sheet) (*registerLayout, error) {
	for row, err := range s.rows() {
		if err != nil {
			return nil, err
		}
		if row.number > titleRows+1 {
			break
		}
		l := registerLayoutOf(row)
		if len(l.columns) < 3 {
			continue
		}
		for _, c := range registerColumns() {
			if c.required && l.names[c.field] == "" {
				e := fault(traceability.CodeMissing, c.field, strings.Join(headings(row), "、"),
					"名为“"+c.names[0]+"”的列（或："+strings.Join(c.names[1:], "、")+"）", "a column named "+c.names[0]+" (or "+strings.Join(c.names[1:], ", ")+")")
				return nil, &Problem{Sheet: s.name, Row: row.number, Column: c.names[0], Err: e}
			}
		}
		return l, nil
	}
	return nil, nil
}

func registerLayoutOf(header row) *registerLayout {
	l := &registerLayout{header: header.number, names: make(map[string]string), no: -1, holder: -1}
	finder := newFinder(header)
	for _, c := range registerColumns() {
		i := finder.find(c.names)
		if i < 0 {
			continue
		}
		l.columns = append(l.columns, registerPlace{i, c})
		l.names[c.field] = header.cell(i)
		switch c.field {
		case "licence":
			l.no = i
		case "holder.name":
			l.holder = i
		}
	}
	l.unknown = finder.unknown()
	return l
}

// number returns the printed number of a row's licence.
func (l *registerLayout) number(r row) string { return r.cell(l.no) }

// data yields the rows below the header that hold licences, and tells notify of
// the others.
func (l *registerLayout) data(s sheet, notify func(Notice)) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		empty := emptyRows{sheet: s.name, notify: notify}
		for row, err := range s.rows() {
			if err != nil {
				yield(row, err)
				return
			}
			switch {
			case row.number <= l.header:
				continue
			case row.blank():
				empty.add(row.number)
				continue
			}
			empty.end()
			switch {
			case row.remark() && row.cell(l.holder) == "":
				notify(Notice{Sheet: s.name, Row: row.number, ZH: "说明行，未提交", EN: "a note, not sent"})
			case l.number(row) == l.names["licence"]:
				notify(Notice{Sheet: s.name, Row: row.number, ZH: "重复的表头，已跳过", EN: "the header again, skipped"})
			default:
				if !yield(row, nil) {
					return
				}
			}
		}
		empty.end()
	}
}

// read reads a row and judges it as the ledger will.
func (l *registerLayout) read(sheet string, r row) *LicenceRow {
	read := &LicenceRow{Sheet: sheet, Line: r.number, layout: l}
	for _, c := range l.columns {
		cell := r.cell(c.index)
		if lostDigits(cell) {
			read.found(rounded(c.field, cell))
			continue
		}
		if absent(cell) && !(cell == "无" && c.yesOrNo()) {
			continue
		}
		if err := c.set(read, c.field, cell); err != nil {
			read.found(err)
		}
	}
	read.complete()
	problems, warnings := read.Row.Check()
	for _, e := range problems {
		if e.Field == "division" && read.Row.ID == "" {
			continue // it would follow from the number
		}
		read.found(inBothLanguages(e))
	}
	if !read.Rejected() {
		for _, e := range warnings {
			read.Warnings = append(read.Warnings, read.Problem(e))
		}
	}
	return read
}

// found records what is wrong with a field, unless something is known of it.
func (r *LicenceRow) found(e *traceability.Error) {
	for i := range r.Problems {
		if r.Problems[i].Err.Field == e.Field {
			return
		}
	}
	r.Problems = append(r.Problems, r.Problem(e))
}

// complete fills in what follows from the number where the row does not say it.
func (r *LicenceRow) complete() {
	l := &r.Row.Licence
	if l.Division == "" && l.ID.Scheme() != "" {
		l.Division = l.ID.Division()
	}
	if l.BusinessType == "" {
		l.BusinessType = l.ID.BusinessType()
	}
}
