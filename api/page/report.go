package page

import (
	"fmt"
	"slices"

	"deltatrace/traceability"
)

const (
	maxReportsShown  = 10   // with their items; further ones as a line
	maxItemsShown    = 2000 // on one page, over all reports
	itemsOpen        = 8    // of a report before the fold; a few more are not folded
	itemsFoldAtLeast = 4    // a fold for fewer would be more trouble than it saves
)

// reportView is a report in force.
type reportView struct {
	traceability.ReportRecord
	Lab        partyView
	Anchor     string // of its place on the page: report-1
	Link       string // to that place
	Shown      []itemView
	Folded     []itemView
	Unlisted   int // items beyond the page's bound
	items      []traceability.Item
	outOfScope []int
}

// itemView is a tested item.
type itemView struct {
	traceability.Item
	OutOfScope bool
}

// itemTable is a table of items with what a template needs besides.
type itemTable struct {
	Items   []itemView
	Caption string
}

// day is when the result was stated.
func (r *reportView) day() traceability.Date { return reportDay(r.ReportRecord) }

// Day is when the result was stated.
func (r *reportView) Day() traceability.Date { return r.day() }

// WordKey is the report's conclusion as a word.
func (r *reportView) WordKey() Key { return Key("items." + string(r.Verdict)) }

// TaskKey is what the report was made for.
func (r *reportView) TaskKey() Key { return Key("task." + string(r.Task)) }

// Tested is the span of the test.
func (r *reportView) Tested() bool { return r.TestedFrom != "" || r.TestedTo != "" }

// WordKey is the item's verdict as a word.
func (i itemView) WordKey() Key { return Key("items." + string(i.Verdict)) }

// reportViews prepares reports in their order; budget bounds the items of all.
func (rec *records) reportViews(lang Lang, reports []traceability.ReportRecord) []*reportView {
	budget := maxItemsShown
	var views []*reportView
	for i, r := range reports {
		v := &reportView{
			ReportRecord: r, Lab: rec.party(lang, r.Lab), Anchor: fmt.Sprintf("report-%d", i+1),
			items: r.Items, outOfScope: r.OutOfScope,
		}
		if i < maxReportsShown {
			v.layOut(min(budget, len(r.Items)))
			budget -= len(v.Shown) + len(v.Folded)
		}
		views = append(views, v)
	}
	return views
}

// layOut orders the items: failed ones first, then problems, then those outside
// the laboratory's scope, then the others as printed. The first are open and the
// rest are folded; all that failed are open.
func (r *reportView) layOut(most int) {
	rank := func(i itemView) int {
		switch {
		case i.Verdict == traceability.VerdictFail:
			return 0
		case i.Verdict == traceability.VerdictProblem:
			return 1
		case i.OutOfScope:
			return 2
		default:
			return 3
		}
	}
	list := make([]itemView, 0, len(r.items))
	for _, item := range r.items {
		list = append(list, itemView{Item: item, OutOfScope: slices.Contains(r.outOfScope, item.Seq)})
	}
	slices.SortStableFunc(list, func(a, b itemView) int { return rank(a) - rank(b) })
	r.Unlisted = len(list) - most
	list = list[:most]

	open := itemsOpen
	for open < len(list) && list[open].Verdict == traceability.VerdictFail {
		open++
	}
	if len(list) < open+itemsFoldAtLeast {
		open = len(list)
	}
	r.Shown, r.Folded = list[:open], list[open:]
}
