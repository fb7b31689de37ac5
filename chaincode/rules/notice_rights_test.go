package rules_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"deltatrace/traceability"
)

// unnumbered is the failed report without a sampling number: by its laboratory it is
// Zhejiang's, by the sampled establishment's code Anhui's.
func (w *world) unnumbered() *traceability.NoticeIssue {
	r := failedReport(chemical)
	r.No, r.Sample.No = "SP202500088", ""
	r.Sample.SampledUnit = traceability.Firm{Name: "合肥示例烘焙有限公司", USCC: "92340104MA1FPX121J"}
	w.accept(w.sign(lab, traceability.TypeReportSubmit, r))
	say := w.issue()
	say.Report, say.Platform = traceability.NewReportID(lab, r.No, 1), ""
	return say
}

// TestOrganiserIsWhoTheReportShows holds that no province takes another's case by
// what it says itself of where the sample was taken.
func TestOrganiserIsWhoTheReportShows(t *testing.T) {
	t.Parallel()
	for by, code := range map[traceability.PartyID]traceability.Code{zhejiang: "", anhui: "", jiangsu: traceability.CodeNotAllowed, shanghai: traceability.CodeNotAllowed} {
		w := newNoticeWorld(t, chemical)
		say := w.unnumbered()
		say.SampledIn = "320106"
		document := w.sign(by, traceability.TypeNoticeIssue, say)
		if code != "" {
			w.refuse(document, code, "report")
			continue
		}
		o := w.accept(document)
		state, err := traceability.DecodeState[traceability.NoticeState](w.state[o.Record])
		if err != nil {
			t.Fatal(err)
		}
		if c := state.Notice.Concern(traceability.Anhui); c == nil || !slices.Contains(c.As, "registered") {
			t.Errorf("the province of the sampled establishment's code is not concerned: %+v", state.Notice.Provinces)
		}
	}
}

// TestClaimedTimesAreBounded holds that a notice is not confirmed before there was a
// result, nor longer ago than records are kept.
func TestClaimedTimesAreBounded(t *testing.T) {
	t.Parallel()
	w := newNoticeWorld(t, chemical)
	for _, at := range []string{"1970-01-01T00:00:00Z", "2023-03-01T00:00:00Z", "2025-03-03T00:00:00Z"} {
		say := w.issue()
		say.At, _ = time.Parse(time.RFC3339, at)
		w.refuse(w.sign(zhejiang, traceability.TypeNoticeIssue, say), traceability.CodeInvalid, "at")
	}
	w = newRecallWorld(t)
	w.refuse(w.open(producer, func(o *traceability.RecallOpen) { o.At = time.Unix(0, 0).UTC() }), traceability.CodeInvalid, "at")
}

// TestRightsLastFromTheRecord holds that what is said on the ledger all at once, as
// if it had been done weeks ago, leaves the business its full period.
func TestRightsLastFromTheRecord(t *testing.T) {
	t.Parallel()
	w := newNoticeWorld(t, chemical)
	w.day("2025-04-10")
	ago := func(days int) func(*traceability.NoticeAct) {
		return func(a *traceability.NoticeAct) { a.At = w.now.AddDate(0, 0, -days) }
	}
	say := w.issue()
	say.At, say.Platform = w.now.AddDate(0, 0, -25), ""
	w.accept(w.sign(zhejiang, traceability.TypeNoticeIssue, say))
	w.do(zhejiang, traceability.ActDispatch, ago(24))
	// The provinces have their time to serve from when they are told, too.
	w.refuse(w.act(zhejiang, traceability.ActServe, to(traceability.ToUnit), paper, ago(1)), traceability.CodeNotAllowed, "kid")
	w.do(shanghai, traceability.ActServe, to(traceability.ToUnit), paper, ago(23))
	w.do(jiangsu, traceability.ActServe, to(traceability.ToProducer), paper, ago(23))
	for _, id := range []traceability.TimerID{"T7", "T15"} {
		if d := w.deadline(id, "unit"); traceability.DateOf(d.From) != "2025-04-10" || traceability.DateOf(d.Due) != "2025-04-21" {
			t.Errorf("%s runs from %s until %s", id, d.From, d.Due)
		}
	}
	w.refuse(w.act(zhejiang, traceability.ActDetermine, deciding(traceability.Upheld)), traceability.CodeWrongState, "at")
	w.day("2025-04-21")
	apply := []func(*traceability.NoticeAct){to(traceability.ToUnit), because("不服"), func(a *traceability.NoticeAct) { a.Items = []int{2} }}
	w.refuse(w.act(zhejiang, traceability.ActDetermine, deciding(traceability.Upheld), func(a *traceability.NoticeAct) { a.At = w.now.Add(traceability.ClockSkew) }), traceability.CodeWrongState, "at")
	w.do(shop, traceability.ActReinspectionApply, apply...)
	if d := w.deadline("T7", "unit"); d.Late != traceability.InTime {
		t.Errorf("on the last day: %+v", d)
	}
}

// TestNobodysWordEndsARight takes notices through acts that are dated back at random,
// at random times of the ledger, and holds that none is determined or published while
// somebody who was served may still contest it by the ledger's clock: seven working
// days are seven days at least.
func TestNobodysWordEndsARight(t *testing.T) {
	t.Parallel()
	prepared()
	determined := 0
	rapid.Check(t, func(r *rapid.T) {
		w := newNoticeWorld(t, chemical)
		w.day("2025-04-10")
		back := func() time.Time {
			return w.now.Add(-time.Duration(rapid.IntRange(0, 40*24).Draw(r, "hours back")) * time.Hour)
		}
		say := w.issue()
		say.At, say.Platform = w.now.AddDate(0, 0, -30), ""
		w.accept(w.sign(zhejiang, traceability.TypeNoticeIssue, say))
		served, used := map[traceability.Recipient]time.Time{}, map[traceability.Recipient]int{}
		all := []candidate{
			move(zhejiang, traceability.ActDispatch), move(shanghai, traceability.ActServe, to(traceability.ToUnit), paper), move(jiangsu, traceability.ActServe, to(traceability.ToProducer), paper),
			move(zhejiang, traceability.ActServe, to(traceability.ToUnit), paper), move(zhejiang, traceability.ActServe, to(traceability.ToProducer), paper),
			move(shop, traceability.ActWaive, to(traceability.ToUnit)), move(zhejiang, traceability.ActDetermine, deciding(traceability.Upheld)), move(zhejiang, traceability.ActPublish, published("", chemical)),
		}
		for range rapid.IntRange(8, 40).Draw(r, "length") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 72).Draw(r, "hours on")) * time.Hour)
			c := rapid.SampledFrom(all).Draw(r, "act")
			a := c.say
			a.Notice, a.At = sample, back()
			if w.submit(w.sign(c.by, traceability.TypeNoticeAct, &a))[0].Status != traceability.StatusAccepted {
				continue
			}
			switch a.Act {
			case traceability.ActServe:
				served[a.For] = w.now
			case traceability.ActWaive:
				used[a.For]++
			case traceability.ActDetermine, traceability.ActPublish:
				determined++
				for _, who := range []traceability.Recipient{traceability.ToUnit, traceability.ToProducer} {
					if at, ok := served[who]; !ok || used[who] == 0 && w.now.Before(at.AddDate(0, 0, 7)) {
						r.Fatalf("%s at %s, while %s, served on the ledger at %s, could still contest it", a.Act, w.now, who, at)
					}
				}
			}
		}
	})
	if determined == 0 {
		t.Error("no notice came as far as a determination")
	}
}

// TestLaboratoryIsLateByTheLedger holds that whether a failure was reported in time is
// judged by when the ledger had the report, whatever the laboratory dates it.
func TestLaboratoryIsLateByTheLedger(t *testing.T) {
	t.Parallel()
	before, keys := prepared()
	w := &world{TB: t, state: state{}, keys: keys, txs: 1000}
	for key, value := range before {
		w.state[key] = value
	}
	w.day("2025-03-04") // as the laboratory dates it
	document := w.sign(lab, traceability.TypeReportSubmit, failedReport(chemical))
	w.day("2025-04-10")
	w.accept(document)
	w.accept(w.sign(zhejiang, traceability.TypeNoticeIssue, w.issue()))
	if d := w.deadline("T4", ""); d.Late != traceability.Late || traceability.DateOf(d.Recorded) != "2025-04-10" {
		t.Errorf("got %+v", d)
	}
}

// TestRevisionIsAdopted holds what a laboratory's later revision changes of a notice:
// nothing, until the organiser adopts it, and then no more than was served.
func TestRevisionIsAdopted(t *testing.T) {
	t.Parallel()
	w := newIssuedWorld(t, chemical, microbe)
	for _, s := range slices.Concat(told(), decided(traceability.Upheld)) {
		if s.say.Act == traceability.ActDetermine {
			w.now = w.now.AddDate(0, 0, 30)
		}
		if s.say.Act == traceability.ActPublish {
			continue
		}
		s.say.Notice, s.say.At = sample, w.now
		w.accept(w.sign(s.by, traceability.TypeNoticeAct, &s.say))
	}
	w.do(zhejiang, traceability.ActPublish, published("", chemical, microbe))
	revise := func(revision int, change func(*traceability.Report), items ...traceability.Item) traceability.ReportID {
		t.Helper()
		last, err := traceability.DecodeState[traceability.ReportState](w.state[traceability.ReportKey(traceability.NewReportID(lab, "SP202500077", revision-1))])
		if err != nil {
			t.Fatal(err)
		}
		document, err := traceability.ParseDocument(last.Document.JWS)
		if err != nil {
			t.Fatal(err)
		}
		r := failedReport(items...)
		r.Revision, r.Supersedes = revision, document.ID
		change(r)
		o := w.accept(w.sign(lab, traceability.TypeReportSubmit, r))
		if !slices.ContainsFunc(o.Warnings, func(e *traceability.Error) bool { return e.Code == traceability.CodeReportNoticed }) {
			t.Errorf("the laboratory is not told of the notice: %v", o.Warnings)
		}
		return traceability.NewReportID(lab, "SP202500077", revision)
	}
	adopting := func(id traceability.ReportID) func(*traceability.NoticeAct) {
		return func(a *traceability.NoticeAct) { a.Report = id }
	}
	correct := func(id traceability.ReportID, items ...traceability.Item) string {
		return w.act(zhejiang, traceability.ActCorrect, published("", items...), because("报告更正"), adopting(id))
	}
	none := func(*traceability.Report) {}

	green := revise(2, func(r *traceability.Report) { r.Verdict = traceability.VerdictPass })
	if n := w.notice(); n.Report.Revision() != 1 || !n.Public() {
		t.Fatalf("a laboratory's word changes the notice: %+v", n)
	}
	w.refuse(correct(green, chemical), traceability.CodeWrongState, "report")
	w.refuse(w.sign(zhejiang, traceability.TypeNoticeIssue, &traceability.NoticeIssue{Report: green, At: w.now, Stage: traceability.StageDistribution, Packaging: traceability.Bulk, SampledIn: "310115"}),
		traceability.CodeInvalid, "report")

	other := chemical
	other.Seq, other.Parameter = 4, "另一项目"
	w.refuse(correct(revise(3, none, chemical, other), chemical, other), traceability.CodeWrongState, "report")
	w.refuse(correct(revise(4, func(r *traceability.Report) { r.Sample.SampledUnit.USCC = "92340104MA1FPX121J" }, chemical), chemical), traceability.CodeWrongState, "report")
	lot := traceability.LotID("cn/91320106MA1FPX121A/SC-01/A")
	moved := revise(5, func(r *traceability.Report) { r.Sample.Lot = lot }, chemical)
	w.refuse(correct(green, chemical), traceability.CodeUnknownReport, "report")
	w.refuse(correct(moved, chemical, microbe), traceability.CodeWrongState, "row.failures")
	w.accept(correct(moved, chemical))
	if n := w.notice(); n.Report != moved || n.Lot != lot || len(n.Failed) != 1 || !n.Public() {
		t.Errorf("adopted: %+v", n)
	}
	elsewhere := revise(6, func(r *traceability.Report) { r.Sample.No = "DBJ25330100319130600" }, chemical)
	w.refuse(w.sign(zhejiang, traceability.TypeNoticeIssue, &traceability.NoticeIssue{Report: elsewhere, At: w.now, Stage: traceability.StageDistribution, Packaging: traceability.Bulk, SampledIn: "310115"}),
		traceability.CodeConflict, "report")
}

// TestRecallRestsOnItsNotice holds that a notice carries a recall of the lot that the
// sample was drawn from, or of the producer's food, and of nobody else's.
func TestRecallRestsOnItsNotice(t *testing.T) {
	t.Parallel()
	w := newRecallWorld(t)
	noticed := func(o *traceability.RecallOpen) { o.Notice = sample }
	unrelated := func(o *traceability.RecallOpen) { o.Notice, o.Lots = sample, []traceability.LotID{shopsLot} }
	w.refuse(w.open(zhejiang, unrelated), traceability.CodeInvalid, "notice")
	w.accept(w.open(shanghai, unrelated)) // of a business of its own: it needs no notice
	w.accept(w.open(zhejiang, noticed))
	if d := w.recall().Deadlines; len(d) != 0 {
		t.Errorf("without a level: %+v", d)
	}
}

// TestOrderedRecallRunsFromTheRecord holds that a regulator's word about the past does
// not make a producer late.
func TestOrderedRecallRunsFromTheRecord(t *testing.T) {
	t.Parallel()
	w := newRecallWorld(t)
	claimed := w.now
	w.now = w.now.AddDate(0, 0, 10)
	ordered := w.now
	w.accept(w.open(jiangsu, func(o *traceability.RecallOpen) { o.At, o.Level = claimed, traceability.RecallI }))
	w.now = w.now.Add(time.Hour)
	w.accept(w.recallAct(producer, traceability.ActPlan, planning(traceability.RecallI)))
	w.accept(w.recallAct(producer, traceability.ActAnnounce))
	if d := w.recall().Deadlines[0]; d.From.Before(ordered) || d.Late != traceability.InTime {
		t.Errorf("got %+v", d)
	}
}
