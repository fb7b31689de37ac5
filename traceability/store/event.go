package store

import (
	"context"
	"fmt"
	"strings"

	"deltatrace/traceability"
)

// maxEventFilterLots bounds EventFilter.Lots.
const maxEventFilterLots = 500

// event projects an event with its lots.
func (r *rows) event(w traceability.Write, id traceability.EventID) error {
	state, err := traceability.DecodeState[traceability.EventState](w.Value)
	if err != nil {
		return err
	}
	var event traceability.Event
	d, at, err := r.document(w.Key, state.Document, &event)
	if err != nil {
		return err
	}
	if is := traceability.NewEventID(d.Party(), event.Ref); is != id {
		return mismatch(string(is))
	}
	remarks, err := list(state.Remarks)
	if err != nil {
		return err
	}
	r.add(tableEvents, int64(at), string(id), string(d.Party()), seconds(event.Time), string(event.Type), string(event.To), remarks)
	in, out := roleIn, roleOut
	if len(event.Inputs) == 0 || len(event.Outputs) == 0 {
		in, out = roleAt, roleAt
	}
	c := change{at: at, tx: r.position.Tx, recorded: r.position.Time, event: id, party: d.Party(), typ: event.Type, to: event.To, time: traceability.Instant(event.Time)}
	for _, l := range []struct {
		as      role
		entries []traceability.LotQuantity
	}{{in, event.Inputs}, {out, event.Outputs}, {roleAt, event.Lots}} {
		r.lots(at, l.as, &event, id, l.entries)
		for _, entry := range l.entries {
			c.lots = append(c.lots, touched{l.as, entry.Lot})
		}
	}
	r.changes = append(r.changes, c)
	return nil
}

// role is what a lot is to an event; see the table event_lots.
type role string

const (
	roleIn  role = "in"
	roleOut role = "out"
	roleAt  role = "at"
)

// lots adds the lots of one of an event's lists.
func (r *rows) lots(at position, as role, e *traceability.Event, id traceability.EventID, entries []traceability.LotQuantity) {
	for _, entry := range entries {
		r.add(tableEventLots, int64(at), string(as), string(entry.Lot), seconds(e.Time), string(id), amountOf(entry.Quantity))
	}
}

// amount is a quantity as one text, "12.5 KGM", or empty.
type amount string

func amountOf(q traceability.Quantity) string {
	if q == (traceability.Quantity{}) {
		return ""
	}
	return string(q.Value) + " " + string(q.Unit)
}

func (a amount) quantity() traceability.Quantity {
	value, unit, _ := strings.Cut(string(a), " ")
	return traceability.Quantity{Value: traceability.Decimal(value), Unit: traceability.Unit(unit)}
}

const eventColumns = "e.id, e.remarks, " + documentColumns

// Event implements traceability.Reader.
func (s *Store) Event(ctx context.Context, id traceability.EventID) (traceability.EventRecord, error) {
	const question = "-- name: event\nSELECT " + eventColumns + " FROM events e JOIN documents d ON d.position = e.document WHERE e.id = ?"
	var row eventRow
	if err := one(ctx, s.db, question, []any{string(id)}, row.dest()...); err != nil {
		return traceability.EventRecord{}, err
	}
	return row.read()
}

// Events implements traceability.Reader.
func (s *Store) Events(ctx context.Context, f traceability.EventFilter, p traceability.Page) (traceability.List[traceability.EventRecord], error) {
	var none traceability.List[traceability.EventRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	if len(f.Lots) > maxEventFilterLots {
		return none, traceability.Invalid("lots", fmt.Sprintf("%d lots", len(f.Lots)), fmt.Sprintf("at most %d", maxEventFilterLots))
	}
	var after []any
	if p.After != "" {
		if after, err = decodeNumbers(p.After, "events", 1, 2); err != nil {
			return none, err
		}
	}
	question, args := eventsQuestion(f, after, limit+1)
	events, err := readPage(ctx, s.db, question, args, &limit, (*eventRow).dest, (*eventRow).read)
	return cut(events, limit, func(e *traceability.EventRecord) string {
		return encodeCursor("events", number(seconds(e.Time)), string(e.ID))
	}), err
}

// eventsQuestion finds a page's keys in an index before it reads the rows, so
// that no engine is tempted to walk all events in order of time.
func eventsQuestion(f traceability.EventFilter, after []any, limit int) (string, []any) {
	keys, args := partyEvents(f.Party, after, limit)
	if len(f.Lots) > 0 {
		keys, args = lotEvents(f, after, limit)
	}
	return "-- name: events\nSELECT " + eventColumns + " FROM (" + keys + ") page" +
		" JOIN events e ON e.document = page.document JOIN documents d ON d.position = e.document ORDER BY page.time, page.id", args
}

// partyEvents finds the events of a party, or of all.
func partyEvents(party traceability.PartyID, after []any, limit int) (string, []any) {
	var w where
	if party != "" {
		w.and("k.party = ?", string(party))
	}
	if after != nil {
		w.and("(k.time, k.id) > (?, ?)", after...)
	}
	return "SELECT k.time, k.id, k.document FROM events k" + w.String() + " ORDER BY k.time, k.id LIMIT ?", append(w.args, limit)
}

// lotEvents finds the events of lots, each once: a page in each role, of which
// the first are the page asked for.
func lotEvents(f traceability.EventFilter, after []any, limit int) (string, []any) {
	var parts []string
	var args []any
	for _, as := range []role{roleIn, roleOut, roleAt} {
		var w where
		lots := inList(f.Lots)
		w.and("k.lot IN ("+placeholders(len(lots))+")", lots...)
		w.and("k.role = '" + string(as) + "'")
		if f.Party != "" {
			// An event's id begins with its party and a slash; 0 comes after the slash.
			w.and("k.event > ? AND k.event < ?", string(f.Party)+"/", string(f.Party)+"0")
		}
		if after != nil {
			w.and("(k.time, k.event) > (?, ?)", after...)
		}
		parts = append(parts, "SELECT time, id, document FROM (SELECT DISTINCT k.time, k.event AS id, k.document FROM event_lots k"+w.String()+
			" ORDER BY k.time, k.event LIMIT ?) "+string(as)+"_lots")
		args = append(append(args, w.args...), limit)
	}
	return "SELECT time, id, document FROM (" + strings.Join(parts, " UNION ") + ") found ORDER BY time, id LIMIT ?", append(args, limit)
}

type eventRow struct {
	id, remarks string
	document    storedDocument
}

func (e *eventRow) dest() []any { return append([]any{&e.id, &e.remarks}, e.document.dest()...) }

func (e *eventRow) read() (traceability.EventRecord, error) {
	record := traceability.EventRecord{ID: traceability.EventID(e.id)}
	var err error
	if record.Document, err = e.document.read(&record.Event); err != nil {
		return record, err
	}
	record.Time = traceability.Instant(record.Time)
	record.Party = record.Document.Party
	record.Remarks, err = unlist[traceability.Remark](e.remarks)
	return record, err
}
