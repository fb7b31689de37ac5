package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

// BenchmarkScan asks what a scan asks, as a page and as JSON, over real HTTP on
// loopback with 16 clients, and asks a bare echo handler that returns the same
// bytes in the same run. The ratio is how many times more the bare one answers;
// clients and server share the processors. "unchanged" is a scan of a client
// that has the answer and sends its ETag.
func BenchmarkScan(b *testing.B) {
	w := newPopulatedWorld(b)
	for _, bm := range []struct {
		name, path, accept string
		known              bool
	}{
		{name: "json", path: "/" + string(pickles), accept: mediaJSON},
		{name: "json unchanged", path: "/" + string(pickles), accept: mediaJSON, known: true},
		{name: "page", path: "/" + string(pickles), accept: "text/html"},
		{name: "lot", path: "/v1/lots/" + string(pickles), accept: mediaJSON},
	} {
		b.Run(bm.name, func(b *testing.B) {
			answer := w.get(bm.path, "Accept: "+bm.accept)
			header := http.Header{"Accept": {bm.accept}}
			status := http.StatusOK
			if bm.known {
				header.Set("If-None-Match", answer.header.Get("Etag"))
				answer.body, status = nil, http.StatusNotModified
			}
			bare := mustBare(b, status, answer)
			hammer(b, w.main.URL()+bm.path, header, status, 200) // warm
			plain := hammer(b, bare.URL+bm.path, header, status, b.N)
			b.ResetTimer()
			full := hammer(b, w.main.URL()+bm.path, header, status, b.N)
			b.ReportMetric(full.perSecond, "req/s")
			b.ReportMetric(full.p99.Seconds()*1000, "p99-ms")
			b.ReportMetric(plain.perSecond, "bare-req/s")
			b.ReportMetric(plain.p99.Seconds()*1000, "bare-p99-ms")
			b.ReportMetric(plain.perSecond/full.perSecond, "ratio")
		})
	}
}

// mustBare serves the bytes of an answer from an echo without anything else.
func mustBare(tb testing.TB, status int, answer reply) *httptest.Server {
	tb.Helper()
	e := echo.New()
	e.GET("/*", func(c echo.Context) error {
		if answer.body == nil {
			return c.NoContent(status)
		}
		return c.Blob(status, answer.header.Get("Content-Type"), answer.body)
	})
	server := httptest.NewServer(e)
	tb.Cleanup(server.Close)
	return server
}

type figures struct {
	perSecond float64
	p99       time.Duration
}

// hammer sends n requests from 16 clients.
func hammer(b *testing.B, url string, header http.Header, status, n int) figures {
	b.Helper()
	const clients = 16
	transport := &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	var left atomic.Int64
	left.Store(int64(n))
	times := make([][]time.Duration, clients)
	var wait sync.WaitGroup
	began := time.Now()
	for i := range clients {
		wait.Go(func() {
			for left.Add(-1) >= 0 {
				start := time.Now()
				r, err := http.NewRequest(http.MethodGet, url, nil)
				if err != nil {
					b.Error(err)
					return
				}
				r.Header = header
				response, err := transport.RoundTrip(r)
				if err != nil {
					b.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if err != nil || response.StatusCode != status {
					b.Errorf("%d %v", response.StatusCode, err)
					return
				}
				times[i] = append(times[i], time.Since(start))
			}
		})
	}
	wait.Wait()
	took := time.Since(began)
	all := slices.Concat(times...)
	slices.Sort(all)
	if len(all) == 0 {
		return figures{}
	}
	return figures{float64(len(all)) / took.Seconds(), all[len(all)*99/100]}
}
