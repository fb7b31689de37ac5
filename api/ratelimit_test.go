package main

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"time"
)

func TestRateText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Rate{"50/100": {50, 100}, "0.5/1": {0.5, 1}, "0/0": {}} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want {
			t.Errorf("%s: %v, %v", text, r, err)
		}
	}
	for _, text := range []string{"", "50", "50/", "/5", "-1/5", "NaN/5", "Inf/5", "0/5", "5/0", "a/b"} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q: accepted as %v", text, r)
		}
	}
}

func TestRateLimiter(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := newRateLimiter[netip.Prefix](Rate{PerSecond: 2, Burst: 3}, 10, func() time.Time { return now })
	for i := range 3 {
		if _, ok := l.allow(network("192.0.2.1")); !ok {
			t.Fatalf("request %d of the burst was refused", i)
		}
	}
	wait, ok := l.allow(network("192.0.2.1"))
	if ok || wait != 500*time.Millisecond {
		t.Errorf("after the burst: %v, %v", wait, ok)
	}
	if _, ok := l.allow(network("192.0.2.2")); !ok {
		t.Error("another address was refused")
	}
	now = now.Add(500 * time.Millisecond)
	if _, ok := l.allow(network("192.0.2.1")); !ok {
		t.Error("refused after the wait")
	}
	if _, ok := newRateLimiter[netip.Prefix](Rate{}, 1, time.Now).allow(network("x")); !ok {
		t.Error("0/0 limits")
	}
}

// TestRateLimiterIsBounded holds that strangers cannot fill the memory, and
// that a house's IPv6 addresses are one client.
func TestRateLimiterIsBounded(t *testing.T) {
	t.Parallel()
	l := newRateLimiter[netip.Prefix](Rate{PerSecond: 1, Burst: 1}, 100, time.Now)
	for i := range 10_000 {
		l.allow(network(fmt.Sprintf("10.0.%d.%d", i/256, i%256)))
	}
	if n := len(l.young) + len(l.old); n > 200 {
		t.Errorf("%d addresses are kept", n)
	}
	if network("2001:db8::1") != network("2001:db8::ffff") || network("2001:db8:0:1::1") == network("2001:db8::1") {
		t.Error("IPv6 clients are not told apart by /64")
	}
	if network("::ffff:192.0.2.1") != network("192.0.2.1") {
		t.Error("a mapped IPv4 address is another client")
	}
}

func TestRateLimitAtTheDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--reads=1/2", "--writes=1/1")
	statuses := make(map[int]int)
	for range 4 {
		answer := w.get("/v1/parties")
		statuses[answer.status]++
		if answer.status == http.StatusTooManyRequests && (answer.header.Get("Retry-After") != "1" || mustDecode[Problem](t, answer.body).Code != "rate_limited") {
			t.Errorf("%v %s", answer.header, answer.body)
		}
	}
	if statuses[http.StatusOK] < 2 || statuses[http.StatusTooManyRequests] == 0 {
		t.Errorf("reads: %v", statuses)
	}
	if first, second := w.postOne("x").status, w.postOne("x").status; first != http.StatusBadRequest || second != http.StatusTooManyRequests {
		t.Errorf("writes: %d, %d", first, second)
	}
	if w.get("/", "Accept: text/html").header.Get("Content-Type") != mediaHTML {
		t.Error("a browser does not get a page")
	}
	if answer := w.get("/healthz"); answer.status != http.StatusOK {
		t.Errorf("healthz is limited: %d", answer.status)
	}
}
