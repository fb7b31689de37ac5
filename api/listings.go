package main

import (
	"net/http"

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
		return "", &refusal{err: says(traceability.CodeNotAllowed, nil), status: http.StatusForbidden}
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
	shop, err := identifier(c, "shop", traceability.ParseShopID)
	if err != nil {
		return err
	}
	q := newQuery(c, "platform")
	platform, err := platformAsked(c, q)
	if err != nil {
		return err
	}
	if platform == "" {
		return traceability.Missing("platform", "the platform whose shop is meant")
	}
	record, err := s.Reader.Listing(c.Request().Context(), platform, shop)
	if err != nil {
		return absent(err, shop)
	}
	shown, ok := viewer(c).Listing(record)
	if !ok {
		return notFound(string(shop))
	}
	return answerJSON(c, shown)
}
