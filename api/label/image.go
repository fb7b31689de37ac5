package label

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strconv"

	"deltatrace/traceability"
)

// The limits of a PNG's side, in pixels.
const (
	MinSize = 64
	MaxSize = 2048

	// minScale is the fewest pixels a module may have: at one, cameras and
	// scaling browsers blur neighbours into each other.
	minScale = 2
)

// PNG draws the URL as a square picture of size × size pixels, black on white,
// one bit a pixel. 236 pixels are 2 cm at 300 dpi.
//
// Every module is the same whole number of pixels, for uneven modules are what
// makes small codes unreadable: the number is rounded down, the symbol
// centred, and what is left over widens the quiet zone. A size outside MinSize
// to MaxSize, or one that leaves a module less than two pixels, is an error
// with CodeInvalid for the field `size` that names the smallest that will do.
func PNG(url string, level Level, size int) ([]byte, error) {
	if size < MinSize || size > MaxSize {
		return nil, traceability.Invalid("size", strconv.Itoa(size), fmt.Sprintf("%d–%d px", MinSize, MaxSize))
	}
	s, err := encode(url, level)
	if err != nil {
		return nil, err
	}
	scale := size / len(s)
	if scale < minScale {
		return nil, traceability.Invalid("size", strconv.Itoa(size),
			fmt.Sprintf("≥ %d px (%d × %d)", minScale*len(s), len(s), minScale))
	}
	img := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.Black})
	margin := (size - scale*len(s)) / 2
	for r := range s.runs() {
		for y := margin + r.Y*scale; y < margin+(r.Y+1)*scale; y++ {
			row := img.Pix[y*img.Stride:]
			for x := margin + r.X*scale; x < margin+(r.X+r.W)*scale; x++ {
				row[x] = 1
			}
		}
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("label: write PNG: %w", err)
	}
	return out.Bytes(), nil
}

// SVG draws the URL as a scalable picture that refers to nothing outside: one
// module is one unit of the viewBox, all dark modules are one path, and the
// title is the URL, for those who cannot scan it.
func SVG(url string, level Level) ([]byte, error) {
	s, err := encode(url, level)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[1]d" role="img" shape-rendering="crispEdges"><title>`, len(s))
	if err := xml.EscapeText(&out, []byte(url)); err != nil {
		return nil, fmt.Errorf("label: write SVG: %w", err)
	}
	fmt.Fprintf(&out, `</title><path fill="#fff" d="M0 0h%dv%[1]dH0z"/><path d="`, len(s))
	for r := range s.runs() {
		fmt.Fprintf(&out, "M%d %dh%dv1h-%dz", r.X, r.Y, r.W, r.W)
	}
	out.WriteString("\"/></svg>\n")
	return out.Bytes(), nil
}
