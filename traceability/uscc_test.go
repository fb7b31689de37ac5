package traceability

import "testing"

func TestUSCC(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		want     USCC // "" for a syntax error
		checkOK  bool
	}{
		{"Shanghai", "91310101MA1FPX121X", "91310101MA1FPX121X", true},
		{"Jiangsu", "91320106MA1FPX121A", "91320106MA1FPX121A", true},
		{"Zhejiang", "91330106MA1FPX121E", "91330106MA1FPX121E", true},
		{"Anhui", "92340104MA1FPX121J", "92340104MA1FPX121J", true},
		{"cooperative", "93330424MA1FPX121R", "93330424MA1FPX121R", true},
		{"public institution", "123100000024231544", "123100000024231544", true},
		{"full-width, lower case and spaces", " ９１３１０１０１ｍａ1fpx121x\u3000", "91310101MA1FPX121X", true},
		{"wrong 18th character is parsed", "91310101MA1FPX121Y", "91310101MA1FPX121Y", false},
		{"wrong organisation code is parsed", "91310101MA1FPX120X", "91310101MA1FPX120X", false},
		{"letter I", "91310101MA1FPXI21X", "", false},
		{"letters in the division", "913101AAMA1FPX121X", "", false},
		{"too short", "91310101MA1FPX121", "", false},
		{"too long", "91310101MA1FPX121XX", "", false},
		{"old registration number", "310101000123456", "", false},
		{"placeholder", "/", "", false},
		{"empty", "", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseUSCC(tc.in)
			if tc.want == "" {
				wantInvalid(t, tc.in, err)
				return
			}
			if err != nil || got != tc.want {
				t.Fatalf("ParseUSCC(%q) = %q, %v, want %q", tc.in, got, err, tc.want)
			}
			if got.CheckDigitOK() != tc.checkOK {
				t.Errorf("%s: CheckDigitOK = %t, want %t", got, got.CheckDigitOK(), tc.checkOK)
			}
		})
	}
}

// One wrong character never passes: the weights of both sums are invertible.
func TestUSCCCheckDigitFindsEveryWrongCharacter(t *testing.T) {
	t.Parallel()
	const good = "91330106MA1FPX121E"
	tried := 0
	for i := range good {
		for j := range usccAlphabet {
			bad, err := ParseUSCC(good[:i] + usccAlphabet[j:j+1] + good[i+1:])
			if err != nil || bad == good {
				continue
			}
			tried++
			if bad.CheckDigitOK() {
				t.Errorf("%s passes", bad)
			}
		}
	}
	if tried < 400 {
		t.Errorf("only %d numbers tried", tried)
	}
}

func TestUSCCParts(t *testing.T) {
	t.Parallel()
	c := USCC("92340104MA1FPX121J")
	if got := c.Division(); got != "340104" {
		t.Errorf("Division = %q", got)
	}
	if got := c.OrganisationCode(); got != "MA1FPX121" {
		t.Errorf("OrganisationCode = %q", got)
	}
	if !c.IndividualBusiness() || USCC("91310101MA1FPX121X").IndividualBusiness() {
		t.Error("IndividualBusiness: want true for 92 only")
	}
	if c := USCC("short"); c.Division() != "" || c.OrganisationCode() != "" || c.CheckDigitOK() {
		t.Error("a code that was not parsed has parts")
	}
}

func TestSuggestUSCC(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		want     USCC
	}{
		{"I for 1", "91310101MA1FPXI21X", "91310101MA1FPX121X"},
		{"O for 0", "9131O101MA1FPX121X", "91310101MA1FPX121X"},
		{"several, lower case", "9i3iOioiMAiFPXi2iX", "91310101MA1FPX121X"},
		{"nothing to correct", "91310101MA1FPX121X", ""},
		{"wrong check, no look-alike", "91310101MA1FPX121Y", ""},
		{"wrong check after correction", "91310101MA1FPXI21Y", ""},
		{"another forbidden letter", "91310101MA1FPXI2SX", ""},
		{"not a USCC at all", "OIO", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := SuggestUSCC(tc.in)
			if got != tc.want || ok != (tc.want != "") {
				t.Errorf("SuggestUSCC(%q) = %q, %t, want %q", tc.in, got, ok, tc.want)
			}
		})
	}
}

func FuzzParseUSCC(f *testing.F) {
	fuzzIdentifier(f, ParseUSCC, func(t *testing.T, c USCC) {
		_ = c.CheckDigitOK() // does not panic
		if meant, ok := SuggestUSCC(c.String()); ok {
			t.Errorf("%q has no I or O, yet %q is suggested", c, meant)
		}
	}, "91310101MA1FPX121X", "９１３１０１０１ＭＡ１ＦＰＸ１２１Ｘ", "91310101MA1FPXI21X")
}
