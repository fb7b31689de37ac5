package page

import (
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

func TestNegotiate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		query, header string
		want          Lang
	}{
		{"", "", LangZH},
		{"en", "zh-CN", LangEN},
		{"zh", "en-GB,en;q=0.9", LangZH},
		{"EN-us", "", LangEN},
		{"zh-TW", "en", LangZH},
		{"klingon!!", "en", LangEN},
		{"", "en-GB,en;q=0.9", LangEN},
		{"", "zh-CN,zh;q=0.9,en;q=0.8", LangZH},
		{"", "zh-Hant-HK", LangZH},
		{"", "fr-FR,fr;q=0.9,en;q=0.5", LangEN},
		{"", "ja", LangZH},
		{"", "*", LangZH},
		{"", "en;q=0.1,zh;q=0.9", LangZH},
		{"", ";;;q=", LangZH},
		{"", strings.Repeat("en,", 1000), LangZH}, // longer than anyone sends
	}
	for _, test := range tests {
		if got := Negotiate(test.query, test.header); got != test.want {
			t.Errorf("Negotiate(%q, %.40q) is %s, not %s", test.query, test.header, got, test.want)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 0, 30, 59, 0, time.UTC)
	for _, test := range []struct{ got, want string }{
		{when(LangZH, at), "2026-11-22 08:30"},
		{when(LangEN, at), "22 Nov 2026, 08:30 (UTC+8)"},
		{when(LangZH, time.Time{}), ""},
		{date(LangZH, "2026-11-02"), "2026-11-02"},
		{date(LangEN, "2026-11-02"), "2 Nov 2026"},
		{date(LangEN, "soon"), "soon"},
		{place(LangZH, traceability.Place{Division: "330106", Name: "一号棚"}), "浙江省杭州市西湖区 一号棚"},
		{place(LangEN, traceability.Place{Division: "330106"}), "Zhejiang · 浙江省杭州市西湖区"},
		{place(LangEN, traceability.Place{Division: "440000", Name: "广州"}), "广州"},
		{place(LangZH, traceability.Place{}), ""},
		{blank(" ／ "), "—"},
		{blank("0"), "0"},
		{string(say(LangEN, "青菜 <b>")), `<span lang="zh-Hans">青菜 &lt;b&gt;</span>`},
		{string(say(LangZH, "青菜 <b>")), "青菜 &lt;b&gt;"},
		{string(say(LangEN, "GB 4789")), "GB 4789"},
	} {
		if test.got != test.want {
			t.Errorf("%q, not %q", test.got, test.want)
		}
	}
}
