package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

// TestRevokedSoon follows a revocation from its commit to all who have to know: the
// platform's open stream and its webhook, the comparison, the page and the badge. It
// waits for the events themselves, and says how long each took; a platform is promised
// two seconds.
func TestRevokedSoon(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t, "--webhook-allow=127.0.0.0/8")
	w.disclose()
	page := traceability.Shop{ID: "E1", Name: "上海示例餐饮有限公司", Address: "上海市徐汇区示例路1号", Division: "310104", Licence: string(catererNo)}
	w.accept(w.sign(waimai, traceability.TypeListingDeclare, traceability.Listing{Ref: "2", At: w.at(0), Shops: []traceability.Shop{page}}),
		w.sign(waimai, traceability.TypeVerificationRecord, traceability.Verification{Ref: "1", At: w.at(0), Height: 1,
			Shops: []traceability.VerifiedShop{{ID: "E1", Licence: page.Licence, Verdict: traceability.LicenceHolds}}}))
	receiver := newHook(t)
	receiver.trust(w.main.URL())
	w.accept(w.sign(waimai, traceability.TypeWebhookSet, traceability.Webhook{Ref: "alerts", Revision: 1, URL: receiver.URL + "/alerts", Kinds: []traceability.SignalKind{traceability.FamilyLicence}, Active: true}))
	events := w.listen(waimai, w.feed(waimai, "").Next)

	// What is true before and must not be after, and how it is looked for.
	path, badge := "/licences/"+string(catererNo), "/v1/licences/"+string(catererNo)+"/badge"
	verify := func() string {
		return string(w.do(http.MethodPost, "/v1/licences/verify", mustEncode(t, []traceability.Shop{page}), "Content-Type: application/json", "Authorization: Bearer "+w.token(waimai)).body)
	}
	get := func(path string) func() string { return func() string { return string(w.get(path).body) } }
	looks := []struct {
		name, before, after string
		at                  func() string
	}{
		{"verify", `"verdict":"valid"`, `"REVOKED"`, verify},
		{"page", `class="verdict pass"`, `class="verdict fail"`, get(path)},
		{"badge.json", `"status":"valid"`, `"status":"revoked"`, get(badge + ".json")},
		{"badge.svg", "平台已核验", "许可证已吊销", get(badge + ".svg")},
	}
	for _, look := range looks {
		if text := look.at(); !strings.Contains(text, look.before) || strings.Contains(text, look.after) {
			t.Fatalf("%s before: %s", look.name, text)
		}
	}

	outcomes := w.accept(w.change(traceability.LicenceRevoked, traceability.DateOf(time.Now())))
	committed := time.Now()
	known := func(name string) {
		t.Helper()
		took := time.Since(committed)
		t.Logf("%-10s %v after the commit", name, took.Round(time.Millisecond))
		if took > visibleWithin {
			t.Logf("that is more than the %v promised, on a busy machine", visibleWithin)
		}
	}
	event := events.next(t)
	known("stream")
	if event["event"] != "licence.revoked" || mustDecode[traceability.Signal](t, []byte(event["data"])).Subject != traceability.LicenceKey(catererNo) {
		t.Errorf("the stream says %v", event)
	}
	delivered := receiver.await(1)
	known("webhook")
	if s := delivered[0].Signal; s.Kind != "licence.revoked" || s.Subject != traceability.LicenceKey(catererNo) {
		t.Errorf("the webhook is told %+v of %s", s, outcomes[0].ID)
	}
	// The signal is made from the read model, so that whoever heard it finds what it says.
	for _, look := range looks {
		if text := look.at(); !strings.Contains(text, look.after) || strings.Contains(text, look.before) {
			t.Errorf("%s after the signal: %s", look.name, text)
		}
		known(look.name)
	}
}
