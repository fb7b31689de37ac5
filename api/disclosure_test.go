package main

import (
	"bytes"
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deltatrace/traceability"
	"deltatrace/traceability/disclosure"
)

// TestDisclosureRate declares shops, verifies them, and asks for the rate and for the
// shops behind it, as the public, the platform, another one and a regulator; in the
// end it counts the day again from the ledger alone.
func TestDisclosureRate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	today := traceability.DateOf(time.Now())
	licence := traceability.Licence{ID: "JY23101040000019", Holder: traceability.Firm{Name: "上海示例餐饮有限公司", USCC: "91310101MA1FPX121X"},
		Premises: "上海市徐汇区示例路1号", Division: "310104", Storefront: "示例餐厅", BusinessType: traceability.BusinessTypeCatering,
		Items: []traceability.LicenceItem{{Name: "热食类食品制售"}}, ValidFrom: today.AddDays(-100), ValidTo: today.AddDays(1000)}
	good := traceability.Shop{ID: "A", Name: "示例餐厅", Address: "上海市徐汇区示例路1号", Division: "310104", Licence: "JY23101040000019", Holder: "上海示例餐饮有限公司"}
	hidden := traceability.Shop{ID: "B", Name: "另一餐厅", Address: "上海市徐汇区示例路2号", Division: "310104"}
	farmer := traceability.Shop{ID: "C", Name: "示例菜摊", Address: "上海市徐汇区示例路3号", Division: "310104", Exempt: "仅销售食用农产品"}
	closed := traceability.Shop{ID: "D", Name: "歇业餐厅", Address: "上海市徐汇区示例路4号", Division: "310104", Closed: true}
	now := traceability.Instant(time.Now())
	w.accept(
		w.sign(shanghai, traceability.TypePartyAdmit, w.admission(platform)),
		w.sign(shanghai, traceability.TypeLicenceGrant, licence),
		w.sign(platform, traceability.TypeListingDeclare, traceability.Listing{Ref: "1", At: now, Shops: []traceability.Shop{good, hidden, farmer, closed}}),
	)
	shops := func(as traceability.PartyID, more string) traceability.List[disclosure.Judged] {
		t.Helper()
		return mustDecode[traceability.List[disclosure.Judged]](t, w.getAs(as, "/v1/disclosure/shops?platform="+string(platform)+more).body)
	}
	ids := func(l traceability.List[disclosure.Judged]) (ids string) {
		for _, s := range l.Items {
			ids += string(s.Listing.ID)
		}
		return ids
	}
	for more, want := range map[string]string{"": "ABC", "&code=STALE": "ABC", "&code=NOT_SHOWN": "BC", "&division=310104&limit=1": "A", "&division=330000": ""} {
		for _, as := range []traceability.PartyID{platform, zhejiang} {
			if got := ids(shops(as, more)); got != want {
				t.Errorf("%s, %s: %s, not %s", as, more, got, want)
			}
		}
	}
	w.accept(w.sign(shanghai, traceability.TypePartyAdmit, w.admission("plat:91310000MA1FPX141C")))
	for _, answer := range []reply{w.get("/v1/disclosure/shops?platform=" + string(platform)), w.getAs("plat:91310000MA1FPX141C", "/v1/disclosure/shops?platform="+string(platform))} {
		if answer.status != http.StatusForbidden {
			t.Errorf("%d: %s", answer.status, answer.body)
		}
	}
	w.accept(w.sign(platform, traceability.TypeVerificationRecord, traceability.Verification{Ref: "1", At: now, Height: 1,
		Shops: []traceability.VerifiedShop{{ID: "A", Licence: "JY23101040000019", Verdict: traceability.LicenceHolds}}}))

	archive, err := disclosure.OpenArchive(filepath.Join(w.dir, "data", "disclosure"))
	if err != nil {
		t.Fatal(err)
	}
	day, err := disclosure.Compute(t.Context(), w.main.store, today, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := archive.Save(day); err != nil {
		t.Fatal(err)
	}
	series := mustDecode[traceability.List[rateAnswer]](t, w.get("/v1/disclosure?division=310000&platform="+string(platform)).body)
	want := rateAnswer{Day: today, Height: day.Height, NominalShare: "50", StrictShare: "50", Rate: disclosure.Rate{Base: 2, Nominal: 1, Strict: 1, Exempt: 1,
		Reasons: map[traceability.ViolationCode]int{traceability.ViolationNotShown: 1, traceability.ViolationStale: 1}}}
	if diff := cmp.Diff([]rateAnswer{want}, series.Items); diff != "" {
		t.Error(diff)
	}
	if before := mustDecode[traceability.List[rateAnswer]](t, w.get("/v1/disclosure?to="+string(today.AddDays(-1))).body); len(before.Items) > 0 {
		t.Error(before)
	}

	w.stop()
	var out bytes.Buffer
	if err := run(context.Background(), []string{"disclosure", "--data", filepath.Join(w.dir, "data"), string(today)}, &out, &out); err != nil {
		t.Fatal(err, out.String())
	}
	again := mustDecode[disclosure.Day](t, out.Bytes()[bytes.IndexByte(out.Bytes(), '{'):])
	if diff := cmp.Diff(*day, again, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if err := run(context.Background(), []string{"disclosure", "--data", filepath.Join(w.dir, "data"), "2020-01-01"}, &out, &out); err == nil {
		t.Error("a day before the ledger has a rate")
	}
}
