package main

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
)

// getRecognition answers whether there is a result for a lot that counts in a
// province, for which parameters, and why not for the others; today or on a day
// past, by the rule in force or by another version of one.
func (s *Server) getRecognition(c echo.Context) error {
	q := newQuery(c, "lot", "province", "on", "rule")
	question := recognition.Question{
		Lot:       required(q, "lot", traceability.ParseLotID, "a lot id"),
		Accepting: required(q, "province", traceability.ParseProvinceCode, "310000, 320000, 330000 or 340000"),
		On:        optional(q, "on", traceability.ParseDate),
	}
	rule := optional(q, "rule", parseRuleVersion)
	if q.wrong != nil {
		return q.wrong
	}
	question.Rule, question.Version = rule.id, rule.version
	if question.On == "" {
		question.On = traceability.DateOf(s.Now())
	}
	answer, err := recognition.Ask(c.Request().Context(), s.Reader, question, viewer(c))
	if err != nil {
		return absent(err, question.Lot)
	}
	return answerJSON(c, answer)
}

// ruleVersion is a rule, in the version in force when version is 0.
type ruleVersion struct {
	id      traceability.RecognitionRuleID
	version int
}

// parseRuleVersion reads <rule> or <rule>/<version>.
func parseRuleVersion(s string) (ruleVersion, error) {
	name, number, versioned := strings.Cut(s, "/")
	id, err := traceability.ParseRecognitionRuleID(name)
	if err != nil || !versioned {
		return ruleVersion{id: id}, err
	}
	version, err := strconv.Atoi(number)
	if err != nil || version < 1 {
		return ruleVersion{}, traceability.Invalid("", s, "<rule> or <rule>/<version>, such as MR-33-2026-01/3")
	}
	return ruleVersion{id, version}, nil
}

// listRecognitionRules lists rules in all their versions.
func (s *Server) listRecognitionRules(c echo.Context) error {
	q := newQuery(c, "province", "limit", "after")
	filter := traceability.RecognitionRuleFilter{Accepting: optional(q, "province", traceability.ParseProvinceCode)}
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	list, err := s.Reader.RecognitionRules(c.Request().Context(), filter, page)
	if err != nil {
		return err
	}
	return answerList(c, list, always(func(r traceability.RecognitionRuleRecord) traceability.RecognitionRuleRecord { return r }))
}

// getRecognitionRate counts what the provinces made of each other's results.
func (s *Server) getRecognitionRate(c echo.Context) error {
	q := newQuery(c, "issuing", "accepting", "from", "to")
	filter := traceability.RecognitionRateFilter{
		Issuing:   optional(q, "issuing", traceability.ParseProvinceCode),
		Accepting: optional(q, "accepting", traceability.ParseProvinceCode),
		From:      optional(q, "from", traceability.ParseMonth),
		To:        optional(q, "to", traceability.ParseMonth),
	}
	if q.wrong != nil {
		return q.wrong
	}
	rates, err := s.Reader.RecognitionRates(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	list := traceability.List[traceability.RecognitionRate]{Items: rates}
	return answerList(c, list, always(func(r traceability.RecognitionRate) traceability.RecognitionRate { return r }))
}
