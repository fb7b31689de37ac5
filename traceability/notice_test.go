package traceability_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

func TestNoticeID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]traceability.NoticeID{
		"DBJ25330100319130599":                              "DBJ25330100319130599",
		"dbj25330100319130599":                              "DBJ25330100319130599",
		"lab:230912340001/SP20269001":                       "lab:230912340001/SP20269001",
		"lab:230912340001/2019%EF%BC%88%E9%A3%9F%EF%BC%89A": traceability.NoticeID(traceability.NewReportID(lab, "2019(食)A", 1).Series()),
		"lab:230912340001":                                  "", "lab:230912340001/": "", "lab:230912340001/A/1": "", "op:91310101MA1FPX121X/A": "", "": "", "/": "",
	} {
		if got, err := traceability.ParseNoticeID(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", in, got, err, want)
		}
	}
	r := sampleReport()
	for _, no := range []traceability.SamplingNo{"", "DBJ25330100319130599"} {
		r.Sample.No = no
		id := traceability.NewNoticeID(lab, r)
		if parsed, err := traceability.ParseNoticeID(string(id)); err != nil || parsed != id {
			t.Errorf("%s: %q, %v", id, parsed, err)
		}
	}
}

func TestDrafts(t *testing.T) {
	t.Parallel()
	r := traceability.ReportRecord{ID: "lab:230912340001/SP1/1", Report: traceability.Report{
		TaskName: "市级监督抽检", Sample: traceability.Sample{No: "DBJ25330100319130599", FoodName: "生菜", Batch: "A01", SampledUnit: traceability.Firm{Name: "甲市场A号"},
			ClaimedProducer: traceability.Firm{Name: "南京示例食品有限公司", USCC: "91320106MA1FPX121A"}},
		Items: []traceability.Item{
			{Seq: 1, Parameter: "铅", Result: "0.1", Limit: "≤0.3", Unit: "mg/kg", Verdict: traceability.VerdictPass},
			{Seq: 2, Parameter: "毒死蜱", Result: "0.37", Limit: "≤0.02", Unit: "mg/kg", Verdict: traceability.VerdictFail},
			{Seq: 3, Parameter: "pH", Result: "3", Limit: "", Unit: "/", Verdict: traceability.VerdictFail},
		},
	}}
	draft := traceability.DraftNotice(&r, morning)
	if want := (traceability.NoticeIssue{Report: r.ID, At: morning, SampledIn: "330100", ProducedIn: "320106"}); !cmp.Equal(want, draft) {
		t.Errorf("notice: got %+v", draft)
	}
	row := traceability.DraftRow(&r.Report, "示例检测")
	want := []traceability.FailedRow{{Parameter: "毒死蜱", Result: "0.37mg/kg", Limit: "≤0.02mg/kg"}, {Parameter: "pH", Result: "3"}}
	if diff := cmp.Diff(want, row.Failures); diff != "" || row.Lab != "示例检测" || row.Producer.USCC != "91320106MA1FPX121A" || row.Batch != "A01" {
		t.Errorf("row: %s\n%+v", diff, row)
	}
}

func FuzzParseNoticeID(f *testing.F) {
	f.Add("DBJ25330100319130599")
	f.Add("lab:230912340001/SP20269001")
	f.Add("lab:230912340001/%2F")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := traceability.ParseNoticeID(s)
		if err != nil {
			return
		}
		if again, err := traceability.ParseNoticeID(string(id)); err != nil || again != id {
			t.Errorf("%q is %q, and that %q, %v", s, id, again, err)
		}
	})
}

func TestNoticeChecks(t *testing.T) {
	t.Parallel()
	act := func(a traceability.NoticeAct) *traceability.NoticeAct {
		a.Notice, a.At = "DBJ25330100319130599", morning
		return &a
	}
	evidence := []traceability.Evidence{{Name: "照片"}}
	for _, c := range []struct {
		name     string
		payload  traceability.Payload
		problems []string
	}{
		{"issue", &traceability.NoticeIssue{Report: "lab:230912340001/A/1", At: morning, Stage: traceability.StageCatering, Packaging: traceability.Bulk, SampledIn: "330106"}, nil},
		{"issue of nothing", &traceability.NoticeIssue{}, []string{"missing report", "missing at", "invalid stage", "invalid packaging", "missing sampled_in"}},
		{"issue with a shop for a platform", &traceability.NoticeIssue{Report: "lab:230912340001/A/1", At: morning, Stage: traceability.StageCatering, Packaging: traceability.Bulk, SampledIn: "330106", Platform: "op:91310101MA1FPX121X"}, []string{"invalid platform"}},
		{"half seconds", &traceability.NoticeAct{Notice: "DBJ25330100319130599", Act: traceability.ActDispatch, At: morning.Add(time.Second / 2)}, []string{"invalid at"}},
		{"no act", &traceability.NoticeAct{}, []string{"missing notice", "missing at", "invalid act"}},
		{"dispatch", act(traceability.NoticeAct{Act: traceability.ActDispatch}), nil},
		{"dispatch with a verdict", act(traceability.NoticeAct{Act: traceability.ActDispatch, Verdict: traceability.VerdictPass}), []string{"invalid verdict"}},
		{"serve nobody", act(traceability.NoticeAct{Act: traceability.ActServe}), []string{"missing for", "missing evidence"}},
		{"serve the moon", act(traceability.NoticeAct{Act: traceability.ActServe, For: "moon", Evidence: evidence}), []string{"invalid for"}},
		{"not ours, for no reason", act(traceability.NoticeAct{Act: traceability.ActAnswer, Answer: traceability.AnswerNotOurs}), []string{"missing reason", "missing evidence"}},
		{"forward to nobody", act(traceability.NoticeAct{Act: traceability.ActAnswer, Answer: traceability.AnswerForward, Reason: "x"}), []string{"invalid to"}},
		{"accept to somebody", act(traceability.NoticeAct{Act: traceability.ActAnswer, Answer: traceability.AnswerAccept, To: traceability.Anhui}), []string{"invalid to"}},
		{"items twice", act(traceability.NoticeAct{Act: traceability.ActReinspectionApply, For: traceability.ToUnit, Reason: "x", Items: []int{2, 2}}), []string{"invalid items[1]"}},
		{"a shop to re-inspect", act(traceability.NoticeAct{Act: traceability.ActReinspectionAssign, Lab: "op:91310101MA1FPX121X"}), []string{"invalid lab"}},
		{"a cause without its step", act(traceability.NoticeAct{Act: traceability.ActHandlingStep, Link: traceability.LinkCatering, Step: traceability.StepStart, Reason: "x", Cause: traceability.CauseOther}), []string{"invalid cause"}},
		{"the step without a cause", act(traceability.NoticeAct{Act: traceability.ActHandlingStep, Link: traceability.LinkCatering, Step: traceability.StepCause, Reason: "x"}), []string{"invalid cause"}},
		{"an objection overturned", act(traceability.NoticeAct{Act: traceability.ActObjectionDecide, For: traceability.ToUnit, Kind: traceability.ObjectResult, Reason: "x", Decision: traceability.Overturned}), []string{"invalid decision"}},
		{"a notice rejected", act(traceability.NoticeAct{Act: traceability.ActDetermine, Reason: "x", Decision: traceability.Rejected}), []string{"invalid decision"}},
		{"an empty row", act(traceability.NoticeAct{Act: traceability.ActPublish, Row: &traceability.PublicRow{}}), []string{"missing row.food_name", "missing row.failures"}},
		{"a hash that is none", act(traceability.NoticeAct{Act: traceability.ActDispatch, Evidence: []traceability.Evidence{{Name: "x", SHA256: "1"}}}), []string{"invalid evidence[0].sha256"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			problems, _ := c.payload.Check()
			if diff := cmp.Diff(c.problems, places(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// The table of moves is whole: each act once, nothing leads nowhere, every phase
// and progress has its words, and every period is one that is shipped.
func TestNoticeMoves(t *testing.T) {
	t.Parallel()
	documents, err := reference.Documents()
	if err != nil {
		t.Fatal(err)
	}
	shipped := make(map[traceability.TimerID]bool)
	for _, d := range documents {
		if timer, ok := d.Payload.(*traceability.Timer); ok {
			shipped[timer.ID] = true
		}
	}
	seen := make(map[traceability.Act]bool)
	reachable := map[traceability.Phase]bool{traceability.PhaseIssued: true}
	for _, m := range traceability.NoticeMoves() {
		if seen[m.Act] || len(m.By) == 0 || len(m.From) == 0 || m.ZH == "" || m.EN == "" || (m.Part != "") != (len(m.Before) > 0) {
			t.Errorf("%s: %+v", m.Act, m)
		}
		seen[m.Act] = true
		for _, p := range m.To {
			reachable[p] = true
		}
		for _, id := range slices.Concat(m.Stops, m.Lapses, m.Starts) {
			if !shipped[id] {
				t.Errorf("%s: no timer %s is shipped", m.Act, id)
			}
		}
		for _, role := range m.By {
			if zh, en := role.Words(); zh == "" || en == "" {
				t.Errorf("%s has no words", role)
			}
		}
		for _, progress := range slices.Concat(m.Before, m.After) {
			if zh, en := progress.Words(); zh == "" || en == "" {
				t.Errorf("%s has no words", progress)
			}
		}
		if zh, en := m.Part.Words(); m.Part != "" && (zh == "" || en == "") {
			t.Errorf("%s has no words", m.Part)
		}
	}
	for _, p := range traceability.Phases() {
		if zh, en := p.Words(); !reachable[p] || zh == "" || en == "" {
			t.Errorf("%s: reachable %v, %q %q", p, reachable[p], zh, en)
		}
	}
	for _, g := range traceability.Guards() {
		if !seen[g.Act] {
			t.Errorf("a guard of %s, which is no act", g.Act)
		}
	}
}

// TestNoticesPageIsCurrent keeps docs/notices.md equal to the tables.
func TestNoticesPageIsCurrent(t *testing.T) {
	t.Parallel()
	holdPage(t, "docs/notices.md", noticesPage(t))
}

func noticesPage(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# How a notice lives

Made from ` + "`traceability.NoticeMoves`, `Guards` and `traceability/reference` by `go test ./traceability -run TestNoticesPageIsCurrent -update`" + `; change it there. The rules judge by the same table.

A sample that failed has one notice. Its organising province issues it (` + "`notice.issue`" + `); everything after that is a move (` + "`notice.act`" + `), signed by whoever makes it. A move that is not in the table is refused with the reason: where the notice stands, and what may be done by whom. A move after its period is accepted and marked: ` + "`late`" + `, or ` + "`recorded_late`" + ` when its signer dates it in time but said it afterwards, or ` + "`unknown`" + ` when the ledger lacks the calendar or the rule to tell. Nothing is deleted.

## Who

| role | 角色 | |
|---|---|---|
`)
	for _, role := range []traceability.Role{traceability.RoleOrganiser, traceability.RoleConcerned, traceability.RoleResponsible, traceability.RoleUnit, traceability.RoleProducer, traceability.RoleLab, traceability.RoleRelab} {
		zh, en := role.Words()
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", role, zh, en)
	}
	b.WriteString("\nWho is responsible depends on the recipient (`for`) or the link (`link`) that the act names: the regulator of its province, and the organiser where that is none of the four, or has answered `not_ours`. Sampled establishment and claimed producer may let their regulator speak for them.\n\n## States\n\n| state | 状态 |\n|---|---|\n")
	for _, p := range traceability.Phases() {
		zh, _ := p.Words()
		fmt.Fprintf(&b, "| `%s` | %s |\n", p, zh)
	}
	b.WriteString("\n## Moves\n\nA part (each province, the re-inspection, each objection, each link's handling) has a progress of its own.\n\n| act | 操作 | by | from | to | part: before → after | needs | may have | ends | lapses | begins |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, m := range traceability.NoticeMoves() {
		part := ""
		if m.Part != "" {
			part = fmt.Sprintf("%s: %s", m.Part, words(m.Before))
			if len(m.After) > 0 {
				part += " → " + words(m.After)
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", m.Act, m.ZH, words(m.By), words(m.From), words(m.To), part,
			words(m.Needs), words(m.May), words(m.Stops), words(m.Lapses), words(m.Starts))
	}
	b.WriteString("\n## What must hold besides\n\n| act | | |\n|---|---|---|\n")
	for _, g := range traceability.Guards() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", g.Act, g.EN, g.ZH)
	}
	b.WriteString("\n## Periods\n\nThe periods that are shipped. On a ledger those count that three provinces have signed (`timer.set`), from their `effective_from` on. wd is a working day by the calendars on the ledger (`calendar.set`), d a calendar day, h an hour; the day of the trigger is not counted. Confidence: A read in the text, B agreed among published sources, C to be confirmed.\n\n| id | trigger → act | by | limit | basis | conf. | note |\n|---|---|---|---|---|---|---|\n")
	documents, err := reference.Documents()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range documents {
		if timer, ok := d.Payload.(*traceability.Timer); ok {
			limit := fmt.Sprintf("%d %s", timer.Amount, timer.Unit)
			if timer.Extension > 0 {
				limit += fmt.Sprintf(" (+%d)", timer.Extension)
			}
			fmt.Fprintf(&b, "| %s | %s → %s | %s | %s | %s | %s | %s |\n", timer.ID, timer.Trigger, timer.Act, timer.Actor, limit, timer.Basis, timer.Confidence, timer.Note)
		}
	}
	return b.String()
}

func words[T ~string](list []T) string {
	var texts []string
	for _, word := range list {
		texts = append(texts, string(word))
	}
	return strings.Join(texts, ", ")
}
