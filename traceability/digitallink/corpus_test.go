package digitallink

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vectors reads one file of the GS1 syntax vectors, or skips the test when the
// corpora are not there.
func vectors[T any](t *testing.T, file string) []T {
	t.Helper()
	folder := os.Getenv("DELTATRACE_CORPORA")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "corpora")
	}
	f, err := os.Open(filepath.Join(folder, "gs1-syntax-vectors", file))
	if err != nil {
		t.Skipf("GS1 syntax vectors are not present: %v (set DELTATRACE_CORPORA)", err)
	}
	defer f.Close()
	var all []T
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// options are the switches of the reference software that a vector was made with.
type options struct {
	PermitConvenienceAlphas          bool `json:"permitConvenienceAlphas"`
	PermitZeroSuppressedGTINinDLuris bool
	PermitUnknownAIs                 bool
	AllowUnknownAIasDLattr           bool `json:"allowUnknownAIasDLattr"`
}

func (o options) dialect() Dialect {
	return Dialect{
		ZeroSuppressedGTIN: o.PermitZeroSuppressedGTINinDLuris,
		Alphas:             o.PermitConvenienceAlphas,
		UnknownAttributes:  o.PermitUnknownAIs && o.AllowUnknownAIasDLattr,
	}
}

// aboutTradeItems is the rule for the vectors that concern lots: those with the
// key (01), whose qualifiers are 22, 10 and 21.
var aboutTradeItems = regexp.MustCompile(`/(01|gtin)/|\(01\)`)

func TestParseVectors(t *testing.T) {
	t.Parallel()
	type vector struct {
		Valid         bool
		URI           string
		ElementString string `json:"element_string"`
		Note, Src     string
		Options       options
	}
	all := vectors[vector](t, "dl-uri-parse.jsonl")
	lots := 0
	for _, v := range all {
		if aboutTradeItems.MatchString(v.URI) {
			lots++
		}
		l, err := v.Options.dialect().Parse(v.URI)
		if (err == nil) != v.Valid {
			t.Errorf("%s: Parse(%q): error %v, want valid %t (%s)", v.Src, v.URI, err, v.Valid, v.Note)
			continue
		}
		if err == nil && l.ElementString() != v.ElementString {
			t.Errorf("%s: %q: element string %q, want %q", v.Src, v.URI, l.ElementString(), v.ElementString)
		}
	}
	atLeast(t, "vectors", len(all), 118)
	atLeast(t, "vectors about trade items", lots, 76)
}

var bracketed = regexp.MustCompile(`\((\d{2,4})\)([^(]*)`)

func TestBuildVectors(t *testing.T) {
	t.Parallel()
	type vector struct {
		Valid       bool
		Stem        string // null is the canonical stem
		BracketedAI string `json:"bracketed_ai"`
		URI         string
		Note, Src   string
		Options     options
	}
	all := vectors[vector](t, "dl-uri-generate.jsonl")
	lots := 0
	for _, v := range all {
		if aboutTradeItems.MatchString(v.BracketedAI) {
			lots++
		}
		var ais []AI
		for _, m := range bracketed.FindAllStringSubmatch(v.BracketedAI, -1) {
			ais = append(ais, AI{Code: m[1], Value: m[2]})
		}
		uri, err := v.Options.dialect().Build(v.Stem, ais)
		if (err == nil) != v.Valid || uri != v.URI {
			t.Errorf("%s: Build(%q, %s) = %q, %v, want %q, valid %t (%s)", v.Src, v.Stem, v.BracketedAI, uri, err, v.URI, v.Valid, v.Note)
		}
	}
	atLeast(t, "vectors", len(all), 22)
	atLeast(t, "vectors about trade items", lots, 18)
}

// Every listed sequence of keys is accepted, and no other of the same keys.
func TestKeySequenceVectors(t *testing.T) {
	t.Parallel()
	type vector struct{ AIs []string }
	valid := map[string]bool{}
	primary := map[string]bool{}
	for _, v := range vectors[vector](t, "dl-path-key-sequences-valid.jsonl") {
		valid[strings.Join(v.AIs, "/")] = true
		primary[v.AIs[0]] = true
	}
	accepted, refused := 0, 0
	for key := range primary {
		for _, sequence := range arrangements([]string{"10", "21", "22", "235", "254", "7040", "8011", "8019"}, 3) {
			codes := append([]string{key}, sequence...)
			l := Link{Stem: "https://id.example"}
			for _, code := range codes {
				l.Keys = append(l.Keys, sample(t, code))
			}
			got, err := Parse(l.String())
			if want := valid[strings.Join(codes, "/")]; (err == nil) != want {
				t.Errorf("Parse(%q): error %v, want valid %t", l, err, want)
			} else if want {
				accepted++
				if diff := cmp.Diff(l, got); diff != "" {
					t.Errorf("Parse(%q), -want +got:\n%s", l, diff)
				}
			} else {
				refused++
			}
		}
	}
	atLeast(t, "sequences accepted", accepted, 37) // 39 lines, of which (01) and (414) stand twice
	atLeast(t, "sequences refused", refused, 1000)
}

// arrangements returns every ordered choice of at most n of the codes.
func arrangements(codes []string, n int) [][]string {
	all := [][]string{nil}
	if n == 0 {
		return all
	}
	for i, code := range codes {
		for _, rest := range arrangements(slices.Delete(slices.Clone(codes), i, i+1), n-1) {
			all = append(all, append([]string{code}, rest...))
		}
	}
	return all
}

// sample makes a value for a code from its form: zeros, of which the check digit is 0.
func sample(t *testing.T, code string) AI {
	t.Helper()
	a := AI{Code: code}
	for _, part := range strings.Fields(dictionary()[code].format) {
		if !strings.HasPrefix(part, "?") {
			a.Value += strings.Repeat("0", number(strings.Trim(part, "NXYZ.c")))
		}
	}
	if err := a.check(dictionary()[code].format); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEscapeVectors(t *testing.T) {
	t.Parallel()
	type vector struct {
		Input, Src string
		Path       string `json:"path_component"`
		Query      string `json:"query_component"`
	}
	all := vectors[vector](t, "uri-escape.jsonl")
	for _, v := range all {
		l := Link{Keys: []AI{{"10", v.Input}}, Attributes: []AI{{"99", v.Input}}}
		if got, want := l.String(), "/10/"+v.Path+"?99="+v.Query; got != want {
			t.Errorf("%s: %q: %q, want %q", v.Src, v.Input, got, want)
		}
	}
	atLeast(t, "vectors", len(all), 10)
}

func TestUnescapeVectors(t *testing.T) {
	t.Parallel()
	type vector struct {
		Input, Src string
		Path       string `json:"path_component"`
		Query      string `json:"query_component"`
	}
	all := vectors[vector](t, "uri-unescape.jsonl")
	for _, v := range all {
		if got, want := unescape(v.Input, false), latin1(v.Path); got != want {
			t.Errorf("%s: path %q: %q, want %q", v.Src, v.Input, got, want)
		}
		if got, want := unescape(v.Input, true), latin1(v.Query); got != want {
			t.Errorf("%s: query %q: %q, want %q", v.Src, v.Input, got, want)
		}
	}
	atLeast(t, "vectors", len(all), 21)
}

// latin1 turns the vectors' code points into the bytes that they stand for.
func latin1(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

func atLeast(t *testing.T, what string, got, want int) {
	t.Helper()
	t.Logf("%d %s", got, what)
	if got < want {
		t.Errorf("only %d %s, want at least %d", got, what, want)
	}
}
