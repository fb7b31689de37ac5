package ledgertest

import (
	"sync"
	"testing"
	"time"

	"deltatrace/traceability"
)

// testNotice takes a failed sample through the first moves of its notice, of which
// two provinces make theirs at the same time: a notice is one record that many
// parties write to. A period that three provinces have agreed on counts from the
// transaction after.
func testNotice(t *testing.T, b *bench) {
	lab := b.laboratory(t)
	shanghai, jiangsu, zhejiang := b.Network.Regulator(traceability.Shanghai), b.Network.Regulator(traceability.Jiangsu), b.Network.Regulator(traceability.Zhejiang)
	timer := &traceability.Timer{ID: "T5a", Revision: 1, Trigger: "通报", Act: "签收", Actor: "涉及地区", Amount: 48, Unit: traceability.Hours, Basis: "示例", EffectiveFrom: "2019-10-01"}
	for _, province := range []traceability.SigningKey{shanghai, jiangsu, zhejiang} {
		b.accept(t, Sign(t, province, traceability.TypeTimerSet, timer))
	}
	report := Report(1)
	report.Verdict, report.Items[0].Verdict, report.Items[0].Result = traceability.VerdictFail, traceability.VerdictFail, "0.37"
	report.Sample.SampledUnit.USCC, report.Sample.ClaimedProducer = "91320106MA1FPX121A", traceability.Firm{Name: "示范蔬菜合作社", USCC: "93330424MA1FPX121R"}
	b.accept(t, Sign(t, lab, traceability.TypeReportSubmit, report))

	id := traceability.NewNoticeID(lab.Party, report)
	act := func(by traceability.SigningKey, act traceability.Act) string {
		return Sign(t, by, traceability.TypeNoticeAct, &traceability.NoticeAct{Notice: id, Act: act, At: Signed})
	}
	b.accept(t, Sign(t, shanghai, traceability.TypeNoticeIssue, &traceability.NoticeIssue{
		Report: traceability.NewReportID(lab.Party, report.No, 1), At: Signed, Stage: traceability.StageDistribution, Packaging: traceability.Bulk, SampledIn: "320106", ProducedIn: "330424"}),
		act(shanghai, traceability.ActDispatch))
	var together sync.WaitGroup
	for _, province := range []traceability.SigningKey{jiangsu, zhejiang} {
		document := act(province, traceability.ActAcknowledge)
		together.Go(func() {
			receipt, err := b.Ledger.Submit(b.within(t), []string{document})
			if err != nil || receipt.Outcomes[0].Status != traceability.StatusAccepted {
				t.Errorf("%s acknowledges: %+v, %v", province.Party, receipt.Outcomes, err)
			}
		})
	}
	together.Wait()
	again := Sign(t, jiangsu, traceability.TypeNoticeAct, &traceability.NoticeAct{Notice: id, Act: traceability.ActAcknowledge, At: Signed, Reason: "再次签收"})
	if o := b.submit(t, again).Outcomes[0]; o.Status != traceability.StatusRejected || o.Code != traceability.CodeWrongState {
		t.Errorf("to acknowledge twice: got %s %s, want rejected %s", o.Status, o.Code, traceability.CodeWrongState)
	}

	values, written := state(b.blocks(t, 0))
	key := traceability.NoticeKey(id)
	record, err := traceability.DecodeState[traceability.NoticeState]([]byte(values[key]))
	if err != nil {
		t.Fatal(err)
	}
	n := &record.Notice
	if len(record.Documents) != 4 || len(n.Done) != 4 || n.Phase != traceability.PhaseDispatched || written[key] < 2 {
		t.Errorf("%d documents, %d done, %s, written %d times; want 4, 4, %s, at least 2", len(record.Documents), len(n.Done), n.Phase, written[key], traceability.PhaseDispatched)
	}
	for _, province := range []traceability.ProvinceCode{traceability.Jiangsu, traceability.Zhejiang} {
		if c := n.Concern(province); c == nil || c.Progress() != traceability.Acknowledged {
			t.Errorf("%s: %+v, want acknowledged", province, c)
		}
	}
	met := 0
	for _, d := range n.Deadlines {
		if d.Timer == timer.ID && d.Status == traceability.Met && d.Revision == 1 && !d.From.Before(Signed) && d.Due.Equal(d.From.Add(48*time.Hour)) { // from the record, not from what was claimed
			met++
		}
	}
	if met != 2 {
		t.Errorf("%d periods of two provinces are met: %+v", met, n.Deadlines)
	}
}
