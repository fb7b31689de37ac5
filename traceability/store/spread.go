package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"deltatrace/traceability"
)

// change is what may bring lots under a recall, or be done with one that is: an
// announcement or an event.
type change struct {
	at        position
	announced *traceability.Recall // nil for an event

	event    traceability.EventID
	party    traceability.PartyID
	typ      traceability.EventType
	to       traceability.PartyID // of a shipment
	time     time.Time            // of the event
	tx       traceability.TxID
	recorded time.Time
	lots     []touched
}

// touched is a lot of an event.
type touched struct {
	as  role
	lot traceability.LotID
}

// spreading follows recalls through some changes.
type spreading struct {
	store *Store
	tx    transaction
	turns map[traceability.RecallID][]turn
	// covers holds which recalls cover the lots of these changes, as far as they
	// were followed; lots of no change are not in it.
	covers map[traceability.LotID][]cover
}

// cover is a row of the table recall_lots.
type cover struct {
	recall   traceability.RecallID
	since    position
	distance int
	spreads  bool
}

// turn is when a recall became binding, and how it stood then, or was withdrawn.
type turn struct {
	at      position
	binding bool
	recall  traceability.Recall // but for its amounts, periods and documents
}

// spread keeps the tables recall_lots and alerts: an announcement fills in all
// that the recall covers, and each later event that uses a covered lot raises an
// alert and, where the recall says so, adds what was made of it. The changes are
// taken in the order of the ledger, so it does not matter how many blocks come at
// once. Their own rows are in the tables already.
func (s *Store) spread(ctx context.Context, tx transaction, changes []change) error {
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	run := &spreading{store: s, tx: tx, turns: make(map[traceability.RecallID][]turn), covers: make(map[traceability.LotID][]cover)}
	for i := range changes {
		for _, t := range changes[i].lots {
			run.covers[t.lot] = nil
		}
	}
	if err := run.look(ctx); err != nil {
		return err
	}
	for i := range changes {
		c := &changes[i]
		if c.announced != nil {
			if err := run.announce(ctx, c); err != nil {
				return err
			}
			continue
		}
		if err := run.event(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// look finds which recalls cover the lots of the changes.
func (r *spreading) look(ctx context.Context) error {
	const covered = "-- name: any recall\nSELECT lot FROM recall_lots LIMIT 1"
	var found string
	if err := one(ctx, r.tx, covered, nil, &found); err != nil {
		return ignoreAbsent(err)
	}
	lots := make([]traceability.LotID, 0, len(r.covers))
	for lot := range r.covers {
		lots = append(lots, lot)
	}
	for chunk := range slices.Chunk(lots, inListSizes[len(inListSizes)-1]) {
		args := inList(chunk)
		question := "-- name: covers\nSELECT lot, recall, since, distance, spreads FROM recall_lots WHERE lot IN (" + placeholders(len(args)) + ")"
		err := r.tx.query(ctx, question, args, func(scan func(...any) error) error {
			var lot traceability.LotID
			var c cover
			var spreads int
			err := scan(&lot, &c.recall, &c.since, &c.distance, &spreads)
			c.spreads = spreads == 1
			r.covers[lot] = append(r.covers[lot], c)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// turns returns the turns that a recall has taken, as its documents have it: the
// read model's own record is that of today.
func turns(ctx context.Context, db querier, id traceability.RecallID) ([]turn, error) {
	var recall traceability.Recall
	if err := readRecall(ctx, db, id, &recall); err != nil {
		return nil, err
	}
	history, err := recallHistory(ctx, db, id, "", traceability.ActPlan, traceability.ActAnnounce, traceability.ActWithdraw)
	if err != nil {
		return nil, err
	}
	var list []turn
	now := traceability.Recall{ID: id, Producer: recall.Producer, Province: recall.Province}
	for i := range history {
		e := &history[i]
		switch {
		case e.Open != nil:
			now.Lots, now.Downstream, now.Level, now.OrderedBy = e.Open.Lots, e.Open.Downstream, e.Open.Level, ""
			if e.Party.Kind() == traceability.KindRegulator {
				now.OrderedBy = traceability.ProvinceCode(e.Party.Number())
			}
		case e.Act.Act == traceability.ActPlan:
			now.Level = e.Act.Level
		case e.Act.Act == traceability.ActAnnounce, e.Act.Act == traceability.ActWithdraw:
			list = append(list, turn{e.at, e.Act.Act == traceability.ActAnnounce, now})
		}
	}
	return list, nil
}

// bindingAt returns how a recall stood at a position, or nil when it bound nobody.
func (r *spreading) bindingAt(ctx context.Context, id traceability.RecallID, at position) (*traceability.Recall, error) {
	list, known := r.turns[id]
	if !known {
		var err error
		if list, err = turns(ctx, r.tx, id); err != nil {
			return nil, err
		}
		r.turns[id] = list
	}
	for _, t := range slices.Backward(list) {
		if t.at < at && t.binding {
			return &t.recall, nil
		}
		if t.at < at {
			break
		}
	}
	return nil, nil
}

// announce brings lots under a recall. One that was announced before, and
// withdrawn, is followed afresh.
func (r *spreading) announce(ctx context.Context, c *change) error {
	recall := c.announced
	if err := r.tx.exec(ctx, "-- name: forget recall\nDELETE FROM recall_lots WHERE recall = ?", string(recall.ID)); err != nil {
		return err
	}
	for lot, covers := range r.covers {
		r.covers[lot] = slices.DeleteFunc(covers, func(c cover) bool { return c.recall == recall.ID })
	}
	return r.cover(ctx, recall.Lots, cover{recall: recall.ID, since: c.at, spreads: recall.Downstream})
}

// meeting is what an event has to do with a recall.
type meeting struct {
	recall *traceability.Recall
	lots   []traceability.LotID // of the event, that it covers
	grows  bool                 // and what is made of them
	as     cover                // with that
}

// event raises alerts and adds what was made of lots that are recalled.
func (r *spreading) event(ctx context.Context, c *change) error {
	meetings, err := r.meetings(ctx, c)
	if err != nil || len(meetings) == 0 {
		return err
	}
	if err := r.alert(ctx, c, meetings); err != nil {
		return err
	}
	var outputs []traceability.LotID
	for _, t := range c.lots {
		if t.as == roleOut {
			outputs = append(outputs, t.lot)
		}
	}
	for _, m := range meetings {
		if !m.grows {
			continue
		}
		if err := r.cover(ctx, outputs, m.as); err != nil {
			return err
		}
	}
	return nil
}

// meetings finds the recalls that an event meets, the gravest first.
func (r *spreading) meetings(ctx context.Context, c *change) ([]*meeting, error) {
	var found []*meeting
	by := make(map[traceability.RecallID]*meeting)
	for _, t := range c.lots {
		for _, covered := range r.covers[t.lot] {
			if covered.since >= c.at {
				continue
			}
			m := by[covered.recall]
			if m == nil {
				recall, err := r.bindingAt(ctx, covered.recall, c.at)
				if err != nil {
					return nil, err
				}
				m = &meeting{recall: recall}
				if by[covered.recall] = m; recall != nil {
					found = append(found, m)
				}
			}
			m.lots = append(m.lots, t.lot)
			further := cover{recall: covered.recall, since: c.at, distance: covered.distance + 1, spreads: true}
			if t.as == roleIn && covered.spreads && (!m.grows || further.distance < m.as.distance) {
				m.grows, m.as = true, further
			}
		}
	}
	slices.SortFunc(found, func(a, b *meeting) int { return traceability.Graver(a.recall, b.recall) })
	return found, nil
}

// cover brings lots under a recall, and what came of them until then, level by
// level; what is covered already is left as it is.
func (r *spreading) cover(ctx context.Context, lots []traceability.LotID, as cover) error {
	for ; len(lots) > 0; as.distance++ {
		fresh, err := r.fresh(ctx, lots, as.recall)
		if err != nil {
			return err
		}
		spreads := int64(0)
		if as.spreads {
			spreads = 1
		}
		var rows []any
		for _, lot := range fresh {
			rows = append(rows, string(lot), string(as.recall), int64(as.since), int64(as.distance), spreads)
			if covers, ok := r.covers[lot]; ok {
				r.covers[lot] = append(covers, as)
			}
		}
		if err := r.insert(ctx, tableRecallLots, rows); err != nil || !as.spreads {
			return err
		}
		if lots, err = madeOf(ctx, r.tx, fresh, as.since); err != nil {
			return err
		}
	}
	return nil
}

// fresh returns the lots that the recall does not cover yet, in their order.
func (r *spreading) fresh(ctx context.Context, lots []traceability.LotID, recall traceability.RecallID) ([]traceability.LotID, error) {
	covered := make(map[traceability.LotID]bool)
	for chunk := range slices.Chunk(lots, inListSizes[len(inListSizes)-1]) {
		args := inList(chunk)
		question := "-- name: covered\nSELECT lot FROM recall_lots WHERE recall = ? AND lot IN (" + placeholders(len(args)) + ")"
		err := r.tx.query(ctx, question, append([]any{string(recall)}, args...), func(scan func(...any) error) error {
			var lot traceability.LotID
			err := scan(&lot)
			covered[lot] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var fresh []traceability.LotID
	for _, lot := range lots {
		if !covered[lot] {
			covered[lot] = true
			fresh = append(fresh, lot)
		}
	}
	return fresh, nil
}

// insert writes rows of a table.
func (r *spreading) insert(ctx context.Context, table int, rows []any) error {
	insert := r.store.insert[table]
	for many := insert.most * insert.columns; len(rows) >= many && many > 0; rows = rows[many:] {
		if err := r.tx.exec(ctx, insert.many, rows[:many]...); err != nil {
			return err
		}
	}
	for row := range slices.Chunk(rows, insert.columns) {
		if err := r.tx.exec(ctx, insert.one, row...); err != nil {
			return err
		}
	}
	return nil
}

// madeOf returns the lots that came of lots by events before a position, each
// once, in the order of their ids.
func madeOf(ctx context.Context, db querier, lots []traceability.LotID, before position) ([]traceability.LotID, error) {
	events := make(map[position]bool)
	for chunk := range slices.Chunk(lots, inListSizes[len(inListSizes)-1]) {
		args := inList(chunk)
		question := "-- name: used in\nSELECT document FROM event_lots WHERE role = 'in' AND lot IN (" + placeholders(len(args)) + ") AND document < ?"
		err := db.query(ctx, question, append(args, int64(before)), func(scan func(...any) error) error {
			var event position
			err := scan(&event)
			events[event] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	documents := make([]int64, 0, len(events))
	for event := range events {
		documents = append(documents, int64(event))
	}
	slices.Sort(documents)
	made := make(map[traceability.LotID]bool)
	for chunk := range slices.Chunk(documents, inListSizes[len(inListSizes)-1]) {
		args := inList(chunk)
		question := "-- name: made in\nSELECT lot FROM event_lots WHERE document IN (" + placeholders(len(args)) + ") AND role = 'out'"
		err := db.query(ctx, question, args, func(scan func(...any) error) error {
			var lot traceability.LotID
			err := scan(&lot)
			made[lot] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	reached := make([]traceability.LotID, 0, len(made))
	for lot := range made {
		reached = append(reached, lot)
	}
	slices.Sort(reached)
	return reached, nil
}
