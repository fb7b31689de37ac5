package traceability

import (
	"regexp"
	"strings"
)

// GTIN is a global trade item number in its 14-digit form (GS1 General
// Specifications §3.3.2); shorter ones are padded with zeros on the left.
// Example: "06901234567892", the GTIN-13 6901234567892 of a bottle or a pack.
type GTIN string

// GLN is a global location number, 13 digits: a party or a place. Example: "6920000000012".
type GLN string

// SSCC is a serial shipping container code, 18 digits: one pallet or carton.
// Example: "369012340000000017".
type SSCC string

var (
	gtinSyntax = regexp.MustCompile(`^(\d{8}|\d{12,14})$`)
	glnSyntax  = regexp.MustCompile(`^\d{13}$`)
	ssccSyntax = regexp.MustCompile(`^\d{18}$`)
)

// ParseGTIN accepts a GTIN-8, -12, -13 or -14, spaces and full-width digits
// included, and returns its 14-digit form. Unlike the Chinese numbers, a wrong
// check digit is an error: GS1 keys with one do not exist, scanners refuse them.
func ParseGTIN(s string) (GTIN, error) {
	v, err := parseGS1(s, gtinSyntax, "GTIN: 8, 12, 13 or 14 × [0-9], e.g. 6901234567892")
	if err != nil {
		return "", err
	}
	return GTIN(strings.Repeat("0", 14-len(v)) + v), nil
}

// ParseGLN accepts 13 digits with a right check digit.
func ParseGLN(s string) (GLN, error) {
	v, err := parseGS1(s, glnSyntax, "GLN: [0-9]{13}, e.g. 6920000000012")
	return GLN(v), err
}

// ParseSSCC accepts 18 digits with a right check digit.
func ParseSSCC(s string) (SSCC, error) {
	v, err := parseGS1(s, ssccSyntax, "SSCC: [0-9]{18}, e.g. 369012340000000017")
	return SSCC(v), err
}

func parseGS1(s string, syntax *regexp.Regexp, expected string) (string, error) {
	v, err := parseIdentifier[string](s, syntax, expected)
	if err != nil {
		return "", err
	}
	if want := gs1CheckDigit(v[:len(v)-1]); v[len(v)-1] != want {
		return "", Invalid("", v, v[:len(v)-1]+"["+string(want)+"] (GS1 校验位 check digit)")
	}
	return v, nil
}

// Global reports whether the number names the same product everywhere: not one of
// zeros, and none that GS1 leaves to shops and countries for their own use, as on
// what a shop weighs and labels itself (prefixes 02, 04 and 20 to 29; GS1 General
// Specifications §1.4).
func (g GTIN) Global() bool {
	if len(g) != 14 || strings.Trim(string(g), "0") == "" {
		return false
	}
	if strings.HasPrefix(string(g), "000000") { // a GTIN-8: 0 and 2 are for use in a company
		return g[6] != '0' && g[6] != '2'
	}
	prefix := string(g[1:3])
	return prefix != "02" && prefix != "04" && prefix[0] != '2'
}

// String returns the 14 digits.
func (g GTIN) String() string { return string(g) }

// String returns the 13 digits.
func (g GLN) String() string { return string(g) }

// String returns the 18 digits.
func (c SSCC) String() string { return string(c) }

// GS1CheckDigitOK reports whether s is a string of digits that ends with the
// GS1 check digit of those before it (GS1 General Specifications §7.9.1).
func GS1CheckDigitOK(s string) bool {
	if len(s) < 2 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	return s[len(s)-1] == gs1CheckDigit(s[:len(s)-1])
}

// gs1CheckDigit weighs the digits 3, 1, 3, 1… from the right.
func gs1CheckDigit(digits string) byte {
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += int(digits[i]-'0') * weight
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}

// IsCSET82 reports whether s is not empty and made of GS1 character set 82 only,
// the characters that lot and serial numbers may have (GS1 General Specifications
// §7.11).
func IsCSET82(s string) bool {
	for i := range len(s) {
		c := s[i]
		alphanumeric := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !alphanumeric && strings.IndexByte(`!"%&'()*+,-./:;<=>?_`, c) < 0 {
			return false
		}
	}
	return s != ""
}
