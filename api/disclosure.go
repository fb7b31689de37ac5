package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
	"deltatrace/traceability/disclosure"
)

// Rates keeps the computed days of the disclosure rate.
type Rates interface {
	Load(day traceability.Date) (*disclosure.Day, error)
	Days() ([]traceability.Date, error)
	Save(d *disclosure.Day) error
	Failing(ctx context.Context, day traceability.Date, f disclosure.FailingFilter, p traceability.Page) (disclosure.FailingPage, error)
}

// rateAnswer is a cell's rate on a day. The shares are cut off, never rounded up.
type rateAnswer struct {
	Day    traceability.Date `json:"day"`
	Height uint64            `json:"height"`
	disclosure.Rate
	NominalShare string `json:"nominal_percent,omitzero"`
	StrictShare  string `json:"strict_percent,omitzero"`
}

// maxRateDays bounds a time series.
const maxRateDays = 400

// getDisclosure answers a time series of the disclosure rate: of a platform or all,
// in a division or everywhere. A day that was not computed is not in it.
func (s *Server) getDisclosure(c echo.Context) error {
	q := newQuery(c, "platform", "division", "from", "to")
	cell := disclosure.Cell{Platform: optional(q, "platform", traceability.ParsePartyID), Division: optional(q, "division", traceability.ParseDivisionCode)}
	from, to := optional(q, "from", traceability.ParseDate), optional(q, "to", traceability.ParseDate)
	if q.wrong != nil {
		return q.wrong
	}
	answers := traceability.List[rateAnswer]{}
	if s.Rates != nil {
		days, err := s.Rates.Days()
		if err != nil {
			return err
		}
		days = slices.DeleteFunc(days, func(d traceability.Date) bool { return !d.Within(from, to) })
		for _, day := range days[max(0, len(days)-maxRateDays):] {
			computed, err := s.Rates.Load(day)
			if err != nil {
				return err
			}
			rate := computed.Of(cell)
			answers.Items = append(answers.Items, rateAnswer{Day: day, Height: computed.Height, Rate: rate,
				NominalShare: disclosure.Percent(rate.Nominal, rate.Base), StrictShare: disclosure.Percent(rate.Strict, rate.Base)})
		}
	}
	return answerList(c, answers, always(func(r rateAnswer) rateAnswer { return r }))
}

// maxJudged bounds how many shops one request for the shops behind a rate looks at;
// the next goes on from there.
const maxJudged = 20_000

// listDisclosureShops opens a rate down to the shops behind it: for the platform
// itself and the regulators.
func (s *Server) listDisclosureShops(c echo.Context) error {
	q := newQuery(c, "platform", "division", "day", "code", "limit", "after")
	platform := required(q, "platform", traceability.ParsePartyID, "a platform")
	division := optional(q, "division", traceability.ParseDivisionCode)
	day, code := optional(q, "day", traceability.ParseDate), traceability.ViolationCode(q.values.Get("code"))
	if _, known := code.Info(); code != "" && !known {
		q.refuse(traceability.Invalid("code", string(code), "a code of docs/verification.md"))
	}
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	who := viewer(c)
	if who.As != platform && who.As.Kind() != traceability.KindRegulator {
		return notForYou(c)
	}
	if day == "" {
		day = traceability.DateOf(s.Now())
	}
	ctx, filter := c.Request().Context(), traceability.ListingFilter{Platform: platform, On: day.End()}
	answers := traceability.List[disclosure.Judged]{}
	for looked := 0; ; looked += page.Limit {
		list, err := s.Reader.Listings(ctx, filter, page)
		if err != nil {
			return err
		}
		judged, err := disclosure.Judge(ctx, s.Reader, list.Items, day)
		if err != nil {
			return err
		}
		for _, j := range judged {
			if j.Counted.Open && j.Counted.In(division) && (code == "" || slices.Contains(j.Counted.Codes, code)) {
				answers.Items = append(answers.Items, j)
			}
		}
		answers.Next, page.After = list.Next, list.Next
		if list.Next == "" || len(answers.Items) >= page.Limit || looked >= maxJudged {
			return answerList(c, answers, always(func(j disclosure.Judged) disclosure.Judged { return j }))
		}
	}
}

// How the days are computed: soon after midnight, and when the server starts those
// that it has missed, but no more than a week, for the rest the command is there.
const (
	countEvery  = 10 * time.Minute
	countMissed = 7
)

// countDays computes the disclosure rate of each day that is past, until ctx is done.
func countDays(ctx context.Context, r disclosure.Reader, rates Rates, now func() time.Time, log *slog.Logger) {
	for {
		today := traceability.DateOf(now())
		for missed := countMissed; missed > 0; missed-- {
			day := today.AddDays(-missed)
			if _, err := rates.Load(day); !errors.Is(err, traceability.ErrNotFound) {
				continue
			}
			began := now()
			computed, err := disclosure.Compute(ctx, r, day, func(int) {})
			if err == nil && len(computed.Rates) == 0 {
				continue // before the first shop was declared
			}
			if err == nil {
				err = rates.Save(computed)
			}
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				log.WarnContext(ctx, "disclosure rate not computed", slog.String("day", string(day)), slog.Any("error", err))
				break
			}
			log.InfoContext(ctx, "disclosure rate computed", slog.String("day", string(day)), slog.Duration("took", now().Sub(began)))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(countEvery):
		}
	}
}
