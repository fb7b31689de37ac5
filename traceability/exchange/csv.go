package exchange

import (
	"encoding/csv"
	"io"
	"iter"
	"strings"
)

// writeCSV writes the table with its lines around. Every line has as many cells,
// so that strict readers take it.
func writeCSV(w io.Writer, t *template, rows iter.Seq2[Row, error]) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	line := func(cells ...string) error {
		full := make([]string, len(t.columns))
		for i, cell := range cells {
			full[i] = Harmless(cell)
		}
		return out.Write(full)
	}
	for _, lead := range [][]string{{t.title}, {declaration}, t.headings()} {
		if err := line(lead...); err != nil {
			return err
		}
	}
	var n counter
	for row, err := range rows {
		if err != nil {
			return err
		}
		lines, err := n.next(t, &row)
		if err != nil {
			return err
		}
		for _, cells := range lines {
			if err := line(cells...); err != nil {
				return err
			}
		}
	}
	if err := line(noRanking); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// Harmless keeps a spreadsheet from taking a cell for a formula: one that begins
// like a formula, also in full width as Chinese editions take it, gets an
// apostrophe in front. One that begins with an apostrophe gets another, so that a
// program can tell.
func Harmless(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r＝＋－＠'") == 0 {
		return "'" + cell
	}
	return cell
}
