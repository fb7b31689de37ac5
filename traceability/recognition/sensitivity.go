package recognition

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"

	"deltatrace/traceability"
)

// sensitive is P12: that a result which was not quantified proves what it is taken
// to prove. A measured value lies above the method's limit of quantification, so a
// passing one shows that limit to be low enough; where nothing was detected, the
// limit of detection or quantification must be printed and not be above the limit.
func sensitive(q *question) found {
	limit := readLimit(q.item.Limit)
	values := readValues(q.item.Result)
	text := q.item.Result + " " + q.item.Unit
	answer := met("定量限不高于限量，或已定量", "quantified, or the limit of quantification is not above the limit")
	for _, v := range values {
		switch {
		case v.kind == quantified:
		case v.kind == unreadable:
			return unknown("检验结果无法自动识读", "the result cannot be read by a program").but(text, q.item.Limit).by(q.Document)
		case limit.kind == forbidden && v.kind == notDetected:
			answer = met("限量为不得检出，结果为未检出", "nothing may be found, and nothing was found")
		case v.bound == nil:
			return unknown("未检出，但未注明检出限或定量限", "not detected, and the limit of detection or quantification is not printed").but(text, q.item.Limit).by(q.Document)
		case limit.kind != most:
			return unknown("限量无法自动识读", "the limit cannot be read by a program").but(text, q.item.Limit).by(q.Document)
		case !sameUnits(q.item.Unit, v.unit, limit.unit):
			return unknown("定量限与限量的单位不同", "the limit of quantification and the limit have other units").but(text, q.item.Limit).by(q.Document)
		case v.bound.GreaterThan(limit.value):
			return failed("定量限高于限量，未检出不能证明合格", "the limit of quantification is above the limit: not detected proves nothing").but(text, q.item.Limit).by(q.Document)
		}
	}
	return answer.but(text, q.item.Limit).by(q.Document)
}

type limitKind int

const (
	noLimit   limitKind = iota // none, or none that bounds from above in a form known here
	most                       // ≤ a number
	forbidden                  // 不得检出, 不得使用
)

type limit struct {
	kind  limitKind
	value decimal.Decimal
	unit  string
}

var (
	mostLimit    = regexp.MustCompile(`^[≤<](` + number + `)(` + unitText + `)$`)
	planLimit    = regexp.MustCompile(`^n=[0-9]+,c=[0-9]+,m=(` + number + `)(?:/25g|/25mL)?(?:,M=.*)?(?:/25g|/25mL)?(?:CFU/g|CFU/mL|CFU/250mL|MPN/g)?$`)
	printedBound = regexp.MustCompile(`(?:定量限|检出限|LOQ|LOD|<)[:=为<]?(` + number + `)(` + unitText + `)$`)
	lessThan     = regexp.MustCompile(`^[<](` + number + `)(` + unitText + `)$`)
	plainValue   = regexp.MustCompile(`^` + number + `(?:×10[⁰¹²³⁴⁵⁶⁷⁸⁹^0-9]*|:` + number + `)?` + unitText + `$`)
)

// A number and a unit as they are printed. What follows a number is a unit or
// nothing, and no raised digit: 10⁴ is not 10.
const (
	number   = `[0-9]{1,15}(?:\.[0-9]{1,9})?`
	unitText = `(?:[A-Za-zμµ°%℃/][A-Za-z0-9μµ°%/²³]*)?`
)

// readLimit reads a limit as printed.
func readLimit(text string) limit {
	s := tidy(text)
	switch {
	case strings.HasPrefix(s, "不得检出"), strings.HasPrefix(s, "不得使用"), strings.HasPrefix(s, "不得添加"):
		return limit{kind: forbidden}
	}
	if m := mostLimit.FindStringSubmatch(s); m != nil {
		return limit{most, decimal.RequireFromString(m[1]), m[2]}
	}
	if m := planLimit.FindStringSubmatch(s); m != nil {
		value := decimal.RequireFromString(m[1])
		if value.IsZero() {
			return limit{kind: forbidden}
		}
		return limit{kind: most, value: value}
	}
	return limit{}
}

type valueKind int

const (
	unreadable valueKind = iota
	quantified
	notDetected // 未检出, with or without a printed limit
	below       // ＜10
)

type value struct {
	kind  valueKind
	bound *decimal.Decimal // of detection or quantification
	unit  string
}

// readValues reads a result as printed: one value, or those of a sampling plan. The
// result of a text is never empty.
func readValues(text string) []value {
	var list []value
	for part := range strings.FieldsFuncSeq(tidy(text), func(r rune) bool { return r == ',' || r == ';' }) {
		list = append(list, readValue(part))
	}
	if len(list) == 0 {
		list = append(list, value{})
	}
	return list
}

func readValue(s string) value {
	switch {
	case strings.HasPrefix(s, "未检出"), strings.HasPrefix(s, "ND"), strings.HasPrefix(s, "阴性"):
		v := value{kind: notDetected}
		if m := printedBound.FindStringSubmatch(strings.Trim(strings.TrimPrefix(strings.TrimPrefix(s, "未检出"), "ND"), "()")); m != nil {
			bound := decimal.RequireFromString(m[1])
			v.bound, v.unit = &bound, m[2]
		}
		return v
	case strings.HasPrefix(s, "<"):
		m := lessThan.FindStringSubmatch(s)
		if m == nil {
			return value{}
		}
		bound := decimal.RequireFromString(m[1])
		return value{below, &bound, m[2]}
	case plainValue.MatchString(s):
		return value{kind: quantified}
	}
	return value{}
}

// tidy makes signs and digits ASCII and drops spaces. Unlike Fold it leaves raised
// digits as they are.
func tidy(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ', r == '\u00a0', r == '\u3000', r == '\n', r == '\t':
			return -1
		case r == '、':
			return ','
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		}
		return r
	}, s)
}

// sameUnits reports whether the bound and the limit are in one unit. What is printed
// without a unit is in the item's.
func sameUnits(item, bound, limit string) bool {
	of := func(unit string) string {
		if unit == "" {
			unit = item
		}
		return strings.NewReplacer("µ", "μ").Replace(strings.ToLower(traceability.Fold(unit)))
	}
	return of(bound) == of(limit)
}
