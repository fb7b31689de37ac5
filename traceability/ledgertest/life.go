package ledgertest

import (
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// Life is what a ledger must make of the documents of testLife: a line for each
// outcome, then one for each record. It is the same on every ledger.
//
//go:embed testdata/life.txt
var life string

// testLife takes one failed sample through everything that the provinces do about
// it: agreements, a notice from its issue to its close, with a re-inspection and
// both cases, recognition, a recall, and a consultation that resolves, publishes
// and lifts. Beside outcomes it compares what the rules derive.
func testLife(t *testing.T, b *bench) {
	if diff := cmp.Diff(strings.Split(life, "\n"), strings.Split(Live(t, b.Harness), "\n")); diff != "" {
		t.Errorf("made from the embedded ledger; run with -update in this folder (-golden +this ledger):\n%s", diff)
	}
}

// Live submits the documents of testLife to a ledger and tells what came of them.
func Live(tb testing.TB, h Harness) string {
	tb.Helper()
	b := &bench{h}
	if b.Patience == 0 {
		b.Patience = 10 * time.Second
	}
	var lines []string
	for _, batch := range newWorld(tb, b.Network).batches() {
		for _, o := range b.submit(tb, batch...).Outcomes {
			line := fmt.Sprintf("%s %s %s", o.Type, o.Status, o.Code)
			for _, w := range o.Warnings {
				line += " " + string(w.Code)
			}
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	values, _ := state(b.blocks(tb, 0))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		lines = append(lines, key+" "+derived(tb, key, []byte(values[key])))
	}
	return strings.Join(lines, "\n") + "\n"
}

// derived is what the rules derived in a record, without what is another at each
// run: keys, signatures, transactions and the ledger's clock.
func derived(tb testing.TB, key string, value []byte) string {
	tb.Helper()
	prefix, _, _ := strings.Cut(key, "/")
	var kept any
	var err error
	switch prefix {
	case "calendar", "timer", "parameters", "quorum", "recurrence", "limit":
		var a *traceability.AgreementState
		a, err = traceability.DecodeState[traceability.AgreementState](value)
		kept = fmt.Sprintf("%d signed, in force %v", len(a.Documents), a.InForce)
	case "notice":
		var n *traceability.NoticeState
		n, err = traceability.DecodeState[traceability.NoticeState](value)
		kept = n.Notice
	case "consultation":
		var c *traceability.ConsultationState
		c, err = traceability.DecodeState[traceability.ConsultationState](value)
		kept = c.Consultation
	case "recall":
		var r *traceability.RecallState
		r, err = traceability.DecodeState[traceability.RecallState](value)
		kept = r.Recall
	case "recognition":
		var r *traceability.RecognitionState
		r, err = traceability.DecodeState[traceability.RecognitionState](value)
		kept = r.Evaluation
	case "report":
		var r *traceability.ReportState
		r, err = traceability.DecodeState[traceability.ReportState](value)
		kept = r.Remarks
	default:
		return ""
	}
	if err != nil {
		tb.Fatalf("%s: %v", key, err)
	}
	text, err := traceability.Canonical(map[string]any{"is": kept})
	if err != nil {
		tb.Fatalf("%s: %v", key, err)
	}
	return periods.ReplaceAllString(ledgerClock.ReplaceAllString(string(text), `"$1":""`), `"$1":""`)
}

// ledgerClock are the members that say when the ledger was told.
var ledgerClock = regexp.MustCompile(`"(recorded|opened)":"[^"]*"`)

// periods are the members of a deadline that run from when the ledger was told: all
// that is said here is said to be of 2025, and no ledger is told before 2026.
var periods = regexp.MustCompile(`"(from|due|warn|at)":"20(?:2[6-9]|[3-9][0-9])-[^"]*"`)

// world has the keys of those who act in testLife.
type world struct {
	testing.TB
	network                            *Network
	shanghai, jiangsu, zhejiang, anhui traceability.SigningKey
	lab, relab, farm                   traceability.SigningKey
	admissions                         []string
	report                             traceability.ReportID
	notice                             traceability.NoticeID
	lot                                traceability.LotID
	consultation                       traceability.ConsultationID
}

func newWorld(tb testing.TB, n *Network) *world {
	tb.Helper()
	w := &world{TB: tb, network: n, shanghai: n.Regulator(traceability.Shanghai), jiangsu: n.Regulator(traceability.Jiangsu), zhejiang: n.Regulator(traceability.Zhejiang),
		anhui: n.Regulator(traceability.Anhui), lot: "cn/93330424MA1FPX121R/BC/20250820", notice: "DBJ25310100319130599", consultation: "310000/HS-1"}
	var first, second string
	w.lab, first = n.Laboratory(tb, 1)
	w.relab, second = n.Laboratory(tb, 2)
	w.farm = NewKey(tb, "op:93330424MA1FPX121R")
	w.admissions = []string{first, second,
		Sign(tb, w.zhejiang, traceability.TypePartyAdmit, &traceability.Admission{Party: w.farm.Party, Name: "示范蔬菜合作社", Key: w.farm.Public(), Stage: traceability.StageFarm})}
	w.report = traceability.NewReportID(w.lab.Party, Report(1).No, 1)
	return w
}

// batches are the documents, a transaction each.
func (w *world) batches() [][]string {
	return [][]string{w.admissions, w.agreed(w.shanghai), w.agreed(w.jiangsu), w.agreed(w.zhejiang), w.agreed(w.anhui), w.found(), w.told(), w.contested(), w.handled(),
		w.recognised(), w.recalled(), w.opened(), w.resolved(), w.lifted()}
}

// agreed are a province's signatures under what all agree on. The fourth is needed
// for the limit only.
func (w *world) agreed(by traceability.SigningKey) []string {
	return []string{
		Sign(w, by, traceability.TypeTimerSet, &traceability.Timer{ID: "T5a", Revision: 1, Trigger: "通报", Act: "签收", Actor: "涉及地区", Amount: 48, Unit: traceability.Hours, Basis: "示例", EffectiveFrom: "2019-10-01"}),
		Sign(w, by, traceability.TypeParametersSet, &traceability.Parameters{Class: traceability.Microbiological, Revision: 1, Names: []string{"大肠菌群"}, Basis: "示例"}),
		Sign(w, by, traceability.TypeQuorumSet, &traceability.Quorum{Matter: traceability.MatterConsultation, Revision: 1, Voting: 3, Approving: 3, Basis: "示例", EffectiveFrom: "2019-10-01"}),
		Sign(w, by, traceability.TypeRecurrenceSet, &traceability.Recurrence{ID: "RC1", Revision: 1, WindowDays: 30, Provinces: 2, Count: 2, Tasks: []traceability.Task{traceability.TaskSupervision},
			Parameters: []string{traceability.AnyName}, Categories: []string{traceability.AnyName}, Basis: "示例", EffectiveFrom: "2019-10-01"}),
		Sign(w, by, traceability.TypeLimitSet, &traceability.Limit{Parameter: "倍硫磷", Category: "蔬菜", Revision: 1, Operator: traceability.LimitMost, Value: "0.05", Unit: "mg/kg", Standard: "GB 2763-2021", Source: "示例", EffectiveFrom: "2021-09-03"}),
	}
}

// found is a lot, and a report on it: an item that failed, and one that passed where
// the limit says that it did not.
func (w *world) found() []string {
	r := Report(1)
	r.Verdict, r.Items[0].Verdict, r.Items[0].Result, r.Items[1].Result = traceability.VerdictFail, traceability.VerdictFail, "0.37", "0.06"
	r.Sample.No, r.Sample.Lot, r.Sample.SampledUnit.USCC = traceability.SamplingNo(w.notice), w.lot, "91320106MA1FPX121A"
	r.Sample.ClaimedProducer = traceability.Firm{Name: "示范蔬菜合作社", USCC: "93330424MA1FPX121R"}
	return []string{
		Sign(w, w.farm, traceability.TypeLotRegister, &traceability.Lot{ID: w.lot, Product: "普通白菜", Unit: "KGM"}),
		Sign(w, w.lab, traceability.TypeReportSubmit, r),
	}
}

func (w *world) act(by traceability.SigningKey, act traceability.Act, fill ...func(*traceability.NoticeAct)) string {
	a := &traceability.NoticeAct{Notice: w.notice, Act: act, At: Signed}
	for _, f := range fill {
		f(a)
	}
	return Sign(w, by, traceability.TypeNoticeAct, a)
}

// because states a reason, with a paper.
func because(reason string) func(*traceability.NoticeAct) {
	return func(a *traceability.NoticeAct) {
		a.Reason, a.Evidence = reason, []traceability.Evidence{{Name: "材料"}}
	}
}

func towards(r traceability.Recipient) func(*traceability.NoticeAct) {
	return func(a *traceability.NoticeAct) { a.For, a.Evidence = r, []traceability.Evidence{{Name: "回证"}} }
}

func (w *world) told() []string {
	return []string{
		Sign(w, w.shanghai, traceability.TypeNoticeIssue, &traceability.NoticeIssue{Report: w.report, At: Signed, Stage: traceability.StageDistribution, Packaging: traceability.Bulk, SampledIn: "320106", ProducedIn: "330424"}),
		w.act(w.shanghai, traceability.ActDispatch), w.act(w.jiangsu, traceability.ActAcknowledge), w.act(w.zhejiang, traceability.ActAcknowledge),
		w.act(w.anhui, traceability.ActAcknowledge), // refused: it is not concerned
		w.act(w.zhejiang, traceability.ActAnswer, func(a *traceability.NoticeAct) { a.Answer = traceability.AnswerAccept }),
		w.act(w.jiangsu, traceability.ActServe, towards(traceability.ToUnit)), w.act(w.zhejiang, traceability.ActServe, towards(traceability.ToProducer)),
	}
}

func (w *world) contested() []string {
	return []string{
		w.act(w.zhejiang, traceability.ActReinspectionApply, because("申请复检"), towards(traceability.ToProducer), func(a *traceability.NoticeAct) { a.Items = []int{1} }),
		w.act(w.shanghai, traceability.ActReinspectionAccept),
		w.act(w.shanghai, traceability.ActReinspectionAssign, func(a *traceability.NoticeAct) { a.Lab = w.relab.Party }),
		w.act(w.lab, traceability.ActReinspectionTransfer, because("移交")),
		w.act(w.relab, traceability.ActReinspectionConclude, func(a *traceability.NoticeAct) { a.Verdict = traceability.VerdictFail }),
		w.act(w.shanghai, traceability.ActReinspectionNotify),
		w.act(w.shanghai, traceability.ActClose), // refused: it is not determined
		w.act(w.jiangsu, traceability.ActWaive, towards(traceability.ToUnit)), w.act(w.zhejiang, traceability.ActWaive, towards(traceability.ToProducer)),
		w.act(w.shanghai, traceability.ActDetermine, because("复检不合格"), func(a *traceability.NoticeAct) { a.Decision = traceability.Upheld }),
		w.act(w.shanghai, traceability.ActPublish, func(a *traceability.NoticeAct) {
			a.Row = &traceability.PublicRow{SamplingNo: traceability.SamplingNo(w.notice), FoodName: "普通白菜", Failures: []traceability.FailedRow{{Parameter: pesticides[0], Result: "0.37", Limit: "≤0.05"}}}
		}),
	}
}

// handled takes both cases to their end, and closes.
func (w *world) handled() []string {
	var batch []string
	for _, link := range []traceability.Link{traceability.LinkDistribution, traceability.LinkProduction} {
		by := w.jiangsu
		if link == traceability.LinkProduction {
			by = w.zhejiang
		}
		on := func(a *traceability.NoticeAct) { a.Link = link }
		batch = append(batch, w.act(by, traceability.ActHandlingOpen, on))
		for _, step := range traceability.Steps() {
			if step != traceability.StepNoPenalty {
				batch = append(batch, w.act(by, traceability.ActHandlingStep, on, because("办理"), func(a *traceability.NoticeAct) {
					if a.Step = step; step == traceability.StepCause {
						a.Cause = traceability.CauseMaterial
					}
				}))
			}
		}
		batch = append(batch, w.act(by, traceability.ActHandlingSubmit, on), w.act(w.shanghai, traceability.ActHandlingPass, on))
	}
	return append(batch, w.act(w.shanghai, traceability.ActClose, because("办结")))
}

// recognised is a rule of Jiangsu's, and its decision on an item that passed.
func (w *world) recognised() []string {
	return []string{
		Sign(w, w.jiangsu, traceability.TypeRecognitionRule, &traceability.RecognitionRule{Rule: "MR-32", Version: 1, Accepting: traceability.Jiangsu, Issuing: []traceability.ProvinceCode{traceability.Shanghai},
			EffectiveFrom: "2025-01-01", Applies: traceability.RecognitionScope{Tasks: []traceability.Task{traceability.TaskSupervision}, Categories: []string{traceability.AnyName}, Parameters: []string{traceability.AnyName}}}),
		Sign(w, w.jiangsu, traceability.TypeRecognitionDecide, &traceability.RecognitionDecision{Report: w.report, Parameter: pesticides[2], Accepting: traceability.Jiangsu, Rule: "MR-32", Version: 1,
			Outcome: traceability.NotRecognised, Dissent: "示例", At: Signed}),
	}
}

// recalled is a recall that follows from the notice, from its order to its end.
func (w *world) recalled() []string {
	act := func(by traceability.SigningKey, act traceability.Act, fill func(*traceability.RecallAct)) string {
		a := &traceability.RecallAct{Recall: traceability.RecallID(w.lot), Act: act, At: Signed}
		fill(a)
		return Sign(w, by, traceability.TypeRecallAct, a)
	}
	amounts := func(recalled traceability.Decimal) func(*traceability.RecallAct) {
		return func(a *traceability.RecallAct) {
			a.Unit, a.Amounts = "KGM", []traceability.RecallAmount{{Region: "330424", Made: "100", Sold: "80", Recalled: recalled, Destroyed: recalled}}
			if act := a.Act; act == traceability.ActReport {
				a.Reason = "总结"
			}
		}
	}
	nothing := func(*traceability.RecallAct) {}
	return []string{
		Sign(w, w.zhejiang, traceability.TypeRecallOpen, &traceability.RecallOpen{Lots: []traceability.LotID{w.lot}, Downstream: true, At: Signed, Notice: w.notice, Level: traceability.RecallII, Hazard: "农药残留", Reason: "不合格"}),
		act(w.farm, traceability.ActPlan, func(a *traceability.RecallAct) { a.Level, a.Measures = traceability.RecallII, "销毁" }),
		act(w.farm, traceability.ActAnnounce, nothing),
		act(w.farm, traceability.ActProgress, amounts("20")),
		act(w.farm, traceability.ActReport, amounts("60")),
		act(w.zhejiang, traceability.ActAssess, func(a *traceability.RecallAct) { a.Effect, a.Reason = traceability.Effective, "有效" }),
		act(w.zhejiang, traceability.ActClose, nothing),
	}
}

func (w *world) deliberate(by traceability.SigningKey, a traceability.ConsultationAct) string {
	a.Consultation, a.At = w.consultation, Signed
	return Sign(w, by, traceability.TypeConsultationAct, &a)
}

func (w *world) opened() []string {
	resolution := &traceability.Resolution{Level: traceability.LevelWarning, Measures: []string{"加强抽检"}, ReviewOn: "2025-10-01"}
	return []string{
		Sign(w, w.shanghai, traceability.TypeConsultationOpen, &traceability.ConsultationOpen{Ref: "HS-1", At: Signed, Title: "示例", Parameters: []string{pesticides[0]}, Products: []string{"蔬菜"}, Question: "是否预警",
			RespondBy: "2025-09-10", Notices: []traceability.NoticeID{w.notice}, Reports: []traceability.ReportID{w.report}, Recalls: []traceability.RecallID{traceability.RecallID(w.lot)}}),
		w.deliberate(w.anhui, traceability.ConsultationAct{Act: traceability.ActOpine, Opinion: "同意预警", Level: traceability.LevelWarning}),
		w.deliberate(w.shanghai, traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: resolution}),
		w.deliberate(w.anhui, traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: resolution}), // refused: for the initiator
	}
}

func (w *world) votes(draft int) []string {
	var batch []string
	for _, by := range []traceability.SigningKey{w.shanghai, w.jiangsu, w.zhejiang} {
		batch = append(batch, w.deliberate(by, traceability.ConsultationAct{Act: traceability.ActVote, Draft: draft, Vote: traceability.VoteYes}))
	}
	return batch
}

func (w *world) resolved() []string {
	resolve := w.deliberate(w.shanghai, traceability.ConsultationAct{Act: traceability.ActResolve, Draft: 1})
	return append(append([]string{resolve}, w.votes(1)...), // refused: nobody has voted
		w.deliberate(w.shanghai, traceability.ConsultationAct{Act: traceability.ActResolve, Draft: 1, Reason: "已达法定数"}),
		w.deliberate(w.shanghai, traceability.ConsultationAct{Act: traceability.ActPublish, Advice: &traceability.Advice{Title: "消费提示", Text: "请留意"}}))
}

func (w *world) lifted() []string {
	return append(append([]string{
		w.deliberate(w.shanghai, traceability.ConsultationAct{Act: traceability.ActReview, Decision: traceability.ReviewLift, Reason: "已整改", Evidence: []traceability.Evidence{{Name: "复查报告"}}})}, w.votes(2)...),
		w.deliberate(w.shanghai, traceability.ConsultationAct{Act: traceability.ActResolve, Draft: 2}),
		w.deliberate(w.shanghai, traceability.ConsultationAct{Act: traceability.ActClose, Reason: "已解除"}))
}
