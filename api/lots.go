package main

import (
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

func (s *Server) listLots(c echo.Context) error {
	q := newQuery(c, "registrant", "limit", "after")
	filter := traceability.LotFilter{Registrant: optional(q, "registrant", traceability.ParsePartyID)}
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	list, err := s.Reader.Lots(c.Request().Context(), filter, page)
	if err != nil {
		return err
	}
	return answerList(c, list, always(viewer(c).Lot))
}

func (s *Server) getLot(c echo.Context) error {
	lot, err := s.lot(c)
	if err != nil {
		return err
	}
	return answerJSON(c, viewer(c).Lot(lot))
}

// lot returns the lot that the address names.
func (s *Server) lot(c echo.Context) (traceability.LotRecord, error) {
	id, err := identifier(c, "lot", traceability.ParseLotID)
	if err != nil {
		return traceability.LotRecord{}, err
	}
	lot, err := s.Reader.Lot(c.Request().Context(), id)
	return lot, absent(err, id)
}

func (s *Server) listLotEvents(c echo.Context) error {
	q := newQuery(c, "limit", "after")
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	lot, err := s.lot(c)
	if err != nil {
		return err
	}
	return s.answerEvents(c, traceability.EventFilter{Lots: []traceability.LotID{lot.ID}}, page)
}

func (s *Server) listLotReports(c echo.Context) error {
	q := newQuery(c, "current", "limit", "after")
	filter := traceability.ReportFilter{Current: q.oneOf("current", "false", "true") == "true"}
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	lot, err := s.lot(c)
	if err != nil {
		return err
	}
	filter.Lot = lot.ID
	return s.answerReports(c, filter, page)
}
