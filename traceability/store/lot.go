package store

import (
	"context"

	"deltatrace/traceability"
)

// lot projects a registration.
func (r *rows) lot(w traceability.Write, id traceability.LotID) error {
	state, err := traceability.DecodeState[traceability.LotState](w.Value)
	if err != nil {
		return err
	}
	var lot traceability.Lot
	d, at, err := r.document(w.Key, state.Document, &lot)
	if err != nil {
		return err
	}
	if lot.ID != id {
		return mismatch(string(lot.ID))
	}
	remarks, err := list(state.Remarks)
	if err != nil {
		return err
	}
	r.add(tableLots, int64(at), string(id), string(d.Party()), lot.Product, lot.ProductEN, string(lot.Date), string(lot.Origin.Division), remarks)
	return nil
}

const lotColumns = "l.remarks, " + documentColumns

// Lot implements traceability.Reader.
func (s *Store) Lot(ctx context.Context, id traceability.LotID) (traceability.LotRecord, error) {
	const question = "-- name: lot\nSELECT " + lotColumns + " FROM lots l JOIN documents d ON d.position = l.document WHERE l.id = ?"
	var row lotRow
	if err := one(ctx, s.db, question, []any{string(id)}, row.dest()...); err != nil {
		return traceability.LotRecord{}, err
	}
	return row.read()
}

// Lots implements traceability.Reader.
func (s *Store) Lots(ctx context.Context, f traceability.LotFilter, p traceability.Page) (traceability.List[traceability.LotRecord], error) {
	var none traceability.List[traceability.LotRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	if f.Registrant != "" {
		w.and("l.registrant = ?", string(f.Registrant))
	}
	if p.After != "" {
		key, err := decodeCursor(p.After, "lots", 1)
		if err != nil {
			return none, err
		}
		w.and("l.id > ?", key[0])
	}
	question := "-- name: lots\nSELECT " + lotColumns + " FROM lots l JOIN documents d ON d.position = l.document" + w.String() + " ORDER BY l.id LIMIT ?"
	lots, err := readPage(ctx, s.db, question, append(w.args, limit+1), &limit, (*lotRow).dest, (*lotRow).read)
	return cut(lots, limit, func(l *traceability.LotRecord) string { return encodeCursor("lots", string(l.ID)) }), err
}

type lotRow struct {
	remarks  string
	document storedDocument
}

func (l *lotRow) dest() []any { return append([]any{&l.remarks}, l.document.dest()...) }

func (l *lotRow) read() (traceability.LotRecord, error) {
	var record traceability.LotRecord
	var err error
	if record.Document, err = l.document.read(&record.Lot); err != nil {
		return record, err
	}
	record.Registrant = record.Document.Party
	record.Remarks, err = unlist[traceability.Remark](l.remarks)
	return record, err
}
