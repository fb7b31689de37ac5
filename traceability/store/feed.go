package store

import (
	"context"
	"strconv"
	"time"

	"deltatrace/traceability"
)

// signal tells audiences what the document at a position did. Kind and Subject
// must be set; Province, By and Urgent are as the audiences may know them. The
// rest is filled in. One document tells an audience the same of a subject once.
func (r *rows) signal(at position, s traceability.Signal, audiences ...traceability.Audience) {
	for _, audience := range audiences {
		r.add(tableFeed, feedRow(at, r.position.Time, s, audience)...)
	}
}

// feedRow is a row of the table feed.
func feedRow(at position, recorded time.Time, s traceability.Signal, audience traceability.Audience) []any {
	urgent := int64(0)
	if s.Urgent {
		urgent = 1
	}
	return []any{string(audience), int64(at), string(s.Kind), s.Subject, seconds(recorded), string(s.Province), string(s.By), urgent}
}

// feedScan is how many signals one question looks at for those of the kinds asked
// for; the next goes on from there.
const feedScan = 500

// Feed implements traceability.Reader.
func (s *Store) Feed(ctx context.Context, q traceability.FeedQuery) (traceability.FeedPage, error) {
	limit, err := pageLimit(traceability.Page{Limit: q.Limit})
	if err != nil {
		return traceability.FeedPage{}, err
	}
	start, err := feedStart(q)
	if err != nil {
		return traceability.FeedPage{}, err
	}
	scan := limit
	if len(q.Kinds) > 0 {
		scan = feedScan
	}
	// The key as the condition of a tuple lets every engine read the primary key
	// in its order.
	const question = `-- name: feed
SELECT f.position, f.kind, f.subject, f.time, f.province, f.signer, f.urgent FROM feed f
WHERE f.audience = ? AND (f.position, f.kind, f.subject) > (?, ?, ?) ORDER BY f.position, f.kind, f.subject LIMIT ?`
	rows, err := readAll(ctx, s.db, question, append(append([]any{string(q.Audience)}, start...), scan), (*signalRow).dest, (*signalRow).read)
	if err != nil {
		return traceability.FeedPage{}, err
	}
	page := traceability.FeedPage{More: len(rows) == scan}
	looked := 0 // at so many rows
	for ; looked < len(rows); looked++ {
		if !traceability.SignalKind(rows[looked].kind).Among(q.Kinds) {
			continue
		}
		if len(page.Signals) == limit {
			page.More = true
			break
		}
		page.Signals = append(page.Signals, rows[looked].signal(q.Audience))
	}
	if looked == 0 {
		page.Next = encodeCursor("feed", number(start[0].(int64)), start[1].(string), start[2].(string))
	} else {
		page.Next = rows[looked-1].cursor()
	}
	return page, nil
}

// feedStart returns the key that the feed goes on after: position, kind, subject.
func feedStart(q traceability.FeedQuery) ([]any, error) {
	if q.After != "" {
		return decodeNumbers(q.After, "feed", 1, 3)
	}
	if q.From >= 1<<(63-placeBits) {
		return nil, traceability.Invalid("from", strconv.FormatUint(q.From, 10), "a block's number")
	}
	// No signal has an empty kind, so this is before the block's first.
	return []any{int64(q.From << placeBits), "", ""}, nil
}

type signalRow struct {
	position                        position
	kind, subject, province, signer string
	seconds, urgent                 int64
}

func (r *signalRow) dest() []any {
	return []any{&r.position, &r.kind, &r.subject, &r.seconds, &r.province, &r.signer, &r.urgent}
}

func (r *signalRow) read() (signalRow, error) { return *r, nil }

func (r *signalRow) cursor() string {
	return encodeCursor("feed", number(int64(r.position)), r.kind, r.subject)
}

func (r *signalRow) signal(audience traceability.Audience) traceability.Signal {
	return traceability.Signal{
		Cursor: r.cursor(), Audience: audience,
		Kind: traceability.SignalKind(r.kind), Subject: r.subject, At: fromSeconds(r.seconds), Block: r.position.block(),
		Province: traceability.ProvinceCode(r.province), By: traceability.PartyID(r.signer), Urgent: r.urgent == 1,
	}
}
