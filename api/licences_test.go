package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

const (
	catererNo traceability.LicenceID = "JY23101040000019"
	waimai    traceability.PartyID   = "plat:91310101MA1FPX121X"
	rival     traceability.PartyID   = "plat:91330106MA1FPX121E"
)

// catererLicence is the shop's.
func catererLicence() traceability.Licence {
	return traceability.Licence{ID: catererNo, Holder: traceability.Firm{Name: "上海示例餐饮有限公司", USCC: traceability.USCC(shop.Number())},
		Premises: "上海市徐汇区示例路1号", Division: "310104", BusinessType: traceability.BusinessTypeCatering,
		Items: []traceability.LicenceItem{{Name: "热食类食品制售"}}, ValidFrom: "2024-03-01", ValidTo: "2029-02-28"}
}

// disclose grants the shop's licence and one of a person's, and has two platforms
// list shops with the first.
func (w *world) disclose() {
	w.Helper()
	person := catererLicence()
	person.ID, person.Holder = "JY23101040000027", traceability.Firm{Name: canaryPerson, USCC: traceability.USCC(stall.Number()), Address: "上海市黄浦区南京路1号" + canaryHome}
	listing := func(id traceability.ShopID) traceability.Listing {
		return traceability.Listing{Ref: "1", At: w.at(1), Shops: []traceability.Shop{{ID: id, Name: "示例小馆", Address: "示例路1号", Licence: string(catererNo)}}}
	}
	w.accept(w.sign(shanghai, traceability.TypePartyAdmit, w.admission(waimai)), w.sign(zhejiang, traceability.TypePartyAdmit, w.admission(rival)))
	w.accept(w.sign(shanghai, traceability.TypeLicenceGrant, catererLicence()), w.sign(shanghai, traceability.TypeLicenceGrant, person),
		w.sign(waimai, traceability.TypeListingDeclare, listing("E1")), w.sign(rival, traceability.TypeListingDeclare, listing("E2")))
}

// change signs a change of the shop's licence from a day on.
func (w *world) change(kind traceability.LicenceChangeKind, from traceability.Date) string {
	w.Helper()
	return w.sign(shanghai, traceability.TypeLicenceChange, traceability.LicenceChange{ID: catererNo, Change: kind, From: from, Reason: canaryCase})
}

func TestLicence(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.disclose()
	w.accept(w.change(traceability.LicenceSuspended, "2025-02-01"), w.change(traceability.LicenceResumed, "2025-03-01"))
	path := "/v1/licences/" + string(catererNo)
	for on, want := range map[string]traceability.LicenceStatus{"": traceability.LicenceValid, "?on=2025-02-28": traceability.LicenceHalted,
		"?on=2024-02-29": traceability.LicenceNotYet, "?on=2029-03-01": traceability.LicenceExpired} {
		answer := mustDecode[licenceAnswer](t, w.get(path+on).body)
		if answer.Status != want || answer.Holder.Name != "上海示例餐饮有限公司" || answer.AsOf.Block == 0 || answer.Periods != nil || answer.Documents != nil {
			t.Errorf("%s: %+v", on, answer)
		}
	}
	if got := w.get("/v1/licences/ｊｙ23101040000019").status; got != http.StatusOK {
		t.Errorf("in full width: %d", got)
	}
	for party, history := range map[traceability.PartyID]bool{shanghai: true, zhejiang: true, shop: true, stall: false, waimai: false, lab: false} {
		answer := w.getAs(party, path)
		if got := len(mustDecode[licenceAnswer](t, answer.body).Documents) == 3; got != history || history != strings.Contains(string(answer.body), canaryCase) {
			t.Errorf("%s: history %v", party, got)
		}
	}
	person := string(w.get("/v1/licences/JY23101040000027").body)
	if strings.Contains(person, canaryPerson) || strings.Contains(person, canaryHome) || !strings.Contains(person, "上海市徐汇区示例路1号") {
		t.Errorf("a person's licence: %s", person)
	}
	for path, want := range map[string]int{
		"/v1/licences/JY1": http.StatusBadRequest, "/v1/licences/JY23201060001238": http.StatusNotFound, path + "?on=x": http.StatusBadRequest,
		"/v1/licences": http.StatusUnauthorized, "/v1/licences/checksum?province=310000": http.StatusUnauthorized,
	} {
		if got := w.get(path).status; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if got := w.getAs(waimai, "/v1/licences").status; got != http.StatusForbidden {
		t.Errorf("a platform lists the register: %d", got)
	}
	list := mustDecode[traceability.List[traceability.LicenceSummary]](t, w.getAs(shanghai, "/v1/licences?province=310000&holder="+shop.Number()+"&number=jy23101040000019").body)
	if len(list.Items) != 1 || list.Items[0].ID != catererNo {
		t.Errorf("listed: %+v", list)
	}
}

// TestLicenceLookupsAreSlow tries to count numbers up.
func TestLicenceLookupsAreSlow(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t, "--lookups=0.001/5")
	w.disclose()
	for n := range 8 {
		answer := w.get(fmt.Sprintf("/v1/licences/JY231010400%05d", n))
		if limited := answer.status == http.StatusTooManyRequests; limited != (n >= 5) || limited && answer.header.Get("Retry-After") == "" {
			t.Errorf("number %d: %d", n, answer.status)
		}
	}
	for party, want := range map[traceability.PartyID]int{farm: http.StatusTooManyRequests, waimai: http.StatusOK, zhejiang: http.StatusOK} {
		if got := w.getAs(party, "/v1/licences/"+string(catererNo)).status; got != want {
			t.Errorf("%s: %d, want %d", party, got, want)
		}
	}
	for party, want := range map[traceability.PartyID]int{farm: http.StatusTooManyRequests, waimai: http.StatusTooManyRequests, zhejiang: http.StatusOK} {
		if got := w.getAs(party, "/licences/"+string(catererNo)).status; got != want { // on which shops' pages it stands
			t.Errorf("the page for %s: %d, want %d", party, got, want)
		}
	}
}

func TestListings(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.disclose()
	ids := func(party traceability.PartyID, query string) (status int, ids []traceability.ShopID) {
		t.Helper()
		answer := w.getAs(party, "/v1/listings"+query)
		if answer.status == http.StatusOK {
			for _, l := range mustDecode[traceability.List[traceability.ListingRecord]](t, answer.body).Items {
				ids = append(ids, l.ID)
			}
		}
		return answer.status, ids
	}
	for _, tt := range []struct {
		party traceability.PartyID
		query string
		want  int
		ids   []traceability.ShopID
	}{
		{waimai, "", http.StatusOK, []traceability.ShopID{"E1"}},
		{waimai, "?platform=" + string(waimai) + "&licence=JY23101040000019", http.StatusOK, []traceability.ShopID{"E1"}},
		{waimai, "?platform=" + string(rival), http.StatusForbidden, nil},
		{waimai, "?at=2020-01-01T00:00:00Z", http.StatusOK, nil},
		{zhejiang, "", http.StatusOK, []traceability.ShopID{"E1", "E2"}},
		{zhejiang, "?platform=" + string(rival), http.StatusOK, []traceability.ShopID{"E2"}},
		{shop, "", http.StatusForbidden, nil},
		{shop, "?platform=" + string(waimai), http.StatusForbidden, nil},
		{waimai, "?platform=x", http.StatusBadRequest, nil},
	} {
		if status, got := ids(tt.party, tt.query); status != tt.want || !slices.Equal(got, tt.ids) {
			t.Errorf("%s%s: %d %v", tt.party, tt.query, status, got)
		}
	}
	for path, want := range map[string]map[traceability.PartyID]int{
		"/v1/listings/E1": {waimai: http.StatusOK, rival: http.StatusNotFound, shop: http.StatusForbidden, zhejiang: http.StatusBadRequest},
		"/v1/listings/E1?platform=" + string(waimai): {waimai: http.StatusOK, rival: http.StatusForbidden, zhejiang: http.StatusOK},
	} {
		for party, status := range want {
			if got := w.getAs(party, path); got.status != status {
				t.Errorf("%s for %s: %d, want %d: %s", path, party, got.status, status, got.body)
			}
		}
	}
	listing := traceability.Listing{Ref: "2", At: w.at(1), Shops: []traceability.Shop{{ID: "E9", Name: "示例小馆"}}}
	document := "/v1/documents/" + string(w.accept(w.sign(waimai, traceability.TypeListingDeclare, listing))[0].ID)
	for party, want := range map[traceability.PartyID]int{waimai: http.StatusOK, zhejiang: http.StatusOK, rival: http.StatusNotFound, shop: http.StatusNotFound} {
		if got := w.getAs(party, document).status; got != want {
			t.Errorf("%s gets the declaration: %d, want %d", party, got, want)
		}
	}
	if got := w.get("/v1/listings").status; got != http.StatusUnauthorized {
		t.Errorf("the public lists shops: %d", got)
	}
}

// TestLicenceChangeIsTold holds that a platform which lists a shop with the licence
// has the news of its revocation within two seconds of the commit.
func TestLicenceChangeIsTold(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.disclose()
	heard := make(chan time.Time, 1)
	token := w.token(waimai)
	go func() {
		answer := w.get("/v1/feed?wait=20&kinds=licence.revoked", "Authorization: Bearer "+token)
		if got := mustDecode[traceability.FeedPage](t, answer.body); len(got.Signals) != 1 || got.Signals[0].Subject != "licence/"+string(catererNo) {
			t.Errorf("told %+v", got)
		}
		heard <- time.Now()
	}()
	w.accept(w.change(traceability.LicenceRevoked, traceability.DateOf(time.Now())))
	committed := time.Now() // or before
	if took := (<-heard).Sub(committed); took > 2*time.Second {
		t.Errorf("told after %v", took)
	}
	for party, want := range map[traceability.PartyID][]traceability.SignalKind{shop: {"licence.grant", "licence.revoked"}, rival: {"licence.revoked"}, farm: nil, stall: {"licence.grant"}} {
		if got := kindsOf(w.feed(party, "kinds=licence")); !slices.Equal(want, got) {
			t.Errorf("%s is told %v, want %v", party, got, want)
		}
	}
}

// TestRegisterIsCompared holds that a province can tell its own register from the
// ledger's, as a whole and by row.
func TestRegisterIsCompared(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.disclose()
	w.accept(w.change(traceability.LicenceRevoked, "2026-01-01"))
	mine := traceability.LicenceRow{Licence: catererLicence(), Halt: traceability.LicenceStruck}
	drifted := traceability.LicenceRow{Licence: catererLicence()}
	sum := func(r traceability.LicenceRow) string {
		s, err := r.Sum()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	compare := func(rows ...traceability.RegisterRowSum) reply {
		return w.do(http.MethodPost, "/v1/licences/compare", mustEncode(t, traceability.RegisterRows{Rows: rows}), "Content-Type: application/json", "Authorization: Bearer "+w.token(shanghai))
	}
	answer := mustDecode[traceability.RegisterAnswer](t, compare(traceability.RegisterRowSum{Licence: catererNo, Sum: sum(mine)},
		traceability.RegisterRowSum{Licence: "JY23101040000035", Sum: sum(mine)}, traceability.RegisterRowSum{Licence: catererNo, Sum: sum(drifted)}).body)
	want := []traceability.RegisterCompared{{Licence: catererNo, Is: traceability.RowSame}, {Licence: "JY23101040000035", Is: traceability.RowNew},
		{Licence: catererNo, Is: traceability.RowChanged, Row: &mine}}
	if diff := cmp.Diff(want, answer.Rows); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := compare(make([]traceability.RegisterRowSum, 1001)...).status; got != http.StatusBadRequest {
		t.Errorf("too many: %d", got)
	}
	if got := w.do(http.MethodPost, "/v1/licences/compare", []byte(`{"rows":[]}`), "Content-Type: application/json").status; got != http.StatusUnauthorized {
		t.Errorf("the public compares: %d", got)
	}
	checksum := mustDecode[checksumAnswer](t, w.getAs(shanghai, "/v1/licences/checksum?province=310000").body)
	if checksum.Licences != 2 || len(checksum.SHA256) != 64 || checksum.Province != traceability.Shanghai {
		t.Errorf("got %+v", checksum)
	}
	if got := w.getAs(shanghai, "/v1/licences/checksum").status; got != http.StatusBadRequest {
		t.Errorf("of no province: %d", got)
	}
}
