package client_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/client"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

const platform traceability.PartyID = "plat:91320106MA1FPX121A"

// door serves a handler, to a client that has a platform's key.
func door(t *testing.T, handler http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	key, err := traceability.NewSigningKey(platform)
	if err != nil {
		t.Fatal(err)
	}
	c.Key, c.Pause, c.Patience = &key, time.Millisecond, 5*time.Second
	return c
}

func manyShops(n int) []traceability.Shop {
	shops := make([]traceability.Shop, n)
	for i := range shops {
		shops[i] = traceability.Shop{ID: traceability.ShopID(fmt.Sprint("S", i)), Name: "示例"}
	}
	return shops
}

func TestVerify(t *testing.T) {
	t.Parallel()
	calls := 0
	c := door(t, func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 1 {
			problem(429, traceability.CodeRateLimited, "1")(w, nil)
			return
		}
		if got := r.Method + r.URL.String(); got != "POST/v1/licences/verify?on=2026-11-01" || r.Header.Get("Authorization") == "" {
			t.Error(got, r.Header)
		}
		io.WriteString(w, `{"as_of":{"block":7,"time":"2026-11-23T01:00:00Z"},"on":"2026-11-01","results":[{"shop":"S0","verdict":"invalid","findings":[{"code":"NOT_SHOWN","severity":"refuse","zh":"中","en":"e"}]},{"shop":"S1","problems":[{"code":"invalid","field":"shop","zh":"中","en":"e"}]}]}`)
	})
	answers, err := c.Verify(t.Context(), "2026-11-01", manyShops(2))
	if err != nil {
		t.Fatal(err)
	}
	if got := answers.Results; answers.AsOf.Block != 7 || got[0].Verdict != traceability.LicenceFails || got[0].Codes()[0] != traceability.ViolationNotShown || got[1].Problems[0].Field != "shop" {
		t.Errorf("%+v", answers)
	}
	if _, err := c.Verify(t.Context(), "2026-11-01", manyShops(3)); err == nil {
		t.Error("two answers for three shops are taken")
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	c := door(t, func(w http.ResponseWriter, _ *http.Request) { problem(429, traceability.CodeRateLimited, "7")(w, nil) })
	c.Patience = 0
	_, err := c.Verify(t.Context(), "", manyShops(1))
	if wait, asked := client.RetryAfter(err); !asked || wait != 7*time.Second || traceability.CodeOf(err) != traceability.CodeRateLimited {
		t.Errorf("%v, %v of %v", wait, asked, err)
	}
	if _, asked := client.RetryAfter(io.EOF); asked {
		t.Error("any error asks to wait")
	}
}

// TestVerifyLines streams, and finds out when answers are missing, are none, or are
// refused.
func TestVerifyLines(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	for name, tc := range map[string]struct {
		swallow int               // the server answers all but this many
		status  int               // else of the answer
		garbage string            // in place of an answer
		each    func(n int) error // what the caller says
		wrong   func(error) bool  // nil: no error
	}{
		"all":            {},
		"one missing":    {swallow: 1, wrong: func(err error) bool { return strings.Contains(err.Error(), "2999 answers for 3000 shops") }},
		"no JSON":        {garbage: "nonsense", wrong: func(err error) bool { return strings.Contains(err.Error(), "answer 1") }},
		"refused":        {status: 429, wrong: func(err error) bool { wait, ok := client.RetryAfter(err); return ok && wait == 3*time.Second }},
		"not wanted any": {each: func(n int) error { return enough }, wrong: func(err error) bool { return errors.Is(err, enough) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := door(t, func(w http.ResponseWriter, r *http.Request) {
				if tc.status != 0 {
					problem(tc.status, traceability.CodeRateLimited, "3")(w, nil)
					return
				}
				if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
					t.Error(err)
				}
				io.WriteString(w, `{"as_of":{"block":9,"time":"2026-11-23T01:00:00Z"},"on":"2026-11-23"}`+"\n")
				lines := bufio.NewScanner(r.Body)
				for n := 0; lines.Scan(); n++ {
					var shop traceability.Shop
					if err := json.Unmarshal(lines.Bytes(), &shop); err != nil {
						return // the client is gone
					}
					switch {
					case n >= 3000-tc.swallow:
					case tc.garbage != "":
						io.WriteString(w, tc.garbage+"\n")
					default:
						fmt.Fprintf(w, `{"shop":%q,"verdict":"valid"}`+"\n", shop.ID)
					}
				}
			})
			shops, got := manyShops(3000), []traceability.ShopID{}
			basis, err := c.VerifyLines(t.Context(), "", slices.Values(shops), func(a client.ShopAnswer) error {
				got = append(got, a.Shop)
				if tc.each != nil {
					return tc.each(len(got))
				}
				return nil
			})
			if tc.wrong != nil {
				if err == nil || !tc.wrong(err) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || basis.AsOf.Block != 9 || len(got) != len(shops) || got[2999] != "S2999" {
				t.Errorf("%+v, %d answers, %v", basis, len(got), err)
			}
		})
	}
}

// TestSubmitListings cuts by number and by size, and numbers the parts.
func TestSubmitListings(t *testing.T) {
	t.Parallel()
	var said []traceability.Listing
	c := door(t, func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Documents []string `json:"documents"`
		}
		if err := json.UnmarshalRead(r.Body, &body); err != nil || r.Header.Get("Authorization") != "" {
			t.Error(err, r.Header)
		}
		for _, compact := range body.Documents {
			if len(compact) > traceability.MaxDocumentBytes {
				t.Errorf("a document of %d bytes", len(compact))
			}
			document, err := traceability.ParseDocument(compact)
			if err != nil {
				t.Error(err)
				continue
			}
			var listing traceability.Listing
			if err := document.Decode(&listing); err != nil {
				t.Error(err)
			}
			if problems, _ := listing.Check(); len(problems) > 0 {
				t.Error(problems[0])
			}
			said = append(said, listing)
		}
		accept(w, body.Documents)
	})
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	submit := func(l *traceability.Listing) []traceability.Listing {
		t.Helper()
		said = nil
		outcomes, err := c.SubmitListings(t.Context(), l)
		if err != nil || len(outcomes) != len(said) {
			t.Errorf("%d outcomes for %d documents, %v", len(outcomes), len(said), err)
		}
		return said
	}
	one := &traceability.Listing{Ref: "d", At: at, Shops: manyShops(2)}
	if diff := cmp.Diff([]traceability.Listing{*one}, submit(one)); diff != "" {
		t.Error(diff)
	}
	parts := submit(&traceability.Listing{Ref: "s", At: at, Snapshot: &traceability.SnapshotPart{ID: "2026-11-23"}, Shops: manyShops(1001)})
	var shops []traceability.Shop
	for i, part := range parts {
		shops = append(shops, part.Shops...)
		if part.Ref != fmt.Sprint("s.", i+1) || *part.Snapshot != (traceability.SnapshotPart{ID: "2026-11-23", Part: i + 1, Parts: 3}) {
			t.Errorf("%s %+v", part.Ref, part.Snapshot)
		}
	}
	if diff := cmp.Diff(manyShops(1001), shops); diff != "" {
		t.Error(diff)
	}
	large := manyShops(500)
	for i := range large {
		large[i].Name, large[i].Address, large[i].Holder = strings.Repeat("字", 200), strings.Repeat("址", 300), strings.Repeat("人", 200)
	}
	if parts := submit(&traceability.Listing{Ref: "l", At: at, Shops: large}); len(parts) < 2 {
		t.Errorf("%d documents of a megabyte", len(parts))
	}
	c.Key = nil
	if _, err := c.SubmitListings(t.Context(), one); err == nil {
		t.Error("signed without a key")
	}
}

func TestPagesAreAskedFor(t *testing.T) {
	t.Parallel()
	var asked []string
	c := door(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		if strings.HasPrefix(r.URL.Path, "/v1/listings/") {
			io.WriteString(w, `{"platform":"`+string(platform)+`","shop":"A","name":"甲"}`)
			return
		}
		io.WriteString(w, `{"items":[{"shop":"A","name":"甲"}],"signals":[],"next":"n","more":false}`)
	})
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	due, err := c.DueVerifications(t.Context(), at, traceability.Page{After: "x", Limit: 2})
	if err != nil || len(due.Items) != 1 || due.Next != "n" {
		t.Errorf("%+v, %v", due, err)
	}
	feed, err := c.Feed(t.Context(), traceability.FeedQuery{From: 5, Kinds: []traceability.SignalKind{"licence", "credit.enter"}, Limit: 3}, 20*time.Second)
	if err != nil || feed.Next != "n" {
		t.Errorf("%+v, %v", feed, err)
	}
	if _, err := c.Feed(t.Context(), traceability.FeedQuery{After: "n", From: 5}, 0); err != nil {
		t.Error(err)
	}
	if shop, err := c.Listing(t.Context(), "A"); err != nil || shop.ID != "A" {
		t.Errorf("%+v, %v", shop, err)
	}
	want := []string{"/v1/verifications/due?after=x&before=2026-11-23T08%3A00%3A00Z&limit=2", "/v1/feed?from=5&kinds=licence%2Ccredit.enter&limit=3&wait=20", "/v1/feed?after=n", "/v1/listings/A"}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
}
