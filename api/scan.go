package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"deltatrace/api/page"
	"deltatrace/traceability"
	"deltatrace/traceability/digitallink"
)

// scanGTIN answers the address of a QR code: a GS1 Digital Link. Qualifiers
// beside the lot (variant, serial) and whatever stands in the query are let
// pass: they say more than is asked for here.
func (s *Server) scanGTIN(c echo.Context) error {
	path := strings.TrimSuffix(c.Request().URL.EscapedPath(), "/")
	dialect := digitallink.Dialect{ZeroSuppressedGTIN: true}
	link, err := dialect.ParsePath(path, "")
	if err != nil {
		return s.malformed(c, "path", path, err)
	}
	id, ok := link.LotID()
	if !ok || link.Stem != "" {
		return s.malformed(c, "path", path, traceability.Invalid("", path, "the address of a batch: /01/<GTIN>/10/<lot>"))
	}
	if gtin, _ := id.GTIN(); !strings.HasPrefix(path, "/01/"+string(gtin)+"/") {
		// A GTIN-8, -12 or -13: the same thing for ever, so that caches see one.
		return c.Redirect(http.StatusMovedPermanently, withQuery(link.String(), c.Request().URL.RawQuery))
	}
	return s.scan(c, id)
}

// scanProduce answers the address of produce that has no GTIN:
// /cn/<USCC>/<product code>/<lot>.
func (s *Server) scanProduce(c echo.Context) error {
	path := strings.TrimSuffix(c.Request().URL.EscapedPath(), "/")
	id, err := traceability.ParseLotID(strings.TrimPrefix(path, "/"))
	if err != nil {
		return s.malformed(c, "path", path, err)
	}
	return s.scan(c, id)
}

// scan answers in the form that the asker likes best. A browser gets the page;
// so does a program that does not care, as a phone's camera is one.
func (s *Server) scan(c echo.Context, id traceability.LotID) error {
	addVary(c, "Accept", "Accept-Language")
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Origin", "*") // as GS1 asks of a resolver; nothing here depends on cookies
	h.Set("Access-Control-Expose-Headers", "Link, Etag, X-Request-Id")
	h.Add("Link", "<"+s.address(id)+`>; rel="canonical"`)
	h.Add("Link", "<"+s.address(id)+`?linkType=linkset>; rel="linkset"; type="`+mediaLinkset+`"`)
	if linkType := linkType(c); linkType != "" {
		return s.scanLinkType(c, id, linkType)
	}
	media, ok := negotiate(c.Request().Header.Get("Accept"), "text/html", mediaJSON, mediaLinkset)
	switch {
	case !ok:
		return notAcceptable(c, "text/html", mediaJSON, mediaLinkset)
	case media == mediaJSON:
		return s.scanJSON(c, id)
	case media == mediaLinkset:
		return s.scanLinkset(c, id)
	default:
		return s.scanPage(c, id)
	}
}

func (s *Server) scanPage(c echo.Context, id traceability.LotID) error {
	lang, query := language(c), page.Query{}
	if c.QueryParam("view") == page.ViewRecord {
		query.View = page.ViewRecord
	}
	return s.answerRemembered(c, lang, query.View+" "+string(id), func() (page.Result, error) {
		return s.site.Batch(c.Request().Context(), s.Reader, lang, id, query)
	})
}

// malformed answers a code that no lot can have.
func (s *Server) malformed(c echo.Context, field, found string, err error) error {
	addVary(c, "Accept", "Accept-Language")
	if !wantsPage(c) {
		return at(err, field)
	}
	lang := language(c)
	return answerPage(c, lang, s.site.Malformed(lang, found, err))
}

// batchAnswer is a scanned batch for a program: what a consumer's page says.
type batchAnswer struct {
	Address    string                      `json:"address"`
	Lot        traceability.LotRecord      `json:"lot"`
	Registrant partyName                   `json:"registrant"`
	Sampling   sampling                    `json:"sampling"`
	Reports    []traceability.ReportRecord `json:"reports"` // in force, at most 1000
	Events     []traceability.EventRecord  `json:"events"`  // of this lot, at most 100
	Recalls    []traceability.LotRecall    `json:"recalls"` // announced ones that cover it, the last first
	Notices    []traceability.NoticeRecord `json:"notices"` // that were published about samples of it, at most 20
	Links      batchLinks                  `json:"links"`
}

// partyName is a party in short.
type partyName struct {
	ID     traceability.PartyID     `json:"id"`
	Name   string                   `json:"name"`
	NameEN string                   `json:"name_en"`
	Status traceability.PartyStatus `json:"status"`
}

// sampling sums up the published reports in force: the gravest verdict, by the
// laboratories and by what regulators published, or none when there is no record.
// No record does not mean safe.
type sampling struct {
	Verdict traceability.Verdict `json:"verdict"`
	Reports int                  `json:"reports"`
}

const verdictNone traceability.Verdict = "none"

// maxScanReports is how many reports on a batch are summed up, as on the page.
const maxScanReports = 1000

// maxScanNotices is how many notices a batch is shown with, as on the page.
const maxScanNotices = 20

// batchLinks leads to the whole of each part.
type batchLinks struct {
	Events  string `json:"events"`
	Reports string `json:"reports"`
	Trace   string `json:"trace"`
	Linkset string `json:"linkset"`
}

// scanJSON answers a program. What the public sees of a batch is remembered
// until the next block, because a scan comes seldom alone.
func (s *Server) scanJSON(c echo.Context, id traceability.LotID) error {
	if viewer(c) != (traceability.Viewer{}) {
		batch, err := s.batch(c, id)
		if err != nil {
			return err
		}
		return answerJSON(c, batch)
	}
	head, following := s.Waiter.Head()
	key := "json " + string(id)
	known, ok := s.memo.get(head.Hash, key)
	if !ok {
		batch, err := s.batch(c, id)
		if err != nil {
			return err
		}
		body, err := encode(batch)
		if err != nil {
			return err
		}
		known = &remembered{key: key, body: body, tag: tagOf(body)}
		if following {
			s.memo.put(head.Hash, known)
		}
	}
	addVary(c, "Authorization")
	return answerTagged(c, http.StatusOK, mediaJSON, cacheAsk, known.tag, known.body)
}

// batch puts together what the viewer may see of a batch.
func (s *Server) batch(c echo.Context, id traceability.LotID) (batchAnswer, error) {
	ctx, who := c.Request().Context(), viewer(c)
	lot, err := s.Reader.Lot(ctx, id)
	if err != nil {
		return batchAnswer{}, absent(err, id)
	}
	registrant, err := s.Reader.Party(ctx, lot.Registrant)
	if err != nil {
		return batchAnswer{}, fmt.Errorf("registrant: %w", err)
	}
	reports, err := s.Reader.Reports(ctx, traceability.ReportFilter{Lot: id, Current: true}, traceability.Page{Limit: maxScanReports})
	if err != nil {
		return batchAnswer{}, err
	}
	recalls, err := s.Reader.RecallsOf(ctx, id)
	if err != nil {
		return batchAnswer{}, err
	}
	notices, err := s.Reader.Notices(ctx, traceability.NoticeFilter{Lot: id, Public: true}, traceability.Page{Limit: maxScanNotices})
	if err != nil {
		return batchAnswer{}, err
	}
	events, err := s.Reader.Events(ctx, traceability.EventFilter{Lots: []traceability.LotID{id}}, traceability.Page{})
	if err != nil {
		return batchAnswer{}, err
	}
	self := s.PublicURL + "/v1/lots/" + string(id)
	batch := batchAnswer{
		Address:    s.address(id),
		Lot:        who.Lot(lot),
		Registrant: partyName{registrant.ID, registrant.Name(), registrant.NameEN(), registrant.Status},
		Links:      batchLinks{self + "/events", self + "/reports", self + "/trace", s.address(id) + "?linkType=linkset"},
	}
	for _, r := range reports.Items {
		if shown, ok := who.Report(r); ok && shown.SupersededBy == "" {
			batch.Reports = append(batch.Reports, shown)
		}
	}
	for _, e := range events.Items {
		batch.Events = append(batch.Events, who.Event(e))
	}
	batch.Recalls = make([]traceability.LotRecall, 0, len(recalls))
	for _, r := range recalls {
		batch.Recalls = append(batch.Recalls, who.LotRecall(r))
	}
	batch.Notices = make([]traceability.NoticeRecord, 0, len(notices.Items))
	for _, n := range notices.Items {
		if shown, ok := who.Notice(n); ok {
			batch.Notices = append(batch.Notices, shown)
		}
	}
	batch.Sampling = sumUp(batch.Reports, batch.Notices)
	return batch, nil
}

// sumUp finds the gravest verdict. Where a failure stands published, that is it,
// whatever laboratories have reported since.
func sumUp(reports []traceability.ReportRecord, notices []traceability.NoticeRecord) sampling {
	sum := sampling{Verdict: verdictNone, Reports: len(reports)}
	if len(reports) > 0 {
		sum.Verdict = slices.MinFunc(reports, func(a, b traceability.ReportRecord) int { return a.Verdict.Gravity() - b.Verdict.Gravity() }).Verdict
	}
	if slices.ContainsFunc(notices, func(n traceability.NoticeRecord) bool { return n.Public() }) {
		sum.Verdict = traceability.VerdictFail
	}
	return sum
}

// withQuery puts a query back behind a path.
func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}
