package exchange

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/xuri/excelize/v2"

	"deltatrace/traceability"
)

// scopeHeadings are the columns of a recall's scope: a line for each lot and
// holder, one without a holder for a lot of which none is told.
func scopeHeadings() []string {
	return []string{"层级", "批次", "产品", "生产日期", "登记单位代码", "单位代码", "单位名称", "省份", "行政区划", "计量单位", "生产", "他方发来", "收货", "用于加工", "发出", "零售"}
}

func scopeLines(l *traceability.ScopeLot) [][]string {
	lot := []string{strconv.Itoa(l.Distance), string(l.Lot.ID), l.Lot.Product, string(l.Lot.Date), string(l.Lot.Registrant)}
	if len(l.Holders) == 0 {
		return [][]string{append(lot, make([]string, len(scopeHeadings())-len(lot))...)}
	}
	var lines [][]string
	for _, h := range l.Holders {
		unit, _ := h.Unit.Info()
		lines = append(lines, append(lot[:len(lot):len(lot)], string(h.Party), h.Name, h.Province.NameZH(), string(h.Division), unit.ZH,
			string(h.Made), string(h.Sent), string(h.Received), string(h.Used), string(h.Shipped), string(h.Sold)))
	}
	return lines
}

// WriteScope writes the lots that a recall covers, as CSV or XLSX, under a title.
// Errors are as with Write.
func WriteScope(w io.Writer, f Format, title string, lots iter.Seq2[traceability.ScopeLot, error]) error {
	switch f {
	case CSV:
		return writeScopeCSV(w, title, lots)
	case XLSX:
		return writeScopeXLSX(w, title, lots)
	default:
		return traceability.Invalid("format", string(f), "csv or xlsx")
	}
}

// eachLine hands out the title, the headings and the lines, all as wide as the
// table.
func eachLine(title string, lots iter.Seq2[traceability.ScopeLot, error], write func(line int, cells []string) error) error {
	first := make([]string, len(scopeHeadings()))
	first[0] = title
	if err := write(1, first); err != nil {
		return err
	}
	if err := write(2, scopeHeadings()); err != nil {
		return err
	}
	n := 2
	for l, err := range lots {
		if err != nil {
			return err
		}
		for _, cells := range scopeLines(&l) {
			if n++; n > MaxLines {
				return tooLong()
			}
			if err := write(n, cells); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeScopeCSV(w io.Writer, title string, lots iter.Seq2[traceability.ScopeLot, error]) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	err := eachLine(title, lots, func(_ int, cells []string) error {
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

// writeScopeXLSX writes a workbook of one sheet. As in the table of failed samples
// every cell is text; rows beyond a few megabytes wait in a temporary file.
func writeScopeXLSX(w io.Writer, title string, lots iter.Seq2[traceability.ScopeLot, error]) (err error) {
	file := excelize.NewFile()
	defer func() {
		if closeErr := file.Close(); err == nil { // drops the temporary file
			err = closeErr
		}
	}()
	const name = "召回范围"
	if err := file.SetSheetName("Sheet1", name); err != nil {
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
	out, err := file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, width := range []float64{6, 40, 20, 12, 24, 24, 28, 10, 10, 10} {
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 2, TopLeftCell: "A3", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	err = eachLine(title, lots, func(line int, cells []string) error {
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
