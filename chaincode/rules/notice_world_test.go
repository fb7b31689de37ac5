package rules_test

import (
	"maps"
	"sync"
	"testing"
	"time"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

const (
	relab    traceability.PartyID = "lab:231009340002"
	relab2   traceability.PartyID = "lab:231009340003"
	stranger traceability.PartyID = "op:91340104MA1FPX121J"
	sample                        = traceability.NoticeID("DBJ25330100319130599")
)

var anhui = traceability.Regulator(traceability.Anhui)

// failedReport is about food of a Jiangsu producer, bought in a Shanghai shop on
// a platform there, in a sampling that Zhejiang organised.
func failedReport(items ...traceability.Item) *traceability.Report {
	r := &traceability.Report{
		No: "SP202500077", Revision: 1, Task: traceability.TaskSupervision, TaskName: "市级食品安全监督抽检", Verdict: traceability.VerdictFail, Issued: "2025-03-04",
		Sample: traceability.Sample{
			No: traceability.SamplingNo(sample), FoodName: "生菜沙拉", Spec: "200g/盒", Batch: "A01", SampledOn: "2025-02-20",
			ClaimedProducer: traceability.Firm{Name: "南京示例食品有限公司", USCC: "91320106MA1FPX121A"},
			SampledUnit:     traceability.Firm{Name: "上海示例餐饮有限公司", USCC: "91310101MA1FPX121X"},
		},
		Items: append([]traceability.Item{{Seq: 1, Parameter: "山梨酸", Unit: "g/kg", Limit: "≤1.0", Result: "0.2", Verdict: traceability.VerdictPass}}, items...),
	}
	return r
}

var (
	chemical = traceability.Item{Seq: 2, Parameter: "毒死蜱", Unit: "mg/kg", Limit: "≤0.02", Result: "0.37", Verdict: traceability.VerdictFail}
	microbe  = traceability.Item{Seq: 3, Parameter: "大肠菌群（CFU/g）", Limit: "n=5,c=2,m=10,M=10²", Result: "120，80，90，200，110", Verdict: traceability.VerdictFail}
)

const producer traceability.PartyID = "op:91320106MA1FPX121A"

func (w *world) issue() *traceability.NoticeIssue {
	return &traceability.NoticeIssue{Report: traceability.NewReportID(lab, "SP202500077", 1), At: w.now, Stage: traceability.StageDistribution,
		Packaging: traceability.Prepackaged, SampledIn: "310115", Platform: platform310}
}

const platform310 = platform // admitted by Shanghai

// noticeParties are all who might sign an act.
var noticeParties = []traceability.PartyID{shanghai, jiangsu, zhejiang, anhui, lab, relab, relab2, shop, producer, platform, stranger}

// prepared is the world before the notice, made once: its state and keys.
var prepared = sync.OnceValues(func() (state, map[traceability.PartyID]traceability.SigningKey) {
	w := newWorld(new(testing.T)) // a failure here fails every test that follows from it
	w.now = time.Date(2025, 3, 3, 1, 0, 0, 0, time.UTC)
	w.agree()
	for _, party := range []struct{ regulator, id traceability.PartyID }{
		{zhejiang, lab}, {zhejiang, relab}, {shanghai, relab2}, {shanghai, shop}, {jiangsu, producer}, {shanghai, platform}, {anhui, stranger},
	} {
		w.accept(w.sign(party.regulator, traceability.TypePartyAdmit, w.admission(party.id)))
	}
	return w.state, w.keys
})

// newNoticeWorld has a failed report on the ledger, on 4 March 2025, with these
// failed items, and all that the rules count with.
func newNoticeWorld(tb testing.TB, items ...traceability.Item) *world {
	tb.Helper()
	before, keys := prepared()
	w := &world{TB: tb, state: maps.Clone(before), keys: maps.Clone(keys), now: time.Date(2025, 3, 4, 9, 0, 0, 0, time.UTC), txs: 1000}
	w.accept(w.sign(lab, traceability.TypeReportSubmit, failedReport(items...)))
	return w
}

// newIssuedWorld has the notice as well.
func newIssuedWorld(tb testing.TB, items ...traceability.Item) *world {
	tb.Helper()
	w := newNoticeWorld(tb, items...)
	w.accept(w.sign(zhejiang, traceability.TypeNoticeIssue, w.issue()))
	return w
}

// act signs a move of the notice, done now.
func (w *world) act(by traceability.PartyID, act traceability.Act, more ...func(*traceability.NoticeAct)) string {
	say := &traceability.NoticeAct{Notice: sample, Act: act, At: w.now}
	for _, add := range more {
		add(say)
	}
	return w.sign(by, traceability.TypeNoticeAct, say)
}

// do makes moves that must be accepted.
func (w *world) do(by traceability.PartyID, act traceability.Act, more ...func(*traceability.NoticeAct)) traceability.Outcome {
	w.Helper()
	return w.accept(w.act(by, act, more...))
}

// notice reads the notice as it stands.
func (w *world) notice() *traceability.Notice {
	w.Helper()
	s, err := traceability.DecodeState[traceability.NoticeState](w.state[traceability.NoticeKey(sample)])
	if err != nil {
		w.Fatal(err)
	}
	if len(s.Documents) != len(s.Notice.Done) {
		w.Fatalf("%d documents, %d done", len(s.Documents), len(s.Notice.Done))
	}
	return &s.Notice
}

// deadline returns the last of a timer's deadlines.
func (w *world) deadline(id traceability.TimerID, about string) traceability.Deadline {
	w.Helper()
	var found traceability.Deadline
	for _, d := range w.notice().Deadlines {
		if d.Timer == id && d.About == about {
			found = d
		}
	}
	if found.Timer == "" {
		w.Errorf("no deadline %s %s", id, about)
	}
	return found
}

// day moves the clock to noon in China.
func (w *world) day(date string) {
	t, err := time.ParseInLocation("2006-01-02 15:04", date+" 12:00", traceability.ChinaTime())
	if err != nil {
		w.Fatal(err)
	}
	w.now = t.UTC()
}

func because(reason string) func(*traceability.NoticeAct) {
	return func(a *traceability.NoticeAct) { a.Reason = reason }
}

func paper(a *traceability.NoticeAct) { a.Evidence = []traceability.Evidence{{Name: "送达回证"}} }

func to(r traceability.Recipient) func(*traceability.NoticeAct) {
	return func(a *traceability.NoticeAct) { a.For = r }
}

func objecting(kind traceability.ObjectionKind) func(*traceability.NoticeAct) {
	return func(a *traceability.NoticeAct) { a.Kind = kind }
}

func on(link traceability.Link) func(*traceability.NoticeAct) {
	return func(a *traceability.NoticeAct) { a.Link = link }
}

func deciding(d traceability.Decision) func(*traceability.NoticeAct) {
	return func(a *traceability.NoticeAct) { a.Decision, a.Reason = d, "依据核查结果" }
}

// published has the row that the report drafts.
func published(remark string, items ...traceability.Item) func(*traceability.NoticeAct) {
	return func(a *traceability.NoticeAct) {
		row := traceability.DraftRow(failedReport(items...), "浙江示例检测有限公司")
		row.Remark = remark
		a.Row = &row
	}
}

// handle takes a link's case to its end.
func (w *world) handle(by traceability.PartyID, link traceability.Link) {
	w.Helper()
	w.do(by, traceability.ActHandlingOpen, on(link))
	for _, step := range traceability.Steps() {
		if step == traceability.StepNoPenalty {
			continue
		}
		w.do(by, traceability.ActHandlingStep, on(link), because("已核查"), func(a *traceability.NoticeAct) {
			a.Step = step
			if step == traceability.StepCause {
				a.Cause = traceability.CauseMaterial
			}
		})
	}
	w.do(by, traceability.ActHandlingSubmit, on(link))
	w.do(zhejiang, traceability.ActHandlingPass, on(link))
}

// tell dispatches, has both provinces acknowledge, and serves all.
func (w *world) tell() {
	w.Helper()
	w.do(zhejiang, traceability.ActDispatch)
	w.do(shanghai, traceability.ActAcknowledge)
	w.do(jiangsu, traceability.ActAcknowledge)
	w.do(shanghai, traceability.ActServe, to(traceability.ToUnit), paper)
	w.do(jiangsu, traceability.ActServe, to(traceability.ToProducer), paper)
	w.do(shanghai, traceability.ActServe, to(traceability.ToPlatform), paper)
}

// tried applies one document and writes nothing.
func (w *world) tried(document string) traceability.Outcome {
	w.Helper()
	outcomes, _, err := rules.Apply(w.state, rules.Tx{ID: "tried", Time: w.now}, []*rules.Prepared{rules.Prepare(document)})
	if err != nil {
		w.Fatal(err)
	}
	return outcomes[0]
}
