package traceability

import (
	"regexp"

	"github.com/shopspring/decimal"
)

// Decimal is an exact decimal number, a string in JSON: at most 15 digits
// before the point and 6 after it, no exponent. Examples: `12`, `0.35`, `1500.5`.
// It keeps the text as it was given; shopspring/decimal does the arithmetic.
type Decimal string

var decimalGrammar = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$`)

// ParseDecimal checks the grammar.
func ParseDecimal(s string) (Decimal, error) {
	if !decimalGrammar.MatchString(s) {
		return "", Invalid("", s, "a decimal number, at most 15 digits before the point and 6 after it")
	}
	return Decimal(s), nil
}

// UnmarshalText checks the grammar.
func (d *Decimal) UnmarshalText(b []byte) error {
	parsed, err := ParseDecimal(string(b))
	*d = parsed
	return err
}

// Number returns the value; zero for an empty or broken text.
func (d Decimal) Number() decimal.Decimal {
	if d == "" {
		return decimal.Zero
	}
	n, err := decimal.NewFromString(string(d))
	if err != nil {
		return decimal.Zero
	}
	return n
}

// What a Decimal can hold.
const (
	decimalWhole = 15 // digits before the point
	decimalParts = 6  // digits after it
)

// Holds reports whether a Decimal can hold a number.
func Holds(n decimal.Decimal) bool { return HoldsWhole(n) && n.Equal(n.Truncate(decimalParts)) }

// HoldsWhole reports whether what stands before a number's point fits a Decimal.
func HoldsWhole(n decimal.Decimal) bool { return n.Abs().LessThan(decimal.New(1, decimalWhole)) }

// Balance is what a record of the state has of an amount, a string in JSON. New
// ones are such as a Decimal holds; early ledgers have some with more digits, from
// amounts in a smaller or greater unit than the lot's, and these must go on being
// read.
type Balance string

var balanceGrammar = regexp.MustCompile(`^(0|[1-9][0-9]{0,29})(\.[0-9]{1,20})?$`)

// UnmarshalText checks the grammar.
func (b *Balance) UnmarshalText(text []byte) error {
	if !balanceGrammar.Match(text) {
		return Invalid("", string(text), "an amount: a decimal number that is not negative")
	}
	*b = Balance(text)
	return nil
}

// Number returns the value.
func (b Balance) Number() decimal.Decimal {
	n, err := decimal.NewFromString(string(b))
	if err != nil {
		return decimal.Zero
	}
	return n
}

// BalanceOf returns the shortest text of a number.
func BalanceOf(n decimal.Decimal) Balance { return Balance(n.String()) }

// DecimalOf returns the shortest text of a number.
func DecimalOf(n decimal.Decimal) Decimal { return Decimal(n.String()) }

// Unit is a unit of measure by its UN/ECE Recommendation 20 code, as EPCIS
// uses it. Example: KGM.
type Unit string

// UnitInfo says what a unit measures.
type UnitInfo struct {
	Unit      Unit
	Symbol    string // as printed: kg
	ZH        string // 千克
	Dimension string // mass, volume or count; count units differ from each other
	Base      string // how many base units (g, mL, one) it is, a decimal
}

// Units lists the units of the ledger. Count units are not inter-convertible,
// so each is its own dimension.
func Units() []UnitInfo {
	return []UnitInfo{
		{"KGM", "kg", "千克", "mass", "1000"},
		{"GRM", "g", "克", "mass", "1"},
		{"TNE", "t", "吨", "mass", "1000000"},
		{"LTR", "L", "升", "volume", "1000"},
		{"MLT", "mL", "毫升", "volume", "1"},
		{"H87", "pcs", "个", "piece", "1"},
		{"XBX", "boxes", "箱", "box", "1"},
		{"XBG", "bags", "袋", "bag", "1"},
		{"XBO", "bottles", "瓶", "bottle", "1"},
		{"XCA", "cans", "罐", "can", "1"},
		{"HEA", "head", "头", "head", "1"},
		{"PTN", "portions", "份", "portion", "1"},
	}
}

// Info returns what is known of the unit.
func (u Unit) Info() (UnitInfo, bool) {
	for _, info := range Units() {
		if info.Unit == u {
			return info, true
		}
	}
	return UnitInfo{}, false
}

// ParseUnit accepts a unit's code.
func ParseUnit(s string) (Unit, error) {
	if _, ok := Unit(s).Info(); !ok {
		return "", Invalid("", s, "a unit code of UN/ECE Rec 20: KGM, GRM, TNE, LTR, MLT, H87, XBX, XBG, XBO, XCA, HEA or PTN")
	}
	return Unit(s), nil
}

// UnmarshalText accepts a unit's code.
func (u *Unit) UnmarshalText(b []byte) error {
	parsed, err := ParseUnit(string(b))
	*u = parsed
	return err
}

// Quantity is an amount of something.
type Quantity struct {
	Value Decimal `json:"value"`
	Unit  Unit    `json:"unit"`
}

// In converts the quantity exactly. Units of another dimension are an *Error
// with the code unit_mismatch.
func (q Quantity) In(unit Unit) (decimal.Decimal, error) {
	from, ok1 := q.Unit.Info()
	to, ok2 := unit.Info()
	if !ok1 || !ok2 || from.Dimension != to.Dimension {
		return decimal.Zero, &Error{Code: CodeUnitMismatch, Field: "unit", Found: string(q.Unit), Expected: "a unit convertible to " + string(unit),
			ZH: "计量单位 " + string(q.Unit) + " 不能换算为 " + string(unit),
			EN: string(q.Unit) + " cannot be converted to " + string(unit)}
	}
	return q.Value.Number().Mul(Decimal(from.Base).Number()).Div(Decimal(to.Base).Number()), nil
}

// positive reports whether the quantity is more than zero.
func (q Quantity) positive() bool { return q.Value.Number().IsPositive() }

// String returns the quantity as printed: `12.5 kg`.
func (q Quantity) String() string {
	if info, ok := q.Unit.Info(); ok {
		return string(q.Value) + " " + info.Symbol
	}
	return string(q.Value) + " " + string(q.Unit)
}
