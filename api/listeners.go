package main

import (
	"context"
	"sync"
	"time"

	"deltatrace/traceability"
)

// listeners bounds how many clients wait for the feed: all of them together, and
// those of one client, so that none takes every place.
type listeners struct {
	most, each int

	mu    sync.Mutex
	total int
	of    map[string]int
}

func newListeners(most, each int) *listeners {
	return &listeners{most: most, each: each, of: make(map[string]int)}
}

// enter takes a place for the client, or returns an *Error busy or rate_limited.
// The place is given back with leave.
func (l *listeners) enter(client string) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.of[client] >= l.each:
		return nil, &refusal{err: says(traceability.CodeRateLimited, nil), wait: feedSettle}
	case l.total >= l.most:
		return nil, traceability.ErrBusy
	}
	l.total++
	l.of[client]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.total--
		if l.of[client]--; l.of[client] == 0 {
			delete(l.of, client)
		}
	}, nil
}

// feedSettle is how long a listener rests between two looks at the feed while
// blocks come in quick succession. It is woken by the projector; this keeps a
// thousand listeners from asking a thousand questions for every block.
const feedSettle = 250 * time.Millisecond

// awaitFeed returns the next page that has signals, or the empty one where the
// feed goes on when ctx or the server ends first.
func (s *Server) awaitFeed(ctx context.Context, q traceability.FeedQuery) (traceability.FeedPage, error) {
	for {
		// The head comes first: a block that is projected after it is waited for.
		head, _ := s.Waiter.Head()
		rested := time.After(feedSettle)
		page, err := s.Reader.Feed(ctx, q)
		switch {
		case err != nil && ctx.Err() != nil:
			return traceability.FeedPage{Next: q.After}, nil
		case err != nil || len(page.Signals) > 0:
			return page, err
		}
		q.After = page.Next
		if page.More {
			continue
		}
		if err := s.Waiter.Wait(ctx, head.Number+1); ctx.Err() != nil {
			return page, nil
		} else if err != nil {
			return page, err
		}
		select {
		case <-rested:
		case <-ctx.Done():
			return page, nil
		}
	}
}
