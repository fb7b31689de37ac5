package main

import (
	"slices"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// creditAnswer is a company's credit record as of a day.
type creditAnswer struct {
	Company      traceability.USCC     `json:"company"`
	On           traceability.Date     `json:"on"`
	Restrictions []restriction         `json:"restrictions,omitempty"` // joint measures that hold on the day
	Entries      []traceability.Credit `json:"entries"`
}

// restriction is a joint measure that holds in a province.
type restriction struct {
	Province traceability.ProvinceCode `json:"province"`
	Measure  string                    `json:"measure"`
	Entry    traceability.CreditID     `json:"entry"`
}

// getCredit answers what is held against a company, by whom, where it is
// restricted for it, and what it has committed itself to. A company without a
// record has an empty one: that it is unknown and that it is blameless look alike.
func (s *Server) getCredit(c echo.Context) error {
	company, err := identifier(c, "company", traceability.ParseUSCC)
	if err != nil {
		return err
	}
	q := newQuery(c, "on")
	on := optional(q, "on", traceability.ParseDate)
	if q.wrong != nil {
		return q.wrong
	}
	if on == "" {
		on = traceability.DateOf(s.Now())
	}
	found, err := s.Reader.Credits(c.Request().Context(), []traceability.USCC{company})
	if err != nil {
		return err
	}
	answer := creditAnswer{Company: company, On: on, Entries: []traceability.Credit{}}
	who := viewer(c)
	for _, entry := range found[company] {
		shown, ok := who.Credit(entry, on)
		if !ok {
			continue
		}
		answer.Entries = append(answer.Entries, shown)
		for _, province := range traceability.Provinces() {
			for _, measure := range entry.Measures {
				r := restriction{province, measure.Measure, entry.ID}
				if entry.Restricts(measure.Measure, province, on) && !slices.Contains(answer.Restrictions, r) {
					answer.Restrictions = append(answer.Restrictions, r)
				}
			}
		}
	}
	return answerJSON(c, answer)
}
