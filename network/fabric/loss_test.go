package fabric

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// lossy makes calls to peers that are done and whose answer is then lost, as when
// a connection breaks. lose is asked with the method's name.
func lossy(lose func(method string) bool) []grpc.DialOption {
	return []grpc.DialOption{grpc.WithUnaryInterceptor(func(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		err := invoke(ctx, method, request, reply, conn, options...)
		if method = method[strings.LastIndexByte(method, '/')+1:]; err == nil && lose(method) {
			return status.Error(codes.Unavailable, "the answer to "+method+" is lost")
		}
		return err
	})}
}

// times loses the first n answers of a method.
func times(n int64, lost string) func(string) bool {
	left := new(atomic.Int64)
	left.Store(n)
	return func(method string) bool { return method == lost && left.Add(-1) >= 0 }
}

// written counts how often each key is on the ledger.
func written(t *testing.T, l *Ledger) map[string]int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	head, count := mustHead(t, l), make(map[string]int)
	for block, err := range l.Blocks(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		for _, tx := range block.Transactions {
			for _, w := range tx.Writes {
				count[w.Key]++
			}
		}
		if block.Number == head.Number {
			return count
		}
	}
	t.Fatal("the feed ended before the head")
	return nil
}

// TestLostAnswers loses the answer of one phase once, or at every peer. The
// document is on the ledger once and its sender is told so, although the ledger
// itself has seen it twice.
func TestLostAnswers(t *testing.T) {
	n := realNetwork(t)
	chaincode := n.deploy(t)
	lab, admission := n.parties.Laboratory(t, 1)
	ctx := context.Background()
	steady := mustOpen(t, n.profile(t, "shanghai", chaincode), Options{})
	if _, err := steady.Submit(ctx, []string{admission}); err != nil {
		t.Fatal(err)
	}
	for i, method := range []string{"Endorse", "Submit", "CommitStatus"} {
		for j, lost := range []int64{1, 4, 9} {
			t.Run(fmt.Sprintf("%s-%d", method, lost), func(t *testing.T) {
				number := 10*i + j
				l := mustOpen(t, n.profile(t, "shanghai", chaincode), Options{dial: lossy(times(lost, method))})
				document := ledgertest.SignedReport(t, lab, number)
				receipt, err := l.Submit(ctx, []string{document, "not a document"})
				if err != nil {
					t.Fatal(err)
				}
				if o := receipt.Outcomes[0]; o.Status != traceability.StatusAccepted || receipt.Tx == "" {
					t.Errorf("got %s (%s) in %q, want accepted", o.Status, o.Code, receipt.Tx)
				}
				if count := written(t, steady)[ledgertest.ReportKey(lab, number)]; count != 1 {
					t.Errorf("the report was written %d times", count)
				}
				again, err := steady.Submit(ctx, []string{document})
				if err != nil || again.Outcomes[0].First != receipt.Tx || again.Block != receipt.Block {
					t.Errorf("again: got %+v, error %v; want a duplicate of %s in block %d", again, err, receipt.Tx, receipt.Block)
				}
			})
		}
	}
}

// TestManyLostAnswers loses a fifth of all answers while many submit: nothing is
// missing, nothing is double, and every sender is told that his is accepted.
func TestManyLostAnswers(t *testing.T) {
	n := realNetwork(t)
	chaincode := n.deploy(t)
	lab, admission := n.parties.Laboratory(t, 1)
	ctx := context.Background()
	steady := mustOpen(t, n.profile(t, "shanghai", chaincode), Options{})
	if _, err := steady.Submit(ctx, []string{admission}); err != nil {
		t.Fatal(err)
	}
	lose := func(string) bool { return rand.IntN(5) == 0 }
	l := mustOpen(t, n.profile(t, "shanghai", chaincode), Options{InFlight: 4, Patience: time.Minute, dial: lossy(lose)})
	const senders, each = 16, 8
	var group sync.WaitGroup
	for s := range senders {
		group.Go(func() {
			for i := s * each; i < (s+1)*each; i++ {
				receipt, err := l.Submit(ctx, []string{ledgertest.SignedReport(t, lab, i)})
				if err != nil {
					t.Errorf("report %d: %v", i, err)
				} else if o := receipt.Outcomes[0]; o.Status != traceability.StatusAccepted {
					t.Errorf("report %d: got %s (%s), want accepted", i, o.Status, o.Code)
				}
			}
		})
	}
	group.Wait()
	n.settled(t, steady)
	count := written(t, steady)
	for i := range senders * each {
		if count[ledgertest.ReportKey(lab, i)] != 1 {
			t.Errorf("report %d was written %d times", i, count[ledgertest.ReportKey(lab, i)])
		}
	}
}

// TestNothingOrdered loses every answer of the ordering service's side: nothing is
// acknowledged, the submission ends in doubt, and submitting again settles it.
func TestNothingOrdered(t *testing.T) {
	n := realNetwork(t)
	chaincode := n.deploy(t)
	lab, admission := n.parties.Laboratory(t, 1)
	ctx := context.Background()
	var deaf atomic.Bool
	l := mustOpen(t, n.profile(t, "shanghai", chaincode), Options{Patience: 3 * time.Second, dial: lossy(func(method string) bool {
		return deaf.Load() && (method == "Submit" || method == "CommitStatus")
	})})
	if _, err := l.Submit(ctx, []string{admission}); err != nil {
		t.Fatal(err)
	}
	deaf.Store(true)
	document := ledgertest.SignedReport(t, lab, 1)
	began := time.Now()
	_, err := l.Submit(ctx, []string{document})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, traceability.ErrBusy) || time.Since(began) > 15*time.Second {
		t.Errorf("got %v after %s, want to be left in doubt after the ledger's patience", err, time.Since(began))
	}
	deaf.Store(false)
	receipt, err := l.Submit(ctx, []string{document})
	if err != nil || receipt.Outcomes[0].Status == traceability.StatusRejected {
		t.Errorf("again: got %+v, error %v", receipt, err)
	}
	if count := written(t, l)[ledgertest.ReportKey(lab, 1)]; count != 1 {
		t.Errorf("the report was written %d times", count)
	}
}
