package page

import "golang.org/x/text/language"

// Lang is a language that the pages speak.
type Lang string

// The languages.
const (
	LangZH Lang = "zh" // Chinese, in simplified characters; the default
	LangEN Lang = "en"
)

// maxAcceptLanguage is how much of the header is looked at: a browser sends
// under 100 bytes, and parsing a longer one would be work for nobody.
const maxAcceptLanguage = 500

var matcher = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// Negotiate chooses the language: the one that the reader asked for in the
// address (?lang=), or else the best of the Accept-Language header, or else
// Chinese.
func Negotiate(queryLang, acceptLanguage string) Lang {
	for _, wish := range []string{queryLang, acceptLanguage} {
		if wish == "" || len(wish) > maxAcceptLanguage {
			continue
		}
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, index, confidence := matcher.Match(tags...); confidence != language.No {
			return [...]Lang{LangZH, LangEN}[index]
		}
	}
	return LangZH
}

// Tag returns the language as HTML names it.
func (l Lang) Tag() string {
	if l == LangEN {
		return "en"
	}
	return "zh-Hans"
}

// Other returns the language that the switch leads to.
func (l Lang) Other() Lang {
	if l == LangEN {
		return LangZH
	}
	return LangEN
}
