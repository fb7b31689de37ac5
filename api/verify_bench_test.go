package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
	"deltatrace/traceability/store"
	"deltatrace/traceability/store/storetest"
)

// BenchmarkVerify has a platform's shops compared over real HTTP on loopback, with a
// register of DELTATRACE_BENCH_LICENCES licences (20,000 if it is not set) and as many
// listings in the read model DELTATRACE_BENCH_DB: 10,000 in one call, and single ones,
// 500 a second for ten seconds, each when it is due whether or not those before are
// answered; what is asked in the second before does not count. The waiting that lateness
// causes is part of the figures; so is what the client takes to read the answer.
func BenchmarkVerify(b *testing.B) {
	licences, err := strconv.Atoi(os.Getenv("DELTATRACE_BENCH_LICENCES"))
	if err != nil {
		licences = 20_000
	}
	r := newRegister(b, storetest.Register{Seed: 1, Licences: licences, Shops: licences})
	b.Run("10000", func(b *testing.B) {
		took := make([]time.Duration, 15)
		for i := range took {
			request, began := r.request(b, r.url, 10_000), time.Now()
			r.ask(b, request)
			took[i] = time.Since(began)
		}
		reportLate(b, took)
	})
	b.Run("single", func(b *testing.B) { r.steadily(b, r.url) })
	b.Run("bare", func(b *testing.B) {
		e := echo.New()
		e.POST("/*", func(c echo.Context) error { return c.JSONBlob(http.StatusOK, r.answer) })
		bare := httptest.NewServer(e)
		defer bare.Close()
		r.steadily(b, bare.URL)
	})
}

// steadily asks a server for single shops. One that answers always the same, as bare
// does, shows what of the figures is the machine's and the client's.
func (r *register) steadily(b *testing.B, url string) {
	const rate, warming, requests = 500, 500, 5000
	took := make([]time.Duration, warming+requests)
	asked := make([]*http.Request, len(took))
	for i := range asked {
		asked[i] = r.request(b, url, 1)
	}
	var clients sync.WaitGroup
	began := time.Now()
	for i := range asked {
		due := began.Add(time.Duration(i) * time.Second / rate)
		time.Sleep(time.Until(due))
		clients.Go(func() {
			r.ask(b, asked[i])
			took[i] = time.Since(due)
		})
	}
	clients.Wait()
	b.ReportMetric(float64(len(took))/time.Since(began).Seconds(), "req/s")
	reportLate(b, took[warming:])
}

func reportLate(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
}

// register is a server on a read model that has an invented register.
type register struct {
	storetest.Register
	url    string
	key    traceability.SigningKey // of the first platform
	random *rand.Rand
	answer []byte // for one shop
}

// admitting reads one party more than a store has, for a Register signs nothing. As
// a ledger it takes nothing more.
type admitting struct {
	*store.Store
	party traceability.PartyRecord
}

// Party implements traceability.Reader.
func (a admitting) Party(context.Context, traceability.PartyID) (traceability.PartyRecord, error) {
	return a.party, nil
}

// Submit implements Ledger.
func (a admitting) Submit(context.Context, []string) (traceability.Receipt, error) {
	return traceability.Receipt{}, errors.ErrUnsupported
}

// still is a read model that nothing is written to.
type still traceability.Head

// Wait implements Waiter.
func (still) Wait(context.Context, uint64) error { return nil }

// Head implements Waiter.
func (s still) Head() (traceability.Head, bool) { return traceability.Head(s), true }

func newRegister(b *testing.B, g storetest.Register) *register {
	b.Helper()
	db := os.Getenv("DELTATRACE_BENCH_DB")
	if db == "" {
		db = filepath.Join(b.TempDir(), "register.db")
	}
	s, err := store.Open(b.Context(), db, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if _, err := s.Head(b.Context()); err != nil {
		for block := range g.Blocks() {
			if err := s.Apply(b.Context(), block); err != nil {
				b.Fatal(err)
			}
		}
	}
	head, err := s.Head(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	r := &register{Register: g, key: mustKey(b, g.Platform(0)), random: rand.New(rand.NewPCG(1, 1))}
	var server *Server
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { server.ServeHTTP(w, q) }))
	b.Cleanup(listener.Close)
	r.url = listener.URL
	record := traceability.PartyRecord{ID: g.Platform(0), Status: traceability.PartyActive, Keys: []traceability.KeyPeriod{{Key: r.key.Public()}}}
	reader := admitting{s, record}
	server, err = NewServer(Options{Ledger: reader, Reader: reader, Waiter: still(head), PublicURL: r.url, Limits: mustServe(b, "serve", "--checks=0/0", "--reads=0/0", "--writes=0/0").Limits,
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) }})
	if err != nil {
		b.Fatal(err)
	}
	r.answer = r.ask(b, r.request(b, r.url, 1))
	return r
}

// request asks about so many shops of the first platform, with a token of its own.
func (r *register) request(b *testing.B, url string, shops int) *http.Request {
	b.Helper()
	list := make([]traceability.Shop, shops)
	for i := range list {
		list[i] = r.Shop(r.random.IntN(r.Shops/3) * 3)
	}
	q, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url+"/v1/licences/verify", bytes.NewReader(mustEncode(b, list)))
	if err != nil {
		b.Fatal(err)
	}
	token, err := traceability.NewToken(r.key, r.url, time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC))
	if err != nil {
		b.Fatal(err)
	}
	q.Header.Set("Content-Type", mediaJSON)
	q.Header.Set("Authorization", "Bearer "+token)
	return q
}

// ask returns the answer.
func (r *register) ask(b *testing.B, q *http.Request) []byte {
	response, err := client.Do(q)
	if err != nil {
		b.Error(err)
		return nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Errorf("%d %v: %.200s", response.StatusCode, err, body)
	}
	return body
}
