package label

import (
	_ "embed" // the fonts
	"fmt"
	"strings"
	"unicode"

	"github.com/signintech/gopdf"
	"golang.org/x/text/unicode/norm"
)

//go:embed font/DroidSansFallbackFull.ttf
var chineseTTF []byte

//go:embed font/OpenSans-Regular.ttf
var latinTTF []byte

// The fonts' names in the PDF; the six letters mark a subset (ISO 32000 9.6.4).
const (
	chinese = "DELTRA+DroidSansFallback"
	latin   = "DELTRA+OpenSans"
)

const (
	ellipsis = "…"
	// missing stands for a character that neither font has: the geta mark,
	// with which printers have always marked a sort that was not at hand.
	missing = '〓'
	// maxText is how many characters of a text are looked at: more than any
	// place on a label takes, so what is beyond would be cut anyway.
	maxText = 300
)

// faces measures text in the two fonts.
type faces struct{ latin, chinese gopdf.SubsetFontObj }

func newFaces() (*faces, error) {
	var f faces
	if err := f.latin.SetTTFData(latinTTF); err != nil {
		return nil, fmt.Errorf("label: read the Latin font: %w", err)
	}
	if err := f.chinese.SetTTFData(chineseTTF); err != nil {
		return nil, fmt.Errorf("label: read the Chinese font: %w", err)
	}
	return &f, nil
}

// glyph finds a character: its font and its width in thousandths of the font
// size. Latin comes first, as the Chinese font has no letters of its own.
func (f *faces) glyph(r rune) (font string, width uint, ok bool) {
	if i, err := f.latin.CharCodeToGlyphIndex(r); err == nil && i != 0 {
		return latin, f.latin.GlyphIndexToPdfWidth(i), true
	}
	if i, err := f.chinese.CharCodeToGlyphIndex(r); err == nil && i != 0 {
		return chinese, f.chinese.GlyphIndexToPdfWidth(i), true
	}
	return "", 0, false
}

// clean turns any text into one line of characters that can be printed: white
// space becomes single spaces, what takes no room of its own (joiners,
// directions, variation selectors, stray accents) goes, a character without a
// glyph is replaced by its compatibility form (℃ by °C) or else, visibly, by 〓.
func (f *faces) clean(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range norm.NFC.String(strings.Join(strings.Fields(s), " ")) {
		if unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me) {
			continue
		}
		if n++; n > maxText {
			break
		}
		if f.has(r) {
			b.WriteRune(r)
			continue
		}
		plain := norm.NFKC.String(string(r))
		if strings.ContainsFunc(plain, func(r rune) bool { return !f.has(r) }) {
			plain = string(missing)
		}
		b.WriteString(plain)
	}
	return strings.TrimSpace(b.String())
}

func (f *faces) has(r rune) bool {
	_, _, ok := f.glyph(r)
	return ok
}

// advance is the width of a character in mm at a font size in points.
func (f *faces) advance(r rune, size float64) float64 {
	_, w, _ := f.glyph(r)
	return mm(float64(w) * size / 1000)
}

// width is the width of cleaned text in mm at a font size in points.
func (f *faces) width(s string, size float64) (sum float64) {
	for _, r := range s {
		sum += f.advance(r, size)
	}
	return sum
}

// shorten cuts s at its end, where it does not fit into most mm.
func (f *faces) shorten(s string, size, most float64) string {
	if f.width(s, size) <= most {
		return s
	}
	room := most - f.width(ellipsis, size)
	for i, r := range s {
		if room -= f.advance(r, size); room < 0 {
			return strings.TrimRight(s[:i], " ") + ellipsis
		}
	}
	return s
}

// shortenHead cuts s at its beginning instead, for identifiers: the end is
// what tells one from the next.
func (f *faces) shortenHead(s string, size, most float64) string {
	excess := f.width(s, size) - most
	if excess <= 0 {
		return s
	}
	excess += f.width(ellipsis, size)
	for i, r := range s {
		if excess <= 0 {
			return ellipsis + s[i:]
		}
		excess -= f.advance(r, size)
	}
	return ellipsis
}

// wrap breaks cleaned text into at most lines lines of most mm, the last one
// shortened; the first leaves room for a caption and a space. Chinese breaks
// between any two characters, but punctuation stays with what it closes or
// opens; Latin breaks after a space, and within a word only where the word is
// longer than a line.
func (f *faces) wrap(caption, s string, size, most float64, lines int) []string {
	room := most
	if caption != "" {
		room -= f.width(caption+" ", size)
	}
	var out []string
	for len(out)+1 < lines && f.width(s, size) > room {
		n := f.lineEnd(s, size, room)
		out = append(out, strings.TrimRight(s[:n], " "))
		s, room = strings.TrimLeft(s[n:], " "), most
	}
	return append(out, f.shorten(s, size, room))
}

// lineEnd is how many bytes of s go on a line: at least one character.
func (f *faces) lineEnd(s string, size, most float64) int {
	var before rune
	good := 0 // the last place where a line may end
	for i, r := range s {
		if i > 0 && mayBreak(before, r) {
			good = i
		}
		if most -= f.advance(r, size); most < 0 && i > 0 && r != ' ' {
			if good > 0 {
				return good
			}
			return i
		}
		before = r
	}
	return len(s)
}

// mayBreak tells whether a line may end between two characters.
func mayBreak(before, after rune) bool {
	const closing, opening = "，。、；：？！）》」』】〕”’…—·%", "（《「『【〔“‘"
	if strings.ContainsRune(closing, after) || strings.ContainsRune(opening, before) {
		return false
	}
	return before == ' ' || wide(before) || wide(after)
}

// wide tells whether a character is Chinese or set like it: the Chinese font
// draws it in a full square.
func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF // punctuation, full-width forms
}
