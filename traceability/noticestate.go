package traceability

import (
	"slices"
	"time"
)

// NoticeState is the record under notice/<id>: the signed documents, oldest
// first, and what the rules derive from them.
type NoticeState struct {
	Documents []Entry `json:"documents"`
	Notice    Notice  `json:"notice"`
}

// Notice is a failed sample's case as it stands.
type Notice struct {
	ID         NoticeID     `json:"notice"`
	Phase      Phase        `json:"state"`
	Outcome    Decision     `json:"outcome,omitzero"`          // upheld or overturned, once determined
	Cleared    bool         `json:"producer_cleared,omitzero"` // the claimed producer was found not to be it
	Urgent     bool         `json:"urgent,omitzero"`
	Organiser  ProvinceCode `json:"organiser"`
	Issued     time.Time    `json:"issued,omitzero"`
	Report     ReportID     `json:"report,omitzero"`
	Lot        LotID        `json:"lot,omitzero"`
	SamplingNo SamplingNo   `json:"sampling_no,omitzero"`
	FoodName   string       `json:"food_name,omitzero"`
	Failed     []FailedItem `json:"failed,omitempty"`
	Links      []Link       `json:"links,omitempty"` // of which there is to be a handling case

	Recipients   []Served        `json:"recipients,omitempty"`
	Provinces    []Concern       `json:"provinces,omitempty"` // in the order of their codes
	Reinspection *Reinspection   `json:"reinspection,omitzero"`
	Objections   []Objection     `json:"objections,omitempty"`
	Cases        []HandlingCase  `json:"cases,omitempty"`
	Deadlines    []Deadline      `json:"deadlines,omitempty"` // in the order in which they began
	Publication  []PublicVersion `json:"publication,omitempty"`
	Done         []Done          `json:"done,omitempty"` // one for each document
	Remarks      []Remark        `json:"remarks,omitempty"`
}

// FailedItem is an item of the report that failed.
type FailedItem struct {
	Seq             int    `json:"seq"`
	Parameter       string `json:"parameter"`
	Microbiological bool   `json:"microbiological,omitzero"` // never re-inspected
	Unclassified    bool   `json:"unclassified,omitzero"`    // the ledger has no list of microbiological parameters yet
}

// Served is a recipient. Province is whose regulator is responsible for it: empty
// when that is none of the four, or has said that it is not; then the organiser is.
type Served struct {
	As       Recipient    `json:"as"`
	Party    PartyID      `json:"party,omitzero"` // if it has a social credit code
	Province ProvinceCode `json:"province,omitzero"`
	Served   time.Time    `json:"served,omitzero"`
	Waived   bool         `json:"waived,omitzero"`
}

// Concern is a province and why the notice concerns it.
type Concern struct {
	Province     ProvinceCode `json:"province"`
	As           []string     `json:"as"`                    // sampling, producer, platform, forwarded
	Sent         int          `json:"sent,omitzero"`         // how often it was told: of the notice, then of its withdrawal
	Acknowledged int          `json:"acknowledged,omitzero"` // how many of these it has acknowledged
	Answers      []Answered   `json:"answers,omitempty"`     // the last one stands
}

// Answered is a province's answer.
type Answered struct {
	Answer Answer       `json:"answer"`
	To     ProvinceCode `json:"to,omitzero"`
	At     time.Time    `json:"at"`
}

// Progress says whether the province has something to acknowledge.
func (c *Concern) Progress() Progress {
	switch {
	case c.Sent == 0:
		return None
	case c.Sent > c.Acknowledged:
		return Pending
	default:
		return Acknowledged
	}
}

// Reinspection is the one re-inspection of a sample (复检).
type Reinspection struct {
	Progress   Progress    `json:"state"`
	Applicants []Recipient `json:"applicants"` // the last one's application is the one that counts
	Items      []int       `json:"items"`
	Lab        PartyID     `json:"lab,omitzero"`
	Declined   []PartyID   `json:"declined,omitempty"` // laboratories that declined
	Verdict    Verdict     `json:"verdict,omitzero"`
	Report     ReportID    `json:"report,omitzero"`
}

// Objection is one of a recipient's objections (异议).
type Objection struct {
	Kind     ObjectionKind `json:"kind"`
	For      Recipient     `json:"for"`
	Progress Progress      `json:"state"`
	Decided  time.Time     `json:"decided,omitzero"`
	Counted  bool          `json:"counted,omitzero"` // in a determination
}

// HandlingCase is one link's verification and handling (核查处置).
type HandlingCase struct {
	Link      Link         `json:"link"`
	Province  ProvinceCode `json:"province"` // whose regulator handles it
	Progress  Progress     `json:"state"`
	Steps     []Step       `json:"steps,omitempty"` // recorded so far, in their order
	Cause     Cause        `json:"cause,omitzero"`
	Escalated bool         `json:"escalated,omitzero"` // 督办
	Opened    time.Time    `json:"opened"`
}

// PublicVersion is what was made public, or taken back, at a time. The last one
// is what the public sees.
type PublicVersion struct {
	Act    Act        `json:"act"` // publish, correct, withdraw; determine, when overturning took it back
	At     time.Time  `json:"at"`
	Row    *PublicRow `json:"row,omitzero"` // nil when it was taken back
	Reason string     `json:"reason,omitzero"`
}

// Done is a document of the notice: Act is empty for its issue.
type Done struct {
	Document DocumentID `json:"document"`
	Act      Act        `json:"act,omitzero"`
	By       PartyID    `json:"by"`
	At       time.Time  `json:"at"`                // by what its signer says
	Recorded time.Time  `json:"recorded,omitzero"` // by the ledger's clock
	Late     []LateMark `json:"late,omitempty"`    // the periods that it did not keep
}

// LateMark says which period an act did not keep, or which could not be counted.
type LateMark struct {
	Timer   TimerID   `json:"timer"`
	Basis   string    `json:"basis,omitzero"`
	Due     time.Time `json:"due,omitzero"`
	Late    Lateness  `json:"lateness"`
	Unknown Code      `json:"unknown,omitzero"`
}

// Public reports whether the public may know that the sample failed: a row of it
// stands published. The result of an overturned case does not stand, whatever
// correction is published of it.
func (n *Notice) Public() bool {
	return n.WasPublic() && n.Outcome != Overturned && n.Publication[len(n.Publication)-1].Row != nil
}

// WasPublic reports whether a row was ever published, so that the public may see
// what became of it.
func (n *Notice) WasPublic() bool { return len(n.Publication) > 0 }

// Concern returns a province's part, or nil.
func (n *Notice) Concern(p ProvinceCode) *Concern {
	i := slices.IndexFunc(n.Provinces, func(c Concern) bool { return c.Province == p })
	if i < 0 {
		return nil
	}
	return &n.Provinces[i]
}

// Recipient returns a recipient's part, or nil.
func (n *Notice) Recipient(as Recipient) *Served {
	i := slices.IndexFunc(n.Recipients, func(r Served) bool { return r.As == as })
	if i < 0 {
		return nil
	}
	return &n.Recipients[i]
}

// Objection returns an objection, or nil.
func (n *Notice) Objection(kind ObjectionKind, by Recipient) *Objection {
	i := slices.IndexFunc(n.Objections, func(o Objection) bool { return o.Kind == kind && o.For == by })
	if i < 0 {
		return nil
	}
	return &n.Objections[i]
}

// Case returns a link's case, or nil.
func (n *Notice) Case(link Link) *HandlingCase {
	i := slices.IndexFunc(n.Cases, func(c HandlingCase) bool { return c.Link == link })
	if i < 0 {
		return nil
	}
	return &n.Cases[i]
}

// Responsible returns the province whose regulator is responsible for a
// recipient.
func (n *Notice) Responsible(as Recipient) ProvinceCode {
	if r := n.Recipient(as); r != nil && r.Province != "" {
		return r.Province
	}
	return n.Organiser
}

// Handler returns the province whose regulator handles a link.
func (n *Notice) Handler(link Link) ProvinceCode {
	switch {
	case link == LinkProduction && n.Recipient(ToProducer) != nil:
		return n.Responsible(ToProducer)
	case link == LinkOnline:
		return n.Responsible(ToPlatform)
	default:
		return n.Responsible(ToUnit)
	}
}

// Parties returns all whom the notice concerns, each once: they see it.
func (n *Notice) Parties() []PartyID {
	parties := []PartyID{Regulator(n.Organiser), n.Report.Lab()}
	for _, c := range n.Provinces {
		parties = append(parties, Regulator(c.Province))
	}
	for _, r := range n.Recipients {
		parties = append(parties, r.Party)
	}
	if n.Reinspection != nil {
		parties = append(append(parties, n.Reinspection.Lab), n.Reinspection.Declined...)
	}
	slices.Sort(parties)
	parties = slices.Compact(parties)
	return slices.DeleteFunc(parties, func(p PartyID) bool { return p == "" })
}
