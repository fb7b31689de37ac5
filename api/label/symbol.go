package label

import (
	"fmt"
	"iter"
	"net/url"

	"deltatrace/traceability"

	"github.com/skip2/go-qrcode"
)

const (
	// MaxURL is the longest URL that is drawn, in bytes. At level H it makes
	// a symbol of 85 modules a side, which a phone still reads from a label
	// of 2 cm; more would need a larger label.
	MaxURL = 300

	// quietZone is the blank margin around a symbol, in modules.
	quietZone = 4
)

// symbol is a QR code as modules, quiet zone included: symbol[y][x] is dark.
type symbol [][]bool

// encode makes the smallest symbol that holds the URL at the level.
func encode(address string, level Level) (symbol, error) {
	if err := checkURL(address); err != nil {
		return nil, err
	}
	recovery, err := level.recovery()
	if err != nil {
		return nil, err
	}
	code, err := qrcode.New(address, recovery)
	if err != nil {
		return nil, fmt.Errorf("label: encode %d bytes at level %s: %w", len(address), level, err)
	}
	return code.Bitmap(), nil
}

// checkURL accepts an absolute web address in printable ASCII. A QR code does
// not say which character set its bytes are in, so anything else would be read
// differently by different phones.
func checkURL(address string) error {
	if address == "" {
		return traceability.Missing("url", "https://…")
	}
	if len(address) > MaxURL {
		e := traceability.Invalid("url", address, fmt.Sprintf("at most %d bytes", MaxURL))
		e.ZH = fmt.Sprintf("网址长 %d 字节，超过二维码标签的上限 %d 字节", len(address), MaxURL)
		e.EN = fmt.Sprintf("the URL has %d bytes, more than the %d that a label's QR code may hold", len(address), MaxURL)
		return e
	}
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c > '~' {
			return traceability.Invalid("url", address, "ASCII, other characters percent-encoded")
		}
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		e := traceability.Invalid("url", address, "an absolute https or http URL")
		e.Err = err
		return e
	}
	return nil
}

// modules is the number of modules a side, without the quiet zone.
func (s symbol) modules() int { return len(s) - 2*quietZone }

// run is a row of dark modules side by side, from (X, Y) on, W long.
type run struct{ X, Y, W int }

// runs yields the dark modules row by row, merged into runs: the shortest way
// to draw a symbol as rectangles.
func (s symbol) runs() iter.Seq[run] {
	return func(yield func(run) bool) {
		for y, row := range s {
			for x := 0; x < len(row); x++ {
				start := x
				for x < len(row) && row[x] {
					x++
				}
				if x > start && !yield(run{start, y, x - start}) {
					return
				}
			}
		}
	}
}
