package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/api/page"
	"deltatrace/traceability"
)

// Problem is the body of every error: an RFC 9457 problem document. Type leads
// to the explanation of the code, detail is the English sentence; zh and en are
// for people, code, field, found and expected for programs.
type Problem struct {
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Detail    string            `json:"detail"`
	Instance  string            `json:"instance"`
	Code      traceability.Code `json:"code"`
	Field     string            `json:"field,omitzero"`
	Found     string            `json:"found,omitzero"`
	Expected  string            `json:"expected,omitzero"`
	ZH        string            `json:"zh"`
	EN        string            `json:"en"`
	RequestID string            `json:"request_id"`
	// Outcome is what became of the document, when one was sent by itself.
	Outcome *traceability.Outcome `json:"outcome,omitzero"`
}

const mediaProblem = "application/problem+json"

// refusal is an error of which more is known than its code tells.
type refusal struct {
	err     *traceability.Error
	status  int                   // 0: the code's
	wait    time.Duration         // for Retry-After
	outcome *traceability.Outcome // of the one document that was sent
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

// statusOf is the status of a request's error.
func statusOf(code traceability.Code) int {
	switch code {
	case traceability.CodeNotFound:
		return http.StatusNotFound
	case traceability.CodeUnauthorized:
		return http.StatusUnauthorized
	case traceability.CodeBatchTooBig, traceability.CodeOversized:
		return http.StatusRequestEntityTooLarge
	case traceability.CodeMediaType:
		return http.StatusUnsupportedMediaType
	case traceability.CodeMethod:
		return http.StatusMethodNotAllowed
	case traceability.CodeRateLimited:
		return http.StatusTooManyRequests
	case traceability.CodeTimeout:
		return http.StatusGatewayTimeout
	case traceability.CodeBusy, traceability.CodeNoSpace, traceability.CodeDamaged, traceability.CodeClock:
		return http.StatusServiceUnavailable
	case traceability.CodeUnknownLot:
		return http.StatusUnprocessableEntity
	case traceability.CodeInternal:
		return http.StatusInternalServerError
	default:
		return http.StatusBadRequest
	}
}

// documentStatus is the status for one document that was sent by itself and
// rejected.
func documentStatus(code traceability.Code) int {
	switch code {
	case traceability.CodeMalformed:
		return http.StatusBadRequest
	case traceability.CodeUnsigned, traceability.CodeBadSignature, traceability.CodeUnknownKey,
		traceability.CodeUnknownParty, traceability.CodeKeyNotValid:
		return http.StatusUnauthorized
	case traceability.CodeNotAllowed, traceability.CodeNotYours, traceability.CodeGTINTaken, traceability.CodePartySuspended, traceability.CodePartyExpired:
		return http.StatusForbidden
	case traceability.CodeConflict, traceability.CodeLotInUse, traceability.CodeSupersedes, traceability.CodeWrongState, traceability.CodeQuorumNotReached:
		return http.StatusConflict
	case traceability.CodeOversized:
		return http.StatusRequestEntityTooLarge
	default:
		return http.StatusUnprocessableEntity
	}
}

// understand turns any error into one that may leave the process. What it does
// not know is internal: the client gets the request id, the log the cause.
func understand(err error) *refusal {
	var r *refusal
	var domain *traceability.Error
	var routing *echo.HTTPError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &tooLarge):
		return &refusal{err: batchTooBig(tooLarge)}
	case errors.As(err, &domain):
		return &refusal{err: domain}
	case errors.Is(err, traceability.ErrNotFound):
		return &refusal{err: notFound("")}
	case errors.Is(err, traceability.ErrBusy), errors.Is(err, traceability.ErrClosed):
		return &refusal{wait: time.Second, err: says(traceability.CodeBusy, err)}
	case errors.Is(err, traceability.ErrNoSpace):
		return &refusal{wait: machineWait, err: says(traceability.CodeNoSpace, err)}
	case errors.Is(err, traceability.ErrClock):
		return &refusal{wait: machineWait, err: says(traceability.CodeClock, err)}
	case errors.Is(err, traceability.ErrDamaged):
		return &refusal{wait: machineWait, err: says(traceability.CodeDamaged, err)}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &refusal{wait: time.Second, err: says(traceability.CodeTimeout, err)}
	case errors.As(err, &routing) && routing.Code == http.StatusNotFound:
		return &refusal{err: notFound("")}
	case errors.As(err, &routing) && routing.Code == http.StatusMethodNotAllowed:
		return &refusal{err: says(traceability.CodeMethod, nil)}
	default:
		return &refusal{err: says(traceability.CodeInternal, err)}
	}
}

// machineWait is after how long to try again what an operator has to see to.
const machineWait = 30 * time.Second

// notForYou refuses a question: to whom has not said who it is with 401, so that it may
// say so (RFC 9110 §15.5.2), to others with 403.
func notForYou(c echo.Context) error {
	if viewer(c).As == "" {
		return traceability.NewError(traceability.CodeUnauthorized, "Authorization",
			"此内容须出示令牌才能查看", "this is shown to parties only; bear a token that your key signs")
	}
	return &refusal{status: http.StatusForbidden, err: traceability.NewError(traceability.CodeNotAllowed, "",
		"此内容不对您的主体开放", "this is not shown to a party of your kind")}
}

// says makes an error of the sentences that the table of codes has.
func says(code traceability.Code, cause error) *traceability.Error {
	info := codeInfo(code)
	return &traceability.Error{Code: code, ZH: info.ZH, EN: info.Cause + " " + info.Do, Err: cause}
}

func notFound(id string) *traceability.Error {
	e := says(traceability.CodeNotFound, nil)
	e.Found = id
	return e
}

func batchTooBig(cause error) *traceability.Error {
	e := says(traceability.CodeBatchTooBig, cause)
	e.Expected = "at most 1000 documents and 8388608 bytes"
	return e
}

// at prefixes the field of an error with the place that holds it.
func at(err error, place string) error {
	var domain *traceability.Error
	if errors.As(err, &domain) {
		return domain.At(place)
	}
	return err
}

// absent gives an ErrNotFound the identifier that was asked for.
func absent[T ~string](err error, id T) error {
	if errors.Is(err, traceability.ErrNotFound) {
		return notFound(string(id))
	}
	return err
}

func codeInfo(code traceability.Code) traceability.CodeInfo {
	for _, info := range traceability.CodeTable() {
		if info.Code == code {
			return info
		}
	}
	return traceability.CodeInfo{Code: code}
}

// handleError is the one place where errors become answers.
func (s *Server) handleError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	r := understand(err)
	status := r.status
	if status == 0 {
		status = statusOf(r.err.Code)
	}
	// What is wrong with the machine is in the log already, once; a client that is gone,
	// or the end of the process, is no fault.
	gone := errors.Is(c.Request().Context().Err(), context.Canceled)
	if status >= http.StatusInternalServerError && r.err.Code != traceability.CodeBusy && codeInfo(r.err.Code).Kind != "machine" && !gone {
		s.Log.LogAttrs(c.Request().Context(), slog.LevelError, "request failed",
			slog.String("request", requestID(c)), slog.String("route", routeLabel(c)), slog.Any("error", err))
	}
	header := c.Response().Header()
	header.Set("Cache-Control", "no-store")
	header.Del("Etag")
	header.Del("Content-Disposition")
	if r.wait > 0 {
		header.Set("Retry-After", strconv.Itoa(int((r.wait+time.Second-1)/time.Second)))
	}
	if status == http.StatusUnauthorized {
		header.Set("Www-Authenticate", `Bearer realm="deltatrace"`)
	}
	if err := s.sendError(c, status, r); err != nil {
		s.Log.LogAttrs(c.Request().Context(), slog.LevelDebug, "answer not delivered",
			slog.String("request", requestID(c)), slog.Any("error", err))
	}
}

// sendError answers a browser with a page and a program with a problem.
func (s *Server) sendError(c echo.Context, status int, r *refusal) error {
	if wantsPage(c) {
		addVary(c, "Accept", "Accept-Language")
		lang := language(c)
		result := s.site.Error(lang, status, r.err.Code, requestID(c))
		if status == http.StatusNotFound {
			result = s.site.NotFound(lang, c.Request().URL.EscapedPath())
		}
		c.Response().Header().Set("Content-Language", lang.Tag())
		return c.Blob(result.Status, mediaHTML, result.Body)
	}
	e := r.err
	body, err := encode(Problem{
		Type:   "/docs/errors#" + string(e.Code),
		Title:  strings.TrimSuffix(codeInfo(e.Code).Cause, "."),
		Status: status, Detail: e.EN, Instance: c.Request().URL.EscapedPath(),
		Code: e.Code, Field: e.Field, Found: e.Found, Expected: e.Expected, ZH: e.ZH, EN: e.EN,
		RequestID: requestID(c), Outcome: r.outcome,
	})
	if err != nil {
		return err
	}
	return c.Blob(status, mediaProblem, body)
}

// wantsPage reports whether an error should be a page: a browser asks for it by
// name, and not for something under /v1.
func wantsPage(c echo.Context) bool {
	accept := c.Request().Header.Get("Accept")
	if strings.HasPrefix(c.Request().URL.Path, "/v1/") || !strings.Contains(accept, "text/html") {
		return false
	}
	best, ok := negotiate(accept, "text/html", mediaProblem, "application/json")
	return ok && best == "text/html"
}

// language is the one that the reader asked for.
func language(c echo.Context) page.Lang {
	return page.Negotiate(c.QueryParam("lang"), c.Request().Header.Get("Accept-Language"))
}
