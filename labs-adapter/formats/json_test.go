package formats

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const item = `{"item":"铅","result":"1","verdict":"合格"}`

func TestJSONForms(t *testing.T) {
	t.Parallel()
	a, b := `{"report_no":"A","items":[`+item+`]}`, `{"report_no":"B","items":[`+item+`,`+item+`]}`
	for name, test := range map[string]struct {
		text  string
		lines []int // of the items
	}{
		"one":       {a, []int{1}},
		"array":     {"[" + a + ",\n" + b + "]", []int{1, 2, 2}},
		"reports":   {"{\n\"reports\" : [\n" + a + "," + b + "\n]\n}\n", []int{3, 3, 3}},
		"NDJSON":    {a + "\n" + b + "\r\n\n" + a, []int{1, 2, 2, 4}},
		"with BOM":  {byteOrderMark + a, []int{1}},
		"empty":     {"[]", nil},
		"printed":   {"[\n {\n  \"items\": [\n   " + strings.ReplaceAll(item, ",", ",\n") + ",\n\n   " + item + "],\n  \"report_no\": \"A\"\n }\n]", []int{4, 8}},
		"two lists": {"[" + a + "]\n[" + b + "]", []int{1, 2, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t.Context(), write(t, "a.json", test.text), Options{})
			if got.Err != nil || len(problemLines(got.Reports)) > 0 {
				t.Fatal(got.Err, problemLines(got.Reports))
			}
			var lines []int
			for _, r := range got.Reports {
				lines = append(lines, r.Rows...)
			}
			if diff := cmp.Diff(test.lines, lines); diff != "" || got.Rows != len(lines) {
				t.Errorf("%d rows: %s", got.Rows, diff)
			}
		})
	}
}

// TestLedgerPayloadGoesThrough: what the ledger keeps can be submitted as it is.
func TestLedgerPayloadGoesThrough(t *testing.T) {
	t.Parallel()
	want := traceability.Report{
		No: "SP202690001", Revision: 2, Supersedes: traceability.DocumentID(strings.Repeat("a", 64)), IntakeNo: "1", Task: traceability.TaskRiskMonitoring, TaskName: "监测", Client: "甲",
		Sample: traceability.Sample{No: "DBJ26330100390000001", Lot: "01/06901234567892/10/A01", FoodName: "奶", Category: "乳制品", Spec: "1L", Trademark: "江南", Batch: "A01",
			Date: "2026-11-01", DateKind: traceability.DateProduction, ShelfLife: "7天", ClaimedProducer: traceability.Firm{Name: "示例乳业", USCC: "91330106MA1FPX121E", Address: "路1号"},
			SampledUnit: traceability.Firm{Name: "示例超市"}, SampledOn: "2026-11-02", ArrivedOn: "2026-11-03", Quantity: "6瓶", BackupQuantity: "3瓶"},
		TestedFrom: "2026-11-03", TestedTo: "2026-11-04", Issued: "2026-11-05", Verdict: traceability.VerdictProblem, Conclusion: "见各项", Remark: "复印",
		Items: []traceability.Item{{Seq: 7, Parameter: "铅", Unit: "mg/kg", Limit: "≤1", Result: "0.120", Verdict: traceability.VerdictProblem, VerdictText: "问题项", Method: "GB 5009.12-2023", Remark: "/", Subcontracted: true, Amended: true},
			{Seq: 9, Parameter: "镉", Result: "1", Verdict: traceability.VerdictPass}},
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got := read(t.Context(), write(t, "a.json", string(text)), Options{})
	if got.Err != nil || len(got.Reports) != 1 || got.Reports[0].Rejected() {
		t.Fatal(got.Err, problemLines(got.Reports))
	}
	if diff := cmp.Diff(want, got.Reports[0].Payload); diff != "" {
		t.Error(diff)
	}
	if err := schema(t).Validate(decoded(t, text)); err != nil {
		t.Error(err)
	}
}

// TestJSONMembers shows faults and where they are, and that the schema finds
// those that a schema can.
func TestJSONMembers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		problems   []string
		bySchema   bool // the schema refuses it too
	}{
		{"good", `{"report_no":"A","items":[` + item + `]}`, nil, false},
		{"verdict as code", `{"report_no":"A","items":[{"parameter":"铅","result":"1","verdict":"not_judged"}]}`, nil, false},
		{"no number", `{"items":[` + item + `]}`, []string{"1 report_no missing"}, true},
		{"no items", `{"report_no":"A"}`, []string{"1 items missing"}, true},
		{"unknown member", `{"report_no":"A","reportNo":"A","items":[` + item + `]}`, []string{"1 reportNo unknown_field"}, true},
		{"unknown member of an item", `{"report_no":"A","items":[` + item + `,{"item":"镉","result":"1","verdict":"合格","lod":"2"}]}`, []string{"1 items[1].lod unknown_field"}, true},
		{"unknown member of the sample", `{"report_no":"A","sample":{"name":"x"},"items":[` + item + `]}`, []string{"1 sample.name unknown_field"}, true},
		{"number as text", `{"report_no":"A","items":[{"item":"铅","result":0.10,"verdict":"合格"}]}`, []string{"1 items[0].result invalid"}, true},
		{"count declared", `{"report_no":"A","declared_item_count":1,"items":[` + item + `]}`, nil, false},
		{"count wrong", `{"report_no":"A","declared_item_count":2,"items":[` + item + `]}`, []string{"1 declared_item_count invalid"}, false},
		{"one thing under two names", `{"report_no":"A","acceptance_no":"1","intake_no":"1","items":[` + item + `]}`, []string{"1 acceptance_no conflict"}, true},
		{"item under two names", `{"report_no":"A","items":[{"item":"铅","parameter":"镉","result":"1","verdict":"合格"}]}`, []string{"1 items[0].item conflict"}, true},
		{"sample in two places", `{"report_no":"A","sample":{},"food_name":"奶","items":[` + item + `]}`, []string{"1 food_name unknown_field"}, true},
		{"bad date", `{"report_no":"A","issued":"昨天","items":[` + item + `]}`, []string{"1 issued invalid"}, false},
		{"bad day of the sample", `{"report_no":"A","sample":{"date":"2026年1月1日"},"items":[` + item + `]}`, []string{"1 sample.date invalid"}, true},
		{"bad revision", `{"report_no":"A","revision":0,"items":[` + item + `]}`, []string{"1 revision invalid"}, true},
		{"bad task", `{"report_no":"A","task":"监督抽检","items":[` + item + `]}`, []string{"1 task invalid"}, true},
		{"bad verdict", `{"report_no":"A","items":[{"item":"铅","result":"1","verdict":"好"}]}`, []string{"1 items[0].verdict invalid"}, false},
		{"items are no list", `{"report_no":"A","items":{}}`, []string{"1 items invalid"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := read(t.Context(), write(t, "a.json", test.text), Options{})
			if got.Err != nil {
				t.Fatal(got.Err)
			}
			if diff := cmp.Diff(test.problems, problemLines(got.Reports)); diff != "" {
				t.Error(diff)
			}
			if err := schema(t).Validate(decoded(t, []byte(test.text))); (err != nil) != test.bySchema {
				t.Errorf("the schema says %v", err)
			}
		})
	}
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("report.schema.json", document); err != nil {
		t.Fatal(err)
	}
	return compiler.MustCompile("report.schema.json")
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSchemaTakesGoodFiles(t *testing.T) {
	t.Parallel()
	paths := []string{"../examples/reports.json"}
	if more := filepath.Join("../../../shared/corpora", "cn-lims-reports/reports.json"); fileExists(more) {
		paths = append(paths, more)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema(t).Validate(decoded(t, text)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestSchemaKnowsEveryMember holds the schema and the reader together.
func TestSchemaKnowsEveryMember(t *testing.T) {
	t.Parallel()
	for _, c := range headColumns() {
		for _, name := range c.names {
			if flatName.MatchString(name) && !strings.Contains(Schema, fmt.Sprintf("%q: {", name)) {
				t.Errorf("the schema has no member %s", name)
			}
		}
	}
}
