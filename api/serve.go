package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/api/webhook"
	"deltatrace/chaincode/embedded"
	"deltatrace/traceability"
	"deltatrace/traceability/disclosure"
	"deltatrace/traceability/projector"
	"deltatrace/traceability/store"
)

// Serve is `api serve` with its flags.
type Serve struct {
	Storage
	Logging
	Limits    Limits   `embed:"" group:"Limits:"`
	Webhooks  Webhooks `embed:"" group:"Webhooks:"`
	Listen    string   `help:"Address to listen on." default:"127.0.0.1:8080"`
	PublicURL string   `help:"Address under which consumers reach this server: the base of QR codes, and the audience of tokens. Default: http://<listen>." placeholder:"URL" default:""`
	Genesis   string   `help:"JSON file with the provinces and their keys; to start a new ledger." type:"path" placeholder:"FILE" default:""`

	AcceptTime time.Time `help:"Take documents although the ledger's last block is of a time that has not come, up to this one: it was written by a clock that was wrong, and all that follows has its time." placeholder:"TIME" format:"2006-01-02T15:04:05Z07:00"`

	MemoryMB       int64         `help:"Soft limit of the Go heap, in MiB: near it the collector works harder instead of letting it grow. GOMEMLIMIT goes before. 0 sets none." default:"320"`
	CheckReadModel time.Duration `help:"How often the read model is compared with what the ledger says, about; 0 never. It takes as much room in the data folder as the read model, for a while." default:"24h"`

	ShutdownWait time.Duration `help:"How long running requests may take to finish at the end." default:"15s"`
}

// Run serves until the process is told to stop, or a part of it fails.
func (s *Serve) Run(to *streams) error {
	log, err := s.logger(to.err)
	if err != nil {
		return err
	}
	m := NewMain(*s, log)
	if err := m.Run(to.ctx); err != nil {
		return errors.Join(err, m.Close())
	}
	fmt.Fprintln(to.out, "serving on", m.URL())
	return errors.Join(m.Wait(to.ctx), m.Close())
}

// Main is the running program: a ledger, a read model that follows it, and a
// door. It is the only place that knows which ones.
type Main struct {
	config Serve
	log    *slog.Logger

	ledger   openLedger
	store    *store.Store
	listener net.Listener

	deliverer    *webhook.Deliverer // nil when this server makes no deliveries
	deliveries   *webhook.State
	deliveryKeys []byte
	sign         signer

	server  *Server
	http    *http.Server
	control *http.Server // takes commands from this machine

	rebuilding sync.Mutex // one at a time
	follower   *projector.Projector

	stop    context.CancelFunc // of the projector and of requests that last too long
	running sync.WaitGroup
	failed  chan error
}

// NewMain returns a program that is not running yet.
func NewMain(config Serve, log *slog.Logger) *Main {
	return &Main{config: config, log: log, failed: make(chan error, 4)}
}

// Run opens everything and starts to serve. It returns when requests are taken;
// Close ends what it started, also after an error.
func (m *Main) Run(ctx context.Context) error {
	if m.config.MemoryMB > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(m.config.MemoryMB << 20)
	}
	// Listening comes first: who is second should learn it before a ledger is made.
	var err error
	if m.listener, err = net.Listen("tcp", m.config.Listen); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	genesis, err := readGenesis(m.config.Genesis)
	if err != nil {
		return err
	}
	if m.ledger, err = m.config.open(ctx, embedded.Options{Genesis: genesis, Accept: m.config.AcceptTime}, m.log); err != nil {
		return err
	}
	if err := os.MkdirAll(m.config.data(), 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if err := m.config.checkSpace(); err != nil {
		return err
	}
	m.store, err = store.Open(ctx, m.config.readModel(), m.log)
	if errors.Is(err, store.ErrOutdated) {
		m.log.Warn("another read model is made from the ledger, which may take its time; the old one is kept until then", "error", err)
		if _, err := remake(ctx, m.config.readModel(), m.ledger, m.log, func(uint64) {}); err != nil {
			return err
		}
		m.store, err = store.Open(ctx, m.config.readModel(), m.log)
	}
	if err != nil {
		return err
	}
	if err := checkChain(ctx, m.ledger, m.store, m.config.catchUp()); err != nil {
		return err
	}
	background, stop := context.WithCancel(context.Background())
	m.stop = stop
	follower := projector.New(m.ledger, m.store, projector.Options{Logger: m.log})
	m.follower = follower
	m.start("projector", func() error {
		err := follower.Run(background)
		if background.Err() != nil || errors.Is(err, traceability.ErrDamaged) {
			return nil // what can be read is served; /readyz says what is damaged
		}
		return err
	})
	if err := m.awaitGenesis(ctx, follower); err != nil {
		return err
	}
	if err := m.openDeliveries(ctx, follower); err != nil {
		return err
	}
	cursorKey, err := openCursorKey(filepath.Join(m.config.data(), "cursor-key"))
	if err != nil {
		return err
	}
	options := Options{
		Ledger: guarded{m.ledger, m.config.Storage}, Reader: m.store, Waiter: follower, Parts: m.parts(follower), Behind: follower.Behind, PublicURL: m.publicURL(), Limits: m.config.Limits, Log: m.log, Now: time.Now,
		DeliveryKeys: m.deliveryKeys, Sign: m.sign, CursorKey: cursorKey, UsedTokens: filepath.Join(m.config.data(), "used-tokens"),
	}
	rates, err := disclosure.OpenArchive(filepath.Join(m.config.data(), "disclosure"))
	if err != nil {
		return err
	}
	options.Rates = rates
	m.start("disclosure", func() error {
		countDays(background, m.store, rates, time.Now, m.log)
		return nil
	})
	if m.deliverer != nil {
		options.Deliveries = m.deliveries
		m.start("webhooks", func() error {
			m.deliverer.Run(background)
			return nil
		})
	}
	if err := m.compare(background, &options); err != nil {
		return err
	}
	server, err := NewServer(options)
	if err != nil {
		return err
	}
	m.server = server
	if err := m.openControl(background); err != nil {
		return err
	}
	m.http = &http.Server{
		Handler:           server,
		BaseContext:       func(net.Listener) context.Context { return background },
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       m.config.Limits.Grace, // a body wins more as it comes; see intake
		WriteTimeout:      m.config.Limits.answerTimeout(),
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(m.log.Handler(), slog.LevelDebug),
	}
	door := newDoorway(m.listener, m.config.Limits, m.config.Limits.proxy)
	m.http.ConnState = door.follow
	m.http.RegisterOnShutdown(server.Drain)
	m.start("http server", func() error {
		if err := m.http.Serve(door); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	m.log.Info("serving", "url", m.URL(), "public", m.publicURL(), "data", m.config.data())
	return nil
}

// compare has the read model compared with the ledger now and then.
func (m *Main) compare(ctx context.Context, o *Options) error {
	if err := forgetComparisons(m.config.data()); err != nil || m.config.CheckReadModel <= 0 {
		return err
	}
	found := &comparisons{}
	o.Compared, o.Parts = found.Differs, append(o.Parts, found)
	with := &comparer{ledger: m.ledger, model: m.store, folder: m.config.data(), log: m.log, rest: comparisonRest, tell: func(uint64) {}}
	m.start("comparison", func() error {
		found.follow(ctx, with, m.config.CheckReadModel)
		return nil
	})
	return nil
}

// errOtherChain says that read model and ledger do not belong together.
var errOtherChain = errors.New("the read model was not made from this ledger, or the ledger has lost blocks: " +
	"compare the ledger's head with one noted earlier, then run `api rebuild`")

// checkChain compares the read model's last block with the ledger's block of that
// number. It tells a ledger that was replaced, and one that was cut off at its
// end, which nothing in the ledger itself can tell. A peer of a network may still
// be catching up, so it is given time.
func checkChain(ctx context.Context, ledger traceability.Ledger, model traceability.Reader, patience time.Duration) error {
	projected, err := model.Head(ctx)
	if errors.Is(err, traceability.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read model: %w", err)
	}
	head, err := headFrom(ctx, ledger, projected.Number, patience)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if projected.Number > head.Number {
		return fmt.Errorf("%w (the read model has block %d, the ledger ends with %d)", errOtherChain, projected.Number, head.Number)
	}
	for block, err := range ledger.Blocks(ctx, projected.Number) {
		if err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		if block.Hash != projected.Hash {
			return fmt.Errorf("%w (block %d is %s there and %s here)", errOtherChain, block.Number, projected.Hash, block.Hash)
		}
		return nil
	}
	return ctx.Err()
}

// headFrom waits, within bounds, until the ledger has a block of that number, and
// returns its head in any case.
func headFrom(ctx context.Context, ledger traceability.Ledger, number uint64, patience time.Duration) (traceability.Head, error) {
	for deadline := time.Now().Add(patience); ; {
		head, err := ledger.Head(ctx)
		if err != nil || head.Number >= number || time.Now().After(deadline) {
			return head, err
		}
		select {
		case <-ctx.Done():
			return head, ctx.Err()
		case <-time.After(headPoll):
		}
	}
}

const headPoll = 100 * time.Millisecond

// awaitGenesis waits until the read model knows the provinces, so that nobody is
// answered by an empty one. On a network the genesis is not in the first block.
func (m *Main) awaitGenesis(ctx context.Context, follower *projector.Projector) error {
	ctx, cancel := context.WithTimeout(ctx, genesisWait)
	defer cancel()
	for {
		regulators, err := m.store.Parties(ctx, traceability.PartyFilter{Kind: traceability.KindRegulator}, traceability.Page{})
		if err == nil && len(regulators.Items) > 0 {
			return nil
		}
		if err := follower.Ended(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the read model does not take the ledger's genesis: %w", errors.Join(ctx.Err(), err))
		case <-time.After(genesisPoll):
		}
	}
}

const (
	genesisWait = 10 * time.Second
	genesisPoll = 5 * time.Millisecond
)

// parts are those that know what is wrong with them.
func (m *Main) parts(follower *projector.Projector) []traceability.Ailing {
	list := []traceability.Ailing{follower, m.store, disks{m.config.Storage}}
	if l, ok := m.ledger.(traceability.Ailing); ok {
		list = append(list, l)
	}
	return list
}

// start runs a part of the program, whose failure ends the whole.
func (m *Main) start(name string, part func() error) {
	m.running.Go(func() {
		if err := part(); err != nil {
			m.failed <- fmt.Errorf("%s: %w", name, err)
		}
	})
}

// Wait returns nil when ctx is done, or an error when a part has failed.
func (m *Main) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		m.log.Info("stopping")
		return nil
	case err := <-m.failed:
		return err
	}
}

// Close stops in the order of the data: no more requests, the running ones to
// their end within bounds, then the projector, the read model, the ledger.
func (m *Main) Close() error {
	var errs []error
	if m.http != nil {
		ctx, cancel := context.WithTimeout(context.Background(), m.config.ShutdownWait)
		err := m.http.Shutdown(ctx)
		cancel()
		if err != nil {
			m.log.Warn("requests were cut off", "error", err)
			errs = append(errs, m.http.Close())
		}
	} else if m.listener != nil {
		errs = append(errs, m.listener.Close())
	}
	if m.stop != nil {
		m.stop()
	}
	errs = append(errs, m.closeControl())
	m.running.Wait()
	if m.server != nil {
		errs = append(errs, m.server.Close())
	}
	if m.deliveries != nil {
		errs = append(errs, m.deliveries.Close())
	}
	if m.store != nil {
		errs = append(errs, m.store.Close())
	}
	if m.ledger != nil {
		errs = append(errs, m.ledger.Close())
	}
	return errors.Join(errs...)
}

// URL is where the program listens.
func (m *Main) URL() string { return "http://" + reachable(m.listener.Addr().String()) }

// publicURL is the base of QR codes, without a slash at the end.
func (m *Main) publicURL() string {
	if m.config.PublicURL != "" {
		return strings.TrimRight(m.config.PublicURL, "/")
	}
	return m.URL()
}

// reachable names this machine where an address means all of its own.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil || !net.ParseIP(host).IsUnspecified() {
		return address
	}
	return net.JoinHostPort("localhost", port)
}

// readGenesis reads the file that a new ledger starts from, if there is one.
func readGenesis(path string) (*traceability.Genesis, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("genesis: %w", err)
	}
	genesis := new(traceability.Genesis)
	if err := json.Unmarshal(b, genesis, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("genesis: %s: %w", path, err)
	}
	return genesis, nil
}
