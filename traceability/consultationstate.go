package traceability

import "time"

// ConsultationState is the record under consultation/<id>: the signed documents,
// oldest first, and what the rules derive from them.
type ConsultationState struct {
	Documents    []Entry      `json:"documents"`
	Consultation Consultation `json:"consultation"`
}

// Consultation is a joint risk consultation as it stands.
type Consultation struct {
	ID         ConsultationID    `json:"consultation"`
	Phase      ConsultationPhase `json:"state"`
	Initiator  ProvinceCode      `json:"initiator"`
	Title      string            `json:"title,omitzero"`
	Parameters []string          `json:"parameters,omitempty"`
	Products   []string          `json:"products,omitempty"`
	Opened     time.Time         `json:"opened,omitzero"`
	RespondBy  Date              `json:"respond_by,omitzero"`
	Proposal   ProposalID        `json:"proposal,omitzero"`

	Opinions   []Opinion   `json:"opinions,omitempty"` // in the order of the ledger
	Drafts     []Draft     `json:"drafts,omitempty"`   // the last one is the current one, unless it is settled
	Resolution *Resolution `json:"resolution,omitzero"`
	Resolved   time.Time   `json:"resolved,omitzero"` // when the resolution in force was made; or when it was lifted
	Published  []Published `json:"published,omitempty"`
	Done       []Done      `json:"done,omitempty"` // one for each document
	Remarks    []Remark    `json:"remarks,omitempty"`
}

// Opinion is that a province gave one, and what level it proposes; the words are in
// its document.
type Opinion struct {
	Province ProvinceCode `json:"province"`
	At       time.Time    `json:"at"`
	Level    WarningLevel `json:"level,omitzero"`
	Late     bool         `json:"late,omitzero"` // after respond_by
}

// Draft is a resolution that was proposed and voted on. With the decision lift it
// is none, and ends the one in force.
type Draft struct {
	N          int            `json:"n"` // from 1
	At         time.Time      `json:"at"`
	Decision   ReviewDecision `json:"decision,omitzero"` // of a review
	Resolution *Resolution    `json:"resolution,omitzero"`
	Ballots    []Ballot       `json:"ballots,omitempty"` // all, in the order of the ledger
	Settled    *Settled       `json:"settled,omitzero"`  // when it was resolved
}

// Ballot is one province's vote; its last one counts.
type Ballot struct {
	Province ProvinceCode `json:"province"`
	Vote     Choice       `json:"vote"`
	At       time.Time    `json:"at"`
	Late     bool         `json:"late,omitzero"` // after respond_by
}

// Settled is by which votes and which quorum a draft was resolved.
type Settled struct {
	At     time.Time `json:"at"`
	Quorum int       `json:"quorum"` // the revision of quorum/consultation
	Tally
}

// Tally counts provinces by their last votes.
type Tally struct {
	Yes     int `json:"yes"`
	No      int `json:"no"`
	Abstain int `json:"abstain"`
}

// Published is a summary as it was made public at a time. The last one is what the
// public sees.
type Published struct {
	At         time.Time   `json:"at"`
	Advice     Advice      `json:"advice"`
	Resolution *Resolution `json:"resolution,omitzero"` // that it speaks of; nil once lifted
}

// Current returns the draft that is voted on, or nil.
func (c *Consultation) Current() *Draft {
	if len(c.Drafts) == 0 || c.Drafts[len(c.Drafts)-1].Settled != nil {
		return nil
	}
	return &c.Drafts[len(c.Drafts)-1]
}

// Tally counts the votes on a draft.
func (d *Draft) Tally() Tally {
	var t Tally
	for _, province := range Provinces() {
		last := Choice("")
		for _, b := range d.Ballots {
			if b.Province == province {
				last = b.Vote
			}
		}
		switch last {
		case VoteYes:
			t.Yes++
		case VoteNo:
			t.No++
		case VoteAbstain:
			t.Abstain++
		}
	}
	return t
}

// Public reports whether a summary was published.
func (c *Consultation) Public() bool { return len(c.Published) > 0 }

// Publicly reports whether the public sees something change with an act: a summary
// is published, or what it spoke of is resolved anew or closed.
func (c *Consultation) Publicly(act Act) bool {
	return c.Public() && (act == ActPublish || act == ActResolve || act == ActClose)
}

// shown is what the public sees of it: the last summary, and whether the resolution
// it speaks of stands. That one is being reviewed is the regulators' matter.
func (c *Consultation) shown() Consultation {
	last := c.Published[len(c.Published)-1]
	shown := Consultation{ID: c.ID, Phase: c.Phase, Initiator: c.Initiator, Published: []Published{{At: last.At, Advice: last.Advice}}}
	if shown.Phase == ConsultationReviewing {
		shown.Phase = ConsultationResolved
	}
	if last.Resolution != nil {
		shown.Published[0].Resolution = &Resolution{Level: last.Resolution.Level, ReviewOn: last.Resolution.ReviewOn}
	}
	return shown
}
