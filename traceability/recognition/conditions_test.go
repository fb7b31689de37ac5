package recognition_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
)

const (
	met      = traceability.ConditionMet
	failed   = traceability.ConditionFailed
	unknown  = traceability.ConditionUnknown
	attested = traceability.ConditionAttested
)

// Each condition by itself: what meets it, what fails it, and what leaves it
// unknown, which never counts as met.
func TestConditions(t *testing.T) {
	t.Parallel()
	type change func(*recognition.Case, *traceability.RecognitionRule)
	suspension := recognition.Step{Document: documentID("e"), Recorded: on("2026-08-05"), Suspension: &traceability.Suspension{Party: lab, On: "2026-08-05"}}
	for _, tt := range []struct {
		name      string
		condition traceability.Condition
		change    change
		want      traceability.ConditionResult
	}{
		{"certificate", traceability.ConditionLaboratory, nil, met},
		{"certificate not stated", traceability.ConditionLaboratory, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Laboratory[0].Admission.ValidTo = ""
		}, unknown},
		{"certificate ends on the first day of testing", traceability.ConditionLaboratory, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Laboratory[0].Admission.ValidTo = "2026-08-03"
		}, failed},
		{"certificate ends on the last day of testing", traceability.ConditionLaboratory, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Laboratory[0].Admission.ValidTo = "2026-08-07"
		}, met},
		{"renewed since", traceability.ConditionLaboratory, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Laboratory = append(c.Laboratory, recognition.Step{Recorded: on("2026-09-01"), Admission: &traceability.Admission{ValidFrom: "2026-09-01", ValidTo: "2032-08-31"}})
		}, met},
		{"suspended while testing", traceability.ConditionLaboratory, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Laboratory = append(c.Laboratory, suspension)
		}, failed},
		{"suspended, and admitted again before", traceability.ConditionLaboratory, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			before := suspension
			before.Suspension = &traceability.Suspension{Party: lab, On: "2026-06-01"}
			again := recognition.Step{Recorded: on("2026-07-01"), Admission: c.Laboratory[0].Admission}
			c.Laboratory = append(c.Laboratory, before, again)
		}, met},
		{"suspended afterwards", traceability.ConditionLaboratory, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			after := suspension
			after.Suspension = &traceability.Suspension{Party: lab, On: "2026-08-08"}
			c.Laboratory = append(c.Laboratory, after)
		}, met},
		{"no day of testing", traceability.ConditionLaboratory, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.TestedFrom, c.Report.TestedTo, c.Report.Issued = "", "", ""
		}, unknown},

		{"in scope", traceability.ConditionScope, nil, met},
		{"out of scope", traceability.ConditionScope, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.OutOfScope = []int{1} }, failed},
		{"sub-contracted", traceability.ConditionScope, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Report.Items[0].Subcontracted = true }, unknown},
		{"sub-contracted, without scope", traceability.ConditionScope, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.Items[0].Subcontracted, c.OutOfScope = true, []int{1}
		}, failed},
		{"no method", traceability.ConditionScope, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Report.Items[0].Method = "／" }, unknown},

		{"designated method, as a part of its standard", traceability.ConditionMethod, nil, met},
		{"another edition", traceability.ConditionMethod, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.Items[0].Method = "GB/T 5009.29-2003"
		}, failed},
		{"another part", traceability.ConditionMethod, func(_ *recognition.Case, r *traceability.RecognitionRule) {
			r.Methods[0].Methods = []string{"GB 5009.28-2016 第二法"}
		}, failed},
		{"method not listed", traceability.ConditionMethod, func(_ *recognition.Case, r *traceability.RecognitionRule) { r.Methods = nil }, unknown},

		{"editions", traceability.ConditionStandard, nil, met},
		{"standard not listed", traceability.ConditionStandard, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.Conclusion = "符合GB 2760-2024、GB 2714-2015要求"
		}, unknown},
		{"standard not named", traceability.ConditionStandard, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Report.Conclusion = "合格" }, unknown},
		{"one of several out of date", traceability.ConditionStandard, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.Conclusion = "符合GB 2760-2014、GB 2762-2022要求"
		}, unknown},
		{"the only one out of date", traceability.ConditionStandard, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.Conclusion = "符合 GB 2760—2014 要求"
		}, failed},
		{"day of the lot", traceability.ConditionStandard, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Report.Sample.Date = "" }, met},
		{"day assumed", traceability.ConditionStandard, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.Sample.Date, c.Lot = "", nil
		}, unknown},
		{"no day at all", traceability.ConditionStandard, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.Sample.Date, c.Lot, c.Report.Sample.SampledOn = "", nil, ""
		}, unknown},

		{"sealed sample, by its form", traceability.ConditionSample, nil, attested},

		{"same batch", traceability.ConditionBatch, nil, met},
		{"no lot named", traceability.ConditionBatch, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Report.Sample.Lot = "" }, unknown},
		{"lot not registered", traceability.ConditionBatch, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Lot = nil }, unknown},
		{"another producer", traceability.ConditionBatch, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Lot.Producer.USCC = "91330106MA1FPX121E"
		}, failed},
		{"producer by name only, written otherwise", traceability.ConditionBatch, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.Sample.ClaimedProducer = traceability.Firm{Name: "上海示例食品厂"}
			c.Lot.Producer.USCC = ""
		}, unknown},
		{"another day", traceability.ConditionBatch, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Lot.Date = "2026-07-21" }, failed},
		{"another kind of day", traceability.ConditionBatch, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Lot.Date, c.Lot.DateKind = "2026-07-21", traceability.DatePurchase
		}, unknown},
		{"no day", traceability.ConditionBatch, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Lot.Date = "" }, unknown},
		{"specification written otherwise", traceability.ConditionBatch, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Lot.Spec = "500克/瓶" }, unknown},
		{"batch written in full width", traceability.ConditionBatch, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Report.Sample.Batch = "Ａ０１" }, met},
		{"another batch number", traceability.ConditionBatch, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Report.Sample.Batch = "B01" }, unknown},

		{"original, by a copy of it", traceability.ConditionIntact, nil, attested},
		{"amended", traceability.ConditionIntact, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.SupersededBy = c.ID }, failed},

		{"undisputed", traceability.ConditionUndisputed, nil, met},
		{"upheld", traceability.ConditionUndisputed, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Dispute = recognition.DisputeUpheld }, met},
		{"contested", traceability.ConditionUndisputed, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Dispute = recognition.DisputeOpen }, failed},
		{"overturned", traceability.ConditionUndisputed, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Dispute = recognition.DisputeOverturned }, failed},
		{"not known whether contested", traceability.ConditionUndisputed, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Dispute = recognition.DisputeUnknown }, unknown},
		{"amended, so no longer its word", traceability.ConditionUndisputed, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.SupersededBy = c.ID }, failed},

		{"supervision", traceability.ConditionTask, nil, met},
		{"risk monitoring", traceability.ConditionTask, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.Task = traceability.TaskRiskMonitoring
		}, failed},
		{"commissioned", traceability.ConditionTask, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.Task = traceability.TaskCommissioned
		}, failed},
		{"evaluative, not named", traceability.ConditionTask, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.Task = traceability.TaskEvaluative
		}, failed},
		{"evaluative, named", traceability.ConditionTask, func(c *recognition.Case, r *traceability.RecognitionRule) {
			c.Report.Task, r.Applies.Tasks = traceability.TaskEvaluative, []traceability.Task{traceability.TaskSupervision, traceability.TaskEvaluative}
		}, met},
		{"task not stated", traceability.ConditionTask, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Report.Task = "" }, unknown},

		{"not old", traceability.ConditionAge, nil, met},
		{"as old as may be", traceability.ConditionAge, func(_ *recognition.Case, r *traceability.RecognitionRule) { r.MaxAgeDays = 25 }, met},
		{"a day too old", traceability.ConditionAge, func(_ *recognition.Case, r *traceability.RecognitionRule) { r.MaxAgeDays = 24 }, failed},
		{"not tested yet", traceability.ConditionAge, func(c *recognition.Case, _ *traceability.RecognitionRule) { c.Report.TestedTo = "2026-09-02" }, failed},
		{"age not known", traceability.ConditionAge, func(c *recognition.Case, _ *traceability.RecognitionRule) {
			c.Report.TestedTo, c.Report.Issued = "", ""
		}, unknown},
		{"no limit of age", traceability.ConditionAge, func(_ *recognition.Case, r *traceability.RecognitionRule) { r.MaxAgeDays = 0 }, ""},

		{"listed", traceability.ConditionParameter, nil, met},
		{"on the negative list, without its brackets", traceability.ConditionParameter, func(_ *recognition.Case, r *traceability.RecognitionRule) {
			r.Applies.ExcludeParameters = []string{"苯甲酸及其钠盐"}
		}, failed},
		{"not on the list", traceability.ConditionParameter, func(_ *recognition.Case, r *traceability.RecognitionRule) { r.Applies.Parameters = []string{"铅"} }, failed},

		{"quantified", traceability.ConditionSensitivity, nil, met},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, rule := goodCase(), zhejiang()
			if tt.change != nil {
				tt.change(c, rule.RecognitionRule)
			}
			if got := resultOf(t, c, rule, 1, "2026-09-01", tt.condition); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// The edition changes at midnight in China, by the day of production and not by
// that of the test: a lot of the last day may be sold under the old one.
func TestEditionAtMidnight(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		produced   traceability.Date
		conclusion string
		want       traceability.ConditionResult
	}{
		{"2026-02-28", "符合GB 2763-2021要求", met},
		{"2026-03-01", "符合GB 2763-2021要求", failed},
		{"2026-02-28", "符合GB 2763-2026要求", failed},
		{"2026-03-01", "符合GB 2763-2026要求", met},
		{"2026-09-01", "符合GB 2762-2022要求", met},
		{"2026-09-02", "符合GB 2762-2022要求", failed},
		{"2026-09-02", "符合GB 2762-2025要求", met},
	} {
		c := goodCase()
		c.Report.Sample.Date, c.Lot.Date, c.Report.Conclusion = tt.produced, tt.produced, tt.conclusion
		if got := resultOf(t, c, zhejiang(), 1, "2026-12-01", traceability.ConditionStandard); got != tt.want {
			t.Errorf("%s, %s: got %s, want %s", tt.produced, tt.conclusion, got, tt.want)
		}
	}
}

// The table names every condition once, in order, with words in two languages.
func TestTable(t *testing.T) {
	t.Parallel()
	var conditions []traceability.Condition
	codes := make(map[string]bool)
	for _, p := range recognition.Table() {
		conditions = append(conditions, p.Condition)
		if p.ZH == "" || p.EN == "" || p.Basis == "" || codes[p.Code] {
			t.Errorf("%+v", p)
		}
		codes[p.Code] = true
	}
	if diff := cmp.Diff(traceability.Conditions(), conditions); diff != "" {
		t.Error(diff)
	}
}

// A failure is a failure whatever paper is shown, and no paper shows that nobody
// contests a report.
func TestPapers(t *testing.T) {
	t.Parallel()
	c := goodCase()
	c.OutOfScope, c.Dispute = []int{1}, recognition.DisputeUnknown
	all := papers()
	for _, condition := range traceability.Conditions() {
		all = append(all, traceability.RecognitionEvidence{Hash: traceability.Hash{9}, Condition: condition})
	}
	e := recognition.Evaluate(c, zhejiang(), &c.Report.Items[0], "2026-09-01", all)
	if e.Outcome != traceability.NotRecognised || !slices.Equal(e.Failed, []traceability.Condition{traceability.ConditionScope}) ||
		!slices.Equal(e.Unknown, []traceability.Condition{traceability.ConditionUndisputed}) {
		t.Errorf("%+v", e)
	}
}

func TestRuleInForce(t *testing.T) {
	t.Parallel()
	first, second := zhejiang(), zhejiang()
	second.Version, second.EffectiveFrom, second.EffectiveTo = 2, "2026-10-01", "2026-12-31"
	narrow := zhejiang()
	narrow.Rule, narrow.Applies.Categories = "MR-33-ALL", []string{"*"}
	later := zhejiang()
	later.Rule, later.EffectiveFrom = "MR-33-2026-02", "2026-11-01"
	rules := []recognition.Rule{narrow, second, first, later}
	for _, tt := range []struct {
		day  traceability.Date
		want string
	}{
		{"2026-06-30", ""}, {"2026-07-01", "MR-33-2026-01 1"}, {"2026-09-30", "MR-33-2026-01 1"}, {"2026-10-01", "MR-33-2026-01 2"},
		{"2026-11-01", "MR-33-2026-02 1"}, {"2027-01-01", "MR-33-2026-02 1"},
	} {
		got := ""
		if rule := recognition.Speaking(rules, goodCase(), tt.day); rule != nil {
			got = string(rule.Rule) + " " + string(rune('0'+rule.Version))
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.day, got, tt.want)
		}
	}
	c := goodCase()
	c.Lot.Category, c.Report.Sample.Category = "水产制品", ""
	if rule := recognition.Speaking(rules, c, "2026-08-01"); rule == nil || rule.Rule != "MR-33-ALL" {
		t.Errorf("another category: %+v", rule)
	}
	c.Issuing = traceability.Zhejiang
	if rule := recognition.Speaking(rules, c, "2026-08-01"); rule != nil {
		t.Errorf("a province that the rule does not name: %+v", rule)
	}
}
