package page

import (
	"cmp"
	"slices"
	"strings"

	"deltatrace/traceability"
)

// state is how a batch's sampling came out as a whole; it chooses icon and
// colour. The words say the same.
type state string

const (
	statePass      state = "pass"
	stateFail      state = "fail"
	stateProblem   state = "problem"
	stateNotJudged state = "not_judged"
	stateNone      state = "none"
)

// sentence is a text with what is filled into it.
type sentence struct {
	Key  Key
	Args []any
}

// verdictView is the one plain line about a batch, in the words of the
// laboratories, and what goes with it.
type verdictView struct {
	State  state
	Word   sentence // 合格, 不合格（毒死蜱）, 无抽检记录
	By     string   // who tested; empty when nobody did
	Day    traceability.Date
	Count  int        // items of the report that By made
	Notes  []sentence // what the line means, and what it does not
	Alerts []sentence // what makes the line less than it seems
	Each   []*reportView
}

// judge draws the line from the reports in force, reports[0] being the one
// that decides: any failed report makes the batch failed, however many passed. What
// stands published of a failure, its items, comes before all that laboratories say.
func judge(lang Lang, reports []*reportView, published []string, corrected, bounded bool) verdictView {
	v := judgeReports(lang, reports, corrected, bounded)
	if len(published) > 0 {
		v.State = stateFail
		v.Word = sentence{"verdict.fail_items", []any{strings.Join(published, separator(lang))}}
		others := slices.DeleteFunc(v.Notes, func(n sentence) bool {
			return strings.HasPrefix(string(n.Key), "verdict.mean_") || n.Key == "verdict.do_fail"
		})
		v.Notes = append([]sentence{{Key: "verdict.mean_fail"}, {Key: "verdict.do_fail"}}, others...)
	}
	return v
}

func judgeReports(lang Lang, reports []*reportView, corrected, bounded bool) verdictView {
	if len(reports) == 0 {
		v := verdictView{State: stateNone, Word: sentence{Key: "verdict.none"}, Notes: []sentence{{Key: "verdict.mean_none"}}}
		if corrected {
			v.Alerts = append(v.Alerts, sentence{Key: "verdict.withdrawn"})
		}
		return v
	}
	first := reports[0]
	v := verdictView{State: state(first.Verdict), Word: sentence{Key: Key("verdict." + string(first.Verdict))}, By: first.Lab.Name, Day: first.day(), Count: len(first.items)}
	if v.State == stateFail || v.State == stateProblem {
		if items := culprits(reports, first.Verdict); len(items) > 0 {
			v.Word = sentence{v.Word.Key + "_items", []any{strings.Join(items, separator(lang))}}
		}
	}
	v.Notes = append(v.Notes, sentence{Key: Key("verdict.mean_" + string(first.Verdict))})
	if v.State == stateFail {
		v.Notes = append(v.Notes, sentence{Key: "verdict.do_fail"})
	}
	if len(reports) > 1 {
		v.Notes = append(v.Notes, sentence{"verdict.several", []any{len(reports)}})
		v.Each = reports
	}
	for _, r := range reports {
		v.Alerts = append(v.Alerts, r.alerts(lang)...)
	}
	if bounded {
		v.Alerts = append(v.Alerts, sentence{"verdict.bounded", []any{maxReports}})
	}
	return v
}

// alerts says what a reader must know before relying on the report.
func (r *reportView) alerts(lang Lang) []sentence {
	var alerts []sentence
	if r.Revision > 1 {
		alerts = append(alerts, sentence{Key: "verdict.corrected"})
	}
	if r.Verdict == traceability.VerdictPass {
		if failed := culprits([]*reportView{r}, traceability.VerdictFail); len(failed) > 0 {
			alerts = append(alerts, sentence{"verdict.differs", []any{strings.Join(failed, separator(lang))}})
		}
	}
	if n := len(r.outOfScope); n > 0 {
		alerts = append(alerts, sentence{"verdict.out_of_scope", []any{n}})
	}
	if r.Lab.Suspended {
		alerts = append(alerts, sentence{"verdict.lab_suspended", []any{r.Lab.Name}})
	}
	return alerts
}

// culprits names, each once, the items with the verdict.
func culprits(reports []*reportView, verdict traceability.Verdict) []string {
	var names []string
	for _, r := range reports {
		for _, item := range r.items {
			if item.Verdict == verdict && !slices.Contains(names, item.Parameter) {
				names = append(names, item.Parameter)
			}
		}
	}
	return names
}

// inForce returns the reports that no later revision replaces, gravest first,
// then newest first, and those that were replaced.
func inForce(reports []traceability.ReportRecord) (current, superseded []traceability.ReportRecord) {
	for _, r := range reports {
		if r.SupersededBy == "" {
			current = append(current, r)
		} else {
			superseded = append(superseded, r)
		}
	}
	slices.SortStableFunc(current, func(a, b traceability.ReportRecord) int {
		return cmp.Or(a.Verdict.Gravity()-b.Verdict.Gravity(), cmp.Compare(reportDay(b), reportDay(a)))
	})
	return current, superseded
}

// reportDay is when the result was stated: the day of issue, or else the last
// day of the test, or else the day on which the ledger took the report.
func reportDay(r traceability.ReportRecord) traceability.Date {
	if day := cmp.Or(r.Issued, r.TestedTo); day != "" || r.Document.Position.Time.IsZero() {
		return day
	}
	return traceability.DateOf(r.Document.Position.Time)
}
