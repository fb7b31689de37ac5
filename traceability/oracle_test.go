package traceability_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// reading is what a document says, and whether keys verify it.
type reading struct {
	ID       traceability.DocumentID
	Type     traceability.DocumentType
	Key      traceability.KeyID
	IssuedAt time.Time
	Payload  string
	Verified string
}

// oracle reads a document with go-jose and with RFC 8785 as the JSON library has it.
func oracle(compact string, keys []traceability.PublicKey) (r reading, err error) {
	if len(compact) > traceability.MaxDocumentBytes {
		return r, fmt.Errorf("%d bytes", len(compact))
	}
	if strings.HasSuffix(compact, ".") {
		return r, fmt.Errorf("unsigned")
	}
	jws, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{jose.EdDSA, jose.ES256})
	if err != nil {
		return r, err
	}
	header := jws.Signatures[0].Protected
	typ, _ := header.ExtraHeaders[jose.HeaderType].(string)
	issued, ok := header.ExtraHeaders["iat"].(float64)
	if !ok || issued != math.Trunc(issued) || issued < 0 || issued > 253402300799 {
		return r, fmt.Errorf("iat %v", header.ExtraHeaders["iat"])
	}
	r = reading{Type: traceability.DocumentType(typ), Key: traceability.KeyID(header.KeyID), IssuedAt: time.Unix(int64(issued), 0).UTC()}
	if traceability.NewPayload(r.Type) == nil {
		return r, fmt.Errorf("typ %q", typ)
	}
	if _, err := traceability.ParsePartyID(string(r.Key.Party())); err != nil || len(r.Key.Thumbprint()) != 43 {
		return r, fmt.Errorf("kid %q", r.Key)
	}
	// Canonicalize writes where it reads: Verify needs the payload as it was sent.
	payload := jsontext.Value(jws.UnsafePayloadWithoutVerification()).Clone()
	if err := payload.Canonicalize(); err != nil {
		return r, err
	}
	if payload.Kind() != '{' {
		return r, fmt.Errorf("payload %s", payload)
	}
	r.Payload = string(payload)
	sum := sha256.Sum256([]byte(typ + "\n" + string(r.Key.Party()) + "\n" + r.Payload))
	r.ID = traceability.DocumentID(hex.EncodeToString(sum[:]))
	for _, key := range keys {
		text, err := json.Marshal(key)
		if err != nil {
			return r, err
		}
		var jwk jose.JSONWebKey
		if err := jwk.UnmarshalJSON(text); err != nil {
			return r, err
		}
		algorithm := jose.EdDSA
		if strings.Contains(string(text), "P-256") {
			algorithm = jose.ES256
		}
		_, err = jws.Verify(jwk.Key)
		r.Verified += fmt.Sprint(err == nil && header.Algorithm == string(algorithm), " ")
	}
	return r, nil
}

// compare holds ParseDocument and Verify to the oracle: what we read, it reads
// the same; what it reads and we refuse, we refuse for a reason that jws.go
// states.
func compare(tb testing.TB, compact string, keys ...traceability.PublicKey) {
	tb.Helper()
	want, refused := oracle(compact, keys)
	d, err := traceability.ParseDocument(compact)
	switch {
	case err != nil && refused == nil:
		if stricter(compact) == "" {
			tb.Errorf("go-jose reads %q and we do not: %v", compact, err)
		}
		return
	case err != nil:
		return
	case refused != nil:
		tb.Errorf("we read %q and go-jose does not: %v", compact, refused)
		return
	}
	if reason := stricter(compact); reason != "" {
		tb.Errorf("we read %q, which has %s", compact, reason)
	}
	got := reading{ID: d.ID, Type: d.Type, Key: d.Key, IssuedAt: d.IssuedAt, Payload: string(d.Payload)}
	for _, key := range keys {
		got.Verified += fmt.Sprint(d.Verify(key) == nil, " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("%q (-go-jose +we):\n%s", compact, diff)
	}
}

// stricter names the reason for which we refuse what go-jose may read.
func stricter(compact string) string {
	header := []byte(nil)
	for i, part := range strings.Split(compact, ".") {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || base64.RawURLEncoding.EncodeToString(raw) != part {
			return "another spelling of base64url"
		}
		if i == 0 {
			header = raw
		}
	}
	if len(header) > 1024 {
		return "a long header"
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(header, &members); err != nil {
		return "a header that is not JSON in UTF-8"
	}
	for name := range members {
		switch name {
		case "alg", "kid", "typ", "iat":
		default:
			return "the header member " + name
		}
	}
	return ""
}

// FuzzHeader signs any header and payload and compares the reading with
// go-jose's.
func FuzzHeader(f *testing.F) {
	forge := newForger(f)
	keys := forge.keys(f)
	report, err := traceability.Canonical(sampleReport())
	if err != nil {
		f.Fatal(err)
	}
	for _, alg := range []string{"EdDSA", "ES256", "none", "HS256", ""} {
		f.Add(forge.header(alg), string(report))
	}
	for _, payload := range []string{`{}`, `{"b":1,"a":2}`, `{"a":{"c":[{"z":1,"y":"}\""}],"b":null}}`, ` { "a" : 1 } `, `{"é":1,"e":2}`, `{"\ud83d\ude00":1,"":2,"a\\\"":3}`,
		`{"a":1,"a":2}`, `{"a":1e2,"b":9007199254740993}`, `{"a":"\u0041\/","":[]}`, "{\"a\":\"\xff\"}", `[]`, `7`, ``, `{"":{"":{"":"\\"}}}`, `{"a\u0000":1,"a":2}`} {
		f.Add(forge.header("EdDSA"), payload)
	}
	for _, more := range []string{`,"crit":["b64"],"b64":false`, `,"b64":false`, `,"jwk":{}`, `,"x":null`, `,"alg":"EdDSA"`, "\xff"} {
		f.Add(forge.header("EdDSA", more), `{}`)
	}
	for _, iat := range []string{"0", "-0", "1e3", "1.0", "1.5", "null", `"1"`, "253402300799", "1e999"} {
		f.Add(strings.Replace(forge.header("EdDSA"), fmt.Sprint(morning.Unix()), iat, 1), `{}`)
	}
	f.Fuzz(func(t *testing.T, header, payload string) {
		compare(t, forge.sign(t, header, payload), keys...)
	})
}

// FuzzSignature puts any signature under a good document.
func FuzzSignature(f *testing.F) {
	forge := newForger(f)
	keys := forge.keys(f)
	var texts []string
	for _, alg := range []string{"EdDSA", "ES256"} {
		compact := forge.sign(f, forge.header(alg), `{}`)
		at := strings.LastIndexByte(compact, '.')
		texts = append(texts, compact[:at])
		signature, err := base64.RawURLEncoding.DecodeString(compact[at+1:])
		if err != nil {
			f.Fatal(err)
		}
		for _, b := range [][]byte{signature, signature[:63], append(signature[:64:64], 1), make([]byte, 64), {}} {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, signature []byte) {
		for _, text := range texts {
			compare(t, text+"."+encode(signature), keys...)
		}
	})
}
