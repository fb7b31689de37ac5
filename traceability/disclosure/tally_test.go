package disclosure_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/disclosure"
)

const (
	one   traceability.PartyID = "plat:91320106MA1FPX121A"
	other traceability.PartyID = "plat:91310101MA1FPX121X"
)

func TestTally(t *testing.T) {
	t.Parallel()
	tally := disclosure.NewTally()
	add := func(platform traceability.PartyID, premises string, division traceability.DivisionCode, change func(*disclosure.Shop), codes ...traceability.ViolationCode) {
		s := disclosure.Shop{Platform: platform, Premises: premises, Division: division, Open: true, Fresh: true, Codes: codes}
		if change != nil {
			change(&s)
		}
		tally.Add(s)
	}
	add(one, "a", "330106", nil)
	add(other, "a", "330106", nil, traceability.ViolationNotShown) // the same premises, not shown there
	add(one, "b", "330106", nil, traceability.ViolationExpired, traceability.ViolationStale)
	add(one, "c", "330102", nil, traceability.ViolationNoDineInLabel) // to be mended, and no part of the rate
	add(one, "d", "330102", func(s *disclosure.Shop) { s.Fresh = false })
	add(one, "e", "330102", nil, traceability.ViolationNotCovered)
	add(one, "f", "330102", func(s *disclosure.Shop) { s.Exempt = true })
	add(one, "g", "330102", func(s *disclosure.Shop) { s.Open = false }, traceability.ViolationNoLicence)
	add(other, "h", "310101", nil, traceability.ViolationNameMismatch)

	day := disclosure.Day{Rates: tally.Rates()}
	for cell, want := range map[disclosure.Cell]disclosure.Rate{
		{Platform: one}: {Base: 3, Nominal: 3, Strict: 2, Unknown: 2, Exempt: 1,
			Reasons: map[traceability.ViolationCode]int{traceability.ViolationExpired: 1, traceability.ViolationStale: 1}},
		{Platform: other}: {Base: 2, Nominal: 1,
			Reasons: map[traceability.ViolationCode]int{traceability.ViolationNotShown: 1, traceability.ViolationNameMismatch: 1}},
		{Platform: one, Division: "330106"}: {Base: 2, Nominal: 2, Strict: 1,
			Reasons: map[traceability.ViolationCode]int{traceability.ViolationExpired: 1, traceability.ViolationStale: 1}},
		{Platform: other, Division: "310100"}: {Base: 1, Nominal: 1, Reasons: map[traceability.ViolationCode]int{traceability.ViolationNameMismatch: 1}},
		{Platform: other, Division: "340000"}: {},
		// a counts once, and does not disclose on both; c does.
		{Division: "330100"}: {Base: 3, Nominal: 2, Strict: 1, Unknown: 2, Exempt: 1,
			Reasons: map[traceability.ViolationCode]int{traceability.ViolationNotShown: 1, traceability.ViolationExpired: 1, traceability.ViolationStale: 1}},
		{}: {Base: 4, Nominal: 3, Strict: 1, Unknown: 2, Exempt: 1,
			Reasons: map[traceability.ViolationCode]int{traceability.ViolationNotShown: 1, traceability.ViolationExpired: 1, traceability.ViolationStale: 1, traceability.ViolationNameMismatch: 1}},
	} {
		if diff := cmp.Diff(want, day.Of(cell)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", cell, diff)
		}
	}
	rates := day.Rates
	if rates[0].Cell != (disclosure.Cell{}) || rates[len(rates)-1].Platform != one {
		t.Errorf("order: %v … %v", rates[0].Cell, rates[len(rates)-1].Cell)
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, all int
		want   string
	}{
		{0, 0, ""}, {0, 5, "0"}, {5, 5, "100"}, {1, 2, "50"}, {1, 3, "33.33"}, {9996, 10000, "99.96"}, {999_999, 1_000_000, "99.99"},
		{1_999_999, 2_000_000, "99.99"}, {1, 10_000, "0.01"}, {5, 1000, "0.50"}, {1, 20_000, "0"},
	} {
		if got := disclosure.Percent(c.n, c.all); got != c.want {
			t.Errorf("%d of %d: %s, not %s", c.n, c.all, got, c.want)
		}
	}
}

func ExamplePercent() {
	fmt.Println(disclosure.Percent(99_996, 100_000))
	// Output: 99.99
}
