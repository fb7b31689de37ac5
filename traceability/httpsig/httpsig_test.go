package httpsig_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability/httpsig"
)

// The key test-key-ed25519 of RFC 9421, B.1.4.
const (
	rfcPublic  = "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"
	rfcPrivate = "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU"
)

func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// rfcMessage is the request of RFC 9421, B.2, with the signature of B.2.6.
func rfcMessage() *httpsig.Message {
	return &httpsig.Message{Method: http.MethodPost, TargetURI: "https://example.com/foo?param=Value&Pet=dog", Header: http.Header{
		"Date":            {"Tue, 20 Apr 2021 02:07:55 GMT"},
		"Content-Type":    {"application/json"},
		"Content-Digest":  {"sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"},
		"Content-Length":  {"18"},
		"Signature-Input": {`sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`},
		"Signature":       {"sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"},
	}}
}

func rfcExpected(t testing.TB) httpsig.Expected {
	public := ed25519.PublicKey(bytesOf(t, rfcPublic))
	return httpsig.Expected{Label: "sig-b26", Components: []string{"@method", "@authority"}, Now: time.Unix(1618884480, 0), Tolerance: time.Minute,
		Key: func(id string) (ed25519.PublicKey, bool) { return public, id == "test-key-ed25519" }}
}

// TestRFCVector verifies the request that RFC 9421 prints, and refuses it with
// anything signed changed.
func TestRFCVector(t *testing.T) {
	t.Parallel()
	if err := httpsig.Verify(rfcMessage(), rfcExpected(t)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*httpsig.Message, *httpsig.Expected){
		"method":          func(m *httpsig.Message, _ *httpsig.Expected) { m.Method = http.MethodPut },
		"path":            func(m *httpsig.Message, _ *httpsig.Expected) { m.TargetURI = "https://example.com/bar" },
		"host":            func(m *httpsig.Message, _ *httpsig.Expected) { m.TargetURI = "https://example.org/foo" },
		"no address":      func(m *httpsig.Message, _ *httpsig.Expected) { m.TargetURI = "/foo" },
		"field":           func(m *httpsig.Message, _ *httpsig.Expected) { m.Header.Set("Date", "Tue, 20 Apr 2021 02:07:56 GMT") },
		"field twice":     func(m *httpsig.Message, _ *httpsig.Expected) { m.Header.Add("Date", "x") },
		"no field":        func(m *httpsig.Message, _ *httpsig.Expected) { m.Header.Del("Date") },
		"no signature":    func(m *httpsig.Message, _ *httpsig.Expected) { m.Header.Del("Signature") },
		"no input":        func(m *httpsig.Message, _ *httpsig.Expected) { m.Header.Del("Signature-Input") },
		"not a signature": func(m *httpsig.Message, _ *httpsig.Expected) { m.Header.Set("Signature", `sig-b26="x"`) },
		"other algorithm": func(m *httpsig.Message, _ *httpsig.Expected) {
			m.Header.Set("Signature-Input", m.Header.Get("Signature-Input")+`;alg="hmac-sha256"`)
		},
		"expired": func(m *httpsig.Message, _ *httpsig.Expected) {
			m.Header.Set("Signature-Input", m.Header.Get("Signature-Input")+`;expires=1618884474`)
		},
		"other created": func(m *httpsig.Message, _ *httpsig.Expected) {
			m.Header.Set("Signature-Input", strings.Replace(m.Header.Get("Signature-Input"), "4473", "4474", 1))
		},
		"component twice": func(m *httpsig.Message, _ *httpsig.Expected) {
			m.Header.Set("Signature-Input", strings.Replace(m.Header.Get("Signature-Input"), `"date"`, `"date" "date"`, 1))
		},
		"component unknown": func(m *httpsig.Message, _ *httpsig.Expected) {
			m.Header.Set("Signature-Input", strings.Replace(m.Header.Get("Signature-Input"), `"date"`, `"@query"`, 1))
		},
		"component with parameter": func(m *httpsig.Message, _ *httpsig.Expected) {
			m.Header.Set("Signature-Input", strings.Replace(m.Header.Get("Signature-Input"), `"date"`, `"date";bs`, 1))
		},
		"another label":     func(_ *httpsig.Message, e *httpsig.Expected) { e.Label = "other" },
		"another tag":       func(_ *httpsig.Message, e *httpsig.Expected) { e.Tag = "other" },
		"too old":           func(_ *httpsig.Message, e *httpsig.Expected) { e.Now = e.Now.Add(time.Hour) },
		"from the future":   func(_ *httpsig.Message, e *httpsig.Expected) { e.Now = e.Now.Add(-time.Hour) },
		"too little signed": func(_ *httpsig.Message, e *httpsig.Expected) { e.Components = []string{"content-digest"} },
		"unknown key": func(_ *httpsig.Message, e *httpsig.Expected) {
			e.Key = func(string) (ed25519.PublicKey, bool) { return nil, false }
		},
		"another key": func(_ *httpsig.Message, e *httpsig.Expected) {
			e.Key = func(string) (ed25519.PublicKey, bool) { return make([]byte, 32), true }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, e := rfcMessage(), rfcExpected(t)
			change(m, &e)
			if err := httpsig.Verify(m, e); !errors.Is(err, httpsig.ErrInvalid) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestDigest holds the digest to RFC 9530's example (§2, D.1 with SHA-256).
func TestDigest(t *testing.T) {
	t.Parallel()
	const body, want = `{"hello": "world"}`, "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
	if got := httpsig.Digest([]byte(body)); got != want {
		t.Errorf("got %s", got)
	}
	for header, ok := range map[string]bool{want: true, "sha-512=:AAAA:, " + want: true, "sha-512=:AAAA:": false, "": false, "sha-256=1": false, "sha-256=:AAAA:": false, "(": false} {
		if err := httpsig.CheckDigest(http.Header{"Content-Digest": {header}}, []byte(body)); (err == nil) != ok || err != nil && !errors.Is(err, httpsig.ErrInvalid) {
			t.Errorf("%q: %v", header, err)
		}
	}
}

func TestSignThenVerify(t *testing.T) {
	t.Parallel()
	key := ed25519.NewKeyFromSeed(bytesOf(t, rfcPrivate))
	m := &httpsig.Message{Method: http.MethodPost, TargetURI: "https://example.com:443/hook?a=b", Header: http.Header{"Content-Digest": {httpsig.Digest([]byte("x"))}}}
	now := time.Unix(1700000000, 0)
	components := []string{"@method", "@target-uri", "content-digest"}
	if err := httpsig.Sign(m, key, httpsig.Params{Label: "a", KeyID: "k", Tag: "t", Created: now}, components...); err != nil {
		t.Fatal(err)
	}
	want := `a=("@method" "@target-uri" "content-digest");created=1700000000;keyid="k";alg="ed25519";tag="t"`
	if got := m.Header.Get("Signature-Input"); got != want {
		t.Errorf("got %s", got)
	}
	e := httpsig.Expected{Label: "a", Tag: "t", Components: components, Now: now, Tolerance: time.Second,
		Key: func(id string) (ed25519.PublicKey, bool) { return key.Public().(ed25519.PublicKey), id == "k" }}
	if err := httpsig.Verify(m, e); err != nil {
		t.Error(err)
	}
	if err := httpsig.Sign(m, key, httpsig.Params{Label: "a"}, "x-absent"); !errors.Is(err, httpsig.ErrInvalid) {
		t.Errorf("an absent field is signed: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	m := rfcMessage()
	f.Add(m.Header.Get("Signature-Input"), m.Header.Get("Signature"), "https://example.com/foo")
	f.Add(`sig-b26=();created=1618884473`, "sig-b26=::", "::")
	f.Fuzz(func(t *testing.T, input, signature, target string) {
		m := rfcMessage()
		m.Header["Signature-Input"], m.Header["Signature"], m.TargetURI = []string{input}, []string{signature}, target
		err := httpsig.Verify(m, rfcExpected(t))
		if err != nil && !errors.Is(err, httpsig.ErrInvalid) {
			t.Fatal(err)
		}
		if u, parsed := url.Parse(target); err == nil && (parsed != nil || strings.TrimSuffix(strings.ToLower(u.Host), ":443") != "example.com" || u.Path != "/foo") {
			t.Fatalf("%q %q %q is taken for signed", input, signature, target)
		}
	})
}
