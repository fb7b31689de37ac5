package digitallink

import (
	"encoding/hex"
	"net/url"
	"strings"
)

// uriCharacters are the characters of RFC 3986.
const uriCharacters = digits + upper + lower + "-._~:/?#[]@!$&'()*+,;=%"

// hostCharacters are those of a host name or address with its port. User
// information (user@host) is no part of a Digital Link.
const hostCharacters = digits + upper + lower + "-.:[]"

// cutOrigin splits a URL before its path. The scheme is in lower or upper
// case: some scanners' alphanumeric mode has upper case only; mixed case is not allowed.
func cutOrigin(location string) (origin, path string, ok bool) {
	for _, scheme := range []string{"https://", "http://", "HTTPS://", "HTTP://"} {
		if rest, found := strings.CutPrefix(location, scheme); found {
			host := strings.IndexByte(rest, '/')
			if host <= 0 || strings.Trim(rest[:host], hostCharacters) != "" {
				return "", "", false
			}
			return scheme + rest[:host], rest[host:], true
		}
	}
	return "", "", false
}

// escapePath writes a value as one component of a path: all but letters, digits and
// -._~ are encoded. (url.PathEscape leaves more, which the standard wants encoded.)
func escapePath(value string) string {
	return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
}

// unescape decodes percent-encoding, and + as a space in a query. What is no
// valid encoding stays as it is, as the standard's reference software leaves it.
func unescape(s string, query bool) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' && query {
			c = ' '
		}
		if c == '%' && i+2 < len(s) {
			if code, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				c = code[0]
				i += 2
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}
