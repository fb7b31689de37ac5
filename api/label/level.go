package label

import (
	"strings"

	"deltatrace/traceability"

	"github.com/skip2/go-qrcode"
)

// Level is a QR code's error correction level (ISO/IEC 18004): how much of the
// symbol may be lost. The zero value stands for Medium.
type Level string

// The levels, with the share of codewords that each can restore.
const (
	Low      Level = "L" //  7 %
	Medium   Level = "M" // 15 %
	Quartile Level = "Q" // 25 %
	High     Level = "H" // 30 %: for labels that get wet, scratched or folded
)

// ParseLevel reads L, M, Q or H in either case; an empty string is Medium. Any
// other is an error with CodeInvalid for the field `level`.
func ParseLevel(s string) (Level, error) {
	switch l := Level(strings.ToUpper(s)); l {
	case "":
		return Medium, nil
	case Low, Medium, Quartile, High:
		return l, nil
	}
	return "", traceability.Invalid("level", s, "L | M | Q | H")
}

// recovery is the level in the encoder's words.
func (l Level) recovery() (qrcode.RecoveryLevel, error) {
	switch l {
	case Low:
		return qrcode.Low, nil
	case Medium, "":
		return qrcode.Medium, nil
	case Quartile:
		return qrcode.High, nil
	case High:
		return qrcode.Highest, nil
	}
	return 0, traceability.Invalid("level", string(l), "L | M | Q | H")
}
