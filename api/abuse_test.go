package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// neutral leaves out of an answer what differs between any two requests, and the
// height of the ledger.
func neutral(a reply, ids ...string) string {
	text := regexp.MustCompile(`"(request_id|instance|at|time)":"[^"]*"|"block":\d+`).ReplaceAllString(string(a.body), "")
	for _, id := range ids {
		text = strings.ReplaceAll(text, id, "…")
	}
	return http.StatusText(a.status) + " " + text
}

// TestRivalsCannotBeFoundOut asks all that a platform could ask about another's shops,
// of one that is there and of one that is not: the answers are the same, and they are
// the same as before the other had any shop.
func TestRivalsCannotBeFoundOut(t *testing.T) {
	t.Parallel()
	w := newLicenceWorld(t)
	const there, absent, gone = "R10001", "R10002", "R10003"
	theirs := "?platform=" + string(rival)
	routes := []string{
		"/v1/listings/{id}", "/v1/listings/{id}" + theirs, "/v1/listings/{id}/check", "/v1/listings/{id}/check" + theirs,
		"/v1/listings", "/v1/listings" + theirs, "/v1/listings" + theirs + "&licence=" + string(streetLicence), "/v1/listings?licence=" + string(streetLicence),
		"/v1/listings?division=310104", "/v1/listings" + theirs + "&at=" + w.at(0).Format(time.RFC3339),
		"/v1/verifications/due", "/v1/verifications/due" + theirs, "/v1/verifications/due" + theirs + "&format=csv",
		"/v1/disclosure/shops" + theirs, "/v1/disclosure/shops" + theirs + "&code=STALE", "/v1/disclosure/failing" + theirs, "/v1/webhooks?party=" + string(rival),
		"/v1/feed", "/v1/licences/" + string(streetLicence), "/v1/licences/" + string(streetLicence) + "/badge.json",
	}
	pages := map[string]string{"the premises": "上海市徐汇区漕溪北路1号", "another floor": "上海市徐汇区漕溪北路1号9楼", "elsewhere": "上海市浦东新区示例路1号", "nowhere": ""}
	asked := func(id string) map[string]string {
		answers := make(map[string]string)
		for _, route := range routes {
			answers[route] = neutral(w.getAs(delivery, strings.ReplaceAll(route, "{id}", id)), id)
		}
		for name, address := range pages {
			shop := noodles(traceability.ShopID(id))
			shop.Address = address
			answers["verify from "+name] = neutral(w.verify(delivery, "", shop), id)
		}
		claim := w.sign(delivery, traceability.TypeVerificationRecord, &traceability.Verification{Ref: "abuse-" + id, At: w.at(0), Shops: []traceability.VerifiedShop{
			{ID: traceability.ShopID(id), Licence: string(streetLicence), Verdict: traceability.LicenceHolds}}})
		outcome := mustDecode[traceability.Receipt](t, w.postBatch(claim).body).Outcomes[0]
		answers["record"] = string(outcome.Code)
		return answers
	}
	before := asked(there)
	declared := w.accept(w.sign(rival, traceability.TypeListingDeclare, &traceability.Listing{Ref: "1", At: w.at(1), Shops: []traceability.Shop{noodles(there), noodles(gone)}}),
		w.sign(rival, traceability.TypeVerificationRecord, &traceability.Verification{Ref: "1", At: w.at(0), Shops: []traceability.VerifiedShop{
			{ID: there, Licence: string(streetLicence), Verdict: traceability.LicenceHolds}}}))
	after := asked(there)
	// That somebody verified the licence is public, and stands on its badge.
	badge := "/v1/licences/" + string(streetLicence) + "/badge.json"
	delete(before, badge)
	delete(after, badge)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("before and after the rival declared (-before +after):\n%s", diff)
	}
	other := asked(absent)
	delete(other, badge)
	if diff := cmp.Diff(after, other); diff != "" {
		t.Errorf("a shop that is there and one that is not (-there +absent):\n%s", diff)
	}
	for _, document := range declared {
		if answer := w.getAs(delivery, "/v1/documents/"+string(document.ID)); bytes.Contains(answer.body, []byte(`"jws"`)) || bytes.Contains(answer.body, []byte(there)) {
			t.Errorf("the rival's document: %d %s", answer.status, answer.body)
		}
	}
}

// asking notes what is asked of the read model about a platform's shops.
type asking struct {
	traceability.Reader
	asked atomic.Int64
}

func (a *asking) Listing(ctx context.Context, p traceability.PartyID, s traceability.ShopID) (traceability.ListingRecord, error) {
	a.asked.Add(1)
	return a.Reader.Listing(ctx, p, s)
}

func (a *asking) ListingsOf(ctx context.Context, p traceability.PartyID, s []traceability.ShopID) (map[traceability.ShopID]traceability.ListingRecord, error) {
	a.asked.Add(1)
	return a.Reader.ListingsOf(ctx, p, s)
}

func (a *asking) Listings(ctx context.Context, f traceability.ListingFilter, p traceability.Page) (traceability.List[traceability.ListingRecord], error) {
	a.asked.Add(1)
	return a.Reader.Listings(ctx, f, p)
}

func (a *asking) Verifications(ctx context.Context, p traceability.PartyID, s []traceability.ShopID) (map[traceability.ShopID]traceability.VerificationRecord, error) {
	a.asked.Add(1)
	return a.Reader.Verifications(ctx, p, s)
}

func (a *asking) VerificationsDue(ctx context.Context, p traceability.PartyID, before time.Time, page traceability.Page) (traceability.List[traceability.VerificationDue], error) {
	a.asked.Add(1)
	return a.Reader.VerificationsDue(ctx, p, before, page)
}

// TestForbiddenIsToldWithoutLooking holds that who may not see a platform's shops is
// refused before anything of them is read: so an answer takes as long for a shop that
// is there as for one that is not, and is as long.
func TestForbiddenIsToldWithoutLooking(t *testing.T) {
	t.Parallel()
	w := newLicenceWorld(t)
	w.accept(w.sign(rival, traceability.TypeListingDeclare, &traceability.Listing{Ref: "1", At: w.at(1), Shops: []traceability.Shop{noodles("R10001")}}))
	reader := &asking{Reader: w.main.store}
	s, err := NewServer(Options{Ledger: w.main.ledger, Reader: reader, PublicURL: w.main.publicURL(), Limits: mustServe(t, "serve").Limits, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	ask := func(party traceability.PartyID, path string) (status, size int) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(headerRequestID, "same-length")
		if party != "" {
			r.Header.Set("Authorization", "Bearer "+w.token(party))
		}
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var body bytes.Buffer
		if _, err := body.ReadFrom(response.Body); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, body.Len()
	}
	theirs := "?platform=" + string(rival)
	for _, party := range []traceability.PartyID{"", delivery, shop} {
		for _, route := range []string{"/v1/listings/{id}" + theirs, "/v1/listings/{id}/check" + theirs, "/v1/listings" + theirs, "/v1/verifications/due" + theirs,
			"/v1/disclosure/shops" + theirs, "/v1/disclosure/failing" + theirs} {
			there, size := ask(party, strings.ReplaceAll(route, "{id}", "R10001"))
			absent, same := ask(party, strings.ReplaceAll(route, "{id}", "R10002"))
			refused := http.StatusForbidden
			if party == "" {
				refused = http.StatusUnauthorized
			}
			if there != refused || absent != there || size != same {
				t.Errorf("%q, %s: %d of %d bytes for one that is there, %d of %d for one that is not", party, route, there, size, absent, same)
			}
		}
	}
	if n := reader.asked.Load(); n > 0 {
		t.Errorf("the read model was asked %d times", n)
	}
	if status, _ := ask(rival, "/v1/listings/R10001"); status != http.StatusOK || reader.asked.Load() == 0 {
		t.Errorf("the platform itself: %d, after %d questions", status, reader.asked.Load())
	}
}

// lookups are the ways in which one licence can be looked at, and one that is none.
func lookupsOf(number string) []string {
	return []string{"/v1/licences/" + number, "/licences/" + number, "/v1/licences/" + number + "/badge.json", "/v1/licences/" + number + "/badge.svg",
		"/v1/licences/" + number + "/qr.svg", "/v1/licences/JY23101040000027", "/licences/JY23101040000027", "/v1/licences/x"}
}

// TestLookupsShareOneBudget counts licence numbers up as fast as it can, by every
// address that tells of one, from many addresses of one house: there is one quota for
// all of it, and a business's token does not help.
func TestLookupsShareOneBudget(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		address func(i int) string
		other   string
	}{
		{"one IPv4 address", func(int) string { return "198.51.100.7" }, "198.51.100.8"},
		{"one IPv6 /64", func(i int) string { return "2001:db8:1:2::" + string(rune('a'+i%6)) }, "2001:db8:1:3::a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const burst = 5
			w := newLicenceWorld(t, "--lookups=0.001/5", "--trusted-proxies=127.0.0.0/8")
			paths := lookupsOf(string(streetLicence))
			from := func(address, path string, header ...string) reply {
				return w.get(path, append(header, "X-Forwarded-For: "+address, "Accept: */*")...)
			}
			served := 0
			for i := range 3 * len(paths) {
				var header []string
				if i%2 == 1 {
					header = append(header, "Authorization: Bearer "+w.token(shop))
				}
				answer := from(c.address(i), paths[i%len(paths)], header...)
				switch {
				case answer.status != http.StatusTooManyRequests:
					served++
				case answer.header.Get("Retry-After") == "":
					t.Errorf("%s: 429 without Retry-After", paths[i%len(paths)])
				}
			}
			if served != burst {
				t.Errorf("%d were answered, of a quota of %d", served, burst)
			}
			if answer := from(c.other, paths[0]); answer.status != http.StatusOK {
				t.Errorf("another household: %d", answer.status)
			}
			if answer := from(c.address(0), paths[0], "Authorization: Bearer "+w.token(delivery)); answer.status != http.StatusOK {
				t.Errorf("a platform, which has the duty to look: %d", answer.status)
			}
			if answer := from(c.address(0), paths[1], "Authorization: Bearer "+w.token(delivery)); answer.status != http.StatusTooManyRequests {
				t.Errorf("a platform at the page, which names other platforms' shops: %d", answer.status)
			}
		})
	}
}

// TestNoRouteNamesAHolder looks for a natural person's name and flat in everything
// that tells of the licence, as everybody who is neither the holder nor a regulator.
func TestNoRouteNamesAHolder(t *testing.T) {
	t.Parallel()
	w := newLicenceWorld(t)
	w.accept(w.sign(delivery, traceability.TypeListingDeclare, &traceability.Listing{Ref: "1", At: w.at(1), Shops: []traceability.Shop{noodles("A")}}))
	wrong := noodles("A")
	wrong.Holder, wrong.Name = "别人", "别的店"
	for _, party := range []traceability.PartyID{"", shop, delivery, rival} {
		var answers []reply
		for _, path := range append(lookupsOf(string(streetLicence)), "/v1/licences?holder=x", "/v1/listings/A", "/v1/listings/A/check", "/v1/disclosure/failing?platform="+string(delivery),
			"/v1/verifications/due", "/v1/feed") {
			for _, accept := range []string{"application/json", "text/html", "*/*"} {
				header := []string{"Accept: " + accept}
				if party != "" {
					header = append(header, "Authorization: Bearer "+w.token(party))
				}
				answers = append(answers, w.get(path, header...))
			}
		}
		if party.Kind() == traceability.KindPlatform {
			answers = append(answers, w.verify(party, "", noodles("A"), wrong), w.verify(party, "?on=2020-01-01", wrong))
		}
		served := 0
		for _, answer := range answers {
			if answer.status == http.StatusOK {
				served++
			}
			if bytes.Contains(answer.body, []byte(canaryPerson)) {
				t.Errorf("%q reads the holder's name: %s", party, answer.body)
			}
		}
		if served < 5 {
			t.Errorf("%q: only %d answers", party, served)
		}
	}
}
