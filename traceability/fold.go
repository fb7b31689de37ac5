package traceability

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold returns the form of s under which two spellings of the same name,
// test parameter, method or identifier compare equal: Unicode NFKC (full-width
// letters, digits and brackets become ASCII), the lenticular and tortoise-shell
// brackets 【】〔〕 become [], and all white space, NBSP, zero-width and other
// invisible formatting characters are dropped. Letter case is kept. It is idempotent.
//
// The result is for comparing, never for display, and never for measured
// values: NFKC turns 10⁴ into 104.
//
// Fold uses the Unicode tables of the golang.org/x/text version in go.mod, so it is
// deterministic for that version. All who must agree on a result (the
// endorsing peers) build from the same go.mod.
func Fold(s string) string {
	if isFolded(s) {
		return s
	}
	// Normalising can uncover spaces (¨ is space + U+0308), and dropping them can
	// bring a letter and its accent together: hence drop between two passes.
	return norm.NFKC.String(strings.Map(foldRune, norm.NFKC.String(s)))
}

func foldRune(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
		return -1
	case r == '【', r == '〔':
		return '['
	case r == '】', r == '〕':
		return ']'
	}
	return r
}

// isPlain reports whether s is printable ASCII without spaces, which Fold leaves as it is.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// isFolded reports whether s is printable ASCII without spaces and common Chinese
// characters (U+4E00 to U+9FFF), which Fold leaves as they are: most texts, read
// without normalising them.
func isFolded(s string) bool {
	for _, r := range s {
		if (r <= ' ' || r > '~') && (r < 0x4e00 || r > 0x9fff) {
			return false
		}
	}
	return true
}

// maxIdentifierBytes guards every identifier parser: the longest canonical
// identifier is a lot id of under 120 bytes, full-width input takes three times that.
const maxIdentifierBytes = 512

// parseIdentifier folds s, upper-cases it, and accepts it when it matches
// syntax. expected is the grammar with an example, for the error.
func parseIdentifier[T ~string](s string, syntax *regexp.Regexp, expected string) (T, error) {
	if len(s) <= maxIdentifierBytes {
		if v := strings.ToUpper(Fold(s)); syntax.MatchString(v) {
			return T(v), nil
		}
	}
	return "", Invalid("", s, expected)
}
