package main

import (
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// noticeAnswer is a notice with what is due of it, as of a time: to a regulator
// of whomever, to another party of itself, to the public nothing.
type noticeAnswer struct {
	traceability.NoticeRecord
	Due []dueAnswer `json:"due,omitempty"`

	// Of one notice, for a party: what it may do now, and, where that is to
	// publish, the row as the report has it or as it was published last.
	Acts []traceability.NoticeChoice `json:"acts,omitempty"`
	Row  *traceability.PublicRow     `json:"row,omitzero"`
}

// dueAnswer is a period that runs.
type dueAnswer struct {
	traceability.Deadline
	Overdue bool `json:"overdue"`
}

// listNotices lists notices: the public those that were published, a party also
// those that concern it, a regulator all, or as one party's inbox, the next
// deadline first.
func (s *Server) listNotices(c echo.Context) error {
	if format := tableFormat(c); format != "" {
		return s.exportNotices(c, format)
	}
	q := newQuery(c, append(noticeParameters(), "limit", "after")...)
	question, err := s.noticeQuestion(c, q)
	if err != nil {
		return err
	}
	list, err := s.notices(c, question, q.page())
	if err != nil {
		return err
	}
	answers := traceability.List[noticeAnswer]{Next: list.Next}
	for _, n := range list.Items {
		if answer, ok := dueOf(n, viewer(c), question.filter.Party, question.asOf); ok {
			answers.Items = append(answers.Items, answer)
		}
	}
	return answerList(c, answers, func(n noticeAnswer) (noticeAnswer, bool) { return n, true })
}

// noticeQuestion is which notices are asked for, and as of when: those that a
// filter leaves or, where a name or a day is looked for, those published.
type noticeQuestion struct {
	filter    traceability.NoticeFilter
	published *traceability.PublishedFilter
	asOf      time.Time
}

// noticeParameters are what a question for notices is made of.
func noticeParameters() []string {
	return []string{"party", "state", "public", "lot", "overdue", "as_of", "text", "from", "to"}
}

// noticeQuestion reads what is asked for. The public and those who do not name
// themselves are given the published ones.
func (s *Server) noticeQuestion(c echo.Context, q *query) (noticeQuestion, error) {
	question := noticeQuestion{asOf: q.instant("as_of", s.Now()), filter: traceability.NoticeFilter{
		Party:  optional(q, "party", traceability.ParsePartyID),
		Phase:  traceability.Phase(q.oneOf("state", append([]string{""}, phases()...)...)),
		Public: q.oneOf("public", "false", "true") == "true",
		Lot:    optional(q, "lot", traceability.ParseLotID),
		Past:   c.QueryParam("as_of") != "", // what ran then may have ended
	}}
	published := traceability.PublishedFilter{Text: q.values.Get("text"), From: optional(q, "from", traceability.ParseDate), To: optional(q, "to", traceability.ParseDate)}
	filter := &question.filter
	overdue := q.oneOf("overdue", "false", "true") == "true"
	if published != (traceability.PublishedFilter{}) {
		question.published = &published
		if *filter != (traceability.NoticeFilter{Public: filter.Public, Past: filter.Past}) || overdue {
			q.refuse(traceability.Invalid("text", published.Text, "text, from and to without other filters: they look among all that was published"))
		}
	}
	if overdue && filter.Party == "" {
		q.refuse(traceability.Missing("party", "the party whose periods are meant, with overdue"))
	}
	q.page()
	if q.wrong != nil {
		return question, q.wrong
	}
	if overdue {
		filter.Overdue = question.asOf
	}
	who := viewer(c)
	switch {
	case who.As.Kind() == traceability.KindRegulator:
	case filter.Party == "":
		filter.Public = true
	case filter.Party != who.As:
		return question, notForYou(c)
	}
	return question, nil
}

// notices reads a part of what is asked for.
func (s *Server) notices(c echo.Context, question noticeQuestion, page traceability.Page) (traceability.List[traceability.NoticeRecord], error) {
	if question.published != nil {
		return s.Reader.PublishedNotices(c.Request().Context(), *question.published, page)
	}
	return s.Reader.Notices(c.Request().Context(), question.filter, page)
}

// getNotice shows a notice with its history; one that the viewer may not see does
// not exist.
func (s *Server) getNotice(c echo.Context) error {
	id, err := identifier(c, "notice", traceability.ParseNoticeID)
	if err != nil {
		return err
	}
	if format := tableFormat(c); format != "" {
		return s.exportNotice(c, format, id)
	}
	q := newQuery(c, "as_of")
	asOf := q.instant("as_of", s.Now())
	if q.wrong != nil {
		return q.wrong
	}
	record, err := s.Reader.Notice(c.Request().Context(), id)
	if err != nil {
		return absent(err, id)
	}
	who := viewer(c)
	answer, ok := dueOf(record, who, "", asOf)
	if !ok {
		return notFound(string(id))
	}
	if who.As != "" {
		answer.Acts = record.Choices(who.As, asOf)
	}
	if answer.Row, err = s.rowToPublish(c, &record.Notice, answer.Acts); err != nil {
		return err
	}
	return answerJSON(c, answer)
}

// rowToPublish is the public row to start from, for whoever may publish or correct
// it: the last one that was published, or the report's.
func (s *Server) rowToPublish(c echo.Context, n *traceability.Notice, acts []traceability.NoticeChoice) (*traceability.PublicRow, error) {
	if !slices.ContainsFunc(acts, func(c traceability.NoticeChoice) bool {
		return c.Act == traceability.ActPublish || c.Act == traceability.ActCorrect
	}) {
		return nil, nil
	}
	for _, version := range slices.Backward(n.Publication) {
		if version.Row != nil {
			return version.Row, nil
		}
	}
	row, err := s.draftRow(c, n.Report)
	row.Remark = "" // which says that it is a draft
	return &row, err
}

// noticeStats is the answer that compares the provinces.
type noticeStats struct {
	AsOf      time.Time                  `json:"as_of"`
	Provinces []traceability.NoticeStats `json:"provinces"`
}

// getNoticeStats compares the four provinces, for regulators.
func (s *Server) getNoticeStats(c echo.Context) error {
	q := newQuery(c, "as_of")
	asOf := q.instant("as_of", s.Now())
	if q.wrong != nil {
		return q.wrong
	}
	if viewer(c).As.Kind() != traceability.KindRegulator {
		return notForYou(c)
	}
	stats, err := s.Reader.NoticeStats(c.Request().Context(), asOf)
	if err != nil {
		return err
	}
	return answerJSON(c, noticeStats{traceability.Instant(asOf), stats})
}

// dueOf redacts a notice and adds the periods that ran at the time: a party's, or
// for a regulator all.
func dueOf(n traceability.NoticeRecord, who traceability.Viewer, party traceability.PartyID, asOf time.Time) (noticeAnswer, bool) {
	shown, ok := who.Notice(n)
	if !ok {
		return noticeAnswer{}, false
	}
	answer := noticeAnswer{NoticeRecord: shown}
	if who.As.Kind() != traceability.KindRegulator {
		party = who.As
	}
	for _, d := range shown.DueAt(asOf, party) {
		answer.Due = append(answer.Due, dueAnswer{d, d.Overdue(asOf)})
	}
	return answer, true
}

func phases() []string {
	var names []string
	for _, p := range traceability.Phases() {
		names = append(names, string(p))
	}
	return names
}

// concerned reports whether a document of a notice may be seen: by those who see
// the notice's history, with this document in it.
func concerned(who traceability.Viewer, n traceability.NoticeRecord, id traceability.DocumentID) bool {
	shown, ok := who.Notice(n)
	return ok && slices.ContainsFunc(shown.History, func(e traceability.NoticeEntry) bool { return e.ID == id })
}

// noticeOf returns the notice that a record's key names.
func noticeOf(record string) (traceability.NoticeID, bool) {
	id, ok := strings.CutPrefix(record, "notice/")
	return traceability.NoticeID(id), ok
}
