package main

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// limitBody is the door for bodies. It refuses one that says it is too long, or that
// comes with a question, cuts one that does not say, and lets the others take of the
// memory byte by byte as they come: what is only announced takes nothing, each client
// has its share, and who stops sending is let go. Bulk requests bound their bodies
// and their pace themselves.
func (s *Server) limitBody(of class) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			controller := http.NewResponseController(c.Response())
			if r.Body == nil || r.Body == http.NoBody {
				// The deadline was that of the body. It would end the request.
				if err := setReadDeadline(controller, time.Time{}); err != nil {
					return err
				}
				return next(c)
			}
			if r.Method == http.MethodGet || r.Method == http.MethodHead {
				return refuseBody(c, traceability.NewError(traceability.CodeMalformed, "body",
					"查询请求不应带请求体", "a question has no body"))
			}
			body := &intake{ReadCloser: r.Body, places: s.bodies, asker: askerOf(c), controller: controller}
			defer body.release()
			r.Body = body
			if of != bulk {
				if err := s.boundBody(c); err != nil {
					return err
				}
			}
			return next(c)
		}
	}
}

// boundBody bounds the length and the pace of a body.
func (s *Server) boundBody(c echo.Context) error {
	r := c.Request()
	if r.ContentLength > maxBody {
		e := batchTooBig(nil)
		e.Found = strconv.FormatInt(r.ContentLength, 10) + " bytes"
		return refuseBody(c, e)
	}
	if body, ok := r.Body.(*intake); ok {
		body.ReadCloser = http.MaxBytesReader(c.Response(), body.ReadCloser, maxBody)
		body.pace = &pace{perSecond: s.Limits.Pace, grace: s.Limits.Grace}
	}
	return nil
}

// refuseBody answers without reading the body, so the connection is of no more use.
func refuseBody(c echo.Context, err error) error {
	c.Response().Header().Set("Connection", "close")
	return err
}

// intake is a body on its way in.
type intake struct {
	io.ReadCloser
	places     *places
	asker      asker
	held       int64 // of the places: bytes
	pace       *pace // nil: the handler sets deadlines
	controller *http.ResponseController
}

// Read implements io.Reader. Besides the body's own errors it returns those of
// places.take.
func (b *intake) Read(p []byte) (int, error) {
	began := time.Now()
	if b.pace != nil {
		if err := setReadDeadline(b.controller, b.pace.deadline(began)); err != nil {
			return 0, err
		}
	}
	n, err := b.ReadCloser.Read(p)
	if b.pace != nil {
		b.pace.moved(n, time.Since(began))
	}
	if refused := b.places.take(b.asker, int64(n)); refused != nil {
		return 0, refused
	}
	b.held += int64(n)
	if err == io.EOF {
		if err := setReadDeadline(b.controller, time.Time{}); err != nil {
			return n, err
		}
	}
	return n, err
}

// release gives back what the bytes that came took.
func (b *intake) release() {
	b.places.leave(b.asker, b.held)
	b.held = 0
}

// setReadDeadline sets a deadline where there is a connection.
func setReadDeadline(controller *http.ResponseController, t time.Time) error {
	if err := controller.SetReadDeadline(t); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
