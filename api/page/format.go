package page

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"
	"unicode"

	"deltatrace/traceability"
)

// functions are what the templates may call.
func functions(lang Lang) template.FuncMap {
	return template.FuncMap{
		"t":         func(k Key, args ...any) (string, error) { return lookUp(lang, k, args...) },
		"sentence":  func(s sentence) (string, error) { return lookUp(lang, s.Key, s.Args...) },
		"items":     func(items []itemView, caption string) itemTable { return itemTable{items, caption} },
		"say":       func(s string) template.HTML { return say(lang, s) },
		"when":      func(t time.Time) string { return when(lang, t) },
		"date":      func(d traceability.Date) string { return date(lang, d) },
		"datetime":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"lang":      func() Lang { return lang },
		"short":     short,
		"blank":     blank,
		"lotURL":    func(id traceability.LotID) string { return id.Path() + "?lang=" + string(lang) },
		"lotJSON":   lotJSON,
		"recallURL": func(id traceability.RecallID) string { return recallPath(id) + "?lang=" + string(lang) },
		"actKey":    func(a traceability.Act) Key { return Key("act." + string(a)) },
		"day":       func(t time.Time) traceability.Date { return traceability.DateOf(t) },
		"creditKey": func(k traceability.CreditKind) Key { return Key("credit." + string(k)) },
		"topic":     func(topic string) string { return topicWord(lang, topic) },
		"noticeURL": func(id traceability.NoticeID) string { return noticePath(id) + "?lang=" + string(lang) },
	}
}

// when writes an instant as people in China read a clock.
func when(lang Lang, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(traceability.ChinaTime())
	if lang == LangEN {
		return t.Format("2 Jan 2006, 15:04") + " (UTC+8)"
	}
	return t.Format("2006-01-02 15:04")
}

// date writes a calendar day.
func date(lang Lang, d traceability.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil || lang != LangEN {
		return string(d)
	}
	return t.Format("2 Jan 2006")
}

// say marks a Chinese text on an English page as Chinese, so that a screen
// reader speaks it and a browser picks the right glyphs.
func say(lang Lang, s string) template.HTML {
	escaped := template.HTMLEscapeString(s)
	if lang == LangEN && strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		escaped = `<span lang="zh-Hans">` + escaped + `</span>`
	}
	return template.HTML(escaped)
}

func separator(lang Lang) string {
	if lang == LangEN {
		return ", "
	}
	return "、"
}

// short cuts a hash to what people compare by eye.
func short(hash any) string {
	s := fmt.Sprint(hash)
	if len(s) <= 14 {
		return s
	}
	return s[:12] + "…"
}

// blank writes a dash where a report prints a placeholder.
func blank(s string) string {
	switch strings.TrimSpace(s) {
	case "", "/", "／", "-", "--", "—", "——":
		return "—"
	}
	return s
}

// lotJSON is the address of the lot for programs.
func lotJSON(id traceability.LotID) string { return "/v1/lots/" + url.PathEscape(string(id)) }

// prefer returns the English text on an English page if there is one.
func prefer(lang Lang, zh, en string) string {
	if lang == LangEN && en != "" {
		return en
	}
	return zh
}

// province names a province in the reader's language.
func province(lang Lang, p traceability.ProvinceCode) string {
	return prefer(lang, p.NameZH(), p.NameEN())
}

// place writes where something is: the division from the province down, then
// the name of the place.
func place(lang Lang, p traceability.Place) string {
	zh := strings.TrimSpace(traceability.DivisionName(p.Division) + " " + p.Name)
	if en := province(LangEN, p.Division.Province()); lang == LangEN && en != "" {
		return strings.TrimSuffix(en+" · "+zh, " · ")
	}
	return zh
}
