package main

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"deltatrace/traceability"
)

// metrics is what Prometheus reads at /metrics. Labels are words of a fixed
// list: never an identifier.
type metrics struct {
	handler   http.Handler
	requests  *prometheus.HistogramVec
	outcomes  *prometheus.CounterVec
	documents *prometheus.CounterVec
	proxies   prometheus.Counter
}

// scrapeTimeout bounds what a scrape asks of ledger and read model.
const scrapeTimeout = 2 * time.Second

func newMetrics(s *Server) *metrics {
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "deltatrace_http_request_seconds", Help: "How long requests took.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"route", "method", "status"}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "deltatrace_submissions_total", Help: "What became of submitted documents.",
		}, []string{"status", "code"}),
		documents: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "deltatrace_documents_total", Help: "Documents accepted, by type.",
		}, []string{"type"}),
		proxies: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "deltatrace_untrusted_proxy_requests_total", Help: "Requests through a proxy that is not named with --trusted-proxies.",
		}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.outcomes, m.documents, m.proxies,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		height("deltatrace_ledger_height", "Number of the ledger's last block.", s.Ledger.Head),
		height("deltatrace_projected_height", "Number of the last block in the read model.", s.Reader.Head),
		fitness("deltatrace_behind_seconds", "How long the oldest block has been waiting that the read model lacks.", s, func(h health) float64 { return float64(h.Behind) }),
		fitness("deltatrace_health", "What /readyz says: 0 ok, 1 degraded, 2 unavailable.", s, func(h health) float64 {
			return float64(slices.Index([]string{healthOK, healthDegraded, healthUnavailable}, h.Status))
		}))
	if s.Compared != nil {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "deltatrace_read_model_differs", Help: "Rows of the read model that differ from the ledger, as far as counted; -1 before they were compared.",
		}, func() float64 {
			if n, known := s.Compared(); known {
				return float64(n)
			}
			return -1
		}))
	}
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

// height is a gauge of a chain's last block; -1 when it cannot be read.
func height(name, help string, head func(context.Context) (traceability.Head, error)) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
		defer cancel()
		h, err := head(ctx)
		if err != nil {
			return -1
		}
		return float64(h.Number)
	})
}

// fitness is a gauge of what /readyz says.
func fitness(name, help string, s *Server, value func(health) float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
		defer cancel()
		state, _ := s.health(ctx)
		return value(state)
	})
}

// serve answers a scraper on this machine. How many documents of a kind there are tells
// of what few may see, so it is for the operator; who comes through a proxy is not.
func (m *metrics) serve(c echo.Context) error {
	r := c.Request()
	if !remoteAddress(r.RemoteAddr).IsLoopback() || forwarded(r) || !remoteAddress(r.RemoteAddr).IsValid() {
		return notFound("")
	}
	m.handler.ServeHTTP(c.Response(), c.Request())
	return nil
}

// request counts a request. Methods that no route has are one label.
func (m *metrics) request(route, method string, status int, took time.Duration) {
	if !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost}, method) {
		method = "other"
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Observe(took.Seconds())
}

// outcome counts what became of a document. Codes and types come from the
// ledger, whose lists are fixed.
func (m *metrics) outcome(o traceability.Outcome) {
	m.outcomes.WithLabelValues(string(o.Status), string(o.Code)).Inc()
	if o.Status == traceability.StatusAccepted {
		m.documents.WithLabelValues(string(o.Type)).Inc()
	}
}
