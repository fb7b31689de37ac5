package label

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf16"
)

var startxref = regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`)
var trailerSize = regexp.MustCompile(`/Size (\d+)\n`)

// describe adds to a finished PDF what the library has no words for: title and
// language, and the wish to be printed at actual size. It does so by an
// incremental update (ISO 32000-1, 7.5.6): a new catalog, an information
// dictionary and a second cross-reference section at the end. There is no date
// in it, and the file's identifier is the digest of its content, so the same
// labels give the same bytes.
func describe(pdf *bytes.Buffer, title, lang string) error {
	last := startxref.FindSubmatch(pdf.Bytes())
	if last == nil {
		return fmt.Errorf("label: the PDF has no startxref at its end")
	}
	previous, err := strconv.Atoi(string(last[1]))
	if err != nil || previous >= pdf.Len() {
		return fmt.Errorf("label: the PDF's startxref %q is outside the file", last[1])
	}
	trailer := trailerSize.FindSubmatch(pdf.Bytes()[previous:])
	if trailer == nil {
		return fmt.Errorf("label: the PDF's trailer has no Size")
	}
	info, err := strconv.Atoi(string(trailer[1]))
	if err != nil {
		return fmt.Errorf("label: the PDF's Size: %w", err)
	}
	id := sha256.Sum256(pdf.Bytes())

	catalogAt := pdf.Len()
	fmt.Fprintf(pdf, "1 0 obj\n<< /Type /Catalog /Pages 2 0 R /Lang (%s) /ViewerPreferences << /DisplayDocTitle true /PrintScaling /None >> >>\nendobj\n", lang)
	infoAt := pdf.Len()
	fmt.Fprintf(pdf, "%d 0 obj\n<< /Title <%s> /Creator (deltatrace) >>\nendobj\n", info, utf16Hex(title))
	xrefAt := pdf.Len()
	fmt.Fprintf(pdf, "xref\n1 1\n%010d 00000 n \n%d 1\n%010d 00000 n \n", catalogAt, info, infoAt)
	fmt.Fprintf(pdf, "trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R /Prev %d /ID [<%x> <%[4]x>] >>\nstartxref\n%d\n%%%%EOF\n",
		info+1, info, previous, id[:16], xrefAt)
	return nil
}

// utf16Hex writes a text string as PDF wants it: UTF-16BE with its mark.
func utf16Hex(s string) string {
	out := []byte("FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		out = fmt.Appendf(out, "%04X", u)
	}
	return string(out)
}
