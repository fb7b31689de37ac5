package openapi

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"sync"

	"deltatrace/traceability"
)

//go:embed openapi.yaml
var spec []byte

//go:embed style.css
var style []byte

//go:embed page.html
var pageTemplate string

//go:embed errors.html
var errorsTemplate string

// Site holds the pages; each is made when it is first asked for.
type Site struct {
	page   func() ([]byte, error)
	errors func() ([]byte, error)
}

// NewSite returns the pages.
func NewSite() Site {
	return Site{
		page: sync.OnceValues(func() ([]byte, error) {
			description, err := describe(spec)
			if err != nil {
				return nil, err
			}
			return render(pageTemplate, description)
		}),
		errors: sync.OnceValues(func() ([]byte, error) {
			return render(errorsTemplate, groups())
		}),
	}
}

// Spec returns openapi.yaml.
func (Site) Spec() []byte { return spec }

// Style returns the style sheet of the pages.
func (Site) Style() []byte { return style }

// Page returns the description as HTML.
func (s Site) Page() ([]byte, error) { return s.page() }

// Errors returns the table of error codes as HTML, each code with its own
// fragment: /docs/errors#conflict.
func (s Site) Errors() ([]byte, error) { return s.errors() }

func render(text string, data any) ([]byte, error) {
	t, err := template.New("").Funcs(template.FuncMap{"prose": prose}).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("parse page: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("render page: %w", err)
	}
	return b.Bytes(), nil
}

// group is the codes of one kind.
type group struct {
	Kind, ZH, About string
	Codes           []traceability.CodeInfo
}

func groups() []group {
	list := []group{
		{Kind: "document", ZH: "文档", About: "What is wrong with a document as such, or that it is there already."},
		{Kind: "content", ZH: "内容", About: "What is wrong with what a document says. `field`, `found` and `expected` say where."},
		{Kind: "warning", ZH: "提示", About: "The document is accepted; the remark is recorded with it."},
		{Kind: "request", ZH: "请求", About: "What is wrong with a request, or with this server."},
		{Kind: "machine", ZH: "服务器", About: "What is wrong with the server's machine: `/readyz` says it, and what keeps it from taking documents is an answer too."},
	}
	for _, info := range traceability.CodeTable() {
		for i := range list {
			if list[i].Kind == info.Kind {
				list[i].Codes = append(list[i].Codes, info)
			}
		}
	}
	return list
}
