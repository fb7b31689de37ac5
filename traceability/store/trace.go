package store

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"deltatrace/traceability"
)

// Limits of a trace.
const (
	defaultDepth = 50
	maxDepth     = 1000
	defaultLots  = 1000
	maxLots      = 1_000_000
	// namesPerLot is how many times the events of a trace may name lots for each lot
	// that it may have: thousands of events may be about the same few.
	namesPerLot = 20
	// maxLevel is how many parts of a level's lots in events are in memory.
	maxLevel = 1_000_000
)

// eventsAtOnce is how many events' lots are in memory together: an event has at
// most 500 on a side.
const eventsAtOnce = 64

// errEnough says that the caller wants no more steps.
var errEnough = errors.New("enough")

// Trace implements traceability.Reader. It goes breadth first: one level is one
// event further away. Two questions find a level: in which events the lots of
// the level before took part, and which lots stand on the events' other side.
// What is in memory is the set of lots and events seen and one level's parts in
// events; steps are handed out as they are found, and no connection is held
// meanwhile. Each lot of an event is named once, so a trace is never longer than
// what was recorded. Lots and events are only ever added, so a trace that runs
// beside the projector sees at least what there was at its start.
func (s *Store) Trace(ctx context.Context, q traceability.TraceQuery) iter.Seq2[traceability.TraceStep, error] {
	return func(yield func(traceability.TraceStep, error) bool) {
		if err := checkTrace(&q); err != nil {
			yield(traceability.TraceStep{}, err)
			return
		}
		t := trace{db: s.db, query: q, seen: make(map[traceability.LotID]bool), told: make(map[traceability.EventID]occasion)}
		t.yield = func(step traceability.TraceStep) error {
			if !yield(step, nil) {
				return errEnough
			}
			return nil
		}
		if err := t.run(ctx); err != nil && !errors.Is(err, errEnough) {
			yield(traceability.TraceStep{}, err)
		}
	}
}

// checkTrace checks the bounds and fills in the defaults.
func checkTrace(q *traceability.TraceQuery) error {
	if q.Direction != traceability.Up && q.Direction != traceability.Down {
		return traceability.Invalid("direction", string(q.Direction), "up or down")
	}
	if q.Depth == 0 {
		q.Depth = defaultDepth
	}
	if q.Depth < 1 || q.Depth > maxDepth {
		return traceability.Invalid("depth", strconv.Itoa(q.Depth), "1 to 1000")
	}
	if q.Limit == 0 {
		q.Limit = defaultLots
	}
	if q.Limit < 1 || q.Limit > maxLots {
		return traceability.Invalid("limit", strconv.Itoa(q.Limit), "1 to 1000000")
	}
	return nil
}

// The questions of a trace. The first finds the events of lots on the near side,
// the second the lots of events on the far side. A lot is told of even if its
// registration is missing.
const (
	nearQuestion = "SELECT n.event, n.document, n.lot, n.amount FROM event_lots n WHERE n.role = '%role' AND n.lot IN (%values)"
	farQuestion  = `SELECT f.event, f.lot, f.amount, e.type, f.time,
		COALESCE(l.product, ''), COALESCE(l.product_en, ''), COALESCE(l.date, ''), COALESCE(l.registrant, ''), COALESCE(l.division, '')
		FROM event_lots f JOIN events e ON e.document = f.document LEFT JOIN lots l ON l.id = f.lot WHERE f.document IN (%values) AND f.role = '%role'`
)

// bothQuestion is the two in one, for the events of one lot: a chain takes half as
// many questions. For more lots it would repeat an event's far side for each.
const bothQuestion = `SELECT n.event, n.lot, n.amount, f.lot, f.amount, e.type, f.time,
	COALESCE(l.product, ''), COALESCE(l.product_en, ''), COALESCE(l.date, ''), COALESCE(l.registrant, ''), COALESCE(l.division, '')
	FROM event_lots n JOIN event_lots f ON f.document = n.document JOIN events e ON e.document = f.document LEFT JOIN lots l ON l.id = f.lot
	WHERE n.role = '%near' AND n.lot = ? AND f.role = '%far' LIMIT ?`

// bothAtOnce is how many rows of it are in memory together. A lot that has more
// is asked for in two steps, which divide what they hold by events.
const bothAtOnce = 1000

// traceQuestion fills in a question's role and the number of its values.
func traceQuestion(name, question string, as role, values int) string {
	return "-- name: " + name + " " + string(as) + "\n" +
		strings.NewReplacer("%role", string(as), "%values", placeholders(values)).Replace(question)
}

// roles returns what lots are to the events of a step: those that it leaves, and
// those that it reaches.
func roles(d traceability.Direction) (near, far role) {
	if d == traceability.Up {
		return roleOut, roleIn
	}
	return roleIn, roleOut
}

// trace is one run.
type trace struct {
	db    querier
	query traceability.TraceQuery
	yield func(traceability.TraceStep) error
	seen  map[traceability.LotID]bool
	told  map[traceability.EventID]occasion
	names int // of lots in events, so far
}

// occasion is what was told of an event when it was first reached.
type occasion struct {
	typ  traceability.EventType
	time int64
}

// cut ends the trace by saying which bound did.
func (t *trace) cut(depth int, by traceability.TraceCut) error {
	return errors.Join(t.yield(traceability.TraceStep{Depth: depth, Cut: by}), errEnough)
}

// side is one lot's part in an event.
type side struct {
	event    traceability.EventID
	document position // of the event, on the near side
	lot      traceability.LotID
	amount   amount
	far      *farSide // nil on the near side
}

// farSide is what is told of a lot that was reached, and of the way to it.
type farSide struct {
	lot traceability.TraceLot
	occasion
}

// run yields the levels one after the other.
func (t *trace) run(ctx context.Context) error {
	start, err := readTraceLot(ctx, t.db, t.query.Lot)
	if err != nil {
		return err
	}
	t.seen[start.ID] = true
	if err := t.yield(traceability.TraceStep{Lot: start}); err != nil {
		return err
	}
	level := []traceability.LotID{start.ID}
	for depth := 0; len(level) > 0; depth++ {
		if len(level) == 1 && depth < t.query.Depth {
			near, far, all, err := t.both(ctx, level[0])
			if err != nil {
				return err
			}
			if all {
				if level, err = t.events(depth+1, near, far); err != nil {
					return err
				}
				continue
			}
		}
		near, err := t.near(ctx, level, depth == t.query.Depth)
		if err != nil {
			return err
		}
		if depth == t.query.Depth {
			if len(near) > 0 {
				return t.cut(depth, traceability.CutDepth)
			}
			return nil
		}
		if len(near) > maxLevel {
			return t.cut(depth+1, traceability.CutLinks)
		}
		if level, err = t.level(ctx, depth+1, near); err != nil {
			return err
		}
	}
	return nil
}

// near finds the events of lots, in the order of event and lot. With anyone
// it stops at the first that it finds, and in any case when there are too many.
func (t *trace) near(ctx context.Context, lots []traceability.LotID, anyone bool) ([]side, error) {
	var found []side
	from, _ := roles(t.query.Direction)
	for chunk := range slices.Chunk(lots, inListSizes[len(inListSizes)-1]) {
		args := inList(chunk)
		question := traceQuestion("trace near", nearQuestion, from, len(args))
		err := t.db.query(ctx, question, args, func(scan func(...any) error) error {
			var s side
			err := scan(&s.event, &s.document, &s.lot, &s.amount)
			if found = append(found, s); err == nil && (anyone || len(found) > maxLevel) {
				err = errEnough
			}
			return err
		})
		if errors.Is(err, errEnough) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(found, compareSides)
	return found, nil
}

// far finds the other side of events, in the order of event and lot.
func (t *trace) far(ctx context.Context, events []position) ([]side, error) {
	args := inList(events)
	var found []side
	_, to := roles(t.query.Direction)
	err := t.db.query(ctx, traceQuestion("trace far", farQuestion, to, len(args)), args, func(scan func(...any) error) error {
		s := side{far: new(farSide)}
		err := scan(append([]any{&s.event}, s.dest()...)...)
		s.lot = s.far.lot.ID
		found = append(found, s)
		return err
	})
	slices.SortFunc(found, compareSides)
	return found, err
}

// both finds the near and the far side of the events of one lot, in the order of
// event and lot, unless there are too many.
func (t *trace) both(ctx context.Context, lot traceability.LotID) (near, far []side, all bool, err error) {
	from, to := roles(t.query.Direction)
	question := "-- name: trace both " + string(from) + "\n" + strings.NewReplacer("%near", string(from), "%far", string(to)).Replace(bothQuestion)
	err = t.db.query(ctx, question, []any{string(lot), bothAtOnce + 1}, func(scan func(...any) error) error {
		n, there := side{}, side{far: new(farSide)}
		err := scan(append([]any{&n.event, &n.lot, &n.amount}, there.dest()...)...)
		there.event, there.lot = n.event, there.far.lot.ID
		near, far = append(near, n), append(far, there)
		return err
	})
	slices.SortFunc(near, compareSides)
	slices.SortFunc(far, compareSides)
	return slices.Compact(near), far, len(far) <= bothAtOnce, err
}

// dest returns where to scan what is told of a far side.
func (s *side) dest() []any {
	f := s.far
	return []any{&f.lot.ID, &s.amount, &f.typ, &f.time, &f.lot.Product, &f.lot.ProductEN, &f.lot.Date, &f.lot.Registrant, &f.lot.Division}
}

// compareSides orders by bytes, as no database's collation may differ in.
func compareSides(a, b side) int {
	if c := strings.Compare(string(a.event), string(b.event)); c != 0 {
		return c
	}
	return strings.Compare(string(a.lot), string(b.lot))
}

// level yields what one level reaches and returns the lots that are new.
func (t *trace) level(ctx context.Context, depth int, near []side) ([]traceability.LotID, error) {
	var reached []traceability.LotID
	for len(near) > 0 {
		var documents []position
		n := 0
		for ; n < len(near); n++ {
			if _, again := t.told[near[n].event]; again || n > 0 && near[n].event == near[n-1].event {
				continue
			}
			if len(documents) == eventsAtOnce {
				break
			}
			documents = append(documents, near[n].document)
		}
		var far []side
		if len(documents) > 0 {
			var err error
			if far, err = t.far(ctx, documents); err != nil {
				return nil, err
			}
		}
		lots, err := t.events(depth, near[:n], far)
		if err != nil {
			return nil, err
		}
		reached, near = append(reached, lots...), near[n:]
	}
	return reached, nil
}

// events yields what events reach, given both their sides, and returns the lots
// that are new.
func (t *trace) events(depth int, near, far []side) ([]traceability.LotID, error) {
	var reached []traceability.LotID
	for len(near) > 0 {
		var here, there []side
		event := near[0].event
		here, near = partOf(near, event)
		there, far = partOf(far, event)
		lots, err := t.event(depth, here, there)
		if err != nil {
			return nil, err
		}
		reached = append(reached, lots...)
	}
	return reached, nil
}

// partOf parts the sides of an event, which come first, from the rest.
func partOf(sides []side, event traceability.EventID) (part, rest []side) {
	n := 0
	for n < len(sides) && sides[n].event == event {
		n++
	}
	return sides[:n], sides[n:]
}

// event yields what is new of one event, after the lots that it reaches, and returns
// those of them that are new. One that comes again has nothing on its far side that
// was not told.
func (t *trace) event(depth int, near, far []side) ([]traceability.LotID, error) {
	id := near[0].event
	known, again := t.told[id]
	if again {
		far = nil
	} else if len(far) > 0 {
		known = far[0].far.occasion
	}
	if t.names += len(near) + len(far); t.names > namesPerLot*t.query.Limit {
		return nil, t.cut(depth, traceability.CutLinks)
	}
	var reached []traceability.LotID
	full := false
	for i := range far {
		lot := &far[i].far.lot
		if t.seen[lot.ID] {
			continue
		}
		if full = len(t.seen) == t.query.Limit; full {
			far = far[:i]
			break
		}
		t.seen[lot.ID] = true
		reached = append(reached, lot.ID)
		if err := t.yield(traceability.TraceStep{Depth: depth, Lot: lot}); err != nil {
			return nil, err
		}
	}
	if again || len(far) > 0 {
		t.told[id] = known
		event := traceability.TraceEvent{ID: id, Type: known.typ, Time: fromSeconds(known.time), From: entries(near), To: entries(far)}
		if t.query.Direction == traceability.Up {
			event.From, event.To = event.To, event.From
		}
		if err := t.yield(traceability.TraceStep{Depth: depth, Event: &event}); err != nil {
			return nil, err
		}
	}
	if full {
		return nil, t.cut(depth, traceability.CutLimit)
	}
	return reached, nil
}

// entries names the lots of a side with their amounts.
func entries(sides []side) []traceability.LotQuantity {
	if len(sides) == 0 {
		return nil
	}
	list := make([]traceability.LotQuantity, len(sides))
	for i := range sides {
		list[i] = traceability.LotQuantity{Lot: sides[i].lot, Quantity: sides[i].amount.quantity()}
	}
	return list
}

// readTraceLot returns what a trace tells of a lot.
func readTraceLot(ctx context.Context, db querier, id traceability.LotID) (*traceability.TraceLot, error) {
	const question = "-- name: trace lot\nSELECT product, product_en, date, registrant, division FROM lots WHERE id = ?"
	lot := traceability.TraceLot{ID: id}
	if err := one(ctx, db, question, []any{string(id)}, &lot.Product, &lot.ProductEN, &lot.Date, &lot.Registrant, &lot.Division); err != nil {
		return nil, err
	}
	return &lot, nil
}
