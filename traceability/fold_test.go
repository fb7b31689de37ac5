package traceability

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "GB2763-2026", "GB2763-2026"},
		{"empty", "", ""},
		{"full-width", "ＤＢＪ２５３３０１００", "DBJ25330100"},
		{"spaces of all kinds", " 镉\u00a0（以\u3000Cd 计）\t\r\n", "镉(以Cd计)"},
		{"zero-width and BOM", "\ufeff铅\u200b(以Pb\u2060计)\u200e", "铅(以Pb计)"},
		{"brackets", "市监〔２０２６〕１号【修订】", "市监[2026]1号[修订]"},
		{"micro sign", "\u00b5g/kg", "\u03bcg/kg"},
		{"case is kept", "pH", "pH"},
		{"a space uncovered by NFKC", "a\u00a8", "\u00e4"},
		{"an accent after a dropped character", "e\u200b\u0301", "\u00e9"},
		{"superscript is lost: not for results", "10⁴", "104"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := Fold(tc.in); got != tc.want {
				t.Errorf("Fold(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "镉（以 Cd 计）", "a\u00a8", "e\u200b\u0301", "\xff", "【】〔〕", "\u1100\u1161\u200b\u11a8"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Errorf("Fold is not idempotent: %q → %q → %q", s, once, twice)
		}
		if strings.ContainsAny(once, " \t\r\n\u00a0\u200b\u3000（）") {
			t.Errorf("Fold(%q) = %q keeps what it should drop", s, once)
		}
	})
}

// wantInvalid checks that err is the error for a value that breaks its grammar
// and says in it what was expected.
func wantInvalid(tb testing.TB, in string, err error) {
	tb.Helper()
	var e *Error
	if !errors.As(err, &e) {
		tb.Fatalf("%q: error %v, want an *Error", in, err)
	}
	if e.Code != CodeInvalid || e.Expected == "" || e.ZH == "" || e.EN == "" {
		tb.Errorf("%q: error %+v, want code %q with expected, zh and en", in, e, CodeInvalid)
	}
}

// fuzzIdentifier checks that the parser does not panic and takes its own
// results as they are; check, if any, is what else must hold of a result.
func fuzzIdentifier[T interface {
	~string
	String() string
}](f *testing.F, parse func(string) (T, error), check func(*testing.T, T), seeds ...string) {
	for _, s := range append(seeds, "", " ", "\xff", strings.Repeat("１", maxIdentifierBytes)) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x, err := parse(s)
		if err != nil {
			wantInvalid(t, s, err)
			if x != "" {
				t.Errorf("%q: a value %q beside an error", s, x)
			}
			return
		}
		again, err := parse(x.String())
		if err != nil || again != x {
			t.Errorf("parse(%q) = %q, but parse of that = %q, %v", s, x, again, err)
		}
		if check != nil {
			check(t, x)
		}
	})
}

// TestFoldShortcut holds that what is taken to be folded already is.
func TestFoldShortcut(t *testing.T) {
	t.Parallel()
	for r := rune(' ' + 1); r <= 0x9fff; r++ {
		if s := string(r); isFolded(s) && norm.NFKC.String(s) != s {
			t.Errorf("%q changes", s)
		}
	}
}
