package page

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// said writes the sentences of a verdict as a reader reads them.
func said(t *testing.T, lang Lang, list ...sentence) []string {
	t.Helper()
	var out []string
	for _, s := range list {
		text, err := lookUp(lang, s.Key, s.Args...)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	return out
}

// TestVerdict holds the one line in the words of the field.
func TestVerdict(t *testing.T) {
	t.Parallel()
	const lab traceability.PartyID = "lab:231112340002"
	item := func(parameter string, v traceability.Verdict) traceability.Item {
		return traceability.Item{Parameter: parameter, Verdict: v}
	}
	report := func(v traceability.Verdict, issued traceability.Date, items ...traceability.Item) traceability.ReportRecord {
		for i := range items {
			items[i].Seq = i + 1
		}
		return traceability.ReportRecord{ID: traceability.ReportID(fmt.Sprint(lab, "/", issued, "/1")), Lab: lab,
			Report: traceability.Report{Revision: 1, Verdict: v, Issued: issued, Items: items}}
	}
	superseded := func(r traceability.ReportRecord) traceability.ReportRecord {
		r.SupersededBy = "lab:231112340002/x/2"
		return r
	}
	second := func(r traceability.ReportRecord) traceability.ReportRecord {
		r.Revision = 2
		return r
	}
	outside := func(r traceability.ReportRecord, seq ...int) traceability.ReportRecord {
		r.OutOfScope = seq
		return r
	}
	const pass, fail, problem, open = traceability.VerdictPass, traceability.VerdictFail, traceability.VerdictProblem, traceability.VerdictNotJudged
	tests := map[string]struct {
		reports   []traceability.ReportRecord
		suspended bool // the laboratory
		state     state
		zh, en    string
		by        traceability.Date // of the report that decides
		alerts    []Key
		each      int
	}{
		"none":             {state: stateNone, zh: "无抽检记录", en: "No test record"},
		"pass":             {reports: []traceability.ReportRecord{report(pass, "2026-11-20", item("铅", pass))}, state: statePass, zh: "合格", en: "Passed", by: "2026-11-20"},
		"fail":             {reports: []traceability.ReportRecord{report(fail, "2026-11-20", item("铅", pass), item("毒死蜱", fail))}, state: stateFail, zh: "不合格（毒死蜱）", en: "Failed (毒死蜱)", by: "2026-11-20"},
		"several items":    {reports: []traceability.ReportRecord{report(fail, "2026-11-20", item("镉", fail), item("毒死蜱", fail))}, state: stateFail, zh: "不合格（镉、毒死蜱）", en: "Failed (镉, 毒死蜱)", by: "2026-11-20"},
		"fail, no item":    {reports: []traceability.ReportRecord{report(fail, "2026-11-20", item("镉", pass))}, state: stateFail, zh: "不合格", en: "Failed", by: "2026-11-20"},
		"any fail wins":    {reports: []traceability.ReportRecord{report(fail, "2026-11-01", item("镉", fail)), report(pass, "2026-11-20", item("镉", pass))}, state: stateFail, zh: "不合格（镉）", en: "Failed (镉)", by: "2026-11-01", each: 2},
		"one item, twice":  {reports: []traceability.ReportRecord{report(fail, "2026-11-01", item("镉", fail)), report(fail, "2026-11-20", item("镉", fail))}, state: stateFail, zh: "不合格（镉）", en: "Failed (镉)", by: "2026-11-20", each: 2},
		"newest of passes": {reports: []traceability.ReportRecord{report(pass, "2026-11-01"), report(pass, "2026-11-20")}, state: statePass, zh: "合格", en: "Passed", by: "2026-11-20", each: 2},
		"problem":          {reports: []traceability.ReportRecord{report(pass, "2026-11-20"), report(problem, "2026-11-01", item("镉", problem))}, state: stateProblem, zh: "有问题项（镉）", en: "Problem found (镉)", by: "2026-11-01", each: 2},
		"not judged":       {reports: []traceability.ReportRecord{report(open, "")}, state: stateNotJudged, zh: "未作判定", en: "Not judged"},
		"judged and not":   {reports: []traceability.ReportRecord{report(open, "2026-11-20"), report(pass, "2026-11-01")}, state: statePass, zh: "合格", en: "Passed", by: "2026-11-01", each: 2},
		"corrected": {reports: []traceability.ReportRecord{superseded(report(fail, "2026-11-01", item("镉", fail))), second(report(pass, "2026-11-20", item("镉", pass)))},
			state: statePass, zh: "合格", en: "Passed", by: "2026-11-20", alerts: []Key{"verdict.corrected"}},
		"withdrawn":     {reports: []traceability.ReportRecord{superseded(report(fail, "2026-11-01", item("镉", fail)))}, state: stateNone, zh: "无抽检记录", en: "No test record", alerts: []Key{"verdict.withdrawn"}},
		"contradiction": {reports: []traceability.ReportRecord{report(pass, "2026-11-20", item("镉", fail))}, state: statePass, zh: "合格", en: "Passed", by: "2026-11-20", alerts: []Key{"verdict.differs"}},
		"out of scope":  {reports: []traceability.ReportRecord{outside(report(pass, "2026-11-20", item("镉", pass)), 1)}, state: statePass, zh: "合格", en: "Passed", by: "2026-11-20", alerts: []Key{"verdict.out_of_scope"}},
		"suspended lab": {reports: []traceability.ReportRecord{report(pass, "2026-11-20")}, suspended: true, state: statePass, zh: "合格", en: "Passed", by: "2026-11-20", alerts: []Key{"verdict.lab_suspended"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			party := traceability.PartyRecord{Province: traceability.Zhejiang, Status: traceability.PartyActive, Admission: &traceability.Admission{Party: lab, Name: "示例检测"}}
			if test.suspended {
				party.Status = traceability.PartySuspended
			}
			rec := &records{parties: map[traceability.PartyID]traceability.PartyRecord{lab: party}, reports: test.reports}
			current, superseded := inForce(rec.reports)
			for lang, want := range map[Lang]string{LangZH: test.zh, LangEN: test.en} {
				v := judge(lang, rec.reportViews(lang, current), rec.published(), len(superseded) > 0, false)
				if v.State != test.state {
					t.Errorf("state is %s, not %s", v.State, test.state)
				}
				if diff := cmp.Diff([]string{want}, said(t, lang, v.Word)); diff != "" {
					t.Error(diff)
				}
				said(t, lang, v.Notes...)
				said(t, lang, v.Alerts...)
				var alerts []Key
				for _, alert := range v.Alerts {
					alerts = append(alerts, alert.Key)
				}
				if diff := cmp.Diff(test.alerts, alerts); diff != "" {
					t.Errorf("alerts (-want +got):\n%s", diff)
				}
				if len(v.Each) != test.each {
					t.Errorf("%d reports are listed, not %d", len(v.Each), test.each)
				}
				if v.Day != test.by || (v.By == "示例检测") != (len(current) > 0) {
					t.Errorf("decided by %q on %q, not on %q", v.By, v.Day, test.by)
				}
			}
		})
	}
}

// TestItemsOrder holds what of a long report is open and what is folded.
func TestItemsOrder(t *testing.T) {
	t.Parallel()
	layOut := func(n int, change func([]traceability.Item), outside ...int) *reportView {
		var items []traceability.Item
		for i := 1; i <= n; i++ {
			items = append(items, traceability.Item{Seq: i, Verdict: traceability.VerdictPass})
		}
		if change != nil {
			change(items)
		}
		r := &reportView{items: items, outOfScope: outside}
		r.layOut(min(n, maxItemsShown))
		return r
	}
	seqs := func(items []itemView) (list []int) {
		for _, i := range items {
			list = append(list, i.Seq)
		}
		return list
	}
	if r := layOut(11, nil); len(r.Shown) != 11 || len(r.Folded) != 0 {
		t.Errorf("11 items: %d open, %d folded; a few are not worth a fold", len(r.Shown), len(r.Folded))
	}
	r := layOut(56, func(items []traceability.Item) {
		items[40].Verdict, items[50].Verdict = traceability.VerdictFail, traceability.VerdictProblem
	}, 30)
	if diff := cmp.Diff([]int{41, 51, 30, 1, 2, 3, 4, 5}, seqs(r.Shown)); diff != "" {
		t.Errorf("open items (-want +got):\n%s", diff)
	}
	if len(r.Folded) != 48 || r.Unlisted != 0 {
		t.Errorf("%d folded, %d unlisted", len(r.Folded), r.Unlisted)
	}
	r = layOut(40, func(items []traceability.Item) {
		for i := range 20 {
			items[i].Verdict = traceability.VerdictFail
		}
	})
	if len(r.Shown) != 20 {
		t.Errorf("%d of 20 failed items are open", len(r.Shown))
	}
	if r := layOut(maxItemsShown+7, nil); r.Unlisted != 7 {
		t.Errorf("%d unlisted, not 7", r.Unlisted)
	}
}
