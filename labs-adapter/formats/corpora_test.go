package formats

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

// corpus returns the path of a third party's file, or skips the test.
func corpus(t *testing.T, path string) string {
	t.Helper()
	folder := os.Getenv("DELTATRACE_CORPORA")
	if folder == "" {
		folder = "../../../shared/corpora"
	}
	path = filepath.Join(folder, path)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the corpus is not here: %v (DELTATRACE_CORPORA names its folder)", err)
	}
	return path
}

// printedItem is an item of the corpus, as printed.
type printedItem struct {
	Seq     int    `json:"seq"`
	Item    string `json:"item"`
	Unit    string `json:"unit"`
	Limit   string `json:"limit"`
	Result  string `json:"result"`
	Verdict string `json:"verdict"`
	Method  string `json:"method"`
	Remark  string `json:"remark"`
}

type printedReport struct {
	No            string        `json:"report_no"`
	IntakeNo      string        `json:"acceptance_no"`
	TaskName      string        `json:"inspection_type"`
	Client        string        `json:"client"`
	Date          string        `json:"production_date"`
	SamplingNo    string        `json:"sampling_no"`
	Sampled       string        `json:"sampled"`
	Arrived       string        `json:"arrived"`
	Tested        string        `json:"tested"`
	Quantity      string        `json:"sample_qty"`
	Backup        string        `json:"reserve_qty"`
	ShelfLife     string        `json:"shelf_life"`
	Spec          string        `json:"spec"`
	Issued        string        `json:"issued"`
	DeclaredItems int           `json:"declared_item_count"`
	FoodName      string        `json:"food_name"`
	Conclusion    string        `json:"conclusion"`
	Items         []printedItem `json:"items"`
}

// printed writes an item as it was printed.
func printed(item traceability.Item) printedItem {
	return printedItem{item.Seq, item.Parameter, item.Unit, item.Limit, item.Result, item.VerdictText, item.Method, item.Remark}
}

func readCorpusReports(t *testing.T) []printedReport {
	t.Helper()
	text, err := os.ReadFile(corpus(t, "cn-lims-reports/reports.json"))
	if err != nil {
		t.Fatal(err)
	}
	var reports []printedReport
	if err := json.Unmarshal(text, &reports); err != nil {
		t.Fatal(err)
	}
	return reports
}

// TestRealReportsAsJSON holds every printed field of the two real reports.
func TestRealReportsAsJSON(t *testing.T) {
	t.Parallel()
	want := readCorpusReports(t)
	got := read(t.Context(), corpus(t, "cn-lims-reports/reports.json"), Options{})
	if got.Err != nil || len(problemLines(got.Reports)) > 0 {
		t.Fatal(got.Err, problemLines(got.Reports))
	}
	var back []printedReport
	for _, r := range got.Reports {
		p := r.Payload
		report := printedReport{No: p.No, IntakeNo: p.IntakeNo, TaskName: p.TaskName, Client: p.Client, Date: string(p.Sample.Date),
			SamplingNo: string(p.Sample.No), Sampled: string(p.Sample.SampledOn), Arrived: string(p.Sample.ArrivedOn),
			Tested: string(p.TestedFrom) + "～" + string(p.TestedTo), Quantity: p.Sample.Quantity, Backup: p.Sample.BackupQuantity,
			ShelfLife: p.Sample.ShelfLife, Spec: p.Sample.Spec, Issued: inChinese(p.Issued), DeclaredItems: len(p.Items), FoodName: p.Sample.FoodName, Conclusion: p.Conclusion}
		for _, item := range p.Items {
			report.Items = append(report.Items, printed(item))
			if item.Verdict != traceability.VerdictPass {
				t.Errorf("%s %s: got verdict %s", p.No, item.Parameter, item.Verdict)
			}
		}
		if p.Task != traceability.TaskSupervision || p.Verdict != traceability.VerdictPass || p.Revision != 1 || p.Sample.DateKind != traceability.DateProduction {
			t.Errorf("%s: got task %s, verdict %s, revision %d, date kind %s", p.No, p.Task, p.Verdict, p.Revision, p.Sample.DateKind)
		}
		back = append(back, report)
	}
	if diff := cmp.Diff(want, back); diff != "" {
		t.Error(diff)
	}
	if got.Rows != 70 {
		t.Errorf("got %d items, want 70", got.Rows)
	}
}

// inChinese writes a date as the two reports print the day of issue.
func inChinese(d traceability.Date) string {
	parts := strings.Split(string(d), "-")
	if len(parts) != 3 {
		return string(d)
	}
	return parts[0] + "年" + parts[1] + "月" + parts[2] + "日"
}

// TestRealReportsAsFlatExport holds every cell of the 70 items, in CSV and XLSX.
func TestRealReportsAsFlatExport(t *testing.T) {
	t.Parallel()
	path := corpus(t, "cn-lims-reports/items.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.TrimPrefix(string(text), byteOrderMark)
	records, err := csv.NewReader(strings.NewReader(plain)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string][]printedItem)
	for _, r := range records[1:] {
		seq, err := strconv.Atoi(r[1])
		if err != nil {
			t.Fatal(err)
		}
		want[r[0]] = append(want[r[0]], printedItem{seq, r[2], r[3], r[4], r[5], r[6], r[7], r[8]})
	}
	for name, path := range map[string]string{"CSV": path, "GB18030": write(t, "items.csv", gb18030(t, plain)), "XLSX": workbookOf(t, plain)} {
		got := read(t.Context(), path, Options{})
		if got.Err != nil || len(problemLines(got.Reports)) > 0 || got.Rows != 70 {
			t.Fatal(name, got.Err, problemLines(got.Reports), got.Rows)
		}
		back := make(map[string][]printedItem)
		for _, r := range got.Reports {
			for _, item := range r.Payload.Items {
				back[r.Payload.No] = append(back[r.Payload.No], printed(item))
			}
		}
		if diff := cmp.Diff(want, back); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for _, report := range readCorpusReports(t) {
			if len(back[report.No]) != report.DeclaredItems {
				t.Errorf("%s: %s has %d items, its paper declares %d", name, report.No, len(back[report.No]), report.DeclaredItems)
			}
		}
	}
}
