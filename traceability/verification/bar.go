package verification

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"deltatrace/traceability"
)

// Bar is an entry of the holder's credit record that keeps it off platforms in the
// province of its licence, as a reader may see it, with the measure as it holds there.
type Bar struct {
	Entry   traceability.Credit
	Measure traceability.CreditMeasure
}

// Holders lists the companies that hold licences, each once and in order.
func Holders(licences map[traceability.LicenceID]traceability.LicenceStanding) []traceability.USCC {
	holders := make([]traceability.USCC, 0, len(licences))
	for _, l := range licences {
		if l.Holder.USCC != "" {
			holders = append(holders, l.Holder.USCC)
		}
	}
	slices.Sort(holders)
	return slices.Compact(holders)
}

// BarsOf returns which entries of the holder's credit record keep it off platforms in
// the licence's province on a day, the one that does longest first.
func BarsOf(credits []traceability.Credit, l *traceability.Licence, day traceability.Date) []Bar {
	var bars []Bar
	for i := range credits {
		if m, holds := credits[i].Restriction(traceability.MeasurePlatformEntry, l.ID.Province(), day); holds {
			bars = append(bars, Bar{credits[i], m})
		}
	}
	const noEnd = "~" // sorts after every day
	slices.SortStableFunc(bars, func(a, b Bar) int {
		return cmp.Compare(cmp.Or(string(b.Measure.Until), noEnd), cmp.Or(string(a.Measure.Until), noEnd))
	})
	return bars
}

// bars finds a holder that a joint measure keeps off platforms, and says by which
// entries; the sentence is of the one that does longest.
func (v *verifier) bars() {
	if len(v.Bars) == 0 {
		return
	}
	var entries []string
	for _, bar := range v.Bars {
		entries = append(entries, string(bar.Entry.ID))
	}
	entry, measure, province := v.Bars[0].Entry, v.Bars[0].Measure, v.Licence.ID.Province()
	untilZH, untilEN := "，无截止日期", ", without an end"
	if measure.Until != "" {
		untilZH, untilEN = "，至 "+string(measure.Until)+" 止", ", until "+string(measure.Until)
	}
	moreZH, moreEN := "", ""
	if others := strconv.Itoa(len(entries) - 1); others != "0" {
		moreZH, moreEN = "；另有 "+others+" 条记录", "; and by other entries: "+others
	}
	v.find(traceability.ViolationRestricted, strings.Join(entries, ", "), "a holder that no joint measure keeps off platforms in "+province.NameEN(),
		"经营者被联合惩戒，限制在"+province.NameZH()+"入网经营（"+entry.Decision+"，依据："+measure.Basis+untilZH+moreZH+"）",
		"a joint measure keeps the holder off platforms in "+province.NameEN()+" ("+entry.Decision+", by "+measure.Basis+untilEN+moreEN+")")
}
