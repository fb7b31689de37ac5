package main

import (
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// platformAsked is whose shops are asked for: the platform's own, or, for a
// regulator, those of the platform that it names.
func platformAsked(c echo.Context, q *query) (traceability.PartyID, error) {
	platform := optional(q, "platform", traceability.ParsePartyID)
	if q.wrong != nil {
		return "", q.wrong
	}
	who := viewer(c)
	if platform == "" && who.As.Kind() == traceability.KindPlatform {
		platform = who.As
	}
	if !who.Listings(platform) {
		return "", notForYou(c)
	}
	return platform, nil
}

// listListings lists shops, each as it stands or stood at an instant.
func (s *Server) listListings(c echo.Context) error {
	q := newQuery(c, "platform", "licence", "division", "at", "limit", "after")
	filter := traceability.ListingFilter{Licence: q.values.Get("licence"), Division: optional(q, "division", traceability.ParseDivisionCode)}
	if c.QueryParam("at") != "" {
		filter.On = q.instant("at", s.Now())
	}
	page := q.page()
	platform, err := platformAsked(c, q)
	if err != nil {
		return err
	}
	filter.Platform = platform
	list, err := s.Reader.Listings(c.Request().Context(), filter, page)
	if err != nil {
		return err
	}
	return answerList(c, list, viewer(c).Listing)
}

// getListing shows one shop with how its page stood before.
func (s *Server) getListing(c echo.Context) error {
	record, err := s.listingAsked(c)
	if err != nil {
		return err
	}
	shown, _ := viewer(c).Listing(record)
	return answerJSON(c, shown)
}

// listingAsked reads the shop that is asked for, which the viewer may see.
func (s *Server) listingAsked(c echo.Context) (record traceability.ListingRecord, err error) {
	shop, err := identifier(c, "shop", traceability.ParseShopID)
	if err != nil {
		return record, err
	}
	platform, err := platformAsked(c, newQuery(c, "platform"))
	if err != nil {
		return record, err
	}
	if platform == "" {
		return record, traceability.Missing("platform", "the platform whose shop is meant")
	}
	record, err = s.Reader.Listing(c.Request().Context(), platform, shop)
	if err != nil {
		return record, absent(err, shop)
	}
	if _, ok := viewer(c).Listing(record); !ok {
		return record, notFound(string(shop))
	}
	return record, nil
}
