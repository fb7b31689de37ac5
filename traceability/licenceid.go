package traceability

import (
	"regexp"
	"strings"
)

// LicenceScheme is the kind of permit a business holds.
type LicenceScheme string

// The schemes. The last three are the provinces' own, under their regulations
// on small food businesses (三小); each province writes its numbers its own way.
const (
	SchemeOperation    LicenceScheme = "JY"            // 食品经营许可证, SAMR Order 78
	SchemePrepackaged  LicenceScheme = "YB"            // 仅销售预包装食品备案, SAMR Order 78
	SchemeProduction   LicenceScheme = "SC"            // 食品生产许可证, SAMR Order 24
	SchemeSmallCaterer LicenceScheme = "small_caterer" // 小餐饮登记
	SchemeSmallShop    LicenceScheme = "small_shop"    // 小食品店登记
	SchemeWorkshop     LicenceScheme = "workshop"      // 食品小作坊登记
)

// LicenceID names a licence, filing or registration: a national number as it is
// printed, or `<scheme>:<province>:<number>` for what a province registers by its
// own rules; that number is opaque. Examples: "JY23101040000019",
// "SC10632058300128", "small_caterer:330000:XCY33010600123".
type LicenceID string

var (
	nationalLicenceSyntax   = regexp.MustCompile(`^(JY|YB|SC)\d{14}$`)
	provincialLicenceSyntax = regexp.MustCompile(`^(small_caterer|small_shop|workshop):(\d{6}):[\p{Han}A-Z0-9()\[\]-]{4,40}$`)
)

// ParseLicenceID folds s and checks the grammar. A wrong check digit or an
// unknown division is no error: licences in force with each of them exist.
func ParseLicenceID(s string) (LicenceID, error) {
	wrong := Invalid("", s, "a licence number: JY, YB or SC and 14 digits, or small_caterer:330000:<number>")
	if len(s) > maxIdentifierBytes {
		return "", wrong
	}
	scheme, rest, own := strings.Cut(strings.ToUpper(Fold(s)), ":")
	if !own {
		if nationalLicenceSyntax.MatchString(scheme) {
			return LicenceID(scheme), nil
		}
		return "", wrong
	}
	id := strings.ToLower(scheme) + ":" + rest
	if m := provincialLicenceSyntax.FindStringSubmatch(id); m == nil || !ProvinceCode(m[2]).Valid() {
		return "", wrong
	}
	return LicenceID(id), nil
}

// UnmarshalText checks the grammar.
func (l *LicenceID) UnmarshalText(b []byte) error {
	parsed, err := ParseLicenceID(string(b))
	*l = parsed
	return err
}

// FoldLicenceNumber returns the form under which numbers as shown on pages and
// signs compare equal to Number: folded, in upper case, without scheme and province.
func FoldLicenceNumber(shown string) string {
	if id, err := ParseLicenceID(shown); err == nil {
		return id.Number()
	}
	return strings.ToUpper(Fold(shown))
}

// Scheme returns the kind of permit.
func (l LicenceID) Scheme() LicenceScheme {
	if scheme, _, ok := strings.Cut(string(l), ":"); ok {
		return LicenceScheme(scheme)
	}
	if len(l) < 2 {
		return ""
	}
	return LicenceScheme(l[:2])
}

// Number returns the number as it is printed.
func (l LicenceID) Number() string { return string(l[strings.LastIndex(string(l), ":")+1:]) }

// Division returns the division of the issuing authority on the day of issue,
// perhaps abolished since; of a province's own registration the province.
func (l LicenceID) Division() DivisionCode {
	switch l.Scheme() {
	case SchemeOperation, SchemePrepackaged:
		return DivisionCode(licenceField(string(l), 3, 9))
	case SchemeProduction:
		return DivisionCode(licenceField(string(l), 5, 11))
	case "":
		return ""
	}
	_, rest, _ := strings.Cut(string(l), ":")
	province, _, _ := strings.Cut(rest, ":")
	return DivisionCode(province)
}

// Province returns the province that issued it.
func (l LicenceID) Province() ProvinceCode { return l.Division().Province() }

// BusinessType returns the business type 主体业态 of an operation licence, and
// nothing for the other schemes.
func (l LicenceID) BusinessType() BusinessType {
	if l.Scheme() != SchemeOperation {
		return ""
	}
	return BusinessType(licenceField(string(l), 2, 3))
}

// CheckDigitOK reports whether a national number's last digit agrees with those
// before it (GB/T 17710, MOD 11,10); a province's own number has none to check.
func (l LicenceID) CheckDigitOK() bool {
	switch l.Scheme() {
	case SchemeOperation, SchemePrepackaged, SchemeProduction:
		return mod1110OK(licenceField(string(l), 2, 16))
	}
	return l != ""
}

// String returns the id.
func (l LicenceID) String() string { return string(l) }
