package client

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"deltatrace/traceability"
)

// Feed returns a page of signals: with c.Key the party's, else the public's; the
// query's audience is not looked at. With a wait, of whole seconds up to 30, it is
// answered as soon as there is a signal, else empty when the time is over. Go on with
// After = Next, also after an empty page: nothing is missed and nothing doubled.
func (c *Client) Feed(ctx context.Context, q traceability.FeedQuery, wait time.Duration) (page traceability.FeedPage, err error) {
	query := paged(traceability.Page{After: q.After, Limit: q.Limit})
	if q.After == "" && q.From > 0 {
		query.Set("from", strconv.FormatUint(q.From, 10))
	}
	if len(q.Kinds) > 0 {
		kinds := make([]string, len(q.Kinds))
		for i, kind := range q.Kinds {
			kinds[i] = string(kind)
		}
		query.Set("kinds", strings.Join(kinds, ","))
	}
	if wait > 0 {
		query.Set("wait", strconv.Itoa(int(wait/time.Second)))
	}
	if err := c.Get(ctx, "/v1/feed?"+query.Encode(), &page); err != nil {
		return page, err
	}
	return page, c.meant(&q, &page)
}

// meant reports whether a page answers what was asked: signals of the kinds that were,
// for this reader, and with a cursor that goes on. A kind that this client does not
// know is handed over: who reads it decides.
func (c *Client) meant(q *traceability.FeedQuery, page *traceability.FeedPage) error {
	reader := traceability.AudiencePublic
	if c.Key != nil {
		reader = traceability.To(c.Key.Party)
	}
	for i := range page.Signals {
		if s := &page.Signals[i]; s.Audience != reader || !s.Kind.Among(q.Kinds) {
			return fmt.Errorf("feed: signal %q is a %q for %q: %w", s.Cursor, s.Kind, s.Audience, errAnswer)
		}
	}
	if len(page.Signals) > 0 && (page.Next == "" || page.Next == q.After) {
		return fmt.Errorf("feed: the page does not go on: %w", errAnswer)
	}
	return nil
}
