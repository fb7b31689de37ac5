package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"deltatrace/traceability"
)

// Options configures the pages.
type Options struct {
	// PublicURL is where consumers reach this server, without a slash at the
	// end: https://trace.example. It stands in the pages as text and as their
	// canonical address; links are relative.
	PublicURL string
}

// Site renders the pages. It is safe for concurrent use.
type Site struct {
	publicURL string
	assets    map[string]asset
	pages     map[Lang]map[string]*template.Template
}

// Result is a rendered page: UTF-8 HTML, and its entity tag with the quotes.
type Result struct {
	Status int
	Body   []byte
	ETag   string
}

// New parses the templates, once for each language.
func New(o Options) (*Site, error) {
	public := strings.TrimRight(o.PublicURL, "/")
	if u, err := url.Parse(public); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, traceability.Invalid("public_url", o.PublicURL, "http or https with a host: https://trace.example")
	}
	assets, err := loadAssets()
	if err != nil {
		return nil, err
	}
	s := &Site{publicURL: public, assets: assets, pages: make(map[Lang]map[string]*template.Template)}
	for _, lang := range []Lang{LangZH, LangEN} {
		s.pages[lang] = make(map[string]*template.Template)
		for _, name := range []string{"batch", "suspended", "home", "notice", "failures", "failure", "recalls", "recall", "shop"} {
			if s.pages[lang][name], err = parsePage(lang, name); err != nil {
				return nil, fmt.Errorf("parse page %s: %w", name, err)
			}
		}
	}
	return s, nil
}

var plainText = regexp.MustCompile(`{{t "([^"]+)"}}`)

// parsePage reads the templates that make a page: the layout, the parts and its
// own. A text that takes no arguments is set where it stands now, once, rather
// than looked up whenever the page is shown: they are most of a page.
func parsePage(lang Lang, name string) (*template.Template, error) {
	page := template.New(name).Funcs(functions(lang))
	parts, err := fs.Glob(files, "templates/part_*.html")
	if err != nil {
		return nil, err
	}
	for _, path := range append(parts, "templates/layout.html", "templates/"+name+".html") {
		source, err := files.ReadFile(path)
		if err != nil {
			return nil, err
		}
		set := plainText.ReplaceAllStringFunc(string(source), func(action string) string {
			text, missing := lookUp(lang, Key(plainText.FindStringSubmatch(action)[1]))
			err = errors.Join(err, missing)
			return template.HTMLEscapeString(text)
		})
		if err != nil {
			return nil, err
		}
		if _, err := page.Parse(set); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// frame is what every page has around its main part.
type frame struct {
	Lang      Lang
	Title     string
	Style     string // addresses of the assets
	Icon      string
	Canonical string // absolute, or empty
	Switch    string // address of this page in the other language
	Main      any
}

// render fills in a page. path is its canonical path, or empty for a page that
// has none; query is what the language switch keeps.
func (s *Site) render(lang Lang, status int, name, title, path, query string, main any) (Result, error) {
	f := frame{
		Lang: lang, Title: title, Main: main,
		Style: s.assets["style.css"].url, Icon: s.assets["favicon.svg"].url,
		Switch: "?" + query + "lang=" + string(lang.Other()),
	}
	if path != "" {
		f.Canonical = s.publicURL + path
	}
	var b bytes.Buffer
	b.Grow(32 << 10)
	if err := s.pages[lang][name].ExecuteTemplate(&b, "layout", f); err != nil {
		return Result{}, fmt.Errorf("render page %s: %w", name, err)
	}
	sum := sha256.Sum256(b.Bytes())
	return Result{Status: status, Body: b.Bytes(), ETag: `"` + hex.EncodeToString(sum[:16]) + `"`}, nil
}

// must is for pages made of words of our own only. That they render is tested;
// should one fail nevertheless, the reader still gets the status.
func must(r Result, err error) Result {
	if err != nil {
		status := http.StatusInternalServerError
		return Result{Status: status, Body: []byte(http.StatusText(status)), ETag: `"error"`}
	}
	return r
}
