package traceability

import (
	"strings"
	"testing"
)

func TestParseGTIN(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		want     GTIN // "" for an error
	}{
		{"GTIN-13", "6901234567892", "06901234567892"},
		{"GTIN-14", "16901234567899", "16901234567899"},
		{"GTIN-14 of a GTIN-13", "06901234567892", "06901234567892"},
		{"GTIN-8", "69012341", "00000069012341"},
		{"GTIN-12", "416000336108", "00416000336108"},
		{"as printed under the bars", "6 901234 567892", "06901234567892"},
		{"full-width", "６９０１２３４５６７８９２", "06901234567892"},
		{"wrong check digit", "6901234567893", ""},
		{"wrong length", "690123456789", ""},
		{"11 digits", "69012345678", ""},
		{"letter", "690123456789X", ""},
		{"empty", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseGTIN(tc.in)
			if tc.want == "" {
				wantInvalid(t, tc.in, err)
				return
			}
			if err != nil || got != tc.want {
				t.Errorf("ParseGTIN(%q) = %q, %v, want %q", tc.in, got, err, tc.want)
			}
		})
	}
}

func TestParseGTINSaysTheRightCheckDigit(t *testing.T) {
	t.Parallel()
	_, err := ParseGTIN("6901234567893")
	if err == nil || !strings.Contains(err.Error(), "690123456789[2]") {
		t.Errorf("error %v, want one with 690123456789[2]", err)
	}
}

func TestParseGLN(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"6920000000012", "6971234000057"} {
		if got, err := ParseGLN(in); err != nil || got.String() != in {
			t.Errorf("ParseGLN(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"6920000000013", "692000000001", "69200000000012", ""} {
		_, err := ParseGLN(in)
		wantInvalid(t, in, err)
	}
}

func TestParseSSCC(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"369012340000000017", "069200000000000128"} {
		if got, err := ParseSSCC(in); err != nil || got.String() != in {
			t.Errorf("ParseSSCC(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"369012340000000018", "36901234000000001", ""} {
		_, err := ParseSSCC(in)
		wantInvalid(t, in, err)
	}
}

func TestGS1CheckDigitOK(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"6901234567892": true, "69012341": true, "00": true,
		"6901234567893": false, "": false, "0": false, "690123456789X": false, "６９": false,
	} {
		if got := GS1CheckDigitOK(in); got != want {
			t.Errorf("GS1CheckDigitOK(%q) = %t, want %t", in, got, want)
		}
	}
}

func TestIsCSET82(t *testing.T) {
	t.Parallel()
	members := 0
	for c := range 256 {
		if IsCSET82(string([]byte{byte(c)})) {
			members++
		}
	}
	if members != 82 {
		t.Errorf("%d characters, want 82", members)
	}
	for in, want := range map[string]bool{
		"A01": true, "a-b_c.d/e": true, `!"%&'()*+,-./:;<=>?_`: true,
		"": false, "A 01": false, "A#1": false, "批1": false, "A\x00": false, "A~1": false,
	} {
		if got := IsCSET82(in); got != want {
			t.Errorf("IsCSET82(%q) = %t, want %t", in, got, want)
		}
	}
}

func FuzzParseGTIN(f *testing.F) {
	fuzzIdentifier(f, ParseGTIN, nil, "6901234567892", "16901234567899", "69012341", "416000336108")
}

func FuzzParseGLN(f *testing.F) { fuzzIdentifier(f, ParseGLN, nil, "6920000000012") }

func FuzzParseSSCC(f *testing.F) { fuzzIdentifier(f, ParseSSCC, nil, "369012340000000017") }
