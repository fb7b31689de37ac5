package label

import (
	"strings"

	"deltatrace/traceability"
)

// Layout names a label stock on A4: columns × rows. The zero value stands for
// Sheet24.
type Layout string

// The layouts.
const (
	Sheet24 Layout = "3x8" // 24 labels of 70 × 37 mm, edge to edge: the common stock
	Sheet14 Layout = "2x7" // 14 labels of 99.1 × 38.1 mm, with gaps: for long names
	Poster  Layout = "1x1" // one large label, for a stall or a crate
)

// ParseLayout reads a layout's name; an empty string is Sheet24, 1 is Poster.
// Any other is an error with CodeInvalid for the field `layout`.
func ParseLayout(s string) (Layout, error) {
	switch l := Layout(strings.ToLower(s)); l {
	case "":
		return Sheet24, nil
	case "1":
		return Poster, nil
	case Sheet24, Sheet14, Poster:
		return l, nil
	}
	return "", traceability.Invalid("layout", s, "3x8 | 2x7 | 1x1")
}

// geometry is where things are on a sheet and on a label, in mm from the upper
// left corner of the one and of the other.
type geometry struct {
	columns, rows  int
	left, top      float64 // of the first label
	pitchX, pitchY float64 // from one label to the next
	width, height  float64 // of a label

	qrX, qrY, qr         float64 // the symbol without its quiet zone
	textX, textY         float64 // the column of texts
	textWidth, textDepth float64
	lotX, lotY, lotWidth float64 // the baseline of the lot's address
	scale                float64 // of the type
}

// geometry looks the layout up. Printers leave a margin of about 4 mm blank,
// so nothing but cut marks comes nearer than 4.5 mm to the edge of the paper.
func (l Layout) geometry() (geometry, error) {
	l, err := ParseLayout(string(l))
	if err != nil {
		return geometry{}, err
	}
	switch l {
	case Sheet14:
		return geometry{
			columns: 2, rows: 7, left: 4.65, top: 15.15, pitchX: 101.6, pitchY: 38.1, width: 99.1, height: 38.1,
			qrX: 4.5, qrY: 4.5, qr: 23, textX: 31.5, textY: 3.6, textWidth: 64, textDepth: 25,
			lotX: 4.5, lotY: 34, lotWidth: 91, scale: 1,
		}, nil
	case Poster:
		return geometry{
			columns: 1, rows: 1, pitchX: 210, pitchY: 297, width: 210, height: 297,
			qrX: 20, qrY: 17, qr: 170, textX: 20, textY: 199, textWidth: 170, textDepth: 65,
			lotX: 20, lotY: 283, lotWidth: 170, scale: 3,
		}, nil
	default:
		return geometry{
			columns: 3, rows: 8, top: .5, pitchX: 70, pitchY: 37, width: 70, height: 37,
			qrX: 5, qrY: 4.5, qr: 22, textX: 30.8, textY: 3.6, textWidth: 34.2, textDepth: 24.5,
			lotX: 5, lotY: 33, lotWidth: 60, scale: 1,
		}, nil
	}
}

// cells is the number of labels on a sheet.
func (g geometry) cells() int { return g.columns * g.rows }

// corner is the upper left corner of the n-th label of a sheet.
func (g geometry) corner(n int) (x, y float64) {
	return g.left + float64(n%g.columns)*g.pitchX, g.top + float64(n/g.columns)*g.pitchY
}
