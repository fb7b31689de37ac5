package main

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
	"deltatrace/traceability/exchange"
)

// remarkDraft stands in the row of a failed sample that is not published, so that
// nobody takes its table for a public one.
const remarkDraft = "未公布"

// tableFormat is the kind of file in which failed samples are asked for as a
// table: by ?format= or by the Accept header. It is empty where they are asked for
// as the records that they are.
func tableFormat(c echo.Context) exchange.Format {
	if format := c.QueryParam("format"); format != "" {
		return exchange.Format(format)
	}
	addVary(c, "Accept")
	media, _ := negotiate(c.Request().Header.Get("Accept"), mediaJSON, exchange.CSV.MediaType(), exchange.XLSX.MediaType())
	for _, format := range []exchange.Format{exchange.CSV, exchange.XLSX} {
		if media == format.MediaType() {
			return format
		}
	}
	return ""
}

// exportNotices writes the table of all notices that are asked for.
func (s *Server) exportNotices(c echo.Context, format exchange.Format) error {
	q := newQuery(c, append(noticeParameters(), "format", "layout")...)
	layout := tableLayout(q)
	question, err := s.noticeQuestion(c, q)
	if err != nil {
		return err
	}
	notices := func(yield func(traceability.NoticeRecord, error) bool) {
		page := traceability.Page{Limit: 1000}
		for {
			list, err := s.notices(c, question, page)
			if err != nil {
				yield(traceability.NoticeRecord{}, err)
				return
			}
			for _, n := range list.Items {
				if !yield(n, nil) {
					return
				}
			}
			if page.After = list.Next; page.After == "" {
				return
			}
		}
	}
	return s.answerTable(c, "notices", format, layout, notices)
}

// exportNotice writes the table of one notice. To whom its row may not be shown it
// does not exist.
func (s *Server) exportNotice(c echo.Context, format exchange.Format, id traceability.NoticeID) error {
	q := newQuery(c, "format", "layout")
	layout := tableLayout(q)
	if q.wrong != nil {
		return q.wrong
	}
	record, err := s.Reader.Notice(c.Request().Context(), id)
	if err != nil {
		return absent(err, id)
	}
	if _, ok := viewer(c).Row(record); !ok && !viewer(c).Drafts(record) {
		return notFound(string(id))
	}
	return s.answerTable(c, "notice", format, layout, func(yield func(traceability.NoticeRecord, error) bool) { yield(record, nil) })
}

// tableLayout reads the columns that are wished for, and holds the format to those
// there are.
func tableLayout(q *query) exchange.Layout {
	var formats, layouts []string
	for _, f := range exchange.Formats() {
		formats = append(formats, string(f))
	}
	for _, l := range exchange.Layouts() {
		layouts = append(layouts, string(l))
	}
	q.oneOf("format", formats...)
	return exchange.Layout(q.oneOf("layout", layouts...))
}

// answerTable sends the table. The public's is the same until the next block, and
// its entity tag says so. CSV and JSON go out as the rows come; a workbook is put
// together first, few at the same time.
func (s *Server) answerTable(c echo.Context, name string, format exchange.Format, layout exchange.Layout, notices iter.Seq2[traceability.NoticeRecord, error]) error {
	h := c.Response().Header()
	addVary(c, "Authorization")
	cache := cacheNone
	if head, following := s.Waiter.Head(); viewer(c) == (traceability.Viewer{}) && following {
		tag := tagOf([]byte(string(head.Hash[:]) + string(format) + c.Request().URL.RequestURI()))
		h.Set("Etag", "W/"+tag)
		cache = cacheAsk
		if tagMatches(c.Request().Header.Get("If-None-Match"), tag) {
			h.Set("Cache-Control", cache)
			return c.NoContent(http.StatusNotModified)
		}
	}
	if format == exchange.XLSX {
		leave, err := s.exports.enter(askerOf(c))
		if err != nil {
			return err
		}
		defer leave()
	}
	h.Set("Cache-Control", cache)
	h.Set("Content-Type", format.MediaType())
	if format != exchange.JSON {
		h.Set("Content-Disposition", `attachment; filename="`+name+"-"+string(layout)+"."+string(format)+`"`)
	}
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	out := bufio.NewWriterSize(&patient{c, http.NewResponseController(c.Response())}, 64<<10)
	err := exchange.Write(out, format, layout, s.tableRows(c, notices))
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return s.abandon(c, err)
	}
	return nil
}

// tableRows are the rows of the notices that the viewer may have; to the regulator
// that organised the sampling also those that are not published, as drafted from
// their reports.
func (s *Server) tableRows(c echo.Context, notices iter.Seq2[traceability.NoticeRecord, error]) iter.Seq2[exchange.Row, error] {
	who := viewer(c)
	return func(yield func(exchange.Row, error) bool) {
		for n, err := range notices {
			if err != nil {
				yield(exchange.Row{}, err)
				return
			}
			row := exchange.Row{Province: n.Organiser}
			public, ok := who.Row(n)
			switch {
			case ok:
				row.PublicRow, row.Published = public, traceability.DateOf(n.Publication[0].At)
			case who.Drafts(n):
				if row.PublicRow, err = s.draftRow(c, n.Report); err != nil {
					yield(exchange.Row{}, err)
					return
				}
			default:
				continue
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// draftRow is the row of a report that is not published.
func (s *Server) draftRow(c echo.Context, id traceability.ReportID) (traceability.PublicRow, error) {
	report, err := s.Reader.Report(c.Request().Context(), id)
	if err != nil {
		return traceability.PublicRow{}, err
	}
	lab, err := s.Reader.Party(c.Request().Context(), report.Lab)
	if err != nil && !errors.Is(err, traceability.ErrNotFound) {
		return traceability.PublicRow{}, err
	}
	row := traceability.DraftRow(&report.Report, lab.Name())
	row.Remark = remarkDraft
	return row, nil
}

// patient writes to the client as long as it takes anything at all.
type patient struct {
	c          echo.Context
	controller *http.ResponseController
}

var _ io.Writer = (*patient)(nil)

func (p *patient) Write(b []byte) (int, error) {
	if err := p.controller.SetWriteDeadline(time.Now().Add(stallTimeout)); err != nil {
		return 0, err
	}
	return p.c.Response().Write(b)
}
