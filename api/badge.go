package main

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"deltatrace/api/label"
	"deltatrace/api/page"
	"deltatrace/traceability"
)

// A badge may be kept for a while by caches: it says as of when it is.
const cacheBadge = "public, max-age=60"

// shopPage shows a licence to people: who scans the code on a door, or comes from a
// platform.
func (s *Server) shopPage(c echo.Context) error {
	lang, path := language(c), c.Request().URL.Path
	if err := s.limitLookup(c); err != nil {
		return err
	}
	id, err := identifier(c, "licence", traceability.ParseLicenceID)
	if err != nil {
		return answerPage(c, lang, s.site.NotFound(lang, path))
	}
	now := s.Now()
	return s.answerRemembered(c, lang, fmt.Sprintf("shop %s %s", id, now.Format("2006-01-02T15")), func() (page.Result, error) {
		return s.site.Shop(c.Request().Context(), s.Reader, lang, id, path, now)
	})
}

// shopAddress is what the code on a shop's door says.
func (s *Server) shopAddress(id traceability.LicenceID) string {
	return s.PublicURL + "/licences/" + url.PathEscape(string(id))
}

// licenceQR draws the code for a shop's door. The licence has to be in the register.
func (s *Server) licenceQR(c echo.Context) error {
	q := newQuery(c, "level")
	level := optional(q, "level", label.ParseLevel)
	if q.wrong != nil {
		return q.wrong
	}
	badge, err := s.licenceBadge(c)
	if err != nil {
		return err
	}
	picture, err := label.SVG(badge.Page, level)
	if err != nil {
		return err
	}
	return answer(c, "image/svg+xml", cacheDay, picture)
}

// licenceBadge is how a licence stands now, for all to show.
func (s *Server) licenceBadge(c echo.Context) (badge traceability.Badge, err error) {
	if err := s.limitLookup(c); err != nil {
		return badge, err
	}
	id, err := identifier(c, "licence", traceability.ParseLicenceID)
	if err != nil {
		return badge, err
	}
	return s.badge(c.Request().Context(), id)
}

func (s *Server) badge(ctx context.Context, id traceability.LicenceID) (badge traceability.Badge, err error) {
	now := s.Now()
	head, err := s.Reader.Head(ctx)
	if err != nil {
		return badge, err
	}
	found, err := s.Reader.LicenceOn(ctx, []traceability.LicenceID{id}, traceability.DateOf(now))
	if err != nil {
		return badge, err
	}
	standing, ok := found[id]
	if !ok {
		return badge, notFound(string(id))
	}
	verified, err := page.LastVerified(ctx, s.Reader, id, now)
	return traceability.Badge{Licence: id, Status: standing.Status, Verified: verified, Block: head.Number, Time: head.Time, Page: s.shopAddress(id)}, err
}

// badgeAnswer is a badge with its signature.
type badgeAnswer struct {
	traceability.Badge
	JWS string `json:"jws,omitzero"`
}

// getBadge answers a badge as JSON, for any page's script to read.
func (s *Server) getBadge(c echo.Context) error {
	badge, err := s.licenceBadge(c)
	if err != nil {
		return err
	}
	answers := badgeAnswer{Badge: badge}
	if s.Sign != nil {
		payload, err := encode(badge)
		if err != nil {
			return err
		}
		if answers.JWS, err = s.Sign(traceability.BadgeType, payload); err != nil {
			return err
		}
	}
	body, err := encode(answers)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Access-Control-Allow-Origin", "*")
	return answer(c, mediaJSON, cacheBadge, body)
}

// badgeSVG draws a badge. It has no script, no link and no address of another site:
// who shows it tells nobody who looks.
func (s *Server) badgeSVG(c echo.Context) error {
	q := newQuery(c, "lang")
	english := q.oneOf("lang", "zh", "en") == "en"
	if q.wrong != nil {
		return q.wrong
	}
	badge, err := s.licenceBadge(c)
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	return answerTagged(c, http.StatusOK, "image/svg+xml", cacheBadge, tagOf(drawBadge(badge, english)), drawBadge(badge, english))
}

// drawBadge writes the picture: a coloured ground, how the licence stands, and as of
// when. The colours keep 4.5 to 1 with white.
func drawBadge(b traceability.Badge, english bool) []byte {
	words := map[traceability.LicenceStatus][2]string{
		traceability.LicenceValid: {"许可证有效", "Licence valid"}, traceability.LicenceNotYet: {"许可证尚未生效", "Licence not valid yet"},
		traceability.LicenceExpired: {"许可证已过期", "Licence expired"}, traceability.LicenceHalted: {"已被责令停业", "Ordered to stop trading"},
		traceability.LicenceStruck: {"许可证已吊销", "Licence revoked"}, traceability.LicenceSurrender: {"许可证已注销", "Licence given up"},
	}[b.Status]
	word, asOf, colour := words[0], "登记库截至 ", "#1a6b3c"
	unverified := "未核验"
	if english {
		word, asOf, unverified = words[1], "Register as of ", "not verified"
	}
	switch {
	case b.Status != traceability.LicenceValid:
		colour = "#a3201d"
	case b.Verified.IsZero():
		colour, word = "#7a4a00", word+" · "+unverified
	}
	when := b.Time.In(traceability.ChinaTime()).Format("2006-01-02 15:04")
	title := html.EscapeString(word + "，" + string(b.Licence.Number()) + "，" + asOf + when)
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="260" height="56" viewBox="0 0 260 56" role="img" aria-label="%s">
<title>%s</title>
<rect width="260" height="56" rx="8" fill="%s"/>
<g fill="#fff" font-family="system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif">
<text x="14" y="24" font-size="16" font-weight="600">%s</text>
<text x="14" y="44" font-size="11">%s · %s%s</text>
</g>
</svg>
`, title, title, colour, html.EscapeString(word), html.EscapeString(b.Licence.Number()), asOf, when)
}

// signer signs what the API says itself.
type signer func(typ string, payload []byte) (string, error)
