package address

import (
	"strconv"
	"strings"
)

// digitOf returns the value of a Chinese numeral, or -1.
func digitOf(r rune) int {
	switch r {
	case '零', '〇', '○':
		return 0
	case '一':
		return 1
	case '二':
		return 2
	case '三':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return -1
}

func isNumeral(r rune) bool { return digitOf(r) >= 0 || r == '十' || r == '百' }

// arabic writes Chinese numerals in Arabic digits: 三〇一 as 301, 二十三 as 23. A
// name with a numeral in it (中山东一路) changes in the same way wherever it is met.
func arabic(s string) string {
	if strings.IndexFunc(s, isNumeral) < 0 {
		return s
	}
	var b strings.Builder
	runes := []rune(s)
	for i := 0; i < len(runes); {
		end := i
		for end < len(runes) && isNumeral(runes[end]) {
			end++
		}
		if end == i {
			b.WriteRune(runes[i])
			i++
			continue
		}
		b.WriteString(value(runes[i:end]))
		i = end
	}
	return b.String()
}

// value reads a run of numerals: by place value when 十 or 百 is among them, else
// digit by digit. 百 without a number before it is a name's (百汇路) and stays.
func value(run []rune) string {
	total, pending, places := 0, -1, false
	var digits strings.Builder
	for _, r := range run {
		switch d := digitOf(r); {
		case d >= 0:
			pending = d
			digits.WriteString(strconv.Itoa(d))
			continue
		case r == '十':
			total += 10 * max(pending, 1)
		case pending < 0:
			return string(run)
		default:
			total += 100 * pending
		}
		places, pending = true, -1
	}
	if !places {
		return digits.String()
	}
	return strconv.Itoa(total + max(pending, 0))
}
