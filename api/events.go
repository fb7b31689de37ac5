package main

import (
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

func (s *Server) listEvents(c echo.Context) error {
	q := newQuery(c, "lot", "party", "limit", "after")
	filter := traceability.EventFilter{Party: optional(q, "party", traceability.ParsePartyID)}
	if lot := optional(q, "lot", traceability.ParseLotID); lot != "" {
		filter.Lots = []traceability.LotID{lot}
	}
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	return s.answerEvents(c, filter, page)
}

func (s *Server) answerEvents(c echo.Context, filter traceability.EventFilter, page traceability.Page) error {
	list, err := s.Reader.Events(c.Request().Context(), filter, page)
	if err != nil {
		return err
	}
	return answerList(c, list, always(viewer(c).Event))
}

func (s *Server) getEvent(c echo.Context) error {
	id, err := identifier(c, "event", traceability.ParseEventID)
	if err != nil {
		return err
	}
	event, err := s.Reader.Event(c.Request().Context(), id)
	if err != nil {
		return absent(err, id)
	}
	return answerJSON(c, viewer(c).Event(event))
}
