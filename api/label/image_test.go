package label_test

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"deltatrace/api/label"
	"deltatrace/traceability"

	"github.com/google/go-cmp/cmp"
)

func TestPNGShape(t *testing.T) {
	t.Parallel()
	for _, size := range []int{98, 99, 147, printed, 500, label.MaxSize} {
		data, err := label.PNG(urls[0], label.High, size)
		if err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		if depth := data[24]; depth != 1 {
			t.Errorf("size %d: %d bits a pixel, want 1", size, depth)
		}
		if w, h := binary.BigEndian.Uint32(data[16:]), binary.BigEndian.Uint32(data[20:]); int(w) != size || int(h) != size {
			t.Errorf("size %d: drawn as %d × %d", size, w, h)
		}
		img := mustPNG(t, urls[0], label.High, size)
		box, scale := symbolOf(img)
		if box.Dx() != 41*scale || box.Dy() != 41*scale { // version 6
			t.Errorf("size %d: symbol of %v with modules of %d px is not 41 modules", size, box.Size(), scale)
		}
		if want := size / 49; scale != want {
			t.Errorf("size %d: modules of %d px, want the largest that fit: %d", size, scale, want)
		}
		for side, margin := range map[string]int{
			"left": box.Min.X, "top": box.Min.Y, "right": size - box.Max.X, "bottom": size - box.Max.Y,
		} {
			if margin < 4*scale {
				t.Errorf("size %d: quiet zone of %d px on the %s, want at least 4 modules of %d px", size, margin, side, scale)
			}
		}
	}
}

// TestSVGEqualsBitmap draws the path of the SVG into a grid and compares it,
// module by module, with the PNG.
func TestSVGEqualsBitmap(t *testing.T) {
	t.Parallel()
	for _, url := range append(urls, "https://t.example/01/06901234567892/10/A&B<'x'>") {
		for _, level := range levels {
			data, err := label.SVG(url, level)
			if err != nil {
				t.Fatal(err)
			}
			var doc struct {
				XMLName xml.Name
				ViewBox string `xml:"viewBox,attr"`
				Title   string `xml:"http://www.w3.org/2000/svg title"`
				Paths   []struct {
					Fill string `xml:"fill,attr"`
					D    string `xml:"d,attr"`
				} `xml:"http://www.w3.org/2000/svg path"`
			}
			if err := xml.Unmarshal(data, &doc); err != nil {
				t.Fatalf("%s: %v", data, err)
			}
			if doc.Title != url {
				t.Errorf("title is %q, want %q", doc.Title, url)
			}
			var n int
			if _, err := fmt.Sscanf(doc.ViewBox, "0 0 %d", &n); err != nil || doc.ViewBox != fmt.Sprintf("0 0 %d %d", n, n) {
				t.Fatalf("viewBox %q is no square: %v", doc.ViewBox, err)
			}
			if len(doc.Paths) != 2 || doc.Paths[0].D != fmt.Sprintf("M0 0h%dv%dH0z", n, n) {
				t.Fatalf("want a background and a symbol, got %+v", doc.Paths)
			}
			img := mustPNG(t, url, level, 4*n)
			want := grid(n, func(x, y int) bool { return img.ColorIndexAt(4*x+1, 4*y+1) == 1 })
			if diff := cmp.Diff(want, drawn(t, doc.Paths[1].D, n)); diff != "" {
				t.Errorf("%s %s: SVG differs from PNG (-png +svg):\n%s", url, level, diff)
			}
			if body := bytes.ReplaceAll(data, []byte(`xmlns="http://www.w3.org/2000/svg"`), nil); bytes.Contains(body, []byte("href")) || bytes.Contains(body, []byte("style")) {
				t.Errorf("refers to something outside: %s", data)
			}
		}
	}
}

// drawn draws a path of rectangles “M4 4h7v1h-7z” into a grid.
func drawn(tb testing.TB, path string, n int) []string {
	tb.Helper()
	dark := map[[2]int]bool{}
	for _, rect := range strings.Split(strings.TrimSuffix(path, "z"), "z") {
		var x, y, w, h, back int
		if _, err := fmt.Sscanf(rect, "M%d %dh%dv%dh-%d", &x, &y, &w, &h, &back); err != nil || h != 1 || back != w {
			tb.Fatalf("%q is not a run of modules: %v", rect, err)
		}
		for i := range w {
			if dark[[2]int{x + i, y}] {
				tb.Fatalf("module %d, %d is drawn twice", x+i, y)
			}
			dark[[2]int{x + i, y}] = true
		}
	}
	return grid(n, func(x, y int) bool { return dark[[2]int{x, y}] })
}

func grid(n int, dark func(x, y int) bool) []string {
	rows := make([]string, n)
	for y := range rows {
		row := make([]byte, n)
		for x := range row {
			row[x] = ' '
			if dark(x, y) {
				row[x] = '#'
			}
		}
		rows[y] = string(row)
	}
	return rows
}

func TestDrawingIsDeterministic(t *testing.T) {
	t.Parallel()
	for range 3 {
		a, errA := label.SVG(urls[0], label.High)
		b, errB := label.SVG(urls[0], label.High)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("two SVGs of one URL differ (%v, %v)", errA, errB)
		}
	}
}

func TestRefusedURL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url  string
		code traceability.Code
	}{
		"empty":     {"", traceability.CodeMissing},
		"too long":  {"https://t.example/" + strings.Repeat("a", label.MaxURL), traceability.CodeInvalid},
		"relative":  {"/01/06901234567892/10/A01", traceability.CodeInvalid},
		"no host":   {"https:///01/06901234567892/10/A01", traceability.CodeInvalid},
		"scheme":    {"javascript:alert(1)", traceability.CodeInvalid},
		"Chinese":   {"https://t.example/批次", traceability.CodeInvalid},
		"space":     {"https://t.example/a b", traceability.CodeInvalid},
		"line feed": {"https://t.example/a\nb", traceability.CodeInvalid},
		"escape":    {"https://t.example/%zz", traceability.CodeInvalid},
		"not UTF-8": {"https://t.example/\xff", traceability.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, errPNG := label.PNG(c.url, label.Medium, 512)
			_, errSVG := label.SVG(c.url, label.Medium)
			for _, err := range []error{errPNG, errSVG} {
				wantError(t, err, c.code, "url")
			}
		})
	}
	longest := "https://t.example/" + strings.Repeat("a", label.MaxURL-len("https://t.example/"))
	if _, err := label.PNG(longest, label.High, 512); err != nil {
		t.Errorf("a URL of MaxURL bytes: %v", err)
	}
}

func TestRefusedSizeAndLevel(t *testing.T) {
	t.Parallel()
	for _, size := range []int{-1, 0, label.MinSize - 1, 97, label.MaxSize + 1} {
		_, err := label.PNG(urls[0], label.High, size)
		wantError(t, err, traceability.CodeInvalid, "size")
	}
	_, err := label.PNG(urls[0], label.High, 97)
	if want := "≥ 98 px"; !strings.Contains(fmt.Sprint(err), want) {
		t.Errorf("the error %q does not name the smallest size, %q", err, want)
	}
	_, err = label.PNG(urls[0], "X", 512)
	wantError(t, err, traceability.CodeInvalid, "level")
}

func wantError(tb testing.TB, err error, code traceability.Code, field string) {
	tb.Helper()
	var e *traceability.Error
	if !errors.As(err, &e) || e.Code != code || e.Field != field || e.ZH == "" || e.EN == "" {
		tb.Errorf("error is %v, want %s for %s in Chinese and English", err, code, field)
	}
}

func ExampleSVG() {
	svg, err := label.SVG("https://trace.example.cn/01/06901234567892/10/A01", label.High)
	if err != nil {
		fmt.Println(err)
		return
	}
	os.Stdout.Write(svg[:bytes.IndexByte(svg, '>')+1])
	// Output: <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 45 45" role="img" shape-rendering="crispEdges">
}

func FuzzPNG(f *testing.F) {
	for _, url := range urls {
		f.Add(url, "H", 236)
	}
	f.Add("https://t.example/%", "q", 64)
	f.Fuzz(func(t *testing.T, url, level string, size int) {
		l, err := label.ParseLevel(level)
		if err != nil {
			wantError(t, err, traceability.CodeInvalid, "level")
			return
		}
		if data, err := label.PNG(url, l, size); err == nil && !bytes.HasPrefix(data, []byte("\x89PNG")) {
			t.Error("neither a picture nor an error")
		} else if err != nil && traceability.CodeOf(err) == traceability.CodeInternal {
			t.Errorf("bad input is not explained: %v", err)
		}
	})
}

func BenchmarkPNG(b *testing.B) {
	for b.Loop() {
		if _, err := label.PNG(urls[0], label.Medium, printed); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "PNG/s")
}

func BenchmarkSVG(b *testing.B) {
	for b.Loop() {
		if _, err := label.SVG(urls[0], label.Medium); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "SVG/s")
}
