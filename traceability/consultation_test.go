package traceability_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

func TestConsultationID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]traceability.ConsultationID{
		"330000/HS-2026-01": "330000/HS-2026-01",
		"330000/ＨＳ-1":       "330000/HS-1",
		"330000/2026%2F1":   "330000/2026%2F1",
		"330000/会商%281%29":  traceability.NewConsultationID(traceability.Zhejiang, "会商（1）"),
		"110000/1":          "",
		"330000/":           "",
		"330000/%20":        "",
		"330000/a/b":        "",
		"330000/%zz":        "",
		"330000":            "",
		"":                  "",
	} {
		if got, err := traceability.ParseConsultationID(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", in, got, err, want)
		}
	}
}

func FuzzParseConsultationID(f *testing.F) {
	f.Add("330000/HS-2026-01")
	f.Add("330000/%2F")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := traceability.ParseConsultationID(s)
		if err != nil {
			return
		}
		if again, err := traceability.ParseConsultationID(string(id)); err != nil || again != id {
			t.Errorf("%q is %q, and that %q, %v", s, id, again, err)
		}
	})
}

func aConsultation() *traceability.ConsultationOpen {
	return &traceability.ConsultationOpen{Ref: "HS-1", At: morning, Title: "韭菜中腐霉利", Parameters: []string{"腐霉利"}, Products: []string{"食用农产品"}, Regions: []traceability.DivisionCode{"330100"},
		Question: "是否加强抽检", RespondBy: traceability.DateOf(morning), Reports: []traceability.ReportID{"lab:230912340001/A/1"}}
}

func TestConsultationChecks(t *testing.T) {
	t.Parallel()
	open := func(change func(*traceability.ConsultationOpen)) *traceability.ConsultationOpen {
		o := aConsultation()
		change(o)
		return o
	}
	act := func(a traceability.ConsultationAct) *traceability.ConsultationAct {
		a.Consultation, a.At = "330000/HS-1", morning
		return &a
	}
	warning := &traceability.Resolution{Level: traceability.LevelWarning, ReviewOn: "2027-01-01"}
	for _, c := range []struct {
		name     string
		payload  traceability.Payload
		problems []string
	}{
		{"open", aConsultation(), nil},
		{"open nothing", &traceability.ConsultationOpen{}, []string{"missing ref", "missing at", "missing title", "missing parameters", "missing products", "missing question", "missing respond_by", "missing evidence"}},
		{"open without grounds", open(func(o *traceability.ConsultationOpen) { o.Reports = nil }), []string{"missing evidence"}},
		{"open by a proposal", open(func(o *traceability.ConsultationOpen) {
			o.Reports, o.Proposal = nil, traceability.ProposalID(strings.Repeat("0a", 16))
		}), nil},
		{"open by something else", open(func(o *traceability.ConsultationOpen) { o.Proposal = "0A" }), []string{"invalid proposal"}},
		{"answered before it is asked", open(func(o *traceability.ConsultationOpen) { o.RespondBy = traceability.DateOf(morning).AddDays(-1) }), []string{"invalid respond_by"}},
		{"a ref of spaces", open(func(o *traceability.ConsultationOpen) { o.Ref = " " }), []string{"invalid ref"}},
		{"a notice in full width", open(func(o *traceability.ConsultationOpen) {
			o.Notices = []traceability.NoticeID{"ＤＢＪ25330100319130599"}
		}), []string{"invalid notices[0]"}},
		{"no act", &traceability.ConsultationAct{}, []string{"invalid consultation", "missing at", "invalid act"}},
		{"opine", act(traceability.ConsultationAct{Act: traceability.ActOpine, Opinion: "同意", Level: traceability.LevelAttention}), nil},
		{"opine without a word", act(traceability.ConsultationAct{Act: traceability.ActOpine, Level: "panic"}), []string{"missing opinion", "invalid level"}},
		{"opine with a vote", act(traceability.ConsultationAct{Act: traceability.ActOpine, Opinion: "同意", Vote: traceability.VoteYes}), []string{"invalid vote"}},
		{"draft", act(traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: warning}), nil},
		{"draft without review", act(traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: &traceability.Resolution{Level: traceability.LevelAlert}}), []string{"invalid resolution.review_on"}},
		{"draft of nothing", act(traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: &traceability.Resolution{}}), []string{"missing resolution.level", "invalid resolution.review_on"}},
		{"no warning, reviewed", act(traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: &traceability.Resolution{Level: traceability.LevelNone, ReviewOn: "2027-01-01"}}), []string{"invalid resolution.review_on"}},
		{"vote", act(traceability.ConsultationAct{Act: traceability.ActVote, Draft: 1, Vote: traceability.VoteAbstain}), nil},
		{"vote no for no reason", act(traceability.ConsultationAct{Act: traceability.ActVote, Draft: 1, Vote: traceability.VoteNo}), []string{"missing reason"}},
		{"vote maybe", act(traceability.ConsultationAct{Act: traceability.ActVote, Draft: -1, Vote: "maybe"}), []string{"invalid draft", "invalid vote"}},
		{"keep", act(traceability.ConsultationAct{Act: traceability.ActReview, Decision: traceability.ReviewKeep, ReviewOn: "2027-01-01", Reason: "x"}), nil},
		{"keep until never", act(traceability.ConsultationAct{Act: traceability.ActReview, Decision: traceability.ReviewKeep, Reason: "x"}), []string{"invalid review_on"}},
		{"change into nothing", act(traceability.ConsultationAct{Act: traceability.ActReview, Decision: traceability.ReviewChange, Reason: "x"}), []string{"invalid resolution"}},
		{"lift into something", act(traceability.ConsultationAct{Act: traceability.ActReview, Decision: traceability.ReviewLift, Resolution: warning, Reason: "x"}), []string{"invalid resolution"}},
		{"publish nothing", act(traceability.ConsultationAct{Act: traceability.ActPublish, Advice: &traceability.Advice{}}), []string{"missing advice.title", "missing advice.text"}},

		{"quorum", &traceability.Quorum{Matter: traceability.MatterConsultation, Revision: 1, Voting: 3, Approving: 2, Basis: "x", EffectiveFrom: "2026-01-01"}, nil},
		{"quorum of nothing", &traceability.Quorum{}, []string{"invalid matter", "invalid revision", "invalid voting", "invalid approving", "missing basis", "missing effective_from"}},
		{"more yes than votes", &traceability.Quorum{Matter: traceability.MatterConsultation, Revision: 1, Voting: 2, Approving: 3, Basis: "x", EffectiveFrom: "2026-01-01"}, []string{"invalid approving"}},
		{"recurrence of nothing", &traceability.Recurrence{}, []string{"invalid id", "invalid revision", "invalid window_days", "invalid provinces", "invalid count", "missing tasks", "missing parameters", "missing categories", "missing basis", "missing effective_from"}},
		{"fewer samples than provinces", &traceability.Recurrence{ID: "R", Revision: 1, WindowDays: 30, Provinces: 3, Count: 2, Tasks: []traceability.Task{"sport"}, Parameters: []string{"*"}, Categories: []string{"*"}, Basis: "x", EffectiveFrom: "2026-01-01"}, []string{"invalid count", "invalid tasks[0]"}},
		{"limit of nothing", &traceability.Limit{}, []string{"missing parameter", "missing category", "invalid revision", "invalid op", "missing value", "missing standard", "missing source", "missing effective_from"}},
		{"a forbidden number", &traceability.Limit{Parameter: "a", Category: "b", Revision: 1, Operator: traceability.LimitForbidden, Value: "0", Standard: "x", Source: "x", EffectiveFrom: "2026-01-01", EffectiveTo: "2025-01-01"}, []string{"invalid value", "invalid effective_to"}},
		{"a plan without plan", &traceability.Limit{Parameter: "a", Category: "b", Revision: 1, Operator: traceability.LimitPlan, Standard: "x", Source: "x", EffectiveFrom: "2026-01-01"}, []string{"invalid plan"}},
		{"a plan upside down", &traceability.Limit{Parameter: "a", Category: "b", Revision: 1, Operator: traceability.LimitPlan, Plan: &traceability.SamplingPlan{N: 5, C: 6, Lower: "10", Higher: "1"}, Standard: "x", Source: "x", EffectiveFrom: "2026-01-01"}, []string{"invalid plan.c", "invalid plan.M"}},
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

// The table of moves is whole: each act once, every phase is reached and has its
// words, and guards are of acts.
func TestConsultationMoves(t *testing.T) {
	t.Parallel()
	seen := make(map[traceability.Act]bool)
	reachable := map[traceability.ConsultationPhase]bool{traceability.ConsultationRunning: true}
	for _, m := range traceability.ConsultationMoves() {
		zh, en := m.By.Words()
		if seen[m.Act] || len(m.From) == 0 || m.ZH == "" || m.EN == "" || zh == "" || en == "" {
			t.Errorf("%s: %+v", m.Act, m)
		}
		seen[m.Act] = true
		for _, p := range m.To {
			reachable[p] = true
		}
	}
	for _, p := range traceability.ConsultationPhases() {
		if zh, en := p.Words(); !reachable[p] || zh == "" || en == "" {
			t.Errorf("%s: reachable %v, %q %q", p, reachable[p], zh, en)
		}
	}
	for _, g := range traceability.ConsultationGuards() {
		if !seen[g.Act] {
			t.Errorf("a guard of %s, which is no act", g.Act)
		}
	}
}

// A consultation is the regulators' own; the public sees its summary once there is
// one, and neither opinions nor votes nor measures.
func TestViewerConsultation(t *testing.T) {
	t.Parallel()
	const canary = "欧阳明珠"
	record := traceability.ConsultationRecord{
		Consultation: traceability.Consultation{ID: "330000/HS-1", Phase: traceability.ConsultationReviewing, Initiator: traceability.Zhejiang, Title: canary, Parameters: []string{canary}, Products: []string{canary},
			Opinions: []traceability.Opinion{{Province: traceability.Anhui, Level: traceability.LevelAlert}}, Drafts: []traceability.Draft{{N: 1, Resolution: &traceability.Resolution{Measures: []string{canary}}}},
			Resolution: &traceability.Resolution{Level: traceability.LevelWarning, Measures: []string{canary}}},
		History: []traceability.ConsultationEntry{{Act: &traceability.ConsultationAct{Opinion: canary}}},
	}
	for viewer, sees := range map[traceability.PartyID]bool{"": false, lab: false, unit: false, "reg:330000": true, "reg:340000": true} {
		if _, ok := (traceability.Viewer{As: viewer}).Consultation(record); ok != sees {
			t.Errorf("unpublished, %q: %v", viewer, ok)
		}
	}
	record.Published = []traceability.Published{{Advice: traceability.Advice{Title: canary, Text: canary}}, {At: morning, Advice: traceability.Advice{Title: "提示", Text: "请留意"}, Resolution: record.Resolution}}
	for _, viewer := range []traceability.PartyID{"", lab, unit} {
		shown, ok := traceability.Viewer{As: viewer}.Consultation(record)
		text, err := json.Marshal(shown)
		if !ok || err != nil || strings.Contains(string(text), canary) || shown.Opinions != nil || shown.Drafts != nil || shown.History != nil {
			t.Errorf("published, %q: %v %v %s", viewer, ok, err, text)
		}
		if shown.Phase != traceability.ConsultationResolved || len(shown.Published) != 1 || shown.Published[0].Resolution.Level != traceability.LevelWarning || shown.Published[0].Advice.Text != "请留意" {
			t.Errorf("published, %q: %s", viewer, text)
		}
	}
	if record.Published[1].Resolution.Measures == nil {
		t.Error("the record itself was changed")
	}
	pending := traceability.AgreementRecord{}
	if _, ok := (traceability.Viewer{As: lab}).Agreement(pending); ok {
		t.Error("a laboratory sees what is only proposed")
	}
	if _, ok := (traceability.Viewer{As: "reg:310000"}).Agreement(pending); !ok {
		t.Error("a regulator does not")
	}
	if _, ok := (traceability.Viewer{}).Agreement(traceability.AgreementRecord{InForce: morning}); !ok {
		t.Error("the public does not see what is in force")
	}
}

// TestConsultationsPageIsCurrent keeps docs/consultations.md equal to the tables.
func TestConsultationsPageIsCurrent(t *testing.T) {
	t.Parallel()
	holdPage(t, "docs/consultations.md", consultationsPage(t))
}

func consultationsPage(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# How a joint risk consultation goes\n\nMade from `traceability.ConsultationMoves`, `ConsultationGuards` and `traceability/reference` by `go test ./traceability -run TestConsultationsPageIsCurrent -update`; change it there. The rules judge by the same table.\n\n" +
		"A province's regulator opens a consultation (`consultation.open`) about hazards and product groups, and names what it rests on: notices and reports on the ledger, papers by their hash, or the proposal that it answers. Everything after that is a move (`consultation.act`). Opinions and votes after `respond_by` are accepted and marked late. It is the regulators' own; once a summary is published (`publish`), the public sees that summary, its level and day of review, and nothing else.\n\n## States\n\n| state | 状态 |\n|---|---|\n")
	for _, p := range traceability.ConsultationPhases() {
		zh, _ := p.Words()
		fmt.Fprintf(&b, "| `%s` | %s |\n", p, zh)
	}
	b.WriteString("\n## Moves\n\n| act | 操作 | by | from | to | needs | may have |\n|---|---|---|---|---|---|---|\n")
	for _, m := range traceability.ConsultationMoves() {
		zh, _ := m.By.Words()
		fmt.Fprintf(&b, "| `%s` | %s | %s %s | %s | %s | %s | %s |\n", m.Act, m.ZH, m.By, zh, words(m.From), words(m.To), words(m.Needs), words(m.May))
	}
	b.WriteString("\n## What must hold besides\n\n| act | | |\n|---|---|---|\n")
	for _, g := range traceability.ConsultationGuards() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", g.Act, g.EN, g.ZH)
	}
	b.WriteString("\n## Warning levels\n\n| level | 级别 |\n|---|---|\n")
	for _, level := range []traceability.WarningLevel{traceability.LevelNone, traceability.LevelAttention, traceability.LevelWarning, traceability.LevelAlert} {
		zh, _ := level.Words()
		fmt.Fprintf(&b, "| `%s` | %s |\n", level, zh)
	}
	documents, err := reference.Documents()
	if err != nil {
		t.Fatal(err)
	}
	b.WriteString("\n## Quorum\n\nAgreed by three provinces (`quorum.set`); these are shipped to start with.\n\n| matter | provinces that vote | of them yes | from | basis | note |\n|---|---|---|---|---|---|\n")
	for _, d := range documents {
		if q, ok := d.Payload.(*traceability.Quorum); ok {
			fmt.Fprintf(&b, "| %s | %d | %d | %s | %s | %s |\n", q.Matter, q.Voting, q.Approving, q.EffectiveFrom, q.Basis, q.Note)
		}
	}
	b.WriteString("\n## Recurrence\n\nA consultation is proposed when samples fail by the same hazard in the same product group, in so many provinces within so many days. The hazard is the test parameter, folded and without its brackets; the product group is the report's 分类 down to the first `/`; the province is the one that the sampling number names, or else the sampled establishment's credit code; the day is the report's. Replaced reports and overturned notices do not count. The rules are agreed by three provinces (`recurrence.set`); this one is shipped to start with. `GET /v1/consultations/proposals` lists what they propose, to regulators.\n\n| rule | days | provinces | samples | tasks | parameters | product groups | from | basis | note |\n|---|---|---|---|---|---|---|---|---|---|\n")
	for _, d := range documents {
		if r, ok := d.Payload.(*traceability.Recurrence); ok {
			fmt.Fprintf(&b, "| %s | %d | %d | %d | %s | %s | %s | %s | %s | %s |\n", r.ID, r.WindowDays, r.Provinces, r.Count, words(r.Tasks), words(r.Parameters), words(r.Categories), r.EffectiveFrom, r.Basis, r.Note)
		}
	}
	return b.String()
}

func failure(report string, province traceability.ProvinceCode, day traceability.Date) traceability.Failure {
	return traceability.Failure{Report: traceability.NewReportID(lab, report, 1), Hazard: "腐霉利", Group: "食用农产品", Province: province, Task: traceability.TaskSupervision, Day: day}
}

func TestRecurrence(t *testing.T) {
	t.Parallel()
	rule := &traceability.Recurrence{ID: "R", Revision: 1, WindowDays: 30, Provinces: 2, Count: 3, Tasks: []traceability.Task{traceability.TaskSupervision}, Parameters: []string{"腐霉利（以…计）", "毒死蜱"}, Categories: []string{"食用农产品/蔬菜"}}
	sh, js := traceability.Shanghai, traceability.Jiangsu
	first, second := failure("1", sh, "2026-10-01"), failure("2", sh, "2026-10-10")
	ended := failure("0", js, "2026-10-05")
	ended.Ended = true
	commissioned := failure("4", js, "2026-10-05")
	commissioned.Task = traceability.TaskCommissioned
	for _, c := range []struct {
		name   string
		new    traceability.Failure
		others []traceability.Failure
		met    int
	}{
		{"too few", failure("3", js, "2026-10-12"), []traceability.Failure{first}, 0},
		{"one province", failure("3", sh, "2026-10-12"), []traceability.Failure{first, second}, 0},
		{"met", failure("3", js, "2026-10-12"), []traceability.Failure{first, second}, 3},
		{"on the window's last day", failure("3", js, "2026-10-30"), []traceability.Failure{first, second}, 3},
		{"a day later", failure("3", js, "2026-10-31"), []traceability.Failure{first, second}, 0},
		{"reported late, and made in between", failure("3", js, "2026-10-02"), []traceability.Failure{first, second}, 3},
		{"reported late, and made before", failure("3", js, "2026-09-11"), []traceability.Failure{first, second}, 3},
		{"too long before", failure("3", js, "2026-09-10"), []traceability.Failure{first, second}, 0},
		{"with one that was ended", failure("3", js, "2026-10-12"), []traceability.Failure{first, ended}, 0},
		{"with one that does not count", failure("3", js, "2026-10-12"), []traceability.Failure{first, commissioned}, 0},
		{"that does not count itself", commissioned, []traceability.Failure{first, second}, 0},
		{"one report twice", failure("2", js, "2026-10-12"), []traceability.Failure{first, second}, 0},
	} {
		if got := rule.Met(c.new, c.others); len(got) != c.met {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func TestFailuresOf(t *testing.T) {
	t.Parallel()
	r := &traceability.Report{Task: traceability.TaskRiskMonitoring, Sample: traceability.Sample{No: "DBJ25330100319130599", Category: "食用农产品 / 蔬菜", SampledUnit: traceability.Firm{USCC: "91320106MA1FPX121A"}},
		Items: []traceability.Item{{Parameter: "*铅（以Pb计）", Verdict: traceability.VerdictProblem}, {Parameter: "铅(Pb)", Verdict: traceability.VerdictFail}, {Parameter: "镉", Verdict: traceability.VerdictPass}}}
	want := []traceability.Failure{{Report: "x", Hazard: "铅", Group: "食用农产品", Province: traceability.Zhejiang, Task: traceability.TaskRiskMonitoring, Day: traceability.DateOf(morning)}}
	if diff := cmp.Diff(want, traceability.FailuresOf("x", r, morning)); diff != "" {
		t.Error(diff)
	}
	r.Sample.No, r.Issued, want[0].Province, want[0].Day = "DBJ25110100319130599", "2026-01-02", traceability.Jiangsu, "2026-01-02"
	if diff := cmp.Diff(want, traceability.FailuresOf("x", r, morning)); diff != "" {
		t.Error(diff)
	}
	r.Sample.SampledUnit.USCC = ""
	if got := traceability.FailuresOf("x", r, morning); got != nil {
		t.Errorf("sampled nowhere: %v", got)
	}
	r.Sample.No, r.Sample.Category = "DBJ25330100319130599", " "
	if got := traceability.FailuresOf("x", r, morning); got != nil {
		t.Errorf("of no group: %v", got)
	}
}

func FuzzHazardOf(f *testing.F) {
	f.Add("*铅（以Pb计）")
	f.Add("(总)砷")
	f.Fuzz(func(t *testing.T, s string) {
		hazard := traceability.HazardOf(s)
		if again := traceability.HazardOf(string(hazard)); again != hazard {
			t.Errorf("%q is %q, and that %q", s, hazard, again)
		}
		group := traceability.ProductGroupOf(s)
		if again := traceability.ProductGroupOf(string(group)); again != group {
			t.Errorf("%q is of %q, and that of %q", s, group, again)
		}
	})
}

// The edition is chosen by the day the food was made, in China, at midnight.
func TestLimitOn(t *testing.T) {
	t.Parallel()
	limits, err := reference.Limits()
	if err != nil {
		t.Fatal(err)
	}
	of := func(parameter, category string) (list []*traceability.Limit) {
		for _, l := range limits {
			if problems, warnings := l.Check(); len(problems)+len(warnings) > 0 {
				t.Errorf("%s: %v %v", l.Record(), problems, warnings)
			}
			if l.Record() == traceability.LimitKey(parameter, category) {
				list = append(list, l)
			}
		}
		return list
	}
	beforeMidnight := time.Date(2026, 2, 28, 15, 59, 59, 0, time.UTC)
	for _, c := range []struct {
		parameter, category string
		made                traceability.Date
		want                string
	}{
		{"腐霉利", "韭菜", "2021-09-02", ""},
		{"腐霉利", "韭菜", traceability.DateOf(beforeMidnight), "GB 2763-2021"},
		{"腐霉利（残留量）", "韭 菜", traceability.DateOf(beforeMidnight.Add(time.Second)), "GB 2763-2026"},
		{"镉", "甲壳类", "2026-09-01", ""},
		{"镉", "甲壳类", "2026-09-02", "GB 2762-2025"},
		{"脱氢乙酸及其钠盐", "糕点", "2025-02-07", "GB 2760-2014"},
		{"脱氢乙酸及其钠盐", "糕点", "2025-02-08", "GB 2760-2024"},
	} {
		l := traceability.LimitOn(of(c.parameter, c.category), c.made)
		if l == nil && c.want != "" || l != nil && l.Standard != c.want {
			t.Errorf("%s in %s made on %s: got %+v, want %s", c.parameter, c.category, c.made, l, c.want)
		}
	}
	ended := []*traceability.Limit{{Revision: 1, Standard: "open", EffectiveFrom: "2020-01-01"}, {Revision: 2, Standard: "short", EffectiveFrom: "2021-01-01", EffectiveTo: "2021-12-31"}}
	if l := traceability.LimitOn(ended, "2022-01-01"); l != nil {
		t.Errorf("an edition that was replaced came back: %+v", l)
	}
	again := append(ended, &traceability.Limit{Revision: 3, Standard: "mended", EffectiveFrom: "2021-01-01"})
	if l := traceability.LimitOn(again, "2022-01-01"); l == nil || l.Standard != "mended" {
		t.Errorf("the last revision of a day counts: %+v", l)
	}
	crab := of("镉", "甲壳类")[0]
	if !crab.Excludes("速冻虾 蛄") || crab.Excludes("对虾") {
		t.Error("excluded foods")
	}
}

func TestLimitJudge(t *testing.T) {
	t.Parallel()
	limit := func(op traceability.LimitOperator, value traceability.Decimal) *traceability.Limit {
		return &traceability.Limit{Operator: op, Value: value, Unit: "mg/kg"}
	}
	for _, c := range []struct {
		limit        *traceability.Limit
		result, unit string
		want         traceability.Verdict
	}{
		{limit("<=", "0.2"), "0.20", "mg/kg", traceability.VerdictPass},
		{limit("<=", "0.2"), "0.200001", "mg/kg", traceability.VerdictFail},
		{limit("<=", "0.2"), "０.８ ㎎/㎏", "", traceability.VerdictFail},
		{limit("<=", "0.2"), "0.1", "mg/Kg", traceability.VerdictPass},
		{limit("<", "0.2"), "0.2", "mg/kg", traceability.VerdictFail},
		{limit(">=", "0.4"), "0.4", "mg/kg", traceability.VerdictPass},
		{limit(">", "0.4"), "0.4", "mg/kg", traceability.VerdictFail},
		{limit("<=", "0.2"), "0.1", "μg/kg", ""},
		{limit("<=", "0.2"), "0.1", "", ""},
		{limit("<=", "0.2"), "未检出", "mg/kg", ""},
		{limit("<=", "0.2"), "＜0.01", "mg/kg", ""},
		{limit("<=", "10000"), "3.7×10⁴", "mg/kg", ""},
		{limit("<=", "10000"), "10⁵", "mg/kg", ""},
		{limit("<=", "0.2"), "0.1,0.2", "mg/kg", ""},
		{limit("forbidden", ""), "未检出(定量限：0.01)", "mg/kg", traceability.VerdictPass},
		{limit("forbidden", ""), "0.02", "g/kg", traceability.VerdictFail},
		{limit("forbidden", ""), "0", "g/kg", ""},
		{limit("plan", ""), "10", "mg/kg", ""},
	} {
		if got := c.limit.Judge(&traceability.Item{Result: c.result, Unit: c.unit}); got != c.want {
			t.Errorf("%s %s by %s: got %q, want %q", c.result, c.unit, c.limit, got, c.want)
		}
	}
}

func FuzzLimitJudge(f *testing.F) {
	f.Add("<=", "0.2", "0.20", "mg/kg")
	f.Add("forbidden", "", "未检出", "")
	f.Fuzz(func(t *testing.T, op, value, result, unit string) {
		l := &traceability.Limit{Operator: traceability.LimitOperator(op), Value: traceability.Decimal(value), Unit: "mg/kg"}
		switch l.Judge(&traceability.Item{Result: result, Unit: unit}) {
		case "", traceability.VerdictPass, traceability.VerdictFail:
		default:
			t.Errorf("%s %s: another verdict", result, unit)
		}
	})
}
