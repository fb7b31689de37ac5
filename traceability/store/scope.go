package store

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"deltatrace/traceability"
)

// scopeAtOnce is how many lots of a scope are in memory with their holders.
const scopeAtOnce = 256

// RecallScope implements traceability.Reader. It goes from the recall's lots level
// by level, as a trace does, but over events up to the height only: so it gives
// the same as it gave then. What is in memory are the ids of the lots seen and one
// level's, some lots with their holders, and the holders' names.
func (s *Store) RecallScope(ctx context.Context, q traceability.ScopeQuery) iter.Seq2[traceability.ScopeLot, error] {
	return func(yield func(traceability.ScopeLot, error) bool) {
		run := &scope{db: s.db, parties: make(map[traceability.PartyID]traceability.ScopeHolder)}
		err := run.lots(ctx, q, func(l traceability.ScopeLot) error {
			if !yield(l, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(traceability.ScopeLot{}, err)
		}
	}
}

// scope is one run.
type scope struct {
	db      querier
	before  position // events from here on do not count
	parties map[traceability.PartyID]traceability.ScopeHolder
}

func (r *scope) lots(ctx context.Context, q traceability.ScopeQuery, yield func(traceability.ScopeLot) error) error {
	var recall traceability.Recall
	if err := readRecall(ctx, r.db, q.Recall, &recall); err != nil {
		return err
	}
	r.before = position((min(q.Height, 1<<(63-placeBits)-2) + 1) << placeBits)
	seen := make(map[traceability.LotID]bool)
	level := slices.Sorted(slices.Values(recall.Lots))
	for distance := 0; len(level) > 0; distance++ {
		for _, lot := range level {
			seen[lot] = true
		}
		for chunk := range slices.Chunk(level, scopeAtOnce) {
			lots, err := r.read(ctx, chunk, distance)
			if err != nil {
				return err
			}
			for _, l := range lots {
				if err := yield(l); err != nil {
					return err
				}
			}
		}
		if !recall.Downstream {
			return nil
		}
		next, err := madeOf(ctx, r.db, level, r.before)
		if err != nil {
			return err
		}
		level = slices.DeleteFunc(next, func(lot traceability.LotID) bool { return seen[lot] })
	}
	return nil
}

// read returns lots with who held them.
func (r *scope) read(ctx context.Context, ids []traceability.LotID, distance int) ([]traceability.ScopeLot, error) {
	lots := make([]traceability.ScopeLot, len(ids))
	at := make(map[traceability.LotID]*traceability.ScopeLot, len(ids))
	for i, id := range ids {
		lots[i] = traceability.ScopeLot{Distance: distance, Lot: traceability.TraceLot{ID: id}}
		at[id] = &lots[i]
	}
	args := inList(ids)
	question := "-- name: scope lots\nSELECT id, product, product_en, date, registrant, division FROM lots WHERE id IN (" + placeholders(len(args)) + ")"
	err := r.db.query(ctx, question, args, func(scan func(...any) error) error {
		var l traceability.TraceLot
		err := scan(&l.ID, &l.Product, &l.ProductEN, &l.Date, &l.Registrant, &l.Division)
		if known := at[l.ID]; known != nil {
			known.Lot = l
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	books, err := r.books(ctx, args)
	if err != nil {
		return nil, err
	}
	if err := r.name(ctx, books); err != nil {
		return nil, err
	}
	for i := range lots {
		if lots[i].Holders, err = books[lots[i].Lot.ID].holders(r.parties); err != nil {
			return nil, err
		}
	}
	return lots, nil
}

// books adds up what was done with lots. A shop's thousand sales of a lot are one
// sum, so they are never in memory together.
func (r *scope) books(ctx context.Context, args []any) (map[traceability.LotID]*book, error) {
	question := `-- name: scope movements
SELECT k.lot, k.document, k.role, k.amount, e.type, e.party, e.receiver FROM event_lots k JOIN events e ON e.document = k.document
WHERE k.lot IN (` + placeholders(len(args)) + ") AND k.document < ?"
	books := make(map[traceability.LotID]*book)
	err := r.db.query(ctx, question, append(args, int64(r.before)), func(scan func(...any) error) error {
		var lot traceability.LotID
		var at position
		var as role
		var moved amount
		var typ traceability.EventType
		var party, receiver traceability.PartyID
		if err := scan(&lot, &at, &as, &moved, &typ, &party, &receiver); err != nil {
			return err
		}
		if books[lot] == nil {
			books[lot] = &book{sums: make(map[entry]decimal.Decimal)}
		}
		books[lot].add(at, as, moved.quantity(), typ, party, receiver)
		return nil
	})
	return books, err
}

// book is what was done with one lot, by whom.
type book struct {
	first position
	unit  traceability.Unit // of the first amount
	sums  map[entry]decimal.Decimal
}

// entry is one sum in a book.
type entry struct {
	party traceability.PartyID
	what  string
	unit  traceability.Unit
}

// What may be done with a lot: the names of ScopeHolder's amounts.
const (
	made     = "made"
	sent     = "sent"
	received = "received"
	used     = "used"
	shipped  = "shipped"
	sold     = "sold"
)

func (b *book) add(at position, as role, q traceability.Quantity, typ traceability.EventType, party, receiver traceability.PartyID) {
	if q.Unit == "" { // an observation need not have an amount
		return
	}
	if b.unit == "" || at < b.first {
		b.first, b.unit = at, q.Unit
	}
	enter := func(who traceability.PartyID, what string) {
		e := entry{who, what, q.Unit}
		b.sums[e] = b.sums[e].Add(q.Value.Number())
	}
	switch {
	case as == roleIn:
		enter(party, used)
	case as == roleOut, typ == traceability.EventCommission:
		enter(party, made)
	case typ == traceability.EventShip:
		enter(party, shipped)
		enter(receiver, sent)
	case typ == traceability.EventReceive:
		enter(party, received)
	case typ == traceability.EventSell:
		enter(party, sold)
	}
}

// holders returns the sums by party, in the book's unit.
func (b *book) holders(parties map[traceability.PartyID]traceability.ScopeHolder) ([]traceability.ScopeHolder, error) {
	if b == nil {
		return nil, nil
	}
	totals := make(map[entry]decimal.Decimal)
	ids := make(map[traceability.PartyID]bool)
	for e, sum := range b.sums {
		in, err := traceability.Quantity{Value: traceability.DecimalOf(sum), Unit: e.unit}.In(b.unit)
		if err != nil {
			return nil, err
		}
		e.unit = ""
		totals[e] = totals[e].Add(in)
		ids[e.party] = true
	}
	var holders []traceability.ScopeHolder
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		h := parties[id]
		h.Party, h.Unit = id, b.unit
		for what, to := range map[string]*traceability.Decimal{made: &h.Made, sent: &h.Sent, received: &h.Received, used: &h.Used, shipped: &h.Shipped, sold: &h.Sold} {
			if sum, ok := totals[entry{party: id, what: what}]; ok {
				*to = traceability.DecimalOf(sum)
			}
		}
		holders = append(holders, h)
	}
	return holders, nil
}

// name finds out what the books' parties are called and where they are.
func (r *scope) name(ctx context.Context, books map[traceability.LotID]*book) error {
	var unknown []traceability.PartyID
	for _, b := range books {
		for e := range b.sums {
			if _, ok := r.parties[e.party]; !ok {
				r.parties[e.party] = traceability.ScopeHolder{}
				unknown = append(unknown, e.party)
			}
		}
	}
	for chunk := range slices.Chunk(unknown, inListSizes[len(inListSizes)-1]) {
		args := inList(chunk)
		question := "-- name: scope parties\nSELECT id, name, name_en, province, division FROM parties WHERE id IN (" + placeholders(len(args)) + ")"
		err := r.db.query(ctx, question, args, func(scan func(...any) error) error {
			var h traceability.ScopeHolder
			err := scan(&h.Party, &h.Name, &h.NameEN, &h.Province, &h.Division)
			r.parties[h.Party] = h
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
