package fabric

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"deltatrace/network/topology"
	"deltatrace/traceability"
)

// Options of a ledger. The zero value is good.
type Options struct {
	// InFlight is how many transactions may be under way at the same time; 2 when
	// 0. More of them are smaller, and more often in each other's way.
	InFlight int
	// Patience is how long a submission is tried before it is given up as in
	// doubt; 30 s when 0.
	Patience time.Duration
	// GatewayChooses leaves the choice of endorsers to the peer's gateway, which
	// asks its own peer first and then the others.
	GatewayChooses bool
	// Logger takes what the operator must know; slog.Default() when nil.
	Logger *slog.Logger

	limits limits
	dial   []grpc.DialOption // tests lose answers on the way
}

// Ledger is a ledger on a Fabric network, seen from one province. It is safe for
// use by many goroutines.
type Ledger struct {
	profile         *topology.Profile
	creator         []byte // this client, as peers know it
	peers           *peers
	log             *slog.Logger
	inFlight        int
	patience        time.Duration
	chooseEndorsers bool
	limits          limits

	background context.Context // of what the ledger does for several callers
	stop       context.CancelFunc
	working    sync.WaitGroup // on submissions
	watching   sync.WaitGroup // over the peers
	closed     chan struct{}

	mu           sync.Mutex
	queue        []*submission
	queued       int  // documents in the queue
	reminded     bool // somebody will look at the queue again soon
	waiting      int  // submissions that are not answered yet
	waitingBytes int
	workers      int
	closing      bool
	head         traceability.Head // the last one that was read
}

var _ traceability.Ledger = (*Ledger)(nil)

// Open reaches a network through a province's profile, and checks that the ledger
// is there. It needs one peer that answers; Close ends what it starts.
func Open(ctx context.Context, profile *topology.Profile, o Options) (*Ledger, error) {
	who, err := readMember(profile)
	if err != nil {
		return nil, fmt.Errorf("fabric: %w", err)
	}
	creator, err := proto.Marshal(&msp.SerializedIdentity{Mspid: who.id.MspID(), IdBytes: who.id.Credentials()})
	if err != nil {
		return nil, fmt.Errorf("fabric: %w", err)
	}
	l := &Ledger{
		profile: profile, creator: creator, log: o.Logger,
		inFlight: o.InFlight, patience: o.Patience, chooseEndorsers: !o.GatewayChooses, limits: o.limits,
		closed: make(chan struct{}),
	}
	if l.log == nil {
		l.log = slog.Default()
	}
	if l.inFlight == 0 {
		l.inFlight = 2
	}
	if l.patience == 0 {
		l.patience = 30 * time.Second
	}
	if l.limits == (limits{}) {
		l.limits = defaultLimits
	}
	l.peers = &peers{endorsements: profile.Endorsements, log: l.log}
	for _, endpoint := range profile.Peers {
		g, err := dial(profile, endpoint, who, o.dial...)
		if err != nil {
			l.hangUp()
			return nil, fmt.Errorf("fabric: %w", err)
		}
		l.peers.all = append(l.peers.all, g)
	}
	l.peers.health = make([]health, len(l.peers.all))
	l.background, l.stop = context.WithCancel(context.Background())
	if err := l.check(ctx); err != nil {
		l.stop()
		l.hangUp()
		return nil, err
	}
	l.watching.Go(func() { l.peers.watch(l.background) })
	l.log.Info("ledger open", "channel", profile.Channel, "chaincode", profile.Chaincode, "province", profile.Province, "block", l.peers.height())
	return l, nil
}

// check finds a peer that answers, and the ledger's first records.
func (l *Ledger) check(ctx context.Context) error {
	l.peers.probe(ctx)
	l.peers.reach(ctx, l.peers.all[0], l.peers.height()) // or another is better for now
	var last error
	for _, g := range append([]*gateway{l.peers.best()}, l.peers.others(l.peers.best())...) {
		asking, cancel := context.WithTimeout(ctx, endorseWithin)
		record, err := g.record(asking)
		cancel()
		switch {
		case err == nil && len(record) > 0:
			return nil
		case err == nil:
			return fmt.Errorf("fabric: the ledger %s on channel %s has no genesis yet, or one without the province %s: %w",
				l.profile.Chaincode, l.profile.Channel, l.profile.Province, traceability.Missing("genesis", "the provinces with their keys, by Init"))
		case ctx.Err() != nil:
			return fmt.Errorf("fabric: open: %w", ctx.Err())
		}
		last = fmt.Errorf("%s: %w", g.Address, err)
	}
	return fmt.Errorf("fabric: %w; is the network up, and the chaincode %s deployed? %w", errNoPeer, l.profile.Chaincode, last)
}

func (l *Ledger) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closing
}

// closeWithin is how long Close lets running transactions come to their end.
const closeWithin = 10 * time.Second

// Close takes nothing more, refuses what was not sent yet, waits within bounds for
// what was, and ends the feeds. Closing again does nothing.
func (l *Ledger) Close() error {
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		<-l.closed
		return nil
	}
	l.closing = true
	unsent := l.queue
	l.queue, l.queued = nil, 0
	for _, s := range unsent {
		l.dismiss(s)
		s.answer <- answer{err: traceability.ErrClosed}
	}
	l.mu.Unlock()
	expired := time.AfterFunc(closeWithin, l.stop)
	l.working.Wait()
	expired.Stop()
	l.stop()
	l.watching.Wait()
	close(l.closed)
	return l.hangUp()
}

func (l *Ledger) hangUp() error {
	var errs []error
	for _, g := range l.peers.all {
		errs = append(errs, g.close())
	}
	return errors.Join(errs...)
}
