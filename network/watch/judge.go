package watch

import (
	"fmt"
	"slices"
	"time"
)

// An orderer that lacks blocks which others have, and gets none for stands, has
// lost touch; so has one that lacks a block for lags though it gets others. Each
// further restart waits twice as long, at most rarest: it may be far behind, or
// something that no restart mends. When several orderers are behind they are
// restarted in the order of the channel's list, spread apart: one at a time.
const (
	stands = 3 * time.Second
	lags   = 30 * time.Second
	spread = 10 * time.Second
	rarest = 5 * time.Minute
)

// An orderer that has had transactions to be ordered for idle, and whose consensus has
// not stirred in all that time, is at a standstill, though it may be level with the
// others: they may be waiting for it.
const idle = 4 * time.Second

// sample is how far the orderers are at one moment.
type sample struct {
	heights []uint64 // of all orderers; 0 of one that does not answer
	own     int      // index
	waiting bool     // the own orderer has transactions to be ordered
	pulse   uint64   // of its consensus: changes with each step that it takes
}

// judge decides when a province's orderer is to be restarted.
type judge struct {
	own     uint64    // its height when it last grew
	moved   time.Time // when it grew, or was found well, or was restarted
	mark    uint64    // a block that it is to have
	marked  time.Time // since when
	pulse   uint64
	stirred time.Time // when its consensus last did something, or nothing waited
	tries   int       // restarts since it last grew while it was level
	tried   uint64    // its height at the last one
	isLevel bool
}

// faulty is how many of n orderers may lie or be gone.
func faulty(n int) int { return (n - 1) / 3 }

// reference is a height that at least one orderer beside the own has that does not
// lie: the highest that more than the faulty ones claim. 0 when too few answer.
func (s sample) reference() uint64 {
	others := slices.Delete(slices.Clone(s.heights), s.own, s.own+1)
	slices.Sort(others)
	return others[len(others)-1-faulty(len(s.heights))]
}

// ahead is how many orderers that answer come before the own one in the list and are
// behind too.
func (s sample) ahead(reference uint64) int {
	n := 0
	for _, height := range s.heights[:s.own] {
		if height > 0 && height < reference {
			n++
		}
	}
	return n
}

// take takes a sample in, and says why the orderer is to be restarted; nothing when
// it is not.
func (j *judge) take(s sample, now time.Time) string {
	reference, own := s.reference(), s.heights[s.own]
	if own == 0 { // it starts, or hangs, which is noticed elsewhere
		*j = judge{tries: j.tries, tried: j.tried}
		return ""
	}
	if j.moved.IsZero() || own > j.own {
		j.own, j.moved = own, now
	}
	if j.marked.IsZero() || j.own >= j.mark {
		j.mark, j.marked = reference, now
	}
	if !s.waiting || s.pulse != j.pulse || j.stirred.IsZero() {
		j.pulse, j.stirred = s.pulse, now
	}
	// It is level when it has what the others had a moment ago.
	j.isLevel = own >= j.mark || own >= reference
	if j.isLevel {
		j.moved = now
		if own > j.tried {
			j.tries = 0
		}
	}
	factor := time.Duration(1) << min(j.tries, 10)
	turn := time.Duration(s.ahead(reference)) * spread
	reason := ""
	switch {
	case reference > own && now.Sub(j.moved) >= min(stands*factor+turn, rarest):
		reason = fmt.Sprintf("it stands at %d blocks while others have %d", own, reference)
	case reference > own && now.Sub(j.marked) >= min(lags*factor+turn, rarest):
		reason = fmt.Sprintf("it has %d blocks while others have had %d for %s", own, j.mark, now.Sub(j.marked).Round(time.Second))
	case s.answer() >= len(s.heights)-faulty(len(s.heights)) &&
		now.Sub(j.stirred) >= min(idle*factor, rarest):
		reason = fmt.Sprintf("its consensus has stood still after %d blocks for %s though transactions wait", own, now.Sub(j.stirred).Round(time.Second))
	default:
		return ""
	}
	j.tries, j.tried = j.tries+1, own
	j.moved, j.marked, j.stirred = now, now, now
	return reason
}

// answer is how many orderers answer.
func (s sample) answer() int {
	n := 0
	for _, height := range s.heights {
		if height > 0 {
			n++
		}
	}
	return n
}
