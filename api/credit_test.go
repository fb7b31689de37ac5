package main

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"deltatrace/traceability"
)

// TestCredit asks for a company's record as the public, another company and the
// company itself, before and after the repair.
func TestCredit(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	company, _ := stall.USCC()
	today := traceability.DateOf(time.Now())
	id := traceability.NewCreditID(company, zhejiang, "YZ-1")
	w.accept(
		w.sign(zhejiang, traceability.TypeCreditEnter, traceability.CreditEnter{Ref: "YZ-1", Company: company, Name: "张某某小吃店", Kind: traceability.CreditAbnormal, Reason: "示例",
			Basis: "示例", Decision: "示例〔2026〕1号", From: today, Measures: []traceability.CreditMeasure{{Measure: "honours", Provinces: []traceability.ProvinceCode{traceability.Zhejiang}}}}),
		w.sign(stall, traceability.TypeCreditEnter, traceability.CreditEnter{Ref: "CN-1", Company: company, Name: "张某某小吃店", Kind: traceability.CreditCommitment,
			Topic: traceability.TopicHonestMeasurement, From: today}),
	)
	ask := func(as traceability.PartyID, more string) creditAnswer {
		t.Helper()
		path := "/v1/credit/" + string(company) + more
		if as == "" {
			return mustDecode[creditAnswer](t, w.get(path).body)
		}
		return mustDecode[creditAnswer](t, w.getAs(as, path).body)
	}
	public := ask("", "")
	if len(public.Entries) != 2 || public.Entries[1].Name != "张＊＊＊＊店" || public.Entries[1].Changes != nil {
		t.Errorf("%+v", public)
	}
	if want := []restriction{{traceability.Zhejiang, "honours", id}}; !slices.Equal(public.Restrictions, want) {
		t.Error(public.Restrictions)
	}
	if before := ask("", "?on=2020-01-01"); len(before.Entries)+len(before.Restrictions) > 0 {
		t.Errorf("%+v", before)
	}
	w.accept(w.sign(zhejiang, traceability.TypeCreditAct, traceability.CreditAct{Entry: id, Act: traceability.CreditRemove, At: traceability.Instant(time.Now()), Reason: "示例"}))
	for party, want := range map[traceability.PartyID]int{"": 1, factory: 1, stall: 2, shanghai: 2} {
		if got := ask(party, ""); len(got.Entries) != want || len(got.Restrictions) > 0 {
			t.Errorf("%q: %+v", party, got)
		}
	}
	if got := w.get("/v1/credit/x").status; got != http.StatusBadRequest {
		t.Error(got)
	}
}
