package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"deltatrace/traceability"
)

func consultationCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"agreement/lists":        agreementLists,
		"consultation/one":       consultationOne,
		"consultation/lists":     consultationLists,
		"consultation/proposals": proposals,
		"consultation/batches":   proposalsInBatches,
	}
}

// Consultation puts a consultation as it stands on the ledger, with one more
// document of a province: its opening, or an act.
func (c *Chain) Consultation(k *traceability.Consultation, province traceability.ProvinceCode, say traceability.Payload) traceability.DocumentID {
	c.tb.Helper()
	typ, act := traceability.TypeConsultationOpen, traceability.Act("")
	if a, ok := say.(*traceability.ConsultationAct); ok {
		typ, act = traceability.TypeConsultationAct, a.Act
	}
	entry, id := c.sign(traceability.Regulator(province), typ, say)
	k.Done = append(k.Done, traceability.Done{Document: id, Act: act, By: traceability.Regulator(province), At: c.now()})
	c.consultations[k.ID] = append(c.consultations[k.ID], entry)
	c.write(traceability.ConsultationKey(k.ID), traceability.ConsultationState{Documents: c.consultations[k.ID], Consultation: *k})
	return id
}

// opened is a consultation of Zhejiang's as it is opened.
func (c *Chain) opened(ref string, proposal traceability.ProposalID) (*traceability.Consultation, *traceability.ConsultationOpen) {
	open := &traceability.ConsultationOpen{Ref: ref, At: c.now(), Title: "示例", Parameters: []string{"腐霉利"}, Products: []string{"食用农产品"}, Question: "示例",
		RespondBy: traceability.DateOf(c.now()), Proposal: proposal}
	return &traceability.Consultation{ID: traceability.NewConsultationID(traceability.Zhejiang, ref), Phase: traceability.ConsultationRunning, Initiator: traceability.Zhejiang,
		Title: open.Title, Opened: c.now(), RespondBy: open.RespondBy, Proposal: proposal}, open
}

func aLimit(parameter, category string, revision int, from traceability.Date) *traceability.Limit {
	return &traceability.Limit{Parameter: parameter, Category: category, Revision: revision, Operator: traceability.LimitMost, Value: "0.2", Unit: "mg/kg", Standard: fmt.Sprintf("GB 1-%d", revision), Source: "示例", EffectiveFrom: from}
}

func agreementLists(t *testing.T, e Engine) {
	c := NewChain(t)
	all := traceability.Provinces()
	first := c.Agree(traceability.TypeLimitSet, aLimit("腐霉利", "韭菜", 1, "2021-09-03"), all[:3]...)
	c.Agree(traceability.TypeQuorumSet, &traceability.Quorum{Matter: traceability.MatterConsultation, Revision: 1, Voting: 3, Approving: 3, Basis: "示例", EffectiveFrom: "2026-01-01"}, all[:3]...)
	c.Close()
	s := applied(t, e, c)
	list := func(f traceability.AgreementFilter) (got []string) {
		t.Helper()
		page := traceability.Page{Limit: 2}
		for range 10 {
			found := must[traceability.List[traceability.AgreementRecord]](t)(s.Agreements(t.Context(), f, page))
			for _, a := range found.Items {
				got = append(got, fmt.Sprintf("%s %d %d/%d %v", a.Record, a.Revision, len(a.Signed), a.Needed, !a.InForce.IsZero()))
			}
			if page.After = found.Next; page.After == "" {
				break
			}
		}
		return got
	}
	limit := aLimit("腐霉利", "韭菜", 1, "").Record()
	expect := func(name string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(want, got) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	expect("pending", list(traceability.AgreementFilter{}), limit+" 1 3/4 false", "quorum/consultation 1 3/3 true")
	expect("in force", list(traceability.AgreementFilter{InForce: true}), "quorum/consultation 1 3/3 true")

	entry, fourth := c.sign(traceability.Regulator(all[3]), traceability.TypeLimitSet, aLimit("腐霉利", "韭菜", 1, "2021-09-03"))
	state := c.agreements[limit]
	state.Documents, state.InForce = append(state.Documents, entry), []int{3}
	c.agreements[limit] = state
	c.write(limit, state)
	at := c.now()
	last := c.ref(fourth, traceability.TypeLimitSet, traceability.Regulator(all[3]))
	if err := s.Apply(t.Context(), c.Close()); err != nil {
		t.Fatal(err)
	}
	c.Agree(traceability.TypeLimitSet, aLimit("腐霉利（以…计）", "韭菜", 2, "2026-03-01"), all...)
	c.Agree(traceability.TypeLimitSet, aLimit("腐霉利", "芹菜", 1, "2026-03-01"), all[0])
	if err := s.Apply(t.Context(), c.Close()); err != nil {
		t.Fatal(err)
	}
	celery := aLimit("腐霉利", "芹菜", 1, "").Record()
	want := []string{limit + " 1 4/4 true", limit + " 2 4/4 true", celery + " 1 1/4 false"}
	if celery < limit {
		want = []string{celery + " 1 1/4 false", limit + " 1 4/4 true", limit + " 2 4/4 true"}
	}
	kind := traceability.AgreementFilter{Kind: traceability.TypeLimitSet}
	expect("limits", list(kind), want...)
	kind.Parameter = "腐霉利"
	expect("of a parameter", list(kind), want...)
	kind.Category = "韭菜"
	expect("of a parameter and a category", list(kind), limit+" 1 4/4 true", limit+" 2 4/4 true")
	kind.Parameter, kind.Category, kind.InForce = "", "芹菜", true
	expect("in force, of a category", list(kind))
	kind = traceability.AgreementFilter{Kind: traceability.TypeLimitSet, InForce: true}
	found := must[traceability.List[traceability.AgreementRecord]](t)(s.Agreements(t.Context(), kind, traceability.Page{Limit: 1})).Items[0]
	equal(t, traceability.Agreed(aLimit("腐霉利", "韭菜", 1, "2021-09-03")), found.Content)
	equal(t, last, found.Signed[3])
	if found.Signed[0].ID != first[0] || !found.InForce.Equal(at) {
		t.Errorf("signed by %v, in force at %v, want %v", found.Signed[0], found.InForce, at)
	}
	if _, err := s.Agreements(t.Context(), kind, traceability.Page{After: "x"}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a bad cursor: %v", err)
	}
	var signals []string
	for _, line := range told(t, s, traceability.FeedQuery{Audience: traceability.AudiencePublic}) {
		signals = append(signals, line)
	}
	expect("the public is told", signals, "limit.in_force reg:340000 "+limit, "limit.in_force reg:340000 "+limit)
	if got := told(t, s, traceability.FeedQuery{Audience: traceability.To("reg:310000"), Kinds: []traceability.SignalKind{traceability.SignalLimitPropose}}); len(got) != 7 {
		t.Errorf("a regulator is told of %d signatures: %q", len(got), got)
	}
}

func consultationOne(t *testing.T, e Engine) {
	c := NewChain(t)
	k, open := c.opened("1", "")
	first := c.ref(c.Consultation(k, traceability.Zhejiang, open), traceability.TypeConsultationOpen, "reg:330000")
	c.Close()
	s := applied(t, e, c)
	want := traceability.ConsultationRecord{Consultation: *k, History: []traceability.ConsultationEntry{{DocumentRef: first, Open: open}}}
	equal(t, want, must[traceability.ConsultationRecord](t)(s.Consultation(t.Context(), k.ID)))
	opine := &traceability.ConsultationAct{Consultation: k.ID, Act: traceability.ActOpine, At: c.now(), Opinion: "同意"}
	k.Opinions = []traceability.Opinion{{Province: traceability.Anhui, At: c.now()}}
	second := c.ref(c.Consultation(k, traceability.Anhui, opine), traceability.TypeConsultationAct, "reg:340000")
	publish := &traceability.ConsultationAct{Consultation: k.ID, Act: traceability.ActPublish, At: c.now(), Advice: &traceability.Advice{Title: "提示", Text: "提示"}}
	k.Phase, k.Published = traceability.ConsultationResolved, []traceability.Published{{At: c.now(), Advice: *publish.Advice}}
	third := c.ref(c.Consultation(k, traceability.Zhejiang, publish), traceability.TypeConsultationAct, "reg:330000")
	if err := s.Apply(t.Context(), c.Close()); err != nil {
		t.Fatal(err)
	}
	want.Consultation = *k
	want.History = append(want.History, traceability.ConsultationEntry{DocumentRef: second, Act: opine}, traceability.ConsultationEntry{DocumentRef: third, Act: publish})
	equal(t, want, must[traceability.ConsultationRecord](t)(s.Consultation(t.Context(), k.ID)))
	if _, err := s.Consultation(t.Context(), "330000/2"); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	key := traceability.ConsultationKey(k.ID)
	if got := told(t, s, traceability.FeedQuery{Audience: traceability.To("reg:320000")}); !slices.Equal(got, []string{"consultation.open reg:330000 " + key, "consultation.opine reg:340000 " + key, "consultation.publish reg:330000 " + key}) {
		t.Errorf("Jiangsu is told %q", got)
	}
	if got := told(t, s, traceability.FeedQuery{Audience: traceability.AudiencePublic}); !slices.Equal(got, []string{"consultation.publish reg:330000 " + key}) {
		t.Errorf("the public is told %q", got)
	}
}

func consultationLists(t *testing.T, e Engine) {
	c := NewChain(t)
	for i := range 4 {
		k, open := c.opened(fmt.Sprint(4-i), "")
		if i == 2 {
			k.Phase, k.Published = traceability.ConsultationResolved, []traceability.Published{{At: c.now()}}
		}
		c.Consultation(k, traceability.Zhejiang, open)
		if i == 1 {
			c.Close()
		}
	}
	c.Close()
	s := applied(t, e, c)
	for name, tt := range map[string]struct {
		filter traceability.ConsultationFilter
		want   []traceability.ConsultationID
	}{
		"all, as opened": {traceability.ConsultationFilter{}, []traceability.ConsultationID{"330000/3", "330000/4", "330000/1", "330000/2"}},
		"resolved":       {traceability.ConsultationFilter{Phase: traceability.ConsultationResolved}, []traceability.ConsultationID{"330000/2"}},
		"public":         {traceability.ConsultationFilter{Public: true}, []traceability.ConsultationID{"330000/2"}},
		"public, open":   {traceability.ConsultationFilter{Public: true, Phase: traceability.ConsultationRunning}, nil},
	} {
		for _, limit := range []int{0, 1, 3} {
			var got []traceability.ConsultationID
			page := traceability.Page{Limit: limit}
			for range 10 {
				list := must[traceability.List[traceability.ConsultationRecord]](t)(s.Consultations(t.Context(), tt.filter, page))
				for _, k := range list.Items {
					got = append(got, k.ID)
				}
				if page.After = list.Next; page.After == "" {
					break
				}
			}
			if !slices.Equal(tt.want, got) {
				t.Errorf("%s by %d: got %v, want %v", name, limit, got, tt.want)
			}
		}
	}
	if _, err := s.Consultations(t.Context(), traceability.ConsultationFilter{}, traceability.Page{After: "x"}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a bad cursor: %v", err)
	}
}

// recurrence is a rule of two failures in two provinces within ten days.
func recurrence() *traceability.Recurrence {
	return &traceability.Recurrence{ID: "RC1", Revision: 1, WindowDays: 10, Provinces: 2, Count: 2, Tasks: []traceability.Task{traceability.TaskSupervision, traceability.TaskRiskMonitoring},
		Parameters: []string{traceability.AnyName}, Categories: []string{traceability.AnyName}, Basis: "示例", EffectiveFrom: "2026-01-01"}
}

// failing is a report of a failure of a sample of a province.
func failing(no string, province string, day traceability.Date) traceability.Report {
	r := report(no, 1, "", lotID("A"))
	r.Verdict, r.Items[0].Verdict, r.Issued, r.Sample.Category = traceability.VerdictFail, traceability.VerdictFail, day, "食用农产品"
	r.Sample.No = traceability.SamplingNo("DBJ25" + province + "319130599")
	return r
}

// proposalStory is a ledger on which a rule of recurrence is met, again and not
// again.
func proposalStory(t *testing.T) *Chain {
	c := NewChain(t)
	c.Report(lab, failing("0", "340100", "2026-10-20"), nil) // before there is a rule
	c.Close()
	c.Agree(traceability.TypeRecurrenceSet, recurrence(), traceability.Provinces()[:3]...)
	c.Close() // block 2
	c.Report(lab, failing("1", "330100", "2026-11-01"), nil)
	c.Report(lab, failing("2", "330100", "2026-11-01"), nil) // the same province
	c.Close()
	passed := failing("3", "320100", "2026-11-02")
	passed.Items[0].Verdict = traceability.VerdictPass
	c.Report(lab, passed, nil)
	other := failing("4", "320100", "2026-11-02")
	other.Sample.Category = "肉制品" // another group
	c.Report(lab, other, nil)
	c.Close() // block 4
	problem := failing("5", "320100", "2026-11-10")
	problem.Task, problem.Verdict, problem.Items[0].Verdict, problem.Items[0].Parameter = traceability.TaskRiskMonitoring, traceability.VerdictProblem, traceability.VerdictProblem, "毒 死 蜱（残留）"
	c.Report(lab, problem, nil)
	c.Close() // block 5: met
	c.Report(lab, failing("6", "310100", "2026-11-12"), nil)
	c.Close() // block 6: joins
	return c
}

func proposals(t *testing.T, e Engine) {
	c := proposalStory(t)
	s := applied(t, e, c)
	ask := func(asOf int, answered bool) []traceability.Proposal {
		t.Helper()
		f := traceability.ProposalFilter{Answered: answered}
		if asOf >= 0 {
			height := uint64(asOf)
			f.AsOf = &height
		}
		return must[traceability.List[traceability.Proposal]](t)(s.Proposals(t.Context(), f, traceability.Page{})).Items
	}
	reports := func(p traceability.Proposal) (got []string) {
		for _, f := range p.Failures {
			mark := ""
			if f.Ended {
				mark = " ended"
			}
			got = append(got, string(f.Report.Series())[len(lab)+1:]+mark)
		}
		return got
	}
	expect := func(name string, found []traceability.Proposal, want ...string) {
		t.Helper()
		if len(want) == 0 && len(found) == 0 {
			return
		}
		if len(found) != 1 || !slices.Equal(want, reports(found[0])) {
			t.Errorf("%s: got %+v, want %v", name, found, want)
		}
	}
	expect("before", ask(4, false))
	expect("when it arose", ask(5, false), "1", "2", "5")
	expect("later", ask(6, false), "1", "2", "5", "6")
	now := ask(-1, false)
	expect("now", now, "1", "2", "5", "6")
	p := now[0]
	if p.Rule != "RC1" || p.Revision != 1 || p.Hazard != "毒死蜱" || p.Group != "食用农产品" || p.Raised.Block != 5 || p.Failures[2].Province != traceability.Jiangsu || p.Failures[2].Task != traceability.TaskRiskMonitoring {
		t.Errorf("got %+v", p)
	}
	signal := []string{"consultation.propose  proposal/" + string(p.ID)}
	for _, province := range traceability.Provinces() {
		if got := told(t, s, traceability.FeedQuery{Audience: traceability.To(traceability.Regulator(province))}); !slices.Equal(signal, got) {
			t.Errorf("%s is told %q", province, got)
		}
	}
	for _, audience := range []traceability.Audience{traceability.AudiencePublic, traceability.To(lab)} {
		if got := told(t, s, traceability.FeedQuery{Audience: audience}); len(got) > 0 {
			t.Errorf("%s is told %q", audience, got)
		}
	}

	n := aNotice("0001", c.now(), c.now())
	n.Report = traceability.NewReportID(lab, "1", 1)
	c.Notice(n, "reg:330000", &traceability.NoticeIssue{Report: n.Report, At: c.now()})
	c.apply(s) // block 7
	if found := ask(-1, false); found[0].Failures[0].Notice != n.ID || ask(6, false)[0].Failures[0].Notice != "" {
		t.Errorf("the notice: %+v", found)
	}
	n.Outcome = traceability.Overturned
	c.Notice(n, "reg:330000", &traceability.NoticeAct{Notice: n.ID, Act: traceability.ActDetermine, At: c.now()})
	mended := failing("5", "320100", "2026-11-13")
	mended.Revision, mended.Items[0].Verdict = 2, traceability.VerdictPass
	c.Report(lab, mended, nil)
	c.apply(s) // block 8
	expect("with what no longer stands", ask(-1, false), "1 ended", "2", "5 ended", "6")
	expect("as it was", ask(7, false), "1", "2", "5", "6")
	again := failing("6", "310100", "2026-11-13")
	again.Revision, again.Items[0].Verdict = 2, traceability.VerdictPass
	c.Report(lab, again, nil)
	c.apply(s) // block 9
	expect("no longer met", ask(-1, false))

	c.Report(lab, failing("7", "340100", "2026-11-08"), nil)
	c.apply(s) // block 10: joins what is left of it, which is met again
	expect("met again", ask(-1, false), "1 ended", "2", "5 ended", "6 ended", "7")
	k, open := c.opened("1", p.ID)
	c.Consultation(k, traceability.Zhejiang, open)
	c.apply(s) // block 11
	expect("answered", ask(-1, false))
	expect("before it was", ask(10, false), "1 ended", "2", "5 ended", "6 ended", "7")
	if found := ask(-1, true); len(found) != 1 || found[0].Answered != k.ID {
		t.Errorf("with the answered: %+v", found)
	}
	c.Report(lab, failing("8", "310100", "2026-11-14"), nil)
	c.apply(s)
	expect("what was consulted on is not proposed again", ask(-1, false))
	c.Report(lab, failing("9", "320100", "2026-11-15"), nil)
	c.apply(s)
	expect("what is new is", ask(-1, false), "8", "9")
	if _, err := s.Proposals(t.Context(), traceability.ProposalFilter{}, traceability.Page{After: "x"}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a bad cursor: %v", err)
	}
	whole := e.Open(t)
	if err := whole.Apply(t.Context(), c.Blocks...); err != nil {
		t.Fatal(err)
	}
	if DumpOf(t, whole) != DumpOf(t, s) {
		t.Error("all blocks at once come to another read model")
	}
}

// apply closes the block and applies it.
func (c *Chain) apply(s Store) {
	c.tb.Helper()
	c.must(s.Apply(c.tb.Context(), c.Close()))
}

// proposalsInBatches holds that proposals do not depend on how many blocks are
// applied at once.
func proposalsInBatches(t *testing.T, e Engine) {
	c := proposalStory(t)
	want := DumpOf(t, applied(t, e, c))
	s := e.Open(t)
	for _, b := range c.Blocks {
		if err := s.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if got := DumpOf(t, s); got != want {
		t.Errorf("one by one:\n%s\nat once:\n%s", got, want)
	}
}
