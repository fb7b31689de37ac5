package openapi

import (
	"html/template"
	"regexp"
	"strings"
)

// marks are the few marks of Markdown that the description uses.
var marks = []struct {
	mark *regexp.Regexp
	html string
}{
	{regexp.MustCompile("`([^`]+)`"), "<code>$1</code>"},
	{regexp.MustCompile(`\*\*([^*]+)\*\*`), "<strong>$1</strong>"},
	{regexp.MustCompile(`\[([^\]]+)\]\((/[a-z/#._-]*)\)`), `<a href="$2">$1</a>`},
}

// prose turns a description into paragraphs.
func prose(text string) template.HTML {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		html := template.HTMLEscapeString(strings.TrimSpace(paragraph))
		for _, m := range marks {
			html = m.mark.ReplaceAllString(html, m.html)
		}
		b.WriteString("<p>" + html + "</p>")
	}
	return template.HTML(b.String())
}
