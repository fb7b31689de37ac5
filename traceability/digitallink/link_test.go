package digitallink

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := Parse("https://example.com/some/path/01/16901234567899/10/A%2F01?17=270105&utm_source=x&11=260100#top")
	want := Link{
		Stem:       "https://example.com/some/path",
		Keys:       []AI{{"01", "16901234567899"}, {"10", "A/01"}},
		Attributes: []AI{{"17", "270105"}, {"11", "260100"}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Parse: %v, -want +got:\n%s", err, diff)
	}
	if expiry, ok := got.Value("17"); !ok || expiry != "270105" {
		t.Errorf("Value(17) = %q, %t", expiry, ok)
	}
	if _, ok := got.Value("21"); ok {
		t.Error("Value(21): a serial number that is not there")
	}
}

func TestParsePath(t *testing.T) {
	t.Parallel()
	got, err := ParsePath("/01/06901234567892/10/A%2F01", "17=270105")
	want := Link{Keys: []AI{{"01", "06901234567892"}, {"10", "A/01"}}, Attributes: []AI{{"17", "270105"}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("ParsePath: %v, -want +got:\n%s", err, diff)
	}
	got, err = Dialect{ZeroSuppressedGTIN: true}.ParsePath("/01/6901234567892", "")
	want = Link{Keys: []AI{{"01", "06901234567892"}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("ParsePath of a GTIN-13: %v, -want +got:\n%s", err, diff)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, uri, says string }{
		{"compressed", "https://id.example/ARHKVAdpQg", "not compressed"},
		{"partly compressed", "https://id.example/01/06901234567892/DnmBPQ", "not compressed"},
		{"too long", "https://id.example/01/06901234567892?99=" + strings.Repeat("A", MaxBytes), "GS1 Digital Link"},
		{"user information", "https://id.example@evil.example/01/06901234567892", "GS1 Digital Link"},
		{"Chinese, not encoded", "https://id.example/01/06901234567892/10/第1批", "GS1 Digital Link"},
		{"Chinese, encoded", "https://id.example/01/06901234567892/10/%E7%AC%AC", "X..20"},
		{"wrong check digit", "https://id.example/01/06901234567893", "N14c"},
		{"short GTIN", "https://id.example/01/6901234567892", "N14c"},
		{"lot of 21 characters", "https://id.example/01/06901234567892/10/123456789012345678901", "X..20"},
		{"no such day", "https://id.example/01/06901234567892?17=260230", "YYMMDD"},
		{"no such month", "https://id.example/01/06901234567892?17=261300", "YYMMDD"},
		{"day 00 of a harvest date", "https://id.example/01/06901234567892?7007=260500", "YYMMDD"},
		{"lot in the query", "https://id.example/01/06901234567892?10=A01", "in the path"},
		{"serial before lot", "https://id.example/01/06901234567892/21/1/10/A01", "in their order"},
		{"lot twice", "https://id.example/01/06901234567892/10/A/10/B", "in their order"},
		{"attribute twice", "https://id.example/01/06901234567892?17=270105&17=270106", "once"},
		{"unknown attribute", "https://id.example/01/06901234567892?9999=1", "application identifier"},
		{"third-party serial after lot", "https://id.example/01/06901234567892/10/A/235/X", "in their order"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l, err := Parse(tc.uri)
			var e *traceability.Error
			if !errors.As(err, &e) || e.Code != traceability.CodeInvalid {
				t.Fatalf("Parse(%q) = %+v, %v, want an invalid *traceability.Error", tc.uri, l, err)
			}
			if !strings.Contains(e.EN, tc.says) || !strings.Contains(e.ZH, tc.says) {
				t.Errorf("Parse(%q): %q / %q, want a sentence with %q", tc.uri, e.EN, e.ZH, tc.says)
			}
			if l.Keys != nil {
				t.Errorf("Parse(%q): keys %v beside an error", tc.uri, l.Keys)
			}
		})
	}
}

func TestBuildRefuses(t *testing.T) {
	t.Parallel()
	gtin := AI{"01", "06901234567892"}
	for _, tc := range []struct {
		name, stem string
		ais        []AI
	}{
		{"nothing", "https://id.example", nil},
		{"no scheme", "id.example", []AI{gtin}},
		{"a query in the stem", "https://id.example/?a=b", []AI{gtin}},
		{"a space in the stem", "https://id.example/a b", []AI{gtin}},
		{"one code, two values", "https://id.example", []AI{gtin, {"10", "A"}, {"10", "B"}}},
		{"a code that is none", "https://id.example", []AI{gtin, {"1", "A"}}},
		{"an empty code", "https://id.example", []AI{gtin, {"", "A"}}},
		{"too long", "https://id.example/" + strings.Repeat("a", MaxBytes), []AI{gtin}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if uri, err := Build(tc.stem, tc.ais); traceability.CodeOf(err) != traceability.CodeInvalid || uri != "" {
				t.Errorf("Build = %q, %v, want an invalid error", uri, err)
			}
		})
	}
}

func TestLotID(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]traceability.LotID{
		"https://id.example/01/06901234567892/10/A%2F01":            "01/06901234567892/10/A%2F01",
		"https://id.example/01/06901234567892/22/V/10/A01/21/7":     "01/06901234567892/10/A01",
		"https://id.example/01/06901234567892/235/X?10=A01":         "01/06901234567892/10/A01",
		"https://id.example/01/06901234567892":                      "",
		"https://id.example/01/06901234567892/21/7":                 "",
		"https://id.example/00/369012340000000017?10=A01":           "",
		"https://id.example/8004/6901234567892?01=06901234567892":   "",
		"https://id.example/01/06901234567892/10/%2E%2E?17=270105":  "", // no path can carry it
		"https://id.example/8006/069012345678920102/10/A01?99=test": "",
	} {
		l, err := Parse(uri)
		if err != nil {
			t.Errorf("Parse(%q): %v", uri, err)
			continue
		}
		if id, ok := l.LotID(); id != want || ok != (want != "") {
			t.Errorf("%q: LotID = %q, %t, want %q", uri, id, ok, want)
		}
	}
}

// The id of a GTIN lot is the path of its Digital Link, and back.
func TestLotIDIsThePath(t *testing.T) {
	t.Parallel()
	id, err := traceability.GTINLot("6901234567892", `a!"%&'()*+,-./:;<=>?`)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ParsePath(id.Path(), "")
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := l.LotID(); !ok || got != id {
		t.Errorf("LotID = %q, %t, want %q", got, ok, id)
	}
	if l.String() != id.Path() {
		t.Errorf("String = %q, want %q", l, id.Path())
	}
}

func TestDictionary(t *testing.T) {
	t.Parallel()
	codes := 0
	for _, f := range formats {
		for _, r := range strings.Fields(f.attributes + " " + f.others) {
			from, to, isRange := strings.Cut(r, "-")
			codes++
			if isRange {
				codes += number(to) - number(from)
			}
		}
	}
	if got := len(dictionary()); got != codes {
		t.Errorf("%d codes in the dictionary, %d in the table: some stand twice", got, codes)
	}
	for key, sequences := range keys {
		if !dictionary()[key].attribute {
			t.Errorf("key %s has no form", key)
		}
		for _, s := range sequences {
			for _, q := range s {
				if _, ok := dictionary()[q]; !ok {
					t.Errorf("qualifier %s has no form", q)
				}
			}
		}
	}
	for alpha, code := range alphas {
		if _, primary := keys[code]; !primary && !isQualifier(code) {
			t.Errorf("alpha %s stands for %s, which is no key or qualifier", alpha, code)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "https://id.example/01/06901234567892/10/A%2F01?17=270105&utm=1",
		"HTTP://a/stem/01/12312312312333/22/TEST/10/ABC/21/XYZ#x", "https://a/gtin/2112345678900/lot/A",
		"https://a/01/12312312312333/235/T?10=A&99=B+C", "https://a/253/1231231231232TEST?89=%ff",
		"https://[2001:db8::1]/00/006141411234567890", "https://a/8010/0200?3133=333333&3300=000000",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		for _, d := range []Dialect{{}, {ZeroSuppressedGTIN: true, Alphas: true, UnknownAttributes: true}} {
			l, err := d.Parse(uri)
			if err != nil {
				if traceability.CodeOf(err) != traceability.CodeInvalid {
					t.Errorf("Parse(%q): %v", uri, err)
				}
				continue
			}
			if again, err := d.Parse(l.String()); err != nil && len(l.String()) <= MaxBytes || err == nil && !cmp.Equal(l, again) {
				t.Errorf("Parse(%q) = %+v, but Parse(%q) = %+v, %v", uri, l, l, again, err)
			}
			if id, ok := l.LotID(); ok {
				if parsed, err := traceability.ParseLotID(id.String()); err != nil || parsed != id {
					t.Errorf("%q: lot id %q parses as %q, %v", uri, id, parsed, err)
				}
			}
			// Build may refuse what Parse accepts (a lot beside a third-party
			// serial), but what it writes is read.
			if built, err := d.Build(l.Stem, l.AIs()); err == nil {
				if _, err := d.Parse(built); err != nil {
					t.Errorf("Build wrote %q, but Parse says %v", built, err)
				}
			}
		}
	})
}

func FuzzParsePath(f *testing.F) {
	f.Add("/01/06901234567892/10/A%2F01", "17=270105")
	f.Add("01/06901234567892", "&&=&1=&99=%")
	f.Fuzz(func(t *testing.T, path, query string) {
		l, err := ParsePath(path, query)
		if err != nil {
			return
		}
		p, q, _ := strings.Cut(l.String(), "?")
		if again, err := ParsePath(p, q); err == nil && !cmp.Equal(l, again) {
			t.Errorf("ParsePath(%q, %q) = %+v, then %+v", path, query, l, again)
		}
	})
}
