package rules_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// verificationWorld has a licence, and a shop A that shows it as it must.
func verificationWorld(t *testing.T) *world {
	t.Helper()
	w := newPopulatedWorld(t)
	w.accept(w.sign(shanghai, traceability.TypeLicenceGrant, aLicence()))
	a := aShop("A", "示例餐厅")
	w.accept(w.sign(platform, traceability.TypeListingDeclare, aListing("1", w.now, a)))
	return w
}

func (w *world) setTimer() {
	w.Helper()
	timer := &traceability.Timer{ID: "V1", Revision: 1, Trigger: "核验", Act: "再次核验", Actor: "平台", Amount: 6, Unit: traceability.Months, Basis: "示例", EffectiveFrom: "2026-06-01"}
	for _, p := range provinces[:3] {
		w.accept(w.sign(traceability.Regulator(p), traceability.TypeTimerSet, timer))
	}
}

func (w *world) verification(ref string, shops ...traceability.VerifiedShop) string {
	return w.sign(platform, traceability.TypeVerificationRecord, &traceability.Verification{Ref: ref, At: w.now, Height: 7, Shops: shops})
}

func aVerified(id traceability.ShopID, codes ...traceability.ViolationCode) traceability.VerifiedShop {
	return traceability.VerifiedShop{ID: id, Licence: string(licenceNo), Verdict: traceability.VerdictOf(codes), Codes: codes}
}

func TestVerificationIsRecorded(t *testing.T) {
	t.Parallel()
	w := verificationWorld(t)
	at := w.now
	unknown := w.accept(w.verification("1", aVerified("A")))
	if len(unknown.Warnings) != 1 || unknown.Warnings[0].Code != traceability.CodeTimerMissing {
		t.Errorf("without a period: %+v", unknown.Warnings)
	}
	w.setTimer()
	at = w.now
	recorded := w.verification("2", aVerified("A"))
	if outcome := w.accept(recorded); outcome.Record != "verification/"+string(platform)+"/2" || len(outcome.Warnings) > 0 {
		t.Errorf("got %+v", outcome)
	}
	got, err := traceability.DecodeState[traceability.VerifiedState](w.state[traceability.VerifiedKey(platform, "A")])
	if err != nil {
		t.Fatal(err)
	}
	want := &traceability.VerifiedState{Verification: "2", At: at, Height: 7, Licence: string(licenceNo), Verdict: "valid", Due: time.Date(2027, 5, 22, 15, 59, 59, 0, time.UTC)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if again := w.submit(recorded)[0]; again.Status != traceability.StatusDuplicate {
		t.Errorf("the same again: %+v", again)
	}
	w.refuse(w.verification("2", aVerified("A", traceability.ViolationNoPremises)), traceability.CodeConflict, "ref")

	older := w.accept(w.sign(platform, traceability.TypeVerificationRecord, &traceability.Verification{Ref: "0", At: at.Add(-time.Hour), Shops: []traceability.VerifiedShop{aVerified("A")}}))
	if len(older.Warnings) != 1 || older.Warnings[0].Code != traceability.CodeOlder {
		t.Errorf("an older one: %+v", older.Warnings)
	}
	if got, _ := traceability.DecodeState[traceability.VerifiedState](w.state[traceability.VerifiedKey(platform, "A")]); got.Verification != "2" {
		t.Errorf("an older one took the place of the newer: %+v", got)
	}
}

// TestVerificationClaimsNoBetter holds that a record cannot say better than the
// register and the listing give, and may say worse.
func TestVerificationClaimsNoBetter(t *testing.T) {
	t.Parallel()
	w := verificationWorld(t)
	w.setTimer()
	b := aShop("B", "示例")
	b.Address = "上海市静安区示例路2号"
	gone := aShop("C", "示例")
	gone.Removed = true
	w.accept(w.sign(platform, traceability.TypeListingDeclare, aListing("2", w.now, b, gone)))

	refs := 0
	say := func(shops ...traceability.VerifiedShop) string {
		refs++
		return w.verification(fmt.Sprintf("r%d", refs), shops...)
	}
	w.refuse(w.sign(shop, traceability.TypeVerificationRecord, &traceability.Verification{Ref: "x", At: w.now, Shops: []traceability.VerifiedShop{aVerified("A")}}), traceability.CodeNotAllowed, "kid")
	w.refuse(w.sign(platform, traceability.TypeVerificationRecord, &traceability.Verification{Ref: "x", At: w.now.Add(time.Hour), Shops: []traceability.VerifiedShop{aVerified("A")}}), traceability.CodeFutureDated, "at")
	w.refuse(say(aVerified("A"), aVerified("Z")), traceability.CodeUnknownShop, "shops[1].shop")
	w.refuse(say(aVerified("C")), traceability.CodeUnknownShop, "shops[0].shop")
	other := aVerified("A")
	other.Licence = "JY23101040000019"
	w.refuse(say(other), traceability.CodeClaimsBetter, "shops[0].licence")
	refused := w.refuse(say(aVerified("A"), aVerified("B")), traceability.CodeClaimsBetter, "shops[1].codes")
	if p := refused.Problems[0]; p.Expected != string(traceability.ViolationAddressMismatch) {
		t.Errorf("expected: %+v", p)
	}
	w.accept(say(aVerified("A", traceability.ViolationNoPremises), aVerified("B", traceability.ViolationAddressMismatch, traceability.ViolationStale)))

	w.accept(w.sign(shanghai, traceability.TypeLicenceChange, aChange(traceability.LicenceRevoked, traceability.DateOf(w.now))))
	w.refuse(say(aVerified("A")), traceability.CodeClaimsBetter, "shops[0].codes")
	w.accept(say(aVerified("A", traceability.ViolationRevoked)))
}

// TestVerificationOfRegistration finds a province's own registration by the number
// alone.
func TestVerificationOfRegistration(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	small := aLicence()
	small.ID, small.BusinessType, small.Storefront = "small_caterer:310000:沪餐登123", "", "示例小吃"
	w.accept(w.sign(shanghai, traceability.TypeLicenceGrant, small))
	a := aShop("A", "示例小吃")
	a.Licence = "沪餐登123"
	w.accept(w.sign(platform, traceability.TypeListingDeclare, aListing("1", w.now, a)))
	claim := aVerified("A")
	claim.Licence = " 沪餐登 123 "
	w.accept(w.verification("1", claim))
}

// TestVerificationMindsCredit holds that a record cannot overlook what keeps a holder
// off platforms, whether it was entered with the measure or the measure came later,
// and that it ends with the entry.
func TestVerificationMindsCredit(t *testing.T) {
	t.Parallel()
	w := verificationWorld(t)
	w.setTimer()
	refs := 0
	valid := func() string { refs++; return w.verification(fmt.Sprint("c", refs), aVerified("A")) }
	act := func(entry traceability.CreditID, kind traceability.CreditActKind) {
		a := &traceability.CreditAct{Entry: entry, Act: kind, At: w.now, Reason: "示例"}
		if kind == traceability.CreditMeasured {
			a.Measure = &traceability.CreditMeasure{Measure: traceability.MeasurePlatformEntry, From: "2020-01-01"}
		}
		w.accept(w.sign(entry.By(), traceability.TypeCreditAct, a))
	}
	enter := func(by traceability.PartyID, ref string, measures ...traceability.CreditMeasure) traceability.CreditID {
		e := listing(ref)
		e.Measures = measures
		w.accept(w.sign(by, traceability.TypeCreditEnter, e))
		return traceability.NewCreditID(creditCompany, by, ref)
	}
	later := enter(shanghai, "YZ-1", traceability.CreditMeasure{Measure: "honours"})
	elsewhere := enter(zhejiang, "YZ-2", traceability.CreditMeasure{Measure: traceability.MeasurePlatformEntry, Provinces: []traceability.ProvinceCode{traceability.Zhejiang}})
	w.accept(valid())
	yesterday := w.now.AddDate(0, 0, -1)
	act(later, traceability.CreditMeasured)
	refused := w.refuse(valid(), traceability.CodeClaimsBetter, "shops[0].codes")
	if p := refused.Problems[0]; p.Expected != string(traceability.ViolationRestricted) {
		t.Errorf("expected: %+v", p)
	}
	w.accept(w.verification("worse", aVerified("A", traceability.ViolationRestricted)))
	w.accept(w.sign(platform, traceability.TypeVerificationRecord, &traceability.Verification{Ref: "past", At: yesterday, Shops: []traceability.VerifiedShop{aVerified("A")}})) // no measure is taken for the past
	act(later, traceability.CreditRemove)
	w.accept(valid())

	anew := enter(zhejiang, "YZ-3", traceability.CreditMeasure{Measure: traceability.MeasurePlatformEntry})
	w.refuse(valid(), traceability.CodeClaimsBetter, "shops[0].codes")
	act(anew, traceability.CreditRemove)
	w.accept(valid())
	bars, err := traceability.DecodeState[traceability.PlatformBars](w.state[traceability.PlatformBarsKey(creditCompany)])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]traceability.CreditID{elsewhere, later, anew}, bars.Entries); diff != "" {
		t.Error(diff)
	}
}
