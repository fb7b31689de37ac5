package exchange

import (
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// maxSheets bounds the sheets of a workbook: the categories are 39, and what is
// beyond goes to the last sheet.
const maxSheets = 60

// otherCategory names the sheet of what has no category, or one too many.
const otherCategory = "其他"

// workbook is a workbook in the making. Rows beyond a few megabytes wait in
// temporary files.
type workbook struct {
	file   *excelize.File
	t      *template
	sheets map[string]*sheet
	order  []*sheet
	title  int // styles
	head   int
	cell   int
}

// sheet is one of its sheets.
type sheet struct {
	out  *excelize.StreamWriter
	line int // the last one written
	n    counter
}

// writeXLSX writes the table as a workbook. Every cell is text: a spreadsheet
// computes nothing from it, and guesses no date or number.
func writeXLSX(w io.Writer, t *template, rows iter.Seq2[Row, error]) (err error) {
	b := &workbook{file: excelize.NewFile(), t: t, sheets: make(map[string]*sheet)}
	defer func() {
		if closeErr := b.file.Close(); err == nil { // drops the temporary files
			err = closeErr
		}
	}()
	if err := b.styles(); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := b.add(&row); err != nil {
			return err
		}
	}
	if len(b.order) == 0 {
		if _, err := b.sheet(""); err != nil {
			return err
		}
	}
	for _, s := range b.order {
		if err := s.write(b.cell, noRanking); err != nil {
			return err
		}
		if err := s.out.Flush(); err != nil {
			return err
		}
	}
	_, err = b.file.WriteTo(w)
	return err
}

func (b *workbook) styles() (err error) {
	center := &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}
	grid := []excelize.Border{{Type: "left", Style: 1, Color: "808080"}, {Type: "right", Style: 1, Color: "808080"}, {Type: "top", Style: 1, Color: "808080"}, {Type: "bottom", Style: 1, Color: "808080"}}
	if b.title, err = b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}, Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center"}}); err != nil {
		return err
	}
	if b.head, err = b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: center, Border: grid, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7EEF3"}}}); err != nil {
		return err
	}
	text := "@"
	b.cell, err = b.file.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, CustomNumFmt: &text})
	if err != nil {
		return err
	}
	return b.file.SetDocProps(&excelize.DocProperties{Creator: "deltatrace", LastModifiedBy: "deltatrace", Title: b.t.title})
}

func (b *workbook) add(r *Row) error {
	category := ""
	if b.t.perCategory {
		category = sheetName(r.Category)
	}
	s, err := b.sheet(category)
	if err != nil {
		return err
	}
	lines, err := s.n.next(b.t, r)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if err := s.write(b.cell, line...); err != nil {
			return err
		}
	}
	return nil
}

// sheet returns a category's sheet, with its title, declaration and headings.
func (b *workbook) sheet(category string) (*sheet, error) {
	if s, ok := b.sheets[category]; ok {
		return s, nil
	}
	if len(b.order) >= maxSheets-1 {
		category = otherCategory
		if s, ok := b.sheets[category]; ok {
			return s, nil
		}
	}
	name := category
	if name == "" {
		name = "不合格产品信息"
	}
	var err error
	if len(b.order) == 0 {
		err = b.file.SetSheetName("Sheet1", name)
	} else {
		_, err = b.file.NewSheet(name)
	}
	if err != nil {
		return nil, err
	}
	s := new(sheet)
	if s.out, err = b.file.NewStreamWriter(name); err != nil {
		return nil, err
	}
	if err := s.begin(b, category+b.t.title); err != nil {
		return nil, err
	}
	b.sheets[category], b.order = s, append(b.order, s)
	return s, nil
}

func (s *sheet) begin(b *workbook, title string) error {
	headings := b.t.headings()
	for i, heading := range headings {
		if err := s.out.SetColWidth(i+1, i+1, min(28, max(8, 2.4*float64(utf8.RuneCountInString(heading))))); err != nil {
			return err
		}
	}
	if err := s.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 3, TopLeftCell: "A4", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	last, err := excelize.ColumnNumberToName(len(headings))
	if err != nil {
		return err
	}
	if err := s.write(b.title, title); err != nil {
		return err
	}
	if err := s.write(b.cell, declaration); err != nil {
		return err
	}
	for _, line := range []string{"1", "2"} {
		if err := s.out.MergeCell("A"+line, last+line); err != nil {
			return err
		}
	}
	return s.write(b.head, headings...)
}

// write adds a line. excelize writes a text as a text, whatever it begins with.
func (s *sheet) write(style int, cells ...string) error {
	values := make([]any, len(cells))
	for i, cell := range cells {
		values[i] = excelize.Cell{StyleID: style, Value: cell}
	}
	s.line++
	return s.out.SetRow("A"+strconv.Itoa(s.line), values)
}

// sheetName makes a category a sheet's name: at most 31 characters, none of
// :\/?*[] and no apostrophe at an end. Letter case makes no difference there.
func sheetName(category string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return '_'
		}
		return r
	}, strings.ToUpper(printed(category)))
	if runes := []rune(name); len(runes) > 31 {
		name = string(runes[:31])
	}
	if name == "_" || name == "" {
		return otherCategory
	}
	return name
}
