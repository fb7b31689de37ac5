package page

import "deltatrace/traceability"

// partyView is how a page names a party.
type partyView struct {
	Name      string
	Kind      Key
	Number    string // CMA number or USCC
	Province  string // whose regulator admitted it
	Suspended bool
}

func (rec *records) party(lang Lang, id traceability.PartyID) partyView {
	p := rec.parties[id]
	v := partyView{
		Kind: Key("kind." + string(id.Kind())), Number: id.Number(),
		Province: province(lang, p.Province), Suspended: p.Status == traceability.PartySuspended,
	}
	if p.Admission != nil && p.Admission.Stage != "" {
		v.Kind = Key("kind." + string(p.Admission.Stage))
	}
	switch {
	case p.Admission == nil && p.Province == "":
		v.Name = string(id) // not on the ledger as this page sees it
	case lang == LangEN:
		v.Name = p.NameEN()
	default:
		v.Name = p.Name()
	}
	return v
}

// suspensionView tells of a suspension in force.
type suspensionView struct {
	Party, Regulator string
	Reason, Basis    string
	On               traceability.Date
	Document         traceability.DocumentRef // zero when the ledger's list lacks it
}

// suspension returns the suspension of a party that is suspended now.
func (rec *records) suspension(lang Lang, id traceability.PartyID) (suspensionView, bool) {
	p, ok := rec.parties[id]
	if !ok || p.Status != traceability.PartySuspended {
		return suspensionView{}, false
	}
	v := suspensionView{Party: rec.party(lang, id).Name}
	if s := p.Suspension; s != nil {
		v.Reason, v.Basis, v.On = s.Reason, s.Basis, s.On
	}
	regulator := traceability.PartyRecord{Province: p.Province}
	for _, document := range p.Documents {
		if document.Type == traceability.TypePartySuspend {
			v.Document = document
			regulator.Province = traceability.ProvinceCode(document.Party.Number())
		}
	}
	v.Regulator = prefer(lang, regulator.Name(), regulator.NameEN())
	return v, true
}
