package main

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
	"deltatrace/traceability/exchange"
)

// listVerificationsDue lists the shops that a platform has to verify again: as JSON,
// JSON lines or CSV, each a page with a Link to the next.
func (s *Server) listVerificationsDue(c echo.Context) error {
	addVary(c, "Accept", "Authorization")
	media, ok := negotiate(c.Request().Header.Get("Accept"), mediaJSON, mediaLines, exchange.CSV.MediaType())
	if !ok {
		return notAcceptable(c, mediaJSON, mediaLines, exchange.CSV.MediaType())
	}
	q := newQuery(c, "before", "platform", "limit", "after")
	before, page := q.instant("before", s.Now()), q.page()
	platform := optional(q, "platform", traceability.ParsePartyID)
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
		return &refusal{err: says(traceability.CodeNotAllowed, nil), status: http.StatusForbidden}
	}
	list, err := s.Reader.VerificationsDue(c.Request().Context(), platform, before, page)
	if err != nil {
		return err
	}
	if media == mediaJSON {
		return answerList(c, list, always(func(d traceability.VerificationDue) traceability.VerificationDue { return d }))
	}
	linkNext(c, list.Next)
	body, err := dueLines(list.Items)
	if media == exchange.CSV.MediaType() {
		body, err = dueTable(list.Items)
	}
	if err != nil {
		return err
	}
	return answer(c, media, cacheNone, body)
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
