package main

import "time"

// pace is how slow a client may send a body or take an answer. It may stand still for
// a grace, and what it moves wins time back up to that: so a slow line gets through,
// and who only dribbles, at the start or after a quick beginning, does not. Only the
// time that was waited for the client counts.
type pace struct {
	perSecond int64 // bytes
	grace     time.Duration
	spent     time.Duration // of the grace
}

// deadline is until when something must move.
func (p *pace) deadline(now time.Time) time.Time { return now.Add(p.grace - p.spent) }

// moved notes that n bytes took so long.
func (p *pace) moved(n int, took time.Duration) {
	won := time.Duration(int64(n) * int64(time.Second) / max(1, p.perSecond))
	p.spent = max(0, p.spent+took-won)
}
