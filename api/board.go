package main

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"deltatrace/api/board"
)

// boardPage is the shell of the regulator's board. Who signs in does so in the
// browser: the page is the same for all.
func (s *Server) boardPage(c echo.Context) error {
	addVary(c, "Accept-Language")
	lang := language(c)
	c.Response().Header().Set("Content-Language", lang.Tag())
	return answerBoard(c, s.board.Shell(string(lang)))
}

// boardFile is a script of the board, its style sheet or its table.
func (s *Server) boardFile(c echo.Context) error {
	file, ok := s.board.File(c.Param("file"))
	if !ok {
		return notFound(c.Param("file"))
	}
	return answerBoard(c, file)
}

func answerBoard(c echo.Context, f board.File) error {
	c.Response().Header().Set("Content-Security-Policy", board.Policy)
	return answerTagged(c, http.StatusOK, f.ContentType, cacheAsk, f.ETag, f.Body)
}
