package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// position orders documents as they stand on the ledger: the block, then the
// place in it. It is the key of a document's row and of those that come of it.
type position int64

// placeBits are those of the place in a block.
const placeBits = 24

// positionOf returns the position of the n-th document of a block's transaction.
func positionOf(block uint64, order, n int) (position, error) {
	if n < 0 || n >= traceability.MaxBatchDocuments {
		return 0, fmt.Errorf("document %d of a transaction", n)
	}
	place := order*traceability.MaxBatchDocuments + n
	if place >= 1<<placeBits || block >= 1<<(63-placeBits) {
		return 0, fmt.Errorf("document %d of transaction %d of block %d", n, order, block)
	}
	return position(block<<placeBits | uint64(place)), nil
}

func (p position) block() uint64 { return uint64(p) >> placeBits }

// prefixOf returns the first 64 bits of a document's id. An index of them is a
// quarter of one of the ids; the few documents that may share them are told
// apart by reading them. An id that is none has no documents.
func prefixOf(id traceability.DocumentID) (prefix int64, ok bool) {
	if len(id) < 16 {
		return 0, false
	}
	bits, err := strconv.ParseUint(string(id[:16]), 16, 64)
	return int64(bits), err == nil
}

// documentColumns are what a question about a record reads of its document d.
const documentColumns = "d.position, d.record, d.tx, d.time, d.jws"

// storedDocument is a row of documents.
type storedDocument struct {
	position        position
	record, tx, jws string
	seconds         int64
}

// dest returns where to scan documentColumns.
func (d *storedDocument) dest() []any {
	return []any{&d.position, &d.record, &d.tx, &d.seconds, &d.jws}
}

// read returns the pointer to the document, and decodes its payload into
// payload unless that is nil.
func (d *storedDocument) read(payload any) (traceability.DocumentRef, error) {
	parsed, err := traceability.ParseDocument(d.jws)
	if err != nil {
		return traceability.DocumentRef{}, fmt.Errorf("document of %s: %w", d.record, err)
	}
	if payload != nil {
		if err := parsed.Decode(payload); err != nil {
			return traceability.DocumentRef{}, fmt.Errorf("document of %s: %w", d.record, err)
		}
	}
	return traceability.DocumentRef{
		ID: parsed.ID, Type: parsed.Type, Party: parsed.Party(), Key: parsed.Key, IssuedAt: parsed.IssuedAt,
		Position: traceability.Position{Block: d.position.block(), Tx: traceability.TxID(d.tx), Time: fromSeconds(d.seconds)},
	}, nil
}

// Document implements traceability.Reader.
func (s *Store) Document(ctx context.Context, id traceability.DocumentID) (traceability.DocumentRecord, error) {
	const question = "-- name: document\nSELECT " + documentColumns + " FROM documents d WHERE d.prefix = ?"
	prefix, ok := prefixOf(id)
	if !ok {
		return traceability.DocumentRecord{}, traceability.ErrNotFound
	}
	found, err := readAll(ctx, s.db, question, []any{prefix}, (*storedDocument).dest, (*storedDocument).whole)
	if err != nil {
		return traceability.DocumentRecord{}, err
	}
	for _, d := range found {
		if d.ID == id {
			return d, nil
		}
	}
	return traceability.DocumentRecord{}, traceability.ErrNotFound
}

// whole returns all of a document.
func (d *storedDocument) whole() (traceability.DocumentRecord, error) {
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
