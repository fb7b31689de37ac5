package digitallink

import (
	"strconv"
	"strings"
	"time"

	"deltatrace/traceability"
)

// AI is one GS1 application identifier and its value, not escaped. Example: {"10",
// "A01"}, the lot number A01.
type AI struct {
	Code  string // two to four digits
	Value string
}

const (
	digits    = "0123456789"
	upper     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower     = "abcdefghijklmnopqrstuvwxyz"
	set39     = digits + upper + "#-/"
	base64url = digits + upper + lower + "-_="
)

// check reports what is wrong with the value of a.
func (a AI) check(format string) error {
	rest := a.Value
	for _, part := range strings.Fields(format) {
		part, optional := strings.CutPrefix(part, "?")
		if optional && rest == "" {
			return nil
		}
		length := strings.Trim(part[1:], "cde")
		most, variable := strings.CutPrefix(length, "..")
		n := min(number(most), len(rest))
		value := rest[:n]
		rest = rest[n:]
		if n == 0 || (!variable && n < number(most)) || !inSet(part[0], value) || !suffixOK(part[len(part)-1], value) {
			return a.invalid(format)
		}
	}
	if rest != "" {
		return a.invalid(format)
	}
	return nil
}

func (a AI) invalid(format string) error {
	return traceability.Invalid("", a.String(), "("+a.Code+") "+describe(format)+" ["+format+"]")
}

// describe says a format of one part in words; of several, only the last part's
// kind, which is the one that people get wrong.
func describe(format string) string {
	part := format[strings.LastIndexByte(format, ' ')+1:]
	length := strings.Trim(strings.TrimPrefix(part, "?")[1:], "cde")
	zh, en := "位字符", "characters"
	if strings.Contains(part, "N") {
		zh, en = "位数字", "digits"
	}
	most, variable := strings.CutPrefix(length, "..")
	text := most + zh + " · " + most + " " + en
	if variable {
		text = "最多" + most + zh + " · at most " + most + " " + en
	}
	switch part[len(part)-1] {
	case 'c':
		text = most + zh + "，末位为校验位 · " + most + " " + en + ", the last of which is the check digit"
	case 'd', 'e':
		text += ", YYMMDD"
	}
	return text
}

// String returns the form for people: "(10)A01".
func (a AI) String() string { return "(" + a.Code + ")" + a.Value }

func inSet(set byte, s string) bool {
	switch set {
	case 'X':
		return traceability.IsCSET82(s)
	case 'Y':
		return strings.Trim(s, set39) == ""
	case 'Z':
		return strings.Trim(s, base64url) == ""
	}
	return isDigits(s)
}

func suffixOK(suffix byte, s string) bool {
	switch suffix {
	case 'c':
		return traceability.GS1CheckDigitOK(s)
	case 'd', 'e':
		if suffix == 'e' && strings.HasSuffix(s, "00") {
			s = s[:4] + "01"
		}
		_, err := time.Parse("060102", s)
		return err == nil
	}
	return true
}

// fixedLength reports whether a code's values have a predefined length, so that
// no FNC1 follows them in an element string (GS1 General Specifications §7.8).
func fixedLength(code string) bool {
	p := -1
	if len(code) >= 2 {
		p = number(code[:2])
	}
	return 0 <= p && p <= 4 || 11 <= p && p <= 20 || 31 <= p && p <= 36 || p == 41
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, digits) == "" }

// number reads digits that are known to be digits.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
