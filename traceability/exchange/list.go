package exchange

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"

	"github.com/xuri/excelize/v2"

	"deltatrace/traceability"
)

// list is a plain table: a title, headings, and lines as wide as these.
type list struct {
	title    string
	sheet    string // the worksheet's name
	headings []string
	widths   []float64 // of the first columns of a worksheet, in characters
}

// writeList writes a list as CSV or XLSX. Errors are as with Write.
func writeList(w io.Writer, f Format, l *list, lines iter.Seq2[[]string, error]) error {
	switch f {
	case CSV:
		return writeListCSV(w, l, lines)
	case XLSX:
		return writeListXLSX(w, l, lines)
	default:
		return traceability.Invalid("format", string(f), "csv or xlsx")
	}
}

// each hands out the title, the headings and the lines, all as wide as the table.
func (l *list) each(lines iter.Seq2[[]string, error], write func(line int, cells []string) error) error {
	first := make([]string, len(l.headings))
	first[0] = l.title
	if err := write(1, first); err != nil {
		return err
	}
	if err := write(2, l.headings); err != nil {
		return err
	}
	n := 2
	for cells, err := range lines {
		if err != nil {
			return err
		}
		if n++; n > MaxLines {
			return tooLong()
		}
		if err := write(n, cells); err != nil {
			return err
		}
	}
	return nil
}

func writeListCSV(w io.Writer, l *list, lines iter.Seq2[[]string, error]) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	err := l.each(lines, func(_ int, cells []string) error {
		for i := range cells {
			cells[i] = Harmless(cells[i])
		}
		return out.Write(cells)
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// writeListXLSX writes a workbook of one sheet. As in the table of failed samples
// every cell is text; rows beyond a few megabytes wait in a temporary file.
func writeListXLSX(w io.Writer, l *list, lines iter.Seq2[[]string, error]) (err error) {
	file := excelize.NewFile()
	defer func() {
		if closeErr := file.Close(); err == nil { // drops the temporary file
			err = closeErr
		}
	}()
	if err := file.SetSheetName("Sheet1", l.sheet); err != nil {
		return err
	}
	bold, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	text := "@"
	plain, err := file.NewStyle(&excelize.Style{CustomNumFmt: &text})
	if err != nil {
		return err
	}
	out, err := file.NewStreamWriter(l.sheet)
	if err != nil {
		return err
	}
	for i, width := range l.widths {
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 2, TopLeftCell: "A3", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	err = l.each(lines, func(line int, cells []string) error {
		style := plain
		if line <= 2 {
			style = bold
		}
		values := make([]any, len(cells))
		for i, cell := range cells {
			values[i] = excelize.Cell{StyleID: style, Value: cell}
		}
		return out.SetRow(fmt.Sprintf("A%d", line), values)
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, err = file.WriteTo(w)
	return err
}
