package traceability

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Texts are read by people: on the page of a lot, in a notice, by the officer who
// compares a name with a licence. So a text holds only what they can see. What
// has no form of its own, changes the order in which others are shown, or is no
// character at all is refused: a name with U+202E in it reads as another one, and
// two that differ by U+200B look the same. The table is fixed here, and not taken
// from the Unicode tables of the Go version, so that all peers agree.
//
// Legitimate uses stay: a variation selector after what it varies (a Chinese
// character, a symbol, a Mongolian letter), and the joiner between two pictures.
// Chinese characters of all extensions, and those of the private use areas, by
// which rare names are still written in older systems, are seen and so allowed.

// hidden are the characters that no text may have: controls but the line feed,
// separators of lines and paragraphs, marks of direction, what is invisible by
// Default_Ignorable_Code_Point (Unicode, section 5.21), and noncharacters.
var hidden = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0000, Hi: 0x0009, Stride: 1}, {Lo: 0x000b, Hi: 0x001f, Stride: 1}, {Lo: 0x007f, Hi: 0x009f, Stride: 1},
		{Lo: 0x00ad, Hi: 0x00ad, Stride: 1}, {Lo: 0x034f, Hi: 0x034f, Stride: 1}, {Lo: 0x061c, Hi: 0x061c, Stride: 1},
		{Lo: 0x115f, Hi: 0x1160, Stride: 1}, {Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, {Lo: 0x180b, Hi: 0x180f, Stride: 1},
		{Lo: 0x200b, Hi: 0x200f, Stride: 1}, {Lo: 0x2028, Hi: 0x202e, Stride: 1}, {Lo: 0x2060, Hi: 0x206f, Stride: 1},
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, {Lo: 0xfdd0, Hi: 0xfdef, Stride: 1}, {Lo: 0xfe00, Hi: 0xfe0f, Stride: 1},
		{Lo: 0xfeff, Hi: 0xfeff, Stride: 1}, {Lo: 0xffa0, Hi: 0xffa0, Stride: 1}, {Lo: 0xfff0, Hi: 0xfffb, Stride: 1},
		{Lo: 0xfffe, Hi: 0xffff, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1bca0, Hi: 0x1bca3, Stride: 1}, {Lo: 0x1d173, Hi: 0x1d17a, Stride: 1}, {Lo: 0x1fffe, Hi: 0x1ffff, Stride: 1},
		{Lo: 0x2fffe, Hi: 0x2ffff, Stride: 1}, {Lo: 0x3fffe, Hi: 0x3ffff, Stride: 1}, {Lo: 0x4fffe, Hi: 0x4ffff, Stride: 1},
		{Lo: 0x5fffe, Hi: 0x5ffff, Stride: 1}, {Lo: 0x6fffe, Hi: 0x6ffff, Stride: 1}, {Lo: 0x7fffe, Hi: 0x7ffff, Stride: 1},
		{Lo: 0x8fffe, Hi: 0x8ffff, Stride: 1}, {Lo: 0x9fffe, Hi: 0x9ffff, Stride: 1}, {Lo: 0xafffe, Hi: 0xaffff, Stride: 1},
		{Lo: 0xbfffe, Hi: 0xbffff, Stride: 1}, {Lo: 0xcfffe, Hi: 0xcffff, Stride: 1}, {Lo: 0xdfffe, Hi: 0xdffff, Stride: 1},
		{Lo: 0xe0000, Hi: 0xe0fff, Stride: 1}, {Lo: 0xefffe, Hi: 0xeffff, Stride: 1}, {Lo: 0xffffe, Hi: 0xfffff, Stride: 1},
		{Lo: 0x10fffe, Hi: 0x10ffff, Stride: 1},
	},
}

// hiddenCharacter is a character that nobody would see, and where it stands.
type hiddenCharacter struct {
	r     rune
	place int // in characters, from 1
}

func (h hiddenCharacter) String() string { return fmt.Sprintf("U+%04X, character %d", h.r, h.place) }

// findHidden returns the first character of a text that is refused. seen reports
// whether the text, as far as it was read, has anything to see in it.
func findHidden(text string) (found hiddenCharacter, seen, ok bool) {
	place, before := 0, rune(0)
	for i, r := range text {
		place++
		if r > ' ' && r <= '~' || r >= 0x4e00 && r <= 0x9fff { // most texts
			before, seen = r, true
			continue
		}
		broken := r == utf8.RuneError && text[i] != "\ufffd"[0]
		if broken || unicode.Is(hidden, r) && !varies(before, r) && !joins(before, r, text[i+utf8.RuneLen(r):]) {
			return hiddenCharacter{r, place}, seen, true
		}
		const blank = 0x2800 // a Braille cell without dots
		seen = seen || r != blank && !unicode.IsSpace(r)
		before = r
	}
	return hiddenCharacter{}, seen, false
}

// varies reports whether r is a variation selector that belongs to the character
// before it.
func varies(before, r rune) bool {
	switch {
	case r >= 0xe0100 && r <= 0xe01ef, r >= 0xfe00 && r <= 0xfe02:
		return ideograph(before)
	case r == 0xfe0e, r == 0xfe0f:
		return picture(before) || before == '#' || before == '*' || before >= '0' && before <= '9' || before == 0xa9 || before == 0xae
	case r >= 0x180b && r <= 0x180f:
		return before >= 0x1820 && before <= 0x18aa
	}
	return false
}

// joins reports whether r is the joiner between two pictures (👨‍🍳).
func joins(before, r rune, after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	return r == 0x200d && (picture(before) || before == 0xfe0f) && picture(next)
}

func ideograph(r rune) bool {
	return r >= 0x3400 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0x20000 && r <= 0x3fffd
}

// picture reports whether r stands in a block of symbols.
func picture(r rune) bool {
	return r >= 0x2010 && r <= 0x2027 || r >= 0x2030 && r <= 0x205e || r >= 0x2100 && r <= 0x2bff || r >= 0x3000 && r <= 0x33ff || r >= 0x1f000 && r <= 0x1faff
}
