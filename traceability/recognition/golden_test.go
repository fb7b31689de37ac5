package recognition_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
)

var update = flag.Bool("update", false, "write the golden files anew")

// decision is one golden evaluation.
type decision struct {
	Province   traceability.ProvinceCode          `json:"province"`
	Day        traceability.Date                  `json:"day"`
	Parameter  string                             `json:"parameter"`
	Evaluation traceability.RecognitionEvaluation `json:"evaluation"`
}

// TestGoldenDecisions holds whole evaluations, sentences and evidence included: one
// report, two provinces that differ, and days on which the same rule gives another
// result. Whoever evaluates the same later must come to the same.
func TestGoldenDecisions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*recognition.Case)
		papers []traceability.RecognitionEvidence
		days   []traceability.Date
	}{
		"a_recognises_b_does_not": {nil, papers(), []traceability.Date{"2026-09-01"}},
		"without_papers":          {nil, nil, []traceability.Date{"2026-09-01"}},
		"as_time_goes_by":         {nil, papers(), []traceability.Date{"2026-08-06", "2026-09-06", "2026-09-07", "2027-02-03", "2027-02-04"}},
		"partly_subcontracted": {func(c *recognition.Case) {
			c.Report.Items[1].Subcontracted, c.OutOfScope = true, []int{2}
		}, papers(), []traceability.Date{"2026-09-01"}},
		"dispute_not_known": {func(c *recognition.Case) { c.Dispute = recognition.DisputeUnknown }, papers(), []traceability.Date{"2026-09-01"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var decisions []decision
			for _, rule := range []recognition.Rule{zhejiang(), jiangsu()} {
				for _, day := range tt.days {
					c := goodCase()
					if tt.change != nil {
						tt.change(c)
					}
					for i := range c.Report.Items {
						item := &c.Report.Items[i]
						e := recognition.Evaluate(c, rule, item, day, tt.papers)
						if len(tt.days) > 1 {
							e.Findings = nil // the outcomes tell the story
						}
						decisions = append(decisions, decision{rule.Accepting, day, item.Parameter, e})
					}
				}
			}
			golden(t, filepath.Join("testdata", name+".json"), decisions)
		})
	}
}

func golden(t *testing.T, path string, value any) {
	t.Helper()
	got, err := json.Marshal(value, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("run with -update (-want +got):\n%s", cmp.Diff(string(want), string(got)))
	}
}

func ExampleEvaluate() {
	c, rule := goodCase(), zhejiang()
	e := recognition.Evaluate(c, rule, &c.Report.Items[0], "2026-09-01", nil)
	fmt.Println(e.Outcome, e.Unknown)
	// Zhejiang has the sampling form and the signed original, and says so.
	e = recognition.Evaluate(c, rule, &c.Report.Items[0], "2026-09-01", papers())
	fmt.Println(e.Outcome)
	// Output:
	// needs_review [SEALED_SAMPLE REPORT_INTACT]
	// recognised
}
