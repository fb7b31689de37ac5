package traceability

import (
	"regexp"
	"strings"
)

// USCC is a unified social credit code 统一社会信用代码 (GB 32100-2015), the
// identity of a registered organisation or business: 18 characters of the
// digits and upper-case letters without I, O, S, V, Z.
//
//	1      registering department      9 market regulation
//	2      kind of organisation        1 enterprise, 2 individual business
//	3–8    division of registration    GB/T 2260
//	9–17   organisation code           GB 11714, the last its own check character
//	18     check character
//
// Example: "91310101MA1FPX121X".
type USCC string

// usccAlphabet gives each character its value 0…30.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var usccSyntax = regexp.MustCompile(`^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$`)

// ParseUSCC folds s (full-width forms, spaces, lower case) and accepts it when it
// has the layout of a USCC. It does not look at the check characters: registered
// numbers that fail them exist, so a failure (CheckDigitOK) is a warning, not an
// error.
func ParseUSCC(s string) (USCC, error) {
	return parseIdentifier[USCC](s, usccSyntax, "GB 32100-2015: 18 × [0-9A-Z − I,O,S,V,Z], e.g. 91310101MA1FPX121X")
}

// SuggestUSCC returns the number that was probably meant by an s written with
// the letter I for the digit 1, or O for 0. Neither letter is in the alphabet, so
// there is one way to correct them, and it is offered only when both check characters
// then agree. It is a suggestion for a person to confirm: never correct with it silently.
func SuggestUSCC(s string) (USCC, bool) {
	if len(s) > maxIdentifierBytes {
		return "", false
	}
	written := strings.ToUpper(Fold(s))
	corrected := strings.NewReplacer("I", "1", "O", "0").Replace(written)
	c, err := ParseUSCC(corrected)
	if err != nil || corrected == written || !c.CheckDigitOK() {
		return "", false
	}
	return c, true
}

// String returns the 18 characters.
func (c USCC) String() string { return string(c) }

// Division returns the division of the registering authority, as of the day of
// registration. It may be abolished since.
func (c USCC) Division() DivisionCode {
	if len(c) != 18 {
		return ""
	}
	return DivisionCode(c[2:8])
}

// OrganisationCode returns the nine characters of the organisation code
// 组织机构代码 (GB 11714), which older records carry alone.
func (c USCC) OrganisationCode() string {
	if len(c) != 18 {
		return ""
	}
	return string(c[8:17])
}

// IndividualBusiness reports whether the code is that of an individual business
// 个体工商户, whose name is often a natural person's and is masked for consumers.
func (c USCC) IndividualBusiness() bool { return strings.HasPrefix(string(c), "92") }

// CheckDigitOK reports whether both check characters agree: the 18th over the
// whole code (GB 32100-2015) and the 17th over the organisation code (GB 11714).
func (c USCC) CheckDigitOK() bool {
	return usccSyntax.MatchString(string(c)) && c.sum()%31 == 0 && organisationCodeOK(c.OrganisationCode())
}

// sum weighs each character by 3^(position-1) mod 31, and the check character by 1.
func (c USCC) sum() int {
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(usccAlphabet, c[i]) * weight
		weight = weight * 3 % 31
	}
	return sum + strings.IndexByte(usccAlphabet, c[17])
}

// organisationCodeOK checks the ninth character of an organisation code, which
// is 11 less the weighted sum mod 11, with X for 10 and 0 for 11.
func organisationCodeOK(code string) bool {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		value := int(code[i] - '0')
		if code[i] >= 'A' {
			value = int(code[i]-'A') + 10
		}
		sum += value * w
	}
	return code[8] == "0X987654321"[sum%11]
}
