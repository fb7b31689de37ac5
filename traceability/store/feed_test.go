package store

import (
	"testing"

	"deltatrace/traceability"
)

// FuzzFeedStart holds that any cursor of a feed is refused or is a place in it, and
// that the place has that cursor.
func FuzzFeedStart(f *testing.F) {
	f.Add(encodeCursor("feed", "16777216", "notice.issue", "notice/X"), uint64(0))
	f.Add(encodeCursor("feed", "-1", "", ""), uint64(1))
	f.Add(encodeCursor("notices", "1", "x", "y"), uint64(1<<39))
	f.Add("", uint64(1)<<63)
	f.Fuzz(func(t *testing.T, after string, from uint64) {
		start, err := feedStart(traceability.FeedQuery{After: after, From: from})
		if err != nil {
			if traceability.CodeOf(err) != traceability.CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		at, kind, subject := start[0].(int64), start[1].(string), start[2].(string)
		if after == "" && position(at).block() != from {
			t.Fatalf("block %d begins at %d", from, at)
		}
		again, err := feedStart(traceability.FeedQuery{After: encodeCursor("feed", number(at), kind, subject)})
		if err != nil || again[0] != start[0] || again[1] != kind || again[2] != subject {
			t.Fatalf("%v became %v: %v", start, again, err)
		}
	})
}
