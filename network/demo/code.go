package demo

import (
	"io"
	"os"
	"strings"

	"github.com/mdp/qrterminal/v3"
)

// terminalCode draws a QR code with half blocks, two modules a character. On a
// terminal each line says its colours, so that the code is dark on light
// whatever the theme is.
func terminalCode(text string, coloured bool) string {
	var plain strings.Builder
	qrterminal.GenerateWithConfig(text, qrterminal.Config{
		Level: qrterminal.M, Writer: &plain, HalfBlocks: true, QuietZone: 4,
		BlackChar: qrterminal.BLACK_BLACK, WhiteChar: qrterminal.WHITE_WHITE,
		BlackWhiteChar: qrterminal.BLACK_WHITE, WhiteBlackChar: qrterminal.WHITE_BLACK,
	})
	if !coloured {
		return plain.String()
	}
	const whiteOnBlack, reset = "\x1b[97;40m", "\x1b[0m"
	var lines strings.Builder
	for line := range strings.Lines(plain.String()) {
		lines.WriteString(whiteOnBlack + strings.TrimSuffix(line, "\n") + reset + "\n")
	}
	return lines.String()
}

// isTerminal reports whether people look at what is written.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
