package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// listConsultations lists consultations: to a regulator all, to others those of
// which a summary was published.
func (s *Server) listConsultations(c echo.Context) error {
	q := newQuery(c, "state", "public", "limit", "after")
	var phases []string
	for _, p := range traceability.ConsultationPhases() {
		phases = append(phases, string(p))
	}
	filter := traceability.ConsultationFilter{
		Phase:  traceability.ConsultationPhase(q.oneOf("state", append([]string{""}, phases...)...)),
		Public: q.oneOf("public", "false", "true") == "true",
	}
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	who := viewer(c)
	if !who.Proposals() {
		// A state that only regulators may know must not be found by asking for it.
		filter.Public = true
		if filter.Phase == traceability.ConsultationReviewing {
			return answerList(c, traceability.List[traceability.ConsultationRecord]{}, who.Consultation)
		}
	}
	list, err := s.Reader.Consultations(c.Request().Context(), filter, page)
	if err != nil {
		return err
	}
	return answerList(c, list, who.Consultation)
}

// getConsultation shows a consultation with its history; one that the viewer may
// not see does not exist.
func (s *Server) getConsultation(c echo.Context) error {
	id, err := identifier(c, "consultation", traceability.ParseConsultationID)
	if err != nil {
		return err
	}
	record, err := s.Reader.Consultation(c.Request().Context(), id)
	if err != nil {
		return absent(err, id)
	}
	who := viewer(c)
	shown, ok := who.Consultation(record)
	if !ok {
		return notFound(string(id))
	}
	answer := consultationAnswer{ConsultationRecord: shown}
	if who.As != "" {
		answer.Acts = record.Choices(who.As)
	}
	return answerJSON(c, answer)
}

// consultationAnswer is a consultation with what the viewer may do now.
type consultationAnswer struct {
	traceability.ConsultationRecord
	Acts []traceability.ConsultationChoice `json:"acts,omitempty"`
}

// listProposals lists what the rules of recurrence propose to consult on, now or as
// it was at a height of the ledger. It is for regulators alone.
func (s *Server) listProposals(c echo.Context) error {
	q := newQuery(c, "as_of", "answered", "limit", "after")
	filter := traceability.ProposalFilter{Answered: q.oneOf("answered", "false", "true") == "true"}
	if text := q.values.Get("as_of"); text != "" {
		height, err := strconv.ParseUint(text, 10, 39)
		if err != nil {
			q.refuse(traceability.Invalid("as_of", text, "a block's number"))
		}
		filter.AsOf = &height
	}
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	if !viewer(c).Proposals() {
		return notForYou(c)
	}
	list, err := s.Reader.Proposals(c.Request().Context(), filter, page)
	if err != nil {
		return err
	}
	return answerList(c, list, always(func(p traceability.Proposal) traceability.Proposal { return p }))
}

// deliberated reports whether a document may be seen that is not of a consultation,
// or of one whose history the viewer sees.
func (s *Server) deliberated(ctx context.Context, who traceability.Viewer, document traceability.DocumentRecord) (bool, error) {
	id, ok := strings.CutPrefix(document.Record, "consultation/")
	if !ok {
		return true, nil
	}
	record, err := s.Reader.Consultation(ctx, traceability.ConsultationID(id))
	if err != nil {
		return false, err
	}
	shown, ok := who.Consultation(record)
	return ok && len(shown.History) > 0, nil
}
