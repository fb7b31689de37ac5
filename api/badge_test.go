package main

import (
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
	apiclient "deltatrace/traceability/client"
)

// TestBadge follows a licence's badge and page from unverified to verified to
// suspended, and tells a genuine badge from a changed one.
func TestBadge(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.disclose()
	path := "/v1/licences/" + string(catererNo)
	badge := func() badgeAnswer {
		t.Helper()
		answer := w.get(path + "/badge.json")
		if answer.header.Get("Access-Control-Allow-Origin") != "*" || answer.header.Get("Set-Cookie") != "" {
			t.Errorf("header: %v", answer.header)
		}
		return mustDecode[badgeAnswer](t, answer.body)
	}
	picture := func() string {
		t.Helper()
		body := string(w.get(path + "/badge.svg").body)
		for d := xml.NewDecoder(strings.NewReader(body)); ; {
			if _, err := d.Token(); err == io.EOF {
				return body
			} else if err != nil {
				t.Fatalf("%v in %s", err, body)
			}
		}
	}
	shown := func(words ...string) {
		t.Helper()
		for _, text := range []string{picture(), string(w.get("/licences/" + string(catererNo)).body)} {
			for _, word := range words {
				if !strings.Contains(text, word) {
					t.Errorf("no %s in %s", word, text)
				}
			}
		}
	}
	if b := badge(); b.Status != traceability.LicenceValid || !b.Verified.IsZero() || b.Page != w.main.publicURL()+"/licences/"+string(catererNo) {
		t.Errorf("%+v", b)
	}
	shown("未核验", "有效", "JY23101040000019")

	w.accept(w.sign(waimai, traceability.TypeListingDeclare, traceability.Listing{Ref: "2", At: traceability.Instant(time.Now()),
		Shops: []traceability.Shop{{ID: "E1", Name: "上海示例餐饮有限公司", Address: "上海市徐汇区示例路1号", Division: "310104", Licence: string(catererNo)}}}))
	w.accept(w.sign(waimai, traceability.TypeVerificationRecord, traceability.Verification{Ref: "1", At: traceability.Instant(time.Now()), Height: 1,
		Shops: []traceability.VerifiedShop{{ID: "E1", Licence: string(catererNo), Verdict: traceability.LicenceHolds}}}))
	verified := badge()
	if verified.Verified.IsZero() || strings.Contains(picture(), "未核验") {
		t.Errorf("%+v", verified)
	}
	c, err := apiclient.New(w.main.URL())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := c.DeliveryKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := keys.Badge(verified.JWS); err != nil || got != verified.Badge {
		t.Errorf("%+v, %v", got, err)
	}
	parts := strings.Split(verified.JWS, ".")
	other := strings.Split(badge().JWS, ".")
	for _, forged := range []string{"", "x", parts[0] + "." + parts[1], parts[0] + "." + parts[1] + "A." + parts[2], strings.Join([]string{other[0], parts[1], "AAAA"}, ".")} {
		if _, err := keys.Badge(forged); err == nil {
			t.Errorf("%q passes for a badge", forged)
		}
	}

	w.accept(w.change(traceability.LicenceSuspended, traceability.DateOf(time.Now())))
	if b := badge(); b.Status != traceability.LicenceHalted {
		t.Errorf("%+v", b)
	}
	shown("已被责令停业")
	if got := w.get("/licences/JY23201060001238").status; got != http.StatusNotFound {
		t.Error(got)
	}
	if got := w.get("/v1/licences/JY23201060001238/badge.json").status; got != http.StatusNotFound {
		t.Error(got)
	}
}
