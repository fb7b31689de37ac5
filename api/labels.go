package main

import (
	"bytes"
	"mime"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"deltatrace/api/label"
	"deltatrace/api/page"
	"deltatrace/traceability"
)

// qrPNG draws a lot's QR code. The lot has to be registered, so that nobody
// prints a slip of the pen.
func (s *Server) qrPNG(c echo.Context) error {
	q := newQuery(c, "size", "level")
	size := q.number("size", label.MinSize, label.MaxSize, 480)
	level := optional(q, "level", label.ParseLevel)
	if q.wrong != nil {
		return q.wrong
	}
	lot, err := s.lot(c)
	if err != nil {
		return err
	}
	picture, err := label.PNG(s.address(lot.ID), level, size)
	if err != nil {
		return err
	}
	return answer(c, "image/png", cacheDay, picture)
}

func (s *Server) qrSVG(c echo.Context) error {
	q := newQuery(c, "level")
	level := optional(q, "level", label.ParseLevel)
	if q.wrong != nil {
		return q.wrong
	}
	lot, err := s.lot(c)
	if err != nil {
		return err
	}
	picture, err := label.SVG(s.address(lot.ID), level)
	if err != nil {
		return err
	}
	return answer(c, "image/svg+xml", cacheDay, picture)
}

// address is what a lot's QR code says: a GS1 Digital Link, or our own form
// for produce.
func (s *Server) address(id traceability.LotID) string { return s.PublicURL + id.Path() }

// sheetRequest is the body of POST /v1/labels.
type sheetRequest struct {
	Lots     []string `json:"lots"`
	Level    string   `json:"level"`
	Lang     string   `json:"lang"`
	Layout   string   `json:"layout"`
	Start    int      `json:"start"`
	CutMarks bool     `json:"cut_marks"`
}

// postLabels makes a PDF with a label for each lot.
func (s *Server) postLabels(c echo.Context) error {
	if media, _, _ := mime.ParseMediaType(c.Request().Header.Get("Content-Type")); media != mediaJSON {
		return unsupported(media, mediaJSON)
	}
	var r sheetRequest
	if err := decode(c.Request().Body, &r); err != nil {
		return badBody(err)
	}
	level, err := label.ParseLevel(r.Level)
	if err != nil {
		return err
	}
	layout, err := label.ParseLayout(r.Layout)
	if err != nil {
		return err
	}
	lang := page.Lang(r.Lang)
	switch lang {
	case "":
		lang = page.LangZH
	case page.LangZH, page.LangEN:
	default:
		return traceability.Invalid("lang", r.Lang, "zh or en")
	}
	switch n := len(r.Lots); {
	case n == 0:
		return traceability.Missing("lots", "1 to 1000 lot ids")
	case n > label.MaxLabels:
		e := says(traceability.CodeTooMany, nil)
		e.Field, e.Found, e.Expected = "lots", strconv.Itoa(n), "at most "+strconv.Itoa(label.MaxLabels)
		return e
	}
	leave, err := s.sheets.enter(askerOf(c))
	if err != nil {
		return err
	}
	defer leave()
	labels, err := s.labels(c, r.Lots)
	if err != nil {
		return err
	}
	var sheet bytes.Buffer
	options := label.SheetOptions{Lang: string(lang), Level: level, Layout: layout, Start: r.Start, CutMarks: r.CutMarks}
	if err := label.Sheet(&sheet, labels, options); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="labels.pdf"`)
	h.Set("Cache-Control", cacheNone)
	return c.Blob(http.StatusOK, "application/pdf", sheet.Bytes())
}

func (s *Server) labels(c echo.Context, lots []string) ([]label.Label, error) {
	labels := make([]label.Label, 0, len(lots))
	for i, text := range lots {
		place := "lots[" + strconv.Itoa(i) + "]"
		id, err := traceability.ParseLotID(text)
		if err != nil {
			return nil, at(err, place)
		}
		lot, err := s.Reader.Lot(c.Request().Context(), id)
		if err != nil {
			return nil, unknownLot(err, id, place)
		}
		lot = viewer(c).Lot(lot)
		labels = append(labels, label.Label{
			URL: s.address(id), Product: lot.Product, Batch: id.Batch(), Date: string(lot.Date), DateKind: lot.DateKind,
			Producer: lot.Producer.Name, Note: lot.Spec,
		})
	}
	return labels, nil
}

// unknownLot is for a lot that a body names, not the address: the address is
// right, so it is not 404.
func unknownLot(err error, id traceability.LotID, place string) error {
	if absent(err, id) == err {
		return err
	}
	e := says(traceability.CodeUnknownLot, err)
	e.Field, e.Found = place, string(id)
	return e
}
