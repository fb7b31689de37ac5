package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// Limits guard the door. They are flags of `api serve`; the defaults are meant
// for one machine on the open net.
type Limits struct {
	ReadTimeout   time.Duration `help:"How long a read may take." default:"10s"`
	SubmitTimeout time.Duration `help:"How long a submission may wait for the ledger." default:"30s"`
	TraceTimeout  time.Duration `help:"How long a trace may stream." default:"5m"`
	ProjectWait   time.Duration `help:"How long an answered submission may wait until the read model has it." default:"2s"`

	Reads  Rate `help:"Reads that one address may make, as <per second>/<burst>; 0/0 does not limit." default:"500/1000"`
	Writes Rate `help:"Submissions and label sheets that one address may make, as <per second>/<burst>; 0/0 does not limit." default:"50/100"`

	Pace            int64         `help:"Bytes a second that a client must send of its request, and take of its answer, at least." default:"32768"`
	Grace           time.Duration `help:"How long a client may fall behind that pace." default:"10s"`
	Connections     int           `help:"How many connections may be open at the same time; the one that rests longest makes room." default:"8192"`
	ConnectionsEach int           `help:"How many of them may be one address's, unless it is a trusted proxy." default:"512"`

	Lookups Rate `help:"Licences that one address may look up one by one, unless a regulator or a platform asks, as <per second>/<burst>; 0/0 does not limit." default:"1/60"`
	Checks  Rate `help:"Shops that one party may have compared with the register of licences, as <per second>/<burst>; 0/0 does not limit." default:"20000/100000"`

	Addresses      int      `help:"How many client addresses are remembered for the rate limit, twice over." default:"50000"`
	TrustedProxies []string `help:"Networks (CIDR) whose X-Forwarded-For is believed." placeholder:"CIDR"`

	Listeners     int `help:"How many clients may wait for the feed at the same time." default:"1000"`
	ListenersEach int `help:"How many of them may be one party's, or one address's without a token." default:"20"`

	Streams     int `help:"How many traces, tables and streams of shops may run at the same time." default:"128"`
	StreamsEach int `help:"How many of them may be one party's, or one address's without a token." default:"16"`

	Sheets  int `help:"How many label sheets are made at the same time; one for each client." default:"2"`
	Exports int `help:"How many workbooks (XLSX) are made at the same time; one for each client." default:"4"`

	LagWarn time.Duration `help:"How long the oldest block that the read model lacks may have been waiting before /readyz says degraded." default:"10s"`
	Lag     time.Duration `help:"How long it may have been waiting before /readyz says unavailable." default:"2m"`
}

// Limits that are part of the API's description, not of its configuration.
const (
	// maxBody is the largest request body: a full batch, and what JSON adds.
	maxBody = traceability.MaxBatchBytes + 64<<10
	// maxBodies is how many bytes of bodies are taken in at the same time: eight full
	// batches, two of one client. More is busy.
	maxBodies     = 8 * maxBody
	maxBodiesEach = 2 * maxBody
	// maxTraceArray is how many lots a trace as one JSON array may have; a
	// larger one streams as JSON lines.
	maxTraceArray = 10_000
	// maxTraceBytes is how large the steps of a trace, or the lots of a recall's scope,
	// as one JSON object are together: it is in memory as a whole.
	maxTraceBytes = 4 << 20
	// flushEvery is how many steps of a streamed trace go out at once.
	flushEvery = 256
	// stallTimeout is how long a client may take for one flush.
	stallTimeout = 30 * time.Second

	headerTimeout = 5 * time.Second
	idleTimeout   = time.Minute
	maxHeader     = 16 << 10
)

// bodyTime is how long the largest body may take at the slowest pace.
func (l Limits) bodyTime() time.Duration {
	return l.Grace + time.Duration(maxBody/max(1, l.Pace)+1)*time.Second
}

// answerTimeout bounds a whole answer, from the request's header on: the longest
// thing is a full batch over a slow line. Streams set their own bounds.
func (l Limits) answerTimeout() time.Duration {
	return l.bodyTime() + max(l.SubmitTimeout, l.ReadTimeout) + l.ProjectWait + stallTimeout
}

// clientAddress tells how to find the client's address: the connection's, or,
// behind a trusted proxy, what the proxy says.
func (l Limits) clientAddress() (echo.IPExtractor, error) {
	if len(l.TrustedProxies) == 0 {
		return echo.ExtractIPDirect(), nil
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, cidr := range l.TrustedProxies {
		_, network, err := net.ParseCIDR(cidr)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies: %w", err)
		}
		trust = append(trust, echo.TrustIPRange(network))
	}
	return echo.ExtractIPFromXFFHeader(trust...), nil
}

// forwarded reports whether a request says that it came through a proxy.
func forwarded(r *http.Request) bool {
	return slices.ContainsFunc([]string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via"},
		func(name string) bool { return r.Header.Get(name) != "" })
}

// noticeProxy warns, once, of a proxy on this machine or net that is not trusted: all
// who come through it share one quota.
func (s *Server) noticeProxy(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if peer := remoteAddress(r.RemoteAddr); r.Header.Get("X-Forwarded-For") != "" && (peer.IsLoopback() || peer.IsPrivate()) && !s.Limits.proxy(peer) {
			s.unknownProxy.Do(func() {
				s.Log.LogAttrs(r.Context(), slog.LevelWarn, "a proxy that is not trusted: all who come through it count as one client; name it with --trusted-proxies",
					slog.String("peer", peer.String()))
			})
			s.metrics.proxies.Inc()
		}
		return next(c)
	}
}

// proxy reports whether an address is a trusted proxy's. What is no network was
// refused by clientAddress.
func (l Limits) proxy(a netip.Addr) bool {
	return slices.ContainsFunc(l.TrustedProxies, func(cidr string) bool {
		network, err := netip.ParsePrefix(cidr)
		return err == nil && network.Contains(a)
	})
}
