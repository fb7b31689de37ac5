package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
	"deltatrace/traceability/exchange"
)

// listVerificationsDue lists the shops that a platform has to verify again: as JSON,
// JSON lines or CSV, each a page with a Link to the next; with a format as a table of
// all, for people.
func (s *Server) listVerificationsDue(c echo.Context) error {
	addVary(c, "Accept", "Authorization")
	media, ok := negotiate(c.Request().Header.Get("Accept"), mediaJSON, mediaLines, exchange.CSV.MediaType())
	if !ok {
		return notAcceptable(c, mediaJSON, mediaLines, exchange.CSV.MediaType())
	}
	q := newQuery(c, "before", "platform", "format", "limit", "after")
	before, page := q.instant("before", s.Now()), q.page()
	platform := optional(q, "platform", traceability.ParsePartyID)
	format := exchange.Format(q.oneOf("format", "", string(exchange.CSV), string(exchange.XLSX)))
	if format != "" && (q.values.Has("limit") || q.values.Has("after")) {
		q.refuse(traceability.Invalid("limit", q.values.Get("limit"), "no limit and no after with a table: it has all"))
	}
	if q.wrong != nil {
		return q.wrong
	}
	who := viewer(c)
	switch {
	case platform == "" && who.As.Kind() == traceability.KindPlatform:
		platform = who.As
	case platform == "" && who.As.Kind() == traceability.KindRegulator:
		return traceability.Missing("platform", "a platform's id")
	}
	if !who.Listings(platform) {
		return notForYou(c)
	}
	if format != "" {
		return s.exportDue(c, format, platform, before)
	}
	list, err := s.Reader.VerificationsDue(c.Request().Context(), platform, before, page)
	if err != nil {
		return err
	}
	if media == mediaJSON {
		return answerList(c, list, always(func(d traceability.VerificationDue) traceability.VerificationDue { return d }))
	}
	linkNext(c, sealNext(c, list.Next))
	body, err := dueLines(list.Items)
	if media == exchange.CSV.MediaType() {
		body, err = dueTable(list.Items)
	}
	if err != nil {
		return err
	}
	return answer(c, media, cacheNone, body)
}

// exportDue sends the table of all shops that a platform has to verify again.
func (s *Server) exportDue(c echo.Context, format exchange.Format, platform traceability.PartyID, before time.Time) error {
	ctx := c.Request().Context()
	shops := func(yield func(traceability.VerificationDue, error) bool) {
		page := traceability.Page{Limit: 1000}
		for {
			list, err := s.Reader.VerificationsDue(ctx, platform, before, page)
			if err != nil {
				yield(traceability.VerificationDue{}, err)
				return
			}
			for _, d := range list.Items {
				if !yield(d, nil) {
					return
				}
			}
			if page.After = list.Next; page.After == "" {
				return
			}
		}
	}
	day := traceability.DateOf(before)
	return s.answerFile(c, format, "due-"+string(day), func(out *bufio.Writer) error {
		return exchange.WriteDue(out, format, "待核验店铺："+string(platform)+"，"+string(day)+" 前到期", shops)
	})
}

func dueLines(items []traceability.VerificationDue) ([]byte, error) {
	var lines bytes.Buffer
	for i := range items {
		if err := json.MarshalWrite(&lines, &items[i], json.Deterministic(true)); err != nil {
			return nil, err
		}
		lines.WriteByte('\n')
	}
	return lines.Bytes(), nil
}

// dueTable writes CSV in UTF-8 with a mark, which spreadsheets need to read Chinese.
func dueTable(items []traceability.VerificationDue) ([]byte, error) {
	table := bytes.NewBufferString("\uFEFF")
	w := csv.NewWriter(table)
	rows := [][]string{{"shop", "name", "address", "licence", "due", "verified", "verdict", "codes"}}
	for _, d := range items {
		var codes []string
		for _, code := range d.Codes {
			codes = append(codes, string(code))
		}
		rows = append(rows, []string{exchange.Harmless(string(d.Shop)), exchange.Harmless(d.Name), exchange.Harmless(d.Address), exchange.Harmless(d.Licence), stamp(d.Due), stamp(d.Verified), string(d.Verdict), strings.Join(codes, " ")})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return table.Bytes(), nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
