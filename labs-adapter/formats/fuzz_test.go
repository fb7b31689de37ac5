package formats

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"deltatrace/traceability"
)

// fuzzFile reads any bytes as a file of a format: nothing may panic, every row
// that is counted is in a report, and a good report is one that the ledger takes.
func fuzzFile(f *testing.F, extension string) {
	f.Fuzz(func(t *testing.T, text []byte) {
		got := read(t.Context(), write(t, "a"+extension, string(text)), Options{})
		if got.Err != nil {
			var problem *Problem
			if !errors.As(got.Err, &problem) {
				t.Fatalf("not a *Problem: %v", got.Err)
			}
			if len(got.Reports) > 0 {
				t.Errorf("reports were yielded before %v", got.Err)
			}
			return
		}
		rows := 0
		for _, r := range got.Reports {
			rows += max(1, len(r.Rows))
			if len(r.Rows) != len(r.Payload.Items) {
				t.Errorf("%d rows make %d items", len(r.Rows), len(r.Payload.Items))
			}
			if problems, _ := r.Payload.Check(); len(problems) > 0 && !r.Rejected() {
				t.Errorf("a report is good that the ledger refuses: %v", problems[0])
			}
		}
		if rows != got.Rows {
			t.Errorf("%d rows counted, %d in reports", got.Rows, rows)
		}
	})
}

func seed(f *testing.F, paths ...string) {
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
}

func FuzzCSV(f *testing.F) {
	seed(f, "../examples/export.csv", "testdata/faults.csv", "testdata/head-gb18030.csv", "testdata/aliases.csv")
	f.Add([]byte("报告编号,检验项目,实测值,单项判定\n,,,\nA,\"铅\n\",1,合格\n"))
	fuzzFile(f, ".csv")
}

func FuzzXLSX(f *testing.F) {
	seed(f, workbookOf(f, "报告编号,检验项目,实测值,单项判定\nA,铅,1,合格\n"))
	fuzzFile(f, ".xlsx")
}

func FuzzJSON(f *testing.F) {
	seed(f, "../examples/reports.json", "testdata/faults.json", "testdata/reports.ndjson")
	f.Add([]byte(`{"reports":[{"report_no":"A","items":[{},null,1]}]}`))
	fuzzFile(f, ".json")
}

// FuzzRecord holds the record reader to encoding/csv.
func FuzzRecord(f *testing.F) {
	for _, text := range []string{"a,b\n\"c\",\"d\"\"e\"\n", "\r\n\r\na\r\n", "\"a\nb\",c", "a\"b,c\n", "\"a\"b\n", "a,\n,\n", "\"\"\n", "\"a\r\nb\"\r\n", "\"\n", "a\r"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want := csv.NewReader(strings.NewReader(text))
		want.FieldsPerRecord = -1
		got := newRecordReader(strings.NewReader(text))
		for {
			wantCells, wantErr := want.Read()
			gotCells, line, gotErr := got.read()
			if (wantErr == nil) != (gotErr == nil) || (wantErr == io.EOF) != (gotErr == io.EOF) {
				t.Fatalf("%q: got %v, want %v", text, gotErr, wantErr)
			}
			if wantErr != nil {
				return
			}
			if wantLine, _ := want.FieldPos(0); !slices.Equal(gotCells, wantCells) || line != wantLine {
				t.Fatalf("%q: got %q at %d, want %q at %d", text, gotCells, line, wantCells, wantLine)
			}
		}
	})
}

// FuzzDate: whatever is read as a date is one, and reading never panics.
func FuzzDate(f *testing.F) {
	for _, cell := range []string{"2024-01-05/A01", "2021-04-15(购进日期)", "购进日期:2017年06月02日", "至2027年05月05日", "45296", "2025-05-26～2025-06-06"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		one, _ := parseDate("f", cell)
		product, _, _, _ := parseProductDate("f", cell)
		from, to, _ := parsePeriod("f", cell)
		for _, date := range []traceability.Date{one, product, from, to} {
			if _, err := traceability.ParseDate(string(date)); date != "" && err != nil {
				t.Errorf("%q: got the date %q", cell, date)
			}
		}
	})
}

// FuzzTrim holds trim to strings.TrimSpace.
func FuzzTrim(f *testing.F) {
	for _, cell := range []string{"", " ", "铅", " 铅\u3000", "\u00a0a\u2003", "铅\u0085", "\ufeff铅", "铅 ", "a\xe4 "} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		if got, want := trim(cell), strings.TrimSpace(cell); got != want && utf8.ValidString(cell) {
			t.Errorf("%q: got %q, want %q", cell, got, want)
		}
	})
}
