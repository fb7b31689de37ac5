package verification

import (
	"context"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"deltatrace/traceability"
)

// Reader is the part of a traceability.Reader that the answers are made from.
type Reader interface {
	LicenceOn(ctx context.Context, ids []traceability.LicenceID, day traceability.Date) (map[traceability.LicenceID]traceability.LicenceStanding, error)
	PlatformBars(ctx context.Context, companies []traceability.USCC) (map[traceability.USCC][]traceability.Credit, error)
	LicenceUses(ctx context.Context, ids []traceability.LicenceID) (map[traceability.LicenceID][]traceability.LicenceUse, error)
	ListingsOfLicence(ctx context.Context, ids []traceability.LicenceID) (map[traceability.LicenceID][]traceability.ListingRecord, error)
	Verifications(ctx context.Context, platform traceability.PartyID, shops []traceability.ShopID) (map[traceability.ShopID]traceability.VerificationRecord, error)
}

// Question asks how shops show their licences on a day. Who else shows a licence, and
// what is due to be verified again, is told as of now: on a past day it is left out.
type Question struct {
	Shops []traceability.Shop
	Day   traceability.Date
	Now   time.Time
}

// Result is the answer for one shop.
type Result struct {
	Shop traceability.ShopID `json:"shop"`
	Answer
	Licence *traceability.LicenceStanding `json:"licence,omitzero"` // as the register has it, and the reader may see it
}

// shopsAtOnce is how many shops are read for together: as many as go into one question
// of the read model. While one part waits for the disk, others are compared.
const shopsAtOnce = 500

// Ask answers for each shop, in their order.
func Ask(ctx context.Context, reader Reader, q Question, who traceability.Viewer) ([]Result, error) {
	results := make([]Result, len(q.Shops))
	parts, ctx := errgroup.WithContext(ctx)
	parts.SetLimit(2 * runtime.GOMAXPROCS(0))
	for from := 0; from < len(q.Shops); from += shopsAtOnce {
		a := asking{Question: q, who: who}
		a.Shops = q.Shops[from:min(from+shopsAtOnce, len(q.Shops))]
		parts.Go(func() error {
			if err := a.read(ctx, reader); err != nil {
				return err
			}
			for i := range a.Shops {
				results[from+i] = a.answer(i)
			}
			return nil
		})
	}
	return results, parts.Wait()
}

// asking is a question with what was read for it.
type asking struct {
	Question
	who       traceability.Viewer
	numbers   [][]traceability.LicenceID // that each shop's number may name
	licences  map[traceability.LicenceID]traceability.LicenceStanding
	bars      map[traceability.USCC][]traceability.Credit
	listings  map[traceability.LicenceID][]traceability.ListingRecord
	verified  map[traceability.ShopID]traceability.VerificationRecord
	inPresent bool
}

// read gathers what there is, side by side.
func (a *asking) read(ctx context.Context, reader Reader) error {
	a.inPresent = a.Day == traceability.DateOf(a.Now)
	ids := make([]traceability.LicenceID, 0, len(a.Shops))
	shops := make([]traceability.ShopID, 0, len(a.Shops))
	for i := range a.Shops {
		a.numbers = append(a.numbers, Numbers(&a.Shops[i]))
		ids = append(ids, a.numbers[i]...)
		shops = append(shops, a.Shops[i].ID)
	}
	slices.Sort(ids) // neighbours in the register stand together
	ids = slices.Compact(ids)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		if a.licences, err = reader.LicenceOn(ctx, ids, a.Day); err == nil {
			a.bars, err = reader.PlatformBars(ctx, Holders(a.licences))
		}
		return err
	})
	if a.inPresent {
		group.Go(func() (err error) {
			a.listings, err = a.shared(ctx, reader, ids)
			return err
		})
	}
	if a.inPresent && a.who.As.Kind() == traceability.KindPlatform {
		group.Go(func() (err error) {
			a.verified, err = reader.Verifications(ctx, a.who.As, shops)
			return err
		})
	}
	return group.Wait()
}

// shared reads the shops of the licences that other shops show than those that are
// asked about: few, so that most pages need not be read.
func (a *asking) shared(ctx context.Context, reader Reader, ids []traceability.LicenceID) (map[traceability.LicenceID][]traceability.ListingRecord, error) {
	uses, err := reader.LicenceUses(ctx, ids)
	if err != nil {
		return nil, err
	}
	var shared []traceability.LicenceID
	for i := range a.Shops {
		own := traceability.LicenceUse{Platform: a.who.As, Shop: a.Shops[i].ID}
		for _, id := range a.numbers[i] {
			if slices.ContainsFunc(uses[id], func(u traceability.LicenceUse) bool { return u != own }) {
				shared = append(shared, id)
			}
		}
	}
	if len(shared) == 0 {
		return nil, nil
	}
	return reader.ListingsOfLicence(ctx, shared)
}

// answer compares one shop.
func (a *asking) answer(i int) Result {
	shop := &a.Shops[i]
	c := Case{Shop: shop, Day: a.Day}
	result := Result{Shop: shop.ID}
	for _, id := range a.numbers[i] {
		standing, ok := a.licences[id]
		if !ok {
			continue
		}
		shown := a.who.Licence(standing)
		result.Licence = &shown
		c.Licence, c.Shown, c.Status = &standing.Licence, &shown.Licence, standing.Status
		c.Bars = BarsOf(a.bars[standing.Holder.USCC], &standing.Licence, a.Day)
		for i := range c.Bars {
			c.Bars[i].Entry, _ = a.who.Credit(c.Bars[i].Entry, a.Day) // one that holds is seen by all
		}
		for _, l := range a.listings[id] {
			if l.Platform != a.who.As || l.ID != shop.ID {
				c.Others = append(c.Others, Use{Address: l.Address, Division: l.Division, Foreign: !a.who.Listings(l.Platform)})
			}
		}
		break
	}
	if v, listed := a.verified[shop.ID]; listed {
		c.Duty = &Duty{Verified: v.At, Due: v.Due, Now: a.Now}
	}
	result.Answer = Verify(&c)
	return result
}
