package main

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// printable passes text on with every control character spelled out, as \u001b is: what
// cells, headers, names of files and answers of an API hold must not steer the terminal
// or the reader of a log. In JSON the spelling says the same character. Line feeds and
// tabs are let through; bytes that are no UTF-8 become U+FFFD.
type printable struct {
	to   io.Writer
	kept []byte // the beginning of a character whose rest has not come yet
}

// Write implements io.Writer.
func (p *printable) Write(text []byte) (int, error) {
	all := append(p.kept, text...)
	out := make([]byte, 0, len(all)+16)
	for len(all) > 0 && utf8.FullRune(all) {
		r, size := utf8.DecodeRune(all)
		switch {
		case r == '\n' || r == '\t':
			out = append(out, byte(r))
		case steers(r) && r > 0xffff:
			out = fmt.Appendf(out, `\U%08x`, r)
		case steers(r):
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = utf8.AppendRune(out, r)
		}
		all = all[size:]
	}
	p.kept = append(p.kept[:0:0], all...)
	if _, err := p.to.Write(out); err != nil {
		return 0, err
	}
	return len(text), nil
}

// steers reports whether a character is there for its effect: C0, C1, DEL, the marks
// that turn the direction of text, and line and paragraph separators. U+200D and the
// like join characters and are left alone.
func steers(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
