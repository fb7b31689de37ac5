package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/verification"
)

const (
	delivery traceability.PartyID = "plat:91320106MA1FPX121A"
)

// checked is the answer of POST /v1/licences/verify.
type checked struct {
	basis
	Results []struct {
		verification.Result
		Problems []traceability.Error `json:"problems"`
	} `json:"results"`
}

// codes lists the results as "shop verdict CODE CODE".
func (c checked) codes() []string {
	var list []string
	for _, r := range c.Results {
		line := string(r.Shop) + " " + string(r.Verdict)
		for _, f := range r.Findings {
			line += " " + string(f.Code)
		}
		for _, p := range r.Problems {
			line += " problem " + p.Field
		}
		list = append(list, line)
	}
	return list
}

const streetLicence traceability.LicenceID = "JY23101040000019"

// newLicenceWorld has two platforms and a licence of a natural person's noodle shop.
func newLicenceWorld(t *testing.T, flags ...string) *world {
	t.Helper()
	w := newWorld(t, flags...)
	w.accept(w.sign(shanghai, traceability.TypePartyAdmit, w.admission(delivery)), w.sign(shanghai, traceability.TypePartyAdmit, w.admission(rival)),
		w.sign(shanghai, traceability.TypePartyAdmit, w.admission(shop)))
	w.accept(w.sign(shanghai, traceability.TypeLicenceGrant, &traceability.Licence{
		ID: streetLicence, Holder: traceability.Firm{Name: canaryPerson}, Premises: "上海市徐汇区漕溪北路1号" + canaryHome, Division: "310104", Storefront: "老张面馆",
		BusinessType: traceability.BusinessTypeCatering, Items: []traceability.LicenceItem{{Name: "热食类食品制售"}}, ValidFrom: "2024-01-01", ValidTo: "2029-12-31"}))
	return w
}

func noodles(id traceability.ShopID) traceability.Shop {
	return traceability.Shop{ID: id, Name: "老张面馆", Address: "徐汇区漕溪北路1号", Licence: string(streetLicence)}
}

func (w *world) verify(party traceability.PartyID, query string, shops ...traceability.Shop) reply {
	w.Helper()
	return w.do(http.MethodPost, "/v1/licences/verify"+query, mustEncode(w, shops), "Content-Type: application/json", "Authorization: Bearer "+w.token(party))
}

func TestVerifyLicences(t *testing.T) {
	t.Parallel()
	w := newLicenceWorld(t)
	w.accept(w.sign(delivery, traceability.TypeListingDeclare, &traceability.Listing{Ref: "1", At: w.at(1), Shops: []traceability.Shop{noodles("A")}}))
	other := noodles("R1")
	other.Address = "上海市黄浦区南京东路100号"
	w.accept(w.sign(rival, traceability.TypeListingDeclare, &traceability.Listing{Ref: "1", At: w.at(1), Shops: []traceability.Shop{other}}))

	wrong := noodles("店")
	raw := noodles("B")
	raw.Items, raw.Licence = []string{"生食"}, "JY23101040000018"
	answer := w.verify(delivery, "", noodles("A"), raw, wrong, noodles("N"))
	if answer.status != http.StatusOK || answer.header.Get("Cache-Control") != cacheNone || answer.header.Get("Ratelimit-Remaining") == "" {
		t.Fatalf("%d %v %s", answer.status, answer.header, answer.body)
	}
	got := mustDecode[checked](t, answer.body)
	want := []string{"A valid DUPLICATE_USE STALE", "B invalid FORGED", "店  problem shop", "N valid DUPLICATE_USE"}
	if diff := cmp.Diff(want, got.codes()); diff != "" {
		t.Error(diff)
	}
	if got.AsOf.Block == 0 || got.On == "" || got.Stale != nil {
		t.Errorf("as of %+v", got.basis)
	}
	for _, secret := range []string{canaryPerson, string(rival), "R1", "南京东路"} {
		if bytes.Contains(answer.body, []byte(secret)) {
			t.Errorf("a platform reads %s in %s", secret, answer.body)
		}
	}
	if whole := w.verify(shanghai, "", noodles("A")); !bytes.Contains(whole.body, []byte(canaryPerson)) {
		t.Errorf("a regulator does not see all: %s", whole.body)
	}
	past := mustDecode[checked](t, w.verify(delivery, "?on=2023-12-31", noodles("A")).body)
	if diff := cmp.Diff([]string{"A invalid NOT_YET_VALID"}, past.codes()); diff != "" {
		t.Error(diff)
	}
}

// TestVerifyFollowsTheRegister holds that a revocation is told as soon as it is
// projected, and that a record then cannot claim better.
func TestVerifyFollowsTheRegister(t *testing.T) {
	t.Parallel()
	w := newLicenceWorld(t)
	w.accept(w.sign(delivery, traceability.TypeListingDeclare, &traceability.Listing{Ref: "1", At: w.at(1), Shops: []traceability.Shop{noodles("A"), noodles("B")}}))
	due := func(query string) []traceability.VerificationDue {
		return mustDecode[traceability.List[traceability.VerificationDue]](t, w.getAs(delivery, "/v1/verifications/due"+query).body).Items
	}
	if got := due(""); len(got) != 2 || !got[0].Verified.IsZero() {
		t.Errorf("due: %+v", got)
	}
	timer := &traceability.Timer{ID: "V1", Revision: 1, Trigger: "核验", Act: "再次核验", Actor: "平台", Amount: 6, Unit: traceability.Months, Basis: "示例", EffectiveFrom: "2026-06-01"}
	for _, p := range traceability.Provinces()[:3] {
		w.accept(w.sign(traceability.Regulator(p), traceability.TypeTimerSet, timer))
	}
	height := mustDecode[checked](t, w.verify(delivery, "", noodles("A")).body).AsOf.Block
	record := func(ref string, shop traceability.VerifiedShop) string {
		return w.sign(delivery, traceability.TypeVerificationRecord, &traceability.Verification{Ref: ref, At: w.at(0), Height: height, Shops: []traceability.VerifiedShop{shop}})
	}
	valid := traceability.VerifiedShop{ID: "A", Licence: string(streetLicence), Verdict: "valid"}
	w.accept(record("1", valid))
	if got := mustDecode[checked](t, w.verify(delivery, "", noodles("A")).body).codes(); got[0] != "A valid" {
		t.Errorf("after the record: %v", got)
	}
	if got := due(""); len(got) != 1 || got[0].Shop != "B" {
		t.Errorf("due after the record: %+v", got)
	}
	if got := due("?before=" + time.Now().AddDate(0, 7, 0).UTC().Format(time.RFC3339)); len(got) != 2 || got[1].Due.IsZero() {
		t.Errorf("due in seven months: %+v", got)
	}

	began := time.Now()
	w.accept(w.sign(shanghai, traceability.TypeLicenceChange, &traceability.LicenceChange{ID: streetLicence, Change: traceability.LicenceRevoked, From: traceability.DateOf(time.Now()), Basis: "示例"}))
	if got := mustDecode[checked](t, w.verify(delivery, "", noodles("A")).body).codes(); got[0] != "A invalid REVOKED" {
		t.Errorf("after the revocation: %v", got)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the revocation took %s", took)
	}
	refused := mustDecode[traceability.Receipt](t, w.postBatch(record("2", valid)).body).Outcomes[0]
	if refused.Code != traceability.CodeClaimsBetter || refused.Problems[0].Field != "shops[0].codes" {
		t.Errorf("claimed: %+v", refused)
	}
}

func TestVerifyIsForPlatformsAndRegulators(t *testing.T) {
	t.Parallel()
	w := newLicenceWorld(t)
	body := mustEncode(t, []traceability.Shop{noodles("A")})
	if answer := w.do(http.MethodPost, "/v1/licences/verify", body, "Content-Type: application/json"); answer.status != http.StatusUnauthorized {
		t.Errorf("the public: %d", answer.status)
	}
	if answer := w.verify(shop, "", noodles("A")); answer.status != http.StatusForbidden {
		t.Errorf("a shop: %d", answer.status)
	}
	if answer := w.do(http.MethodPost, "/v1/licences/verify", body, "Content-Type: text/plain", "Authorization: Bearer "+w.token(delivery)); answer.status != http.StatusUnsupportedMediaType {
		t.Errorf("plain text: %d", answer.status)
	}
	for _, query := range []string{"?on=2999-01-01", "?on=x", "?off=1"} {
		if answer := w.verify(delivery, query, noodles("A")); answer.status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, answer.status)
		}
	}
	if answer := w.verify(delivery, ""); answer.status != http.StatusBadRequest {
		t.Errorf("no shops: %d", answer.status)
	}
	if answer := w.verify(delivery, "", make([]traceability.Shop, maxVerifyShops+1)...); answer.status != http.StatusRequestEntityTooLarge {
		t.Errorf("too many: %d %s", answer.status, answer.body)
	}
	for party, want := range map[traceability.PartyID]int{delivery: 200, rival: 403, shanghai: 200, shop: 403} {
		if answer := w.getAs(party, "/v1/verifications/due?platform="+string(delivery)); answer.status != want {
			t.Errorf("due for %s: %d, want %d", party, answer.status, want)
		}
	}
	if answer := w.get("/v1/verifications/due"); answer.status != http.StatusUnauthorized {
		t.Errorf("due for the public: %d", answer.status)
	}
	if answer := w.getAs(shanghai, "/v1/verifications/due"); answer.status != http.StatusBadRequest {
		t.Errorf("due of no platform: %d", answer.status)
	}
}

func TestVerifyQuota(t *testing.T) {
	t.Parallel()
	w := newLicenceWorld(t, "--checks=1/3")
	if answer := w.verify(delivery, "", noodles("A"), noodles("B")); answer.status != http.StatusOK || answer.header.Get("Ratelimit-Limit") != "3" || answer.header.Get("Ratelimit-Remaining") != "1" {
		t.Errorf("%d %v", answer.status, answer.header)
	}
	answer := w.verify(delivery, "", noodles("A"), noodles("B"), noodles("C"))
	if answer.status != http.StatusTooManyRequests || answer.header.Get("Retry-After") == "" || answer.header.Get("Ratelimit-Reset") == "" {
		t.Errorf("%d %v", answer.status, answer.header)
	}
	if answer := w.verify(rival, "", noodles("A")); answer.status != http.StatusOK {
		t.Errorf("another party: %d", answer.status)
	}
	if answer := w.verify(rival, "", make([]traceability.Shop, 4)...); answer.status != http.StatusTooManyRequests {
		t.Errorf("more than there ever are: %d", answer.status)
	}
}

// TestVerifyStream answers line by line, before the request has ended.
func TestVerifyStream(t *testing.T) {
	t.Parallel()
	w := newLicenceWorld(t)
	out, in := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.main.URL()+"/v1/licences/verify", out)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", mediaLines)
	r.Header.Set("Authorization", "Bearer "+w.token(delivery))
	send := func(lines ...string) { io.WriteString(in, strings.Join(lines, "\n")+"\n") }
	line := func(id traceability.ShopID) string { return string(mustEncode(t, noodles(id))) }
	go send(line("A"))
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != mediaLines {
		t.Fatalf("%d %v", response.StatusCode, response.Header)
	}
	answers := bufio.NewScanner(response.Body)
	next := func() string {
		if !answers.Scan() {
			t.Fatalf("the answers ended: %v", answers.Err())
		}
		return answers.Text()
	}
	if head := next(); !strings.Contains(head, `"block":`) {
		t.Errorf("head: %s", head)
	}
	if first := next(); !strings.Contains(first, `"shop":"A"`) || !strings.Contains(first, `"verdict":"valid"`) {
		t.Errorf("first: %s", first)
	}
	go func() {
		send("nonsense", "", line("B"), `{"shop":"C","name":"丙","adress":""}`)
		var many []string
		for i := range 2500 {
			many = append(many, line(traceability.ShopID(fmt.Sprint("M", i))))
		}
		send(many...)
		in.Close()
	}()
	if bad := next(); !strings.Contains(bad, `"problems"`) || !strings.Contains(bad, "line 2") {
		t.Errorf("nonsense: %s", bad)
	}
	if b := next(); !strings.Contains(b, `"shop":"B"`) {
		t.Errorf("B: %s", b)
	}
	if c := next(); !strings.Contains(c, "malformed") || !strings.Contains(c, "line 5.adress") {
		t.Errorf("C: %s", c)
	}
	for i := range 2500 {
		var result verification.Result
		if err := json.Unmarshal([]byte(next()), &result, json.RejectUnknownMembers(false)); err != nil || string(result.Shop) != fmt.Sprint("M", i) {
			t.Fatalf("line %d: %+v, %v", i, result.Shop, err)
		}
	}
	if answers.Scan() {
		t.Errorf("more: %s", answers.Text())
	}
}

// TestVerifyStreamIsBounded refuses a line that never ends.
func TestVerifyStreamIsBounded(t *testing.T) {
	t.Parallel()
	w := newLicenceWorld(t)
	answer := w.do(http.MethodPost, "/v1/licences/verify", bytes.Repeat([]byte("x"), maxVerifyLine+2), "Content-Type: "+mediaLines, "Authorization: Bearer "+w.token(delivery))
	if answer.status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestDueAsTable(t *testing.T) {
	t.Parallel()
	w := newLicenceWorld(t)
	formula := noodles("A")
	formula.Name = "=SUM(A1)"
	w.accept(w.sign(delivery, traceability.TypeListingDeclare, &traceability.Listing{Ref: "1", At: w.at(1), Shops: []traceability.Shop{formula, noodles("B")}}))
	for accept, want := range map[string]string{
		"text/csv": "\uFEFFshop,name,address,licence,due,verified,verdict,codes\nA,'=SUM(A1),徐汇区漕溪北路1号,JY23101040000019,,,,\n",
		mediaLines: `{"shop":"A","name":"=SUM(A1)","address":"徐汇区漕溪北路1号","licence":"JY23101040000019"}` + "\n",
	} {
		answer := w.get("/v1/verifications/due?limit=1", "Accept: "+accept, "Authorization: Bearer "+w.token(delivery))
		if diff := cmp.Diff(want, string(answer.body)); diff != "" || !strings.Contains(answer.header.Get("Link"), "after=") {
			t.Errorf("%s: %s %v", accept, diff, answer.header)
		}
	}
}
