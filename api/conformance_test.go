package main

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/labs-adapter/conformance"
	"deltatrace/traceability"
	apiclient "deltatrace/traceability/client"
)

// newConformanceWorld has a platform with two signals in its feed. Its quota is gone
// after one call of the largest size, however slow the machine is.
func newConformanceWorld(t *testing.T) *world {
	t.Helper()
	w := newLicenceWorld(t, "--checks=2500/11000", "--webhook-allow=127.0.0.0/8")
	w.accept(w.sign(delivery, traceability.TypeListingDeclare, &traceability.Listing{Ref: "1", At: w.at(1), Shops: []traceability.Shop{noodles("A")}}))
	timer := &traceability.Timer{ID: traceability.TimerVerification, Revision: 1, Trigger: "核验", Act: "再次核验", Actor: "平台", Amount: 6, Unit: traceability.Months, Basis: "示例", EffectiveFrom: "2026-06-01"}
	for _, p := range traceability.Provinces()[:3] {
		w.accept(w.sign(traceability.Regulator(p), traceability.TypeTimerSet, timer))
	}
	today := traceability.DateOf(time.Now())
	for _, change := range []traceability.LicenceChangeKind{traceability.LicenceSuspended, traceability.LicenceResumed} {
		w.accept(w.sign(shanghai, traceability.TypeLicenceChange, &traceability.LicenceChange{ID: streetLicence, Change: change, From: today, Basis: "示例"}))
	}
	return w
}

// conform runs the suite through an address, and returns what came of each check.
func (w *world) conform(t *testing.T, address string, change func(*conformance.Config)) map[string]conformance.Result {
	t.Helper()
	api, err := apiclient.New(address)
	if err != nil {
		t.Fatal(err)
	}
	key := w.keys[delivery]
	api.Key, api.Audience, api.Pause = &key, w.main.publicURL(), time.Millisecond
	config := conformance.Config{API: api, HTTP: client, Address: address, Skip: map[string]bool{"quota": true}}
	change(&config)
	results := make(map[string]conformance.Result)
	good := conformance.Run(t.Context(), config, func(r conformance.Result) {
		results[r.Check] = r
		if r.Status != conformance.Passed && (r.ZH == "" || r.EN == "") || r.TitleZH == "" || r.TitleEN == "" {
			t.Errorf("says too little: %+v", r)
		}
	})
	if failed := len(failures(results)) > 0; failed == good {
		t.Errorf("good: %v, with %v", good, failures(results))
	}
	return results
}

func failures(results map[string]conformance.Result) []string {
	maps.DeleteFunc(results, func(_ string, r conformance.Result) bool { return r.Status != conformance.Failed })
	return slices.Sorted(maps.Keys(results))
}

// receiver takes deliveries from those whose keys it has, as a platform does.
type receiver struct {
	*httptest.Server
	keys   apiclient.DeliveryKeys
	accept func(genuine bool, n int) bool // nil: what is genuine

	mu sync.Mutex
	n  int
}

func newReceiver(t *testing.T, directory *conformance.Directory, accept func(bool, int) bool) *receiver {
	t.Helper()
	r := &receiver{accept: accept}
	if directory != nil {
		c, err := apiclient.New(directory.URL())
		if err != nil {
			t.Fatal(err)
		}
		if r.keys, err = c.DeliveryKeys(t.Context()); err != nil || len(r.keys) != 1 {
			t.Fatal(r.keys, err)
		}
	}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(out http.ResponseWriter, request *http.Request) {
	_, err := r.keys.Delivery(request, r.URL+"/alerts", time.Now())
	r.mu.Lock()
	if err == nil {
		r.n++
	}
	take := err == nil
	if r.accept != nil {
		take = r.accept(take, r.n)
	}
	r.mu.Unlock()
	if !take {
		out.WriteHeader(http.StatusUnauthorized)
	}
}

func newDirectory(t *testing.T) *conformance.Directory {
	t.Helper()
	directory, err := conformance.OpenDirectory("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { directory.Close() })
	return directory
}

// TestConformance runs the suite against the real program: everything passes, and the
// shops of the run are gone.
func TestConformance(t *testing.T) {
	t.Parallel()
	w := newConformanceWorld(t)
	directory := newDirectory(t)
	hook := newReceiver(t, directory, nil)
	w.accept(w.sign(delivery, traceability.TypeWebhookSet, traceability.Webhook{Ref: "alerts", Revision: 1, URL: hook.URL + "/alerts", Active: true}))
	results := w.conform(t, w.main.URL(), func(c *conformance.Config) {
		c.Skip = nil
		c.Receiver = &conformance.Receiver{URL: hook.URL + "/alerts", Directory: directory}
		c.Shops = []conformance.Expected{{Shop: noodles("A"), Expect: &[]traceability.ViolationCode{}}, {Shop: traceability.Shop{ID: "N", Name: "示例"}, Expect: &[]traceability.ViolationCode{traceability.ViolationNotShown}}}
	})
	for id, r := range results {
		if r.Status != conformance.Passed {
			t.Errorf("%s: %+v", id, r)
		}
	}
	listed := mustDecode[traceability.List[traceability.ListingRecord]](t, w.getAs(delivery, "/v1/listings").body).Items
	for _, l := range listed {
		if strings.HasPrefix(string(l.ID), conformance.Prefix) == l.Listed {
			t.Errorf("%s: listed %v", l.ID, l.Listed)
		}
	}
	if len(listed) != 6 {
		t.Errorf("%d shops", len(listed))
	}
}

// TestConformanceLeavesNothing interrupts a run in the middle: its shops are taken off
// all the same.
func TestConformanceLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newConformanceWorld(t)
	api, err := apiclient.New(w.main.URL())
	if err != nil {
		t.Fatal(err)
	}
	key := w.keys[delivery]
	api.Key, api.Audience, api.Patience = &key, w.main.publicURL(), 0
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ours := func() (declared, listed int) {
		for _, l := range mustDecode[traceability.List[traceability.ListingRecord]](t, w.getAs(delivery, "/v1/listings").body).Items {
			if strings.HasPrefix(string(l.ID), conformance.Prefix) {
				declared++
				if l.Listed {
					listed++
				}
			}
		}
		return declared, listed
	}
	good := conformance.Run(ctx, conformance.Config{API: api, HTTP: client, Address: w.main.URL()}, func(r conformance.Result) {
		if r.Check == "declare" {
			if _, listed := ours(); r.Status != conformance.Passed || listed == 0 {
				t.Errorf("%+v, %d listed", r, listed)
			}
			cancel()
		}
	})
	if declared, listed := ours(); good || declared == 0 || listed > 0 {
		t.Errorf("good: %v, %d declared, %d still listed", good, declared, listed)
	}
}

// fault is what a server does wrong.
type fault struct {
	path    string                                     // that it is about
	request func(*http.Request)                        // changes the question
	answer  func(r *http.Response, body []byte) []byte // changes the answer
}

// behind puts a server with a fault before the real one.
func (w *world) behind(t *testing.T, f fault) string {
	t.Helper()
	real, err := url.Parse(w.main.URL())
	if err != nil {
		t.Fatal(err)
	}
	meant := func(path string) bool { return strings.HasPrefix(path, f.path) }
	proxy := &httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(real)
			r.Out.Header.Set("Accept-Encoding", "identity") // so that its words can be changed
			if f.request != nil && meant(r.Out.URL.Path) {
				f.request(r.Out)
			}
		},
		ModifyResponse: func(r *http.Response) error {
			if f.answer == nil || !meant(r.Request.URL.Path) {
				return nil
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			body = f.answer(r, body)
			r.Header.Del("Content-Length")
			r.ContentLength, r.Body = int64(len(body)), io.NopCloser(bytes.NewReader(body))
			return nil
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

// replaced changes words of an answer.
func replaced(pairs ...string) func(*http.Response, []byte) []byte {
	words := strings.NewReplacer(pairs...)
	return func(_ *http.Response, body []byte) []byte { return []byte(words.Replace(string(body))) }
}

// TestConformanceFinds holds that each check fails when the server does that thing
// wrong, and that no other does.
func TestConformanceFinds(t *testing.T) {
	t.Parallel()
	w := newConformanceWorld(t)
	var earlier []byte
	for name, tc := range map[string]struct {
		fault
		change func(*conformance.Config)
		failed string
	}{
		"a clock that is wrong": {fault: fault{"/healthz", nil, func(r *http.Response, body []byte) []byte {
			r.Header.Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
			return body
		}}, failed: "clock"},
		"no token asked for": {fault: fault{"/v1/verifications/due", nil, func(r *http.Response, body []byte) []byte {
			if r.Request.Header.Get("Authorization") == "" {
				r.StatusCode = http.StatusOK
			}
			return body
		}}, failed: "token"},
		"a token taken twice": {fault: fault{"/v1/verifications/due", nil, func(r *http.Response, body []byte) []byte {
			if r.StatusCode == http.StatusUnauthorized {
				r.StatusCode = http.StatusOK
			}
			return body
		}}, failed: "token"},
		"another shop":     {fault: fault{"/v1/listings/", nil, replaced("自测店铺", "别的店铺")}, failed: "declare"},
		"still listed":     {fault: fault{"/v1/listings/", nil, replaced(`"listed":false`, `"listed":true`)}, failed: "remove"},
		"written twice":    {fault: fault{"/v1/documents", nil, replaced(`"duplicate"`, `"accepted"`)}, failed: "idempotency"},
		"a conflict taken": {fault: fault{"/v1/documents", nil, replaced(`"conflict"`, `"invalid"`)}, failed: "conflict"},
		"a better claim":   {fault: fault{"/v1/documents", nil, replaced(`"claims_better"`, `"invalid"`)}, failed: "claims_better"},
		"another code":     {fault: fault{"/v1/licences/verify", nil, replaced(`"NOT_COVERED"`, `"EXPIRED"`)}, failed: "verify"},
		"another verdict":  {fault: fault{"/v1/licences/verify", nil, replaced(`"unverified"`, `"valid"`)}, failed: "verify"},
		"no problems": {fault: fault{"/v1/licences/verify", nil, func(r *http.Response, body []byte) []byte {
			if r.Header.Get("Content-Type") == mediaLines {
				return body
			}
			return bytes.ReplaceAll(body, []byte(`"problems"`), []byte(`"other"`))
		}}, failed: "malformed"},
		"a stream that lies": {fault: fault{"/v1/licences/verify", nil, func(r *http.Response, body []byte) []byte {
			if r.Header.Get("Content-Type") != mediaLines {
				return body
			}
			return bytes.ReplaceAll(body, []byte(`"invalid"`), []byte(`"valid"`))
		}}, failed: "stream"},
		"nothing falls due": {fault: fault{"/v1/verifications/due", nil, func(r *http.Response, body []byte) []byte {
			if r.StatusCode != http.StatusOK {
				return body
			}
			return []byte(`{"items":[]}`)
		}}, failed: "due"},
		"due for ever": {fault: fault{"/v1/verifications/due", nil, func(r *http.Response, body []byte) []byte {
			switch {
			case strings.Contains(r.Request.URL.RawQuery, "limit=1000") && earlier == nil:
				earlier = body
			case strings.Contains(r.Request.URL.RawQuery, "limit=1000"):
				return earlier
			}
			return body
		}}, failed: "record"},
		"a cursor that is forgotten": {fault: fault{"/v1/feed", func(r *http.Request) {
			q := r.URL.Query()
			q.Del("after")
			r.URL.RawQuery = q.Encode()
		}, nil}, failed: "feed"},
		"no Retry-After": {fault: fault{"/v1/licences/verify", nil, func(r *http.Response, body []byte) []byte {
			r.Header.Del("Retry-After")
			return body
		}}, change: func(c *conformance.Config) { c.Skip = nil }, failed: "quota"},
		"no keys": {fault: fault{traceability.DeliveryKeys, nil, func(*http.Response, []byte) []byte { return []byte(`{"keys":[]}`) }}, failed: "keys"},
		"a shop that is not as expected": {change: func(c *conformance.Config) {
			c.Shops = []conformance.Expected{{Shop: noodles("A"), Expect: &[]traceability.ViolationCode{traceability.ViolationExpired}}}
		}, failed: "own_shops"},
		"deliveries that fail": {fault: fault{"/v1/webhooks", nil, func(*http.Response, []byte) []byte {
			return []byte(`{"items":[{"ref":"alerts","url":"http://127.0.0.1:1/alerts","active":true,"delivery":{"reason":"status 500"}}]}`)
		}}, change: func(c *conformance.Config) {
			c.Receiver = &conformance.Receiver{URL: "http://127.0.0.1:1/alerts"}
			c.Skip["webhook_unsigned"], c.Skip["webhook_stranger"] = true, true
		}, failed: "webhook_delivered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := tc.change
			if change == nil {
				change = func(*conformance.Config) {}
			}
			results := w.conform(t, w.behind(t, tc.fault), change)
			if diff := cmp.Diff([]string{tc.failed}, failures(results)); diff != "" {
				t.Errorf("%s\n%+v", diff, results)
			}
		})
	}
}

// TestConformanceFindsReceivers holds the same of a platform's receiver.
func TestConformanceFindsReceivers(t *testing.T) {
	t.Parallel()
	w := newConformanceWorld(t)
	forged := []string{"webhook_changed", "webhook_elsewhere", "webhook_old", "webhook_stranger", "webhook_unsigned"}
	for name, tc := range map[string]struct {
		accept  func(genuine bool, n int) bool
		trusted bool
		failed  []string
	}{
		"as it must be":       {nil, true, nil},
		"without a directory": {nil, false, nil},
		"takes everything":    {func(bool, int) bool { return true }, true, forged},
		"takes nothing":       {func(bool, int) bool { return false }, true, []string{"webhook_genuine"}},
		"takes it once only":  {func(genuine bool, n int) bool { return genuine && n < 2 }, true, []string{"webhook_again"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory := newDirectory(t)
			if !tc.trusted {
				directory = nil
			}
			hook := newReceiver(t, directory, tc.accept)
			results := w.conform(t, w.main.URL(), func(c *conformance.Config) {
				c.Receiver = &conformance.Receiver{URL: hook.URL + "/alerts", Directory: directory}
			})
			if diff := cmp.Diff(tc.failed, failures(results)); diff != "" {
				t.Errorf("%s\n%+v", diff, results)
			}
		})
	}
}
