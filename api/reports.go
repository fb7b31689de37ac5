package main

import (
	"context"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

func (s *Server) listReports(c echo.Context) error {
	q := newQuery(c, "lot", "lab", "sampling_no", "current", "limit", "after")
	filter := traceability.ReportFilter{
		Lot:        optional(q, "lot", traceability.ParseLotID),
		Lab:        optional(q, "lab", traceability.ParsePartyID),
		SamplingNo: optional(q, "sampling_no", traceability.ParseSamplingNo),
		Current:    q.oneOf("current", "false", "true") == "true",
	}
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	return s.answerReports(c, filter, page)
}

func (s *Server) answerReports(c echo.Context, filter traceability.ReportFilter, page traceability.Page) error {
	read := func(ctx context.Context, page traceability.Page) (traceability.List[traceability.ReportRecord], error) {
		return s.Reader.Reports(ctx, filter, page)
	}
	see := func(r traceability.ReportRecord) (traceability.ReportRecord, bool) {
		shown, ok := viewer(c).Report(r)
		return shown, ok && (!filter.Current || shown.SupersededBy == "")
	}
	list, err := visible(c.Request().Context(), page, read, see)
	if err != nil {
		return err
	}
	return answerList(c, list, always(func(r traceability.ReportRecord) traceability.ReportRecord { return r }))
}

// getReport shows a report; one that the viewer may not see does not exist.
func (s *Server) getReport(c echo.Context) error {
	id, err := identifier(c, "report", traceability.ParseReportID)
	if err != nil {
		return err
	}
	record, err := s.Reader.Report(c.Request().Context(), id)
	if err != nil {
		return absent(err, id)
	}
	report, ok := viewer(c).Report(record)
	if !ok {
		return notFound(string(id))
	}
	return answerJSON(c, report)
}
