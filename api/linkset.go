package main

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// vocabulary is where GS1 explains its link types.
const vocabulary = "https://ref.gs1.org/voc/"

// linkset is a set of links as RFC 9264 §4.2 and GS1's schema write it.
type linkset struct {
	Linkset []map[string]any `json:"linkset"`
}

// link is one target.
type link struct {
	Href     string   `json:"href"`
	Title    string   `json:"title"`
	Type     string   `json:"type"`
	Hreflang []string `json:"hreflang,omitempty"`
}

// relation is a GS1 link type with its targets.
type relation struct {
	name  string // without the vocabulary
	links []link
}

// relations lists what there is about a lot, by GS1's link types.
func (s *Server) relations(id traceability.LotID) []relation {
	self, data := s.address(id), s.PublicURL+"/v1/lots/"+string(id)
	pages := []link{
		{Href: self + "?lang=zh", Title: "批次检验与追溯", Type: "text/html", Hreflang: []string{"zh"}},
		{Href: self + "?lang=en", Title: "Inspection and origin of this batch", Type: "text/html", Hreflang: []string{"en"}},
	}
	return []relation{
		{"defaultLink", []link{{Href: self, Title: "批次检验与追溯 / Inspection and origin of this batch", Type: "text/html", Hreflang: []string{"zh", "en"}}}},
		{"pip", pages},
		{"traceability", []link{
			{Href: data + "/trace?direction=up", Title: "来源 / What this batch came from", Type: mediaJSON},
			{Href: data + "/trace?direction=down", Title: "去向 / What came of this batch", Type: mediaJSON},
			{Href: data + "/events", Title: "事件 / What happened to this batch", Type: mediaJSON},
		}},
		{"certificationInfo", []link{{Href: data + "/reports?current=true", Title: "检验报告 / Test reports", Type: mediaJSON}}},
	}
}

// linkType is what the asker wants to be led to, by GS1's parameter; some
// write it in lower case.
func linkType(c echo.Context) string {
	for _, name := range []string{"linkType", "linktype"} {
		if v := c.QueryParam(name); v != "" {
			return v
		}
	}
	return ""
}

// scanLinkType answers a request for links of a type: all of them as a linkset,
// or a redirection to the one. A type that there is not is 404, never the
// default, as the standard wants it.
func (s *Server) scanLinkType(c echo.Context, id traceability.LotID, linkType string) error {
	if linkType == "all" || linkType == "linkset" {
		return s.scanLinkset(c, id)
	}
	name := strings.TrimPrefix(strings.TrimPrefix(linkType, "gs1:"), vocabulary)
	for _, r := range s.relations(id) {
		if r.name != name {
			continue
		}
		if name == "defaultLink" {
			return s.scanPage(c, id)
		}
		if _, err := s.Reader.Lot(c.Request().Context(), id); err != nil {
			return absent(err, id)
		}
		i := max(0, slices.IndexFunc(r.links, func(l link) bool { return slices.Contains(l.Hreflang, string(language(c))) }))
		c.Response().Header().Set("Cache-Control", cacheAsk)
		return c.Redirect(http.StatusTemporaryRedirect, r.links[i].Href)
	}
	e := notFound(linkType)
	e.Field, e.Expected = "linkType", "all, linkset, gs1:defaultLink, gs1:pip, gs1:traceability or gs1:certificationInfo"
	return e
}

func (s *Server) scanLinkset(c echo.Context, id traceability.LotID) error {
	lot, err := s.Reader.Lot(c.Request().Context(), id)
	if err != nil {
		return absent(err, id)
	}
	links := map[string]any{
		"anchor":          s.address(id),
		"itemDescription": strings.TrimSpace(lot.Product+" "+lot.Spec) + " · " + id.Batch(),
	}
	for _, r := range s.relations(id) {
		links[vocabulary+r.name] = r.links
	}
	body, err := encode(linkset{Linkset: []map[string]any{links}})
	if err != nil {
		return err
	}
	return answer(c, mediaLinkset, cacheAsk, body)
}
