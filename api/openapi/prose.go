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

// fence stands before and after what is to be pasted.
const fence = "```"

// prose turns a description into paragraphs, and what is fenced into blocks.
func prose(text string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(text, fence) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if i%2 == 1 {
			b.WriteString(`<pre tabindex="0" aria-label="Commands to paste"><code>` + template.HTMLEscapeString(part) + "</code></pre>")
			continue
		}
		for paragraph := range strings.SplitSeq(part, "\n\n") {
			html := template.HTMLEscapeString(strings.TrimSpace(paragraph))
			for _, m := range marks {
				html = m.mark.ReplaceAllString(html, m.html)
			}
			b.WriteString("<p>" + html + "</p>")
		}
	}
	return template.HTML(b.String())
}
