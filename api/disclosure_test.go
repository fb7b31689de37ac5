package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deltatrace/traceability"
	"deltatrace/traceability/disclosure"
	"deltatrace/traceability/exchange"
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
		if answer.status != http.StatusForbidden && answer.status != http.StatusUnauthorized {
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
	if diff := cmp.Diff(*day, again, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(disclosure.Day{}, "Failing")); diff != "" {
		t.Error(diff)
	}
	if err := run(context.Background(), []string{"disclosure", "--data", filepath.Join(w.dir, "data"), "2020-01-01"}, &out, &out); err == nil {
		t.Error("a day before the ledger has a rate")
	}
}

// TestFailingShops lists the shops that failed on a day as their platform, a rival, a
// regulator and others, as JSON and as tables, and holds that what happened since is
// told: a page put right, a shop closed, a licence revoked.
func TestFailingShops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := w.failingDay()
	list := func(as traceability.PartyID, query string) failingAnswer {
		t.Helper()
		return mustDecode[failingAnswer](t, w.getAs(as, "/v1/disclosure/failing?"+query).body)
	}
	ids := func(a failingAnswer) (ids string) {
		for _, f := range a.Items {
			ids += string(f.Shop) + ":" + string(f.Severity) + " "
		}
		return strings.TrimSpace(ids)
	}
	for _, c := range []struct {
		as          traceability.PartyID
		query, want string
		count       int
	}{
		{zhejiang, "", "B:refuse R:refuse N:mend A:mend", 4},
		{zhejiang, "platform=" + string(rival), "R:refuse", 1},
		{zhejiang, "division=310000&severity=mend", "N:mend A:mend", 4},
		{zhejiang, "division=330000", "", 0},
		{waimai, "", "B:refuse N:mend A:mend", 3},
		{waimai, "code=NAME_MISMATCH&day=" + string(day), "N:mend", 3},
		{rival, "", "R:refuse", 1},
	} {
		got := list(c.as, c.query)
		if ids(got) != c.want || got.Count.Shops != c.count || got.Day != day || got.Height == 0 {
			t.Errorf("%s, %s: %s, %d shops of %s, not %s", c.as, c.query, ids(got), got.Count.Shops, got.Day, c.want)
		}
	}
	first := list(waimai, "limit=1")
	if second := list(waimai, "limit=2&after="+url.QueryEscape(first.Next)); ids(first)+" "+ids(second) != "B:refuse N:mend A:mend" || second.Next != "" {
		t.Errorf("in pages: %s, then %s", ids(first), ids(second))
	}
	path := "/v1/disclosure/failing?platform=" + string(waimai)
	for _, answer := range []reply{w.get(path), w.get("/v1/disclosure/failing"), w.getAs(rival, path), w.getAs(rival, "/v1/listings/A/check?platform="+string(waimai)), w.get("/v1/listings/A/check?platform=" + string(waimai))} {
		if answer.status != http.StatusForbidden && answer.status != http.StatusUnauthorized {
			t.Errorf("%d: %s", answer.status, answer.body)
		}
	}
	for query, want := range map[string]int{"day=2026-01-01": http.StatusNotFound, "after=x": http.StatusBadRequest, "severity=x": http.StatusBadRequest, "code=x": http.StatusBadRequest,
		"format=pdf": http.StatusBadRequest, "format=csv&limit=1": http.StatusBadRequest, "division=x": http.StatusBadRequest} {
		if got := w.getAs(zhejiang, "/v1/disclosure/failing?"+query).status; got != want {
			t.Errorf("%s: %d", query, got)
		}
	}

	// Since then one shop's name was put right, one closed, and a licence was revoked.
	now := traceability.Instant(time.Now())
	w.accept(w.sign(waimai, traceability.TypeListingDeclare, traceability.Listing{Ref: "2", At: now, Shops: []traceability.Shop{
		{ID: "N", Name: "示例餐厅", Address: "上海市徐汇区示例路1号", Division: "310104", Licence: "JY23101040000019", Holder: "上海示例餐饮有限公司"},
		{ID: "B", Name: "=另一餐厅", Address: "上海市徐汇区示例路2号", Division: "310104", Closed: true}}}),
		w.sign(waimai, traceability.TypeVerificationRecord, traceability.Verification{Ref: "2", At: now, Height: 1,
			Shops: []traceability.VerifiedShop{{ID: "N", Licence: "JY23101040000019", Verdict: traceability.LicenceHolds}}}))
	for _, f := range list(waimai, "").Items {
		switch {
		case f.Shop == "B" && f.Now != nil, f.Shop == "N" && (f.Now == nil || len(f.Now.Codes) > 0 || f.Name != "示例餐厅"),
			f.Shop == "A" && !slices.Equal(f.Now.Codes, []traceability.ViolationCode{traceability.ViolationStale}):
			t.Errorf("now %+v", f)
		}
	}
	table := w.cellsOf(w.getAs(zhejiang, "/v1/disclosure/failing?format=csv&platform="+string(waimai)))
	if len(table) != 5 || table[2][2] != "B" || table[2][3] != "'=另一餐厅" || table[2][12] != "已下架或不接单" || table[3][12] != "已改正" || table[4][10] != "未更新" {
		t.Errorf("%q", table)
	}
	if sheet := w.get("/v1/disclosure/failing", "Authorization: Bearer "+w.token(waimai), "Accept: "+exchange.XLSX.MediaType()); sheet.header.Get("Content-Disposition") != `attachment; filename="shops-`+string(day)+`.xlsx"` || len(sheet.body) == 0 {
		t.Errorf("%d %v", sheet.status, sheet.header)
	}

	check := func(as traceability.PartyID) listingCheck {
		t.Helper()
		return mustDecode[listingCheck](t, w.getAs(as, "/v1/listings/N/check?platform="+string(waimai)).body)
	}
	if got := check(waimai); got.Result.Verdict != traceability.LicenceHolds || len(got.Verifications) != 1 || got.Verifications[0].Verification != "2" || got.Result.Licence.Status != traceability.LicenceValid {
		t.Errorf("%+v", got)
	}
	w.accept(w.sign(shanghai, traceability.TypeLicenceChange, traceability.LicenceChange{ID: "JY23101040000019", Change: traceability.LicenceRevoked, From: traceability.DateOf(now), Reason: "测试"}))
	for _, as := range []traceability.PartyID{waimai, zhejiang} {
		if got := check(as); got.Result.Verdict != traceability.LicenceFails || got.Result.Licence.Status != traceability.LicenceStruck || got.Result.Findings[0].Code != traceability.ViolationRevoked {
			t.Errorf("after the revocation, to %s: %+v", as, got.Result)
		}
	}
	if got := w.getAs(waimai, "/v1/listings/NONE/check").status; got != http.StatusNotFound {
		t.Errorf("no such shop: %d", got)
	}
	if got := w.getAs(zhejiang, "/v1/listings/N/check").status; got != http.StatusBadRequest {
		t.Errorf("no platform: %d", got)
	}
}

// failingDay declares shops of two platforms, good and bad, and counts the day before
// today. It returns which that is.
func (w *world) failingDay() traceability.Date {
	w.Helper()
	today := traceability.DateOf(time.Now())
	licence := traceability.Licence{ID: "JY23101040000019", Holder: traceability.Firm{Name: "上海示例餐饮有限公司", USCC: "91310101MA1FPX121X"},
		Premises: "上海市徐汇区示例路1号", Division: "310104", Storefront: "示例餐厅", BusinessType: traceability.BusinessTypeCatering,
		Items: []traceability.LicenceItem{{Name: "热食类食品制售"}}, ValidFrom: today.AddDays(-100), ValidTo: today.AddDays(1000)}
	shop := func(id traceability.ShopID, name string) traceability.Shop {
		return traceability.Shop{ID: id, Name: name, Address: "上海市徐汇区示例路1号", Division: "310104", Licence: "JY23101040000019", Holder: "上海示例餐饮有限公司"}
	}
	hidden := func(id traceability.ShopID, name string) traceability.Shop {
		return traceability.Shop{ID: id, Name: name, Address: "上海市徐汇区示例路2号", Division: "310104"}
	}
	read := today.AddDays(-1).End().Add(-time.Hour)
	w.accept(w.sign(shanghai, traceability.TypePartyAdmit, w.admission(waimai)), w.sign(zhejiang, traceability.TypePartyAdmit, w.admission(rival)),
		w.sign(shanghai, traceability.TypeLicenceGrant, licence),
		w.sign(waimai, traceability.TypeListingDeclare, traceability.Listing{Ref: "1", At: read, Shops: []traceability.Shop{
			shop("A", "示例餐厅"), shop("G", "示例餐厅"), shop("N", "某某小吃"), hidden("B", "=另一餐厅")}}),
		w.sign(rival, traceability.TypeListingDeclare, traceability.Listing{Ref: "1", At: read, Shops: []traceability.Shop{hidden("R", "对手餐厅")}}),
		w.sign(waimai, traceability.TypeVerificationRecord, traceability.Verification{Ref: "1", At: read, Height: 1,
			Shops: []traceability.VerifiedShop{{ID: "G", Licence: "JY23101040000019", Verdict: traceability.LicenceHolds}}}))
	w.countDay(today.AddDays(-1))
	return today.AddDays(-1)
}

// countDay computes a day into the archive of the server.
func (w *world) countDay(day traceability.Date) {
	w.Helper()
	archive, err := disclosure.OpenArchive(filepath.Join(w.dir, "data", "disclosure"))
	if err != nil {
		w.Fatal(err)
	}
	computed, err := disclosure.Compute(w.Context(), w.main.store, day, func(int) {})
	if err == nil {
		err = archive.Save(computed)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// cellsOf reads a table in CSV.
func (w *world) cellsOf(answer reply) [][]string {
	w.Helper()
	if answer.status != http.StatusOK {
		w.Fatalf("%d %s", answer.status, answer.body)
	}
	return w.cells(answer.body)
}
