package main

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// query reads a request's parameters. It keeps the first thing that is wrong,
// so that a handler reads all and asks once. A parameter that the address does
// not know is wrong too: a filter with a slip of the pen must not answer
// everything.
type query struct {
	c      echo.Context
	values url.Values
	wrong  error
}

func newQuery(c echo.Context, names ...string) *query {
	q := &query{c: c, values: c.QueryParams()}
	for name, values := range q.values {
		switch {
		case !slices.Contains(names, name):
			q.refuse(&traceability.Error{Code: traceability.CodeUnknownField, Field: name, Expected: strings.Join(names, ", "),
				ZH: "没有此查询参数：" + name, EN: "this address has no parameter " + name})
		case len(values) > 1:
			q.refuse(traceability.Invalid(name, strings.Join(values, ", "), "the parameter once"))
		}
	}
	return q
}

func (q *query) refuse(err error) {
	if q.wrong == nil {
		q.wrong = err
	}
}

// number reads a whole number in a range; otherwise is for an absent one.
func (q *query) number(name string, least, most, otherwise int) int {
	text := q.values.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		q.refuse(traceability.Invalid(name, text, "a number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most)))
		return otherwise
	}
	return n
}

// oneOf reads one of a few words; the first is for an absent one.
func (q *query) oneOf(name string, words ...string) string {
	text := q.values.Get(name)
	switch {
	case text == "":
		return words[0]
	case !slices.Contains(words, text):
		q.refuse(traceability.Invalid(name, text, strings.Join(words, ", ")))
	}
	return text
}

// text reads a name that is compared, not parsed.
func (q *query) text(name string) string {
	text := q.values.Get(name)
	if len(text) > 300 {
		q.refuse(traceability.Invalid(name, text[:300], "at most 300 bytes"))
		return ""
	}
	return text
}

// instant reads an RFC 3339 time; otherwise is for an absent one.
func (q *query) instant(name string, otherwise time.Time) time.Time {
	text := q.values.Get(name)
	if text == "" {
		return otherwise
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		q.refuse(traceability.Invalid(name, text, "an RFC 3339 time, such as 2026-11-23T08:00:00Z"))
		return otherwise
	}
	return t
}

// page reads limit and after, which was sealed by sealNext.
func (q *query) page() traceability.Page {
	page := q.openPage()
	place, err := q.c.Get(keyCursors).(*cursors).open(listOf(q.c), page.After)
	if err != nil {
		q.refuse(err)
	}
	page.After = place
	return page
}

// openPage reads limit and an after that everybody may read and keep.
func (q *query) openPage() traceability.Page {
	after := q.values.Get("after")
	if len(after) > 2000 {
		q.refuse(traceability.Invalid("after", after[:100], "the next of the page before"))
		after = ""
	}
	return traceability.Page{After: after, Limit: q.number("limit", 1, 1000, 100)}
}

// optional reads an identifier that may be absent.
func optional[T any](q *query, name string, parse func(string) (T, error)) T {
	var none T
	text := q.values.Get(name)
	if text == "" {
		return none
	}
	value, err := parse(text)
	if err != nil {
		q.refuse(at(err, name))
		return none
	}
	return value
}

// required reads an identifier that must be there.
func required[T any](q *query, name string, parse func(string) (T, error), expected string) T {
	if q.values.Get(name) == "" {
		q.refuse(traceability.Missing(name, expected))
	}
	return optional(q, name, parse)
}

// answerList answers with a list, redacted for the viewer, and with a Link to the next
// part (RFC 8288). What hides items whole is for visible: here the page is cut already.
func answerList[T any](c echo.Context, list traceability.List[T], see func(T) (T, bool)) error {
	seen := traceability.List[T]{Items: make([]T, 0, len(list.Items)), Next: sealNext(c, list.Next)}
	for _, item := range list.Items {
		if shown, ok := see(item); ok {
			seen.Items = append(seen.Items, shown)
		}
	}
	linkNext(c, seen.Next)
	return answerJSON(c, seen)
}

// linkNext links to the next part of a list, if there is one (RFC 8288).
func linkNext(c echo.Context, after string) {
	if after == "" {
		return
	}
	next := c.QueryParams()
	next.Set("after", after)
	c.Response().Header().Add("Link", "<"+c.Request().URL.EscapedPath()+"?"+next.Encode()+`>; rel="next"`)
}

// always makes a redaction that hides nothing whole fit answerList.
func always[T any](redact func(T) T) func(T) (T, bool) {
	return func(item T) (T, bool) { return redact(item), true }
}
