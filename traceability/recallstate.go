package traceability

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// RecallState is the record under recall/<id>: the signed documents, oldest
// first, and what the rules derive from them.
type RecallState struct {
	Documents []Entry `json:"documents"`
	Recall    Recall  `json:"recall"`
}

// RecallMark is the record under recall-of/<lot> of each lot that a recall begins
// with, so that the rules know of it when the lot is used. It says nothing of lots
// downstream, which only the read model can follow.
type RecallMark struct {
	Recall    RecallID `json:"recall"`
	Binding   bool     `json:"binding,omitzero"`   // see Recall.Binding
	Withdrawn bool     `json:"withdrawn,omitzero"` // so that another recall may begin with the lot
}

// OwnRecalls is the record under own-recalls/<party> of a producer: the recalls that
// it began of its own will and that are neither closed nor withdrawn, by id.
type OwnRecalls struct {
	Recalls []RecallID `json:"recalls"`
}

// MaxOwnRecalls is how many such recalls a producer may have at a time, of up to a
// hundred lots each. Whatever is made of recalled lots comes under each of these
// recalls, so without a bound the read model would grow with their product.
const MaxOwnRecalls = 50

// Recall is a recall as it stands.
type Recall struct {
	ID         RecallID       `json:"recall"`
	Phase      Phase          `json:"state"`
	OrderedBy  ProvinceCode   `json:"ordered_by,omitzero"` // empty when the producer began it of its own will
	Level      RecallLevel    `json:"level,omitzero"`
	Producer   PartyID        `json:"producer"`
	Province   ProvinceCode   `json:"province"` // the producer's
	Notice     NoticeID       `json:"notice,omitzero"`
	Lots       []LotID        `json:"lots"`
	Downstream bool           `json:"downstream,omitzero"`
	Product    string         `json:"product"` // of the first lot
	ProductEN  string         `json:"product_en,omitzero"`
	Unit       Unit           `json:"unit"` // of the amounts
	Hazard     string         `json:"hazard"`
	Reason     string         `json:"reason"`
	Measures   string         `json:"measures,omitzero"`
	Regions    []DivisionCode `json:"regions,omitempty"`

	Known     time.Time `json:"known,omitzero"`     // when the producer knew of the risk
	Opened    time.Time `json:"opened,omitzero"`    // on the ledger, the first time
	Announced time.Time `json:"announced,omitzero"` // when it was announced
	Ended     time.Time `json:"ended,omitzero"`     // when it was closed or withdrawn
	EndReason string    `json:"end_reason,omitzero"`

	Amounts   []RecallAmount `json:"amounts,omitempty"` // by region, in the order of their codes
	Effect    Effect         `json:"effect,omitzero"`   // as last assessed
	Deadlines []Deadline     `json:"deadlines,omitempty"`
	Done      []Done         `json:"done,omitempty"` // one for each document; the act of an opening is empty
	Remarks   []Remark       `json:"remarks,omitempty"`
}

// Public reports whether the public may know of the recall: it was announced. A
// recall that was withdrawn afterwards stays public, as withdrawn.
func (r *Recall) Public() bool { return !r.Announced.IsZero() }

// Binding reports whether the goods are not to be sold: the recall was announced
// and not withdrawn. It stays so when the recall is closed.
func (r *Recall) Binding() bool { return r.Public() && r.Phase != PhaseWithdrawn }

// Over reports whether nothing more is to be done: it was closed or withdrawn.
func (r *Recall) Over() bool { return r.Phase == PhaseClosed || r.Phase == PhaseWithdrawn }

// Total returns the amounts of all regions.
func (r *Recall) Total() RecallAmount { return TotalAmount(r.Amounts) }

// TotalAmount adds up amounts; its region is empty.
func TotalAmount(list []RecallAmount) RecallAmount {
	var made, sold, recalled, destroyed decimal.Decimal
	for _, a := range list {
		made, sold = made.Add(a.Made.Number()), sold.Add(a.Sold.Number())
		recalled, destroyed = recalled.Add(a.Recalled.Number()), destroyed.Add(a.Destroyed.Number())
	}
	return RecallAmount{Made: DecimalOf(made), Sold: DecimalOf(sold), Recalled: DecimalOf(recalled), Destroyed: DecimalOf(destroyed)}
}

// Parties returns all whom the recall concerns, each once.
func (r *Recall) Parties() []PartyID {
	parties := []PartyID{r.Producer, Regulator(r.Province)}
	if r.OrderedBy != "" {
		parties = append(parties, Regulator(r.OrderedBy))
	}
	slices.Sort(parties)
	return slices.Compact(parties)
}
