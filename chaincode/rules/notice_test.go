package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/chaincode/rules"
	"deltatrace/chaincode/rules/replay"
	"deltatrace/traceability"
)

func TestNoticeIssue(t *testing.T) {
	t.Parallel()
	w := newNoticeWorld(t, chemical, microbe)
	first := w.accept(w.sign(zhejiang, traceability.TypeNoticeIssue, w.issue()))
	if first.Record != "notice/"+string(sample) {
		t.Errorf("record: %s", first.Record)
	}
	n := w.notice()
	want := []traceability.Concern{
		{Province: traceability.Shanghai, As: []string{"sampling", "platform"}},
		{Province: traceability.Jiangsu, As: []string{"producer"}},
	}
	if diff := cmp.Diff(want, n.Provinces); diff != "" {
		t.Errorf("provinces concerned (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]traceability.Link{traceability.LinkDistribution, traceability.LinkProduction, traceability.LinkOnline}, n.Links); diff != "" {
		t.Errorf("links:\n%s", diff)
	}
	failed := []traceability.FailedItem{{Seq: 2, Parameter: chemical.Parameter}, {Seq: 3, Parameter: microbe.Parameter, Microbiological: true}}
	if diff := cmp.Diff(failed, n.Failed); diff != "" {
		t.Errorf("failed items:\n%s", diff)
	}
	if d := w.deadline("T4", ""); d.Late != traceability.InTime || d.Of != lab {
		t.Errorf("the laboratory's report: %+v", d)
	}
	if d := w.deadline("T5", ""); traceability.DateOf(d.Due) != "2025-03-11" || d.Of != zhejiang || !strings.Contains(d.Basis, "第二十七条") {
		t.Errorf("to dispatch: %+v", d)
	}
	if d := w.deadline("T14", "unit"); traceability.DateOf(d.Due) != "2025-03-03" || d.Of != shop {
		t.Errorf("to object to the sampling: %+v", d)
	}
	changed := w.issue()
	changed.Urgent = true
	if conflict := w.refuse(w.sign(zhejiang, traceability.TypeNoticeIssue, changed), traceability.CodeConflict, "report"); conflict.Existing != first.ID {
		t.Errorf("the conflict leads to %s", conflict.Existing)
	}
}

func TestNoticeIssueRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by     traceability.PartyID
		change func(*traceability.NoticeIssue)
		report func(*traceability.Report)
		code   traceability.Code
		field  string
	}{
		"a laboratory":            {by: lab, code: traceability.CodeNotAllowed, field: "kid"},
		"another province":        {by: shanghai, code: traceability.CodeNotAllowed, field: "report"},
		"no such report":          {by: zhejiang, change: func(n *traceability.NoticeIssue) { n.Report = traceability.NewReportID(lab, "NONE", 1) }, code: traceability.CodeUnknownReport, field: "report"},
		"no such platform":        {by: zhejiang, change: func(n *traceability.NoticeIssue) { n.Platform = "plat:91310101MA1FPX121X" }, code: traceability.CodeUnknownParty, field: "platform"},
		"risk monitoring":         {by: zhejiang, report: func(r *traceability.Report) { r.Task = traceability.TaskRiskMonitoring }, code: traceability.CodeInvalid, field: "report"},
		"nothing failed":          {by: zhejiang, report: func(r *traceability.Report) { r.Items = r.Items[:1] }, code: traceability.CodeInvalid, field: "report"},
		"a stage that is none":    {by: zhejiang, change: func(n *traceability.NoticeIssue) { n.Stage = "space" }, code: traceability.CodeInvalid, field: "stage"},
		"a place that is missing": {by: zhejiang, change: func(n *traceability.NoticeIssue) { n.SampledIn = "" }, code: traceability.CodeMissing, field: "sampled_in"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, keys := prepared()
			w := &world{TB: t, state: state{}, keys: keys, now: newNoticeWorld(t, chemical).now, txs: 1000}
			for key, value := range before {
				w.state[key] = value
			}
			r := failedReport(chemical)
			if c.report != nil {
				c.report(r)
			}
			w.accept(w.sign(lab, traceability.TypeReportSubmit, r))
			say := w.issue()
			if c.change != nil {
				c.change(say)
			}
			w.refuse(w.sign(c.by, traceability.TypeNoticeIssue, say), c.code, c.field)
		})
	}
	w := newNoticeWorld(t, chemical)
	first, err := traceability.DecodeState[traceability.ReportState](w.state[traceability.ReportKey(traceability.NewReportID(lab, "SP202500077", 1))])
	if err != nil {
		t.Fatal(err)
	}
	document, err := traceability.ParseDocument(first.Document.JWS)
	if err != nil {
		t.Fatal(err)
	}
	amended := failedReport(chemical)
	amended.Revision, amended.Supersedes = 2, document.ID
	w.accept(w.sign(lab, traceability.TypeReportSubmit, amended))
	w.refuse(w.sign(zhejiang, traceability.TypeNoticeIssue, w.issue()), traceability.CodeUnknownReport, "report")
}

// The whole life of a sample that failed, and stays failed.
func TestNoticeLife(t *testing.T) {
	t.Parallel()
	w := newIssuedWorld(t, chemical)
	w.tell()
	if d := w.deadline("T7", "producer"); traceability.DateOf(d.Due) != "2025-03-13" || d.Of != producer {
		t.Errorf("to apply for re-inspection: %+v", d)
	}
	w.do(jiangsu, traceability.ActAnswer, func(a *traceability.NoticeAct) { a.Answer = traceability.AnswerAccept })
	w.refuse(w.act(zhejiang, traceability.ActDetermine, deciding(traceability.Upheld)), traceability.CodeWrongState, "at")
	w.do(producer, traceability.ActReinspectionApply, to(traceability.ToProducer), because("对结果有疑问"), func(a *traceability.NoticeAct) { a.Items = []int{2} })
	w.do(zhejiang, traceability.ActReinspectionAccept)
	w.refuse(w.act(zhejiang, traceability.ActReinspectionAssign, func(a *traceability.NoticeAct) { a.Lab = lab }), traceability.CodeWrongState, "lab")
	w.do(zhejiang, traceability.ActReinspectionAssign, func(a *traceability.NoticeAct) { a.Lab = relab })
	w.do(relab, traceability.ActReinspectionDecline, because("设备检修"))
	w.refuse(w.act(zhejiang, traceability.ActReinspectionAssign, func(a *traceability.NoticeAct) { a.Lab = relab }), traceability.CodeWrongState, "lab")
	w.do(zhejiang, traceability.ActReinspectionAssign, func(a *traceability.NoticeAct) { a.Lab = relab2 })
	w.do(lab, traceability.ActReinspectionTransfer, paper)
	w.do(relab2, traceability.ActReinspectionConclude, func(a *traceability.NoticeAct) { a.Verdict = traceability.VerdictFail })
	w.do(zhejiang, traceability.ActReinspectionNotify)
	w.do(shop, traceability.ActWaive, to(traceability.ToUnit))
	w.do(jiangsu, traceability.ActWaive, to(traceability.ToProducer), paper) // on its behalf
	w.refuse(w.act(zhejiang, traceability.ActDetermine, deciding(traceability.Overturned)), traceability.CodeWrongState, "decision")
	w.do(zhejiang, traceability.ActDetermine, deciding(traceability.Upheld))
	w.refuse(w.act(zhejiang, traceability.ActPublish, published("", chemical, microbe)), traceability.CodeWrongState, "row.failures")
	w.do(zhejiang, traceability.ActPublish, published("", chemical))
	if n := w.notice(); !n.Public() || n.Phase != traceability.PhasePublished || n.Publication[0].Row.Failures[0].Result != "0.37mg/kg" {
		t.Errorf("published: %+v", n.Publication)
	}
	w.refuse(w.act(zhejiang, traceability.ActClose), traceability.CodeWrongState, "act")
	w.handle(shanghai, traceability.LinkDistribution)
	w.handle(shanghai, traceability.LinkOnline)
	w.handle(jiangsu, traceability.LinkProduction)
	w.do(zhejiang, traceability.ActClose)
	for _, d := range w.notice().Deadlines {
		if d.Status == traceability.Running {
			t.Errorf("still running in a closed case: %+v", d)
		}
	}
	refused := w.refuse(w.act(zhejiang, traceability.ActPublish, published("", chemical)), traceability.CodeWrongState, "act")
	if p := refused.Problems[0]; !strings.Contains(p.ZH, "已办结") || p.Expected != "nothing" {
		t.Errorf("the refusal does not say where it stands: %+v", p)
	}
}

// A re-inspection that passes overturns the case: what was sent is withdrawn and
// must be acknowledged again, what was published is taken back, nothing is lost.
func TestNoticeOverturned(t *testing.T) {
	t.Parallel()
	w := newIssuedWorld(t, chemical)
	w.tell()
	w.do(shop, traceability.ActReinspectionApply, to(traceability.ToUnit), because("异议"), func(a *traceability.NoticeAct) { a.Items = []int{2} })
	w.do(zhejiang, traceability.ActReinspectionAccept)
	w.do(zhejiang, traceability.ActReinspectionAssign, func(a *traceability.NoticeAct) { a.Lab = relab })
	w.do(lab, traceability.ActReinspectionTransfer, paper)
	w.do(relab, traceability.ActReinspectionConclude, func(a *traceability.NoticeAct) { a.Verdict = traceability.VerdictPass })
	w.do(zhejiang, traceability.ActReinspectionNotify)
	w.do(shop, traceability.ActWaive, to(traceability.ToUnit))
	w.do(producer, traceability.ActWaive, to(traceability.ToProducer))
	w.do(zhejiang, traceability.ActDetermine, deciding(traceability.Overturned))
	n := w.notice()
	for _, c := range n.Provinces {
		if c.Progress() != traceability.Pending {
			t.Errorf("%s need not acknowledge the withdrawal", c.Province)
		}
	}
	w.refuse(w.act(zhejiang, traceability.ActClose), traceability.CodeWrongState, "act")
	if d := w.deadline("T5b", "320000"); d.Of != jiangsu || d.Status != traceability.Running {
		t.Errorf("to acknowledge the withdrawal: %+v", d)
	}
	w.do(shanghai, traceability.ActAcknowledge)
	w.do(jiangsu, traceability.ActAcknowledge)
	w.do(zhejiang, traceability.ActClose)
	if n := w.notice(); n.Outcome != traceability.Overturned || n.Public() || len(n.Done) != 19 {
		t.Errorf("closed: %s, public %v, %d documents", n.Outcome, n.Public(), len(n.Done))
	}
}

// Counterfeit, found after publication: a correction, not a deletion. The
// objection is late, accepted, and marked so.
func TestCounterfeitAfterPublication(t *testing.T) {
	t.Parallel()
	w := newIssuedWorld(t, chemical)
	w.tell()
	w.day("2025-04-01")
	w.do(zhejiang, traceability.ActDetermine, deciding(traceability.Upheld))
	w.do(zhejiang, traceability.ActPublish, published("", chemical))
	w.do(jiangsu, traceability.ActAnswer, because("企业称非其产品"), paper, func(a *traceability.NoticeAct) { a.Answer = traceability.AnswerCounterfeit })
	genuine := []func(*traceability.NoticeAct){to(traceability.ToProducer), objecting(traceability.ObjectAuthenticity)}
	late := w.do(producer, traceability.ActObjectionFile, append(genuine, because("假冒我司产品"), paper)...)
	if len(late.Warnings) != 1 || late.Warnings[0].Code != traceability.CodeLate || !strings.Contains(late.Warnings[0].Expected, "T15") || !strings.Contains(late.Warnings[0].Expected, "第三十七条") {
		t.Errorf("not marked late with timer and basis: %+v", late.Warnings)
	}
	w.do(zhejiang, traceability.ActObjectionAccept, genuine...)
	w.do(zhejiang, traceability.ActObjectionDecide, append(genuine, deciding(traceability.Upheld))...)
	w.do(zhejiang, traceability.ActDetermine, deciding(traceability.Upheld))
	w.refuse(w.act(zhejiang, traceability.ActCorrect, because("假冒"), published("", chemical)), traceability.CodeWrongState, "row.remark")
	w.do(zhejiang, traceability.ActCorrect, because("假冒"), published("经核查，非标称企业生产", chemical))
	n := w.notice()
	if !n.Cleared || !n.Public() || len(n.Publication) != 2 || n.Publication[0].Row == nil {
		t.Errorf("got cleared %v, public %v, %d versions", n.Cleared, n.Public(), len(n.Publication))
	}
	if mark := n.Done[len(n.Done)-5].Late; len(mark) != 1 || mark[0].Late != traceability.Late || mark[0].Timer != "T15" {
		t.Errorf("the record does not mark the objection late: %+v", mark)
	}
	w.do(zhejiang, traceability.ActWithdraw, because("文字有误"))
	if w.notice().Public() {
		t.Error("public after its withdrawal")
	}
	w.do(zhejiang, traceability.ActPublish, published("经核查，非标称企业生产", chemical))
}

// Microbiological failures are never re-inspected, and what is microbiological
// is the list on the ledger.
func TestMicrobesAreNotReinspected(t *testing.T) {
	t.Parallel()
	items := func(seqs ...int) func(*traceability.NoticeAct) {
		return func(a *traceability.NoticeAct) { a.Items = seqs }
	}
	w := newIssuedWorld(t, chemical, microbe)
	w.tell()
	refused := w.refuse(w.act(shop, traceability.ActReinspectionApply, to(traceability.ToUnit), because("x"), items(2, 3)), traceability.CodeWrongState, "items[1]")
	if !strings.Contains(refused.Problems[0].ZH, "微生物") {
		t.Errorf("got %s", refused.Problems[0].ZH)
	}
	w.refuse(w.act(shop, traceability.ActReinspectionApply, to(traceability.ToUnit), because("x"), items(1)), traceability.CodeWrongState, "items[0]")
	w.do(shop, traceability.ActReinspectionApply, to(traceability.ToUnit), because("x"), items(2))

	only := newIssuedWorld(t, microbe)
	only.tell()
	for _, d := range only.notice().Deadlines {
		if d.Timer == "T7" {
			t.Errorf("a period to apply for a re-inspection that there cannot be: %+v", d)
		}
	}

	unknown := newNoticeWorld(t, microbe)
	delete(unknown.state, traceability.ParametersKey(traceability.Microbiological))
	unknown.accept(unknown.sign(zhejiang, traceability.TypeNoticeIssue, unknown.issue()))
	unknown.tell()
	unknown.refuse(unknown.act(shop, traceability.ActReinspectionApply, to(traceability.ToUnit), because("x"), items(3)), traceability.CodeTimerMissing, "items[0]")
}

// Without a calendar the act is accepted, the period is unknown in the open, and
// it is counted once the calendar is there. Nothing follows from a period that
// cannot be counted.
func TestMissingCalendar(t *testing.T) {
	t.Parallel()
	w := newNoticeWorld(t, chemical)
	saved := w.state[traceability.CalendarKey(2025)]
	delete(w.state, traceability.CalendarKey(2025))
	outcome := w.accept(w.sign(zhejiang, traceability.TypeNoticeIssue, w.issue()))
	if len(outcome.Warnings) == 0 || outcome.Warnings[0].Code != traceability.CodeCalendarMissing {
		t.Errorf("warnings: %+v", outcome.Warnings)
	}
	if d := w.deadline("T5", ""); d.Unknown != traceability.CodeCalendarMissing || !d.Due.IsZero() {
		t.Errorf("to dispatch: %+v", d)
	}
	w.tell()
	if d := w.deadline("T5", ""); d.Late != traceability.Unknown {
		t.Errorf("dispatched: %+v", d)
	}
	w.day("2025-12-01")
	w.refuse(w.act(zhejiang, traceability.ActDetermine, deciding(traceability.Upheld)), traceability.CodeCalendarMissing, "at")
	w.state[traceability.CalendarKey(2025)] = saved
	w.do(zhejiang, traceability.ActDetermine, deciding(traceability.Upheld))
}

// Who is not concerned learns nothing, not even that there is a notice.
func TestNoticeIsUnknownToStrangers(t *testing.T) {
	t.Parallel()
	w := newIssuedWorld(t, chemical)
	there := w.refuse(w.act(stranger, traceability.ActDispatch), traceability.CodeUnknownNotice, "notice")
	absent := w.refuse(w.act(stranger, traceability.ActDispatch, func(a *traceability.NoticeAct) { a.Notice = "DBJ25330100319130600" }), traceability.CodeUnknownNotice, "notice")
	there.Problems[0].Found, absent.Problems[0].Found = "", ""
	there.ID, absent.ID = "", ""
	if diff := cmp.Diff(there, absent); diff != "" {
		t.Errorf("the answers differ:\n%s", diff)
	}
	if refused := w.refuse(w.act(lab, traceability.ActDispatch), traceability.CodeNotAllowed, "kid"); !strings.Contains(refused.Problems[0].ZH, "组织抽检的监管部门") {
		t.Errorf("it does not say who may: %s", refused.Problems[0].ZH)
	}
	if refused := w.refuse(w.act(shanghai, traceability.ActAcknowledge), traceability.CodeNotAllowed, "kid"); refused.Problems[0].EN == "" {
		t.Error("no reason")
	}
	refused := w.refuse(w.act(shanghai, traceability.ActServe, to(traceability.ToUnit), paper), traceability.CodeWrongState, "act")
	if p := refused.Problems[0]; !strings.Contains(p.ZH, "已确认") || !strings.Contains(p.ZH, "通报涉及地区") || !strings.Contains(p.Expected, "dispatch") {
		t.Errorf("it does not say where it stands and what may be done: %+v", p)
	}
}

// A province's answer moves the responsibility; a silent one holds nothing up.
func TestAnswersMoveResponsibility(t *testing.T) {
	t.Parallel()
	w := newIssuedWorld(t, chemical)
	w.do(zhejiang, traceability.ActDispatch)
	w.do(jiangsu, traceability.ActAcknowledge)
	w.do(jiangsu, traceability.ActAnswer, because("企业已迁安徽"), func(a *traceability.NoticeAct) { a.Answer, a.To = traceability.AnswerForward, traceability.Anhui })
	if d := w.deadline("T6", "producer"); d.Of != anhui {
		t.Errorf("to serve the producer: %+v", d)
	}
	w.refuse(w.act(jiangsu, traceability.ActServe, to(traceability.ToProducer), paper), traceability.CodeNotAllowed, "kid")
	w.do(anhui, traceability.ActAcknowledge)
	w.do(anhui, traceability.ActAnswer, because("查无此企业"), paper, func(a *traceability.NoticeAct) { a.Answer = traceability.AnswerNotOurs })
	if d := w.deadline("T19", "production"); d.Of != zhejiang {
		t.Errorf("to open the producer's case: %+v", d)
	}
	w.do(zhejiang, traceability.ActServe, to(traceability.ToProducer), paper)
	w.refuse(w.act(zhejiang, traceability.ActServe, to(traceability.ToUnit), paper), traceability.CodeNotAllowed, "kid")
	w.day("2025-03-20")
	late := w.do(zhejiang, traceability.ActServe, to(traceability.ToUnit), paper) // Shanghai is silent
	if len(late.Warnings) != 1 || late.Warnings[0].Code != traceability.CodeLate {
		t.Errorf("warnings: %+v", late.Warnings)
	}
}

// An act that its signer dates before the end of the period, and says after it,
// is marked as recorded late.
func TestRecordedLate(t *testing.T) {
	t.Parallel()
	w := newIssuedWorld(t, chemical)
	at := w.now
	w.day("2025-03-20")
	w.do(zhejiang, traceability.ActDispatch, func(a *traceability.NoticeAct) { a.At = at })
	if d := w.deadline("T5", ""); d.Late != traceability.RecordedLate {
		t.Errorf("got %+v", d)
	}
	w.refuse(w.act(shanghai, traceability.ActAcknowledge, func(a *traceability.NoticeAct) { a.At = w.notice().Issued.AddDate(0, 0, -1) }), traceability.CodeInvalid, "at")
	w.refuse(w.act(shanghai, traceability.ActAcknowledge, func(a *traceability.NoticeAct) { a.At = w.now.AddDate(0, 0, 1) }), traceability.CodeFutureDated, "at")
}

func TestExtension(t *testing.T) {
	t.Parallel()
	w := newIssuedWorld(t, chemical)
	w.tell()
	w.do(shop, traceability.ActReinspectionApply, to(traceability.ToUnit), because("x"), func(a *traceability.NoticeAct) { a.Items = []int{2} })
	extend := func(id traceability.TimerID) string {
		return w.act(zhejiang, traceability.ActExtend, because("案情复杂"), func(a *traceability.NoticeAct) { a.Timer = id })
	}
	w.refuse(extend("T8"), traceability.CodeWrongState, "timer")
	w.refuse(extend("T9"), traceability.CodeWrongState, "timer")
	w.do(zhejiang, traceability.ActReinspectionAccept)
	before := w.deadline("T9", "")
	w.accept(extend("T9"))
	after := w.deadline("T9", "")
	if !after.Due.After(before.Due) || after.Extended != 5 || traceability.DateOf(after.Due) != "2025-03-18" {
		t.Errorf("from %s to %s", before.Due, after.Due)
	}
	w.refuse(w.act(zhejiang, traceability.ActExtend, because("再次"), func(a *traceability.NoticeAct) { a.Timer = "T9" }), traceability.CodeWrongState, "timer")
}

// An urgent notice is told within a day, and its case may begin before.
func TestUrgent(t *testing.T) {
	t.Parallel()
	w := newNoticeWorld(t, chemical)
	say := w.issue()
	say.Urgent = true
	w.accept(w.sign(zhejiang, traceability.TypeNoticeIssue, say))
	if d := w.deadline("T5c", ""); !d.Due.Equal(say.At.Add(24 * 60 * 60 * 1e9)) {
		t.Errorf("to dispatch: %+v", d)
	}
	if d := w.deadline("T4b", ""); d.Late != traceability.InTime {
		t.Errorf("the laboratory: %+v", d)
	}
	w.do(jiangsu, traceability.ActHandlingOpen, on(traceability.LinkProduction))
	usual := newIssuedWorld(t, chemical)
	usual.refuse(usual.act(jiangsu, traceability.ActHandlingOpen, on(traceability.LinkProduction)), traceability.CodeWrongState, "act")
}

func TestNoticeActIsDuplicate(t *testing.T) {
	t.Parallel()
	w := newIssuedWorld(t, chemical)
	dispatch := w.act(zhejiang, traceability.ActDispatch)
	w.accept(dispatch)
	if outcome := w.submit(dispatch)[0]; outcome.Status != traceability.StatusDuplicate || outcome.Code != traceability.CodeReplayed || outcome.First == "" {
		t.Errorf("got %+v", outcome)
	}
}

// A handling case is submitted whole: every step, and either a penalty or the
// reason for none.
func TestHandlingIsWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps []traceability.Step
		whole bool
	}{
		"penalty":     {[]traceability.Step{"start", "product_control", "cause", "penalty", "rectification"}, true},
		"no penalty":  {[]traceability.Step{"rectification", "no_penalty", "cause", "product_control", "start", "transfer"}, true},
		"neither":     {[]traceability.Step{"start", "product_control", "cause", "rectification"}, false},
		"both":        {[]traceability.Step{"start", "product_control", "cause", "penalty", "no_penalty", "rectification"}, false},
		"no cause":    {[]traceability.Step{"start", "product_control", "penalty", "rectification"}, false},
		"no control":  {[]traceability.Step{"start", "cause", "penalty", "rectification"}, false},
		"not checked": {[]traceability.Step{"start", "product_control", "cause", "penalty"}, false},
		"not started": {[]traceability.Step{"product_control", "cause", "penalty", "rectification"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newIssuedWorld(t, chemical)
			w.tell()
			w.do(jiangsu, traceability.ActHandlingOpen, on(traceability.LinkProduction))
			for _, step := range c.steps {
				w.do(jiangsu, traceability.ActHandlingStep, on(traceability.LinkProduction), because("已核查"), func(a *traceability.NoticeAct) {
					a.Step = step
					if step == traceability.StepCause {
						a.Cause = traceability.CauseStorage
					}
				})
			}
			submit := w.act(jiangsu, traceability.ActHandlingSubmit, on(traceability.LinkProduction))
			if !c.whole {
				w.refuse(submit, traceability.CodeWrongState, "link")
				return
			}
			w.accept(submit)
			if d := w.deadline("T20", "production"); d.Status != traceability.Met {
				t.Errorf("product control and cause: %+v", d)
			}
			w.do(zhejiang, traceability.ActHandlingReturn, on(traceability.LinkProduction), because("材料不全"))
			if d := w.deadline("T21", "production"); d.Status != traceability.Running {
				t.Errorf("a returned case: %+v", d)
			}
		})
	}
}

// What a notice writes can be judged again from what it keeps: the record holds
// each document once, in the place that it had.
func TestNoticeReplays(t *testing.T) {
	t.Parallel()
	w := newNoticeWorld(t, chemical)
	documents := []string{w.sign(zhejiang, traceability.TypeNoticeIssue, w.issue()), w.act(zhejiang, traceability.ActDispatch), w.act(lab, traceability.ActDispatch), w.act(jiangsu, traceability.ActAcknowledge)}
	outcomes, writes := w.apply(documents...)
	if len(writes) != 2 || outcomes[2].Status != traceability.StatusRejected || outcomes[3].Status != traceability.StatusAccepted {
		t.Fatalf("%d writes, %+v", len(writes), outcomes)
	}
	kept, err := replay.Documents(traceability.TxID(fmt.Sprintf("%08x", w.txs)), writes)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{documents[0], documents[1], documents[3]}, kept); diff != "" {
		t.Errorf("(-accepted +kept):\n%s", diff)
	}
	w.do(shanghai, traceability.ActAcknowledge)
}

// BenchmarkNoticeAct judges an act on a notice that has gone through much.
func BenchmarkNoticeAct(b *testing.B) {
	w := newIssuedWorld(b, chemical)
	w.tell()
	for range 40 {
		w.do(jiangsu, traceability.ActAnswer, func(a *traceability.NoticeAct) { a.Answer = traceability.AnswerAccept })
		w.now = w.now.Add(60e9)
	}
	p := rules.Prepare(w.act(shop, traceability.ActReinspectionApply, to(traceability.ToUnit), because("x"), func(a *traceability.NoticeAct) { a.Items = []int{2} }))
	p.Verify(w.key(shop).Public())
	var memo rules.Memo
	for b.Loop() {
		outcomes, _, err := memo.Apply(w.state, rules.Tx{ID: "tx", Time: w.now}, []*rules.Prepared{p})
		if err != nil || outcomes[0].Status != traceability.StatusAccepted {
			b.Fatal(outcomes, err)
		}
	}
}
