package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// logged is a log that may be read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestUntrustedProxyIsTold holds that an operator who puts a proxy in front and forgets
// to name it is warned, once, and that nobody reads the metrics through a proxy.
func TestUntrustedProxyIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flag string
		told int
	}{{"--trusted-proxies=192.0.2.0/24", 1}, {"--trusted-proxies=127.0.0.0/8", 0}} {
		w := newWorld(t, c.flag)
		w.stop()
		log := new(logged)
		w.main = NewMain(mustServe(t, w.args...), slog.New(slog.NewTextHandler(log, nil)))
		if err := w.main.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			w.get("/v1/ledger", "X-Forwarded-For: 198.51.100.7")
			if got := w.get("/metrics", "X-Forwarded-For: 198.51.100.7").status; got != http.StatusNotFound {
				t.Errorf("metrics through a proxy: %d", got)
			}
		}
		if got := strings.Count(log.String(), "proxy that is not trusted"); got != c.told {
			t.Errorf("%s: warned %d times: %s", c.flag, got, log)
		}
		if got := w.get("/metrics"); got.status != http.StatusOK || !strings.Contains(string(got.body), "deltatrace_untrusted_proxy_requests_total "+map[int]string{0: "0", 1: "6"}[c.told]+"\n") {
			t.Errorf("%s: metrics: %d", c.flag, got.status)
		}
		w.stop()
	}
}
