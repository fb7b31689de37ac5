package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

const (
	mediaEvents = "text/event-stream"
	// maxFeedWait is how long a client may wait for the next signal, in seconds.
	maxFeedWait = 30
	// feedHeartbeat is how often a stream without signals says where it is.
	feedHeartbeat = 15 * time.Second
	// maxFeedKinds bounds a filter.
	maxFeedKinds = 50
)

// getFeed tells the viewer's signals: a page of them, at once or as soon as there
// is one, or all that come as server-sent events.
func (s *Server) getFeed(c echo.Context) error {
	addVary(c, "Accept")
	media, ok := negotiate(c.Request().Header.Get("Accept"), mediaJSON, mediaEvents)
	if !ok {
		return notAcceptable(c, mediaJSON, mediaEvents)
	}
	q := newQuery(c, "after", "from", "kinds", "limit", "wait")
	page := q.openPage()
	question := traceability.FeedQuery{
		Audience: viewer(c).Audience(), After: page.After, From: uint64(q.number("from", 0, 1<<31-1, 0)), Kinds: kinds(q), Limit: page.Limit,
	}
	wait := q.number("wait", 0, maxFeedWait, 0)
	if q.wrong != nil {
		return q.wrong
	}
	events := media == mediaEvents && c.Request().Method == http.MethodGet
	if !events && wait == 0 {
		return s.feedNow(c, question)
	}
	leave, err := s.listeners.enter(askerOf(c))
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := context.WithCancel(c.Request().Context())
	defer cancel()
	defer context.AfterFunc(s.draining, cancel)()
	if events {
		if last := c.Request().Header.Get("Last-Event-ID"); last != "" {
			question.After = last
		}
		return s.streamFeed(c, ctx, question)
	}
	ctx, done := context.WithTimeout(ctx, time.Duration(wait)*time.Second)
	defer done()
	return s.feedSoon(c, ctx, question)
}

// kinds reads the filter: kinds and families with commas between.
func kinds(q *query) []traceability.SignalKind {
	text := q.values.Get("kinds")
	if text == "" {
		return nil
	}
	names := strings.SplitN(text, ",", maxFeedKinds+1)
	if len(names) > maxFeedKinds {
		q.refuse(traceability.Invalid("kinds", fmt.Sprint(strings.Count(text, ",")+1), fmt.Sprintf("at most %d kinds", maxFeedKinds)))
		return nil
	}
	var list []traceability.SignalKind
	for _, name := range names {
		kind, err := traceability.ParseSignalKind(name)
		if err != nil {
			q.refuse(at(err, "kinds"))
		}
		list = append(list, kind)
	}
	return list
}

func (s *Server) feedNow(c echo.Context, q traceability.FeedQuery) error {
	page, err := s.Reader.Feed(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return answerJSON(c, listed(page))
}

// feedSoon answers as soon as there is a signal. What was waited for is for no
// cache: the same question may be asked again at once.
func (s *Server) feedSoon(c echo.Context, ctx context.Context, q traceability.FeedQuery) error {
	page, err := s.awaitFeed(ctx, q)
	if err != nil {
		return err
	}
	body, err := encode(listed(page))
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", cacheNone)
	return c.Blob(http.StatusOK, mediaJSON, body)
}

// listed is a page whose list is one also when it is empty.
func listed(page traceability.FeedPage) traceability.FeedPage {
	if page.Signals == nil {
		page.Signals = []traceability.Signal{}
	}
	return page
}

// streamFeed sends signals as server-sent events until the client goes, the
// server ends or the time of a stream is over: then the client comes again with
// Last-Event-ID, and a fresh token. Now and then it says where it is, so that
// both sides notice a lost connection, and what was passed over is not read again.
func (s *Server) streamFeed(c echo.Context, ctx context.Context, q traceability.FeedQuery) error {
	// The first look is taken before the answer begins: a wrong cursor is a problem.
	page, err := s.Reader.Feed(ctx, q)
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("Content-Type", mediaEvents)
	header.Set("Cache-Control", cacheNone)
	header.Set("X-Accel-Buffering", "no") // proxies that buffer would hold signals back
	c.Response().WriteHeader(http.StatusOK)
	controller := http.NewResponseController(c.Response())
	text := bytes.NewBufferString("retry: 1000\n\n")
	for ctx.Err() == nil {
		for _, signal := range page.Signals {
			body, err := encode(signal)
			if err != nil {
				return s.abandon(c, err)
			}
			fmt.Fprintf(text, "id: %s\nevent: %s\ndata: %s\n\n", signal.Cursor, signal.Kind, body)
		}
		fmt.Fprintf(text, ": \nid: %s\n\n", page.Next)
		if err := controller.SetWriteDeadline(time.Now().Add(stallTimeout)); err != nil {
			return s.abandon(c, err)
		}
		if _, err := text.WriteTo(c.Response()); err != nil {
			return s.abandon(c, err)
		}
		if err := controller.Flush(); err != nil {
			return s.abandon(c, err)
		}
		q.After = page.Next
		heartbeat, cancel := context.WithTimeout(ctx, feedHeartbeat)
		page, err = s.awaitFeed(heartbeat, q)
		cancel()
		if err != nil {
			return s.abandon(c, err)
		}
	}
	return nil
}
