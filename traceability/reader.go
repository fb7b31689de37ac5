package traceability

import (
	"context"
	"errors"
	"iter"
	"time"
)

// ErrNotFound says that nothing has the identifier asked for.
var ErrNotFound = errors.New("not found")

// Reader answers questions from the read model, one method a question. Every
// method returns ErrNotFound for an unknown identifier. What it returns is
// complete: who may see what is decided by Viewer, not here.
type Reader interface {
	// Head returns the last block that the read model contains.
	Head(ctx context.Context) (Head, error)

	Document(ctx context.Context, id DocumentID) (DocumentRecord, error)
	Party(ctx context.Context, id PartyID) (PartyRecord, error)
	Lot(ctx context.Context, id LotID) (LotRecord, error)
	Event(ctx context.Context, id EventID) (EventRecord, error)
	Report(ctx context.Context, id ReportID) (ReportRecord, error)
	Notice(ctx context.Context, id NoticeID) (NoticeRecord, error)

	// Parties lists by id; Lots by id; Events by time, then id; Reports by the
	// order in which they came onto the ledger.
	Parties(ctx context.Context, f PartyFilter, p Page) (List[PartyRecord], error)
	Lots(ctx context.Context, f LotFilter, p Page) (List[LotRecord], error)
	Events(ctx context.Context, f EventFilter, p Page) (List[EventRecord], error)
	Reports(ctx context.Context, f ReportFilter, p Page) (List[ReportRecord], error)

	// Notices lists by when they were issued, then id; with a party by when the
	// next of its periods ends, then id: periods that cannot be counted first.
	Notices(ctx context.Context, f NoticeFilter, p Page) (List[NoticeRecord], error)

	// PublishedNotices lists what was ever published, by when it was, the last
	// first, then id backwards. A name finds only what stands published.
	PublishedNotices(ctx context.Context, f PublishedFilter, p Page) (List[NoticeRecord], error)
	// NoticeStats counts, for each of the four provinces in the order of their
	// codes, what it did with notices up to a day.
	NoticeStats(ctx context.Context, asOf time.Time) ([]NoticeStats, error)
	// Recall returns one with its history. Recalls lists by when they were opened,
	// then id. RecallsOf returns the announced recalls that cover a lot, the last to
	// cover it first: one look-up in an index. Alerts lists in the order of the
	// ledger. RecallScope streams the lots that a recall covers, nearest first, in
	// the same order on every engine.
	Recall(ctx context.Context, id RecallID) (RecallRecord, error)
	Recalls(ctx context.Context, f RecallFilter, p Page) (List[RecallRecord], error)
	RecallsOf(ctx context.Context, lot LotID) ([]LotRecall, error)
	Alerts(ctx context.Context, f AlertFilter, p Page) (List[Alert], error)
	RecallScope(ctx context.Context, q ScopeQuery) iter.Seq2[ScopeLot, error]

	// RecognitionRules lists by accepting province, rule and version; Recognitions
	// by the order in which the decisions came onto the ledger; RecognitionRates by
	// month, issuing and accepting province.
	RecognitionRules(ctx context.Context, f RecognitionRuleFilter, p Page) (List[RecognitionRuleRecord], error)
	Recognitions(ctx context.Context, f RecognitionFilter, p Page) (List[RecognitionRecord], error)
	RecognitionRates(ctx context.Context, f RecognitionRateFilter) ([]RecognitionRate, error)

	// Credits returns all entries of companies' credit records, those of each by
	// id; a company without any is not in it.
	Credits(ctx context.Context, companies []USCC) (map[USCC][]Credit, error)
	// PlatformBars returns of these only the entries that bar the company from
	// platforms (Credit.Bars): so few that many companies can be asked for at once.
	PlatformBars(ctx context.Context, companies []USCC) (map[USCC][]Credit, error)
	// Licence returns a licence with its history. LicenceOn returns where each
	// of many stands on a day; an id that is not in the register is absent.
	// Licences lists by id. LicenceSums returns the LicenceRow.Sum of many, and
	// LicenceChecksum sums up the register of a province.
	Licence(ctx context.Context, id LicenceID) (LicenceRecord, error)
	LicenceOn(ctx context.Context, ids []LicenceID, day Date) (map[LicenceID]LicenceStanding, error)
	Licences(ctx context.Context, f LicenceFilter, p Page) (List[LicenceSummary], error)
	LicenceSums(ctx context.Context, ids []LicenceID) (map[LicenceID]string, error)
	LicenceChecksum(ctx context.Context, province ProvinceCode) (RegisterSum, error)

	// Listing returns a shop with its history. ListingsOf returns many shops of one
	// platform; one that it never declared is absent. Listings lists by platform and
	// shop. ListingsOfLicence returns for each licence the shops that show it now,
	// by platform and shop, at most MaxListingsOfLicence of each.
	Listing(ctx context.Context, platform PartyID, shop ShopID) (ListingRecord, error)
	ListingsOf(ctx context.Context, platform PartyID, shops []ShopID) (map[ShopID]ListingRecord, error)
	Listings(ctx context.Context, f ListingFilter, p Page) (List[ListingRecord], error)
	ListingsOfLicence(ctx context.Context, ids []LicenceID) (map[LicenceID][]ListingRecord, error)

	// LicenceUses returns for each licence which shops have shown it last, in no order,
	// and those too that are no longer listed; ListingsOfLicence tells more of them,
	// and takes longer.
	LicenceUses(ctx context.Context, ids []LicenceID) (map[LicenceID][]LicenceUse, error)

	// Verifications returns what is on record of many shops of a platform; one that
	// was never listed is absent, one that was never verified has no At.
	// VerificationsDue lists the active shops whose next verification is due before
	// an instant, by when it is due, then shop; those never verified come first.
	Verifications(ctx context.Context, platform PartyID, shops []ShopID) (map[ShopID]VerificationRecord, error)
	VerificationsDue(ctx context.Context, platform PartyID, before time.Time, p Page) (List[VerificationDue], error)
	// VerificationHistory returns the verifications of a shop on record, the latest
	// first, at most MaxVerificationHistory.
	VerificationHistory(ctx context.Context, platform PartyID, shop ShopID) ([]VerificationRecord, error)

	// Feed returns an audience's signals in the order of the ledger.
	Feed(ctx context.Context, q FeedQuery) (FeedPage, error)

	// Webhook is one of a party's; Webhooks lists by party, then ref.
	Webhook(ctx context.Context, party PartyID, ref WebhookRef) (WebhookRecord, error)
	Webhooks(ctx context.Context, f WebhookFilter, p Page) (List[WebhookRecord], error)

	// Agreements lists by record, then revision; Consultations by when they were
	// opened, then id; Proposals by the order in which they were raised.
	Agreements(ctx context.Context, f AgreementFilter, p Page) (List[AgreementRecord], error)
	Consultation(ctx context.Context, id ConsultationID) (ConsultationRecord, error)
	Consultations(ctx context.Context, f ConsultationFilter, p Page) (List[ConsultationRecord], error)
	Proposals(ctx context.Context, f ProposalFilter, p Page) (List[Proposal], error)

	// Trace streams what a lot came from or what came of it, nearest first.
	// The order is the same on every engine.
	Trace(ctx context.Context, q TraceQuery) iter.Seq2[TraceStep, error]
}

// Page asks for a part of a list. After is the Next of the part before; Limit is
// 1 to 1000 and 100 when it is 0.
type Page struct {
	After string
	Limit int
}

// List is a part of a list; Next is empty at its end.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitzero"`
}

// Filters; empty fields do not restrict.
type (
	PartyFilter struct {
		Kind     PartyKind
		Province ProvinceCode
	}
	LotFilter   struct{ Registrant PartyID }
	EventFilter struct {
		Lots  []LotID // any of them, at most 500
		Party PartyID
	}
	ReportFilter struct {
		Lot        LotID
		Lab        PartyID
		SamplingNo SamplingNo
		Current    bool // only revisions that none supersedes
	}
)

// Position says where on the ledger something stands.
type Position struct {
	Block uint64    `json:"block"`
	Tx    TxID      `json:"tx"`
	Time  time.Time `json:"time"` // of the transaction, by the ledger's clock
}

// DocumentRef points to a document on the ledger.
type DocumentRef struct {
	ID       DocumentID   `json:"id"`
	Type     DocumentType `json:"type"`
	Party    PartyID      `json:"party"` // who signed
	Key      KeyID        `json:"key"`
	IssuedAt time.Time    `json:"issued_at"` // when, by the signer's clock
	Position Position     `json:"position"`
}

// DocumentRecord is a document with the state key that it wrote and, for those
// entitled, the JWS itself.
type DocumentRecord struct {
	DocumentRef
	Record string `json:"record"`
	JWS    string `json:"jws,omitzero"`
}

// PartyRecord is a party as it stands now, with its whole history of documents.
type PartyRecord struct {
	ID         PartyID       `json:"id"`
	Province   ProvinceCode  `json:"province"`
	Status     PartyStatus   `json:"status"`
	Admission  *Admission    `json:"admission,omitzero"` // nil for a province
	Suspension *Suspension   `json:"suspension,omitzero"`
	Keys       []KeyPeriod   `json:"keys"`
	Remarks    []Remark      `json:"remarks,omitempty"`
	Documents  []DocumentRef `json:"documents"`
}

// Name returns the party's name; a province's regulator has its official one.
func (p *PartyRecord) Name() string {
	if p.Admission != nil {
		return p.Admission.Name
	}
	return p.Province.NameZH() + "市场监督管理局"
}

// ActiveAt reports whether the party may speak and read more than the public at a
// time: it is not suspended, and its admission is valid on that day.
func (p *PartyRecord) ActiveAt(now time.Time) bool {
	return p.Status == PartyActive && (p.Admission == nil || DateOf(now).Within(p.Admission.ValidFrom, p.Admission.ValidTo))
}

// NameEN returns the English name, or the Chinese one when there is none.
func (p *PartyRecord) NameEN() string {
	switch {
	case p.Admission == nil:
		return p.Province.NameEN() + " Market Regulation Administration"
	case p.Admission.NameEN != "":
		return p.Admission.NameEN
	default:
		return p.Admission.Name
	}
}

// LotRecord is a registered lot. Whose its GTIN is may be another than its
// registrant, when a regulator has assigned it since.
type LotRecord struct {
	Lot
	Registrant   PartyID     `json:"registrant"`
	GTINOwner    PartyID     `json:"gtin_owner,omitzero"`    // of a GTIN lot
	GTINAssigned DocumentID  `json:"gtin_assigned,omitzero"` // by which a regulator said so last
	Document     DocumentRef `json:"document"`
	Remarks      []Remark    `json:"remarks,omitempty"`
}

// Stranger reports whether the lot's registrant is not the one whose GTIN it bears.
func (l *LotRecord) Stranger() bool { return l.GTINOwner != "" && l.GTINOwner != l.Registrant }

// EventRecord is a recorded event.
type EventRecord struct {
	ID EventID `json:"id"`
	Event
	Party    PartyID     `json:"party"`
	Document DocumentRef `json:"document"`
	Remarks  []Remark    `json:"remarks,omitempty"`
}

// ReportRecord is one revision of a report.
type ReportRecord struct {
	ID ReportID `json:"id"`
	Report
	Lab          PartyID       `json:"lab"`
	OutOfScope   []int         `json:"out_of_scope,omitempty"` // seq of items
	SupersededBy ReportID      `json:"superseded_by,omitzero"`
	Notice       *ReportNotice `json:"notice,omitzero"` // about the sample, if there is one
	Document     DocumentRef   `json:"document"`
	Remarks      []Remark      `json:"remarks,omitempty"`
}

// Direction of a trace.
type Direction string

// Up leads to what went into the lot, Down to what came of it.
const (
	Up   Direction = "up"
	Down Direction = "down"
)

// TraceQuery asks where a lot came from or went to, through transform and
// aggregate events.
type TraceQuery struct {
	Lot       LotID
	Direction Direction
	Depth     int // how many events away at most; 1 to 1000, 50 when 0
	Limit     int // how many lots at most; 1 to 1,000,000, 1000 when 0
}

// TraceStep is a lot that was reached, or an event by which lots became others, or,
// as the last step of a trace that was cut, the bound that cut it. A lot comes once,
// before the event that it was reached by; events of one depth come in order of
// their ids.
type TraceStep struct {
	Depth int         `json:"depth"` // 0 is the lot asked for
	Lot   *TraceLot   `json:"lot,omitzero"`
	Event *TraceEvent `json:"event,omitzero"`
	Cut   TraceCut    `json:"cut,omitzero"`
}

// TraceCut is what cut a trace: there is more than it tells.
type TraceCut string

// What cuts a trace.
const (
	CutDepth TraceCut = "depth" // events further away were not asked for
	CutLimit TraceCut = "limit" // more lots than were asked for
	CutLinks TraceCut = "links" // its events name lots more than twenty times for each lot asked for
	CutBytes TraceCut = "bytes" // the answer would be larger than its form allows
)

// TraceLot is what a trace tells of a lot.
type TraceLot struct {
	ID         LotID        `json:"lot"`
	Product    string       `json:"product"`
	ProductEN  string       `json:"product_en,omitzero"`
	Date       Date         `json:"date,omitzero"`
	Registrant PartyID      `json:"registrant"`
	Division   DivisionCode `json:"division,omitzero"` // of its origin
}

// TraceEvent says that what is in From went into what is in To, each with what the
// event used or made of it in all. On the side that the trace comes from are the lots
// that the trace has reached; on the other are all, when the event comes first. It
// comes again when more of its lots are reached further on, with those alone.
type TraceEvent struct {
	ID   EventID       `json:"event"`
	Type EventType     `json:"type"`
	Time time.Time     `json:"time"`
	From []LotQuantity `json:"from,omitempty"`
	To   []LotQuantity `json:"to,omitempty"`
}
