package main

import (
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// recallAnswer is a recall with what is due of it as of a time, and how far it is:
// to its producer and the regulators.
type recallAnswer struct {
	traceability.RecallRecord
	Due           []dueAnswer                 `json:"due,omitempty"`
	Total         *traceability.RecallAmount  `json:"total,omitzero"`
	Effectiveness *traceability.Effectiveness `json:"effectiveness,omitzero"`
	Acts          []traceability.RecallChoice `json:"acts,omitempty"` // of one recall: what the viewer may do now
}

// recallOf redacts a recall and adds what follows from it.
func recallOf(r traceability.RecallRecord, who traceability.Viewer, asOf time.Time) (recallAnswer, bool) {
	shown, ok := who.Recall(r)
	if !ok {
		return recallAnswer{}, false
	}
	answer := recallAnswer{RecallRecord: shown}
	for _, d := range shown.DueAt(asOf) {
		answer.Due = append(answer.Due, dueAnswer{d, d.Overdue(asOf)})
	}
	if len(shown.Amounts) > 0 {
		total := shown.Total()
		answer.Total, answer.Effectiveness = &total, total.Effectiveness()
	}
	return answer, true
}

// listRecalls lists recalls: the public those that were announced, a party its
// own, a regulator all.
func (s *Server) listRecalls(c echo.Context) error {
	q := newQuery(c, "party", "state", "public", "notice", "as_of", "limit", "after")
	states := []string{""}
	for _, p := range traceability.RecallPhases() {
		states = append(states, string(p))
	}
	filter := traceability.RecallFilter{
		Party:  optional(q, "party", traceability.ParsePartyID),
		Phase:  traceability.Phase(q.oneOf("state", states...)),
		Public: q.oneOf("public", "false", "true") == "true",
		Notice: optional(q, "notice", traceability.ParseNoticeID),
	}
	asOf, page := q.instant("as_of", s.Now()), q.page()
	if q.wrong != nil {
		return q.wrong
	}
	who := viewer(c)
	switch {
	case who.As.Kind() == traceability.KindRegulator:
	case filter.Party == "":
		filter.Public = true
	case filter.Party != who.As:
		return notForYou(c)
	}
	list, err := s.Reader.Recalls(c.Request().Context(), filter, page)
	if err != nil {
		return err
	}
	answers := traceability.List[recallAnswer]{Next: list.Next}
	for _, r := range list.Items {
		if answer, ok := recallOf(r, who, asOf); ok {
			answers.Items = append(answers.Items, answer)
		}
	}
	return answerList(c, answers, func(r recallAnswer) (recallAnswer, bool) { return r, true })
}

// getRecall shows a recall with its history; one that the viewer may not see does
// not exist.
func (s *Server) getRecall(c echo.Context) error {
	id, err := identifier(c, "recall", traceability.ParseRecallID)
	if err != nil {
		return err
	}
	q := newQuery(c, "as_of")
	asOf := q.instant("as_of", s.Now())
	if q.wrong != nil {
		return q.wrong
	}
	record, err := s.Reader.Recall(c.Request().Context(), id)
	if err != nil {
		return absent(err, id)
	}
	who := viewer(c)
	answer, ok := recallOf(record, who, asOf)
	if !ok {
		return notFound(string(id))
	}
	if who.As != "" {
		answer.Acts = record.Choices(who.As)
	}
	return answerJSON(c, answer)
}

// listLotRecalls tells which announced recalls cover a lot.
func (s *Server) listLotRecalls(c echo.Context) error {
	id, err := identifier(c, "lot", traceability.ParseLotID)
	if err != nil {
		return err
	}
	q := newQuery(c)
	if q.wrong != nil {
		return q.wrong
	}
	recalls, err := s.Reader.RecallsOf(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return answerList(c, traceability.List[traceability.LotRecall]{Items: recalls}, always(viewer(c).LotRecall))
}

// listAlerts lists what was done with lots after they were recalled: a party its
// own, a regulator anybody's or all.
func (s *Server) listAlerts(c echo.Context) error {
	q := newQuery(c, "party", "recall", "limit", "after")
	filter := traceability.AlertFilter{Party: optional(q, "party", traceability.ParsePartyID), Recall: optional(q, "recall", traceability.ParseRecallID)}
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	who := viewer(c)
	if filter.Party == "" && who.As.Kind() != traceability.KindRegulator {
		filter.Party = who.As
	}
	if !who.Alerts(filter.Party) {
		return notForYou(c)
	}
	list, err := s.Reader.Alerts(c.Request().Context(), filter, page)
	if err != nil {
		return err
	}
	return answerList(c, list, func(a traceability.Alert) (traceability.Alert, bool) { return a, true })
}
