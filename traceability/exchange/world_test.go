package exchange

import (
	"bytes"
	"encoding/csv"
	"io"
	"iter"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"deltatrace/traceability"
)

// samples are invented rows in the forms that are found in published tables.
func samples() []Row {
	return []Row{
		{Published: "2026-11-20", Province: traceability.Zhejiang, PublicRow: traceability.PublicRow{
			SamplingNo: "DBJ26330100319130599", Producer: traceability.Firm{Name: "委托方:甲公司;受托方:乙公司", Address: "示例市示例路1号"}, SampledUnit: traceability.Firm{Name: "丙超市有限公司", Address: "示例市文三路"},
			FoodName: "红薯淀粉", Spec: "200克/袋", Trademark: "示例牌", Batch: "A01", Date: "2026-01-05", DateKind: traceability.DateProduction, ShelfLife: "12个月", Category: "淀粉及淀粉制品",
			Lab: "初检机构：甲；复检机构：乙", Announcement: "2026年第12号", Task: "省级监督抽检", Shop: "示例网店", Platform: "示例平台",
			Failures: []traceability.FailedRow{
				{Parameter: "菌落总数", Result: "270000CFU/g；＜10CFU/g；27000CFU/g；2800000CFU/g；25CFU/g", Limit: "n=5，c=2，m=10⁴CFU/g，M=10⁵CFU/g"},
				{Parameter: "钠", Result: "0.271mg/100kJ", Limit: "≤24.0mg/100kJ", Label: "0.6mg/100kJ"},
			}}},
		{Published: "2026-11-21", Province: traceability.Shanghai, PublicRow: traceability.PublicRow{
			SampledUnit: traceability.Firm{Name: "张＊丰"}, FoodName: "韭菜", Date: "2026-02-20", DateKind: traceability.DatePurchase, Category: "蔬菜", Remark: "经核查系假冒，非该企业生产",
			Failures: []traceability.FailedRow{{Parameter: "腐霉利", Result: "0.8mg/kg", Limit: "≤0.2mg/kg"}}}},
		{Published: "2026-11-21", PublicRow: traceability.PublicRow{
			SampledUnit: traceability.Firm{Name: `=HYPERLINK("http://x.example","y")`, Address: "-1+1"}, FoodName: "@SUM(A1)", Spec: "＝1＋1", Trademark: "'quoted", Batch: "+86",
			Failures: []traceability.FailedRow{{Parameter: "甲║乙；丙", Result: "1\n2", Limit: "\x00\ufffe"}}, Remark: `"a,b"`}},
	}
}

func rowsOf(list []Row) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func mustWrite(tb testing.TB, f Format, l Layout, list []Row) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := Write(&b, f, l, rowsOf(list)); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// readCSV reads a table as another program would, an apostrophe before a formula
// taken away again.
func readCSV(tb testing.TB, b []byte) [][]string {
	tb.Helper()
	text, ok := strings.CutPrefix(string(b), "\ufeff")
	if !ok {
		tb.Fatal("no byte order mark")
	}
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	for _, line := range lines {
		for i := range line {
			line[i] = strings.TrimPrefix(line[i], "'")
		}
	}
	return lines
}

// readXLSX reads the cells of all sheets, each sheet's name before them.
func readXLSX(tb testing.TB, b []byte) [][]string {
	tb.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	defer book.Close()
	var all [][]string
	for _, name := range book.GetSheetList() {
		lines, err := book.GetRows(name)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(append(all, []string{"[" + name + "]"}), lines...)
	}
	return all
}

// table is the JSON form.
type table struct {
	Layout      Layout              `json:"layout"`
	Title       string              `json:"title"`
	Declaration string              `json:"declaration"`
	Columns     []string            `json:"columns"`
	Rows        []map[string]string `json:"rows"`
	Note        string              `json:"note"`
}

func readJSON(tb testing.TB, b []byte) table {
	tb.Helper()
	var t table
	if err := json.UnmarshalRead(bytes.NewReader(b), &t, json.RejectUnknownMembers(true)); err != nil && err != io.EOF {
		tb.Fatal(err)
	}
	return t
}

// holdTable holds a table to what it was; of a workbook the cells.
func holdTable(t *testing.T, file string, format Format, got []byte) {
	t.Helper()
	if format == XLSX {
		text, err := json.Marshal(readXLSX(t, got), jsontext.WithIndent("\t"))
		if err != nil {
			t.Fatal(err)
		}
		got = append(text, '\n')
	}
	if *update {
		if err := os.WriteFile("testdata/"+file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run with -update (-file +written):\n%s", diff)
	}
}
