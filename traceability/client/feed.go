package client

import (
	"context"
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
	err = c.Get(ctx, "/v1/feed?"+query.Encode(), &page)
	return page, err
}
