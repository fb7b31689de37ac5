package formats

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"deltatrace/traceability"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func gb18030(tb testing.TB, text string) string {
	tb.Helper()
	encoded, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		tb.Fatal(err)
	}
	return encoded
}

func TestRowsAreAnsweredFor(t *testing.T) {
	t.Parallel()
	const header = "报告编号,序号,检验项目,实测值,单项判定,抽样单编号\n"
	for _, test := range []struct {
		name, text string
		reports    []string // number, items and whether it is rejected
		problems   []string
	}{
		{"good", header + "A,1,铅,1,合格,\nA,2,镉,1,合格,\nB,1,铅,1,合格,\n", []string{"A 2 ok", "B 1 ok"}, nil},
		{"one number in two forms", header + "ＳＰ１,1,铅,1,合格,\nSP 1,2,镉,1,合格,\n", []string{"ＳＰ１ 2 ok"}, nil},
		{"number left out", header + "A,1,铅,1,合格,\n,2,镉,1,合格,\nB,1,铅,1,合格,\n", []string{"A 2 rejected", "B 1 ok"}, []string{"3 报告编号 missing"}},
		{"first row without number", header + ",1,铅,1,合格,\n", []string{" 1 rejected"}, []string{"2 报告编号 missing"}},
		{"rows apart", header + "A,1,铅,1,合格,\nB,1,铅,1,合格,\nA,2,镉,1,合格,\n", []string{"A 1 rejected", "B 1 ok", "A 1 rejected"}, []string{"2 报告编号 conflict", "4 报告编号 conflict"}},
		{"unknown verdict", header + "A,1,铅,1,好,\nA,2,镉,1,合格,\n", []string{"A 2 rejected"}, []string{"2 单项判定 invalid"}},
		{"several faults of a row", header + "A,x,,,,\n", []string{"A 1 rejected"}, []string{"2 单项判定 missing", "2 序号 invalid", "2 检验项目 missing", "2 实测值 missing"}},
		{"number of an item twice", header + "A,1,铅,1,合格,\nA,1,镉,1,合格,\n", []string{"A 2 rejected"}, []string{"3 序号 invalid"}},
		{"head repeated", header + "A,1,铅,1,合格,DBJ26330100390000001\nA,2,镉,1,合格,DBJ26330100390000001\n", []string{"A 2 ok"}, nil},
		{"head in a later row", header + "A,1,铅,1,合格,\nA,2,镉,1,合格,DBJ26330100390000001\n", []string{"A 2 ok"}, nil},
		{"head differs", header + "A,1,铅,1,合格,DBJ26330100390000001\nA,2,镉,1,合格,DBJ26330100390000002\n", []string{"A 2 rejected"}, []string{"3 抽样单编号 conflict"}},
		{"head wrong", header + "A,1,铅,1,合格,12\n", []string{"A 1 rejected"}, []string{"2 抽样单编号 invalid"}},
		{"short row", header + "A,1,铅\n", []string{"A 1 rejected"}, []string{"2 单项判定 missing", "2 实测值 missing"}},
		{"number only", header + "A\n", []string{"A 1 rejected"}, []string{"2 单项判定 missing", "2 序号 invalid", "2 检验项目 missing", "2 实测值 missing"}},
		{"control character", header + "A,1,铅,1\x01,合格,\n", []string{"A 1 rejected"}, []string{"2 实测值 hidden_character"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := read(t.Context(), write(t, "a.csv", test.text), Options{})
			if got.Err != nil {
				t.Fatal(got.Err)
			}
			var reports []string
			rows := 0
			for _, r := range got.Reports {
				status := "ok"
				if r.Rejected() {
					status = "rejected"
				}
				reports = append(reports, fmt.Sprintf("%s %d %s", r.Payload.No, len(r.Rows), status))
				rows += len(r.Rows)
			}
			if diff := cmp.Diff(test.reports, reports); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.problems, problemLines(got.Reports)); diff != "" {
				t.Error(diff)
			}
			if want := strings.Count(test.text, "\n") - 1; rows != want || got.Rows != want {
				t.Errorf("%d rows are in reports and %d counted, want %d", rows, got.Rows, want)
			}
		})
	}
}

func TestReportOfTooManyItems(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("报告编号,检验项目,实测值,单项判定\n")
	rows := 0
	add := func(number string, n int) {
		for i := range n {
			fmt.Fprintf(&text, "%s,项目%d,1,合格\n", number, i)
		}
		rows += n
	}
	add("A", traceability.MaxReportItems)
	add("B", 2*traceability.MaxReportItems+1)
	add("C", 1)
	got := read(t.Context(), write(t, "a.csv", text.String()), Options{})
	var lengths []string
	for _, r := range got.Reports {
		lengths = append(lengths, fmt.Sprintf("%s %d %v", r.Payload.No, len(r.Rows), r.Rejected()))
	}
	want := []string{"A 2000 false", "B 2000 true", "B 2000 true", "B 1 true", "C 1 false"}
	if diff := cmp.Diff(want, lengths); diff != "" || got.Rows != rows {
		t.Errorf("%d rows of %d: %s", got.Rows, rows, diff)
	}
	if code := got.Reports[1].Problems[0].Err.Code; code != traceability.CodeTooMany {
		t.Errorf("got code %s", code)
	}
}

func TestWhatIsLeftOutIsTold(t *testing.T) {
	t.Parallel()
	text := "检验结果汇总\n声明:以下信息\n报告编号,检验项目,实测值,单项判定,检验员,电话\nA,铅,1,合格,,\n,,,,,\n,,,,,\n报告编号,检验项目,实测值,单项判定,检验员,电话\nB,铅,1,合格,,\n以下空白\n注：排名不分先后,,,,,\n"
	got := read(t.Context(), write(t, "a.csv", text), Options{})
	var told []string
	for _, n := range got.Notices {
		told = append(told, fmt.Sprintf("%d %s", n.Row, n.EN))
	}
	want := []string{"0 unknown column 检验员, not sent", "0 unknown column 电话, not sent", "5 2 empty rows, skipped", "7 the header again, skipped", "9 a note, not sent", "10 a note, not sent"}
	if diff := cmp.Diff(want, told); diff != "" || len(got.Reports) != 2 {
		t.Errorf("%d reports; %s", len(got.Reports), diff)
	}
}

func TestMarksOfParameters(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string][3]any{
		"铅":       {"铅", false, false},
		"*铅":      {"铅", false, true},
		"＊ 铅":     {"铅", false, true},
		"△铅":      {"铅", true, false},
		"△ * 铅":   {"铅", true, true},
		"铅*":      {"铅*", false, false},
		"α-亚麻酸":   {"α-亚麻酸", false, false},
		"*":       {"", false, true},
		"维生素B1 △": {"维生素B1 △", false, false},
	} {
		name, amended, subcontracted := parameter(cell)
		if got := [3]any{name, amended, subcontracted}; got != want {
			t.Errorf("%q: got %v, want %v", cell, got, want)
		}
	}
}

func TestColumnsInAnyOrderUnderAnyAlias(t *testing.T) {
	t.Parallel()
	for _, columns := range [][]column{itemSlice(), headColumns()} {
		for _, c := range columns {
			for _, name := range c.names {
				l, _ := layoutOf(row{1, []string{"\u00a0" + name + " *"}})
				if got := l.column(0, strings.TrimPrefix(c.field, "items.")); got == "" {
					t.Errorf("%s is not understood as %s, but as %v", name, c.field, l.names)
				}
			}
		}
	}
}

func itemSlice() []column {
	all := itemColumns()
	return all[:]
}

func TestTaskOption(t *testing.T) {
	t.Parallel()
	path := write(t, "a.csv", "报告编号,检验项目,实测值,单项判定,检验类别\nA,铅,1,合格,风险监测\nB,铅,1,合格,/\nC,铅,1,合格,例行检查\n")
	got := read(t.Context(), path, Options{Task: traceability.TaskEvaluative})
	var tasks []string
	for _, r := range payloads(got.Reports) {
		tasks = append(tasks, string(r.Task)+" "+r.TaskName)
	}
	if diff := cmp.Diff([]string{"risk_monitoring 风险监测", "evaluative ", "evaluative 例行检查"}, tasks); diff != "" {
		t.Error(diff)
	}
}

func TestInterruptedReading(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	path := write(t, "a.json", strings.Repeat("{\"report_no\":\"A\",\"items\":[]}\n", 100))
	file, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	n := 0
	for _, err = range file.Reports(ctx) {
		n++
		cancel()
	}
	if err == nil || n != 2 {
		t.Errorf("got %v after %d reports", err, n)
	}
}
