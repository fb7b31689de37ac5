package label_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"deltatrace/api/label"
	"deltatrace/traceability"
)

// lots makes n labels with texts of every kind, each with a URL of its own.
func lots(n int) []label.Label {
	kinds := []label.Label{
		{Product: "阳澄湖大闸蟹（公 4 两）", Date: "2026-11-22", DateKind: traceability.DateHarvest, Producer: "苏州示例湖蟹养殖专业合作社联合社有限公司", Note: "净含量 800 g · 0～4 ℃ 冷藏"},
		{Product: "上海青", Date: "2026-01-04", Producer: "余杭示例蔬菜基地"},
		{Product: "六年陈酿镇江香醋礼盒装（不添加防腐剂，配料：糯米、麸皮、食用盐、白砂糖）", Date: "2026-01-04", DateKind: traceability.DateProduction, Producer: "江苏示例酿造股份有限公司镇江新区第二分公司灌装车间", Note: "500毫升/瓶 保质期36个月 请置于阴凉干燥处避免阳光直射"},
		{Product: "Green tea Longjing, hand-picked, first spring harvest", Date: "2026-04-01", Producer: "Hangzhou Example Tea Co., Ltd. 🍵", Note: "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"},
	}
	labels := make([]label.Label, n)
	for i := range labels {
		l := kinds[i%len(kinds)]
		l.Batch = fmt.Sprintf("A2026-%04d", i)
		l.URL = "https://trace.example.cn/01/06901234567892/10/" + l.Batch
		if i%2 == 1 {
			l.URL = "https://trace.example.cn/cn/91330106MA1FPX121E/QC-100/" + l.Batch
		}
		labels[i] = l
	}
	return labels
}

// mustSheet writes a sheet to a file and returns its name.
func mustSheet(tb testing.TB, labels []label.Label, o label.SheetOptions) string {
	tb.Helper()
	var out bytes.Buffer
	if err := label.Sheet(&out, labels, o); err != nil {
		tb.Fatal(err)
	}
	file := filepath.Join(tb.TempDir(), "sheet.pdf")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

// poppler runs one of poppler's programs; a complaint about the file is a
// failure even where the program goes on.
func poppler(tb testing.TB, name string, args ...string) string {
	tb.Helper()
	tool(tb, name)
	cmd := exec.Command(name, args...)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil || complaints.Len() > 0 {
		tb.Fatalf("%s: %v %s", name, err, complaints.Bytes())
	}
	return out.String()
}

// TestSheetIsScanned prints the sheet at 300 dpi, cuts it along its labels and
// reads each, as a phone does that is held over one label. (Given a whole page
// of 24, zbar sometimes joins corners of neighbouring codes and misses both.)
func TestSheetIsScanned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                   string
		labels                 int
		o                      label.SheetOptions
		columns, rows          int
		left, top, right, down float64 // of the first label and on to the next, mm
	}{
		{"24 a page from the 4th on", 23, label.SheetOptions{Start: 3}, 3, 8, 0, .5, 70, 37},
		{"24 a page, level H, cut marks", 24, label.SheetOptions{Level: label.High, CutMarks: true}, 3, 8, 0, .5, 70, 37},
		{"14 a page", 15, label.SheetOptions{Layout: label.Sheet14, Lang: "en", Level: label.Quartile, CutMarks: true}, 2, 7, 4.65, 15.15, 101.6, 38.1},
		{"1 a page", 2, label.SheetOptions{Layout: label.Poster}, 1, 1, 0, 0, 210, 297},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			labels := lots(c.labels)
			file := mustSheet(t, labels, c.o)
			pages := strings.TrimSuffix(file, ".pdf")
			poppler(t, "pdftoppm", "-r", "300", "-gray", file, pages)
			rasters, err := filepath.Glob(pages + "*.pgm") // in the order of the pages
			cells := c.columns * c.rows
			if want := (c.o.Start + c.labels + cells - 1) / cells; err != nil || len(rasters) != want {
				t.Fatalf("%d pages, want %d (%v)", len(rasters), want, err)
			}
			px := func(mm float64) int { return int(mm / 25.4 * 300) }
			var page *image.Gray
			for i, l := range labels {
				cell := (c.o.Start + i) % cells
				if i == 0 || cell == 0 {
					page = mustPGM(t, rasters[(c.o.Start+i)/cells])
				}
				at := image.Pt(px(c.left+float64(cell%c.columns)*c.right), px(c.top+float64(cell/c.columns)*c.down))
				one := page.SubImage(image.Rectangle{at, at.Add(image.Pt(px(c.right), px(c.down)))})
				wantScanned(t, scanImage(t, one), l.URL)
			}
		})
	}
}

// mustPGM reads a grey picture as pdftoppm writes it.
func mustPGM(tb testing.TB, file string) *image.Gray {
	tb.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	var w, h int
	if _, err := fmt.Sscanf(string(data[:20]), "P5\n%d %d\n255\n", &w, &h); err != nil || len(data) < w*h {
		tb.Fatalf("%s is not a PGM: %v", file, err)
	}
	return &image.Gray{Pix: data[len(data)-w*h:], Stride: w, Rect: image.Rect(0, 0, w, h)}
}

func TestSheetHasTexts(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string][]string{
		"zh": {
			"阳澄湖大闸蟹（公4两）", "批号A2026-0000", "采收日期2026-11-22", "生产者苏州示例湖蟹养殖专业合作社联合社有限公司",
			"净含量800g·0～4°C冷藏", "扫码查看检验结果与来源", "trace.example.cn/01/06901234567892/10/A2026-0000",
			"日期2026-01-04", "六年陈酿镇江香醋礼盒", "〓", "cn/91330106MA1FPX121E/QC-100/A2026-0001",
		},
		"en": {
			"阳澄湖大闸蟹（公4两）", "BatchA2026-0000", "Harvested2026-11-22", "Producer苏州示例湖蟹养殖专业合作社联合社有限公司",
			"Scanfortestresultsandorigin", "Date2026-01-04",
		},
	} {
		text := poppler(t, "pdftotext", mustSheet(t, lots(4), label.SheetOptions{Lang: lang, Layout: label.Poster}), "-")
		text = strings.Join(strings.Fields(text), "")
		for _, s := range want {
			if !strings.Contains(text, s) {
				t.Errorf("%s: %q is not among the texts:\n%s", lang, s, text)
			}
		}
		if strings.Contains(text, "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW") {
			t.Errorf("%s: a text longer than its place was not shortened", lang)
		}
	}
}

// TestSheetTextsStayOnTheirLabels measures, in the finished PDF, where every
// word is: on its own label, away from the edge, beside the code.
func TestSheetTextsStayOnTheirLabels(t *testing.T) {
	t.Parallel()
	const pt = 25.4 / 72
	labels := lots(20)
	labels[5].Product = strings.Repeat("W", 500)
	labels[6].Product, labels[6].Producer = strings.Repeat("龘", 500), strings.Repeat("，", 500)
	labels[7].Batch, labels[7].Date = strings.Repeat("批", 100), strings.Repeat("9", 100)
	labels[8].URL = "https://trace.example.cn/01/06901234567892/10/" + strings.Repeat("%2F", 20)
	text := poppler(t, "pdftotext", "-bbox", mustSheet(t, labels, label.SheetOptions{Start: 4}), "-")
	var doc struct {
		Words []struct {
			XMin float64 `xml:"xMin,attr"`
			XMax float64 `xml:"xMax,attr"`
			YMin float64 `xml:"yMin,attr"`
			YMax float64 `xml:"yMax,attr"`
			Text string  `xml:",chardata"`
		} `xml:"body>doc>page>word"`
	}
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	used := map[int]bool{}
	for _, w := range doc.Words {
		x0, x1, y0, y1 := w.XMin*pt, w.XMax*pt, w.YMin*pt-.5, w.YMax*pt-.5
		column, row := int((x0+x1)/2/70), int((y0+y1)/2/37)
		used[row*3+column] = true
		x0, x1, y0, y1 = x0-float64(column)*70, x1-float64(column)*70, y0-float64(row)*37, y1-float64(row)*37
		if x0 < 4.5 || x1 > 65.5 || y0 < 2 || y1 > 35 {
			t.Errorf("%q is at %.1f…%.1f, %.1f…%.1f mm of its label", w.Text, x0, x1, y0, y1)
		}
		if x0 < 29 && y0 < 29 {
			t.Errorf("%q is in the code's quiet zone, at %.1f, %.1f mm", w.Text, x0, y0)
		}
	}
	for cell := range 24 {
		if used[cell] != (cell >= 4) {
			t.Errorf("cell %d: printed %v, want %v", cell, used[cell], cell >= 4)
		}
	}
}

func TestSheetMetadata(t *testing.T) {
	t.Parallel()
	file := mustSheet(t, lots(3), label.SheetOptions{})
	info := poppler(t, "pdfinfo", file)
	for _, want := range []string{"食品追溯二维码标签", "deltatrace", "A4", "Pages:           1"} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo does not say %q:\n%s", want, info)
		}
	}
	if strings.Contains(info, "Date") {
		t.Errorf("a date makes every file another:\n%s", info)
	}
	fonts := poppler(t, "pdffonts", file)
	if n := strings.Count(fonts, "yes yes yes"); n != 2 {
		t.Errorf("%d fonts are embedded as subsets with a map to Unicode, want 2:\n%s", n, fonts)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/Lang (zh-CN)", "/PrintScaling /None"} {
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("the PDF has no %s", want)
		}
	}
	if len(data) > 200_000 {
		t.Errorf("three labels take %d bytes: the font is not a subset", len(data))
	}
}

func TestSheetIsDeterministic(t *testing.T) {
	t.Parallel()
	var a, b, c bytes.Buffer
	err := errors.Join(
		label.Sheet(&a, lots(30), label.SheetOptions{CutMarks: true}),
		label.Sheet(&b, lots(30), label.SheetOptions{CutMarks: true}),
		label.Sheet(&c, lots(30), label.SheetOptions{}),
	)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same labels gave other bytes")
	}
	if bytes.Equal(a.Bytes(), c.Bytes()) {
		t.Error("other options gave the same bytes")
	}
}

func TestSheetRefuses(t *testing.T) {
	t.Parallel()
	bad := lots(5)
	bad[3].URL = "ftp://t.example/"
	for name, c := range map[string]struct {
		labels []label.Label
		o      label.SheetOptions
		code   traceability.Code
		field  string
	}{
		"no labels":    {nil, label.SheetOptions{}, traceability.CodeMissing, "labels"},
		"too many":     {make([]label.Label, label.MaxLabels+1), label.SheetOptions{}, traceability.CodeTooMany, "labels"},
		"bad URL":      {bad, label.SheetOptions{}, traceability.CodeInvalid, "labels[3].url"},
		"no URL":       {make([]label.Label, 1), label.SheetOptions{}, traceability.CodeMissing, "labels[0].url"},
		"language":     {lots(1), label.SheetOptions{Lang: "fr"}, traceability.CodeInvalid, "lang"},
		"level":        {lots(1), label.SheetOptions{Level: "Z"}, traceability.CodeInvalid, "level"},
		"layout":       {lots(1), label.SheetOptions{Layout: "9x9"}, traceability.CodeInvalid, "layout"},
		"start below":  {lots(1), label.SheetOptions{Start: -1}, traceability.CodeInvalid, "start"},
		"start beyond": {lots(1), label.SheetOptions{Start: 24}, traceability.CodeInvalid, "start"},
	} {
		var out bytes.Buffer
		wantError(t, label.Sheet(&out, c.labels, c.o), c.code, c.field)
		if out.Len() > 0 {
			t.Errorf("%s: %d bytes were written in spite of the error", name, out.Len())
		}
	}
}

func TestSheetPassesWriteErrors(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	r.CloseWithError(io.ErrClosedPipe)
	if err := label.Sheet(w, lots(1), label.SheetOptions{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error is %v, want the writer's", err)
	}
}

func ExampleSheet() {
	var pdf bytes.Buffer
	err := label.Sheet(&pdf, []label.Label{{
		URL: "https://trace.example.cn/cn/91330106MA1FPX121E/QC-100/20260104", Product: "上海青", Batch: "20260104",
		Date: "2026-01-04", DateKind: traceability.DateHarvest, Producer: "余杭示例蔬菜基地",
	}}, label.SheetOptions{Level: label.Quartile, Start: 5})
	fmt.Println(err, pdf.String()[:8])
	// Output: <nil> %PDF-1.7
}

func FuzzSheet(f *testing.F) {
	for i, l := range lots(4) {
		f.Add(l.URL, l.Product, l.Batch, l.Producer, l.Note, i)
	}
	f.Add("https://t.example/", "\x00\x1b[31m茶🍵\u202e\xff", "()\\<>", "%PDF\nendstream", "\U0010ffff\uffff", 0)
	f.Fuzz(func(t *testing.T, url, product, batch, producer, note string, start int) {
		var out bytes.Buffer
		l := label.Label{URL: url, Product: product, Batch: batch, Date: note, DateKind: traceability.DateKind(batch), Producer: producer, Note: note}
		err := label.Sheet(&out, []label.Label{l}, label.SheetOptions{Start: start})
		if err != nil {
			if traceability.CodeOf(err) == traceability.CodeInternal {
				t.Errorf("bad input is not explained: %v", err)
			}
			return
		}
		if !bytes.HasPrefix(out.Bytes(), []byte("%PDF-")) || !bytes.HasSuffix(out.Bytes(), []byte("%%EOF\n")) {
			t.Error("neither a PDF nor an error")
		}
	})
}

func BenchmarkSheet(b *testing.B) {
	for _, n := range []int{24, label.MaxLabels} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			labels := lots(n)
			b.ReportAllocs()
			for b.Loop() {
				if err := label.Sheet(io.Discard, labels, label.SheetOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "labels/s")
		})
	}
}
