package exchange

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// split takes a cell apart as a reader of published tables does: the separator
// first, then what stands between a limit and the next item at its last
// semicolon. It shares nothing with what writes the cell.
func split(tb testing.TB, cell string) []traceability.FailedRow {
	tb.Helper()
	tokens := strings.Split(cell, "\u2551")
	if len(tokens)%2 == 0 {
		tb.Fatalf("%d separators in %q", len(tokens)-1, cell)
	}
	var list []traceability.FailedRow
	name := tokens[0]
	for i := 1; i < len(tokens); i += 2 {
		f, next := traceability.FailedRow{Parameter: name, Result: tokens[i], Limit: tokens[i+1]}, ""
		if i+2 < len(tokens) {
			at := strings.LastIndex(f.Limit, "；")
			if at < 0 {
				tb.Fatalf("nothing between %q and the next item", f.Limit)
			}
			f.Limit, next = f.Limit[:at], f.Limit[at+len("；"):]
		}
		list, name = append(list, f), next
	}
	return list
}

// asPrinted is what of a failed item can be got back.
func asPrinted(f traceability.FailedRow) traceability.FailedRow {
	return traceability.FailedRow{Parameter: item(f.Parameter), Result: value(f.Result), Limit: value(f.Limit)}
}

// published reads the published failed items of the corpus, or skips the test.
func published(t *testing.T) []traceability.FailedRow {
	t.Helper()
	folder := os.Getenv("DELTATRACE_CORPORA")
	if folder == "" {
		folder = "../../../shared/corpora"
	}
	file, err := os.Open(filepath.Join(folder, "cn-sampling-results/nonconforming-judgements.jsonl"))
	if err != nil {
		t.Skipf("the corpus is not here: %v (DELTATRACE_CORPORA names its folder)", err)
	}
	defer file.Close()
	var list []traceability.FailedRow
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Item   string `json:"item"`
			Result string `json:"result_raw"`
			Limit  string `json:"limit_raw"`
			Unit   string `json:"unit_raw"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		list = append(list, traceability.FailedRow{Parameter: line.Item, Result: line.Result + line.Unit, Limit: line.Limit})
	}
	if err := lines.Err(); err != nil || len(list) < 10 {
		t.Fatal(len(list), err)
	}
	return list
}

// TestPublishedItemsComeBack writes failed items as the regulators published them,
// some to a sample, and reads them back from each format.
func TestPublishedItemsComeBack(t *testing.T) {
	t.Parallel()
	items := published(t)
	var rows []Row
	var want []traceability.FailedRow
	for len(items) > 0 {
		n := min(len(items), len(rows)%4+1)
		r := samples()[1]
		r.Failures, items = items[:n], items[n:]
		rows = append(rows, r)
		for _, f := range r.Failures {
			want = append(want, asPrinted(f))
		}
	}
	const column = 10 // 不合格项目║检验结果║标准值
	var fromCSV, fromXLSX, fromJSON []traceability.FailedRow
	for _, line := range readCSV(t, mustWrite(t, CSV, National, rows))[3 : len(rows)+3] {
		fromCSV = append(fromCSV, split(t, line[column])...)
	}
	for _, line := range readXLSX(t, mustWrite(t, XLSX, National, rows))[4 : len(rows)+4] {
		fromXLSX = append(fromXLSX, split(t, line[column])...)
	}
	for _, row := range readJSON(t, mustWrite(t, JSON, SAMR, rows)).Rows {
		fromJSON = append(fromJSON, traceability.FailedRow{Parameter: strings.NewReplacer("；", "，", ";", ",").Replace(row["不合格项目"]), Result: row["检验值"], Limit: row["标准值"]})
	}
	for name, got := range map[string][]traceability.FailedRow{"CSV": fromCSV, "XLSX": fromXLSX, "JSON": fromJSON} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// FuzzCell holds that whatever stands in two failed items, the cell can be taken
// apart again.
func FuzzCell(f *testing.F) {
	f.Add("菌落总数", "270000CFU/g；＜10CFU/g", "n=5；c=2；m=10⁴", "钠", "0.271mg/100kJ", "≤24.0")
	f.Add("甲║乙；丙", "║；", "；║；", "；", "", "\n")
	f.Add("", "", "", "=1", "\xff", "\u2028")
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g string) {
		r := Row{PublicRow: traceability.PublicRow{Failures: []traceability.FailedRow{{Parameter: a, Result: b, Limit: c}, {Parameter: d, Result: e, Limit: g}}}}
		want := []traceability.FailedRow{asPrinted(r.Failures[0]), asPrinted(r.Failures[1])}
		if diff := cmp.Diff(want, split(t, failureCell(&r))); diff != "" {
			t.Error(diff)
		}
		line := readCSV(t, mustWrite(t, CSV, National, []Row{r}))[3]
		if got := failureCell(&r); strings.TrimPrefix(got, "'") != line[10] {
			t.Errorf("CSV: %q is %q", got, line[10])
		}
	})
}
