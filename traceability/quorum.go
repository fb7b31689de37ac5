package traceability

import "strconv"

// Matter is what a quorum is for.
type Matter string

// MatterConsultation is the resolution of a joint risk consultation (风险会商).
const MatterConsultation Matter = "consultation"

// Quorum is the payload of quorum.set: how many provinces must have voted, and how
// many of them with yes, before a matter is resolved. It comes into force when
// three provinces have signed the same content, for what is resolved on
// EffectiveFrom or later; see EditionOn. No published text fixes it (长三角食品安全
// 区域合作 leaves it to the four), so it is theirs to agree.
type Quorum struct {
	Matter        Matter `json:"matter"`
	Revision      int    `json:"revision"`  // from 1
	Voting        int    `json:"voting"`    // provinces that have voted, abstentions included: 1 to 4
	Approving     int    `json:"approving"` // of them with yes: 1 to Voting
	Basis         string `json:"basis"`
	Note          string `json:"note,omitzero"`
	EffectiveFrom Date   `json:"effective_from"`
}

// Check implements Payload.
func (q *Quorum) Check() (problems, warnings []*Error) {
	var c checker
	if q.Matter != MatterConsultation {
		c.problems = append(c.problems, Invalid("matter", string(q.Matter), string(MatterConsultation)))
	}
	c.revision(q.Revision)
	c.between("voting", q.Voting, 1, AllProvinces)
	c.between("approving", q.Approving, 1, max(1, q.Voting))
	c.need("basis", q.Basis, 300)
	c.text("note", q.Note, 500)
	if q.EffectiveFrom == "" {
		c.missing("effective_from", "a day")
	}
	return c.result()
}

// between checks a number's range.
func (c *checker) between(field string, n, least, most int) {
	if n < least || n > most {
		c.problems = append(c.problems, Invalid(field, strconv.Itoa(n), strconv.Itoa(least)+" to "+strconv.Itoa(most)))
	}
}

// Record implements Agreed.
func (q *Quorum) Record() string { return QuorumKey(q.Matter) }

// Edition implements Agreed.
func (q *Quorum) Edition() int { return q.Revision }

// Signers implements Agreed.
func (q *Quorum) Signers() int { return MostProvinces }

// Begins implements Dated.
func (q *Quorum) Begins() Date { return q.EffectiveFrom }

// Reached reports whether so many votes are enough.
func (q *Quorum) Reached(t Tally) bool {
	return t.Yes+t.No+t.Abstain >= q.Voting && t.Yes >= q.Approving
}
