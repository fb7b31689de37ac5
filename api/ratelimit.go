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

// rateLimiter keeps a token bucket for each client, an address or a party, in
// bounded memory: two generations of at most so many clients. When the young one is
// full, the old one, which nobody used since, is forgotten.
type rateLimiter[C comparable] struct {
	rate Rate
	most int
	now  func() time.Time

	mu         sync.Mutex
	young, old map[C]*rate.Limiter
}

func newRateLimiter[C comparable](r Rate, most int, now func() time.Time) *rateLimiter[C] {
	return &rateLimiter[C]{rate: r, most: max(most, 1), now: now, young: make(map[C]*rate.Limiter)}
}

// allow takes a token for the client, or says how long to wait for one.
func (l *rateLimiter[C]) allow(client C) (wait time.Duration, ok bool) {
	q := l.take(client, 1)
	return q.wait, q.ok
}

// quota is what came of asking for tokens: whether there were enough, else how long
// to wait; how many are left; and in how long there are all again.
type quota struct {
	ok          bool
	wait, reset time.Duration
	left        int
}

// take takes so many tokens for the client, all or none. More than the burst there
// never are: then the wait is as long as for the whole burst.
func (l *rateLimiter[C]) take(client C, n int) quota {
	if l.rate == (Rate{}) {
		return quota{ok: true, left: n}
	}
	now, bucket := l.now(), l.bucket(client)
	reservation := bucket.ReserveN(now, min(n, l.rate.Burst))
	q := quota{wait: reservation.DelayFrom(now)}
	if q.wait > 0 || n > l.rate.Burst {
		reservation.CancelAt(now)
	} else {
		q.ok = true
	}
	tokens := max(0, bucket.TokensAt(now))
	q.left = int(tokens)
	q.reset = time.Duration((float64(l.rate.Burst) - tokens) / l.rate.PerSecond * float64(time.Second))
	return q
}

func (l *rateLimiter[C]) bucket(client C) *rate.Limiter {
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
		l.old, l.young = l.young, make(map[C]*rate.Limiter)
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
	return networkOf(a)
}

func networkOf(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // neither family has fewer bits
	return p
}
