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
	d, err := r.document(w.Key, state.Document, &event)
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
	r.add(tableEvents, string(id), string(d.Party()), seconds(event.Time), string(event.Type), string(d.ID), remarks)
	for _, entries := range [][]traceability.LotQuantity{event.Inputs, event.Outputs, event.Lots} {
		for _, entry := range entries {
			r.add(tableEventLots, string(entry.Lot), seconds(event.Time), string(id))
		}
	}
	if len(event.Inputs) > 0 && len(event.Outputs) > 0 {
		for _, entry := range event.Inputs {
			r.add(tableEventInputs, string(entry.Lot), string(id), amountOf(entry.Quantity))
		}
		for _, entry := range event.Outputs {
			r.add(tableEventOutputs, string(entry.Lot), string(id), amountOf(entry.Quantity))
		}
	}
	return nil
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
	const question = "-- name: event\nSELECT " + eventColumns + " FROM events e JOIN documents d ON d.id = e.document WHERE e.id = ?"
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
	events, err := readAll(ctx, s.db, question, args, (*eventRow).dest, (*eventRow).read)
	return cut(events, limit, func(e *traceability.EventRecord) string {
		return encodeCursor("events", number(seconds(e.Time)), string(e.ID))
	}), err
}

// eventsQuestion finds a page's keys in one index before it reads the rows, so
// that no engine is tempted to walk all events in order of time.
func eventsQuestion(f traceability.EventFilter, after []any, limit int) (string, []any) {
	var w where
	keys := "SELECT k.time, k.id FROM events k"
	if len(f.Lots) > 0 {
		keys = "SELECT DISTINCT k.time, k.event AS id FROM event_lots k"
		lots := inList(f.Lots)
		w.and("k.lot IN ("+placeholders(len(lots))+")", lots...)
	}
	switch {
	case f.Party != "" && len(f.Lots) > 0:
		// An event's id begins with its party and a slash; 0 comes after the slash.
		w.and("k.event > ? AND k.event < ?", string(f.Party)+"/", string(f.Party)+"0")
	case f.Party != "":
		w.and("k.party = ?", string(f.Party))
	}
	id := "k.id"
	if len(f.Lots) > 0 {
		id = "k.event"
	}
	if after != nil {
		w.and("(k.time, "+id+") > (?, ?)", after...)
	}
	return "-- name: events\nSELECT " + eventColumns + " FROM (" + keys + w.String() + " ORDER BY k.time, " + id + " LIMIT ?) page" +
		" JOIN events e ON e.id = page.id JOIN documents d ON d.id = e.document ORDER BY page.time, page.id", append(w.args, limit)
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
