package main

import (
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

func (s *Server) listParties(c echo.Context) error {
	q := newQuery(c, "kind", "province", "limit", "after")
	filter := traceability.PartyFilter{
		Kind:     traceability.PartyKind(q.oneOf("kind", "", "reg", "lab", "op", "plat")),
		Province: optional(q, "province", traceability.ParseProvinceCode),
	}
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	list, err := s.Reader.Parties(c.Request().Context(), filter, page)
	if err != nil {
		return err
	}
	return answerList(c, list, always(viewer(c).Party))
}

func (s *Server) getParty(c echo.Context) error {
	id, err := identifier(c, "party", traceability.ParsePartyID)
	if err != nil {
		return err
	}
	party, err := s.Reader.Party(c.Request().Context(), id)
	if err != nil {
		return absent(err, id)
	}
	return answerJSON(c, viewer(c).Party(party))
}
