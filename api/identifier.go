package main

import (
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

// joinIdentifiers lets identifiers with slashes be written plainly: it makes
// one segment of them before the router looks, so that the routes know only
// single segments. It works on the escaped path, because a decoded one has lost
// which slash is part of a value.
func joinIdentifiers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		if joined := joinIdentifier(u.EscapedPath()); joined != u.RawPath {
			path, err := url.PathUnescape(joined)
			if err != nil {
				return err // cannot be: net/http has unescaped it before
			}
			u.Path, u.RawPath = path, joined // in place: echo's router looks at the request it was given
		}
		return next(c)
	}
}

// joinIdentifier rewrites an escaped path whose identifier has the plain form
// to the one with a single segment:
//
//	/v1/lots/01/06901234567892/10/A01/trace  → /v1/lots/01%2F06901234567892%2F10%2FA01/trace
//	/v1/recalls/01/06901234567892/10/A01     → /v1/recalls/01%2F06901234567892%2F10%2FA01
//	/v1/events/op:91310101MA1FPX121X/S-1     → /v1/events/op:91310101MA1FPX121X%2FS-1
//	/v1/reports/lab:230912340001/SP1/1       → /v1/reports/lab:230912340001%2FSP1%2F1
//	/v1/notices/lab:230912340001/SP1         → /v1/notices/lab:230912340001%2FSP1
//	/v1/consultations/330000/HS-1            → /v1/consultations/330000%2FHS-1
//
// and pages of the same alike.
//
// A lot id, which is also a recall's, has exactly 4 segments and begins with 01 or cn, an event id has 2,
// a report id 3, and the id of a notice about a sample without a number 2. Anything else comes back as it is.
func joinIdentifier(path string) string {
	for _, family := range []struct {
		prefix   string
		segments int
		begins   []string
	}{
		{"/v1/lots/", 4, []string{"01/", "cn/"}},
		{"/v1/recalls/", 4, []string{"01/", "cn/"}},
		{"/v1/events/", 2, []string{""}},
		{"/v1/reports/", 3, []string{""}},
		{"/v1/notices/", 2, []string{"lab:"}},
		{"/v1/consultations/", 2, []string{"3"}},
		{"/notices/", 2, []string{"lab:"}},
		{"/recalls/", 4, []string{"01/", "cn/"}},
	} {
		rest, ok := strings.CutPrefix(path, family.prefix)
		if !ok {
			continue
		}
		for _, begin := range family.begins {
			segments := strings.Split(rest, "/")
			if strings.HasPrefix(rest, begin) && len(segments) >= family.segments {
				id := strings.Join(segments[:family.segments], "/")
				return family.prefix + strings.Join(append([]string{url.PathEscape(id)}, segments[family.segments:]...), "/")
			}
		}
	}
	return path
}

// identifier reads a path parameter and parses it.
func identifier[T any](c echo.Context, name string, parse func(string) (T, error)) (T, error) {
	raw, err := url.PathUnescape(c.Param(name))
	if err != nil {
		raw = c.Param(name)
	}
	id, err := parse(raw)
	if err != nil {
		return id, at(err, name)
	}
	return id, nil
}
