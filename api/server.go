package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/api/board"
	"deltatrace/api/openapi"
	"deltatrace/api/page"
	"deltatrace/traceability"
)

// Ledger is the part of a traceability.Ledger that the door needs.
type Ledger interface {
	Submit(ctx context.Context, documents []string) (traceability.Receipt, error)
	Head(ctx context.Context) (traceability.Head, error)
}

// Waiter knows how far the read model is.
type Waiter interface {
	// Wait returns when the block is in the read model. Otherwise it returns
	// ctx's error, or why the read model stands still.
	Wait(ctx context.Context, block uint64) error
	// Head returns the read model's last block without asking it; false while
	// that is not known.
	Head() (traceability.Head, bool)
}

// Options is what a Server is made of.
type Options struct {
	Ledger    Ledger
	Reader    traceability.Reader
	Waiter    Waiter
	PublicURL string // base of the addresses in QR codes, and the audience of tokens
	Limits    Limits
	Log       *slog.Logger
	Now       func() time.Time

	CursorKey  []byte // secret that the cursors of lists are sealed with; nil: of this process alone
	UsedTokens string // folder where used tokens are remembered; empty: in memory alone

	Deliveries   Deliveries // nil when this server makes none
	DeliveryKeys []byte     // JWK set of the keys that it signs them and badges with
	Sign         signer     // with the newest of these; nil for badges without a signature

	Parts  []traceability.Ailing             // who knows what is wrong, for /readyz
	Behind func(ledger uint64) time.Duration // see projector.Behind; nil when nothing follows

	// Compared returns how many rows of the read model differ from the ledger, as far
	// as was counted, and false before they were compared; nil when they are not.
	Compared func() (int, bool)

	Rates Rates // the days of the disclosure rate; nil when this server keeps none
}

// Server answers HTTP. It is an http.Handler.
type Server struct {
	Options
	echo    *echo.Echo
	site    *page.Site
	board   *board.Site
	docs    openapi.Site
	metrics *metrics
	tokens  *tokens
	memo    *memo
	cursors *cursors
	lookups *rateLimiter[netip.Prefix]
	reads   *rateLimiter[netip.Prefix]
	writes  *rateLimiter[netip.Prefix]
	checks  *rateLimiter[traceability.PartyID]

	told told

	bodies       *places   // bytes of requests that are being taken in
	streams      *places   // long answers
	sheets       *places   // label sheets in the making
	exports      *places   // workbooks in the making
	listeners    *places   // clients who wait for the feed
	unknownProxy sync.Once // the warning of it

	draining context.Context // done when the server takes no more requests
	drain    context.CancelFunc
}

// NewServer makes a server. It starts no goroutine.
func NewServer(o Options) (*Server, error) {
	site, err := page.New(page.Options{PublicURL: o.PublicURL})
	if err != nil {
		return nil, err
	}
	workspace, err := board.New(board.Options{Audience: o.PublicURL, Style: page.Asset("style.css"), Icon: page.Asset("favicon.svg")})
	if err != nil {
		return nil, err
	}
	seals, err := newCursors(o.CursorKey)
	if err != nil {
		return nil, err
	}
	used, err := openUsedTokens(o.UsedTokens, o.Now())
	if err != nil {
		return nil, err
	}
	s := &Server{
		Options: o,
		echo:    echo.New(),
		site:    site,
		board:   workspace,
		docs:    openapi.NewSite(),
		tokens:  &tokens{reader: o.Reader, audience: o.PublicURL, now: o.Now, used: used},
		memo:    newMemo(),
		cursors: seals,
		lookups: newRateLimiter[netip.Prefix](o.Limits.Lookups, o.Limits.Addresses, o.Now),
		reads:   newRateLimiter[netip.Prefix](o.Limits.Reads, o.Limits.Addresses, o.Now),
		writes:  newRateLimiter[netip.Prefix](o.Limits.Writes, o.Limits.Addresses, o.Now),
		checks:  newRateLimiter[traceability.PartyID](o.Limits.Checks, o.Limits.Addresses, o.Now),

		bodies:    newPlaces(maxBodies, maxBodiesEach),
		streams:   newPlaces(o.Limits.Streams, o.Limits.StreamsEach),
		sheets:    newPlaces(o.Limits.Sheets, 1),
		exports:   newPlaces(o.Limits.Exports, 1),
		listeners: newPlaces(o.Limits.Listeners, o.Limits.ListenersEach),
	}
	s.draining, s.drain = context.WithCancel(context.Background())
	s.metrics = newMetrics(s)
	if err := s.configure(); err != nil {
		return nil, err
	}
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// Close closes what the server has open. No request may be running.
func (s *Server) Close() error { return s.tokens.used.close() }

// Drain ends the answers that wait for something to happen, so that a shutdown
// does not wait for them.
func (s *Server) Drain() { s.drain() }

// class says how a route is treated: how long it may take and how often it may
// be asked.
type class int

const (
	read   class = iota // answered from the read model
	write               // goes to the ledger, or makes much of little
	stream              // may take minutes
	listen              // waits for something to happen; it takes a place when it does
	bulk                // takes much and answers much, line by line; it bounds its body itself
	probe               // for those who watch over the process: not limited
)

// route is one address of the server.
type route struct {
	method  string
	path    string
	class   class
	handler echo.HandlerFunc
}

// routes lists every address, in the words of openapi.yaml. A GET answers HEAD
// too. Identifiers with slashes come as one segment here; see joinIdentifiers.
func (s *Server) routes() []route {
	return []route{
		{http.MethodPost, "/v1/documents", write, s.postDocuments},
		{http.MethodGet, "/v1/documents/:document", read, s.getDocument},
		{http.MethodGet, "/v1/parties", read, s.listParties},
		{http.MethodGet, "/v1/parties/:party", read, s.getParty},
		{http.MethodGet, "/v1/lots", read, s.listLots},
		{http.MethodGet, "/v1/lots/:lot", read, s.getLot},
		{http.MethodGet, "/v1/lots/:lot/events", read, s.listLotEvents},
		{http.MethodGet, "/v1/lots/:lot/reports", read, s.listLotReports},
		{http.MethodGet, "/v1/lots/:lot/trace", stream, s.traceLot},
		{http.MethodGet, "/v1/lots/:lot/qr.png", read, s.qrPNG},
		{http.MethodGet, "/v1/lots/:lot/qr.svg", read, s.qrSVG},
		{http.MethodPost, "/v1/labels", write, s.postLabels},
		{http.MethodGet, "/v1/events", read, s.listEvents},
		{http.MethodGet, "/v1/events/:event", read, s.getEvent},
		{http.MethodGet, "/v1/reports", read, s.listReports},
		{http.MethodGet, "/v1/reports/:report", read, s.getReport},
		{http.MethodGet, "/v1/recognition", read, s.getRecognition},
		{http.MethodGet, "/v1/recognition/rules", read, s.listRecognitionRules},
		{http.MethodGet, "/v1/recognition/rate", read, s.getRecognitionRate},
		{http.MethodGet, "/v1/notices", stream, s.listNotices},
		{http.MethodGet, "/v1/notices/stats", read, s.getNoticeStats},
		{http.MethodGet, "/v1/notices/:notice", read, s.getNotice},
		{http.MethodGet, "/v1/lots/:lot/recalls", read, s.listLotRecalls},
		{http.MethodGet, "/v1/recalls", read, s.listRecalls},
		{http.MethodGet, "/v1/recalls/:recall", read, s.getRecall},
		{http.MethodGet, "/v1/recalls/:recall/scope", stream, s.getRecallScope},
		{http.MethodGet, "/v1/alerts", read, s.listAlerts},
		{http.MethodGet, "/v1/feed", listen, s.getFeed},
		{http.MethodGet, "/v1/disclosure", read, s.getDisclosure},
		{http.MethodGet, "/v1/disclosure/shops", stream, s.listDisclosureShops},
		{http.MethodGet, "/v1/disclosure/failing", stream, s.listFailing},
		{http.MethodGet, "/v1/credit/:company", read, s.getCredit},
		{http.MethodGet, "/v1/webhooks", read, s.listWebhooks},
		{http.MethodGet, traceability.DeliveryKeys, read, s.getDeliveryKeys},
		{http.MethodGet, "/v1/licences", read, s.listLicences},
		{http.MethodGet, "/v1/licences/checksum", stream, s.getLicenceChecksum},
		{http.MethodPost, "/v1/licences/compare", read, s.compareLicences},
		{http.MethodGet, "/v1/licences/:licence", read, s.getLicence},
		{http.MethodGet, "/v1/licences/:licence/badge.json", read, s.getBadge},
		{http.MethodGet, "/v1/licences/:licence/badge.svg", read, s.badgeSVG},
		{http.MethodGet, "/v1/licences/:licence/qr.svg", read, s.licenceQR},
		{http.MethodGet, "/v1/listings", read, s.listListings},
		{http.MethodGet, "/v1/listings/:shop", read, s.getListing},
		{http.MethodGet, "/v1/listings/:shop/check", read, s.checkListing},
		{http.MethodGet, "/v1/consultations", read, s.listConsultations},
		{http.MethodGet, "/v1/consultations/proposals", read, s.listProposals},
		{http.MethodGet, "/v1/consultations/:consultation", read, s.getConsultation},
		{http.MethodGet, "/v1/agreements", read, s.listAgreements},
		{http.MethodGet, "/v1/limits", read, s.listLimits},
		{http.MethodPost, "/v1/licences/verify", bulk, s.verifyLicences},
		{http.MethodGet, "/v1/verifications/due", read, s.listVerificationsDue},
		{http.MethodGet, "/v1/ledger", read, s.getLedger},

		{http.MethodGet, "/", read, s.home},
		{http.MethodGet, "/01/*", read, s.scanGTIN},
		{http.MethodGet, "/cn/*", read, s.scanProduce},
		{http.MethodGet, "/search", read, s.search},
		{http.MethodGet, "/notices", read, s.noticesPage},
		{http.MethodGet, "/notices/:notice", read, s.noticePage},
		{http.MethodGet, "/recalls", read, s.recallsPage},
		{http.MethodGet, "/recalls/:recall", read, s.recallPage},
		{http.MethodGet, "/licences/:licence", read, s.shopPage},
		{http.MethodGet, "/assets/*", read, s.assets},

		{http.MethodGet, "/board", read, s.boardPage},
		{http.MethodGet, "/board/:file", read, s.boardFile},

		{http.MethodGet, "/openapi.yaml", read, s.getSpec},
		{http.MethodGet, "/docs", read, s.docsPage},
		{http.MethodGet, "/docs/errors", read, s.errorsPage},
		{http.MethodGet, "/docs/style.css", read, s.docsStyle},

		{http.MethodGet, "/healthz", probe, s.healthz},
		{http.MethodGet, "/readyz", probe, s.readyz},
		{http.MethodGet, "/metrics", probe, s.metrics.serve},
	}
}

// configure hangs routes and middleware into echo. The order of the middleware
// is the order in which a request meets it.
func (s *Server) configure() error {
	extractor, err := s.Limits.clientAddress()
	if err != nil {
		return err
	}
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.JSONSerializer = serializer{}
	e.HTTPErrorHandler = s.handleError
	e.IPExtractor = extractor
	e.Pre(joinIdentifiers, s.identify)
	e.Use(s.observe, s.recover, s.noticeProxy, secure, compress())
	for _, r := range s.routes() {
		chain := []echo.MiddlewareFunc{s.limitRate(r.class), s.limitTime(r.class), s.authenticate, s.limitBody(r.class), s.limitStreams(r.class)}
		e.Add(r.method, r.path, r.handler, chain...)
		if r.method == http.MethodGet {
			e.Add(http.MethodHead, r.path, r.handler, chain...)
		}
	}
	return nil
}
