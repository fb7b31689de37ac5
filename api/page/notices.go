package page

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"deltatrace/traceability"
)

// noticeView is a page with one message: what is the matter, what was found,
// and what to do next.
type noticeView struct {
	Kind     string // missing, malformed or fault; chooses the icon
	Title    Key
	Lead     Key
	Details  []detailView
	Hints    []sentence
	Meaning  Key
	Forms    []Key  // what may be entered
	Maybe    string // the code that was probably meant
	Actions  []Key
	Searched string // goes into the search field
	keep     string // of the query, for the language switch
}

type detailView struct {
	Label Key
	Value string
}

// homeView is the start page.
type homeView struct{ Head traceability.Head }

// Home renders the start page with its one search field. Errors are the reader's.
func (s *Site) Home(ctx context.Context, r traceability.Reader, lang Lang) (Result, error) {
	head, err := r.Head(ctx)
	if err != nil {
		return Result{}, err
	}
	title, _ := lookUp(lang, "home.title")
	return s.render(lang, http.StatusOK, "home", title, "/", "", homeView{Head: head})
}

// Unknown renders the page for a well-formed code that nobody has registered.
func (s *Site) Unknown(lang Lang, id traceability.LotID) Result {
	return s.notice(lang, http.StatusNotFound, noticeView{
		Kind: "missing", Title: "unknown.title", Lead: "unknown.lead", Meaning: "unknown.mean",
		Details:  []detailView{{"unknown.found", string(id)}},
		Actions:  []Key{"unknown.do1", "unknown.do2", "unknown.do3"},
		Searched: string(id),
	})
}

// Malformed renders the page for a code that is none: what was found, and what
// err, best a *traceability.Error, says was expected.
func (s *Site) Malformed(lang Lang, found string, err error) Result {
	v := noticeView{
		Kind: "malformed", Title: "malformed.title", Lead: "malformed.lead",
		Details:  []detailView{{"malformed.found", shorten(found)}},
		Forms:    []Key{"malformed.form1", "malformed.form2", "malformed.form3"},
		Actions:  []Key{"malformed.do1", "malformed.do2"},
		Searched: shorten(found),
	}
	var e *traceability.Error
	if errors.As(err, &e) {
		if e.Found != "" && e.Found != found {
			v.Details = append(v.Details, detailView{"malformed.part", shorten(e.Found)})
		}
		if is, should, ok := checkDigit(e.Found); ok {
			v.Hints = append(v.Hints, sentence{"malformed.check", []any{should, is}})
		} else if e.Expected != "" {
			v.Details = append(v.Details, detailView{"malformed.expected", shorten(e.Expected)})
		}
	}
	v.Maybe = probably(found)
	if shorten(found) == found {
		v.keep = "code=" + url.QueryEscape(found) + "&" // where the code came from the search field
	}
	return s.notice(lang, http.StatusBadRequest, v)
}

// Error renders the page for a request that failed. The request id lets the
// operator find the reason in the log; the page itself gives none away.
func (s *Site) Error(lang Lang, status int, code traceability.Code, requestID string) Result {
	v := noticeView{Kind: "fault", Title: "error.title", Lead: "error.lead", Actions: []Key{"error.do1", "error.do2"}}
	switch {
	case code == traceability.CodeRateLimited || status == http.StatusTooManyRequests:
		v.Title, v.Lead, v.Actions = "error.rate_title", "error.rate_lead", nil
	case code == traceability.CodeBusy || code == traceability.CodeTimeout || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout:
		v.Title, v.Lead = "error.busy_title", "error.busy_lead"
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		v.Title, v.Lead, v.Actions = "error.denied_title", "error.denied_lead", nil
	case status < http.StatusInternalServerError:
		v.Title, v.Lead, v.Actions = "error.request_title", "error.request_lead", nil
	}
	if code != "" {
		v.Details = append(v.Details, detailView{"error.code", string(code)})
	}
	if requestID != "" {
		v.Details = append(v.Details, detailView{"error.request", shorten(requestID)})
	}
	return s.notice(lang, status, v)
}

// NotFound renders the page for an address that leads nowhere.
func (s *Site) NotFound(lang Lang, path string) Result {
	return s.notice(lang, http.StatusNotFound, noticeView{
		Kind: "missing", Title: "notfound.title", Lead: "notfound.lead",
		Details: []detailView{{"notfound.path", shorten(path)}},
		Actions: []Key{"notfound.do1"},
	})
}

func (s *Site) notice(lang Lang, status int, v noticeView) Result {
	title, _ := lookUp(lang, v.Title)
	return must(s.render(lang, status, "notice", title, "", v.keep, v))
}

// checkDigit tells, for the digits of a GS1 key with a wrong check digit, which
// it is and which it should be.
func checkDigit(found string) (is, should string, ok bool) {
	n := len(found)
	if (n != 8 && (n < 12 || n > 14)) || strings.Trim(found, "0123456789") != "" || traceability.GS1CheckDigitOK(found) {
		return "", "", false
	}
	for _, digit := range "0123456789" {
		if traceability.GS1CheckDigitOK(found[:n-1] + string(digit)) {
			should = string(digit)
		}
	}
	return found[n-1:], should, true
}

// probably returns the trade code that was meant when a social credit code in
// it is written with a letter that such codes do not have. It is offered, never
// followed: a person must compare it with the package.
func probably(found string) string {
	parts := strings.Split(strings.TrimPrefix(found, "/"), "/")
	for i, part := range parts {
		if code, ok := traceability.SuggestUSCC(part); ok {
			parts[i] = string(code)
			id, err := traceability.ParseLotID(strings.Join(parts, "/"))
			if err == nil {
				return string(id)
			}
		}
	}
	return ""
}

// shorten keeps a stranger's text from filling the page.
func shorten(s string) string {
	const most = 200
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
