package traceability

import (
	"slices"
	"time"
)

// NoticeChoice is a move that a party may make now, and what it is about where there
// are several: what a page offers, and what the signer then says in NoticeAct.
type NoticeChoice struct {
	Act  Act           `json:"act"`
	For  Recipient     `json:"for,omitzero"`
	Kind ObjectionKind `json:"kind,omitzero"`
	Link Link          `json:"link,omitzero"`
}

// Choices lists what a party may do with a notice at a time, in the order of the
// table: by its role, by where the notice and its parts stand, and by what the
// guards say of them. The rules may still refuse what is said then: a report that
// does not exist, items that did not fail.
func (n *Notice) Choices(party PartyID, now time.Time) []NoticeChoice {
	var list []NoticeChoice
	for _, m := range NoticeMoves() {
		if !slices.Contains(m.From, n.Phase) {
			continue
		}
		for _, c := range n.subjects(m) {
			plays := func(role Role) bool { return n.Plays(party, role, c, now) }
			stands := m.Part == "" || slices.Contains(m.Before, n.ProgressOf(m.Part, party, c))
			if stands && slices.ContainsFunc(m.By, plays) && n.fits(c) {
				list = append(list, c)
			}
		}
	}
	return list
}

// subjects are all that a move can be about in this notice.
func (n *Notice) subjects(m Move) []NoticeChoice {
	list := []NoticeChoice{{Act: m.Act}}
	if slices.Contains(m.Needs, "for") {
		list = nil
		for _, r := range n.Recipients {
			list = append(list, NoticeChoice{Act: m.Act, For: r.As})
		}
	}
	if slices.Contains(m.Needs, "kind") {
		var kinds []NoticeChoice
		for _, c := range list {
			for _, kind := range ObjectionKinds() {
				kinds = append(kinds, NoticeChoice{Act: c.Act, For: c.For, Kind: kind})
			}
		}
		list = kinds
	}
	if slices.Contains(m.Needs, "link") {
		list = nil
		for _, link := range n.Links {
			list = append(list, NoticeChoice{Act: m.Act, Link: link})
		}
	}
	return list
}

// Plays reports whether a party has a role in what a move is about. The organiser
// is also responsible for serving who was not served in the time for it: nobody's
// silence holds a case up.
func (n *Notice) Plays(party PartyID, role Role, c NoticeChoice, now time.Time) bool {
	regulator := party.Kind() == KindRegulator
	province := ProvinceCode(party.Number())
	switch role {
	case RoleOrganiser:
		return party == Regulator(n.Organiser)
	case RoleConcerned:
		concern := n.Concern(province)
		return regulator && concern != nil && concern.Sent > 0
	case RoleResponsible:
		responsible := n.Responsible(c.For)
		if c.Link != "" {
			responsible = n.Handler(c.Link)
		}
		return regulator && (province == responsible || province == n.Organiser && c.Act == ActServe && n.unserved(c.For, now))
	case RoleUnit, RoleProducer:
		r := n.Recipient(c.For)
		return r != nil && string(r.As) == string(role) && r.Party == party
	case RoleLab:
		return party == n.Report.Lab()
	case RoleRelab:
		return n.Reinspection != nil && n.Reinspection.Lab == party
	}
	return false
}

// unserved reports whether the time to serve a recipient has passed (T6).
func (n *Notice) unserved(as Recipient, now time.Time) bool {
	return slices.ContainsFunc(n.Deadlines, func(d Deadline) bool { return d.Timer == "T6" && d.About == string(as) && d.Overdue(now) })
}

// ProgressOf is how far the part is that a party's move is about.
func (n *Notice) ProgressOf(part Part, party PartyID, c NoticeChoice) Progress {
	switch part {
	case PartProvince:
		if concern := n.Concern(ProvinceCode(party.Number())); concern != nil {
			return concern.Progress()
		}
	case PartReinspection:
		if n.Reinspection != nil {
			return n.Reinspection.Progress
		}
	case PartObjection:
		if o := n.Objection(c.Kind, c.For); o != nil {
			return o.Progress
		}
	case PartHandling:
		if h := n.Case(c.Link); h != nil {
			return h.Progress
		}
	}
	return None
}

// fits tells the guards that depend on the notice alone; see Guards.
func (n *Notice) fits(c NoticeChoice) bool {
	r := n.Recipient(c.For)
	standing := r != nil && r.As != ToPlatform && !r.Served.IsZero() && !r.Waived
	switch c.Act {
	case ActServe:
		return r.Served.IsZero()
	case ActWaive:
		return standing
	case ActReinspectionApply:
		applied := n.Reinspection != nil && slices.Contains(n.Reinspection.Applicants, c.For)
		return standing && !applied && slices.ContainsFunc(n.Failed, func(f FailedItem) bool { return !f.Microbiological })
	case ActObjectionFile:
		return standing && c.Kind != ObjectSampling || c.For == ToUnit && c.Kind == ObjectSampling
	case ActHandlingOpen:
		return n.Phase != PhaseIssued || n.Urgent
	case ActCorrect:
		return n.WasPublic()
	case ActExtend:
		return slices.ContainsFunc(n.Deadlines, func(d Deadline) bool { return d.Status == Running && d.Extended == 0 })
	}
	return true
}
