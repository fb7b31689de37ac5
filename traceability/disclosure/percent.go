package disclosure

import "strconv"

// Percent writes n of all in hundredths of a percent, cut off and never rounded up:
// 9,999 of 10,000 are 99.99, and only all of all are 100. It is empty for nothing of
// nothing.
func Percent(n, all int) string {
	if all <= 0 {
		return ""
	}
	hundredths := int64(n) * 10_000 / int64(all)
	whole, part := hundredths/100, hundredths%100
	if part == 0 {
		return strconv.FormatInt(whole, 10)
	}
	text := strconv.FormatInt(100+part, 10)
	return strconv.FormatInt(whole, 10) + "." + text[1:]
}
