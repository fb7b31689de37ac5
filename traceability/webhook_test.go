package traceability_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

func TestWebhookCheck(t *testing.T) {
	t.Parallel()
	good := func(change func(*traceability.Webhook)) *traceability.Webhook {
		w := &traceability.Webhook{Ref: "alerts", Revision: 1, URL: "https://example.com/hook?a=b", Kinds: []traceability.SignalKind{"notice", "recall.announce"}, Active: true}
		change(w)
		return w
	}
	url := func(u string) func(*traceability.Webhook) { return func(w *traceability.Webhook) { w.URL = u } }
	for _, c := range []struct {
		name   string
		change func(*traceability.Webhook)
		want   string
	}{
		{"good", func(*traceability.Webhook) {}, ""},
		{"no kinds", func(w *traceability.Webhook) { w.Kinds = nil }, ""},
		{"off", func(w *traceability.Webhook) { w.URL, w.Active = "", false }, ""},
		{"a port", url("https://example.com:8443/hook"), ""},
		{"http to this machine", url("http://127.0.0.1:9000/hook"), ""},
		{"http to this machine by name", url("http://localhost:9000/hook"), ""},
		{"http to this machine, IPv6", url("http://[::1]:9000/hook"), ""},
		{"without a name", func(w *traceability.Webhook) { w.Ref = "" }, "missing ref"},
		{"with a long name", func(w *traceability.Webhook) { w.Ref = traceability.WebhookRef(strings.Repeat("a", 33)) }, "invalid ref"},
		{"with a slash in its name", func(w *traceability.Webhook) { w.Ref = "a/b" }, "invalid ref"},
		{"without a revision", func(w *traceability.Webhook) { w.Revision = 0 }, "invalid revision"},
		{"without an address", func(w *traceability.Webhook) { w.URL = "" }, "missing url"},
		{"unknown kind", func(w *traceability.Webhook) { w.Kinds[0] = "weather.rain" }, "invalid kinds[0]"},
		{"too many kinds", func(w *traceability.Webhook) { w.Kinds = slices.Repeat([]traceability.SignalKind{"notice"}, 51) }, "too_many kinds"},
		{"http", url("http://example.com/hook"), "invalid url"},
		{"http to another's loopback", url("http://localhost.example.com/hook"), "invalid url"},
		{"file", url("file:///etc/passwd"), "invalid url"},
		{"no scheme", url("example.com/hook"), "invalid url"},
		{"no host", url("https:///hook"), "invalid url"},
		{"only a port", url("https://:443/hook"), "invalid url"},
		{"opaque", url("https:example.com"), "invalid url"},
		{"a user", url("https://user:secret@example.com/"), "invalid url"},
		{"a fragment", url("https://example.com/#a"), "invalid url"},
		{"an empty fragment", url("https://example.com/#"), "invalid url"},
		{"a space", url("https://example.com/ a"), "invalid url"},
		{"a line break", url("https://example.com/\r\nHost: x"), "invalid url"},
		{"not ASCII", url("https://例子.example/"), "invalid url"},
		{"port 0", url("https://example.com:0/"), "invalid url"},
		{"port 65536", url("https://example.com:65536/"), "invalid url"},
		{"no port after a colon", url("https://example.com:/"), "invalid url"},
		{"too long", url("https://example.com/" + strings.Repeat("a", 500)), "invalid url"},
	} {
		problems, _ := good(c.change).Check()
		if got := strings.Join(places(problems), ", "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestViewerWebhook holds that a webhook exists for its party and that party's
// regulator only.
func TestViewerWebhook(t *testing.T) {
	t.Parallel()
	record := traceability.WebhookRecord{Party: lab, Province: traceability.Zhejiang}
	for viewer, want := range map[traceability.PartyID]bool{"": false, lab: true, other: false, "reg:330000": true, "reg:310000": false} {
		if _, ok := (traceability.Viewer{As: viewer}).Webhook(record); ok != want {
			t.Errorf("%q: got %v", viewer, ok)
		}
	}
}

// FuzzWebhook holds that what Check lets through is an address that a client
// calls as it stands.
func FuzzWebhook(f *testing.F) {
	for _, url := range []string{"https://example.com/hook", "http://[::1]:80/", "http://0x7f.1/", "https://2130706433/", "https://[::ffff:127.0.0.1]/", "https://a:b@c/", "//x", "https://%31/"} {
		f.Add(`{"ref":"a","revision":1,"active":true,"url":"` + url + `"}`)
	}
	f.Add(`{"ref":"a","revision":1,"active":false,"kinds":["notice.publish"],"public":true}`)
	f.Fuzz(func(t *testing.T, text string) {
		var w traceability.Webhook
		if err := json.Unmarshal([]byte(text), &w, json.RejectUnknownMembers(true)); err != nil {
			return
		}
		problems, _ := w.Check()
		if len(problems) > 0 {
			return
		}
		if len(w.URL) > traceability.MaxWebhookURL || len(w.Ref) > 32 || w.Revision < 1 || len(w.Kinds) > 50 || !utf8.ValidString(w.URL) ||
			w.Active && !strings.HasPrefix(strings.ToLower(w.URL), "http") {
			t.Fatalf("%s is let through", text)
		}
	})
}
