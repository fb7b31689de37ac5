package projector

import "time"

// backlog knows since when the oldest block has been waiting, in little room: of
// the blocks that wait it keeps the first few as one, with the time of the first,
// and all others as another.
type backlog struct {
	first, rest span
}

// span is some blocks that wait; none when its time is zero.
type span struct {
	last  uint64    // the number of the last of them
	since time.Time // when the first of them became known
}

// known notes that the ledger has a block.
func (b *backlog) known(number uint64, now time.Time) {
	switch {
	case b.first.since.IsZero():
		b.first = span{number, now}
	case number <= max(b.first.last, b.rest.last):
	case b.rest.since.IsZero():
		b.rest = span{number, now}
	default:
		b.rest.last = number
	}
}

// projected notes that blocks wait no more.
func (b *backlog) projected(number uint64) {
	if number >= b.first.last {
		b.first, b.rest = b.rest, span{}
	}
	if number >= b.first.last {
		b.first = span{}
	}
}

// age is for how long the oldest has been waiting.
func (b *backlog) age(now time.Time) time.Duration {
	if b.first.since.IsZero() {
		return 0
	}
	return now.Sub(b.first.since)
}
