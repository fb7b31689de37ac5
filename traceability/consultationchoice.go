package traceability

import "slices"

// ConsultationChoice is a move that a party may make now: what a page offers, and
// what the signer then says in ConsultationAct.
type ConsultationChoice struct {
	Act   Act `json:"act"`
	Draft int `json:"draft,omitzero"` // the current one, of a vote and a resolution
}

// Choices lists what a party may do with a consultation, in the order of the table:
// by its role, by where the consultation stands, and by what ConsultationGuards say
// of these. The rules may still refuse what is said then: a quorum not reached.
func (c *Consultation) Choices(party PartyID) []ConsultationChoice {
	var list []ConsultationChoice
	for _, m := range ConsultationMoves() {
		plays := party == Regulator(c.Initiator) || m.By == RoleProvince && party.Kind() == KindRegulator
		if !plays || !slices.Contains(m.From, c.Phase) {
			continue
		}
		choice := ConsultationChoice{Act: m.Act}
		switch m.Act {
		case ActVote, ActResolve:
			current := c.Current()
			if current == nil {
				continue
			}
			choice.Draft = current.N
		case ActClose:
			if c.Phase == ConsultationResolved && c.Resolution.Level != LevelNone {
				continue
			}
		}
		list = append(list, choice)
	}
	return list
}
