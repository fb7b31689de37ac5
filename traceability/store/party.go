package store

import (
	"context"
	"errors"
	"slices"

	"deltatrace/traceability"
)

// party projects a party as it stands after a transaction. The documents that
// earlier transactions brought have their rows.
func (r *rows) party(w traceability.Write, id traceability.PartyID) error {
	state, err := traceability.DecodeState[traceability.PartyState](w.Value)
	if err != nil {
		return err
	}
	for _, entry := range state.Documents {
		if entry.Tx != r.position.Tx {
			continue
		}
		_, at, err := r.document(w.Key, entry, nil)
		if err != nil {
			return err
		}
		r.add(tablePartyDocuments, string(id), int64(at))
	}
	keys, err := list(state.Keys)
	if err != nil {
		return err
	}
	remarks, err := list(state.Remarks)
	if err != nil {
		return err
	}
	a, err := lastAdmission(state.Documents)
	if err != nil {
		return err
	}
	r.add(tableParties, string(id), string(id.Kind()), string(state.Province), string(state.Status), a.Name, a.NameEN, string(a.Division), keys, remarks)
	return nil
}

// lastAdmission reads what a party is called, and where it is; a province has
// none.
func lastAdmission(documents []traceability.Entry) (a traceability.Admission, err error) {
	for _, entry := range slices.Backward(documents) {
		d, err := traceability.ParseDocument(entry.JWS)
		if err != nil {
			return a, err
		}
		if d.Type == traceability.TypePartyAdmit {
			return a, d.Decode(&a)
		}
	}
	return a, nil
}

// vote projects a province's signature under another's new key: a document
// about that party.
func (r *rows) vote(w traceability.Write) error {
	state, err := traceability.DecodeState[traceability.Vote](w.Value)
	if err != nil {
		return err
	}
	var rotation traceability.Rotation
	_, at, err := r.document(w.Key, state.Document, &rotation)
	if err != nil {
		return err
	}
	r.add(tablePartyDocuments, string(rotation.Party), int64(at))
	return nil
}

const partyColumns = "p.id, p.province, p.status, p.keys, p.remarks"

// Party implements traceability.Reader.
func (s *Store) Party(ctx context.Context, id traceability.PartyID) (traceability.PartyRecord, error) {
	parties, err := s.parties(ctx, "-- name: party\nSELECT "+partyColumns+" FROM parties p WHERE p.id = ?", []any{string(id)})
	switch {
	case err != nil:
		return traceability.PartyRecord{}, err
	case len(parties) == 0:
		return traceability.PartyRecord{}, traceability.ErrNotFound
	}
	return parties[0], nil
}

// Parties implements traceability.Reader.
func (s *Store) Parties(ctx context.Context, f traceability.PartyFilter, p traceability.Page) (traceability.List[traceability.PartyRecord], error) {
	var none traceability.List[traceability.PartyRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	if f.Kind != "" {
		w.and("p.kind = ?", string(f.Kind))
	}
	if f.Province != "" {
		w.and("p.province = ?", string(f.Province))
	}
	if p.After != "" {
		key, err := decodeCursor(p.After, "parties", 1)
		if err != nil {
			return none, err
		}
		w.and("p.id > ?", key[0])
	}
	question := "-- name: parties\nSELECT " + partyColumns + " FROM parties p" + w.String() + " ORDER BY p.id LIMIT ?"
	parties, err := s.parties(ctx, question, append(w.args, limit+1))
	return cut(parties, limit, func(p *traceability.PartyRecord) string { return encodeCursor("parties", string(p.ID)) }), err
}

// parties reads parties with their documents, of one state of the database: a
// party that is suspended just now has its suspension.
func (s *Store) parties(ctx context.Context, question string, args []any) (parties []traceability.PartyRecord, err error) {
	err = s.db.snapshot(ctx, func(db querier) error {
		if parties, err = readAll(ctx, db, question, args, (*partyRow).dest, (*partyRow).read); err != nil {
			return err
		}
		for i := range parties {
			if err := readPartyDocuments(ctx, db, &parties[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return parties, err
}

func readPartyDocuments(ctx context.Context, db querier, p *traceability.PartyRecord) error {
	const question = "-- name: party documents\nSELECT " + documentColumns + ` FROM party_documents k
		JOIN documents d ON d.position = k.document WHERE k.party = ? ORDER BY k.document`
	return db.query(ctx, question, []any{string(p.ID)}, func(scan func(...any) error) error {
		var d storedDocument
		if err := scan(d.dest()...); err != nil {
			return err
		}
		ref, err := d.read(nil)
		if err != nil {
			return err
		}
		p.Documents = append(p.Documents, ref)
		switch {
		case ref.Type == traceability.TypePartyAdmit:
			p.Admission = new(traceability.Admission)
			_, err = d.read(p.Admission)
		case ref.Type == traceability.TypePartySuspend && p.Status == traceability.PartySuspended:
			p.Suspension = new(traceability.Suspension)
			_, err = d.read(p.Suspension)
		}
		return err
	})
}

type partyRow struct{ id, province, status, keys, remarks string }

func (p *partyRow) dest() []any { return []any{&p.id, &p.province, &p.status, &p.keys, &p.remarks} }

func (p *partyRow) read() (traceability.PartyRecord, error) {
	keys, err1 := unlist[traceability.KeyPeriod](p.keys)
	remarks, err2 := unlist[traceability.Remark](p.remarks)
	return traceability.PartyRecord{
		ID: traceability.PartyID(p.id), Province: traceability.ProvinceCode(p.province), Status: traceability.PartyStatus(p.status),
		Keys: keys, Remarks: remarks,
	}, errors.Join(err1, err2)
}
