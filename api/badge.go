package main

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

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
	lang := language(c)
	if err := s.limitPage(c); err != nil {
		return err
	}
	id, err := identifier(c, "licence", traceability.ParseLicenceID)
	if err != nil {
		return answerPage(c, lang, s.site.NotFound(lang, c.Request().URL.Path))
	}
	now := s.Now()
	return s.answerRemembered(c, lang, fmt.Sprintf("shop %s %s", id, now.Format("2006-01-02T15:04")), func() (page.Result, error) {
		return s.site.Shop(c.Request().Context(), s.Reader, lang, id, now)
	})
}

// limitPage holds platforms back as well: their duty is to look licences up, not to
// read on whose pages else those stand.
func (s *Server) limitPage(c echo.Context) error {
	if viewer(c).As.Kind() != traceability.KindPlatform {
		return s.limitLookup(c)
	}
	return s.slow(c)
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
	head, err := s.head(ctx)
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
	compared, err := page.Compared(ctx, s.Reader, &standing.Licence)
	if err != nil {
		return badge, err
	}
	badge = traceability.NewBadge(standing, compared, head, now)
	badge.Page = s.shopAddress(id)
	return badge, nil
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
	picture := drawBadge(&badge, english)
	return answerTagged(c, http.StatusOK, "image/svg+xml", cacheBadge, tagOf(picture), picture)
}

// badgeColours keep 4.5 to 1 with white.
var badgeColours = map[traceability.BadgeState]string{traceability.BadgeVerified: "#1a6b3c", traceability.BadgeUnverified: "#45535a",
	traceability.BadgeUnknown: "#7a4a00", traceability.BadgeInvalid: "#a3201d"}

// badgeWords say how a licence stands, in Chinese and in English.
var badgeWords = map[traceability.LicenceStatus][2]string{
	traceability.LicenceValid: {"许可证有效", "Valid"}, traceability.LicenceNotYet: {"许可证尚未生效", "Not valid yet"},
	traceability.LicenceExpired: {"许可证已过期", "Expired"}, traceability.LicenceHalted: {"已被责令停业", "Suspended"},
	traceability.LicenceStruck: {"许可证已吊销", "Revoked"}, traceability.LicenceSurrender: {"许可证已注销", "Given up"},
}

// badgeLines are what a badge says: how the licence stands, which one, and as of when.
func badgeLines(b *traceability.Badge, english bool) (word, number, asOf string) {
	in := func(zh, en string) string {
		if english {
			return en
		}
		return zh
	}
	words := badgeWords[b.Status]
	word = in(words[0], words[1])
	switch b.State() {
	case traceability.BadgeVerified:
		word += in(" · 平台已核验", " · verified")
	case traceability.BadgeUnverified:
		word += in(" · 未核验", " · not verified")
	case traceability.BadgeUnknown:
		word = in("未核验 · 数据已过时", "Not verified · old data")
	}
	return word, in("许可证 ", "Licence ") + b.Licence.Number(), in("更新至 ", "As of ") + b.Time.In(traceability.ChinaTime()).Format("2006-01-02 15:04")
}

// drawBadge writes the picture: a coloured ground, a sign that does not need the
// colour, and three lines of text that fit whatever they say.
func drawBadge(b *traceability.Badge, english bool) []byte {
	word, number, asOf := badgeLines(b, english)
	sign := map[traceability.BadgeState]string{traceability.BadgeVerified: "m22 36 5 5 10-11", traceability.BadgeInvalid: "m24 30 12 12m0-12-12 12"}[b.State()]
	if sign == "" {
		sign = "M22 36h16"
	}
	squeeze := ""
	if utf8.RuneCountInString(number) > longestNumber {
		squeeze = ` textLength="190" lengthAdjust="spacingAndGlyphs"`
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="260" height="72" viewBox="0 0 260 72" role="img" aria-label="%[1]s">
<title>%[1]s</title>
<rect width="260" height="72" rx="10" fill="%[2]s"/>
<g fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"><circle cx="30" cy="36" r="16"/><path d="%[3]s"/></g>
<g fill="#fff" font-family="system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif">
<text x="58" y="27" font-size="15" font-weight="600">%[4]s</text>
<text x="58" y="45" font-size="12"%[5]s>%[6]s</text>
<text x="58" y="61" font-size="11">%[7]s</text>
</g>
</svg>
`, html.EscapeString(strings.Join([]string{word, number, asOf}, "，")), badgeColours[b.State()], sign, html.EscapeString(word), squeeze, html.EscapeString(number), asOf)
}

// longestNumber is how long a number may be to fit as it is; a province's own
// numbers may be longer, and are drawn narrower.
const longestNumber = 26

// signer signs what the API says itself.
type signer func(typ string, payload []byte) (string, error)
