package label_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"deltatrace/api/label"
)

// printed is the side in pixels of a code printed at 2 cm with 300 dpi.
const printed = 236

// urls are what is on real labels: both forms of a lot id, short and long.
var urls = []string{
	"https://trace.example.cn/01/06901234567892/10/A2026-1122",
	"https://trace.example.cn/cn/91330106MA1FPX121E/QC-100/20260104",
	"https://trace.example.cn/01/06901234567892/10/A%2F01%25b",
	"https://t.example/01/06901234567892/10/1",
	"http://127.0.0.1:8080/01/06901234567892/10/ABCDEFGHIJKLMNOPQRST?17=271231",
}

var levels = []label.Level{label.Low, label.Medium, label.Quartile, label.High}

// scan reads all QR codes of a picture file with zbarimg. What it cannot read
// is not in the answer.
func scan(tb testing.TB, file string) []string {
	tb.Helper()
	tool(tb, "zbarimg")
	cmd := exec.Command("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != 4 { // 4: no code found
		tb.Fatalf("zbarimg: %v\n%s", err, stderr.Bytes())
	}
	return strings.Fields(string(out))
}

// scanImage is scan for a picture in memory.
func scanImage(tb testing.TB, img image.Image) []string {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "code.png")
	var buf bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&buf, img); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(file, buf.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
	return scan(tb, file)
}

// tool skips the test, saying so, where a program is not installed.
func tool(tb testing.TB, name string) {
	tb.Helper()
	if _, err := exec.LookPath(name); err != nil {
		tb.Skipf("%s is not installed (.ci/tools installs it): %v", name, err)
	}
}

func mustPNG(tb testing.TB, url string, level label.Level, size int) *image.Paletted {
	tb.Helper()
	data, err := label.PNG(url, level, size)
	if err != nil {
		tb.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	return img.(*image.Paletted)
}

func wantScanned(tb testing.TB, got []string, want string) {
	tb.Helper()
	if len(got) != 1 || got[0] != want {
		tb.Errorf("zbarimg read %q, want %q", got, want)
	}
}

func TestPNGIsScanned(t *testing.T) {
	t.Parallel()
	for _, url := range urls {
		for _, level := range levels {
			for _, size := range []int{printed, 512} {
				t.Run(fmt.Sprintf("%s/%s/%d", url, level, size), func(t *testing.T) {
					t.Parallel()
					wantScanned(t, scanImage(t, mustPNG(t, url, level, size)), url)
				})
			}
		}
	}
}

// TestAnyURLIsScanned draws seeded addresses of all lengths with digits,
// capitals and signs in changing order: the encoder switches between numeric,
// alphanumeric and byte mode within one code.
func TestAnyURLIsScanned(t *testing.T) {
	t.Parallel()
	const alphabet = "0000011111222233334444555566667777ABCDEFabcdef-._~%2F:*$/"
	rnd := rand.New(rand.NewPCG(2, 6))
	for n := range 40 {
		url := []byte("https://t.example/")
		for range rnd.IntN(label.MaxURL - len(url)) {
			url = append(url, alphabet[rnd.IntN(len(alphabet))])
		}
		url = bytes.ReplaceAll(url, []byte("%"), []byte("~")) // an escape must be whole
		level := levels[n%len(levels)]
		wantScanned(t, scanImage(t, mustPNG(t, string(url), level, 400)), string(url))
	}
}

// TestDamagedAtLevelH paints over a tenth of the symbol's modules and reads it
// all the same. The damage, seeded: one blot (a disc, ink or scratch) of 6 % of
// the modules and specks of 3 × 3 modules up to 10 %, anywhere outside the
// three finder patterns with their separators. Without these no reader sees
// that there is a code; the error correction does not cover them. What is
// painted is black or white for a whole blot or speck; single modules spread
// evenly would be another thing: 10 % of those touch more than half of all
// codewords (of 8 modules each), twice what level H restores.
func TestDamagedAtLevelH(t *testing.T) {
	t.Parallel()
	for _, url := range urls[:2] {
		for seed := range uint64(12) {
			t.Run(fmt.Sprintf("%s/%d", url, seed), func(t *testing.T) {
				t.Parallel()
				img := mustPNG(t, url, label.High, printed)
				share := damage(img, rand.New(rand.NewPCG(seed, 1)))
				if share < .10 || share > .11 {
					t.Fatalf("painted over %.1f %% of the modules, want 10 %%", 100*share)
				}
				wantScanned(t, scanImage(t, img), url)
			})
		}
	}
}

// damage paints over 10 % of the modules and returns the share it did.
func damage(img *image.Paletted, rnd *rand.Rand) float64 {
	box, scale := symbolOf(img)
	n := box.Dx() / scale
	hit := map[image.Point]bool{}
	finder := func(p image.Point) bool {
		return p.X < 8 && p.Y < 8 || p.X >= n-8 && p.Y < 8 || p.X < 8 && p.Y >= n-8
	}
	paint := func(within func(image.Point) bool) {
		ink := uint8(rnd.IntN(2))
		for y := range n {
			for x := range n {
				p := image.Pt(x, y)
				if finder(p) || !within(p) {
					continue
				}
				hit[p] = true
				for py := range scale {
					for px := range scale {
						img.SetColorIndex(box.Min.X+x*scale+px, box.Min.Y+y*scale+py, ink)
					}
				}
			}
		}
	}
	share := func() float64 { return float64(len(hit)) / float64(n*n) }
	centre := image.Pt(n/4+rnd.IntN(n/2), n/4+rnd.IntN(n/2))
	for r := 1; share() < .06; r++ {
		clear(hit) // the disc grows: what is painted stays painted
		paint(func(p image.Point) bool { d := p.Sub(centre); return d.X*d.X+d.Y*d.Y <= r })
	}
	for share() < .10 {
		at := image.Pt(rnd.IntN(n-2), rnd.IntN(n-2))
		paint(func(p image.Point) bool { return p.In(image.Rect(at.X, at.Y, at.X+3, at.Y+3)) })
	}
	return share()
}

// symbolOf finds the symbol in a picture: its frame, and how many pixels a
// module has. The finder pattern's first row is seven dark modules.
func symbolOf(img *image.Paletted) (box image.Rectangle, scale int) {
	dark := func(x, y int) bool { return img.ColorIndexAt(x, y) == 1 }
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if dark(x, y) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	run := 0
	for dark(box.Min.X+run, box.Min.Y) {
		run++
	}
	return box, run / 7
}

// TestPrintedAndPhotographed prints the code at 300 dpi and takes a picture of
// it as a phone does, all seeded: turned by up to 11°, seen from aside (the far
// edge up to 10 % smaller), out of focus, unevenly lit, with a grain of 2 % of
// full scale after the blur. (At 4 % zbar, which does not smooth, begins to
// miss codes of this size; phones do smooth.)
func TestPrintedAndPhotographed(t *testing.T) {
	t.Parallel()
	for _, level := range levels {
		for seed := range uint64(8) {
			t.Run(fmt.Sprintf("%s/%d", level, seed), func(t *testing.T) {
				t.Parallel()
				img := mustPNG(t, urls[seed%2], level, printed)
				wantScanned(t, scanImage(t, photograph(img, rand.New(rand.NewPCG(seed, 2)))), urls[seed%2])
			})
		}
	}
}

// photograph is a picture of 480 × 480 pixels of a print on white paper: the
// inverse perspective map of each pixel, averaged over the blur's disc.
func photograph(print *image.Paletted, rnd *rand.Rand) *image.Gray {
	const side, blur = 480, 1.2 // px
	between := func(a, b float64) float64 { return a + (b-a)*rnd.Float64() }
	turn, skew := between(-.2, .2), between(-.06, .06) // ± 11°
	tiltX, tiltY := between(-.0004, .0004), between(-.0004, .0004)
	zoom := float64(print.Bounds().Dx()) / (side * .75)
	middle := float64(print.Bounds().Dx()) / 2
	light := between(-.15, .15)

	sample := func(x, y float64) float64 {
		x, y = x-side/2, y-side/2
		w := 1 + tiltX*x + tiltY*y
		u := (x*(1-turn*turn/2) - y*turn + skew*y) / w * zoom
		v := (x*turn + y*(1-turn*turn/2)) / w * zoom
		p := image.Pt(int(u+middle), int(v+middle))
		if p.In(print.Bounds()) && print.ColorIndexAt(p.X, p.Y) == 1 {
			return 40
		}
		return 215
	}
	out := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			var sum float64
			for _, dy := range []float64{-1, -.5, 0, .5, 1} {
				for _, dx := range []float64{-1, -.5, 0, .5, 1} {
					sum += sample(float64(x)+dx*blur, float64(y)+dy*blur)
				}
			}
			lit := sum / 25 * (1 + light*float64(x-side/2)/(side/2))
			grain := rnd.NormFloat64() * 5
			out.SetGray(x, y, color.Gray{Y: uint8(min(255, max(0, lit+grain)))})
		}
	}
	return out
}
