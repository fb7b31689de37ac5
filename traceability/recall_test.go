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

const recalledLot traceability.LotID = "cn/91320106MA1FPX121A/SC-01/A01"

func TestRecallChecks(t *testing.T) {
	t.Parallel()
	open := func(more func(*traceability.RecallOpen)) *traceability.RecallOpen {
		o := &traceability.RecallOpen{Lots: []traceability.LotID{recalledLot}, At: morning, Hazard: "农药残留", Reason: "抽检不合格"}
		more(o)
		return o
	}
	act := func(a traceability.RecallAct) *traceability.RecallAct {
		a.Recall, a.At = traceability.RecallID(recalledLot), morning
		return &a
	}
	progress := func(unit traceability.Unit, list ...traceability.RecallAmount) *traceability.RecallAct {
		return act(traceability.RecallAct{Act: traceability.ActProgress, Unit: unit, Amounts: list})
	}
	for _, c := range []struct {
		name     string
		payload  traceability.Payload
		problems []string
	}{
		{"open", open(func(*traceability.RecallOpen) {}), nil},
		{"open nothing", &traceability.RecallOpen{}, []string{"missing lots", "missing at", "missing hazard", "missing reason"}},
		{"a lot twice", open(func(o *traceability.RecallOpen) { o.Lots = append(o.Lots, recalledLot) }), []string{"invalid lots[1]"}},
		{"a lot that is none", open(func(o *traceability.RecallOpen) { o.Lots[0] = "x" }), []string{"invalid lots[0]"}},
		{"too many lots", open(func(o *traceability.RecallOpen) {
			o.Lots = nil
			for i := range 101 {
				o.Lots = append(o.Lots, traceability.LotID(fmt.Sprintf("cn/91320106MA1FPX121A/SC-01/%d", i)))
			}
		}), []string{"too_many lots"}},
		{"level IV, a notice that is none, a region that is none", open(func(o *traceability.RecallOpen) {
			o.Level, o.Notice, o.Regions = "IV", "x/y", []traceability.DivisionCode{"31"}
		}),
			[]string{"invalid notice", "invalid level", "invalid regions[0]"}},
		{"regions", open(func(o *traceability.RecallOpen) {
			o.Regions = []traceability.DivisionCode{"310000", traceability.Abroad}
		}), nil},
		{"a region twice", open(func(o *traceability.RecallOpen) { o.Regions = []traceability.DivisionCode{"310000", "310000", ""} }), []string{"invalid regions[1]", "missing regions[2]"}},
		{"no act", &traceability.RecallAct{}, []string{"missing recall", "missing at", "invalid act"}},
		{"plan nothing", act(traceability.RecallAct{Act: traceability.ActPlan}), []string{"missing level", "missing measures"}},
		{"plan with an effect", act(traceability.RecallAct{Act: traceability.ActPlan, Level: "I", Measures: "x", Effect: "effective"}), []string{"invalid effect"}},
		{"assess", act(traceability.RecallAct{Act: traceability.ActAssess, Effect: "good", Reason: "x"}), []string{"invalid effect"}},
		{"progress", progress("KGM", traceability.RecallAmount{Region: "320000", Made: "100", Sold: "60.5", Recalled: "60.5", Destroyed: "60.5"}, traceability.RecallAmount{Region: traceability.Abroad}), nil},
		{"no unit", progress("", traceability.RecallAmount{Region: "320000"}), []string{"missing unit", "invalid unit"}},
		{"more recalled than sold", progress("KGM", traceability.RecallAmount{Region: "320000", Sold: "1", Recalled: "1.000001"}), []string{"invalid amounts[0].recalled"}},
		{"more destroyed than recalled", progress("KGM", traceability.RecallAmount{Region: "320000", Sold: "2", Recalled: "1", Destroyed: "2"}), []string{"invalid amounts[0].destroyed"}},
		{"less than nothing", progress("KGM", traceability.RecallAmount{Region: "320000", Made: "-1"}), []string{"invalid amounts[0].made"}},
		{"nowhere", progress("KGM", traceability.RecallAmount{Made: "1"}), []string{"missing amounts[0].region"}},
		{"a region's amounts twice", progress("KGM", traceability.RecallAmount{Region: "320000"}, traceability.RecallAmount{Region: "320000"}), []string{"invalid amounts[1].region"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			problems, _ := c.payload.Check()
			var got []string
			for _, p := range problems {
				got = append(got, string(p.Code)+" "+p.Field)
			}
			if diff := cmp.Diff(c.problems, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func FuzzParseRecallID(f *testing.F) {
	for _, seed := range []string{string(recalledLot), "01/06901234567892/10/A%2F01", "", "cn/x", "01/06901234567892/10/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := traceability.ParseRecallID(s)
		if err != nil {
			return
		}
		if again, err := traceability.ParseRecallID(string(id)); err != nil || again != id {
			t.Errorf("%q gives %q, which gives %q, %v", s, id, again, err)
		}
	})
}

func TestRecallEffectiveness(t *testing.T) {
	t.Parallel()
	total := traceability.TotalAmount([]traceability.RecallAmount{{Region: "310000", Made: "0.1", Sold: "2", Recalled: "1"}, {Region: "320000", Made: "0.2", Sold: "1", Recalled: "1", Destroyed: "0.5"}})
	if diff := cmp.Diff(traceability.RecallAmount{Made: "0.3", Sold: "3", Recalled: "2", Destroyed: "0.5"}, total); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(&traceability.Effectiveness{Recalled: "2", Sold: "3", Rate: "0.6667"}, total.Effectiveness()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if e := (traceability.RecallAmount{Made: "3"}).Effectiveness(); e != nil {
		t.Errorf("nothing was sold: %+v", e)
	}
}

// TestViewerRecall holds who sees a recall, its scope and its alerts.
func TestViewerRecall(t *testing.T) {
	t.Parallel()
	const canary = "欧阳明珠"
	r := traceability.RecallRecord{
		Recall: traceability.Recall{ID: traceability.RecallID(recalledLot), Phase: traceability.PhasePlanned, Producer: producer, Province: traceability.Jiangsu, Notice: canary,
			Amounts: []traceability.RecallAmount{{Region: "310000", Made: "137.531"}}, Deadlines: []traceability.Deadline{{Timer: "R1a"}}, Done: []traceability.Done{{By: producer}}},
		History: []traceability.RecallEntry{{Act: &traceability.RecallAct{Reason: canary}}},
	}
	lot := traceability.ScopeLot{Holders: []traceability.ScopeHolder{{Party: producer, Made: "1"}, {Party: unit, Sold: "1"}}}
	for _, announced := range []bool{false, true} {
		if announced {
			r.Announced = morning
		}
		for as, want := range map[traceability.PartyID]struct {
			sees, whole bool
			holders     int
		}{"": {sees: announced}, unit: {sees: announced, holders: 1}, lab: {sees: announced}, producer: {true, true, 1}, "reg:340000": {true, true, 2}} {
			v := traceability.Viewer{As: as}
			shown, ok := v.Recall(r)
			if whole := len(shown.History)+len(shown.Amounts)+len(shown.Deadlines)+len(shown.Done) == 4 && shown.Notice == canary; ok != want.sees || whole != want.whole {
				t.Errorf("announced %v, %q: sees %v, whole %v", announced, as, ok, whole)
			}
			bare := len(shown.History)+len(shown.Amounts)+len(shown.Deadlines)+len(shown.Done) == 0 && shown.Notice == ""
			if ok && !want.whole && !bare {
				t.Errorf("%q sees %+v", as, shown)
			}
			l, ok := v.ScopeLot(&r.Recall, lot)
			if ok != want.sees || ok && len(l.Holders) != want.holders {
				t.Errorf("announced %v, %q: a lot of the scope %v, %+v", announced, as, ok, l.Holders)
			}
			own := as == producer || as.Kind() == traceability.KindRegulator
			if v.Alerts(producer) != own || v.Alerts("") != (as.Kind() == traceability.KindRegulator) {
				t.Errorf("%q: alerts of the producer %v, of all %v", as, v.Alerts(producer), v.Alerts(""))
			}
		}
	}
	if told := traceability.RecallAudiences(&r.Recall, traceability.ActProgress); !slices.Equal(told, []traceability.Audience{traceability.To(producer), "reg:320000"}) {
		t.Errorf("of progress are told %v", told)
	}
	if told := traceability.RecallAudiences(&r.Recall, traceability.ActAnnounce); !slices.Contains(told, traceability.AudiencePublic) {
		t.Errorf("of the announcement are told %v", told)
	}
	binding := r.Recall
	if !binding.Binding() {
		t.Error("announced, and not binding")
	}
	if binding.Phase = traceability.PhaseWithdrawn; binding.Binding() || !binding.Public() {
		t.Error("withdrawn: binding, or not public")
	}
	if due := r.DueAt(time.Now()); len(due) != 0 {
		t.Errorf("a period without a status is due: %v", due)
	}
}

// TestRecallMoves holds the table together, as TestNoticeMoves does.
func TestRecallMoves(t *testing.T) {
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
	reachable := map[traceability.Phase]bool{traceability.PhaseOrdered: true, traceability.PhaseVoluntary: true}
	for _, m := range traceability.RecallMoves() {
		if len(m.By) == 0 || len(m.From) == 0 || len(m.To) == 0 || m.ZH == "" || m.EN == "" {
			t.Errorf("%s: %+v", m.Act, m)
		}
		for _, p := range m.To {
			reachable[p] = true
		}
		for _, id := range slices.Concat(m.Stops, m.Lapses, m.Starts) {
			if !shipped[id] {
				t.Errorf("%s: no timer %s is shipped", m.Act, id)
			}
		}
	}
	for _, p := range traceability.RecallPhases() {
		if zh, en := p.Words(); !reachable[p] || zh == "" || en == "" {
			t.Errorf("%s: reachable %v, %q %q", p, reachable[p], zh, en)
		}
	}
	for _, level := range traceability.RecallLevels() {
		if zh, en := level.Words(); zh == "" || en == "" {
			t.Errorf("level %s has no words", level)
		}
		start, finish := traceability.RecallTimers(level)
		if none := start == "" && finish == ""; none != (level == traceability.RecallFlaw) || !none && (!shipped[start] || !shipped[finish]) {
			t.Errorf("level %s: periods %q and %q", level, start, finish)
		}
	}
	for _, g := range traceability.RecallGuards() {
		if _, ok := traceability.RecallMoveOf(g.Act); !ok {
			t.Errorf("a guard of %s, which is no act", g.Act)
		}
	}
}

// TestRecallsPageIsCurrent keeps docs/recalls.md equal to the tables.
func TestRecallsPageIsCurrent(t *testing.T) {
	t.Parallel()
	holdPage(t, "docs/recalls.md", recallsPage(t))
}

func recallsPage(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# How a recall lives

Made from ` + "`traceability.RecallMoves`, `RecallGuards` and `traceability/reference` by `go test ./traceability -run TestRecallsPageIsCurrent -update`" + `; change it there. The rules judge by the same table.

A recall begins (` + "`recall.open`" + `) with one or more lots of one producer: by the producer's own will, or by order of the regulator of its province, or of the one that organised the sampling whose notice it names. Whose a GTIN is may recall its lots also where another has registered them. It is named after its first lot, so there is one for each producer, product and batch; a lot that another recall begins with is refused until that is withdrawn. Everything after is a move (` + "`recall.act`" + `). Nothing is deleted: a recall that is withdrawn stays, as withdrawn, and may be opened again. A producer has at most 50 recalls of its own will that are neither closed nor withdrawn (` + "`too_many_recalls`" + `); what is ordered does not count.

With ` + "`downstream`" + ` the lots that were made of these are recalled too, at any distance. The rules do not follow the trade, the read model does: from the announcement on it keeps every lot that is covered, and adds what later events make of them. Whoever ships, receives, uses or sells a covered lot raises an alert, one for an event and a recall, for the producer, for himself, and for the regulators of both; of an event that meets more than 10 recalls the gravest are told of, of a recall that covers more than 20 of its lots these 20, and how many more there are; what is only noted, and what goes back to who made it, raises none. An alert is raised also after the recall is closed, not after it is withdrawn. Who uses a lot that the recall begins with is warned at once (` + "`recalled_lot`" + `).

The scope (` + "`GET /v1/recalls/{recall}/scope`" + `) is told as of a block, that of the announcement unless another is asked for, from the events up to it: what it was then, it stays.

## Who

| role | 角色 | |
|---|---|---|
`)
	for _, role := range []traceability.Role{traceability.RoleProducer, traceability.RoleOverseer} {
		zh, en := role.Words()
		if role == traceability.RoleProducer {
			zh, en = "登记批次的生产者", "who registered the lots"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", role, zh, en)
	}
	b.WriteString("\n## Levels\n\n| level | 级别 | to begin | to finish |\n|---|---|---|---|\n")
	for _, level := range traceability.RecallLevels() {
		zh, _ := level.Words()
		start, finish := traceability.RecallTimers(level)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", level, zh, start, finish)
	}
	b.WriteString("\nThe period to begin runs from when the producer knew of the risk (`at` of the opening), the one to finish from the announcement. When the level changes, the period to begin is counted anew, from the same moment.\n\n## States\n\n| state | 状态 |\n|---|---|\n")
	for _, p := range traceability.RecallPhases() {
		zh, _ := p.Words()
		fmt.Fprintf(&b, "| `%s` | %s |\n", p, zh)
	}
	b.WriteString("\n## Moves\n\n| act | 操作 | by | from | to | needs | may have | ends | lapses | begins |\n|---|---|---|---|---|---|---|---|---|---|\n")
	for _, m := range traceability.RecallMoves() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", m.Act, m.ZH, words(m.By), words(m.From), words(m.To), words(m.Needs), words(m.May), words(m.Stops), words(m.Lapses), words(m.Starts))
	}
	b.WriteString("\nOf several periods those of the level end and begin. Amounts are by region and cumulative, in the unit of the first lot: a later report of a region replaces the earlier. In each region at most what was sold is recalled, and at most what was recalled is destroyed.\n\n## What must hold besides\n\n| act | | |\n|---|---|---|\n")
	for _, g := range traceability.RecallGuards() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", g.Act, g.EN, g.ZH)
	}
	b.WriteString("\n## Periods\n\nSee [notices.md](notices.md#periods): R1 to R3. R4, a flaw of a label that harms nobody, is recalled voluntarily, without a period. R5, two years of records, is kept by the ledger, which deletes nothing.\n")
	return b.String()
}
