package main

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// agreementKinds are the short names of what the provinces agree on.
func agreementKinds() []string {
	var kinds []string
	for _, typ := range traceability.DocumentTypes() {
		if _, ok := traceability.NewPayload(typ).(traceability.Agreed); ok {
			kinds = append(kinds, strings.TrimSuffix(string(typ), ".set"))
		}
	}
	return kinds
}

// listAgreements lists what the provinces agree on, revision by revision: to the
// public what is in force or was, to a regulator also what waits for signatures.
func (s *Server) listAgreements(c echo.Context) error {
	q := newQuery(c, "kind", "limit", "after")
	kind := q.oneOf("kind", append([]string{""}, agreementKinds()...)...)
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	who := viewer(c)
	filter := traceability.AgreementFilter{InForce: !who.Pending()}
	if kind != "" {
		filter.Kind = traceability.DocumentType(kind + ".set")
	}
	list, err := s.Reader.Agreements(c.Request().Context(), filter, page)
	if err != nil {
		return err
	}
	return answerList(c, list, who.Agreement)
}

// limitAnswer is a revision of a limit and what it is for food made on a day.
type limitAnswer struct {
	traceability.AgreementRecord
	Status limitStatus `json:"status"`
}

// limitStatus says what a revision of a limit is on a day.
type limitStatus string

const (
	limitPending limitStatus = "pending" // not all four have signed
	limitCurrent limitStatus = "current"
	limitPast    limitStatus = "past"   // ended, or replaced by what began later
	limitFuture  limitStatus = "future" // begins later
)

// listLimits lists limits with their history, and says which counts for food made
// on a day.
func (s *Server) listLimits(c echo.Context) error {
	q := newQuery(c, "parameter", "category", "date", "limit", "after")
	filter := traceability.AgreementFilter{
		Kind: traceability.TypeLimitSet, Parameter: traceability.HazardOf(q.text("parameter")), Category: traceability.Fold(q.text("category")),
	}
	date := optional(q, "date", traceability.ParseDate)
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	if date == "" {
		date = traceability.DateOf(s.Now())
	}
	who := viewer(c)
	filter.InForce = !who.Pending()
	ctx := c.Request().Context()
	list, err := s.Reader.Agreements(ctx, filter, page)
	if err != nil {
		return err
	}
	editions, err := s.editions(ctx, list.Items, page.After != "" || list.Next != "")
	if err != nil {
		return err
	}
	answers := traceability.List[limitAnswer]{Next: list.Next}
	for _, a := range list.Items {
		answers.Items = append(answers.Items, limitAnswer{a, standing(a, editions[a.Record], date)})
	}
	return answerList(c, answers, func(a limitAnswer) (limitAnswer, bool) {
		shown, ok := who.Agreement(a.AgreementRecord)
		return limitAnswer{shown, a.Status}, ok
	})
}

// editions returns the revisions in force of each record in a part of a list. Where
// there is more of the list, those at its ends may have more of them.
func (s *Server) editions(ctx context.Context, list []traceability.AgreementRecord, part bool) (map[string][]*traceability.Limit, error) {
	editions := make(map[string][]*traceability.Limit)
	add := func(list []traceability.AgreementRecord) {
		for _, a := range list {
			if limit, ok := a.Content.(*traceability.Limit); ok && !a.InForce.IsZero() {
				editions[a.Record] = append(editions[a.Record], limit)
			}
		}
	}
	add(list)
	if !part || len(list) == 0 {
		return editions, nil
	}
	for _, end := range []traceability.AgreementRecord{list[0], list[len(list)-1]} {
		limit, ok := end.Content.(*traceability.Limit)
		if !ok {
			continue
		}
		all, err := s.Reader.Agreements(ctx, traceability.AgreementFilter{
			Kind: end.Type, InForce: true, Parameter: traceability.HazardOf(limit.Parameter), Category: traceability.Fold(limit.Category),
		}, traceability.Page{Limit: 1000}) // a record has no more revisions than 999
		if err != nil {
			return nil, err
		}
		delete(editions, end.Record)
		add(all.Items)
	}
	return editions, nil
}

func standing(a traceability.AgreementRecord, editions []*traceability.Limit, date traceability.Date) limitStatus {
	limit, ok := a.Content.(*traceability.Limit)
	current := traceability.LimitOn(editions, date)
	switch {
	case !ok || a.InForce.IsZero():
		return limitPending
	case current != nil && current.Revision == limit.Revision:
		return limitCurrent
	case limit.EffectiveFrom > date:
		return limitFuture
	default:
		return limitPast
	}
}
