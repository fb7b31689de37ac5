package webhook_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/api/webhook"
	"deltatrace/traceability"
	"deltatrace/traceability/client"
	"deltatrace/traceability/store"
	"deltatrace/traceability/store/storetest"
)

var zhejiang = traceability.Regulator(traceability.Zhejiang)

// world is a read model that blocks come into, and deliveries from it.
type world struct {
	testing.TB
	chain *storetest.Chain
	store *store.Store
	state *webhook.State
	dir   string
	key   webhook.Key

	mu      sync.Mutex
	head    traceability.Head
	changed chan struct{}
	notices map[string]*traceability.Notice
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{TB: tb, chain: storetest.NewChain(tb), dir: tb.TempDir(), changed: make(chan struct{}), notices: make(map[string]*traceability.Notice)}
	var err error
	if w.store, err = store.Open(tb.Context(), filepath.Join(w.dir, "readmodel.db"), slog.New(slog.DiscardHandler)); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { w.store.Close() })
	if w.key, err = webhook.OpenKey(filepath.Join(w.dir, "key.pem")); err != nil {
		tb.Fatal(err)
	}
	w.apply(w.chain.Blocks...)
	w.open()
	return w
}

// open opens the delivery state, as a server does that starts.
func (w *world) open() {
	w.Helper()
	var err error
	if w.state, err = webhook.OpenState(w.Context(), filepath.Join(w.dir, "webhooks.db")); err != nil {
		w.Fatal(err)
	}
	state := w.state
	w.Cleanup(func() { state.Close() })
}

// close ends the block and brings it into the read model.
func (w *world) close() { w.apply(w.chain.Close()) }

func (w *world) apply(blocks ...traceability.Block) {
	w.Helper()
	if err := w.store.Apply(context.Background(), blocks...); err != nil {
		w.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.head = blocks[len(blocks)-1].Head()
	close(w.changed)
	w.changed = make(chan struct{})
}

// Head implements webhook.Waiter.
func (w *world) Head() (traceability.Head, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.head, true
}

// Wait implements webhook.Waiter.
func (w *world) Wait(ctx context.Context, block uint64) error {
	for {
		w.mu.Lock()
		there, changed := w.head.Number >= block, w.changed
		w.mu.Unlock()
		if there {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// options are those of quick deliveries to this machine.
func (w *world) options() webhook.Options {
	return webhook.Options{
		Reader: w.store, Waiter: w, State: w.state, Key: w.key, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Guard:   webhook.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		Timeout: 300 * time.Millisecond, MinPause: 5 * time.Millisecond, MaxPause: 20 * time.Millisecond, MaxAttempts: 3,
	}
}

// run delivers until stop is called, or the test ends.
func (w *world) run(o webhook.Options) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { webhook.New(o).Run(ctx) })
	stop = func() {
		cancel()
		running.Wait()
	}
	w.Cleanup(stop)
	return stop
}

// act puts a notice on the ledger, or another act of it.
func (w *world) act(no string) {
	w.Helper()
	n := w.notices[no]
	if n == nil {
		n = &traceability.Notice{ID: traceability.NoticeID("DBJ2533010031913" + no), Organiser: traceability.Zhejiang, Report: "lab:230912340001/F" + traceability.ReportID(no) + "/1"}
		w.notices[no] = n
		w.chain.Notice(n, zhejiang, &traceability.NoticeIssue{Report: n.Report})
		return
	}
	w.chain.Notice(n, zhejiang, &traceability.NoticeAct{Notice: n.ID, Act: traceability.ActExtend, Timer: "T7", Reason: fmt.Sprint(len(n.Done))})
}

// hook has Zhejiang's regulator set a webhook.
func (w *world) hook(ref traceability.WebhookRef, revision int, url string) {
	w.chain.Webhook(zhejiang, traceability.Webhook{Ref: ref, Revision: revision, URL: url, Active: url != ""})
}

// status is that of a webhook of Zhejiang's.
func (w *world) status(ref traceability.WebhookRef) webhook.Status {
	w.Helper()
	status, err := w.state.Status(context.Background(), zhejiang, ref)
	if err != nil {
		w.Fatal(err)
	}
	return status
}

// until waits until something holds.
func (w *world) until(what string, holds func() bool) {
	w.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.Fatalf("not in time: %s", what)
		}
	}
}

// receiver takes deliveries, verifies them, and answers as it is told.
type receiver struct {
	testing.TB
	url    string
	keys   client.DeliveryKeys
	mu     sync.Mutex
	answer func(d traceability.Delivery, before int) int // a status; how often it has come before
	seen   []traceability.Delivery                       // what came
	taken  []traceability.Delivery                       // what was answered 2xx
}

func (w *world) receiver(answer func(traceability.Delivery, int) int) *receiver {
	w.Helper()
	r := &receiver{TB: w.TB, keys: w.keys(), answer: answer}
	server := httptest.NewServer(r)
	w.Cleanup(server.Close)
	r.url = server.URL + "/hook?a=b"
	return r
}

// keys reads the published keys as a receiver does.
func (w *world) keys() client.DeliveryKeys {
	w.Helper()
	directory := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path != traceability.DeliveryKeys {
			w.Errorf("asked for %s", r.URL.Path)
		}
		_ = json.MarshalWrite(out, w.key.Public()) // what is wrong shows in the client
	}))
	defer directory.Close()
	c, err := client.New(directory.URL)
	if err != nil {
		w.Fatal(err)
	}
	keys, err := c.DeliveryKeys(w.Context())
	if err != nil || len(keys) != 1 {
		w.Fatalf("%v %v", keys, err)
	}
	return keys
}

func (r *receiver) ServeHTTP(out http.ResponseWriter, request *http.Request) {
	d, err := r.keys.Delivery(request, r.url, time.Now())
	if err != nil {
		r.Errorf("not verified: %v", err)
		out.WriteHeader(http.StatusUnauthorized)
		return
	}
	r.mu.Lock()
	before := 0
	for _, s := range r.seen {
		if s.ID == d.ID {
			before++
		}
	}
	r.seen = append(r.seen, d)
	answer := r.answer
	r.mu.Unlock()
	status := http.StatusNoContent
	if answer != nil {
		status = answer(d, before)
	}
	if status == 0 { // hang
		<-request.Context().Done()
		return
	}
	if status/100 == 2 {
		r.mu.Lock()
		r.taken = append(r.taken, d)
		r.mu.Unlock()
	}
	out.WriteHeader(status)
	_, _ = io.WriteString(out, "x") // nobody reads it
}

func (r *receiver) set(answer func(traceability.Delivery, int) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// got returns what was taken, as the last four digits of the notice, in order.
func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return subjects(r.taken)
}

func subjects(deliveries []traceability.Delivery) []string {
	var list []string
	for _, d := range deliveries {
		list = append(list, d.Signal.Subject[len(d.Signal.Subject)-4:])
	}
	return list
}

// await waits until the receiver has taken these.
func (r *receiver) await(want ...string) {
	r.Helper()
	for deadline := time.Now().Add(20 * time.Second); !slices.Equal(r.got(), want); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.Fatalf("taken: %v, want %v", r.got(), want)
		}
	}
}
