package exchange

import (
	"strings"

	"deltatrace/traceability"
)

// Separators of a cell that holds failed items whole:
// 苯甲酸║1.2g/kg║≤1.0g/kg；山梨酸║0.9g/kg║不得使用.
const (
	between = "║" // U+2551, of item, result and limit
	after   = "；" // of failed items
)

// failureCell writes the failed items into one cell. What separates is replaced
// where it stands in a value, so that the cell can be taken apart again: results
// and limits may have semicolons (five values of a sampling plan), items not.
func failureCell(r *Row) string {
	items := make([]string, len(r.Failures))
	for i, f := range r.Failures {
		items[i] = strings.Join([]string{item(f.Parameter), value(f.Result), value(f.Limit)}, between)
	}
	return strings.Join(items, after)
}

func item(s string) string {
	return strings.NewReplacer(after, "，", ";", ",").Replace(value(s))
}

func value(s string) string { return printed(strings.ReplaceAll(s, between, "|")) }

// dateCell writes date and batch as printed: 2026-01-05, 2026-01-05/A01,
// 2026-02-20(购进日期); a production date without its kind.
func dateCell(r *Row) string {
	kind := map[traceability.DateKind]string{
		traceability.DateProcessing: "(加工日期)", traceability.DatePurchase: "(购进日期)", traceability.DateQuarantine: "(检疫日期)",
		traceability.DateDisinfected: "(消毒日期)", traceability.DateHarvest: "(采收日期)",
	}[r.DateKind]
	switch {
	case r.Date == "":
		return r.Batch
	case r.Batch == "":
		return string(r.Date) + kind
	default:
		return string(r.Date) + kind + "/" + r.Batch
	}
}
