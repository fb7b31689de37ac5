package main

import (
	"net/netip"
	"sync"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// asker is who takes of what many share: a party by its token, otherwise the network
// that the request came from.
type asker struct {
	party   traceability.PartyID
	network netip.Prefix
}

// askerOf is who sent the request.
func askerOf(c echo.Context) asker {
	if party := viewer(c).As; party != "" {
		return asker{party: party}
	}
	return asker{network: network(c.RealIP())}
}

// rank orders those who ask by what they must not be kept from: everybody first, then
// who trades or tests, who has to look shops up, and who acts for the public.
type rank int

const (
	rankPublic rank = iota
	rankBusiness
	rankPlatform
	rankRegulator
	ranks
)

// shares are how many eighths of a whole the ranks up to each may take together. What
// is above is kept for the higher ones, so that nobody is starved from below.
var shares = [ranks]int64{4, 6, 7, 8}

func (a asker) rank() rank { return rankOf(a.party) }

func rankOf(party traceability.PartyID) rank {
	switch party.Kind() {
	case traceability.KindRegulator:
		return rankRegulator
	case traceability.KindPlatform:
		return rankPlatform
	case traceability.KindOperator, traceability.KindLaboratory:
		return rankBusiness
	}
	return rankPublic
}

// places bounds something that many share, be it streams, workbooks or bytes: all of
// it, what one asker takes, and what the lower ranks take together.
type places struct {
	most, each int64

	mu    sync.Mutex
	taken [ranks]int64
	of    map[asker]int64
}

func newPlaces(most, each int) *places {
	return &places{most: int64(most), each: int64(each), of: make(map[asker]int64)}
}

// take takes so many places for the asker, all or none. The error is a *refusal
// rate_limited when the asker has its share, or ErrBusy.
func (p *places) take(a asker, n int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of[a]+n > p.each {
		return &refusal{err: says(traceability.CodeRateLimited, nil), wait: feedSettle}
	}
	// A rank counts against its own share, and against that of each rank above it.
	sum := n
	for r := range ranks {
		if sum += p.taken[r]; r >= a.rank() && sum > p.share(r) {
			return traceability.ErrBusy
		}
	}
	p.of[a] += n
	p.taken[a.rank()] += n
	return nil
}

// share is how many places the ranks up to r may take together: one at least, if
// there is one.
func (p *places) share(r rank) int64 {
	return min(p.most, max(1, p.most*shares[r]/shares[ranks-1]))
}

// leave gives places back.
func (p *places) leave(a asker, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken[a.rank()] -= n
	if p.of[a] -= n; p.of[a] <= 0 {
		delete(p.of, a)
	}
}

// enter takes one place, which is given back with leave.
func (p *places) enter(a asker) (leave func(), err error) {
	if err := p.take(a, 1); err != nil {
		return nil, err
	}
	return func() { p.leave(a, 1) }, nil
}
