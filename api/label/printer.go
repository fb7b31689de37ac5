package label

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/signintech/gopdf"
)

// Sizes of type in points, before the layout's scale. Chinese at 7 pt is
// 2.5 mm high; GB 7718-2011 3.9 asks for at least 1.8 mm on a food label.
const (
	productSize = 10.5
	productLong = 8.5 // for a name that else needs a second line
	productGap  = .25 // below the name, in its font size
	detailSize  = 7
	scanSize    = 6
	lotSize     = 5.5
	leading     = 1.28 // distance of lines, in font sizes
	ascent      = .88  // from the top of a line to its baseline, in font sizes
)

// Shades of grey, 0 is black.
const (
	ink     = 0
	caption = .35
	hair    = .5
)

// printer draws labels on the pages of one document.
type printer struct {
	pdf   *gopdf.GoPdf
	faces *faces
	geometry
	words
	level    Level
	cutMarks bool
}

func newPrinter(g geometry, o SheetOptions) (*printer, error) {
	t, err := newFaces()
	if err != nil {
		return nil, err
	}
	pdf, err := newPDF()
	if err != nil {
		return nil, err
	}
	w, err := wordsIn(o.Lang)
	return &printer{pdf: pdf, faces: t, geometry: g, words: w, level: o.Level, cutMarks: o.CutMarks}, err
}

// page begins a page, with cut marks when asked for.
func (p *printer) page() {
	p.pdf.AddPage()
	if !p.cutMarks {
		return
	}
	const arm = 1.5
	p.pdf.SetGrayStroke(hair)
	p.pdf.SetLineWidth(.1)
	for n := range p.cells() {
		left, top := p.corner(n)
		for _, x := range []float64{left, left + p.width} {
			for _, y := range []float64{top, top + p.height} {
				p.pdf.Line(x-arm, y, x+arm, y)
				p.pdf.Line(x, y-arm, x, y+arm)
			}
		}
	}
}

// label draws one label into a cell of the page.
func (p *printer) label(cell int, l Label) error {
	s, err := encode(l.URL, p.level)
	if err != nil {
		return err
	}
	x, y := p.corner(cell)
	p.symbol(s, x+p.qrX, y+p.qrY)

	top := y + p.textY
	for _, line := range p.lines(l) {
		if err := p.line(x+p.textX, top+mm(line.size*ascent), line.size, line.caption, line.text); err != nil {
			return err
		}
		top += mm(line.size*leading + line.gap)
	}
	if err := p.line(x+p.textX, y+p.lotY-mm(lotSize*leading*p.scale), scanSize*p.scale, p.scan, ""); err != nil {
		return err
	}
	return p.line(x+p.lotX, y+p.lotY, lotSize*p.scale, "", p.address(l.URL))
}

// symbol draws the QR code as rectangles, its first module at (x, y).
func (p *printer) symbol(s symbol, x, y float64) {
	module := p.qr / float64(s.modules())
	p.pdf.SetGrayFill(ink)
	for r := range s.runs() {
		p.pdf.RectFromUpperLeftWithStyle(
			x+float64(r.X-quietZone)*module, y+float64(r.Y-quietZone)*module, float64(r.W)*module, module, "F")
	}
}

// line is a line of the column of texts: a grey caption, then the text.
type line struct {
	caption, text string
	size, gap     float64 // of the type, and below the line; points
}

// lines sets a label's texts, from top to bottom. Each gets one line; the room
// left over goes to the product's name first, then to the producer's.
func (p *printer) lines(l Label) []line {
	product := p.faces.clean(l.Product)
	nameSize := productSize * p.scale
	if p.faces.width(product, nameSize) > p.textWidth {
		nameSize = productLong * p.scale
	}
	detail := detailSize * p.scale
	fields := []struct {
		caption, text string
		size          float64
		most          int // lines
	}{
		{"", product, nameSize, 2},
		{p.batch, p.faces.clean(l.Batch), detail, 1},
		{p.dates[l.DateKind], p.faces.clean(l.Date), detail, 1},
		{p.producer, p.faces.clean(l.Producer), detail, 2},
		{"", p.faces.clean(l.Note), detail, 1},
	}
	room := p.textDepth - mm(nameSize*productGap)
	for _, f := range fields {
		if f.text != "" {
			room -= mm(f.size * leading)
		}
	}
	var out []line
	for i, f := range fields {
		if f.text == "" {
			continue
		}
		spare := max(0, int(room/mm(f.size*leading)))
		rows := p.faces.wrap(f.caption, f.text, f.size, p.textWidth, min(f.most, 1+spare))
		room -= float64(len(rows)-1) * mm(f.size*leading)
		for _, text := range rows {
			out = append(out, line{text: text, size: f.size})
		}
		out[len(out)-len(rows)].caption = f.caption
		if i == 0 {
			out[len(out)-1].gap = productGap * f.size
		}
	}
	return out
}

// address is the lot's key for those who must type it: with the host where
// there is room, for it can go into a browser, otherwise the key alone.
func (p *printer) address(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	path := strings.TrimPrefix(u.EscapedPath(), "/")
	full := u.Host + "/" + path
	size := lotSize * p.scale
	if p.faces.width(full, size) <= p.lotWidth {
		return full
	}
	return p.faces.shortenHead(path, size, p.lotWidth)
}

// line writes a grey caption and a black text from (x, baseline) on.
func (p *printer) line(x, baseline, size float64, grey, black string) error {
	p.pdf.SetGrayFill(caption)
	x, err := p.write(x, baseline, size, grey)
	if err != nil {
		return err
	}
	if grey != "" {
		x += p.faces.advance(' ', size)
	}
	p.pdf.SetGrayFill(ink)
	_, err = p.write(x, baseline, size, black)
	return err
}

// write sets text, each character in the font that has it, and returns where
// the text ends.
func (p *printer) write(x, baseline, size float64, s string) (float64, error) {
	for s != "" {
		font, n := p.sameFont(s)
		if err := p.pdf.SetFont(font, "", size); err != nil {
			return x, err
		}
		p.pdf.SetXY(x, baseline)
		if err := p.pdf.Text(s[:n]); err != nil {
			return x, err
		}
		x += p.faces.width(s[:n], size)
		s = s[n:]
	}
	return x, nil
}

// sameFont is the font of the first character and how many bytes it lasts.
func (p *printer) sameFont(s string) (font string, n int) {
	for i, r := range s {
		f, _, _ := p.faces.glyph(r)
		if i == 0 {
			font = f
		}
		if f != font {
			return font, n
		}
		n = i + utf8.RuneLen(r)
	}
	return font, n
}

// mm turns points into millimetres.
func mm(points float64) float64 { return points * 25.4 / 72 }
