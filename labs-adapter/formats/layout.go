package formats

import (
	"fmt"
	"iter"
	"strings"

	"deltatrace/traceability"
)

// sheet is one table of a file: rows of cells, which can be read again and again.
type sheet struct {
	name string // empty when the format has no sheets
	rows func() iter.Seq2[row, error]
}

// row is one row of a sheet. Its slice of cells is reused for the next row.
type row struct {
	number int // from 1, as the laboratory's program shows it
	cells  []string
}

// cell returns the trimmed text of a cell; "" when the row is too short or the
// sheet has no such column (-1).
func (r row) cell(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return trim(r.cells[i])
}

// trim is strings.TrimSpace, faster for nearly all cells: those that begin and
// end with printable ASCII or with a character of three bytes from U+4000 on,
// where there are no spaces.
func trim(s string) string {
	n := len(s)
	if n == 0 {
		return s
	}
	begins := s[0] > ' ' && s[0] < 0x7f || s[0] >= 0xe4
	ends := s[n-1] > ' ' && s[n-1] < 0x7f || n >= 3 && s[n-3] >= 0xe4
	if begins && ends {
		return s
	}
	return strings.TrimSpace(s)
}

func (r row) blank() bool {
	for _, cell := range r.cells {
		if trim(cell) != "" {
			return false
		}
	}
	return true
}

// titleRows is how many rows (a title, a declaration) may stand before the header.
const titleRows = 5

// layout says which column of a sheet is which.
type layout struct {
	header  int                  // the row of the header
	no      string               // the heading of the report's number, to know a repeated header
	items   [itemColumnCount]int // where the items' columns are; -1 for absent ones
	head    []headColumn
	names   map[string]string // field to heading
	unknown []string          // headings that mean nothing here
}

type headColumn struct {
	index int
	column
}

// findLayout looks for the header in the first rows. found is false when the
// sheet has none.
func findLayout(s sheet) (l *layout, found bool, err error) {
	for row, err := range s.rows() {
		if err != nil {
			return nil, false, err
		}
		if row.number > titleRows+1 {
			break
		}
		l, known := layoutOf(row)
		if known < 3 {
			continue
		}
		for i, column := range itemColumns() {
			if required(i) && l.items[i] < 0 {
				e := fault(traceability.CodeMissing, column.field, strings.Join(headings(row), "、"),
					"名为“"+column.names[0]+"”的列（或："+strings.Join(column.names[1:], "、")+"）",
					"a column named "+column.names[0]+" (or "+strings.Join(column.names[1:], ", ")+")")
				return nil, false, &Problem{Sheet: s.name, Row: row.number, Column: column.names[0], Err: e}
			}
		}
		if twice := l.twice(row); twice != "" {
			e := fault(traceability.CodeTooMany, "", twice, "每一列只出现一次", "each column once")
			return nil, false, &Problem{Sheet: s.name, Row: row.number, Column: twice, Err: e}
		}
		return l, true, nil
	}
	return nil, false, nil
}

// layoutOf reads a row as a header and says how many columns of it are known.
func layoutOf(header row) (l *layout, known int) {
	l = &layout{header: header.number, names: make(map[string]string)}
	columns := newFinder(header)
	find := func(c column) int {
		i := columns.find(c.names)
		if i >= 0 && l.names[c.field] == "" {
			l.names[c.field] = header.cell(i)
		}
		return i
	}
	for i, c := range itemColumns() {
		l.items[i] = find(c)
	}
	for _, c := range headColumns() {
		if i := find(c); i >= 0 {
			l.head = append(l.head, headColumn{i, c})
		}
	}
	l.unknown = columns.unknown()
	l.no = header.cell(l.items[columnNo])
	for field, beside := range map[string]string{
		"items.verdict_text": "items.verdict", "task": "task_name", "tested_to": "tested_from",
		"sample.date_kind": "sample.date", "sample.batch": "sample.date",
	} { // fields that a column of another fills too
		if l.names[field] == "" && l.names[beside] != "" {
			l.names[field] = l.names[beside]
		}
	}
	return l, len(columns.used)
}

// finder finds the columns of a header by their names.
type finder struct {
	header row
	at     map[string]int // heading to place; the first of two with one heading
	used   map[int]bool
}

func newFinder(header row) *finder {
	f := &finder{header: header, at: make(map[string]int, len(header.cells)), used: make(map[int]bool, len(header.cells))}
	for i := len(header.cells) - 1; i >= 0; i-- {
		if name := heading(header.cells[i]); name != "" {
			f.at[name] = i
		}
	}
	return f
}

// find returns the place of the column that has the first of the names, and takes
// it; -1 when there is none.
func (f *finder) find(names []string) int {
	for _, name := range names {
		if i, ok := f.at[heading(name)]; ok && !f.used[i] {
			f.used[i] = true
			return i
		}
	}
	return -1
}

// unknown returns the headings of the columns that nobody took.
func (f *finder) unknown() []string {
	var names []string
	for i := range f.header.cells {
		if name := f.header.cell(i); name != "" && !f.used[i] {
			names = append(names, name)
		}
	}
	return names
}

// column implements Report.column. What a row says wrongly of the head has the
// head's column.
func (l *layout) column(item int, field string) string {
	if name, ok := l.names["items."+field]; ok && item >= 0 {
		return name
	}
	return l.names[field]
}

// twice returns a heading of an item's column that the header has twice: a table
// of several items a row, which must not be read by half.
func (l *layout) twice(header row) string {
	for _, at := range l.items {
		for i := range header.cells {
			if at >= 0 && i != at && heading(header.cells[i]) == heading(header.cells[at]) {
				return header.cell(at)
			}
		}
	}
	return ""
}

func headings(header row) []string {
	var names []string
	for i := range header.cells {
		if name := header.cell(i); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// data yields the rows below the header that hold items, and tells notify of
// the others.
func (l *layout) data(s sheet, notify func(Notice)) iter.Seq2[row, error] {
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
			case l.note(row):
				notify(Notice{Sheet: s.name, Row: row.number, ZH: "说明行，未提交", EN: "a note, not sent"})
			case row.cell(l.items[columnNo]) == l.no && l.repeated(row):
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

// note reports whether a row is a remark on the table: it has nothing of an item
// and begins with a word for notes.
func (l *layout) note(r row) bool {
	for _, i := range []int{columnParameter, columnResult, columnVerdict} {
		if r.cell(l.items[i]) != "" {
			return false
		}
	}
	return r.remark()
}

// remark reports whether the first text of a row is a word for notes.
func (r row) remark() bool {
	for i := range r.cells {
		first := traceability.Fold(r.cells[i])
		if first == "" {
			continue
		}
		for _, word := range []string{"注:", "注1", "注2", "声明", "说明", "备注:", "以下空白", "以上", "制表", "合计", "共"} {
			if strings.HasPrefix(first, word) {
				return true
			}
		}
		return false
	}
	return false
}

// repeated reports whether a row is the header again.
func (l *layout) repeated(r row) bool {
	for i, column := range itemColumns() {
		if required(i) && r.cell(l.items[i]) != l.names[column.field] {
			return false
		}
	}
	return true
}

// emptyRows tells of a run of empty rows once.
type emptyRows struct {
	sheet       string
	first, last int
	notify      func(Notice)
}

func (e *emptyRows) add(number int) {
	if e.first == 0 {
		e.first = number
	}
	e.last = number
}

func (e *emptyRows) end() {
	if e.first > 0 {
		n := e.last - e.first + 1
		e.notify(Notice{Sheet: e.sheet, Row: e.first, ZH: fmt.Sprintf("空行（共 %d 行），已跳过", n), EN: fmt.Sprintf("%d empty rows, skipped", n)})
		e.first = 0
	}
}
