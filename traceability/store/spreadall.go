package store

import (
	"cmp"
	"context"
	"slices"

	"deltatrace/traceability"
)

// changesAtOnce is how many events spreadAll follows in one transaction.
const changesAtOnce = 5000

// spreadAll does what spread left undone while the indexes were missing: from the
// first announcement on it follows every recall through the events, as if they
// came now.
func (s *Store) spreadAll(ctx context.Context) error {
	announced, err := s.announcements(ctx)
	if err != nil || len(announced) == 0 {
		return err
	}
	err = s.db.write(ctx, func(tx transaction) error {
		for _, name := range []string{"recall_lots", "alerts", "alert_parties"} {
			if err := tx.exec(ctx, "-- name: empty "+name+"\nDELETE FROM "+name); err != nil {
				return err
			}
		}
		return tx.exec(ctx, "-- name: forget alerts\nDELETE FROM feed WHERE kind = ?", string(traceability.SignalRecalledLot))
	})
	if err != nil {
		return err
	}
	for last := announced[0].at - 1; ; {
		changes, err := s.eventsAfter(ctx, last)
		if err != nil {
			return err
		}
		more, through := len(changes) > 0, position(0) // the last of these events
		if more {
			through = changes[len(changes)-1].at
		}
		for len(announced) > 0 && (!more || announced[0].at < through) {
			changes, announced = append(changes, announced[0]), announced[1:]
		}
		if len(changes) == 0 {
			return nil
		}
		last = slices.MaxFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) }).at
		if err := s.db.write(ctx, func(tx transaction) error { return s.spread(ctx, tx, slices.Clone(changes)) }); err != nil {
			return err
		}
	}
}

// announcements returns those of all recalls, in the order of the ledger.
func (s *Store) announcements(ctx context.Context) ([]change, error) {
	const question = "-- name: announced recalls\nSELECT DISTINCT recall FROM recall_documents WHERE act = 'announce'"
	var ids []traceability.RecallID
	err := s.db.query(ctx, question, nil, func(scan func(...any) error) error {
		var id traceability.RecallID
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	var changes []change
	for _, id := range ids {
		list, err := turns(ctx, s.db, id)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			if t.binding {
				changes = append(changes, change{at: t.at, announced: &t.recall})
			}
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	return changes, nil
}

// eventsAfter returns the next events after a position, in the order of the
// ledger.
func (s *Store) eventsAfter(ctx context.Context, last position) ([]change, error) {
	const events = `-- name: events after
SELECT e.document, e.id, e.party, e.type, e.receiver, e.time, d.tx, d.time FROM events e JOIN documents d ON d.position = e.document
WHERE e.document > ? ORDER BY e.document LIMIT ?`
	var changes []change
	err := s.db.query(ctx, events, []any{int64(last), changesAtOnce}, func(scan func(...any) error) error {
		var c change
		var happened, recorded int64
		err := scan(&c.at, &c.event, &c.party, &c.typ, &c.to, &happened, &c.tx, &recorded)
		c.time, c.recorded = fromSeconds(happened), fromSeconds(recorded)
		changes = append(changes, c)
		return err
	})
	if err != nil || len(changes) == 0 {
		return nil, err
	}
	const lots = "-- name: lots of events\nSELECT document, role, lot FROM event_lots WHERE document > ? AND document <= ? ORDER BY document"
	i := 0
	err = s.db.query(ctx, lots, []any{int64(last), int64(changes[len(changes)-1].at)}, func(scan func(...any) error) error {
		var at position
		var t touched
		err := scan(&at, &t.as, &t.lot)
		for changes[i].at < at {
			i++
		}
		changes[i].lots = append(changes[i].lots, t)
		return err
	})
	return changes, err
}
