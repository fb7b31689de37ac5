package traceability_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

func sampleRule() *traceability.RecognitionRule {
	return &traceability.RecognitionRule{
		Rule: "MR-33-2026-01", Version: 1, Accepting: traceability.Zhejiang,
		Issuing: []traceability.ProvinceCode{traceability.Shanghai, traceability.Jiangsu, traceability.Anhui}, EffectiveFrom: "2026-07-01",
		Applies: traceability.RecognitionScope{Tasks: []traceability.Task{traceability.TaskSupervision}, Categories: []string{"粮食加工品", "肉制品"},
			Parameters: []string{"*"}, ExcludeParameters: []string{"菌落总数", "大肠菌群"}},
		Require:    []traceability.Condition{traceability.ConditionLaboratory, traceability.ConditionScope},
		MaxAgeDays: 180,
		Editions:   []traceability.StandardEdition{{Standard: "GB 2763", Edition: "GB 2763-2026", From: "2026-03-01"}},
		Methods:    []traceability.DesignatedMethod{{Parameter: "铅", Methods: []string{"GB 5009.12-2023"}}},
	}
}

func sampleDecision() *traceability.RecognitionDecision {
	return &traceability.RecognitionDecision{
		Report: traceability.NewReportID(lab, "SP202690001", 1), Parameter: "铅（以Pb计）", Accepting: traceability.Zhejiang, Rule: "MR-33-2026-01", Version: 1,
		Outcome: traceability.Recognised, At: time.Date(2026, 9, 1, 1, 0, 0, 0, time.UTC),
		Evidence: []traceability.RecognitionEvidence{{Hash: traceability.Hash{1}, Condition: traceability.ConditionSample, Note: "抽样单"}},
	}
}

func TestRecognitionRuleCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*traceability.RecognitionRule)
		want   []string
	}{
		{"good", func(*traceability.RecognitionRule) {}, nil},
		{"nothing", func(r *traceability.RecognitionRule) { *r = traceability.RecognitionRule{} },
			[]string{"invalid rule", "invalid version", "invalid accepting", "missing issuing", "missing effective_from", "missing applies.task", "missing applies.category_l1", "missing applies.parameters"}},
		{"a later version of nothing", func(r *traceability.RecognitionRule) { r.Version = 2 }, []string{"missing supersedes"}},
		{"a first version of something", func(r *traceability.RecognitionRule) { r.Supersedes = traceability.DocumentID(strings.Repeat("0", 64)) }, []string{"invalid supersedes"}},
		{"its own results", func(r *traceability.RecognitionRule) { r.Issuing[0] = traceability.Zhejiang }, []string{"invalid issuing[0]"}},
		{"a province twice", func(r *traceability.RecognitionRule) { r.Issuing[1] = traceability.Shanghai }, []string{"invalid issuing[1]"}},
		{"it ends before it begins", func(r *traceability.RecognitionRule) { r.EffectiveTo = "2026-06-30" }, []string{"invalid effective_to"}},
		{"risk monitoring", func(r *traceability.RecognitionRule) {
			r.Applies.Tasks = []traceability.Task{traceability.TaskRiskMonitoring}
		}, []string{"invalid applies.task[0]"}},
		{"an unknown condition", func(r *traceability.RecognitionRule) { r.Require = append(r.Require, "P13") }, []string{"invalid require[2]"}},
		{"a condition twice", func(r *traceability.RecognitionRule) { r.Require = append(r.Require, traceability.ConditionScope) }, []string{"invalid require[2]"}},
		{"too old", func(r *traceability.RecognitionRule) { r.MaxAgeDays = 3651 }, []string{"invalid max_age_days"}},
		{"an edition without a beginning", func(r *traceability.RecognitionRule) { r.Editions[0] = traceability.StandardEdition{} },
			[]string{"missing editions[0].standard", "missing editions[0].edition", "missing editions[0].from"}},
		{"a method without one", func(r *traceability.RecognitionRule) { r.Methods[0].Methods = nil }, []string{"missing methods[0].methods"}},
		{"an empty name", func(r *traceability.RecognitionRule) { r.Applies.ExcludeParameters[1] = "" }, []string{"missing applies.exclude_parameters[1]"}},
	} {
		rule := sampleRule()
		tt.change(rule)
		problems, warnings := rule.Check()
		if diff := cmp.Diff(tt.want, places(problems)); diff != "" || len(warnings) > 0 {
			t.Errorf("%s (-want +got): %s %v", tt.name, diff, warnings)
		}
	}
}

func TestRecognitionDecisionCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*traceability.RecognitionDecision)
		want   []string
	}{
		{"good", func(*traceability.RecognitionDecision) {}, nil},
		{"nothing", func(d *traceability.RecognitionDecision) { *d = traceability.RecognitionDecision{} },
			[]string{"invalid report", "missing parameter", "invalid accepting", "invalid rule", "invalid version", "invalid outcome", "missing at"}},
		{"recognised although", func(d *traceability.RecognitionDecision) {
			d.Failed = []traceability.Condition{traceability.ConditionAge}
		}, []string{"invalid failed"}},
		{"recognised although, and why", func(d *traceability.RecognitionDecision) {
			d.Failed, d.Dissent = []traceability.Condition{traceability.ConditionAge}, "仍在保质期内"
		}, nil},
		{"an unknown condition", func(d *traceability.RecognitionDecision) {
			d.Outcome, d.Failed = traceability.NotRecognised, []traceability.Condition{"P1"}
		}, []string{"invalid failed[0]"}},
		{"a paper without its hash", func(d *traceability.RecognitionDecision) { d.Evidence[0].Hash = traceability.Hash{} }, []string{"missing evidence[0].sha256"}},
		{"a paper about nothing known", func(d *traceability.RecognitionDecision) { d.Evidence[0].Condition = "TASTE" }, []string{"invalid evidence[0].condition"}},
		{"too many papers", func(d *traceability.RecognitionDecision) { d.Evidence = slices.Repeat(d.Evidence, 51) }, []string{"too_many evidence"}},
		{"a fraction of a second", func(d *traceability.RecognitionDecision) { d.At = d.At.Add(time.Millisecond) }, []string{"invalid at"}},
	} {
		d := sampleDecision()
		tt.change(d)
		problems, warnings := d.Check()
		if diff := cmp.Diff(tt.want, places(problems)); diff != "" || len(warnings) > 0 {
			t.Errorf("%s (-want +got): %s %v", tt.name, diff, warnings)
		}
	}
}

func TestRecognitionKeys(t *testing.T) {
	t.Parallel()
	if got := traceability.RecognitionRuleKey(traceability.Zhejiang, "MR-33-2026-01", 3); got != "recognition-rule/330000/MR-33-2026-01/3" {
		t.Error(got)
	}
	// A slash in a parameter is no slash of the key.
	got := traceability.RecognitionKey(traceability.NewReportID(lab, "R/1", 1), "钙 / 磷", traceability.Anhui, "x")
	if want := "recognition/lab:230912340001/R%2F1/1/%E9%92%99%2F%E7%A3%B7/340000/x"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestViewerRecognition(t *testing.T) {
	t.Parallel()
	const canary = "王小明"
	findings := []traceability.RecognitionFinding{{Condition: traceability.ConditionBatch, Result: traceability.ConditionUnknown, Found: canary, Expected: canary,
		ZH: "须人工核对", EN: "a person has to look", Evidence: []string{canary}}}
	record := traceability.RecognitionRecord{RecognitionDecision: *sampleDecision(), Evaluation: traceability.RecognitionEvaluation{Findings: findings}}
	record.Dissent, record.Evidence[0].Note = canary, canary
	for viewer, sees := range map[traceability.PartyID]bool{"": false, other: false, lab: true, "reg:340000": true} {
		shown := traceability.Viewer{As: viewer}.Recognition(record)
		text, err := traceability.Canonical(shown)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), canary) != sees || shown.Evaluation.Findings[0].EN == "" {
			t.Errorf("%q sees %s", viewer, text)
		}
	}
	if findings[0].Found != canary {
		t.Error("the record itself was changed")
	}
	// That a report is contested is not for the public; how it ended is.
	contested := record
	contested.Failed = []traceability.Condition{traceability.ConditionUndisputed, traceability.ConditionAge}
	contested.Evaluation = traceability.RecognitionEvaluation{Failed: contested.Failed, Findings: []traceability.RecognitionFinding{{Condition: traceability.ConditionUndisputed}}}
	for viewer, sees := range map[traceability.PartyID]bool{"": false, lab: true, "reg:340000": true} {
		shown := traceability.Viewer{As: viewer}.Recognition(contested)
		text, err := traceability.Canonical(shown)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), string(traceability.ConditionUndisputed)) != sees || len(shown.Failed) == 0 {
			t.Errorf("%q sees %s", viewer, text)
		}
	}
}

func TestMonth(t *testing.T) {
	t.Parallel()
	if got := traceability.DateOf(time.Date(2026, 2, 28, 16, 0, 0, 0, time.UTC)).Month(); got != "2026-03" {
		t.Errorf("midnight in China is in %s", got)
	}
	for _, bad := range []string{"", "2026", "2026-13", "2026-1", "2026-01-01"} {
		if month, err := traceability.ParseMonth(bad); err == nil {
			t.Errorf("%q is %s", bad, month)
		}
	}
}

// FuzzRecognition holds that whatever a document says, its check ends, and that what
// passes has a key that no other can have.
func FuzzRecognition(f *testing.F) {
	f.Add("MR-33-2026-01", "lab:230912340001/SP1/1", "铅/汞", "2026-07")
	f.Add("../x", "", "*", "x")
	f.Fuzz(func(t *testing.T, rule, report, parameter, month string) {
		if id, err := traceability.ParseRecognitionRuleID(rule); err == nil && (string(id) != rule || strings.ContainsAny(rule, "/ \n")) {
			t.Errorf("%q is a rule's number", rule)
		}
		if m, err := traceability.ParseMonth(month); err == nil && len(m) != 7 {
			t.Errorf("%q is a month", month)
		}
		d := sampleDecision()
		d.Rule, d.Report, d.Parameter = traceability.RecognitionRuleID(rule), traceability.ReportID(report), parameter
		if problems, _ := d.Check(); len(problems) == 0 {
			key := traceability.RecognitionKey(d.Report, d.Parameter, d.Accepting, "x")
			if strings.Count(key, "/") != 6 {
				t.Errorf("the key %s has a segment too many", key)
			}
		}
	})
}
