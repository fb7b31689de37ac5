package label

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustFaces(tb testing.TB) *faces {
	tb.Helper()
	f, err := newFaces()
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func TestClean(t *testing.T) {
	t.Parallel()
	f := mustFaces(t)
	for name, c := range map[string]struct{ in, want string }{
		"plain":            {"上海青 Pak choi", "上海青 Pak choi"},
		"white space":      {"\t镇江\r\n香醋\u3000 六年 ", "镇江 香醋 六年"},
		"full width stays": {"大闸蟹（公４两），", "大闸蟹（公４两），"},
		"signs":            {"≤0.5 mg/kg — “一级”…", "≤0.5 mg/kg — “一级”…"},
		"compatibility":    {"4℃ ① ㎏", "4°C 1 ㎏"},
		"accents compose":  {"cafe\u0301", "café"},
		"stray accents go": {"a\u0336\u0489b", "ab"},
		"emoji":            {"茶🍵", "茶〓"},
		"joined emoji":     {"👩\u200d🌾", "〓〓"},
		"control":          {"a\x01b\x7f", "a〓b〓"},
		"direction":        {"lot\u202e321", "lot321"},
		"beyond the BMP":   {"𠮷野家", "〓野家"},
		"not UTF-8":        {"a\xffb", "a\ufffdb"},
		"nothing":          {" \u200b\n", ""},
		"endless":          {strings.Repeat("长", 10*maxText), strings.Repeat("长", maxText)},
	} {
		if got := f.clean(c.in); got != c.want {
			t.Errorf("%s: clean(%q) = %q, want %q", name, c.in, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	f := mustFaces(t)
	em := mm(10) // one Chinese character at 10 pt
	for name, c := range map[string]struct {
		caption, in string
		ems         float64
		lines       int
		want        []string
	}{
		"fits":                    {"", "镇江香醋", 4.01, 2, []string{"镇江香醋"}},
		"two lines":               {"", "镇江香醋六年陈酿", 4.01, 2, []string{"镇江香醋", "六年陈酿"}},
		"shortened":               {"", "镇江香醋六年陈酿礼盒装", 4.01, 2, []string{"镇江香醋", "六年陈…"}},
		"one line":                {"", "镇江香醋六年陈酿", 4.01, 1, []string{"镇江香…"}},
		"caption":                 {"生产者", "镇江香醋六年", 6.01, 2, []string{"镇江", "香醋六年"}},
		"comma stays":             {"", "镇江香醋，六年陈酿", 4.01, 3, []string{"镇江香", "醋，六年", "陈酿"}},
		"bracket stays":           {"", "大闸蟹（公四两）", 4.01, 3, []string{"大闸蟹", "（公四", "两）"}},
		"words":                   {"", "Green tea Longjing", 6, 3, []string{"Green tea", "Longjing"}},
		"long word":               {"", "ABCDEFGHIJKL", 4, 2, []string{"ABCDEF", "GHIJKL"}},
		"mixed":                   {"", "有机Longjing茶", 4.6, 2, []string{"有机", "Longjin…"}},
		"number stays with Latin": {"", "重量 500g", 4, 2, []string{"重量", "500g"}},
		"no room at all":          {"", "镇江香醋", .5, 3, []string{"镇", "江", "…"}},
	} {
		got := f.wrap(c.caption, c.in, 10, c.ems*em, c.lines)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestShortenHead(t *testing.T) {
	t.Parallel()
	f := mustFaces(t)
	const s = "cn/91330106MA1FPX121E/QC-100/20260104"
	if got := f.shortenHead(s, 10, f.width(s, 10)); got != s {
		t.Errorf("cut to %q though it fits", got)
	}
	got := f.shortenHead(s, 10, f.width("…100/20260104", 10)+.01)
	if want := "…100/20260104"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzSetting holds what keeps texts inside their place, for any text.
func FuzzSetting(f *testing.F) {
	for _, s := range []string{"上海青", "Green tea, spring harvest", "茶🍵\x00", "（（（（", strings.Repeat("，", 50), "a\u0301\u200d"} {
		f.Add(s, 10.0, uint8(2))
	}
	faces := mustFaces(f)
	f.Fuzz(func(t *testing.T, s string, most float64, lines uint8) {
		if !(most > 5 && most < 200) { // mm: a place takes at least a character and an ellipsis
			return
		}
		clean := faces.clean(s)
		if again := faces.clean(clean); again != clean {
			t.Errorf("clean(%q) = %q, cleaned again %q", s, clean, again)
		}
		rows := faces.wrap("", clean, 7, most, int(lines%4))
		if len(rows) > max(1, int(lines%4)) {
			t.Errorf("%d lines, want at most %d", len(rows), lines%4)
		}
		for _, row := range append(rows, faces.shortenHead(clean, 7, most)) {
			if w := faces.width(row, 7); w > most+1e-9 {
				t.Errorf("%q is %.2f mm wide, the place %.2f", row, w, most)
			}
			for _, r := range row {
				if !faces.has(r) {
					t.Errorf("%q has %q, for which there is no glyph", row, r)
				}
			}
		}
	})
}

func TestLayoutsKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	for _, l := range []Layout{Sheet24, Sheet14, Poster} {
		g, err := l.geometry()
		if err != nil {
			t.Fatal(err)
		}
		if g.qr < 20 {
			t.Errorf("%s: QR code of %g mm, want at least 20", l, g.qr)
		}
		// The largest modules that a lot's address can have: version 2, 25 a side.
		quiet := g.qr / 25 * quietZone
		beside := g.textX - (g.qrX + g.qr)
		below := g.lotY - mm(lotSize*g.scale) - (g.qrY + g.qr)
		if beside < quiet && g.textY-(g.qrY+g.qr) < mm(productSize*g.scale)*.1 {
			t.Errorf("%s: text %.2f mm beside the code, quiet zone is %.2f", l, beside, quiet)
		}
		if below < quiet && g.textX > g.qrX+g.qr {
			t.Errorf("%s: address %.2f mm below the code, quiet zone is %.2f", l, below, quiet)
		}
		x, y := g.corner(g.cells() - 1)
		for edge, room := range map[string]float64{
			"left":         g.left + min(g.qrX, g.lotX),
			"top":          g.top + min(g.qrY, g.textY+mm(1)),
			"right":        210 - x - g.textX - g.textWidth,
			"right of lot": 210 - x - g.lotX - g.lotWidth,
			"bottom":       297 - y - g.lotY,
		} {
			if room < 4.2 {
				t.Errorf("%s: %.2f mm from the paper's %s, printers leave 4.2 blank", l, room, edge)
			}
		}
	}
}
