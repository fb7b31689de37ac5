package main

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
	"deltatrace/traceability/digitallink"
)

// search leads from what a person typed or pasted to the batch's address.
func (s *Server) search(c echo.Context) error {
	addVary(c, "Accept", "Accept-Language")
	code := strings.TrimSpace(c.QueryParam("code"))
	keep := ""
	if lang := c.QueryParam("lang"); lang != "" {
		keep = "?lang=" + url.QueryEscape(lang)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	if code == "" {
		return c.Redirect(http.StatusSeeOther, "/"+keep)
	}
	id, err := lotOf(code)
	if err != nil {
		return s.malformed(c, "code", code, err)
	}
	return c.Redirect(http.StatusSeeOther, id.Path()+keep)
}

// lotOf reads a lot id, or the address that a QR code holds, of any host.
func lotOf(code string) (traceability.LotID, error) {
	path := code
	if _, rest, ok := strings.Cut(code, "://"); ok {
		_, path, _ = strings.Cut(rest, "/")
	}
	path, _, _ = strings.Cut(path, "#")
	path, _, _ = strings.Cut(path, "?")
	path = strings.Trim(path, "/")
	if link, err := (digitallink.Dialect{ZeroSuppressedGTIN: true}).ParsePath("/"+path, ""); err == nil {
		if id, ok := link.LotID(); ok {
			return id, nil
		}
	}
	if i := strings.Index(path, "cn/"); i > 0 && path[i-1] == '/' {
		path = path[i:]
	}
	return traceability.ParseLotID(path)
}
