package disclosure

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/verification"
)

// Reader is what a day is computed from: a read model. On one that ends with the
// day's last block the figures are as they were known then, at any time later.
type Reader interface {
	Head(ctx context.Context) (traceability.Head, error)
	Parties(ctx context.Context, f traceability.PartyFilter, p traceability.Page) (traceability.List[traceability.PartyRecord], error)
	Listings(ctx context.Context, f traceability.ListingFilter, p traceability.Page) (traceability.List[traceability.ListingRecord], error)
	LicenceOn(ctx context.Context, ids []traceability.LicenceID, day traceability.Date) (map[traceability.LicenceID]traceability.LicenceStanding, error)
	PlatformBars(ctx context.Context, companies []traceability.USCC) (map[traceability.USCC][]traceability.Credit, error)
	Verifications(ctx context.Context, platform traceability.PartyID, shops []traceability.ShopID) (map[traceability.ShopID]traceability.VerificationRecord, error)
}

// Day is the rates of a day in China, and which ledger they are of.
type Day struct {
	Day    traceability.Date `json:"day"`
	Height uint64            `json:"height"` // the last block that was known
	Time   time.Time         `json:"time"`   // of that block
	Rates  []CellRate        `json:"rates"`

	Failing []FailingShop `json:"-"` // in no order; an Archive keeps them in a list of their own
}

// Judged is a shop with what was found of it.
type Judged struct {
	Listing  traceability.ListingRecord  `json:"listing"`
	Verdict  traceability.LicenceVerdict `json:"verdict"`
	Findings []verification.Finding      `json:"findings,omitempty"`
	Counted  Shop                        `json:"-"`
}

// failing tells what is wrong with the shop; false when it is not open, needs no
// licence, or nothing is.
func (j *Judged) failing() (FailingShop, bool) {
	c := &j.Counted
	if !c.Open || c.Exempt || len(c.Codes) == 0 {
		return FailingShop{}, false
	}
	return FailingShop{Platform: c.Platform, Shop: j.Listing.ID, Division: c.Division, Codes: c.Codes}, true
}

// Compute counts a day: all shops of all platforms as they stood at its end. It calls
// progress after every page of shops with how many there were so far. Errors are the
// reader's.
func Compute(ctx context.Context, r Reader, day traceability.Date, progress func(shops int)) (*Day, error) {
	head, err := r.Head(ctx)
	if err != nil {
		return nil, err
	}
	tally, shops := NewTally(), 0
	var failing []FailingShop
	after := traceability.Page{Limit: pageOfShops}
	for {
		platforms, err := r.Parties(ctx, traceability.PartyFilter{Kind: traceability.KindPlatform}, after)
		if err != nil {
			return nil, err
		}
		for _, platform := range platforms.Items {
			filter := traceability.ListingFilter{Platform: platform.ID, On: day.End()}
			err := Walk(ctx, r, filter, day, func(page []Judged) error {
				for i := range page {
					tally.Add(page[i].Counted)
					if f, fails := page[i].failing(); fails {
						failing = append(failing, f)
					}
				}
				shops += len(page)
				progress(shops)
				return nil
			})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", platform.ID, err)
			}
		}
		if platforms.Next == "" {
			return &Day{Day: day, Height: head.Number, Time: head.Time, Rates: tally.Rates(), Failing: failing}, nil
		}
		after.After = platforms.Next
	}
}

// pageOfShops is how many shops are read and judged at once.
const pageOfShops = 1000

// Walk judges the listed shops of a platform, a page at a time. Errors are the
// reader's, or what each returns.
func Walk(ctx context.Context, r Reader, filter traceability.ListingFilter, day traceability.Date, each func([]Judged) error) error {
	page := traceability.Page{Limit: pageOfShops}
	for {
		list, err := r.Listings(ctx, filter, page)
		if err != nil {
			return err
		}
		judged, err := Judge(ctx, r, list.Items, day)
		if err == nil {
			err = each(judged)
		}
		if err != nil || list.Next == "" {
			return err
		}
		page.After = list.Next
	}
}

// Judge verifies shops of one platform against the register as of the end of a day.
// Those that are not listed are left out. Whether a licence is shown elsewhere too has
// no part in the rate, and is not asked.
func Judge(ctx context.Context, r Reader, records []traceability.ListingRecord, day traceability.Date) ([]Judged, error) {
	var ids []traceability.LicenceID
	var shops []traceability.ShopID
	var judged []Judged
	for _, record := range records {
		if record.Listed {
			ids = append(ids, verification.Numbers(&record.Shop)...)
			shops = append(shops, record.ID)
			judged = append(judged, Judged{Listing: record})
		}
	}
	if len(judged) == 0 {
		return nil, nil
	}
	licences, err := r.LicenceOn(ctx, ids, day)
	if err != nil {
		return nil, err
	}
	bars, err := r.PlatformBars(ctx, verification.Holders(licences))
	if err != nil {
		return nil, err
	}
	verified, err := r.Verifications(ctx, judged[0].Listing.Platform, shops)
	if err != nil {
		return nil, err
	}
	for i := range judged {
		j := &judged[i]
		l := &j.Listing
		c := verification.Case{Shop: &l.Shop, Day: day, Duty: &verification.Duty{Verified: verified[l.ID].At, Due: verified[l.ID].Due, Now: day.End()}}
		for _, id := range verification.Numbers(&l.Shop) {
			if standing, ok := licences[id]; ok {
				c.Licence, c.Status = &standing.Licence, standing.Status
				c.Bars = verification.BarsOf(bars[standing.Holder.USCC], c.Licence, day)
				break
			}
		}
		answer := verification.Verify(&c)
		j.Verdict, j.Findings = answer.Verdict, answer.Findings
		j.Counted = Shop{
			Platform: l.Platform, Premises: premises(&c, answer.Codes()), Division: l.Division, Open: !l.Closed,
			Fresh: day.End().Sub(l.At) <= traceability.FreshFor, Exempt: l.Exempt != "" && l.Licence == "", Codes: answer.Codes(),
		}
		if l.Division == "" && c.Licence != nil {
			j.Counted.Division = c.Licence.Division
		}
	}
	return judged, nil
}

// premises names the premises of a shop: the licence's, where the page's address is
// the licensed one; else what the page says.
func premises(c *verification.Case, codes []traceability.ViolationCode) string {
	if c.Licence != nil {
		elsewhere := false
		for _, code := range codes {
			elsewhere = elsewhere || code == traceability.ViolationAddressMismatch || code == traceability.ViolationBorrowed
		}
		if !elsewhere {
			return string(c.Licence.ID)
		}
	}
	return strings.Join([]string{string(c.Shop.Division), traceability.Fold(c.Shop.Address), traceability.Fold(c.Shop.Name)}, "|")
}
