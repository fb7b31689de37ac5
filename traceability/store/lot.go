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
	for _, entry := range state.Former {
		if entry.Tx != r.position.Tx {
			continue // an earlier transaction brought its row
		}
		if _, _, err := r.document(w.Key, entry, nil); err != nil {
			return err
		}
	}
	if len(state.Former) > 0 {
		r.replacing = append(r.replacing, replacement{lot: id, by: at})
	}
	remarks, err := list(state.Remarks)
	if err != nil {
		return err
	}
	r.add(tableLots, int64(at), string(id), string(d.Party()), lot.Product, lot.ProductEN, string(lot.Date), string(lot.Origin.Division), remarks)
	return nil
}

// replacement says that the owner of the GTIN registered a lot anew.
type replacement struct {
	lot traceability.LotID
	by  position
}

const replaceStatement = `-- name: replace lot
DELETE FROM lots WHERE id = ? AND document < ?`

// oneRowPerLot does what replaceStatement left undone while the indexes were missing.
func (s *Store) oneRowPerLot(ctx context.Context) error {
	return s.db.write(ctx, func(tx transaction) error {
		return tx.exec(ctx, `-- name: replace lots
DELETE FROM lots WHERE EXISTS (SELECT 1 FROM lots l WHERE l.id = lots.id AND l.document > lots.document)`)
	})
}

// gtin projects whose a GTIN is, and the documents that said so.
func (r *rows) gtin(w traceability.Write, gtin traceability.GTIN) error {
	state, err := traceability.DecodeState[traceability.GTINState](w.Value)
	if err != nil {
		return err
	}
	assigned := "" // every write of an assigned GTIN brings an assignment
	for _, entry := range state.Documents {
		if entry.Tx != r.position.Tx {
			continue // an earlier transaction brought its row
		}
		var say traceability.GTINAssignment
		d, _, err := r.document(w.Key, entry, &say)
		if err != nil {
			return err
		}
		if say.GTIN != gtin {
			return mismatch(string(say.GTIN))
		}
		assigned = string(d.ID)
	}
	r.add(tableGTINs, "01/"+string(gtin)+"/", string(state.Owner), assigned)
	return nil
}

const (
	lotColumns = "l.remarks, COALESCE(g.owner, ''), COALESCE(g.assigned, ''), " + documentColumns
	// The first 18 characters of a GTIN lot's id are 01/<GTIN>/.
	lotTables = " FROM lots l JOIN documents d ON d.position = l.document LEFT JOIN gtins g ON g.prefix = SUBSTR(l.id, 1, 18)"
)

// Lot implements traceability.Reader.
func (s *Store) Lot(ctx context.Context, id traceability.LotID) (traceability.LotRecord, error) {
	const question = "-- name: lot\nSELECT " + lotColumns + lotTables + " WHERE l.id = ?"
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
	question := "-- name: lots\nSELECT " + lotColumns + lotTables + w.String() + " ORDER BY l.id LIMIT ?"
	lots, err := readPage(ctx, s.db, question, append(w.args, limit+1), &limit, (*lotRow).dest, (*lotRow).read)
	return cut(lots, limit, func(l *traceability.LotRecord) string { return encodeCursor("lots", string(l.ID)) }), err
}

type lotRow struct {
	remarks  string
	owner    traceability.PartyID
	assigned traceability.DocumentID
	document storedDocument
}

func (l *lotRow) dest() []any {
	return append([]any{&l.remarks, &l.owner, &l.assigned}, l.document.dest()...)
}

func (l *lotRow) read() (traceability.LotRecord, error) {
	var record traceability.LotRecord
	var err error
	if record.Document, err = l.document.read(&record.Lot); err != nil {
		return record, err
	}
	record.Registrant, record.GTINOwner, record.GTINAssigned = record.Document.Party, l.owner, l.assigned
	record.Remarks, err = unlist[traceability.Remark](l.remarks)
	return record, err
}
