package store

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// documentColumns are what a question about a record reads of its document d.
const documentColumns = "d.id, d.record, d.block, d.tx, d.time, d.jws"

// storedDocument is a row of documents.
type storedDocument struct {
	id, record, tx, jws string
	block, seconds      int64
}

// dest returns where to scan documentColumns.
func (d *storedDocument) dest() []any {
	return []any{&d.id, &d.record, &d.block, &d.tx, &d.seconds, &d.jws}
}

// read returns the pointer to the document, and decodes its payload into
// payload unless that is nil.
func (d *storedDocument) read(payload any) (traceability.DocumentRef, error) {
	parsed, err := traceability.ParseDocument(d.jws)
	if err != nil {
		return traceability.DocumentRef{}, fmt.Errorf("document %s: %w", d.id, err)
	}
	if payload != nil {
		if err := parsed.Decode(payload); err != nil {
			return traceability.DocumentRef{}, fmt.Errorf("document %s: %w", d.id, err)
		}
	}
	return traceability.DocumentRef{
		ID: parsed.ID, Type: parsed.Type, Party: parsed.Party(), Key: parsed.Key, IssuedAt: parsed.IssuedAt,
		Position: traceability.Position{Block: uint64(d.block), Tx: traceability.TxID(d.tx), Time: fromSeconds(d.seconds)},
	}, nil
}

// Document implements traceability.Reader.
func (s *Store) Document(ctx context.Context, id traceability.DocumentID) (traceability.DocumentRecord, error) {
	const question = "-- name: document\nSELECT " + documentColumns + " FROM documents d WHERE d.id = ?"
	var d storedDocument
	if err := one(ctx, s.db, question, []any{string(id)}, d.dest()...); err != nil {
		return traceability.DocumentRecord{}, err
	}
	ref, err := d.read(nil)
	return traceability.DocumentRecord{DocumentRef: ref, Record: d.record, JWS: d.jws}, err
}

// unlist reads what list wrote.
func unlist[T any](text string) ([]T, error) {
	if text == "" {
		return nil, nil
	}
	var values []T
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return nil, fmt.Errorf("stored list: %w", err)
	}
	return values, nil
}

// seconds is how times are stored: what a ledger keeps has whole seconds.
func seconds(t time.Time) int64 { return traceability.Instant(t).Unix() }

func fromSeconds(s int64) time.Time { return time.Unix(s, 0).UTC() }
