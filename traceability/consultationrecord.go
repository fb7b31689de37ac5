package traceability

import "time"

// ConsultationFilter restricts a list of consultations. Empty fields do not
// restrict.
type ConsultationFilter struct {
	Phase  ConsultationPhase
	Public bool // a summary was published
}

// ConsultationRecord is a consultation as it stands. History is there when one is
// asked for, not in lists.
type ConsultationRecord struct {
	Consultation
	History []ConsultationEntry `json:"history,omitempty"` // in the order of the ledger
}

// ConsultationEntry is a document of a consultation: who signed what, and when.
type ConsultationEntry struct {
	DocumentRef
	Open *ConsultationOpen `json:"open,omitzero"`
	Act  *ConsultationAct  `json:"act,omitzero"`
}

// ProposalFilter asks for proposals as they were at a height, by the ledger at the
// block AsOf; with nil as they are. Answered asks for those too that a consultation
// refers to.
type ProposalFilter struct {
	AsOf     *uint64
	Answered bool
}

// Proposal says that a rule of recurrence is met, and a consultation is due. It
// comes with the failure that met it; later failures of the same hazard and group
// within the window join it until a consultation refers to it, and no failure
// raises two proposals by one rule.
type Proposal struct {
	ID       ProposalID     `json:"proposal"`
	Rule     RecurrenceID   `json:"rule"`
	Revision int            `json:"revision"` // of the rule, that was in force then
	Hazard   Hazard         `json:"hazard"`
	Group    ProductGroup   `json:"product_group"`
	Raised   Position       `json:"raised"`   // by which transaction
	Failures []Failure      `json:"failures"` // in the order of the ledger
	Answered ConsultationID `json:"answered_by,omitzero"`
}

// AgreementFilter restricts a list of agreements. Empty fields do not restrict.
type AgreementFilter struct {
	Kind      DocumentType
	InForce   bool   // those alone that came into force
	Parameter Hazard // with the kind limit.set
	Category  string // folded; with a parameter
}

// AgreementRecord is one revision of what the provinces agree on: what it says, who
// has signed it, and since when it is in force, which it is not before so many have
// signed as it needs.
type AgreementRecord struct {
	Record   string        `json:"record"` // the state key
	Type     DocumentType  `json:"type"`
	Revision int           `json:"revision"`
	Content  Agreed        `json:"content"`
	Needed   int           `json:"signatures_needed"`
	Signed   []DocumentRef `json:"signed"`            // in the order of the ledger
	InForce  time.Time     `json:"in_force,omitzero"` // by the ledger's clock
}
