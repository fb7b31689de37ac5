package traceability_test

import (
	"testing"
	"time"

	"deltatrace/traceability"
)

func TestCreditHoldsOn(t *testing.T) {
	t.Parallel()
	day := func(d string) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, d, traceability.ChinaTime())
		if err != nil {
			t.Fatal(err)
		}
		return at.UTC()
	}
	c := traceability.Credit{Kind: traceability.CreditSerious, From: "2026-01-01", Expires: "2026-12-31",
		Measures: []traceability.CreditMeasure{{Measure: "platform_entry", Until: "2026-06-30"}, {Measure: "honours", Provinces: []traceability.ProvinceCode{traceability.Anhui}}},
		Changes: []traceability.CreditChange{
			{At: day("2026-02-01"), Progress: traceability.CreditInForce}, // said on the ledger a month later
			{At: day("2026-08-01"), Progress: traceability.CreditRepairing},
			{At: day("2026-09-01"), Progress: traceability.CreditRepaired},
		}}
	for _, c1 := range []struct {
		day                      traceability.Date
		holds, platform, honours bool
	}{
		{"2025-12-31", false, false, false},
		{"2026-01-01", true, true, true},
		{"2026-06-30", true, true, true},
		{"2026-07-01", true, false, true},
		{"2026-08-31", true, false, true}, // an application lifts nothing
		{"2026-09-01", false, false, false},
		{"2027-01-01", false, false, false},
	} {
		if c.HoldsOn(c1.day) != c1.holds || c.Restricts("platform_entry", traceability.Shanghai, c1.day) != c1.platform || c.Restricts("honours", traceability.Anhui, c1.day) != c1.honours {
			t.Errorf("%s: not %v %v %v", c1.day, c1.holds, c1.platform, c1.honours)
		}
		if c.Restricts("honours", traceability.Shanghai, c1.day) {
			t.Errorf("%s: Anhui's own measure holds in Shanghai", c1.day)
		}
	}
}

// TestCreditRestriction picks among several measures the one that holds longest.
func TestCreditRestriction(t *testing.T) {
	t.Parallel()
	entry := func(expires traceability.Date, measures ...traceability.CreditMeasure) *traceability.Credit {
		for i := range measures {
			measures[i].Measure = "platform_entry"
		}
		return &traceability.Credit{Kind: traceability.CreditSerious, From: "2026-01-01", Expires: expires, Basis: "条例", Measures: measures,
			Changes: []traceability.CreditChange{{At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Progress: traceability.CreditInForce}}}
	}
	const day = "2026-06-01"
	in := []traceability.ProvinceCode{traceability.Zhejiang}
	for name, c := range map[string]struct {
		entry *traceability.Credit
		until traceability.Date
		basis string
		holds bool
	}{
		"its own end":         {entry("2028-12-31", traceability.CreditMeasure{Until: "2026-07-01"}), "2026-07-01", "条例", true},
		"the entry's end":     {entry("2028-12-31", traceability.CreditMeasure{Until: "2030-01-01", Basis: "细则"}), "2028-12-31", "细则", true},
		"no end":              {entry("", traceability.CreditMeasure{Until: "2026-07-01"}, traceability.CreditMeasure{}), "", "条例", true},
		"the longer":          {entry("2028-12-31", traceability.CreditMeasure{Until: "2027-01-01", Basis: "甲"}, traceability.CreditMeasure{Until: "2026-07-01", Basis: "乙"}), "2027-01-01", "甲", true},
		"not yet taken":       {entry("", traceability.CreditMeasure{From: "2026-06-02"}), "", "", false},
		"taken that day":      {entry("", traceability.CreditMeasure{From: day}), "", "条例", true},
		"in another province": {entry("", traceability.CreditMeasure{Provinces: in}), "", "", false},
	} {
		m, holds := c.entry.Restriction(traceability.MeasurePlatformEntry, traceability.Shanghai, day)
		if holds != c.holds || holds && (m.Until != c.until || m.Basis != c.basis) {
			t.Errorf("%s: %+v, %v", name, m, holds)
		}
	}
	honour := entry("", traceability.CreditMeasure{})
	honour.Kind = traceability.CreditHonour
	if honour.Bars() || !entry("", traceability.CreditMeasure{}).Bars() || entry("").Bars() {
		t.Error("what bars a company is an adverse entry with the measure")
	}
}
