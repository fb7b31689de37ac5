package formats

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deltatrace/traceability"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func set(tb testing.TB, book *excelize.File, sheet, start string, cells ...any) {
	tb.Helper()
	if err := book.SetSheetRow(sheet, start, &cells); err != nil {
		tb.Fatal(err)
	}
}

// TestCellsCountAsShown: numbers keep the digits that the sheet shows, dates are dates.
func TestCellsCountAsShown(t *testing.T) {
	t.Parallel()
	path := workbook(t, func(book *excelize.File) {
		set(t, book, "Sheet1", "A1", "报告编号", "检验项目", "实测值", "单项判定", "生产日期", "签发日期", "抽样日期", "标准值")
		set(t, book, "Sheet1", "A2", 202600001, "铅", 0.12, "合格", 46327, 46331, 46331, 0.5)
		for cell, format := range map[string]int{"E2": 14, "G2": 22} { // Excel's own short date, and with a time
			style, err := book.NewStyle(&excelize.Style{NumFmt: format})
			if err != nil {
				t.Fatal(err)
			}
			if err := book.SetCellStyle("Sheet1", cell, cell, style); err != nil {
				t.Fatal(err)
			}
		}
		for cell, format := range map[string]string{"C2": "0.000", "F2": `yyyy"年"m"月"d"日"`} {
			style, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
			if err != nil {
				t.Fatal(err)
			}
			if err := book.SetCellStyle("Sheet1", cell, cell, style); err != nil {
				t.Fatal(err)
			}
		}
	})
	got := read(t.Context(), path, Options{})
	if got.Err != nil || len(got.Reports) != 1 || got.Reports[0].Rejected() {
		t.Fatal(got.Err, problemLines(got.Reports))
	}
	p := got.Reports[0].Payload
	all := []string{p.No, p.Items[0].Result, p.Items[0].Limit, string(p.Sample.Date), string(p.Issued), string(p.Sample.SampledOn)}
	if diff := cmp.Diff([]string{"202600001", "0.120", "0.5", "2026-11-01", "2026-11-05", "2026-11-05"}, all); diff != "" {
		t.Error(diff)
	}
}

// TestRoundedNumbersAreRefused: a spreadsheet keeps 15 digits of a number.
func TestRoundedNumbersAreRefused(t *testing.T) {
	t.Parallel()
	path := workbook(t, func(book *excelize.File) {
		set(t, book, "Sheet1", "A1", "报告编号", "检验项目", "实测值", "单项判定", "受理编号")
		set(t, book, "Sheet1", "A2", 12345678901234567, "铅", "1", "合格", 12345678901234567)
		set(t, book, "Sheet1", "A3", 123456789012345, "铅", "1.2E+03", "合格", "E+16")
	})
	got := read(t.Context(), path, Options{})
	if diff := cmp.Diff([]string{"2 报告编号 invalid", "2 受理编号 invalid"}, problemLines(got.Reports)); diff != "" || got.Err != nil {
		t.Error(got.Err, diff)
	}
}

func TestAllSheetsAreRead(t *testing.T) {
	t.Parallel()
	path := workbook(t, func(book *excelize.File) {
		for _, name := range []string{"肉", "说明", "空"} {
			if _, err := book.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		set(t, book, "Sheet1", "A3", "报告编号", "检验项目", "实测值", "单项判定")
		set(t, book, "Sheet1", "A4", "A", "铅", "1", "合格")
		set(t, book, "Sheet1", "A9", "B", "铅", "1", "合格")
		set(t, book, "肉", "B1", "单项判定", "实测值", "检验项目", "报告编号")
		set(t, book, "肉", "B2", "不合格", "1", "铅", "C")
		set(t, book, "肉", "B3", "合格", "1", "铅", "A") // stands apart from the first sheet's
		set(t, book, "说明", "A1", "本表说明")
	})
	got := read(t.Context(), path, Options{})
	if got.Err != nil {
		t.Fatal(got.Err)
	}
	var reports []string
	for _, r := range got.Reports {
		status := "ok"
		if r.Rejected() {
			status = r.Problems[0].Err.Found
		}
		reports = append(reports, strings.Join([]string{r.Sheet, r.Payload.No, status}, " "))
	}
	if diff := cmp.Diff([]string{"Sheet1 A A @ Sheet1!4, 肉!3", "Sheet1 B ok", "肉 C ok", "肉 A A @ Sheet1!4, 肉!3"}, reports); diff != "" {
		t.Error(diff)
	}
	if row := got.Reports[1].Rows[0]; row != 9 {
		t.Errorf("got row %d, want 9", row)
	}
	var told []string
	for _, n := range got.Notices {
		told = append(told, n.Sheet+" "+n.EN)
	}
	want := []string{"说明 no header in the first six rows; the sheet is not read", "空 no header in the first six rows; the sheet is not read", "Sheet1 4 empty rows, skipped"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

// rewrite changes a part of a workbook.
func rewrite(tb testing.TB, path, part string, change func([]byte) []byte) string {
	tb.Helper()
	in, err := zip.OpenReader(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer in.Close()
	var text bytes.Buffer
	out := zip.NewWriter(&text)
	for _, f := range in.File {
		content, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		b, err := io.ReadAll(content)
		if err != nil {
			tb.Fatal(err)
		}
		if f.Name == part {
			b = change(b)
		}
		w, err := out.Create(f.Name)
		if err != nil {
			tb.Fatal(err)
		}
		w.Write(b)
	}
	if err := out.Close(); err != nil {
		tb.Fatal(err)
	}
	changed := filepath.Join(tb.TempDir(), "changed.xlsx")
	if err := os.WriteFile(changed, text.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
	return changed
}

// TestBrokenSheetIsNotReadByHalf: a byte that XML does not allow ends excelize's
// reading silently; the rows after it must not be lost so.
func TestBrokenSheetIsNotReadByHalf(t *testing.T) {
	t.Parallel()
	path := workbookOf(t, "报告编号,检验项目,实测值,单项判定\nA,铅,1,合格\nB,铅,1,合格\nC,铅,1,合格\n")
	for name, change := range map[string]func([]byte) []byte{
		"control character": func(b []byte) []byte { return bytes.Replace(b, []byte(`<row r="3"`), []byte("\x01<row r=\"3\""), 1) },
		"wrong nesting":     func(b []byte) []byte { return bytes.Replace(b, []byte(`<row r="3"`), []byte(`</x><row r="3"`), 1) },
	} {
		got := read(t.Context(), rewrite(t, path, "xl/worksheets/sheet1.xml", change), Options{})
		problem, ok := got.Err.(*Problem)
		if !ok || problem.Err.Code != traceability.CodeMalformed || problem.Row != 3 || problem.Sheet != "Sheet1" {
			t.Errorf("%s: got %v", name, got.Err)
		}
	}
}

func TestArchiveBomb(t *testing.T) {
	t.Parallel()
	path := workbookOf(t, "报告编号,检验项目,实测值,单项判定\nA,铅,1,合格\n")
	blank := bytes.Repeat([]byte(" "), maxPartBytes+maxPartBytes/4)
	for _, part := range []string{"xl/worksheets/sheet1.xml", "xl/theme/theme1.xml"} {
		got := read(t.Context(), rewriteDeflated(t, path, part, blank), Options{})
		if code := traceability.CodeOf(got.Err); code != traceability.CodeOversized {
			t.Errorf("%s: got %v", part, got.Err)
		}
	}
}

// rewriteDeflated replaces a part by a text, compressed.
func rewriteDeflated(tb testing.TB, path, part string, text []byte) string {
	tb.Helper()
	return rewrite(tb, path, part, func([]byte) []byte { return text })
}
