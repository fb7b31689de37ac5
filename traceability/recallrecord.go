package traceability

import (
	"cmp"
	"slices"
	"time"
)

// RecallFilter restricts a list of recalls. Empty fields do not restrict.
type RecallFilter struct {
	Party  PartyID // whom it concerns: the producer, or a regulator that watches over it
	Phase  Phase
	Public bool // announced
	Notice NoticeID
	Newest bool // the last opened first; not with Party
}

// RecallRecord is a recall as it stands. Announcement and History are there when
// one recall is asked for, not in lists.
type RecallRecord struct {
	Recall
	Announcement *Position     `json:"announcement,omitzero"` // of the last one: as of its block the scope is told
	History      []RecallEntry `json:"history,omitempty"`     // in the order of the ledger
}

// RecallEntry is a document of a recall: who signed what, when, and what it says
// to those who may read it.
type RecallEntry struct {
	DocumentRef
	Open *RecallOpen `json:"open,omitzero"`
	Act  *RecallAct  `json:"act,omitzero"`
}

// LotRecall is a recall as a lot meets it: the lot is one of those it began with
// (Distance 0), or was made of them in so many steps.
type LotRecall struct {
	Recall
	Distance int    `json:"distance"`
	Since    uint64 `json:"since"`            // block at which the lot came under the recall
	Further  int    `json:"further,omitzero"` // on the last of MaxLotRecalls: how many more cover the lot, none of them graver
}

// MaxLotRecalls is how many of the recalls that cover a lot are told of: the gravest.
const MaxLotRecalls = 20

// Graver orders recalls, the gravest first: those in force before those that were
// withdrawn, by level, what was ordered before what is voluntary, then by id.
func Graver(a, b *Recall) int {
	level := func(r *Recall) int {
		if i := slices.Index(RecallLevels(), r.Level); i >= 0 {
			return i
		}
		return len(RecallLevels())
	}
	first := func(yes bool) int {
		if yes {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(first(a.Phase != PhaseWithdrawn), first(b.Phase != PhaseWithdrawn)), cmp.Compare(level(a), level(b)),
		cmp.Compare(first(a.OrderedBy != ""), first(b.OrderedBy != "")), cmp.Compare(a.ID, b.ID))
}

// Alert tells that an event used lots after they came under a recall. There is one
// for each recall that an event meets, of MaxAlerts the gravest.
type Alert struct {
	Recall   RecallID     `json:"recall"`
	Lots     []LotID      `json:"lots"`             // of the event, that the recall covers, by id: the first MaxAlertLots
	More     int          `json:"more,omitzero"`    // so many lots more
	Further  int          `json:"further,omitzero"` // so many recalls more, none of them graver, cover lots of the event
	Event    EventID      `json:"event"`
	Type     EventType    `json:"type"`
	Time     time.Time    `json:"time"`     // of the event
	Party    PartyID      `json:"party"`    // who recorded it
	Province ProvinceCode `json:"province"` // that party's, empty when it is not known
	Producer PartyID      `json:"producer"` // of the recall
	Document Position     `json:"position"`
}

// Bounds of what one event may tell of.
const (
	MaxAlerts    = 10
	MaxAlertLots = 20
)

// AlertFilter restricts a list of alerts. Empty fields do not restrict.
type AlertFilter struct {
	Party  PartyID // who is told of it
	Recall RecallID
}

// ScopeQuery asks what a recall covers, as of a block: links and movements up to
// it count, so the answer for a block never changes.
type ScopeQuery struct {
	Recall RecallID
	Height uint64
}

// ScopeLot is a lot that a recall covers, with those who made, received, used or
// sold it, by their ids.
type ScopeLot struct {
	Distance int           `json:"distance"` // how many events away from the lots that the recall begins with
	Lot      TraceLot      `json:"lot"`
	Holders  []ScopeHolder `json:"holders,omitempty"`
}

// ScopeHolder is what a business did with a lot. All amounts are in the lot's
// unit, which is that of the first amount on the ledger.
type ScopeHolder struct {
	Party    PartyID      `json:"party"`
	Name     string       `json:"name,omitzero"`
	NameEN   string       `json:"name_en,omitzero"`
	Province ProvinceCode `json:"province,omitzero"`
	Division DivisionCode `json:"division,omitzero"`
	Unit     Unit         `json:"unit,omitzero"`
	Made     Decimal      `json:"made,omitzero"`     // commission, transform, aggregate
	Sent     Decimal      `json:"sent,omitzero"`     // to it, by others
	Received Decimal      `json:"received,omitzero"` // of what was sent
	Used     Decimal      `json:"used,omitzero"`     // in other lots
	Shipped  Decimal      `json:"shipped,omitzero"`  // to others
	Sold     Decimal      `json:"sold,omitzero"`     // to consumers
}

// shown is what the public sees of a recall that was announced: what is recalled,
// why, how urgent it is and how far it is; no amounts.
func (r *Recall) shown() Recall {
	return Recall{
		ID: r.ID, Phase: r.Phase, OrderedBy: r.OrderedBy, Level: r.Level, Producer: r.Producer, Province: r.Province, Lots: r.Lots, Downstream: r.Downstream,
		Product: r.Product, ProductEN: r.ProductEN, Unit: r.Unit, Hazard: r.Hazard, Reason: r.Reason, Measures: r.Measures, Regions: r.Regions,
		Known: r.Known, Announced: r.Announced, Ended: r.Ended, EndReason: r.EndReason, Effect: r.Effect,
	}
}

// DueAt returns the producer's periods that were running at a time; see
// Notice.DueAt.
func (r *Recall) DueAt(now time.Time) []Deadline { return dueAt(r.Deadlines, now, "") }

// Effectiveness is how much of what was sold was recalled (召回率).
type Effectiveness struct {
	Recalled Decimal `json:"recalled"`
	Sold     Decimal `json:"sold"`
	Rate     Decimal `json:"rate"` // recalled ÷ sold, four places, rounded half up
}

// Effectiveness returns it, or nil when nothing was sold.
func (a RecallAmount) Effectiveness() *Effectiveness {
	sold, recalled := a.Sold.Number(), a.Recalled.Number()
	if !sold.IsPositive() {
		return nil
	}
	return &Effectiveness{Recalled: DecimalOf(recalled), Sold: DecimalOf(sold), Rate: DecimalOf(recalled.DivRound(sold, 4))}
}
