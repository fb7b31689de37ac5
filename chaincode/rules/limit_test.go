package rules_test

import (
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

// A limit needs all four.
func TestLimitNeedsFour(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	limits, err := reference.Limits()
	if err != nil {
		t.Fatal(err)
	}
	for i, province := range provinces {
		outcome := w.accept(w.sign(traceability.Regulator(province), traceability.TypeLimitSet, limits[0]))
		if (len(outcome.Warnings) > 0) != (i < 3) {
			t.Errorf("signature %d: %+v", i+1, outcome.Warnings)
		}
		if got := w.inForce(limits[0].Record()); len(got) != i/3 {
			t.Errorf("in force after %d: %v", i+1, got)
		}
	}
}

// The ledger says where a laboratory's verdict is not what the limit gives that was
// in force when the food was made, and keeps the laboratory's.
func TestVerdictDiffers(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	limits, err := reference.Limits()
	if err != nil {
		t.Fatal(err)
	}
	crab := *limits[3]
	for _, province := range provinces {
		for _, limit := range limits {
			w.accept(w.sign(traceability.Regulator(province), traceability.TypeLimitSet, limit))
		}
	}
	for no, c := range map[string]struct {
		food, category, parameter, result string
		made, sampled                     traceability.Date
		verdict                           traceability.Verdict
		differs                           bool
	}{
		"passed by the old limit":           {"韭菜", "食用农产品", "腐霉利", "0.8", "2026-02-28", "", traceability.VerdictPass, true},
		"failed by the old limit":           {"韭菜", "食用农产品", "腐霉利", "0.8", "2026-02-28", "", traceability.VerdictFail, false},
		"passed by the new limit":           {"韭菜", "食用农产品", "腐霉利", "0.8", "2026-03-01", "", traceability.VerdictPass, false},
		"failed by the new limit":           {"韭菜", "食用农产品", "腐霉利（残留）", "0.8", "2026-03-01", "", traceability.VerdictFail, true},
		"by the day of sampling":            {"韭菜", "食用农产品", "腐霉利", "0.8", "", "2026-03-02", traceability.VerdictFail, true},
		"made on no day":                    {"韭菜", "食用农产品", "腐霉利", "0.8", "", "", traceability.VerdictFail, false},
		"made before any limit":             {"韭菜", "食用农产品", "腐霉利", "0.8", "2021-09-02", "", traceability.VerdictPass, false},
		"not detected":                      {"韭菜", "食用农产品", "腐霉利", "未检出", "2026-03-01", "", traceability.VerdictFail, false},
		"of another food":                   {"菠菜", "食用农产品", "腐霉利", "0.8", "2026-02-28", "", traceability.VerdictPass, false},
		"by category":                       {"对虾", crab.Category, "镉（以Cd计）", "0.6", "2026-09-02", "", traceability.VerdictPass, true},
		"of a food that is excluded":        {"鲜活虾蛄", crab.Category, "镉（以Cd计）", "0.6", "2026-09-02", "", traceability.VerdictPass, false},
		"forbidden":                         {"蛋糕", "糕点", "脱氢乙酸及其钠盐", "0.1", "2025-02-08", "", traceability.VerdictPass, true},
		"allowed before it was forbidden":   {"蛋糕", "糕点", "脱氢乙酸及其钠盐", "0.1", "2025-02-07", "", traceability.VerdictPass, false},
		"a problem of risk monitoring only": {"韭菜", "食用农产品", "腐霉利", "0.8", "2026-03-01", "", traceability.VerdictProblem, false},
	} {
		r := report(no)
		r.Sample = traceability.Sample{FoodName: c.food, Category: c.category, Date: c.made, SampledOn: c.sampled}
		r.Items = []traceability.Item{{Seq: 1, Parameter: c.parameter, Result: c.result, Unit: "mg/kg", Verdict: c.verdict, Method: "GB 23200.121-2021"}}
		if c.parameter == "脱氢乙酸及其钠盐" {
			r.Items[0].Unit = "g/kg"
		}
		r.Verdict = c.verdict
		outcome := w.accept(w.sign(lab, traceability.TypeReportSubmit, r))
		differs := false
		for _, warning := range outcome.Warnings {
			differs = differs || warning.Code == traceability.CodeVerdictDiffers && warning.Field == "items[0].verdict"
		}
		if differs != c.differs {
			t.Errorf("%s: differs %v, %+v", no, differs, outcome.Warnings)
		}
		state, err := traceability.DecodeState[traceability.ReportState](w.state[outcome.Record])
		if err != nil || (len(state.Remarks) > 0) != c.differs {
			t.Errorf("%s: the record has %+v, %v", no, state.Remarks, err)
		}
	}
}
