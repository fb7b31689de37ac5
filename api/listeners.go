package main

import (
	"context"
	"time"

	"deltatrace/traceability"
)

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
