package formats

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"
)

var update = flag.Bool("update", false, "write the golden files anew")

// whatWasRead is all that a file yields.
type whatWasRead struct {
	Rows    int
	Reports []*Report
	Notices []Notice
	Err     error
}

func read(ctx context.Context, path string, options Options) whatWasRead {
	var got whatWasRead
	options.Notify = func(n Notice) { got.Notices = append(got.Notices, n) }
	file, err := Open(ctx, path, options)
	if err != nil {
		got.Err = err
		return got
	}
	defer file.Close()
	got.Rows = file.RowCount
	for report, err := range file.Reports(ctx) {
		if err != nil {
			got.Err = err
			return got
		}
		got.Reports = append(got.Reports, report)
	}
	return got
}

// write puts a text into a file of that name.
func write(tb testing.TB, name, text string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func payloads(reports []*Report) []traceability.Report {
	var list []traceability.Report
	for _, r := range reports {
		list = append(list, r.Payload)
	}
	return list
}

// problemLines says what is wrong as `row column code`, one a line.
func problemLines(reports []*Report) []string {
	var lines []string
	for _, r := range reports {
		for _, p := range r.Problems {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d %s %s", p.Row, p.Column, p.Err.Code)))
		}
	}
	return lines
}

func TestGolden(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.*")
	if err != nil || len(paths) < 5 {
		t.Fatal(paths, err)
	}
	for _, path := range append(paths, "../examples/export.csv", "../examples/reports.json") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			read := read(t.Context(), path, Options{})
			golden := struct {
				Rows    int
				Reports []*Report
				Notices []Notice
				Error   string
			}{read.Rows, read.Reports, read.Notices, fmt.Sprint(read.Err)}
			got, err := json.Marshal(golden, jsontext.WithIndent(" "), json.Deterministic(true))
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Join("testdata", "golden", filepath.Base(path)+".json")
			if *update {
				if err := os.WriteFile(name, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
				t.Errorf("differs from the golden file (-update writes it): %s", diff)
			}
		})
	}
}

func TestEncodingsAndFormatsAgree(t *testing.T) {
	t.Parallel()
	want := read(t.Context(), "../examples/export.csv", Options{})
	if len(want.Reports) != 2 || want.Err != nil {
		t.Fatalf("got %+v", want)
	}
	text, err := os.ReadFile("../examples/export.csv")
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.TrimPrefix(string(text), byteOrderMark)
	for name, path := range map[string]string{
		"UTF-8 with BOM": "testdata/head-utf8-bom.csv",
		"UTF-8":          write(t, "export.csv", plain),
		"LF":             write(t, "export.csv", strings.ReplaceAll(plain, "\r\n", "\n")),
		"GB18030":        "testdata/head-gb18030.csv",
		"called .xls":    write(t, "export.xls", plain),
		"XLSX":           workbookOf(t, plain),
	} {
		got := read(t.Context(), path, Options{})
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Report{}), cmpopts.IgnoreFields(Report{}, "Sheet"), cmpopts.IgnoreFields(Notice{}, "Sheet")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// workbookOf writes the cells of a CSV as texts into a workbook.
func workbookOf(tb testing.TB, text string) string {
	tb.Helper()
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	return workbook(tb, func(book *excelize.File) {
		for i, row := range rows {
			if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
				tb.Fatal(err)
			}
		}
	})
}

func workbook(tb testing.TB, fill func(*excelize.File)) string {
	tb.Helper()
	book := excelize.NewFile()
	defer book.Close()
	fill(book)
	path := filepath.Join(tb.TempDir(), "export.xlsx")
	if err := book.SaveAs(path); err != nil {
		tb.Fatal(err)
	}
	return path
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const header = "报告编号,检验项目,实测值,单项判定\n"
	for _, test := range []struct {
		name, file, text string
		code             traceability.Code
		row              int
	}{
		{"empty", "a.csv", "", traceability.CodeMissing, 0},
		{"white space", "a.csv", "\r\n \n", traceability.CodeMissing, 0},
		{"no header", "a.csv", "甲,乙\n1,2\n", traceability.CodeMissing, 0},
		{"header too late", "a.csv", strings.Repeat("标题\n", 6) + header, traceability.CodeMissing, 0},
		{"required column missing", "a.csv", "标题\n报告编号,检验项目,实测值,备注\n", traceability.CodeMissing, 2},
		{"several items a row", "a.csv", "报告编号,检验项目,实测值,单项判定,检验项目\n", traceability.CodeTooMany, 1},
		{"bare quote", "a.csv", header + "A,铅,1,合格\nB,铅\"x,1,合格\n", traceability.CodeMalformed, 3},
		{"open quote", "a.csv", header + "A,铅,1,合格\nB,\"铅,1,合格\nC,铅,1,合格\n", traceability.CodeMalformed, 3},
		{"row too long", "a.csv", header + "A,\"" + strings.Repeat("x\n", MaxRowBytes/2) + "\",1,合格\n", traceability.CodeOversized, 2},
		{"bad bytes in UTF-8", "a.csv", header + "A,铅,1,合格\nB,铅\xff,1,合格\n", traceability.CodeMalformed, 3},
		{"bad bytes in GB18030", "a.csv", gb18030(t, header+"A,铅,1,合格\n") + "B,\xff\xff,1,\n", traceability.CodeMalformed, 3},
		{"UTF-16", "a.csv", "\xff\xfea\x00", traceability.CodeMediaType, 0},
		{"old Excel", "a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", traceability.CodeMediaType, 0},
		{"PDF", "a.pdf", "%PDF-1.7\n", traceability.CodeMediaType, 0},
		{"broken archive", "a.xlsx", "PK\x03\x04 and no more", traceability.CodeMalformed, 0},
		{"JSON cut off", "a.json", "[\n{\"report_no\":\"A\"},\n{\"report_no\":", traceability.CodeMalformed, 3},
		{"JSON of numbers", "a.json", "[\n\n1]", traceability.CodeInvalid, 3},
		{"JSON with a name twice", "a.json", "{\"report_no\":\"A\",\n\"report_no\":\"B\"}", traceability.CodeMalformed, 2},
		{"JSON not in UTF-8", "a.json", "{\"report_no\":\"\xff\"}", traceability.CodeMalformed, 1},
		{"JSON with more beside reports", "a.json", `{"reports":[],"total":0}`, traceability.CodeUnknownField, 1},
		{"JSON report too long", "a.json", `{"remark":"` + strings.Repeat("x", MaxReportBytes+1<<20) + `"}`, traceability.CodeOversized, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := read(t.Context(), write(t, test.file, test.text), Options{})
			problem, ok := got.Err.(*Problem)
			if !ok || problem.Err.Code != test.code || problem.Row != test.row {
				t.Fatalf("got %v, want a problem %s at row %d", got.Err, test.code, test.row)
			}
			if problem.Err.ZH == "" || problem.Err.EN == "" || problem.Err.Expected == "" {
				t.Errorf("the problem does not explain itself: %+v", problem.Err)
			}
			if len(got.Reports) > 0 {
				t.Errorf("reports were yielded before the fault was found: %+v", got.Reports)
			}
		})
	}
}

func TestFileThatIsNotThere(t *testing.T) {
	t.Parallel()
	if got := read(t.Context(), "testdata/none.csv", Options{}); !os.IsNotExist(got.Err) {
		t.Errorf("got %v", got.Err)
	}
	if got := read(t.Context(), "testdata", Options{}); got.Err == nil {
		t.Error("a folder was read as a file")
	}
}

func ExampleOpen() {
	file, err := Open(context.Background(), "../examples/export.csv", Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	for report, err := range file.Reports(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(report.Line, report.Payload.No, report.Payload.Sample.FoodName, len(report.Payload.Items), report.Payload.Verdict)
	}
	// Output:
	// 3 SP202690001 鲜牛奶示例（巴氏杀菌乳） 5 pass
	// 8 SP202690002 韭菜 3 fail
}
