package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is how often something may happen: so many times a second, after a burst
// of so many. As text `<per second>/<burst>`; the zero value does not limit.
type Rate struct {
	PerSecond float64
	Burst     int
}

// UnmarshalText reads `50/100`.
func (r *Rate) UnmarshalText(b []byte) error {
	perSecond, burst, _ := strings.Cut(string(b), "/")
	p, err1 := strconv.ParseFloat(perSecond, 64)
	n, err2 := strconv.Atoi(burst)
	if err1 != nil || err2 != nil || !(p >= 0 && p <= 1e9) || n < 0 || (p > 0) != (n > 0) {
		return fmt.Errorf("%q is not a rate; expected <per second>/<burst>, for example 50/100, or 0/0", b)
	}
	*r = Rate{PerSecond: p, Burst: n}
	return nil
}

// rateLimiter keeps a token bucket for each client address, in bounded memory:
// two generations of at most so many addresses. When the young one is full, the
// old one, which nobody used since, is forgotten.
type rateLimiter struct {
	rate Rate
	most int
	now  func() time.Time

	mu         sync.Mutex
	young, old map[netip.Prefix]*rate.Limiter
}

func newRateLimiter(r Rate, most int, now func() time.Time) *rateLimiter {
	return &rateLimiter{rate: r, most: max(most, 1), now: now, young: make(map[netip.Prefix]*rate.Limiter)}
}

// allow takes a token for the address, or says how long to wait for one.
func (l *rateLimiter) allow(address string) (wait time.Duration, ok bool) {
	if l.rate == (Rate{}) {
		return 0, true
	}
	now := l.now()
	reservation := l.bucket(network(address)).ReserveN(now, 1)
	if wait := reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return wait, false
	}
	return 0, true
}

func (l *rateLimiter) bucket(client netip.Prefix) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.young[client]; ok {
		return b
	}
	b, ok := l.old[client]
	if !ok {
		b = rate.NewLimiter(rate.Limit(l.rate.PerSecond), l.rate.Burst)
	}
	if len(l.young) >= l.most {
		l.old, l.young = l.young, make(map[netip.Prefix]*rate.Limiter)
	}
	l.young[client] = b
	return b
}

// network is what counts as one client: an IPv4 address, or an IPv6 /64, which
// is what a household or a server gets. Unreadable addresses share one bucket.
func network(address string) netip.Prefix {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // neither family has fewer bits
	return p
}
