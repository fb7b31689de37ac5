package page

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// wrap breaks a text into at most so many lines of room ems, since SVG does not.
// What does not fit ends in an ellipsis. There is always one line.
func wrap(s string, room float64, lines int) []string {
	var out []string
	rest := strings.Join(strings.Fields(s), " ")
	for {
		cut := fit(rest, room)
		switch {
		case cut == len(rest):
			return append(out, rest)
		case len(out) == lines-1:
			return append(out, strings.TrimRightFunc(rest[:fit(rest, room-1)], unicode.IsSpace)+"…")
		}
		if space := strings.LastIndexByte(rest[:cut], ' '); space > 0 {
			cut = space
		} else if next, _ := utf8.DecodeRuneInString(rest[cut:]); unicode.In(next, unicode.Pe, unicode.Po) {
			// No line starts with a closing bracket or a comma.
			if _, size := utf8.DecodeLastRuneInString(rest[:cut]); size < cut {
				cut -= size
			}
		}
		out = append(out, strings.TrimSpace(rest[:cut]))
		rest = strings.TrimSpace(rest[cut:])
	}
}

// fit returns how many bytes of s fill at most room ems, at least one character.
func fit(s string, room float64) int {
	used := 0.0
	for i, r := range s {
		used += em(r)
		if used > room && i > 0 {
			return i
		}
	}
	return len(s)
}

// em estimates a character's width: a Han character is one em.
func em(r rune) float64 {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 1
	default:
		if unicode.IsUpper(r) {
			return 0.7
		}
		return 0.56
	}
}
