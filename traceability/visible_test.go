package traceability_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"deltatrace/traceability"
)

const lotA traceability.LotID = "cn/91320106MA1FPX121A/SC-01/A01"

// TestTextsThatPeopleSee holds which characters a name may have.
func TestTextsThatPeopleSee(t *testing.T) {
	for _, c := range []struct{ name, text, found string }{
		{"Chinese", "沪上示例餐饮有限公司（黄浦店）", ""},
		{"Latin, accents, digits", "Café №1 — “Øre” 100 %", ""},
		{"a line feed", "第一行\n第二行", ""},
		{"spaces within", "a\u00a0b\u3000c d", ""},
		{"extension A, B and I", "㐀𠀀\U0002ebf0", ""},
		{"a compatibility ideograph", "\uf900", ""},
		{"private use, of older systems", "\ue5e5\U000f0001", ""},
		{"an ideographic variation", "葛\U000e0100城", ""},
		{"a standardised variation", "㐂\ufe00", ""},
		{"a symbol as a picture", "⚠\ufe0f 1\ufe0f\u20e3 ©\ufe0f", ""},
		{"pictures joined", "👨\u200d🍳 ❤\ufe0f\u200d🔥", ""},
		{"a Mongolian variation", "\u1820\u180b", ""},
		{"Uyghur", "مۇسۇلمان", ""},
		{"the replacement character", "a\ufffdb", ""},
		{"right to left", "示例\u202e司公限有", "U+202E, character 3"},
		{"isolate", "\u2066a\u2069", "U+2066, character 1"},
		{"mark of direction", "a\u200f", "U+200F, character 2"},
		{"Arabic mark of direction", "a\u061cb", "U+061C, character 2"},
		{"zero width space", "黄\u200b瓜", "U+200B, character 2"},
		{"zero width non-joiner", "黄\u200c瓜", "U+200C, character 2"},
		{"a joiner among letters", "a\u200db", "U+200D, character 2"},
		{"a joiner at the end", "👨\u200d", "U+200D, character 2"},
		{"word joiner", "a\u2060b", "U+2060, character 2"},
		{"byte order mark", "\ufeff黄瓜", "U+FEFF, character 1"},
		{"soft hyphen", "a\u00adb", "U+00AD, character 2"},
		{"grapheme joiner", "a\u034fb", "U+034F, character 2"},
		{"Hangul filler", "\u3164", "U+3164, character 1"},
		{"tags", "a\U000e0041", "U+E0041, character 2"},
		{"variation selector on a letter", "a\ufe0f", "U+FE0F, character 2"},
		{"two variation selectors", "葛\U000e0100\U000e0101", "U+E0101, character 3"},
		{"variation selector at the start", "\ufe0f黄", "U+FE0F, character 1"},
		{"line separator", "a\u2028b", "U+2028, character 2"},
		{"noncharacters", "a\ufdd0", "U+FDD0, character 2"},
		{"the last of a plane", "a\U0010ffff", "U+10FFFF, character 2"},
		{"annotation", "a\ufff9b", "U+FFF9, character 2"},
		{"shorthand control", "a\U0001bca0", "U+1BCA0, character 2"},
		{"tab", "a\tb", "U+0009, character 2"},
		{"escape", "a\x1b[31m", "U+001B, character 2"},
		{"C1 control", "a\u009bb", "U+009B, character 2"},
		{"not UTF-8", "a\xffb", "U+FFFD, character 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems, _ := (&traceability.Lot{ID: lotA, Product: c.text, Unit: "KGM"}).Check()
			switch {
			case c.found == "" && len(problems) > 0:
				t.Errorf("refused: %v", problems[0])
			case c.found == "":
			case len(problems) != 1 || problems[0].Code != traceability.CodeHiddenCharacter || problems[0].Field != "product" || problems[0].Found != c.found:
				t.Errorf("got %v, want %s", problems, c.found)
			case !strings.Contains(problems[0].ZH, c.found[:6]) || !strings.Contains(problems[0].EN, c.found[:6]):
				t.Errorf("the sentences do not name the character: %v", problems[0])
			}
		})
	}
	for _, blank := range []string{" ", "\u3000\u00a0", "\u2800", "\n"} {
		problems, _ := (&traceability.Lot{ID: lotA, Product: blank, Unit: "KGM", Spec: blank}).Check()
		if len(problems) != 2 || problems[0].Code != traceability.CodeInvalid || problems[0].Field != "product" || problems[1].Field != "spec" {
			t.Errorf("%q: %v", blank, problems)
		}
	}
}

// FuzzText holds of any text that is accepted: it is UTF-8, and it shows
// something and nothing in disguise.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"黄瓜", "a\u202eb", "👨\u200d🍳", "葛\U000e0100", "\xff", " \u200b", "\ufe0f", "a\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		problems, _ := (&traceability.Lot{ID: lotA, Product: text, Unit: "KGM"}).Check()
		for _, p := range problems {
			if body, err := json.Marshal(p); err != nil || len(body) > 4096 || strings.ContainsFunc(p.Found, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) }) {
				t.Errorf("%q: %d bytes, %v, %q", text, len(body), err, p.Found)
			}
		}
		if len(problems) > 0 {
			return
		}
		if !utf8.ValidString(text) || strings.TrimSpace(text) == "" {
			t.Errorf("%q is accepted", text)
		}
		for _, r := range text {
			if unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Noncharacter_Code_Point, r) || unicode.IsControl(r) && r != '\n' || unicode.In(r, unicode.Zl, unicode.Zp) {
				t.Errorf("%q with %U is accepted", text, r)
			}
			if r != 0x200d && !unicode.Is(unicode.Variation_Selector, r) && unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) {
				t.Errorf("%q with %U is accepted", text, r)
			}
		}
	})
}
