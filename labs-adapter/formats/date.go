package formats

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"deltatrace/traceability"
)

const (
	datesZH = "日期，如 2025-06-06、2025/6/6、2025.06.06、20250606、2025年06月06日 或 Excel 序号"
	datesEN = "a date: 2025-06-06, 2025/6/6, 2025.06.06, 20250606, 2025年06月06日 or an Excel serial"
)

var (
	// A date at the start of a text; the first separator must be the second too,
	// which Go's regular expressions cannot say: parseDay does.
	dayGrammar = regexp.MustCompile(`^(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})(日?)`)
	// What may follow a whole date: a time of day.
	clockGrammar = regexp.MustCompile(`^[ T]?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$`)
	compactDay   = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})`)
	excelSerial  = regexp.MustCompile(`^(3[7-9]|[4-6]\d|7[0-2])\d{3}(\.\d+)?$`) // 2001 to 2099
)

// parseDate reads a cell that holds a date and nothing else; "" when the cell
// says that there is none.
func parseDate(field, cell string) (traceability.Date, *traceability.Error) {
	if absent(cell) {
		return "", nil
	}
	if date, rest := leadingDay(cell); date != "" && (rest == "" || clockGrammar.MatchString(rest)) {
		return date, nil
	}
	return "", fault(traceability.CodeInvalid, field, cell, datesZH, datesEN)
}

// leadingDay reads a date at the start of a text and returns what follows it;
// "" when there is none.
func leadingDay(text string) (date traceability.Date, rest string) {
	if m := dayGrammar.FindStringSubmatch(text); m != nil {
		separators := m[2] + m[4] + m[6]
		if separators == "年月日" || separators == "年月" || (m[2] == m[4] && m[6] == "") {
			return day(m[1], m[3], m[5]), text[len(m[0]):]
		}
	}
	if m := compactDay.FindStringSubmatch(text); m != nil {
		rest := text[len(m[0]):]
		if rest == "" || rest[0] < '0' || rest[0] > '9' {
			return day(m[1], m[2], m[3]), rest
		}
	}
	if excelSerial.MatchString(text) {
		number, _, _ := strings.Cut(text, ".")
		days, _ := strconv.Atoi(number) // five digits by the grammar
		return traceability.Date(time.Date(1899, 12, 30+days, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)), ""
	}
	return "", text
}

// day joins year, month and day; "" when there is no such day.
func day(year, month, dayOfMonth string) traceability.Date {
	pad := func(s string) string { return strings.Repeat("0", 2-len(s)) + s }
	date, err := traceability.ParseDate(year + "-" + pad(month) + "-" + pad(dayOfMonth))
	if err != nil {
		return ""
	}
	return date
}

// kindOfDate reads the words that say what a product's date means.
func kindOfDate(words string) traceability.DateKind {
	for _, kind := range []struct {
		word string
		kind traceability.DateKind
	}{
		{"购进", traceability.DatePurchase}, {"进货", traceability.DatePurchase},
		{"加工", traceability.DateProcessing}, {"生产", traceability.DateProduction},
		{"检疫", traceability.DateQuarantine}, {"消毒", traceability.DateDisinfected},
		{"采收", traceability.DateHarvest}, {"采摘", traceability.DateHarvest},
	} {
		if strings.Contains(words, kind.word) {
			return kind.kind
		}
	}
	return ""
}

// parseProductDate reads a cell of 生产日期/批号: a date, what kind of date it is,
// a batch number, or several of them: `2024-01-05/A01`, `2021-04-15(购进日期)`,
// `购进日期:2017年06月02日`, `A01`. 至… is an expiry, and no date of this kind.
func parseProductDate(field, cell string) (date traceability.Date, kind traceability.DateKind, batch string, err *traceability.Error) {
	text := strings.TrimSpace(cell)
	if absent(text) || text == "见批号" {
		return "", "", "", nil
	}
	wrong := fault(traceability.CodeInvalid, field, cell, "生产日期、批号，或“日期/批号”；日期如 2025-06-06", "a date of production, a batch, or date/batch; a date such as 2025-06-06")
	if strings.HasPrefix(text, "至") {
		return "", "", "", wrong
	}
	if label, rest, ok := cutAny(text, ":", "："); ok && kindOfDate(label) != "" {
		kind, text = kindOfDate(label), strings.TrimSpace(rest)
	}
	date, rest := leadingDay(text)
	if date == "" {
		if kind != "" || dayGrammar.MatchString(text) { // says that it is a date, and is none
			return "", "", "", wrong
		}
		return "", "", text, nil
	}
	if rest != "" && isWord(rest[0]) { // 20250606A01 is a batch whole
		return "", "", text, nil
	}
	rest = strings.TrimSpace(rest)
	if clockGrammar.MatchString(rest) {
		rest = ""
	}
	if open, found := strings.CutPrefix(strings.NewReplacer("（", "(", "）", ")").Replace(rest), "("); found {
		words, after, closed := strings.Cut(open, ")")
		if named := kindOfDate(words); closed && named != "" {
			kind, rest = named, strings.TrimSpace(after)
		}
	}
	if kind == "" {
		kind = traceability.DateProduction
	}
	batch = strings.TrimSpace(strings.TrimLeft(rest, "/／ ,，;；"))
	if absent(batch) {
		batch = ""
	}
	return date, kind, batch, nil
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// parsePeriod reads a cell of 检验日期: a date, or two with ～, 至 or a dash between.
func parsePeriod(field, cell string) (from, to traceability.Date, err *traceability.Error) {
	if left, right, ok := cutAny(cell, "～", "~", "至", "—", " - ", "–"); ok && !absent(cell) {
		from, err = parseDate(field, strings.TrimSpace(left))
		if err != nil {
			return "", "", err
		}
		to, err = parseDate(field, strings.TrimSpace(right))
		return from, to, err
	}
	from, err = parseDate(field, cell)
	return from, from, err
}

// cutAny cuts at the first of the separators that occurs.
func cutAny(s string, separators ...string) (before, after string, found bool) {
	for _, separator := range separators {
		if before, after, found = strings.Cut(s, separator); found {
			return before, after, true
		}
	}
	return s, "", false
}
