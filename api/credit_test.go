package main

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/disclosure"
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

// TestCreditKeepsOffPlatforms enters a company, and its shop is refused; the entry is
// removed, and the shop holds. The strict rate says why it was less.
func TestCreditKeepsOffPlatforms(t *testing.T) {
	t.Parallel()
	w := newLicenceWorld(t)
	company, _ := stall.USCC()
	const number = "JY23101040000027"
	today := traceability.DateOf(time.Now())
	page := traceability.Shop{ID: "S", Name: "示例餐厅", Address: "上海市黄浦区示例路1号", Division: "310101", Licence: number}
	w.accept(
		w.sign(shanghai, traceability.TypeLicenceGrant, &traceability.Licence{ID: number, Holder: traceability.Firm{Name: "上海示例餐厅", USCC: company},
			Premises: page.Address, Division: page.Division, Storefront: page.Name, BusinessType: traceability.BusinessTypeCatering,
			Items: []traceability.LicenceItem{{Name: "热食类食品制售"}}, ValidFrom: "2024-01-01", ValidTo: "2029-12-31"}),
		w.sign(delivery, traceability.TypeListingDeclare, &traceability.Listing{Ref: "1", At: traceability.Instant(time.Now()), Shops: []traceability.Shop{page}}),
	)
	verified := func(ref string) traceability.Outcome {
		t.Helper()
		record := w.sign(delivery, traceability.TypeVerificationRecord, &traceability.Verification{Ref: ref, At: traceability.Instant(time.Now()),
			Shops: []traceability.VerifiedShop{{ID: "S", Licence: number, Verdict: traceability.LicenceHolds}}})
		return mustDecode[traceability.Receipt](t, w.postBatch(record).body).Outcomes[0]
	}
	codes := func(want string) {
		t.Helper()
		answer := w.verify(delivery, "", page)
		if got := mustDecode[checked](t, answer.body).codes(); len(got) != 1 || got[0] != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
	strict := func(want int, reasons map[traceability.ViolationCode]int) {
		t.Helper()
		day, err := disclosure.Compute(t.Context(), w.main.store, today, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		if rate := day.Of(disclosure.Cell{Platform: delivery}); rate.Base != 1 || rate.Nominal != 1 || rate.Strict != want || !maps.Equal(rate.Reasons, reasons) {
			t.Errorf("%+v", rate)
		}
	}
	verified("before")
	codes("S valid")
	strict(1, nil)
	enter := traceability.CreditEnter{Ref: "YZ-1", Company: company, Name: "张某某小吃店", Kind: traceability.CreditSerious, Reason: "示例", Basis: "示例条例", Decision: "示例〔2026〕1号",
		From: today, Expires: today.AddDays(30), Measures: []traceability.CreditMeasure{{Measure: traceability.MeasurePlatformEntry}}}
	w.accept(w.sign(zhejiang, traceability.TypeCreditEnter, enter))
	codes("S invalid RESTRICTED")
	strict(0, map[traceability.ViolationCode]int{traceability.ViolationRestricted: 1})
	finding := string(w.verify(delivery, "", page).body)
	for _, told := range []string{"示例〔2026〕1号", "示例条例", string(enter.Expires), string(company) + "/reg:330000/YZ-1"} {
		if !strings.Contains(finding, told) {
			t.Errorf("not said: %s", told)
		}
	}
	if strings.Contains(finding, enter.Name) {
		t.Errorf("the person is named: %s", finding)
	}
	if outcome := verified("during"); outcome.Code != traceability.CodeClaimsBetter {
		t.Errorf("recorded as valid: %+v", outcome)
	}
	w.accept(w.sign(zhejiang, traceability.TypeCreditAct, traceability.CreditAct{Entry: traceability.NewCreditID(company, zhejiang, "YZ-1"), Act: traceability.CreditRemove,
		At: traceability.Instant(time.Now()), Reason: "示例"}))
	codes("S valid")
	strict(1, nil)
	if outcome := verified("after"); outcome.Status != traceability.StatusAccepted {
		t.Errorf("%+v", outcome)
	}
	var told []traceability.SignalKind
	for _, signal := range mustDecode[traceability.FeedPage](t, w.getAs(delivery, "/v1/feed?kinds=credit").body).Signals {
		told = append(told, signal.Kind)
	}
	if !slices.Equal(told, []traceability.SignalKind{"credit.enter", "credit.remove"}) || len(mustDecode[traceability.FeedPage](t, w.getAs(rival, "/v1/feed?kinds=credit").body).Signals) > 0 {
		t.Errorf("the platform that lists the shop is told %v", told)
	}
}
