package main

import (
	"bufio"
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
	"deltatrace/traceability/disclosure"
	"deltatrace/traceability/exchange"
)

// failingAnswer is a page of the shops that failed on a day, the worst first.
type failingAnswer struct {
	Day    traceability.Date       `json:"day,omitzero"` // absent: no day was counted yet
	Height uint64                  `json:"height,omitzero"`
	Count  disclosure.FailingCount `json:"count"`
	Items  []failingShop           `json:"items"`
	Next   string                  `json:"next,omitzero"`
}

// failingShop is a shop with what was wrong on the day, and what is now.
type failingShop struct {
	disclosure.FailingShop
	Severity traceability.Severity `json:"severity"` // on the day
	Name     string                `json:"name,omitzero"`
	Address  string                `json:"address,omitzero"`
	Licence  string                `json:"licence,omitzero"` // as shown
	Page     string                `json:"page,omitzero"`
	Now      *shopNow              `json:"now,omitzero"` // absent: it is not open for orders any more
}

// shopNow is how a shop stands by what is known now.
type shopNow struct {
	Verdict traceability.LicenceVerdict  `json:"verdict"`
	Codes   []traceability.ViolationCode `json:"codes,omitempty"`
}

// failingQuestion is what is asked of the shops that failed.
type failingQuestion struct {
	day    traceability.Date
	filter disclosure.FailingFilter
	page   traceability.Page
}

// listFailing lists the shops whose pages are to be put right, the worst first, as
// they were counted at the end of a day: a platform's own, or for regulators those of
// all. As a table it has all that are asked for.
func (s *Server) listFailing(c echo.Context) error {
	q := newQuery(c, "platform", "division", "code", "severity", "day", "format", "limit", "after")
	ask := failingQuestion{day: optional(q, "day", traceability.ParseDate), page: q.page(), filter: disclosure.FailingFilter{
		Division: optional(q, "division", traceability.ParseDivisionCode),
		Code:     optional(q, "code", parseViolation),
		Severity: optional(q, "severity", parseSeverity),
	}}
	addVary(c, "Accept", "Authorization")
	format := exchange.Format(q.oneOf("format", "", string(exchange.CSV), string(exchange.XLSX)))
	if format == "" {
		format = acceptedTable(c)
	}
	if format != "" && (q.values.Has("limit") || q.values.Has("after")) {
		q.refuse(traceability.Invalid("limit", q.values.Get("limit"), "no limit and no after with a table: it has all"))
	}
	platform, err := platformAsked(c, q)
	if err != nil {
		return err
	}
	ask.filter.Platform = platform
	if format != "" {
		return s.exportFailing(c, format, ask)
	}
	answer, err := s.failing(c.Request().Context(), viewer(c), ask)
	if err != nil {
		return absent(err, ask.day)
	}
	answer.Next = sealNext(c, answer.Next)
	linkNext(c, answer.Next)
	return answerJSON(c, answer)
}

func parseViolation(s string) (traceability.ViolationCode, error) {
	if _, known := traceability.ViolationCode(s).Info(); !known {
		return "", traceability.Invalid("", s, "a code of docs/verification.md")
	}
	return traceability.ViolationCode(s), nil
}

func parseSeverity(s string) (traceability.Severity, error) {
	if !slices.Contains(disclosure.Severities(), traceability.Severity(s)) {
		return "", traceability.Invalid("", s, "refuse, mend or unknown")
	}
	return traceability.Severity(s), nil
}

// acceptedTable is the kind of table that the Accept header asks for; empty: none.
func acceptedTable(c echo.Context) exchange.Format {
	media, _ := negotiate(c.Request().Header.Get("Accept"), mediaJSON, exchange.CSV.MediaType(), exchange.XLSX.MediaType())
	for _, f := range []exchange.Format{exchange.CSV, exchange.XLSX} {
		if media == f.MediaType() {
			return f
		}
	}
	return ""
}

// failing reads a page of the list, and looks at each of its shops anew. Where no day
// was counted yet the page is empty; ErrNotFound is for a day that was asked for.
func (s *Server) failing(ctx context.Context, who traceability.Viewer, ask failingQuestion) (failingAnswer, error) {
	answer := failingAnswer{Items: []failingShop{}}
	if s.Rates == nil {
		return answer, nil
	}
	list, err := s.Rates.Failing(ctx, ask.day, ask.filter, ask.page)
	if errors.Is(err, traceability.ErrNotFound) && ask.day == "" && ask.page.After == "" {
		return answer, nil
	}
	if err != nil {
		return answer, err
	}
	answer.Day, answer.Height, answer.Count, answer.Next = list.Of.Day, list.Of.Height, list.Count, list.Next
	for _, f := range list.Items {
		answer.Items = append(answer.Items, failingShop{FailingShop: f, Severity: f.Severity()})
	}
	return answer, s.lookAgain(ctx, who, answer.Items)
}

// lookAgain fills in how shops are declared and stand now.
func (s *Server) lookAgain(ctx context.Context, who traceability.Viewer, shops []failingShop) error {
	of := make(map[traceability.PartyID][]traceability.ShopID)
	for i := range shops {
		of[shops[i].Platform] = append(of[shops[i].Platform], shops[i].Shop)
	}
	type key struct {
		platform traceability.PartyID
		shop     traceability.ShopID
	}
	now := make(map[key]disclosure.Judged)
	for platform, ids := range of {
		listings, err := s.Reader.ListingsOf(ctx, platform, ids)
		if err != nil {
			return err
		}
		var records []traceability.ListingRecord
		for _, id := range ids {
			if record, ok := who.Listing(listings[id]); ok {
				records = append(records, record)
			}
		}
		judged, err := disclosure.Judge(ctx, s.Reader, records, traceability.DateOf(s.Now()))
		if err != nil {
			return err
		}
		for _, j := range judged {
			now[key{platform, j.Listing.ID}] = j
		}
	}
	for i := range shops {
		f := &shops[i]
		j, listed := now[key{f.Platform, f.Shop}]
		if !listed {
			continue
		}
		f.Name, f.Address, f.Licence, f.Page = j.Listing.Name, j.Listing.Address, j.Listing.Licence, j.Listing.Page
		if j.Counted.Open {
			f.Now = &shopNow{j.Verdict, j.Counted.Codes}
		}
	}
	return nil
}

// exportFailing sends the table of all shops that are asked for.
func (s *Server) exportFailing(c echo.Context, format exchange.Format, ask failingQuestion) error {
	ctx, who := c.Request().Context(), viewer(c)
	ask.page = traceability.Page{Limit: 1000}
	first, err := s.failing(ctx, who, ask)
	if err != nil {
		return absent(err, ask.day)
	}
	names, err := s.platformNames(ctx)
	if err != nil {
		return err
	}
	title, name := "网络餐饮问题店铺：尚无统计", "shops"
	if first.Day != "" {
		name += "-" + string(first.Day)
		title = "网络餐饮问题店铺：" + string(first.Day) + " 日终统计，“导出时的情况”为导出时核验"
	}
	return s.answerFile(c, format, name, func(out *bufio.Writer) error {
		return exchange.WriteShops(out, format, title, s.failingRows(ctx, who, ask, first, names))
	})
}

// failingRows are the rows of the table, from the first page on.
func (s *Server) failingRows(ctx context.Context, who traceability.Viewer, ask failingQuestion, page failingAnswer, names map[traceability.PartyID]string) iter.Seq2[exchange.Shop, error] {
	return func(yield func(exchange.Shop, error) bool) {
		for {
			for i := range page.Items {
				f := &page.Items[i]
				row := exchange.Shop{Platform: f.Platform, PlatformName: names[f.Platform], ID: f.Shop, Name: f.Name, Address: f.Address, Licence: f.Licence, Page: f.Page,
					Division: f.Division, Severity: f.Severity, Codes: f.Codes, Now: f.Now.words()}
				if !yield(row, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			var err error
			ask.page.After = page.Next
			if page, err = s.failing(ctx, who, ask); err != nil {
				yield(exchange.Shop{}, err)
				return
			}
		}
	}
}

// words says how a shop stands now; of none that it is not there.
func (n *shopNow) words() string {
	switch {
	case n == nil:
		return "已下架或不接单"
	case len(n.Codes) == 0:
		return "已改正"
	}
	var names []string
	for _, code := range n.Codes {
		info, _ := code.Info()
		names = append(names, info.ZH)
	}
	return strings.Join(names, "；")
}

// platformNames are the names of all platforms.
func (s *Server) platformNames(ctx context.Context) (map[traceability.PartyID]string, error) {
	names := make(map[traceability.PartyID]string)
	page := traceability.Page{Limit: 1000}
	for {
		list, err := s.Reader.Parties(ctx, traceability.PartyFilter{Kind: traceability.KindPlatform}, page)
		if err != nil {
			return nil, err
		}
		for i := range list.Items {
			names[list.Items[i].ID] = list.Items[i].Name()
		}
		if page.After = list.Next; page.After == "" {
			return names, nil
		}
	}
}

// answerFile sends a table as a file, for nobody's cache. CSV goes out as the rows
// come; a workbook is put together first, few at the same time.
func (s *Server) answerFile(c echo.Context, format exchange.Format, name string, write func(*bufio.Writer) error) error {
	if format == exchange.XLSX {
		leave, err := s.exports.enter(askerOf(c))
		if err != nil {
			return err
		}
		defer leave()
	}
	h := c.Response().Header()
	h.Set("Cache-Control", cacheNone)
	h.Set("Content-Type", format.MediaType())
	h.Set("Content-Disposition", `attachment; filename="`+name+"."+string(format)+`"`)
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	out := bufio.NewWriterSize(&patient{c, http.NewResponseController(c.Response())}, 64<<10)
	err := write(out)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return s.abandon(c, err)
	}
	return nil
}
