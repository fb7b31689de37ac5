package recognition_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
	"deltatrace/traceability/store"
	"deltatrace/traceability/store/storetest"
)

// day are the blocks of a day: storetest's chain makes one a minute, the first at
// eight in the morning of 2026-11-01, in China.
const day = 24 * 60

// days closes so many empty days.
func days(c *storetest.Chain, n int) {
	for range n * day {
		c.Close()
	}
}

// regulator sees everything.
var regulator = traceability.Viewer{As: "reg:340000"}

// standings shows an answer in short.
func standings(a recognition.Answer) (list []string) {
	for _, r := range a.Results {
		text := r.Parameter + ": " + string(r.Standing)
		if r.Rule != "" {
			text += " by " + string(r.Rule) + " " + string(rune('0'+r.Version))
		}
		list = append(list, text)
	}
	return list
}

// A story over some days, and what counted at the end of each of them.
func TestAsk(t *testing.T) {
	t.Parallel()
	c := storetest.NewChain(t)
	good := goodCase()
	c.Admit(traceability.Admission{Party: lab, Name: "上海示例检测有限公司", ValidFrom: "2023-03-01", ValidTo: "2029-02-28"})
	report := *good.Report
	report.Items = append(report.Items, traceability.Item{Seq: 3, Parameter: "镉", Result: "1.1", Verdict: traceability.VerdictFail})
	first := c.Report(lab, report, nil)
	rule := *zhejiang().RecognitionRule
	rule.Require = []traceability.Condition{traceability.ConditionScope, traceability.ConditionLaboratory}
	ruleID := c.RecognitionRule(rule)
	days(c, 1) // it is 2026-11-02 now

	c.Lot("op:91310101MA1FPX121X", *good.Lot)
	second := rule
	second.Version, second.EffectiveFrom, second.Supersedes = 2, "2026-11-04", ruleID
	second.Applies.ExcludeParameters = []string{"铅"}
	c.RecognitionRule(second)
	dissent := traceability.RecognitionDecision{Report: good.ID, Parameter: "铅（以Pb计）", Accepting: traceability.Zhejiang, Rule: rule.Rule, Version: 1,
		Outcome: traceability.Recognised, Dissent: "经协查，无异议", At: time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)}
	c.Recognise(dissent, lotID, traceability.RecognitionEvaluation{Outcome: traceability.NeedsReview, Unknown: []traceability.Condition{traceability.ConditionUndisputed}})
	days(c, 1) // 2026-11-03

	report.Revision, report.Supersedes, report.Items = 2, first, report.Items[:1]
	days(c, 2) // 2026-11-05
	c.Report(lab, report, []int{1})
	c.Close()

	s, err := store.Open(t.Context(), ":memory:", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Apply(t.Context(), c.Blocks...); err != nil {
		t.Fatal(err)
	}
	const benzoate, lead, cadmium = "苯甲酸及其钠盐（以苯甲酸计）: ", "铅（以Pb计）: ", "镉: not_offered"
	ask := func(q recognition.Question) ([]string, error) {
		q.Lot = lotID
		if q.Accepting == "" {
			q.Accepting = traceability.Zhejiang
		}
		a, err := recognition.Ask(t.Context(), s, q, regulator)
		return standings(a), err
	}
	for _, tt := range []struct {
		name string
		q    recognition.Question
		want []string
	}{
		{"the day of the report", recognition.Question{On: "2026-11-01"}, []string{benzoate + "needs_review by MR-33-2026-01 1", lead + "needs_review by MR-33-2026-01 1", cadmium}},
		{"after the dissent", recognition.Question{On: "2026-11-03"}, []string{benzoate + "needs_review by MR-33-2026-01 1", lead + "recognised by MR-33-2026-01 1", cadmium}},
		{"under the new version", recognition.Question{On: "2026-11-04"}, []string{benzoate + "needs_review by MR-33-2026-01 2", lead + "not_recognised by MR-33-2026-01 2", cadmium}},
		{"by the old version all the same", recognition.Question{On: "2026-11-04", Rule: "MR-33-2026-01", Version: 1},
			[]string{benzoate + "needs_review by MR-33-2026-01 1", lead + "recognised by MR-33-2026-01 1", cadmium}},
		{"amended", recognition.Question{On: "2026-11-05"}, []string{benzoate + "not_recognised by MR-33-2026-01 2"}},
		{"a province without rules", recognition.Question{On: "2026-11-02", Accepting: traceability.Anhui}, []string{benzoate + "not_recognised", lead + "not_recognised", cadmium}},
		{"its own province", recognition.Question{On: "2026-11-02", Accepting: traceability.Shanghai}, []string{benzoate + "own", lead + "own", cadmium}},
	} {
		got, err := ask(tt.q)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if _, err := ask(recognition.Question{On: "2026-10-31"}); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("before there was anything: %v", err)
	}
	if _, err := ask(recognition.Question{On: "2026-11-04", Rule: "MR-33-2026-01", Version: 3}); traceability.CodeOf(err) != traceability.CodeRuleNotInForce {
		t.Errorf("a version that is not there: %v", err)
	}
	if a, err := recognition.Ask(t.Context(), s, recognition.Question{Lot: lotID, Accepting: traceability.Zhejiang, On: "2026-11-03"},
		traceability.Viewer{}); err != nil || len(a.Results) != 0 || a.Offered != 0 {
		t.Errorf("a failure that is not published: %+v, %v", a, err)
	}
	a, err := recognition.Ask(t.Context(), s, recognition.Question{Lot: lotID, Accepting: traceability.Zhejiang, On: "2026-11-03"}, regulator)
	if err != nil || a.Offered != 2 || a.Recognised != 1 || a.Results[1].Decision == nil || a.Results[1].Decision.Dissent != dissent.Dissent {
		t.Errorf("%+v, %v", a, err)
	}
}

// BenchmarkAsk asks about a lot with ten reports of two items each.
func BenchmarkAsk(b *testing.B) {
	c := storetest.NewChain(b)
	c.Admit(traceability.Admission{Party: lab, Name: "上海示例检测有限公司", ValidFrom: "2023-03-01", ValidTo: "2029-02-28"})
	c.Lot("op:91310101MA1FPX121X", *goodCase().Lot)
	c.RecognitionRule(*zhejiang().RecognitionRule)
	for i := range 10 {
		report := *goodCase().Report
		report.No += string(rune('a' + i))
		c.Report(lab, report, nil)
	}
	c.Close()
	s, err := store.Open(b.Context(), ":memory:", slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.Apply(b.Context(), c.Blocks...); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		a, err := recognition.Ask(b.Context(), s, recognition.Question{Lot: lotID, Accepting: traceability.Zhejiang, On: "2026-11-02"}, regulator)
		if err != nil || len(a.Results) != 20 {
			b.Fatal(len(a.Results), err)
		}
	}
}
