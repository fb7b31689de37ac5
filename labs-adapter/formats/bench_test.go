package formats

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"
)

const benchRows = 70_000

// exportRow is row i (from 0) of an invented export of reports with 14 items each.
func exportRow(i int) []string {
	return []string{
		fmt.Sprintf("SP2026%06d", i/14), fmt.Sprint(i%14 + 1),
		[]string{"阿维菌素", "哒螨灵", "敌敌畏", "毒死蜱", "腐霉利", "铅(以Pb计)", "镉(以Cd计)"}[i%7],
		"mg/kg", "≤0.02", "未检出(定量限：0.01)", "符合规定", "GB 23200.121-2021", "/",
	}
}

func exportHeader() []string {
	return []string{"报告编号", "序号", "检验项目", "计量单位", "标准指标", "实测值", "单项判定", "检验依据", "备注"}
}

func writeCSVExport(tb testing.TB, to io.Writer, rows int) {
	tb.Helper()
	w := csv.NewWriter(to)
	w.Write(exportHeader())
	for i := range rows {
		w.Write(exportRow(i))
	}
	if w.Flush(); w.Error() != nil {
		tb.Fatal(w.Error())
	}
}

// writeXLSXExport writes an export as a workbook, of texts.
func writeXLSXExport(tb testing.TB, path string, rows int) {
	tb.Helper()
	book := excelize.NewFile()
	defer book.Close()
	w, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		tb.Fatal(err)
	}
	for i := range rows + 1 {
		cells := exportHeader()
		if i > 0 {
			cells = exportRow(i - 1)
		}
		row := make([]any, len(cells))
		for j := range cells {
			row[j] = cells[j]
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := book.SaveAs(path); err != nil {
		tb.Fatal(err)
	}
}

func readAll(b *testing.B, path string) {
	b.Helper()
	rows := 0
	file, err := Open(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	for report, err := range file.Reports(b.Context()) {
		if err != nil || report.Rejected() {
			b.Fatal(err, report)
		}
		rows += len(report.Rows)
	}
	if rows != benchRows {
		b.Fatalf("got %d rows", rows)
	}
}

func perSecond(b *testing.B) {
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkCSV compares reading, judging and grouping with a csv.Reader over the
// same bytes, as it comes (bare) and with its memory reused (reused).
func BenchmarkCSV(b *testing.B) {
	var text bytes.Buffer
	writeCSVExport(b, &text, benchRows)
	path := filepath.Join(b.TempDir(), "export.csv")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	b.Run("formats", func(b *testing.B) {
		for b.Loop() {
			readAll(b, path)
		}
		perSecond(b)
	})
	for name, reuse := range map[string]bool{"bare": false, "reused": true} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				bareCSV(b, path, reuse)
			}
			perSecond(b)
		})
	}
}

func bareCSV(b *testing.B, path string, reuse bool) {
	b.Helper()
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.ReuseRecord = reuse
	rows := 0
	for ; err == nil; rows++ {
		_, err = reader.Read()
	}
	if err != io.EOF || rows != benchRows+2 {
		b.Fatal(rows, err)
	}
}

// BenchmarkXLSX compares reading, judging and grouping with excelize's bare rows
// of the same workbook.
func BenchmarkXLSX(b *testing.B) {
	path := filepath.Join(b.TempDir(), "export.xlsx")
	writeXLSXExport(b, path, benchRows)
	b.Run("formats", func(b *testing.B) {
		for b.Loop() {
			readAll(b, path)
		}
		perSecond(b)
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			book, err := excelize.OpenFile(path)
			if err != nil {
				b.Fatal(err)
			}
			rows, err := book.Rows("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for ; rows.Next(); n++ {
				if _, err := rows.Columns(); err != nil {
					b.Fatal(err)
				}
			}
			rows.Close()
			if book.Close(); n != benchRows+1 {
				b.Fatal(n)
			}
		}
		perSecond(b)
	})
}
