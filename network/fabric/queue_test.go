package fabric

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// gate holds calls of a method until it is opened.
type gate struct {
	method string
	open   chan struct{}
}

func (g gate) dial() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithUnaryInterceptor(func(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		if method == g.method {
			select {
			case <-g.open:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return invoke(ctx, method, request, reply, conn, options...)
	})}
}

const endorseMethod = "/gateway.Gateway/Endorse"

// gated opens a ledger on which nothing is endorsed until the gate is opened.
func gated(t *testing.T, n *testNetwork, o Options) (*Ledger, traceability.SigningKey, gate) {
	t.Helper()
	chaincode := n.deploy(t)
	lab, admission := n.parties.Laboratory(t, 1)
	if _, err := mustOpen(t, n.profile(t, "shanghai", chaincode), Options{}).Submit(context.Background(), []string{admission}); err != nil {
		t.Fatal(err)
	}
	g := gate{method: endorseMethod, open: make(chan struct{})}
	o.dial = g.dial()
	return mustOpen(t, n.profile(t, "shanghai", chaincode), o), lab, g
}

// TestBackPressure holds that a ledger whose network does not keep up refuses
// instead of growing, and takes again afterwards.
func TestBackPressure(t *testing.T) {
	n := realNetwork(t)
	bound := defaultLimits
	bound.documents, bound.bytes = 10, 20_000
	l, lab, gate := gated(t, n, Options{limits: bound})
	var group sync.WaitGroup
	var mu sync.Mutex
	var accepted, busy int
	for i := range 30 {
		group.Go(func() {
			receipt, err := l.Submit(context.Background(), []string{ledgertest.SignedReport(t, lab, i)})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, traceability.ErrBusy):
				busy++
			case err != nil || receipt.Outcomes[0].Status != traceability.StatusAccepted:
				t.Errorf("report %d: got %+v, error %v", i, receipt, err)
			default:
				accepted++
			}
		})
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		mu.Lock()
		refused := busy
		mu.Unlock()
		if refused >= 25 || time.Now().After(deadline) {
			break
		}
	}
	close(gate.open)
	group.Wait()
	if busy == 0 || accepted == 0 || accepted > 5 { // about 4 kB each
		t.Errorf("%d of 30 reports were accepted and %d refused, want at most 20 kB of them taken in", accepted, busy)
	}
	if _, err := l.Submit(context.Background(), []string{ledgertest.SignedReport(t, lab, 99)}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting != 0 || l.waitingBytes != 0 || l.queued != 0 {
		t.Errorf("%d documents, %d bytes and %d waiting documents are still counted", l.waiting, l.waitingBytes, l.queued)
	}
}

// TestGather holds that what waits goes together, and that a caller who leaves
// harms nobody.
func TestGather(t *testing.T) {
	n := realNetwork(t)
	l, lab, gate := gated(t, n, Options{InFlight: 1})
	ctx, leave := context.WithCancel(context.Background())
	const callers = 20
	receipts := make([]traceability.Receipt, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			mine := context.Background()
			if i%5 == 4 {
				mine = ctx
			}
			var err error
			receipts[i], err = l.Submit(mine, []string{ledgertest.SignedReport(t, lab, i)})
			if left := mine == ctx; left != errors.Is(err, context.Canceled) || !left && err != nil {
				t.Errorf("caller %d: got %v", i, err)
			}
		})
	}
	for waiting := 0; waiting < callers; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		waiting = l.waiting
		l.mu.Unlock()
	}
	leave()
	time.Sleep(50 * time.Millisecond)
	close(gate.open)
	group.Wait()
	transactions := make(map[traceability.TxID]bool)
	for i, r := range receipts {
		if i%5 == 4 {
			continue
		}
		if r.Outcomes[0].Status != traceability.StatusAccepted || len(r.Outcomes) != 1 {
			t.Errorf("caller %d: got %+v, want one accepted", i, r)
		}
		transactions[r.Tx] = true
	}
	if len(transactions) > 2 { // the first caller's, and the rest
		t.Errorf("%d callers took %d transactions, want at most 2", callers, len(transactions))
	}
}

// TestClose refuses what was not sent, answers what was, and ends feeds.
func TestClose(t *testing.T) {
	n := realNetwork(t)
	l, lab, gate := gated(t, n, Options{InFlight: 1})
	ended := make(chan error, 1)
	go func() {
		var last error
		for _, err := range l.Blocks(context.Background(), 0) {
			last = err
		}
		ended <- last
	}()
	answers := make(chan error, 2)
	submit := func(i int) {
		_, err := l.Submit(context.Background(), []string{ledgertest.SignedReport(t, lab, i)})
		answers <- err
	}
	go submit(1)
	for sent := false; !sent; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		sent = l.waiting == 1 && len(l.queue) == 0
		l.mu.Unlock()
	}
	go submit(2)
	for waiting := 0; waiting < 2; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		waiting = l.waiting
		l.mu.Unlock()
	}
	closed := make(chan error, 1)
	go func() { closed <- l.Close() }()
	if err := <-answers; !errors.Is(err, traceability.ErrClosed) {
		t.Errorf("what was not sent: got %v, want %v", err, traceability.ErrClosed)
	}
	close(gate.open)
	if err := <-answers; err != nil {
		t.Errorf("what was sent: got %v, want it answered", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, traceability.ErrClosed) {
		t.Errorf("the feed: got %v, want %v", err, traceability.ErrClosed)
	}
	if err := l.Close(); err != nil {
		t.Errorf("again: %v", err)
	}
	if _, err := l.Submit(context.Background(), []string{"x"}); !errors.Is(err, traceability.ErrClosed) {
		t.Errorf("Submit: got %v, want %v", err, traceability.ErrClosed)
	}
	if _, err := l.Head(context.Background()); !errors.Is(err, traceability.ErrClosed) {
		t.Errorf("Head: got %v, want %v", err, traceability.ErrClosed)
	}
	for _, err := range l.Blocks(context.Background(), 0) {
		if !errors.Is(err, traceability.ErrClosed) {
			t.Errorf("Blocks: got %v, want %v", err, traceability.ErrClosed)
		}
	}
}
