package traceability_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenDocument is a signed document with what reading it must give, now and
// in every later version: ledgers hold such texts.
type goldenDocument struct {
	Name     string
	JWS      string
	Key      traceability.PublicKey // that made the signature
	ID       traceability.DocumentID
	Type     traceability.DocumentType
	KeyID    traceability.KeyID
	IssuedAt time.Time
	Payload  string
}

// TestGoldenDocuments reads documents of the past.
func TestGoldenDocuments(t *testing.T) {
	t.Parallel()
	const file = "testdata/documents.json"
	if *update {
		writeGolden(t, file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var documents []goldenDocument
	if err := json.Unmarshal(text, &documents); err != nil {
		t.Fatal(err)
	}
	for _, want := range documents {
		t.Run(want.Name, func(t *testing.T) {
			d, err := traceability.ParseDocument(want.JWS)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Verify(want.Key); err != nil {
				t.Error(err)
			}
			got := goldenDocument{want.Name, d.JWS, want.Key, d.ID, d.Type, d.Key, d.IssuedAt, string(d.Payload)}
			keys := cmp.Comparer(func(a, b traceability.PublicKey) bool { return a.Thumbprint() == b.Thumbprint() })
			if diff := cmp.Diff(want, got, keys); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			compare(t, want.JWS, want.Key)
		})
	}
	// What we sign stays the same too: Ed25519 has one signature for one text.
	signed, err := traceability.Sign(goldenKey(t), traceability.TypeReportSubmit, sampleReport(), morning)
	if err != nil || signed != documents[0].JWS {
		t.Errorf("signed anew: got %s, %v, want %s", signed, err, documents[0].JWS)
	}
}

// goldenKey is always the same.
func goldenKey(tb testing.TB) (key traceability.SigningKey) {
	tb.Helper()
	private := ed25519.NewKeyFromSeed([]byte("a seed that is no secret, 32 byte"[:32]))
	file := fmt.Sprintf(`{"party":%q,"key":{"kty":"OKP","crv":"Ed25519","x":%q,"d":%q}}`, lab,
		base64.RawURLEncoding.EncodeToString(private.Public().(ed25519.PublicKey)), base64.RawURLEncoding.EncodeToString(private.Seed()))
	if err := json.Unmarshal([]byte(file), &key); err != nil {
		tb.Fatal(err)
	}
	return key
}

func writeGolden(t *testing.T, file string) {
	t.Helper()
	f := newForger(t)
	one, err := traceability.Sign(goldenKey(t), traceability.TypeReportSubmit, sampleReport(), morning)
	if err != nil {
		t.Fatal(err)
	}
	documents := []goldenDocument{
		{Name: "EdDSA", JWS: one, Key: goldenKey(t).Public()},
		{Name: "EdDSA, written by another program", JWS: f.sign(t, " { \"typ\" : \"report.submit\",\"iat\":1795334400.0 , \"kid\":\""+string(f.edKID)+"\",\"alg\":\"EdDSA\"}\n",
			"{\"report_no\" : \"\\u0053P1\",\n \"items\":[ ], \"中\": 1e2}"), Key: f.keys(t)[0]},
		{Name: "ES256", JWS: f.sign(t, f.header("ES256"), `{"a":1}`), Key: f.keys(t)[1]},
	}
	for i, g := range documents {
		d, err := traceability.ParseDocument(g.JWS)
		if err != nil {
			t.Fatal(err)
		}
		documents[i] = goldenDocument{g.Name, g.JWS, g.Key, d.ID, d.Type, d.Key, d.IssuedAt, string(d.Payload)}
	}
	text, err := json.Marshal(documents, json.Deterministic(true), jsontext.WithIndent("\t"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// holdPage keeps a page of the documentation equal to what the code's tables make.
func holdPage(t *testing.T, file, page string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), page); diff != "" {
		t.Errorf("run with -update (-file +tables):\n%s", diff)
	}
}
