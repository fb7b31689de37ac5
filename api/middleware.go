package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"deltatrace/traceability"
)

const (
	headerRequestID = "X-Request-Id"
	keyRequestID    = "request"
)

// identify gives each request an id, or takes the one that came if it is
// harmless: letters, digits and -_. only, 8 to 64 of them.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(headerRequestID)
		if !wellFormedRequestID(id) {
			id = rand.Text()
		}
		c.Set(keyRequestID, id)
		c.Set(keyCursors, s.cursors)
		c.Response().Header().Set(headerRequestID, id)
		return next(c)
	}
}

func wellFormedRequestID(id string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
	return len(id) >= 8 && len(id) <= 64 && strings.Trim(id, allowed) == ""
}

func requestID(c echo.Context) string {
	id, _ := c.Get(keyRequestID).(string)
	return id
}

// routeLabel names the route for log and metrics. It is the template, never the
// path, so that no identifier gets there and the number of labels is bounded.
func routeLabel(c echo.Context) string {
	if c.Path() == "" {
		return "none"
	}
	return c.Path()
}

// observe measures and logs every request. It turns errors into answers itself,
// so that it sees their status.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		status, took := c.Response().Status, time.Since(start)
		s.metrics.request(routeLabel(c), c.Request().Method, status, took)
		s.Log.LogAttrs(c.Request().Context(), slog.LevelDebug, "request",
			slog.String("request", requestID(c)), slog.String("method", c.Request().Method), slog.String("route", routeLabel(c)),
			slog.Int("status", status), slog.Int64("bytes", c.Response().Size), slog.Duration("took", took))
		return nil
	}
}

// recover turns a panic into an internal error with the stack in the log. A
// handler that gave up an answer in the middle is let through: net/http then
// cuts the connection, which is what tells the client.
func (s *Server) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		return next(c)
	}
}

// contentPolicy allows our own style sheet and images, and nothing else: no
// script, no frame, no other host.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secure sets the headers that keep a browser from doing what we never want.
func secure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		return next(c)
	}
}

// compress gzips text that is worth it. Images are compressed already.
func compress() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{
		Level: 5, MinLength: 1024,
		Skipper: func(c echo.Context) bool {
			path := c.Path()
			return strings.HasSuffix(path, ".png") || path == "/v1/labels" || path == "/v1/licences/verify" || path == "/v1/feed" || path == "/metrics"
		},
	})
}

// limitTime bounds how long a request may take.
func (s *Server) limitTime(of class) echo.MiddlewareFunc {
	bound := s.Limits.ReadTimeout
	switch of {
	case write:
		bound = s.Limits.bodyTime() + s.Limits.SubmitTimeout // the ledger's part is bounded in submit
	case stream, listen, bulk:
		bound = s.Limits.TraceTimeout
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			ctx, cancel := context.WithTimeout(r.Context(), bound)
			defer cancel()
			defer c.SetRequest(r) // whose context tells whether the client is still there
			c.SetRequest(r.WithContext(ctx))
			err := next(c)
			if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return errors.Join(context.DeadlineExceeded, err)
			}
			return err
		}
	}
}

// limitRate refuses a client that asks too often.
func (s *Server) limitRate(of class) echo.MiddlewareFunc {
	limiter := s.reads
	if of == write {
		limiter = s.writes
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if of == probe {
			return next
		}
		return func(c echo.Context) error {
			if wait, ok := limiter.allow(network(c.RealIP())); !ok {
				return &refusal{err: says(traceability.CodeRateLimited, nil), wait: wait}
			}
			return next(c)
		}
	}
}

// limitStreams bounds how many long answers run at the same time.
func (s *Server) limitStreams(of class) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if of != stream && of != bulk {
			return next
		}
		return func(c echo.Context) error {
			leave, err := s.streams.enter(askerOf(c))
			if err != nil {
				return err
			}
			defer leave()
			return next(c)
		}
	}
}
