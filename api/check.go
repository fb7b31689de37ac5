package main

import (
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
	"deltatrace/traceability/verification"
)

// listingCheck is how a shop as declared last agrees with the register now.
type listingCheck struct {
	basis
	Listing       traceability.ListingRecord        `json:"listing"`
	Result        verification.Result               `json:"result"`
	Verifications []traceability.VerificationRecord `json:"verifications,omitempty"` // on record, the latest first
}

// checkListing compares one shop of a platform with the register as it is now. The
// figures of a day are as of its end; what came since, a revocation, is seen here. A
// regulator is told what the platform is told, and the licence as it may see it.
func (s *Server) checkListing(c echo.Context) error {
	record, err := s.listingAsked(c)
	if err != nil {
		return err
	}
	ctx, who := c.Request().Context(), viewer(c)
	shown, _ := who.Listing(record)
	now := s.Now()
	answer := listingCheck{Listing: shown}
	if answer.basis, err = s.basis(ctx, traceability.DateOf(now)); err != nil {
		return err
	}
	question := verification.Question{Shops: []traceability.Shop{record.Shop}, Day: answer.On, Now: now}
	results, err := verification.Ask(ctx, s.Reader, question, traceability.Viewer{As: record.Platform})
	if err != nil {
		return err
	}
	answer.Result = results[0]
	if answer.Result.Licence != nil {
		standing, err := s.Reader.LicenceOn(ctx, []traceability.LicenceID{answer.Result.Licence.ID}, answer.On)
		if err != nil {
			return err
		}
		licence := who.Licence(standing[answer.Result.Licence.ID])
		answer.Result.Licence = &licence
	}
	if answer.Verifications, err = s.Reader.VerificationHistory(ctx, record.Platform, record.ID); err != nil {
		return err
	}
	return answerJSON(c, answer)
}
