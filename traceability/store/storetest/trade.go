package storetest

import (
	"fmt"
	"math/rand/v2"

	"deltatrace/traceability"
)

// The trade of a region goes round by round: in each, so many lots are made by
// farms, gathered by wholesale markets, made into products by factories and
// portioned by shops. What goes into a lot is drawn from what came lately, so that
// some lots go into many and some into none, and a shop's lot came of some dozen.
const (
	farmLots    = 8
	marketLots  = 3
	factoryLots = 4
	shopLots    = 5
	roundLots   = farmLots + marketLots + factoryLots + shopLots
)

// stage is where in the trade a lot is made.
type stage struct {
	code           string // of its products
	product        string
	productEN      string
	first, parties int // the numbers of its operators
}

var (
	farms     = stage{"NC", "青菜", "greens", 0, 40_000}
	markets   = stage{"PF", "蔬菜（批发）", "vegetables, wholesale", 40_000, 100}
	factories = stage{"SP", "速冻什锦菜", "frozen mixed vegetables", 41_000, 4_000}
	shops     = stage{"CP", "清炒时蔬", "stir-fried greens", 50_000, 50_000}
)

// party returns the operator that made the stage's n-th lot.
func (s stage) party(n int) traceability.PartyID { return regionOperator(s.first + n*7919%s.parties) }

// lot returns the stage's n-th lot, in the numbering of its operator.
func (s stage) lot(seed uint64, n int) traceability.LotID {
	return traceability.LotID(fmt.Sprintf("cn/%s/%s-%d/%d-%d", s.party(n).Number(), s.code, n%9, seed, n))
}

// lately is how many lots of each stage the next one draws from.
const lately = 2000

// draw returns one of the stage's lots before the n-th, a late one the more likely.
func (s stage) draw(seed uint64, random *rand.Rand, n int) traceability.LotID {
	back := min(random.IntN(lately), random.IntN(lately))
	return s.lot(seed, max(0, n-1-back))
}

// ShopLots returns how many lots shops have portioned.
func (r Region) ShopLots() int { return r.Trade / roundLots * shopLots }

// ShopLot returns a shop's lot, from 0.
func (r Region) ShopLot(n int) traceability.LotID { return shops.lot(r.Seed, n) }

// FarmLot returns a farm's lot, from 0; there are more than of shops.
func (r Region) FarmLot(n int) traceability.LotID { return farms.lot(r.Seed, n) }

// writeTrade makes the rounds.
func (r Region) writeTrade(w *regionWriter, random *rand.Rand) {
	t := trade{Region: r, w: w, random: random}
	for round := 0; round < r.Trade/roundLots && !w.stopped; round++ {
		for n := range farmLots {
			t.make(farms, round*farmLots+n, 1, traceability.EventCommission, nil)
		}
		for n := range marketLots {
			at := (round + 1) * farmLots
			t.make(markets, round*marketLots+n, 1, traceability.EventAggregate, func() traceability.LotID { return farms.draw(r.Seed, random, at) })
		}
		for n := 0; n < factoryLots; {
			together := 1 + random.IntN(factoryLots-n)
			at := (round + 1) * marketLots
			t.make(factories, round*factoryLots+n, together, traceability.EventTransform, func() traceability.LotID { return markets.draw(r.Seed, random, at) })
			n += together
		}
		for n := range shopLots {
			at := (round + 1) * factoryLots
			t.make(shops, round*shopLots+n, 1, traceability.EventTransform, func() traceability.LotID { return factories.draw(r.Seed, random, at) })
		}
	}
}

type trade struct {
	Region
	w      *regionWriter
	random *rand.Rand
}

// make registers a stage's lots and records the event that they came of; half of
// them are shipped on or sold, and every tenth is tested.
func (t *trade) make(s stage, n, together int, typ traceability.EventType, input func() traceability.LotID) {
	quantity := func(lot traceability.LotID) traceability.LotQuantity {
		return traceability.LotQuantity{Lot: lot, Quantity: traceability.Quantity{
			Value: traceability.Decimal(fmt.Sprintf("%d.5", 10+t.random.IntN(990))), Unit: "KGM"}}
	}
	party := s.party(n)
	e := traceability.Event{Ref: fmt.Sprintf("%s-%d-%d", s.code, t.Seed, n), Type: typ, Time: t.w.now(), Place: traceability.Place{Division: "310118"}}
	for i := range together {
		lot := s.lot(t.Seed, n+i)
		t.w.lot(s.party(n+i), lot, n+i, s.product, s.productEN)
		e.Outputs = append(e.Outputs, quantity(lot))
	}
	if input != nil {
		seen := make(map[traceability.LotID]bool)
		for range 2 + t.random.IntN(5) {
			if lot := input(); !seen[lot] {
				seen[lot] = true
				e.Inputs = append(e.Inputs, quantity(lot))
			}
		}
	}
	t.w.event(party, e)
	if n%2 == 0 {
		t.w.event(party, traceability.Event{Ref: e.Ref + "-x", Type: traceability.EventSell, Time: t.w.now(),
			Lots: []traceability.LotQuantity{{Lot: e.Outputs[0].Lot, Quantity: traceability.Quantity{Value: "0.5", Unit: "KGM"}}}})
	}
	if n%10 == 0 {
		t.w.report(regionLab(n), e.Outputs[0].Lot, fmt.Sprintf("%s%d%09d", s.code, t.Seed, n))
	}
}
