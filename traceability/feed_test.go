package traceability_test

import (
	"testing"

	"deltatrace/traceability"
)

func TestSignalKindAmong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  traceability.SignalKind
		among []traceability.SignalKind
		want  bool
	}{
		{"notice.publish", nil, true},
		{"notice.publish", []traceability.SignalKind{"notice.publish"}, true},
		{"notice.publish", []traceability.SignalKind{"recall", "notice"}, true},
		{"notice.publish", []traceability.SignalKind{"notice.withdraw"}, false},
		{"notice.publish", []traceability.SignalKind{"recall"}, false},
	} {
		if got := c.kind.Among(c.among); got != c.want {
			t.Errorf("%s among %v: got %v", c.kind, c.among, got)
		}
	}
}

// TestEveryActHasAKind holds that a signal of every act can be asked for.
func TestEveryActHasAKind(t *testing.T) {
	t.Parallel()
	for _, move := range traceability.NoticeMoves() {
		if _, err := traceability.ParseSignalKind(string(traceability.NoticeSignal(move.Act))); err != nil {
			t.Error(err)
		}
	}
}

func FuzzParseSignalKind(f *testing.F) {
	for _, seed := range []string{"notice", "notice.publish", "alert.recalled_lot", "notice.", ".x", "weather.rain", "NOTICE", "notice.publish\n", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		kind, err := traceability.ParseSignalKind(text)
		if err != nil {
			if traceability.CodeOf(err) != traceability.CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		if string(kind) != text || !kind.Among([]traceability.SignalKind{kind}) || len(text) > 60 {
			t.Fatalf("%q became %q", text, kind)
		}
	})
}
