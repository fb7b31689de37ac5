package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"deltatrace/traceability"
	apiclient "deltatrace/traceability/client"
)

// hook is a receiver of deliveries that verifies them.
type hook struct {
	*httptest.Server
	testing.TB

	mu     sync.Mutex
	keys   apiclient.DeliveryKeys
	seen   []traceability.Delivery
	answer func(n int) bool // false: say nothing, until the sender is gone
	came   chan struct{}
}

func newHook(tb testing.TB) *hook {
	h := &hook{TB: tb, came: make(chan struct{}, 1000)}
	h.Server = httptest.NewServer(h)
	tb.Cleanup(h.Close)
	return h
}

// trust takes the keys that the API publishes.
func (h *hook) trust(api string) {
	h.Helper()
	c, err := apiclient.New(api)
	if err != nil {
		h.Fatal(err)
	}
	keys, err := c.DeliveryKeys(h.Context())
	if err != nil || len(keys) == 0 {
		h.Fatalf("%v %v", keys, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keys = keys
}

func (h *hook) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	d, err := h.keys.Delivery(r, h.URL+"/alerts", time.Now())
	if err == nil {
		h.seen = append(h.seen, d)
	}
	answer := h.answer == nil || h.answer(len(h.seen))
	h.mu.Unlock()
	h.came <- struct{}{}
	switch {
	case err != nil:
		h.Errorf("a delivery is not verified: %v", err)
		out.WriteHeader(http.StatusUnauthorized)
	case !answer:
		<-r.Context().Done()
	}
}

// await waits for so many deliveries, and returns all.
func (h *hook) await(n int) []traceability.Delivery {
	h.Helper()
	for deadline := time.After(30 * time.Second); ; {
		h.mu.Lock()
		seen := slices.Clone(h.seen)
		h.mu.Unlock()
		if len(seen) >= n {
			return seen
		}
		select {
		case <-h.came:
		case <-deadline:
			h.Fatalf("%d deliveries of %d", len(seen), n)
		}
	}
}

func (w *world) webhook(party traceability.PartyID, revision int, url string) string {
	return w.sign(party, traceability.TypeWebhookSet, traceability.Webhook{Ref: "alerts", Revision: revision, URL: url + "/alerts",
		Kinds: []traceability.SignalKind{traceability.FamilyNotice}, Active: true})
}

// TestWebhook follows a notice to a laboratory's webhook, and what its owner and
// others see of it.
func TestWebhook(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t, "--webhook-allow=127.0.0.0/8")
	h := newHook(t)
	h.trust(w.main.URL())
	document := w.accept(w.webhook(lab, 1, h.URL))[0].ID
	r := w.failing("FAILED-1", canaryFailed)
	began := time.Now()
	w.accept(append([]string{w.sign(lab, traceability.TypeReportSubmit, r)}, w.upheld(r)...)...)
	var kinds []traceability.SignalKind
	for _, d := range h.await(5) {
		kinds = append(kinds, d.Signal.Kind)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("delivered after %v", took)
	}
	if want := []traceability.SignalKind{"notice.issue", "notice.dispatch", "notice.serve", "notice.waive", "notice.determine"}; !slices.Equal(want, kinds) {
		t.Errorf("got %v, want %v", kinds, want)
	}
	for party, sees := range map[traceability.PartyID]bool{lab: true, zhejiang: true, shanghai: false, farm: false, "": false} {
		list, one := w.get("/v1/webhooks?party="+string(lab)), w.get("/v1/documents/"+string(document))
		if party != "" {
			list, one = w.getAs(party, "/v1/webhooks?party="+string(lab)), w.getAs(party, "/v1/documents/"+string(document))
		}
		if got := strings.Contains(string(list.body), h.URL); got != sees || list.status != http.StatusOK {
			t.Errorf("%q: %d %s", party, list.status, list.body)
		}
		if got := one.status == http.StatusOK; got != sees {
			t.Errorf("%q gets %d for the document", party, one.status)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		own := mustDecode[traceability.List[jsontext.Value]](t, w.getAs(lab, "/v1/webhooks").body)
		if len(own.Items) == 1 && bytes.Contains(own.Items[0], []byte(`"delivered":5`)) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %s", own.Items)
		}
	}
}

// TestKillBetweenDeliveryAndAnswer kills the program while a receiver has a signal
// and has not answered: after a restart that one comes again, as the same
// delivery, and none is lost or out of order.
func TestKillBetweenDeliveryAndAnswer(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t, "--webhook-allow=127.0.0.0/8", "--webhook-timeout=1m")
	h := newHook(t)
	h.trust(w.main.URL())
	w.accept(w.webhook(lab, 1, h.URL))
	w.stop()
	h.answer = func(n int) bool { return n != 3 }
	p := mustProcess(t, w.args...)
	r := w.failing("FAILED-1", canaryFailed)
	batch := append([]string{w.sign(lab, traceability.TypeReportSubmit, r)}, w.upheld(r)...)
	response, err := http.Post(p.url+"/v1/documents", mediaJSON, bytes.NewReader(mustEncode(t, map[string]any{"documents": batch})))
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	}
	response.Body.Close()
	h.await(3)
	p.kill()
	h.mu.Lock()
	h.answer = nil
	h.mu.Unlock()
	p = mustProcess(t, w.args...)
	seen := h.await(6)
	if seen[2].ID != seen[3].ID {
		t.Errorf("the third is not delivered again: %+v", seen)
	}
	var kinds []traceability.SignalKind
	for _, d := range slices.CompactFunc(seen, func(a, b traceability.Delivery) bool { return a.ID == b.ID }) {
		kinds = append(kinds, d.Signal.Kind)
	}
	if want := []traceability.SignalKind{"notice.issue", "notice.dispatch", "notice.serve", "notice.waive", "notice.determine"}; !slices.Equal(want, kinds) {
		t.Errorf("got %v, want %v", kinds, want)
	}
	p.terminate()
}

// TestWebhooksCommand lets an operator see and replay what a dead receiver missed,
// beside the server.
func TestWebhooksCommand(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t, "--webhook-allow=127.0.0.0/8", "--webhook-attempts=1", "--webhook-min-pause=1ms")
	h := newHook(t)
	dead := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusInternalServerError) }))
	t.Cleanup(dead.Close)
	h.trust(w.main.URL())
	w.accept(w.webhook(lab, 1, dead.URL))
	r := w.failing("FAILED-1", canaryFailed)
	w.accept(append([]string{w.sign(lab, traceability.TypeReportSubmit, r)}, w.upheld(r)...)...)
	data := "--data=" + filepath.Join(w.dir, "data")
	command := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := run(t.Context(), append(append([]string{"webhooks"}, args...), data), &out, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for deadline := time.Now().Add(20 * time.Second); strings.Count(command("dead"), "\n") < 5; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("dead: %s", command("dead"))
		}
	}
	if got := command("list"); !strings.Contains(got, string(lab)) {
		t.Errorf("list: %s", got)
	}
	if got := command("dead", "--party="+string(farm)); got != "" {
		t.Errorf("another's: %s", got)
	}
	w.accept(w.webhook(lab, 2, h.URL))
	time.Sleep(1200 * time.Millisecond) // the list of webhooks is read once a second
	if got := command("replay", string(lab), "alerts"); got != "5 letters will be delivered again\n" {
		t.Errorf("replay: %s", got)
	}
	h.await(5)
	if err := run(t.Context(), []string{"webhooks", "list", "--data=" + t.TempDir()}, &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
		t.Error("a folder without a server has a list")
	}
}
