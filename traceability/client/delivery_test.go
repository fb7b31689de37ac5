package client_test

import (
	"crypto/ed25519"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
	"deltatrace/traceability/client"
	"deltatrace/traceability/httpsig"
)

const hookURL = "https://platform.example/deltatrace?tenant=7"

var clock = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// deliveryKey is a key that never changes, so that failures repeat.
func deliveryKey() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)) }

// delivered is a request as an API makes it and a proxy hands it on.
func delivered(t *testing.T, d traceability.Delivery, components ...string) *http.Request {
	t.Helper()
	body, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if components == nil {
		components = traceability.DeliveryComponents()
	}
	r := httptest.NewRequest(http.MethodPost, "http://10.0.0.7:9000/behind/a/proxy", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Digest", httpsig.Digest(body))
	r.Header.Set(traceability.DeliveryHeader, d.ID)
	message := &httpsig.Message{Method: r.Method, TargetURI: hookURL, Header: r.Header}
	params := httpsig.Params{Label: traceability.DeliveryLabel, Tag: traceability.DeliveryTag, KeyID: "k", Created: clock}
	if err := httpsig.Sign(message, deliveryKey(), params, components...); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	want := traceability.Delivery{ID: "d1", Party: "reg:330000", Webhook: "alerts", Signal: traceability.Signal{Kind: "notice.publish", Subject: "notice/X"}}
	keys := client.DeliveryKeys{"k": deliveryKey().Public().(ed25519.PublicKey)}
	got, err := keys.Delivery(delivered(t, want), hookURL, clock.Add(time.Minute))
	if err != nil || got != want {
		t.Fatalf("got %+v, %v", got, err)
	}
	body := func(text string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(text)).Body
		}
	}
	tampered, _ := json.Marshal(traceability.Delivery{ID: "d1", Party: "reg:330000", Webhook: "alerts", Signal: traceability.Signal{Kind: "notice.withdraw", Subject: "notice/X"}})
	for name, change := range map[string]func(*http.Request){
		"another body": body(string(tampered)),
		"another body with digest": func(r *http.Request) {
			body(string(tampered))(r)
			r.Header.Set("Content-Digest", httpsig.Digest(tampered))
		},
		"no body":         body(""),
		"an endless body": body(strings.Repeat(" ", client.MaxDelivery+1)),
		"another id":      func(r *http.Request) { r.Header.Set(traceability.DeliveryHeader, "d2") },
		"another method":  func(r *http.Request) { r.Method = http.MethodPut },
		"no signature":    func(r *http.Request) { r.Header.Del("Signature") },
	} {
		r := delivered(t, want)
		change(r)
		if _, err := keys.Delivery(r, hookURL, clock); !errors.Is(err, httpsig.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		keys    client.DeliveryKeys
		address string
		now     time.Time
	}{
		"another's key":   {client.DeliveryKeys{"k": make([]byte, ed25519.PublicKeySize)}, hookURL, clock},
		"no key":          {nil, hookURL, clock},
		"another address": {keys, "https://platform.example/other", clock},
		"an hour later":   {keys, hookURL, clock.Add(time.Hour)},
		"an hour before":  {keys, hookURL, clock.Add(-time.Hour)},
	} {
		if _, err := c.keys.Delivery(delivered(t, want), c.address, c.now); !errors.Is(err, httpsig.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := keys.Delivery(delivered(t, want, "@method", "@target-uri", "delivery-id"), hookURL, clock); !errors.Is(err, httpsig.ErrInvalid) {
		t.Errorf("a signature without the body's digest: %v", err)
	}
}

func TestDeliveryKeys(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]int{
		`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","use":"sig","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"},{"kty":"EC","crv":"P-256","kid":"e","x":"AA"}]}`: 1,
		`{"keys":[]}`: 0,
		`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"AA"}]}`:                                -1,
		`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}]}`: -1,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/.well-known/http-message-signatures-directory" {
				t.Errorf("asked for %s", r.URL.Path)
			}
			w.Write([]byte(answer))
		}))
		c, err := client.New(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := c.DeliveryKeys(t.Context())
		server.Close()
		if got := len(keys); (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%s: %v %v", answer, keys, err)
		}
	}
}
