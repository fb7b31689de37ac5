package traceability

import (
	_ "embed"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// ProvinceCode is the GB/T 2260 code of one of the four provinces and
// municipalities of the Yangtze River Delta. Examples: "310000", "330000".
type ProvinceCode string

// The members of the consortium.
const (
	Shanghai ProvinceCode = "310000"
	Jiangsu  ProvinceCode = "320000"
	Zhejiang ProvinceCode = "330000"
	Anhui    ProvinceCode = "340000"
)

// Provinces returns the four members in the order of their codes.
func Provinces() []ProvinceCode {
	return []ProvinceCode{Shanghai, Jiangsu, Zhejiang, Anhui}
}

// ParseProvinceCode accepts the six-digit code of one of the four members.
func ParseProvinceCode(s string) (ProvinceCode, error) {
	return parseIdentifier[ProvinceCode](s, provinceSyntax, "310000 | 320000 | 330000 | 340000")
}

var provinceSyntax = regexp.MustCompile(`^3[1-4]0000$`)

// Valid reports whether p is one of the four members.
func (p ProvinceCode) Valid() bool { return provinceSyntax.MatchString(string(p)) }

// String returns the six digits.
func (p ProvinceCode) String() string { return string(p) }

// NameZH returns the official Chinese name ("浙江省"), or "" for no member.
func (p ProvinceCode) NameZH() string {
	if !p.Valid() {
		return ""
	}
	return DivisionCode(p).Name()
}

// NameEN returns the English name ("Zhejiang"), or "" for no member.
func (p ProvinceCode) NameEN() string {
	switch p {
	case Shanghai:
		return "Shanghai"
	case Jiangsu:
		return "Jiangsu"
	case Zhejiang:
		return "Zhejiang"
	case Anhui:
		return "Anhui"
	}
	return ""
}

// DivisionCode is a six-digit administrative division code (GB/T 2260):
// two digits each for province, prefecture and county. Examples: "330106"
// (杭州市西湖区), "330100", "330000". Any six digits are a code: licences keep
// the county of their day of issue, so abolished codes remain in use.
type DivisionCode string

// ParseDivisionCode accepts any six digits. Whether the code is in today's list is
// told by Listed.
func ParseDivisionCode(s string) (DivisionCode, error) {
	return parseIdentifier[DivisionCode](s, divisionSyntax, "GB/T 2260: [0-9]{6}, e.g. 330106")
}

var divisionSyntax = regexp.MustCompile(`^\d{6}$`)

// String returns the six digits.
func (c DivisionCode) String() string { return string(c) }

// Listed reports whether c is a division of the four provinces today, or one of
// the development zones' statistical codes that occur in addresses (Official tells
// them apart).
func (c DivisionCode) Listed() bool { return divisions()[c].name != "" }

// Official reports whether c is a code of GB/T 2260 itself. Development zones
// such as 320576 苏州工业园区 have a statistical code outside the standard.
func (c DivisionCode) Official() bool { return divisions()[c].official }

// Name returns the division's own name ("西湖区"), or "" when it is not Listed.
func (c DivisionCode) Name() string { return divisions()[c].name }

// Parent returns the division that c belongs to, or "" for a province and for
// a code that is not Listed. The districts of Shanghai belong to the municipality directly.
func (c DivisionCode) Parent() DivisionCode { return divisions()[c].parent }

// Province returns the member province that c lies in, or "" when it lies in
// none. It looks at the first two digits only, so that it answers for abolished counties.
func (c DivisionCode) Province() ProvinceCode {
	if len(c) != 6 {
		return ""
	}
	if p := ProvinceCode(c[:2] + "0000"); p.Valid() {
		return p
	}
	return ""
}

// DivisionName returns the full Chinese name of a division, from the province
// down: "浙江省杭州市西湖区". For an abolished county it names the nearest
// division above that still exists ("上海市"), and outside the four provinces it returns "".
func DivisionName(c DivisionCode) string {
	if len(c) != 6 {
		return ""
	}
	for _, at := range []DivisionCode{c, c[:4] + "00", c[:2] + "0000"} {
		if at.Listed() {
			return DivisionName(at.Parent()) + at.Name()
		}
	}
	return ""
}

// Divisions returns all codes that are Listed, ascending.
func Divisions() []DivisionCode { return slices.Sorted(maps.Keys(divisions())) }

type division struct {
	name     string
	parent   DivisionCode
	official bool
}

// divisionsCSV has the columns code,name,level,parent,official_gbt2260 and the
// state of 2022-10-31; no name contains a comma or a quote.
//
//go:embed divisions.csv
var divisionsCSV string

// divisions is the table by code, read once and never changed.
var divisions = sync.OnceValue(func() map[DivisionCode]division {
	table := make(map[DivisionCode]division)
	_, rows, _ := strings.Cut(divisionsCSV, "\n")
	for line := range strings.Lines(rows) {
		if f := strings.Split(strings.TrimSpace(line), ","); len(f) == 5 {
			table[DivisionCode(f[0])] = division{name: f[1], parent: DivisionCode(f[3]), official: f[4] == "true"}
		}
	}
	return table
})
