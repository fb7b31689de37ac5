package demo

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTerminalCode draws the characters as a terminal would and has them read
// by a real reader.
func TestTerminalCode(t *testing.T) {
	t.Parallel()
	zbarimg, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbarimg is not here: .ci/tools installs it")
	}
	const link = "http://127.0.0.1:8080/01/06901234560015/10/20261117A"
	for name, coloured := range map[string]bool{"plain": false, "coloured": true} {
		text := strings.NewReplacer("\x1b[97;40m", "", "\x1b[0m", "").Replace(terminalCode(link, coloured))
		path := filepath.Join(t.TempDir(), name+".png")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(file, drawHalfBlocks(t, text)); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		output, err := exec.Command(zbarimg, "--quiet", "--raw", path).Output()
		if err != nil || strings.TrimSpace(string(output)) != link {
			t.Errorf("%s: read %q, %v", name, output, err)
		}
	}
}

// drawHalfBlocks paints text of ' ', '▀', '▄' and '█', light on dark.
func drawHalfBlocks(t *testing.T, text string) image.Image {
	t.Helper()
	const module = 8
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	picture := image.NewGray(image.Rect(0, 0, len([]rune(lines[0]))*module, len(lines)*2*module))
	for y, line := range lines {
		for x, r := range []rune(line) {
			halves, ok := map[rune][2]uint8{' ': {0, 0}, '▀': {255, 0}, '▄': {0, 255}, '█': {255, 255}}[r]
			if !ok {
				t.Fatalf("unexpected character %q", r)
			}
			for half, shade := range halves {
				for dy := range module {
					for dx := range module {
						picture.SetGray(x*module+dx, (2*y+half)*module+dy, color.Gray{Y: shade})
					}
				}
			}
		}
	}
	return picture
}
