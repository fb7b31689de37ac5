package page

import (
	"context"
	"slices"
	"time"

	"deltatrace/traceability"
)

// comparedView is a platform's comparison of a shop that shows the licence.
type comparedView struct {
	traceability.Comparison
	Platform string
	State    state
	Word     Key
	Findings []string
}

// comparedOnShop is how many comparisons the page of a shop lists. An honest shop is on
// a few platforms; a number that many shops show is a finding for the regulators.
const comparedOnShop = 10

// Compared returns the platforms' comparisons of the shops that show a licence, as
// the public may know them, the latest first.
func Compared(ctx context.Context, r traceability.Reader, licence *traceability.Licence) ([]traceability.Comparison, error) {
	listings, err := r.ListingsOfLicence(ctx, []traceability.LicenceID{licence.ID})
	if err != nil {
		return nil, err
	}
	shops := make(map[traceability.PartyID][]traceability.ShopID)
	for _, l := range listings[licence.ID] {
		shops[l.Platform] = append(shops[l.Platform], l.ID)
	}
	verified := make(map[traceability.PartyID]map[traceability.ShopID]traceability.VerificationRecord)
	for platform, ids := range shops {
		if verified[platform], err = r.Verifications(ctx, platform, ids); err != nil {
			return nil, err
		}
	}
	var list []traceability.Comparison
	for _, l := range listings[licence.ID] {
		if compared, ok := viewer.Comparison(licence, l, verified[l.Platform][l.ID]); ok {
			list = append(list, compared)
		}
	}
	slices.SortStableFunc(list, func(a, b traceability.Comparison) int { return b.At.Compare(a.At) })
	return list, nil
}

// platforms tells what the platforms' comparisons came to.
func (v *shopView) platforms(ctx context.Context, r traceability.Reader, lang Lang, compared []traceability.Comparison, now time.Time) error {
	rec := &records{parties: make(map[traceability.PartyID]traceability.PartyRecord)}
	var parties []traceability.PartyID
	for i := range compared {
		parties = append(parties, compared[i].Platform)
	}
	if err := rec.meet(ctx, r, parties); err != nil {
		return err
	}
	is := v.Badge.State()
	past := is == traceability.BadgeInvalid || is == traceability.BadgeUnknown // what agreed says nothing of now
	for _, c := range compared {
		shown := comparedView{Comparison: c, Platform: rec.party(lang, c.Platform).Name, State: stateNone, Word: "compared.unverified"}
		switch {
		case c.Verdict == traceability.LicenceFails:
			shown.State, shown.Word = stateFail, "compared.invalid"
		case c.Overdue(now):
			shown.Word = "compared.overdue"
		case c.Verdict == traceability.LicenceHolds && past:
			shown.Word = "compared.then"
		case c.Verdict == traceability.LicenceHolds:
			shown.State, shown.Word = statePass, "compared.valid"
		}
		for _, code := range c.Codes {
			shown.Findings = append(shown.Findings, violationWord(lang, code))
		}
		v.Compared = append(v.Compared, shown)
	}
	rank := map[state]int{statePass: -2, stateFail: -1}
	slices.SortStableFunc(v.Compared, func(a, b comparedView) int { return rank[a.State] - rank[b.State] })
	return nil
}

// listCompared bounds the list, after all of it was judged: the shops that agree come
// first, so that who misuses a number does not hide its holder.
func (v *shopView) listCompared() {
	if len(v.Compared) > comparedOnShop {
		v.Further, v.Compared = len(v.Compared)-comparedOnShop, v.Compared[:comparedOnShop]
	}
}
