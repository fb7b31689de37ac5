package label_test

import (
	"fmt"
	"testing"

	"deltatrace/api/label"
	"deltatrace/traceability"
)

func TestParseLevel(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]label.Level{
		"L": label.Low, "m": label.Medium, "Q": label.Quartile, "h": label.High, "": label.Medium,
	} {
		if got, err := label.ParseLevel(in); err != nil || got != want {
			t.Errorf("ParseLevel(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"LL", " L", "highest", "0", "中", "ſ"} {
		_, err := label.ParseLevel(in)
		wantError(t, err, traceability.CodeInvalid, "level")
	}
}

func TestParseLayout(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]label.Layout{
		"": label.Sheet24, "3x8": label.Sheet24, "3X8": label.Sheet24, "2x7": label.Sheet14, "1": label.Poster, "1x1": label.Poster,
	} {
		if got, err := label.ParseLayout(in); err != nil || got != want {
			t.Errorf("ParseLayout(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	_, err := label.ParseLayout("8x3")
	wantError(t, err, traceability.CodeInvalid, "layout")
}

func ExampleParseLevel() {
	level, err := label.ParseLevel("h")
	fmt.Println(level, err)
	_, err = label.ParseLevel("best")
	fmt.Println(err)
	// Output:
	// H <nil>
	// level: invalid: "best" is not valid; expected L | M | Q | H
}

func FuzzParseLevel(f *testing.F) {
	for _, s := range []string{"L", "m", "", "high", "ﬀ", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		level, err := label.ParseLevel(s)
		if err != nil {
			wantError(t, err, traceability.CodeInvalid, "level")
			return
		}
		if again, err := label.ParseLevel(string(level)); err != nil || again != level {
			t.Errorf("ParseLevel(%q) = %q, which does not parse as itself: %q, %v", s, level, again, err)
		}
	})
}
