package ledgertest

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

func testRestart(t *testing.T, b *bench) {
	if b.Restart == nil {
		t.Skip("the harness cannot restart its ledger")
	}
	lab := b.laboratory(t)
	b.grow(t, lab, 0, 5)
	before := b.blocks(t, 0)
	b.Ledger = b.Restart(t)
	if diff := cmp.Diff(before, b.blocks(t, 0)); diff != "" {
		t.Errorf("blocks (-before +after restart):\n%s", diff)
	}
	b.grow(t, lab, 5, 3)
	if o := b.submit(t, SignedReport(t, lab, 0)).Outcomes[0]; o.Status != traceability.StatusDuplicate {
		t.Errorf("a report of before: got %s, want duplicate", o.Status)
	}
	b.blocks(t, 0)
}

// testKill kills the ledger again and again under load: what was acknowledged
// stays, nothing is doubled, and it goes on.
func testKill(t *testing.T, b *bench) {
	if b.Kill == nil {
		t.Skip("the harness cannot kill its ledger")
	}
	lab := b.laboratory(t)
	const rounds = 4
	reports := &supply{lab: lab}
	for round := range rounds {
		ctx, cancel := context.WithCancel(context.Background())
		var load sync.WaitGroup
		for range 16 {
			load.Go(func() {
				for ctx.Err() == nil {
					i, document, err := reports.next()
					if err != nil {
						t.Error(err)
						return
					}
					receipt, err := b.Ledger.Submit(ctx, []string{document})
					if err != nil {
						return
					}
					if receipt.Outcomes[0].Status == traceability.StatusAccepted {
						reports.acknowledge(i)
					}
				}
			})
		}
		// The kill comes at a random moment, but not before the round has
		// something to lose: a busy machine may need seconds for that.
		if !reports.grown(b.Patience) {
			t.Errorf("round %d: nothing was acknowledged within %s", round, b.Patience)
		}
		time.Sleep(time.Duration(20+rand.IntN(100)) * time.Millisecond)
		acknowledged := reports.close()
		killed := b.Kill(t)
		cancel()
		load.Wait()
		b.Ledger = killed
		reports.open()

		blocks := b.blocks(t, 0)
		_, written := state(blocks)
		for _, i := range acknowledged {
			if n := written[ReportKey(lab, i)]; n != 1 {
				t.Errorf("round %d: report %d was acknowledged and is on the ledger %d times", round, i, n)
			}
		}
		for key, n := range written {
			if n != 1 {
				t.Errorf("round %d: %s was written %d times", round, key, n)
			}
		}
		t.Logf("round %d: %d acknowledged, %d blocks", round, len(acknowledged), len(blocks))
	}
}

// supply hands out signed reports and keeps which were acknowledged while it
// was open: an answer that arrives once the kill has begun is not counted.
type supply struct {
	lab traceability.SigningKey

	mu           sync.Mutex
	handed       int
	closed       bool
	acknowledged []int
	before       int // how many were acknowledged when it was last opened
}

func (s *supply) next() (i int, document string, err error) {
	s.mu.Lock()
	i = s.handed
	s.handed++
	s.mu.Unlock()
	document, err = traceability.Sign(s.lab, traceability.TypeReportSubmit, Report(i), Signed)
	return i, document, err
}

func (s *supply) acknowledge(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.acknowledged = append(s.acknowledged, i)
	}
}

// grown waits until more is acknowledged than when it was last opened.
func (s *supply) grown(patience time.Duration) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		grown := len(s.acknowledged) > s.before
		s.mu.Unlock()
		if grown {
			return true
		}
	}
	return false
}

// close stops counting and returns what was acknowledged so far.
func (s *supply) close() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return append([]int(nil), s.acknowledged...)
}

func (s *supply) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.before = false, len(s.acknowledged)
}
