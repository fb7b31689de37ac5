package watch

import (
	"strings"
	"testing"
	"time"
)

// TestJudge shows a watch how the orderers of four provinces do, a second at a time,
// and asks when the own one, the first, is restarted.
func TestJudge(t *testing.T) {
	t.Parallel()
	type second struct {
		heights []uint64
		waiting bool
		pulse   uint64
	}
	// for seconds 0, 1, 2 …
	steady := func(own func(int) uint64, others ...func(int) uint64) func(int) second {
		return func(i int) second {
			s := second{heights: []uint64{own(i)}, pulse: uint64(i)}
			for _, o := range others {
				s.heights = append(s.heights, o(i))
			}
			return s
		}
	}
	grows := func(i int) uint64 { return 100 + uint64(i)*7 }
	lagging := func(i int) uint64 { return grows(i) - 5 }
	crawls := func(i int) uint64 { return 50 + uint64(i) }
	stays := func(int) uint64 { return 100 }
	gone := func(int) uint64 { return 0 }
	boasts := func(i int) uint64 { return 1 << 40 }
	starting := func(i int) uint64 {
		if i < 20 {
			return 0
		}
		return grows(i)
	}
	idleNetwork := func(waiting bool, pulse func(int) uint64) func(int) second {
		return func(i int) second {
			return second{heights: []uint64{100, 100, 100, 0}, waiting: waiting, pulse: pulse(i)}
		}
	}
	for name, c := range map[string]struct {
		at     func(int) second
		first  int // the second of the first restart; -1 for none
		most   int // how many there may be in five minutes
		reason string
	}{
		"all level":                           {steady(grows, grows, grows, grows), -1, 0, ""},
		"nothing happens":                     {steady(stays, stays, stays, stays), -1, 0, ""},
		"a little behind at each look":        {steady(lagging, grows, grows, grows), -1, 0, ""},
		"it stands and the others go on":      {steady(stays, grows, grows, grows), 4, 7, "stands at 100"},
		"the same, one more is gone":          {steady(stays, grows, grows, gone), 4, 7, "stands at 100"},
		"two are gone: who is right?":         {steady(stays, grows, gone, gone), -1, 0, ""},
		"one boasts of a height":              {steady(grows, boasts, grows, grows), -1, 0, ""},
		"one boasts and nothing happens":      {steady(stays, boasts, stays, stays), -1, 0, ""},
		"it catches up too slowly":            {steady(crawls, grows, grows, grows), 31, 4, "have had"},
		"it starts":                           {steady(starting, grows, grows, grows), -1, 0, ""},
		"nothing waits, one is gone":          {idleNetwork(false, func(int) uint64 { return 1 }), -1, 0, ""},
		"all wait for it":                     {idleNetwork(true, func(int) uint64 { return 1 }), 5, 7, "stood still"},
		"all wait, and it tries":              {idleNetwork(true, func(i int) uint64 { return uint64(i / 3) }), -1, 0, ""},
		"too few are there: none can help it": {func(i int) second { return second{[]uint64{100, 100, 0, 0}, true, 1} }, -1, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var j judge
			var restarts []int
			reason, begin := "", time.Unix(1000, 0)
			for i := range 300 {
				at := c.at(i)
				s := sample{heights: at.heights, waiting: at.waiting, pulse: at.pulse}
				if why := j.take(s, begin.Add(time.Duration(i)*time.Second)); why != "" {
					if len(restarts) == 0 {
						reason = why
					}
					restarts = append(restarts, i)
				}
			}
			first := -1
			if len(restarts) > 0 {
				first = restarts[0]
			}
			if first > c.first || first < 0 != (c.first < 0) || len(restarts) > c.most || !strings.Contains(reason, c.reason) {
				t.Errorf("restarted at %v because %q, want the first by %d, at most %d, because %q", restarts, reason, c.first, c.most, c.reason)
			}
		})
	}
}

// TestOneAtATime has two orderers behind: the first in the list is restarted first.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	var first, second judge
	at := [2]int{-1, -1}
	for i := range 60 {
		now := time.Unix(1000, 0).Add(time.Duration(i) * time.Second)
		heights := []uint64{100, 100, 101 + uint64(i), 101 + uint64(i), 101 + uint64(i)}
		for k, j := range []*judge{&first, &second} {
			if why := j.take(sample{heights: heights, own: k}, now); why != "" && at[k] < 0 {
				at[k] = i
			}
		}
	}
	if at[0] < 0 || at[1]-at[0] < int(spread/time.Second) {
		t.Errorf("restarted after %v seconds, want the second %s later than the first", at, spread)
	}
}
