package traceability_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// forger signs any header and payload, right or wrong, with a laboratory's keys.
type forger struct {
	ed25519        ed25519.PrivateKey
	p256           *ecdsa.PrivateKey
	edKID, p256KID traceability.KeyID
}

func newForger(tb testing.TB) *forger {
	tb.Helper()
	_, one, err1 := ed25519.GenerateKey(rand.Reader)
	two, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err1 != nil || err2 != nil {
		tb.Fatal(err1, err2)
	}
	f := &forger{ed25519: one, p256: two}
	f.edKID, f.p256KID = f.keys(tb)[0].ID(lab), f.keys(tb)[1].ID(lab)
	return f
}

// keys returns the public keys as the ledger has them.
func (f *forger) keys(tb testing.TB) []traceability.PublicKey {
	tb.Helper()
	point, err := f.p256.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		tb.Fatal(err)
	}
	return []traceability.PublicKey{
		parseKey(tb, fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q}`, encode(f.ed25519.Public().(ed25519.PublicKey)))),
		parseKey(tb, fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":%q,"y":%q}`, encode(point[1:33]), encode(point[33:]))),
	}
}

func parseKey(tb testing.TB, jwk string) (key traceability.PublicKey) {
	tb.Helper()
	if err := json.Unmarshal([]byte(jwk), &key); err != nil {
		tb.Fatal(err)
	}
	return key
}

func encode[T ~string | ~[]byte](b T) string { return base64.RawURLEncoding.EncodeToString([]byte(b)) }

// header returns a good header for the algorithm, with members added.
func (f *forger) header(alg string, more ...string) string {
	kid := f.edKID
	if alg == "ES256" {
		kid = f.p256KID
	}
	return fmt.Sprintf(`{"alg":%q,"iat":%d,"kid":%q,"typ":"report.submit"%s}`, alg, morning.Unix(), kid, strings.Join(more, ""))
}

// sign makes a JWS of the texts as they are; ES256 headers get a P-256 signature.
func (f *forger) sign(tb testing.TB, header, payload string) string {
	return f.signText(tb, encode(header)+"."+encode(payload), strings.Contains(header, "ES256"))
}

func (f *forger) signText(tb testing.TB, text string, p256 bool) string {
	tb.Helper()
	if !p256 {
		return text + "." + encode(ed25519.Sign(f.ed25519, []byte(text)))
	}
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, f.p256, sum[:])
	if err != nil {
		tb.Fatal(err)
	}
	return text + "." + encode(join(r, s))
}

// join writes R and S as ES256 has them.
func join(r, s *big.Int) []byte {
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

// TestHeaderAttacks signs headers that say too much, too little or something
// else, with a good key: none of them is read.
func TestHeaderAttacks(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	jwk, err := json.Marshal(f.keys(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	good := f.header("EdDSA")
	without := func(member string) string { return strings.Replace(good, member, "x"+member, 1) }
	with := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	const malformed, unsigned, algorithm = traceability.CodeMalformed, traceability.CodeUnsigned, traceability.CodeAlgorithm
	cases := map[string]struct {
		header string
		code   traceability.Code
		field  string
	}{
		"alg none":                 {f.header("none"), unsigned, "alg"},
		"alg None":                 {f.header("None"), algorithm, "alg"},
		"alg HS256, key as secret": {f.header("HS256"), algorithm, "alg"},
		"alg RS256":                {f.header("RS256"), algorithm, "alg"},
		"alg in another case":      {f.header("eddsa"), algorithm, "alg"},
		"alg empty":                {f.header(""), algorithm, "alg"},
		"alg null":                 {with(`"EdDSA"`, `null`), algorithm, "alg"},
		"alg a number":             {with(`"EdDSA"`, `7`), malformed, "alg"},
		"alg alone":                {`{"alg":"EdDSA"}`, malformed, "typ"},
		"crit":                     {f.header("EdDSA", `,"crit":["exp"],"exp":1`), malformed, "crit"},
		"crit empty":               {f.header("EdDSA", `,"crit":[]`), malformed, "crit"},
		"b64 false, not critical":  {f.header("EdDSA", `,"b64":false`), malformed, "b64"},
		"b64 false, critical":      {f.header("EdDSA", `,"b64":false,"crit":["b64"]`), malformed, "b64"},
		"b64 true":                 {f.header("EdDSA", `,"b64":true`), malformed, "b64"},
		"embedded jwk":             {f.header("EdDSA", `,"jwk":`+string(jwk)), malformed, "jwk"},
		"jku":                      {f.header("EdDSA", `,"jku":"https://example.test/keys"`), malformed, "jku"},
		"x5u":                      {f.header("EdDSA", `,"x5u":"https://example.test/cert"`), malformed, "x5u"},
		"x5c":                      {f.header("EdDSA", `,"x5c":["AA=="]`), malformed, "x5c"},
		"nonce":                    {f.header("EdDSA", `,"nonce":"1"`), malformed, "nonce"},
		"cty":                      {f.header("EdDSA", `,"cty":"json"`), malformed, "cty"},
		"unknown member":           {f.header("EdDSA", `,"x":1`), malformed, "x"},
		"unknown member null":      {f.header("EdDSA", `,"x":null`), malformed, "x"},
		"alg twice":                {f.header("EdDSA", `,"alg":"none"`), malformed, ""},
		"alg twice, one escaped":   {f.header("EdDSA", `,"\u0061lg":"none"`), malformed, ""},
		"kid twice":                {f.header("EdDSA", `,"kid":"reg:310000#A"`), malformed, ""},
		"Alg":                      {f.header("EdDSA", `,"Alg":"none"`), malformed, "Alg"},
		"no typ":                   {without(`typ`), malformed, "xtyp"},
		"typ empty":                {with(`report.submit`, ``), malformed, "typ"},
		"typ null":                 {with(`"report.submit"`, `null`), malformed, "typ"},
		"typ of a token":           {with(`report.submit`, `JWT`), traceability.CodeUnknownType, "typ"},
		"iat null":                 {with(fmt.Sprint(morning.Unix()), `null`), malformed, "iat"},
		"iat a text":               {with(fmt.Sprint(morning.Unix()), `"1"`), malformed, "iat"},
		"iat a fraction":           {with(fmt.Sprint(morning.Unix()), `1.5`), malformed, "iat"},
		"iat before 1970":          {with(fmt.Sprint(morning.Unix()), `-1`), malformed, "iat"},
		"iat after 9999":           {with(fmt.Sprint(morning.Unix()), `253402300800`), malformed, "iat"},
		"iat beyond numbers":       {with(fmt.Sprint(morning.Unix()), `1e999`), malformed, "iat"},
		"kid of nobody":            {with(`lab:`, `bal:`), malformed, "kid"},
		"kid without a key":        {with(`#`, `%`), malformed, "kid"},
		"kid a list":               {with(`"`+string(f.edKID)+`"`, `["`+string(f.edKID)+`"]`), malformed, "kid"},
		"not UTF-8":                {with(`#`, "#\xff"), malformed, ""},
		"half a surrogate pair":    {with(`#`, `#\ud800`), malformed, ""},
		"empty":                    {``, algorithm, "alg"},
		"null":                     {`null`, algorithm, "alg"},
		"a list":                   {`[]`, malformed, ""},
		"two objects":              {good + good, malformed, ""},
		"cut":                      {good[:len(good)-1], malformed, ""},
		"deep":                     {strings.Repeat("[", 1000), malformed, ""},
		"long":                     {good + strings.Repeat(" ", 1025-len(good)), malformed, ""},
		"huge":                     {f.header("EdDSA", `,"x":"`+strings.Repeat("x", 600_000)+`"`), malformed, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := traceability.ParseDocument(f.sign(t, c.header, `{}`))
			var e *traceability.Error
			if e, _ = err.(*traceability.Error); e == nil || e.Code != c.code || e.Field != c.field {
				t.Errorf("got %v, want %s at %q", err, c.code, c.field)
			} else if len(e.Error()) > 2000 {
				t.Errorf("the error has %d bytes", len(e.Error()))
			}
		})
	}
	for name, header := range map[string]string{
		"good":             good,
		"other order":      with(`{"alg":"EdDSA",`, `{`)[:len(good)-len(`"alg":"EdDSA",`)-1] + `,"alg":"EdDSA"}`,
		"white space":      " " + with(`:`, " :\n\t") + "\r\n",
		"escaped":          with(`"alg"`, `"\u0061l\u0067"`),
		"iat with a point": with(fmt.Sprint(morning.Unix()), fmt.Sprint(morning.Unix())+".0"),
		"iat in thousands": with(fmt.Sprint(morning.Unix()), fmt.Sprint(morning.Unix()/1000)+"e3"),
		"longest":          good + strings.Repeat(" ", 1024-len(good)),
	} {
		d, err := traceability.ParseDocument(f.sign(t, header, `{}`))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if err := d.Verify(f.keys(t)[0]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSpellings writes the parts of a good document in other ways.
func TestSpellings(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	good := f.sign(t, f.header("EdDSA"), `{"a":"??>>"}`) // base64url has - and _ in it
	parts := strings.Split(good, ".")
	// The signature's last character has four bits that no byte has.
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, parts[2][85])
	cases := map[string]string{
		"empty":                      "",
		"one part":                   parts[0],
		"two parts":                  parts[0] + "." + parts[1],
		"no signature":               parts[0] + "." + parts[1] + ".",
		"four parts":                 good + ".",
		"a JWE":                      "a.b.c.d.e",
		"JSON form":                  fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, parts[0], parts[1], parts[2]),
		"padding of the header":      parts[0] + "=." + parts[1] + "." + parts[2],
		"padding of the signature":   good + "==",
		"base64 instead":             strings.NewReplacer("-", "+", "_", "/").Replace(good),
		"unused bits":                good[:len(good)-1] + string(alphabet[last|1]),
		"a line break at the end":    good + "\n",
		"a line break in the middle": parts[0] + "." + parts[1][:4] + "\r\n" + parts[1][4:] + "." + parts[2],
		"a space":                    " " + good,
		"a space inside":             parts[0] + ". " + parts[1] + "." + parts[2],
		"a character too many":       parts[0] + "." + parts[1] + "." + parts[2] + "AAA",
		"a zero byte":                good + "\x00",
		"full width":                 strings.Replace(good, "e", "ｅ", 1),
		"detached":                   parts[0] + ".." + parts[2],
		"a byte order mark":          "\ufeff" + good,
		"oversized":                  good + strings.Repeat("A", traceability.MaxDocumentBytes),
	}
	for name, text := range cases {
		if text == good {
			t.Errorf("%s: is the good one", name)
		}
		d, err := traceability.ParseDocument(text)
		switch code := traceability.CodeOf(err); code {
		case traceability.CodeMalformed, traceability.CodeUnsigned, traceability.CodeOversized:
		default:
			t.Errorf("%s: got %v, %v", name, d, err)
		}
	}
}

// TestPayloadSpelling signs one payload as other programs may write it: the
// signature is of the bytes as they were sent, the name of what they say.
func TestPayloadSpelling(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	const canonical = `{"a":"é\"\\","b":{"x":[{"c":1,"d":2}],"y":100}}`
	want, err := traceability.ParseDocument(f.sign(t, f.header("EdDSA"), canonical))
	if err != nil {
		t.Fatal(err)
	}
	for _, payload := range []string{
		canonical,
		` { "a" : "é\"\\" , "b" : { "x" : [ { "c" : 1 , "d" : 2 } ] , "y" : 100 } } `,
		`{"b":{"y":100,"x":[{"d":2,"c":1}]},"a":"é\"\\"}`,
		`{"\u0061":"\u00e9\u0022\u005c","b":{"x":[{"c":1e0,"d":2.0}],"y":1e2}}`,
	} {
		d, err := traceability.ParseDocument(f.sign(t, f.header("EdDSA"), payload))
		if err != nil {
			t.Errorf("%s: %v", payload, err)
			continue
		}
		if err := d.Verify(f.keys(t)[0]); err != nil {
			t.Errorf("%s: %v", payload, err)
		}
		if string(d.Payload) != canonical || d.ID != want.ID {
			t.Errorf("%s: became %s", payload, d.Payload)
		}
	}
	for _, payload := range []string{`{"a":1,"a":1}`, `{"a":{"b":1,"\u0062":1}}`, "{\"a\":\"\xff\"}", `{"a":"\ud800"}`, `{"a":1}{}`, `{"a":01}`, `[]`, `"a"`, `null`, ``} {
		if _, err := traceability.ParseDocument(f.sign(t, f.header("EdDSA"), payload)); traceability.CodeOf(err) != traceability.CodeMalformed {
			t.Errorf("%s: got %v, want malformed", payload, err)
		}
	}
}

// TestSignatures holds the verdict on signatures of all kinds.
func TestSignatures(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	keys := f.keys(t)
	ed, es := f.sign(t, f.header("EdDSA"), `{}`), f.sign(t, f.header("ES256"), `{}`)
	at := strings.LastIndexByte
	edText, esText := ed[:at(ed, '.')], es[:at(es, '.')]
	edSignature, _ := base64.RawURLEncoding.DecodeString(ed[len(edText)+1:])
	esSignature, _ := base64.RawURLEncoding.DecodeString(es[len(esText)+1:])
	r, s := new(big.Int).SetBytes(esSignature[:32]), new(big.Int).SetBytes(esSignature[32:])
	n, zero := elliptic.P256().Params().N, new(big.Int)
	top := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1))
	der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
	if err != nil {
		t.Fatal(err)
	}
	// L is Ed25519's order; S+L is the same point in another spelling.
	l, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	plusL := func(b []byte) []byte {
		c := append([]byte(nil), b...)
		reversed := make([]byte, 32)
		for i, x := range c[32:] {
			reversed[31-i] = x
		}
		new(big.Int).Add(new(big.Int).SetBytes(reversed), l).FillBytes(reversed)
		for i, x := range reversed {
			c[63-i] = x
		}
		return c
	}
	const bad, algorithm = traceability.CodeBadSignature, traceability.CodeAlgorithm
	cases := map[string]struct {
		text      string
		signature []byte
		key       traceability.PublicKey
		want      traceability.Code
	}{
		"EdDSA":                       {edText, edSignature, keys[0], ""},
		"EdDSA, another's key":        {edText, edSignature, newForger(t).keys(t)[0], bad},
		"EdDSA, a P-256 key":          {edText, edSignature, keys[1], algorithm},
		"EdDSA, no key":               {edText, edSignature, traceability.PublicKey{}, algorithm},
		"EdDSA, S plus the order":     {edText, plusL(edSignature), keys[0], bad},
		"EdDSA, zeros":                {edText, make([]byte, 64), keys[0], bad},
		"EdDSA, short":                {edText, edSignature[:63], keys[0], bad},
		"EdDSA, long":                 {edText, append(edSignature[:64:64], 0), keys[0], bad},
		"EdDSA, one byte":             {edText, []byte{0}, keys[0], bad},
		"EdDSA, of another document":  {edText + "AAA", edSignature, keys[0], ""}, // see below
		"ES256":                       {esText, esSignature, keys[1], ""},
		"ES256, high S":               {esText, join(r, new(big.Int).Sub(n, s)), keys[1], ""}, // RFC 7518 has no low-S rule
		"ES256, another's key":        {esText, esSignature, newForger(t).keys(t)[1], bad},
		"ES256, an Ed25519 key":       {esText, esSignature, keys[0], algorithm},
		"ES256, no key":               {esText, esSignature, traceability.PublicKey{}, bad},
		"ES256, R zero":               {esText, join(zero, s), keys[1], bad},
		"ES256, S zero":               {esText, join(r, zero), keys[1], bad},
		"ES256, both zero":            {esText, join(zero, zero), keys[1], bad},
		"ES256, R the order":          {esText, join(n, s), keys[1], bad},
		"ES256, S the order":          {esText, join(r, n), keys[1], bad},
		"ES256, both the largest":     {esText, join(top, top), keys[1], bad},
		"ES256, R and S changed over": {esText, join(s, r), keys[1], bad},
		"ES256, ASN.1":                {esText, der, keys[1], bad},
		"ES256, short":                {esText, esSignature[:63], keys[1], bad},
		"ES256, long":                 {esText, append([]byte{0}, esSignature...), keys[1], bad},
		"ES256, for P-384":            {esText, make([]byte, 96), keys[1], bad},
	}
	other := cases["EdDSA, of another document"]
	other.text, other.want = strings.Split(f.sign(t, f.header("EdDSA"), `{"a":1}`), ".")[0]+"."+encode(`{"a":1}`), bad
	cases["EdDSA, of another document"] = other
	for name, c := range cases {
		compact := c.text + "." + encode(c.signature)
		d, err := traceability.ParseDocument(compact)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := traceability.CodeOf(d.Verify(c.key)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if !c.key.IsZero() {
			compare(t, compact, c.key)
		}
	}
}
