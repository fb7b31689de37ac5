package fabric

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// load submits reports one after the other through one ledger, and remembers what
// became of each.
type load struct {
	testing.TB
	ledger  *Ledger
	lab     traceability.SigningKey
	callers int

	mu           sync.Mutex
	next         int
	acknowledged map[int]bool
	last         time.Time     // of an acknowledgement
	stall        time.Duration // the longest time without one
	doubtful     int
}

func (l *load) run(ctx context.Context) {
	l.acknowledged, l.last = make(map[int]bool), time.Now()
	var group sync.WaitGroup
	for range l.callers {
		group.Go(func() {
			for ctx.Err() == nil {
				l.mu.Lock()
				i := l.next
				l.next++
				l.mu.Unlock()
				receipt, err := l.ledger.Submit(context.Background(), []string{ledgertest.SignedReport(l, l.lab, i)})
				l.note(i, receipt, err)
			}
		})
	}
	group.Wait()
}

func (l *load) note(i int, receipt traceability.Receipt, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.doubtful++
		l.Logf("report %d: %v", i, err)
		return
	}
	if o := receipt.Outcomes[0]; o.Status != traceability.StatusAccepted {
		l.Errorf("report %d: got %s (%s), want accepted", i, o.Status, o.Code)
	}
	now := time.Now()
	l.stall = max(l.stall, now.Sub(l.last))
	l.last, l.acknowledged[i] = now, true
}

// since forgets the stalls so far.
func (l *load) since() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stall, l.last = 0, time.Now()
}

// acknowledgedSince reports whether anything was.
func (l *load) acknowledgedSince(at time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last.After(at)
}

// mostStall is half of the client's patience: a client that waits for longer than
// the outage hangs on what is gone. How long it takes is measured elsewhere.
const mostStall = time.Minute

// TestFailover takes from a client its own province's processes, one after the
// other, under load and without a warning, then another's, then all there are. It
// goes on through another province, its block feed has no gap, and it returns to
// its own.
func TestFailover(t *testing.T) {
	n := realNetwork(t)
	chaincode := n.deploy(t)
	l := mustOpen(t, n.profile(t, "shanghai", chaincode), Options{Patience: 2 * time.Minute})
	lab, admission := n.parties.Laboratory(t, 1)
	if _, err := l.Submit(context.Background(), []string{admission}); err != nil {
		t.Fatal(err)
	}
	own := l.peers.all[0]
	from := mustHead(t, l).Number + 1

	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	work := &load{TB: t, ledger: l, lab: lab, callers: 8}
	running.Go(func() { work.run(ctx) })
	feed := &follower{ledger: l, next: from, written: make(map[string]int)}
	following, unfollow := context.WithCancel(context.Background())
	defer unfollow()
	running.Go(func() { feed.run(following) })

	wait := func(d time.Duration) { time.Sleep(d) }
	start := func(name string) func() error {
		return func() error { return n.Start(context.Background(), name) }
	}
	steps := []struct {
		name          string
		breaks, mends func() error
		hold          time.Duration // how long it lasts
	}{
		{"peer killed", func() error { return n.Kill("shanghai-peer") }, start("shanghai-peer"), 4 * time.Second},
		{"chaincode killed", func() error { return n.Kill("shanghai-chaincode-1") }, start("shanghai-chaincode-1"), 4 * time.Second},
		{"peer frozen", func() error { return n.Pause("shanghai-peer") }, func() error { return n.Resume("shanghai-peer") }, 9 * time.Second},
		{"another's peer killed", func() error { return n.Kill("anhui-peer") }, start("anhui-peer"), 4 * time.Second},
		{"another's peer frozen", func() error { return n.Pause("anhui-peer") }, func() error { return n.Resume("anhui-peer") }, 6 * time.Second},
		{"everything killed", func() error { n.crash(t, ""); return nil }, func() error { return nil }, 0},
	}
	for _, step := range steps {
		wait(time.Second)
		work.since()
		if err := step.breaks(); err != nil {
			t.Fatal(err)
		}
		wait(step.hold)
		if err := step.mends(); err != nil {
			t.Fatal(err)
		}
		mended := time.Now()
		for !work.acknowledgedSince(mended) || l.peers.best() != own || !submitsThrough(l, own) {
			if wait(50 * time.Millisecond); time.Since(mended) > time.Minute {
				t.Errorf("%s: the client does not return to its own peer", step.name)
				break
			}
		}
		work.mu.Lock()
		t.Logf("%s: longest stall %s, %d acknowledged so far", step.name, work.stall.Round(time.Millisecond), len(work.acknowledged))
		if work.stall > mostStall {
			t.Errorf("%s: a stall of %s, want at most %s", step.name, work.stall, mostStall)
		}
		work.mu.Unlock()
	}
	stop()
	for deadline := time.Now().Add(40 * time.Second); ; wait(50 * time.Millisecond) {
		if missing := feed.missing(work); missing == 0 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("the feed lacks %d of %d acknowledged reports", missing, len(work.acknowledged))
		}
	}
	unfollow()
	running.Wait()
	if feed.err != nil {
		t.Errorf("the feed ended: %v", feed.err)
	}
	if work.doubtful > 0 {
		t.Errorf("%d submissions ended in doubt", work.doubtful)
	}
	for key, times := range feed.written {
		if times != 1 {
			t.Errorf("%s was written %d times", key, times)
		}
	}
}

// submitsThrough reports whether the last submission went through a peer.
func submitsThrough(l *Ledger, g *gateway) bool {
	l.peers.mu.Lock()
	defer l.peers.mu.Unlock()
	return l.peers.used == g
}

// follower reads blocks as a projector does, and checks that there is no gap.
type follower struct {
	ledger *Ledger
	next   uint64

	mu      sync.Mutex
	written map[string]int
	err     error
}

func (f *follower) run(ctx context.Context) {
	var previous traceability.Hash
	for block, err := range f.ledger.Blocks(ctx, f.next) {
		f.mu.Lock()
		switch {
		case err != nil:
			f.err = err
		case block.Number != f.next:
			f.err = errors.New("a gap")
		case previous != (traceability.Hash{}) && block.Previous != previous:
			f.err = errors.New("another chain")
		}
		f.next, previous = f.next+1, block.Hash
		for _, tx := range block.Transactions {
			for _, w := range tx.Writes {
				f.written[w.Key]++
			}
		}
		f.mu.Unlock()
	}
}

// missing counts what was acknowledged and has not come.
func (f *follower) missing(l *load) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	missing := 0
	for i := range l.acknowledged {
		if f.written[ledgertest.ReportKey(l.lab, i)] == 0 {
			missing++
		}
	}
	return missing
}
