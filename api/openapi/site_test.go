package openapi_test

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/net/html"

	"deltatrace/api/openapi"
	"deltatrace/traceability"
)

// TestPageIsComplete looks for every operation and every schema.
func TestPageIsComplete(t *testing.T) {
	t.Parallel()
	site := openapi.NewSite()
	body, err := site.Page()
	if err != nil {
		t.Fatal(err)
	}
	page := string(body)
	doc, err := openapi3.NewLoader().LoadFromData(site.Spec())
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			if o.OperationID == "" || !strings.Contains(page, `id="`+o.OperationID+`"`) || !strings.Contains(page, `href="#`+o.OperationID+`"`) {
				t.Errorf("%s %s is not on the page", method, path)
			}
			if o.Summary == "" || len(o.Tags) != 1 {
				t.Errorf("%s %s has no summary, or not one tag", method, path)
			}
		}
	}
	for name := range doc.Components.Schemas {
		if !strings.Contains(page, `id="`+name+`"`) {
			t.Errorf("schema %s is not on the page", name)
		}
	}
}

func TestErrorsPageHasEveryCode(t *testing.T) {
	t.Parallel()
	body, err := openapi.NewSite().Errors()
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range traceability.CodeTable() {
		if !strings.Contains(string(body), `id="`+string(info.Code)+`"`) || !strings.Contains(string(body), info.ZH) {
			t.Errorf("%s is not on the page", info.Code)
		}
	}
}

// TestPagesStandAlone holds that the pages are well formed, ask nobody else for
// anything, have no scripts or inline styles, unique ids, and links that lead
// somewhere.
func TestPagesStandAlone(t *testing.T) {
	t.Parallel()
	site := openapi.NewSite()
	for name, make := range map[string]func() ([]byte, error){"page": site.Page, "errors": site.Errors} {
		body, err := make()
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`(src|href)="(https?:)?//|<script|style="|<iframe`).FindString(string(body)); found != "" {
			t.Errorf("%s has %s", name, found)
		}
		ids, links := map[string]bool{}, []string(nil)
		tokens := html.NewTokenizer(strings.NewReader(string(body)))
		depth := 0
		for tokens.Next() != html.ErrorToken {
			token := tokens.Token()
			switch token.Type {
			case html.StartTagToken:
				if token.Data != "meta" && token.Data != "link" {
					depth++
				}
			case html.EndTagToken:
				depth--
			}
			for _, a := range token.Attr {
				switch {
				case a.Key == "id" && ids[a.Val]:
					t.Errorf("%s: id %s twice", name, a.Val)
				case a.Key == "id":
					ids[a.Val] = true
				case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
					links = append(links, a.Val[1:])
				}
			}
		}
		if err := tokens.Err(); err != io.EOF || depth != 0 {
			t.Errorf("%s: %v, %d tags are not closed", name, err, depth)
		}
		for _, link := range links {
			if !ids[link] {
				t.Errorf("%s: #%s leads nowhere", name, link)
			}
		}
	}
}

func ExampleSite() {
	page, err := openapi.NewSite().Errors()
	fmt.Println(strings.Contains(string(page), `<tr id="conflict">`), err)
	// Output: true <nil>
}
