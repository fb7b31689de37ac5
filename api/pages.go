package main

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"deltatrace/api/page"
	"deltatrace/traceability"
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

// noticesPage lists the published notices for people.
func (s *Server) noticesPage(c echo.Context) error {
	lang := language(c)
	q := page.FailureQuery{Text: c.QueryParam("text"), From: c.QueryParam("from"), To: c.QueryParam("to"), After: c.QueryParam("after")}
	return s.answerRemembered(c, lang, fmt.Sprintf("notices %q", q), func() (page.Result, error) {
		return s.site.Failures(c.Request().Context(), s.Reader, lang, q)
	})
}

// noticePage shows one of them.
func (s *Server) noticePage(c echo.Context) error {
	lang, path := language(c), c.Request().URL.Path
	id, err := identifier(c, "notice", traceability.ParseNoticeID)
	if err != nil {
		return answerPage(c, lang, s.site.NotFound(lang, path))
	}
	return s.answerRemembered(c, lang, "notice "+string(id), func() (page.Result, error) {
		return s.site.Failure(c.Request().Context(), s.Reader, lang, id, path)
	})
}

// recallsPage lists the announced recalls for people.
func (s *Server) recallsPage(c echo.Context) error {
	lang, after := language(c), c.QueryParam("after")
	return s.answerRemembered(c, lang, "recalls "+after, func() (page.Result, error) {
		return s.site.Recalls(c.Request().Context(), s.Reader, lang, after)
	})
}

// recallPage shows one of them.
func (s *Server) recallPage(c echo.Context) error {
	lang, path := language(c), c.Request().URL.Path
	id, err := identifier(c, "recall", traceability.ParseRecallID)
	if err != nil {
		return answerPage(c, lang, s.site.NotFound(lang, path))
	}
	return s.answerRemembered(c, lang, "recall "+string(id), func() (page.Result, error) {
		return s.site.Recall(c.Request().Context(), s.Reader, lang, id, path)
	})
}

// answerRemembered answers with a page as the public sees it, which is remembered
// until the next block.
func (s *Server) answerRemembered(c echo.Context, lang page.Lang, key string, make func() (page.Result, error)) error {
	addVary(c, "Accept-Language")
	head, following := s.Waiter.Head()
	key = "page " + string(lang) + " " + key
	if known, ok := s.memo.get(head.Hash, key); ok {
		return answerPage(c, lang, page.Result{Status: http.StatusOK, Body: known.body, ETag: known.tag})
	}
	result, err := make()
	if err != nil {
		return err
	}
	if following && result.Status == http.StatusOK {
		s.memo.put(head.Hash, &remembered{key: key, body: result.Body, tag: result.ETag})
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
