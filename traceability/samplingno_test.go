package traceability

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseSamplingNo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		want     SamplingNo // "" for a syntax error
	}{
		{"2016", "GC1600196327", "GC1600196327"},
		{"2019", "DC19142400463230158", "DC19142400463230158"},
		{"now", "DBJ25330100319130599", "DBJ25330100319130599"},
		{"suffix", "DBJ25330100300539459ZX", "DBJ25330100300539459ZX"},
		{"full-width digits and inner spaces", "ＤＢＪ２５ 330100\u00a031913 0599", "DBJ25330100319130599"},
		{"lower case", "dbj25330100319130599", "DBJ25330100319130599"},
		{"no letters", "25330100319130599", ""},
		{"too few digits", "GC160019632", ""},
		{"too many digits", "DBJ253301003191305991234", ""},
		{"two numbers", "DBJ25330100319130599/DBJ25330100319130600", ""},
		{"empty", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseSamplingNo(tc.in)
			if tc.want == "" {
				wantInvalid(t, tc.in, err)
				return
			}
			if err != nil || got != tc.want {
				t.Errorf("ParseSamplingNo(%q) = %q, %v, want %q", tc.in, got, err, tc.want)
			}
		})
	}
}

func TestSamplingNoParts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in   SamplingNo
		want SamplingParts
		ok   bool
	}{
		{"DC19142400463230158", SamplingParts{SamplingPrefecture, "DC", 2019, "142400", "46323", "0158", ""}, true},
		{"XC19410223463231108", SamplingParts{SamplingCounty, "XC", 2019, "410223", "46323", "1108", ""}, true},
		{"DBJ25330100319130599", SamplingParts{SamplingPrefecture, "DBJ", 2025, "330100", "31913", "0599", ""}, true},
		{"DBJ25330100300539459ZX", SamplingParts{SamplingPrefecture, "DBJ", 2025, "330100", "30053", "9459", "ZX"}, true},
		{"SBJ26310000123450001", SamplingParts{SamplingProvincial, "SBJ", 2026, "310000", "12345", "0001", ""}, true},
		{"GZJ26320000123450002", SamplingParts{SamplingNational, "GZJ", 2026, "320000", "12345", "0002", ""}, true},
		{"GC1600196327", SamplingParts{}, false},
		{"DBJ2533010031913059", SamplingParts{}, false},
		{"ABJ25330100319130599", SamplingParts{}, false},
		{"", SamplingParts{}, false},
	} {
		t.Run(string(tc.in), func(t *testing.T) {
			t.Parallel()
			got, ok := tc.in.Parts()
			if diff := cmp.Diff(tc.want, got); diff != "" || ok != tc.ok {
				t.Errorf("Parts, %t (want %t), -want +got:\n%s", ok, tc.ok, diff)
			}
		})
	}
}

func FuzzParseSamplingNo(f *testing.F) {
	fuzzIdentifier(f, ParseSamplingNo, func(t *testing.T, n SamplingNo) {
		p, ok := n.Parts()
		if !ok {
			return
		}
		whole := fmt.Sprintf("%s%02d%s%s%s%s", p.Letters, p.Year-2000, p.Division, p.Account, p.Serial, p.Suffix)
		if whole != string(n) {
			t.Errorf("parts of %q make %q", n, whole)
		}
	}, "DBJ25330100319130599ZX", "DC19142400463230158", "GC1600196327")
}
