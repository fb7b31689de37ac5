package traceability

import "unicode/utf8"

// Licence redacts a licence. It is public, with its number, holder and premises; of
// an individual business, and of who has no USCC, the holder's own address is cut
// below the street, and a name that may be a natural person's is masked. The
// premises are where it trades with the public, and stay; so does the sign, unless it
// is that very name.
func (v Viewer) Licence(l LicenceStanding) LicenceStanding {
	if v.holds(&l.Licence) {
		return l
	}
	name, personal := l.Holder.Name, l.Holder.USCC == "" || l.Holder.USCC.IndividualBusiness() && utf8.RuneCountInString(l.Holder.Name) <= longestPersonalName
	l.Holder = maskFirm(l.Holder)
	if personal && l.Holder.USCC != "" {
		l.Holder.Name = maskName(l.Holder.Name)
	}
	if l.Storefront == name {
		l.Storefront = l.Holder.Name
	}
	return l
}

// longestPersonalName is how many characters a person's name has at most; a longer
// one of an individual business says what it sells, 西湖区王记面馆.
const longestPersonalName = 4

// LicenceHistory reports whether the viewer sees a licence's whole history: its
// holder, as it is now, and the regulators do.
func (v Viewer) LicenceHistory(r LicenceRecord) bool {
	return len(r.Periods) > 0 && v.holds(&r.Periods[len(r.Periods)-1].Content)
}

func (v Viewer) holds(l *Licence) bool {
	code, ok := v.As.USCC()
	return v.As.Kind() == KindRegulator || v.As.Kind() == KindOperator && ok && code == l.Holder.USCC
}

// Listings reports whether the viewer sees a platform's shops: the platform does,
// and regulators see those of all. Another platform's are never seen.
func (v Viewer) Listings(platform PartyID) bool {
	return v.As.Kind() == KindRegulator || v.As != "" && v.As.Kind() == KindPlatform && v.As == platform
}

// Listing tells a shop to its platform and to regulators.
func (v Viewer) Listing(l ListingRecord) (ListingRecord, bool) {
	if !v.Listings(l.Platform) {
		return ListingRecord{}, false
	}
	return l, true
}

// Comparison tells of the latest comparison of a shop with the licence it shows. Once
// it is on record, all are told what the shop's page shows to all, and what everybody
// finds who lays that page beside the register. The public is not told what a visit
// found, which is a case until a regulator publishes it, nor that others show the
// licence, which is not this shop's doing. False means that there is none to tell of:
// the shop is not listed, or it has another number or another page since. A platform
// compares before it lists, so a page that was first read within a day after counts.
func (v Viewer) Comparison(licence *Licence, l ListingRecord, r VerificationRecord) (Comparison, bool) {
	number := licence.ID.Number()
	if !l.Listed || r.At.Before(l.Since.Add(-FreshFor)) || FoldLicenceNumber(l.Licence) != number || FoldLicenceNumber(r.Licence) != number {
		return Comparison{}, false
	}
	if v.Listings(l.Platform) {
		return comparison(&l, &r), true
	}
	if shown := v.Licence(LicenceStanding{Licence: *licence}); l.Name == licence.Holder.Name {
		l.Name = shown.Holder.Name
	}
	return comparison(&l, &r, ViolationNoPremises, ViolationDuplicateUse), true
}

// LicenceAudiences returns who is told of every document about a licence: its holder.
// Of a change are told also the platforms that list a shop with it.
func LicenceAudiences(l *Licence) []Audience {
	if l.Holder.USCC == "" {
		return nil
	}
	return []Audience{To(PartyID(string(KindOperator) + ":" + string(l.Holder.USCC)))}
}

// Credit redacts an entry of a company's credit record; false means that it does
// not exist for the viewer. The public sees what holds on the day: what is
// repaired or removed is no longer held against a company, and that it has asked
// for repair is between it and the regulators.
func (v Viewer) Credit(c Credit, on Date) (Credit, bool) {
	company, own := v.As.USCC()
	if v.All(c.By) || own && company == c.ID.Company() {
		return c, true
	}
	if !c.HoldsOn(on) {
		return Credit{}, false
	}
	c.Changes, c.Remarks = nil, nil
	if c.ID.Company().IndividualBusiness() {
		c.Name = maskName(c.Name)
	}
	return c, true
}

// CreditTold reports whether the platforms that list a shop of a company are told of
// an act on an entry that bars it from platforms, with an empty act of the entry
// itself: of all that changes whether it does. That the company has asked for repair
// is between it and the regulators.
func CreditTold(act CreditActKind) bool { return act != CreditApply && act != CreditRefuse }

// Verifies reports whether the viewer may compare shops with the register in bulk: a
// platform its own, and a regulator any.
func (v Viewer) Verifies() bool { return v.As.Kind() == KindPlatform || v.As.Kind() == KindRegulator }
