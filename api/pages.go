package main

import (
	"github.com/labstack/echo/v4"

	"deltatrace/api/page"
)

// home is where a person without a code lands.
func (s *Server) home(c echo.Context) error {
	addVary(c, "Accept-Language")
	lang := language(c)
	result, err := s.site.Home(c.Request().Context(), s.Reader, lang)
	if err != nil {
		return err
	}
	return answerPage(c, lang, result)
}

func (s *Server) assets(c echo.Context) error {
	page.Assets().ServeHTTP(c.Response(), c.Request())
	return nil
}

func answerPage(c echo.Context, lang page.Lang, r page.Result) error {
	c.Response().Header().Set("Content-Language", lang.Tag())
	return answerTagged(c, r.Status, mediaHTML, cacheAsk, r.ETag, r.Body)
}

func (s *Server) getSpec(c echo.Context) error {
	return answer(c, "application/yaml", cacheAsk, s.docs.Spec())
}

func (s *Server) docsPage(c echo.Context) error {
	body, err := s.docs.Page()
	if err != nil {
		return err
	}
	return answer(c, mediaHTML, cacheAsk, body)
}

func (s *Server) errorsPage(c echo.Context) error {
	body, err := s.docs.Errors()
	if err != nil {
		return err
	}
	return answer(c, mediaHTML, cacheAsk, body)
}

func (s *Server) docsStyle(c echo.Context) error {
	return answer(c, "text/css; charset=utf-8", cacheDay, s.docs.Style())
}
