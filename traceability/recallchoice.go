package traceability

import "slices"

// RecallChoice is a move that a party may make now: what a page offers, and what
// the signer then says in RecallAct.
type RecallChoice struct {
	Act Act `json:"act"`
}

// Choices lists what a party may do with a recall, in the order of the table: by
// its role, by where the recall stands, and by what RecallGuards say of these. The
// rules may still refuse what is said then: amounts that do not add up.
func (r *Recall) Choices(party PartyID) []RecallChoice {
	var list []RecallChoice
	for _, m := range RecallMoves() {
		plays := func(role Role) bool { return r.Plays(party, role) }
		if slices.Contains(m.From, r.Phase) && slices.ContainsFunc(m.By, plays) && r.fits(party, m.Act) {
			list = append(list, RecallChoice{m.Act})
		}
	}
	return list
}

// Plays reports whether a party has a role in the recall.
func (r *Recall) Plays(party PartyID, role Role) bool {
	switch role {
	case RoleProducer:
		return party == r.Producer
	case RoleOverseer:
		return party == Regulator(r.Province) || r.OrderedBy != "" && party == Regulator(r.OrderedBy)
	}
	return false
}

// fits tells the guards that depend on the recall and its signer alone.
func (r *Recall) fits(party PartyID, act Act) bool {
	switch act {
	case ActAnnounce:
		return r.OrderedBy != "" || party == r.Producer
	case ActWithdraw:
		return party != r.Producer || r.OrderedBy == "" && !r.Public()
	}
	return true
}
