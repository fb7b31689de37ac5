package rules_test

import (
	"testing"

	"deltatrace/traceability"
)

const creditCompany traceability.USCC = "91310101MA1FPX121X" // of shop

// listing is a serious violation of the shop's that Zhejiang found.
func listing(ref string) *traceability.CreditEnter {
	return &traceability.CreditEnter{Ref: ref, Company: creditCompany, Name: "上海示例食品店", Kind: traceability.CreditSerious, Reason: "经营不合格食品，情节严重",
		Basis: "市场监督管理严重违法失信名单管理办法", Decision: "浙市监示例〔2026〕1号", From: "2026-11-01", Expires: "2029-10-31",
		Measures: []traceability.CreditMeasure{{Measure: traceability.MeasurePlatformEntry}}}
}

func (w *world) creditOf(id traceability.CreditID) *traceability.Credit {
	w.Helper()
	state, err := traceability.DecodeState[traceability.CreditState](w.state[traceability.CreditKey(id)])
	if err != nil {
		w.Fatal(err)
	}
	return &state.Credit
}

func TestCreditEnter(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.agree()
	enter := func(by traceability.PartyID, say *traceability.CreditEnter) string {
		return w.sign(by, traceability.TypeCreditEnter, say)
	}
	w.refuse(enter(lab, listing("YZ-1")), traceability.CodeNotAllowed, "kid")
	w.refuse(enter(shop, listing("YZ-1")), traceability.CodeNotAllowed, "kid")
	late := listing("YZ-1")
	late.Expires = "2029-11-01" // three years and a day
	w.refuse(enter(zhejiang, late), traceability.CodeInvalid, "expires")
	early := listing("YZ-1")
	early.From = "2026-12-01"
	w.refuse(enter(zhejiang, early), traceability.CodeFutureDated, "from")

	accepted := w.accept(enter(zhejiang, listing("YZ-1")))
	if accepted.Record != "credit/91310101MA1FPX121X/reg:330000/YZ-1" {
		t.Error(accepted.Record)
	}
	again := listing("YZ-1")
	if outcome := w.submit(enter(zhejiang, again))[0]; outcome.Status != traceability.StatusDuplicate {
		t.Errorf("%+v", outcome)
	}
	again.Reason = "别的"
	w.refuse(enter(zhejiang, again), traceability.CodeConflict, "ref")
	w.accept(enter(shanghai, again)) // another regulator's own reference

	promise := &traceability.CreditEnter{Ref: "CN-1", Company: creditCompany, Name: "上海示例食品店", Kind: traceability.CreditCommitment, Topic: traceability.TopicSevenDayReturns, From: "2026-11-01"}
	w.refuse(enter(factory, promise), traceability.CodeNotAllowed, "company")
	w.refuse(enter(shanghai, promise), traceability.CodeNotAllowed, "company")
	w.accept(enter(shop, promise))
}

// TestCreditLife follows a serious violation to its repair.
func TestCreditLife(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.agree()
	anhui := traceability.Regulator(traceability.Anhui)
	old := listing("YZ-2")
	old.From, old.Expires, old.Measures = "2025-11-01", "2028-10-31", nil
	id := traceability.NewCreditID(creditCompany, zhejiang, old.Ref)
	act := func(by traceability.PartyID, kind traceability.CreditActKind, entry traceability.CreditID) string {
		a := &traceability.CreditAct{Entry: entry, Act: kind, At: w.now, Reason: "示例理由", Evidence: []traceability.Evidence{{Name: "示例材料"}}}
		if kind == traceability.CreditMeasured {
			a.Measure = &traceability.CreditMeasure{Measure: traceability.MeasurePlatformEntry}
		}
		return w.sign(by, traceability.TypeCreditAct, a)
	}
	w.refuse(act(zhejiang, traceability.CreditRemove, id), traceability.CodeUnknownEntry, "entry")
	w.accept(w.sign(zhejiang, traceability.TypeCreditEnter, old))
	w.accept(w.sign(zhejiang, traceability.TypeCreditEnter, listing("YZ-3")))

	w.accept(act(anhui, traceability.CreditMeasured, id))
	for province, want := range map[traceability.ProvinceCode]bool{traceability.Anhui: true, traceability.Zhejiang: false} {
		if got := w.creditOf(id).Restricts(traceability.MeasurePlatformEntry, province, "2026-11-22"); got != want {
			t.Errorf("restricted in %s: %v", province, got)
		}
	}
	w.refuse(act(shop, traceability.CreditApply, traceability.NewCreditID(creditCompany, zhejiang, "YZ-3")), traceability.CodeInvalid, "at") // within the first year
	w.refuse(act(factory, traceability.CreditApply, id), traceability.CodeNotAllowed, "kid")
	w.refuse(act(zhejiang, traceability.CreditAccept, id), traceability.CodeWrongState, "act")
	w.accept(act(shop, traceability.CreditApply, id))
	w.refuse(act(anhui, traceability.CreditAccept, id), traceability.CodeNotAllowed, "kid")
	w.accept(act(zhejiang, traceability.CreditRefuse, id))
	w.accept(act(shop, traceability.CreditApply, id))
	if !w.creditOf(id).HoldsOn("2026-11-22") {
		t.Error("an application lifts nothing")
	}
	w.accept(act(zhejiang, traceability.CreditAccept, id))
	if c := w.creditOf(id); c.Progress() != traceability.CreditRepaired || c.HoldsOn("2026-11-22") || !c.HoldsOn("2026-11-21") || c.HoldsOn("2025-10-31") || len(c.Changes) != 6 {
		t.Errorf("%+v", c)
	}
	w.refuse(act(zhejiang, traceability.CreditRemove, id), traceability.CodeWrongState, "act")
	w.refuse(act(zhejiang, traceability.CreditRevoke, id), traceability.CodeWrongState, "act")
}
