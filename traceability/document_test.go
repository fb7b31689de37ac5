package traceability_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

var morning = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func newKey(tb testing.TB, party traceability.PartyID) traceability.SigningKey {
	tb.Helper()
	key, err := traceability.NewSigningKey(party)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// ecdsaKey makes a P-256 key by way of the key file, as another program would.
func ecdsaKey(tb testing.TB, party traceability.PartyID) traceability.SigningKey {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	jwk, err := jose.JSONWebKey{Key: private}.MarshalJSON()
	if err != nil {
		tb.Fatal(err)
	}
	var key traceability.SigningKey
	if err := json.Unmarshal(fmt.Appendf(nil, `{"party":%q,"key":%s}`, party, jwk), &key); err != nil {
		tb.Fatal(err)
	}
	return key
}

func sampleReport() *traceability.Report {
	return &traceability.Report{No: "SP202690001", Revision: 1, Verdict: traceability.VerdictPass, Task: traceability.TaskSupervision,
		Items: []traceability.Item{{Seq: 1, Parameter: "铅(以Pb计)", Unit: "mg/kg", Limit: "≤0.2", Result: "0.05", Verdict: traceability.VerdictPass}}}
}

func TestDocumentRoundTrip(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]traceability.SigningKey{"EdDSA": newKey(t, lab), "ES256": ecdsaKey(t, lab)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signed, err := traceability.Sign(key, traceability.TypeReportSubmit, sampleReport(), morning)
			if err != nil {
				t.Fatal(err)
			}
			document, err := traceability.ParseDocument(signed)
			if err != nil {
				t.Fatal(err)
			}
			if err := document.Verify(key.Public()); err != nil {
				t.Error(err)
			}
			if err := document.Verify(newKey(t, lab).Public()); err == nil {
				t.Error("another key verifies")
			}
			var report traceability.Report
			if err := document.Decode(&report); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(sampleReport(), &report); diff != "" {
				t.Errorf("payload (-want +got):\n%s", diff)
			}
			if document.Party() != lab || !document.IssuedAt.Equal(morning) || document.Key != key.ID() {
				t.Errorf("header: got %+v", document)
			}
		})
	}
}

// The name of a document depends on what it says and who says it, and on
// nothing else: not on key, time or the payload's white space.
func TestDocumentID(t *testing.T) {
	t.Parallel()
	id := func(key traceability.SigningKey, payload any, at time.Time) traceability.DocumentID {
		signed, err := traceability.Sign(key, traceability.TypeReportSubmit, payload, at)
		if err != nil {
			t.Fatal(err)
		}
		document, err := traceability.ParseDocument(signed)
		if err != nil {
			t.Fatal(err)
		}
		return document.ID
	}
	want := id(newKey(t, lab), sampleReport(), morning)
	if got := id(ecdsaKey(t, lab), sampleReport(), morning.Add(time.Hour)); got != want {
		t.Errorf("another key and time: got %s, want %s", got, want)
	}
	if got := id(newKey(t, other), sampleReport(), morning); got == want {
		t.Error("another party has the same document")
	}
	changed := sampleReport()
	changed.Items[0].Result = "0.050"
	if got := id(newKey(t, lab), changed, morning); got == want {
		t.Error("other content has the same name")
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	got, err := traceability.Canonical(sampleReport())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"items":[{"limit":"≤0.2","parameter":"铅(以Pb计)","result":"0.05","seq":1,"unit":"mg/kg","verdict":"pass"}],"report_no":"SP202690001","revision":1,"task":"supervision","verdict":"pass"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	file, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	var back traceability.SigningKey
	if err := json.Unmarshal(file, &back); err != nil || back.ID() != key.ID() {
		t.Errorf("key file: got %v, %v", back, err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, key); bytes.Contains(file, []byte(`"d":"`+text)) || strings.Contains(text, "d:") || len(text) > 120 {
			t.Errorf("%s shows more than the key's name: %s", format, text)
		}
	}
	var public traceability.PublicKey
	private := bytes.TrimSuffix(bytes.SplitN(file, []byte(`"key":`), 2)[1], []byte("}"))
	if i := bytes.Index(private, []byte(`,"party"`)); i > 0 {
		private = private[:i]
	}
	if err := json.Unmarshal(private, &public); err == nil {
		t.Error("a private key was taken for a public one")
	}
	text, err := json.Marshal(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &public); err != nil || public.ID(lab) != key.ID() {
		t.Errorf("public key: got %v", err)
	}
	for _, bad := range []string{`{}`, `{"kty":"oct","k":"AAAA"}`, `{"kty":"RSA","n":"AQAB","e":"AQAB"}`, `7`,
		`{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}`} {
		if err := json.Unmarshal([]byte(bad), &public); err == nil {
			t.Errorf("%s was taken for a key", bad)
		}
	}
}

func FuzzParseDocument(f *testing.F) {
	key := newKey(f, lab)
	signed, err := traceability.Sign(key, traceability.TypeReportSubmit, sampleReport(), morning)
	if err != nil {
		f.Fatal(err)
	}
	original, err := traceability.ParseDocument(signed)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJFZERTQSJ9..")
	f.Add(strings.Repeat(".", 3))
	f.Add(signed + "\n")
	f.Fuzz(func(t *testing.T, compact string) {
		compare(t, compact, key.Public())
		document, err := traceability.ParseDocument(compact)
		if err != nil {
			if traceability.CodeOf(err) == traceability.CodeInternal {
				t.Errorf("not an *Error: %v", err)
			}
			return
		}
		payload := traceability.NewPayload(document.Type)
		if err := document.Decode(payload); err == nil {
			payload.Check()
		}
		if document.ID != original.ID && document.Verify(key.Public()) == nil {
			t.Errorf("other content verifies: %s", compact)
		}
	})
}

// FuzzPayload feeds payloads past the signature, which the fuzzer cannot make.
func FuzzPayload(f *testing.F) {
	for _, typ := range traceability.DocumentTypes() {
		f.Add(string(typ), `{"items":[{"seq":1}],"lots":[{"lot":"01/06901234567892/10/A"}]}`)
	}
	report, _ := traceability.Canonical(sampleReport())
	f.Add("report.submit", string(report))
	f.Fuzz(func(t *testing.T, typ, body string) {
		payload := traceability.NewPayload(traceability.DocumentType(typ))
		if payload == nil {
			return
		}
		document := &traceability.Document{Type: traceability.DocumentType(typ), Payload: []byte(body)}
		if document.Decode(payload) != nil {
			return
		}
		problems, warnings := payload.Check()
		for _, e := range append(problems, warnings...) {
			if e.Code == "" || e.ZH == "" || e.EN == "" {
				t.Errorf("an error without words: %+v", e)
			}
			if _, err := json.Marshal(e); err != nil {
				t.Errorf("an error that cannot be encoded: %v", err)
			}
		}
	})
}

func BenchmarkDocument(b *testing.B) {
	key := newKey(b, lab)
	report := sampleReport()
	for i := range 13 {
		item := report.Items[0]
		item.Seq = i + 2
		report.Items = append(report.Items, item)
	}
	signed, err := traceability.Sign(key, traceability.TypeReportSubmit, report, morning)
	if err != nil {
		b.Fatal(err)
	}
	document, err := traceability.ParseDocument(signed)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := traceability.ParseDocument(signed); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if err := document.Verify(key.Public()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
