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
