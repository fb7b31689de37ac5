package store

import (
	"context"
	"fmt"
	"strings"

	"deltatrace/traceability"
)

// rows are what some records of one transaction come to, by table: the values
// of all columns, row after row.
type rows struct {
	position    traceability.Position
	order       int // of the transaction in its block
	writes      []traceability.Write
	values      [tableCount][]any
	superseding []supersession
	replacing   []replacement
	deciding    []redecision
	changing    []licenceVersion
	telling     []tidings
	snapshots   []snapshotKey
	counting    []noticeCount
	verifying   [][]any
	changes     []change // that may bring lots under a recall, or raise alerts
	sequels     []sequel

	ready chan struct{} // closed when the rows are made, or err says why not
	err   error
}

func (r *rows) add(table int, values ...any) { r.values[table] = append(r.values[table], values...) }

// project makes the rows of the records, by the prefixes of their keys.
func (r *rows) project(ctx context.Context) {
	defer close(r.ready)
	for _, w := range r.writes {
		if r.err = ctx.Err(); r.err != nil {
			return
		}
		if err := r.record(w); err != nil {
			r.err = fmt.Errorf("%w: block %d, %s: %w", ErrRecord, r.position.Block, w.Key, err)
			return
		}
	}
}

// record projects one record. Holdings and arrivals answer no question, and
// what this version does not know it leaves alone: a later one will replay it.
func (r *rows) record(w traceability.Write) error {
	prefix, id, _ := strings.Cut(w.Key, "/")
	switch prefix {
	case "party":
		return r.party(w, traceability.PartyID(id))
	case "lot":
		return r.lot(w, traceability.LotID(id))
	case "gtin":
		return r.gtin(w, traceability.GTIN(id))
	case "event":
		return r.event(w, traceability.EventID(id))
	case "report":
		return r.report(w, traceability.ReportID(id))
	case "rotation":
		return r.vote(w)
	case "recognition-rule":
		return r.recognitionRule(w)
	case "recognition":
		return r.recognition(w)
	case "notice":
		return r.notice(w, traceability.NoticeID(id))
	case "webhook":
		return r.webhook(w)
	case "credit":
		return r.credit(w, traceability.CreditID(id))
	case "licence":
		return r.licence(w, traceability.LicenceID(id))
	case "declaration":
		return r.declaration(w)
	case "verification":
		return r.verification(w)
	case "verified":
		return r.verified(w)
	case "listing":
		return r.listing(w)
	case "recall":
		return r.recall(w, traceability.RecallID(id))
	case "calendar", "timer", "parameters", "quorum", "recurrence", "limit":
		return r.agreement(w)
	case "consultation":
		return r.consultation(w, traceability.ConsultationID(id))
	}
	return nil
}

// document reads a record's document, its payload too unless that is nil, and
// adds its row.
func (r *rows) document(key string, entry traceability.Entry, payload any) (*traceability.Document, position, error) {
	at, err := positionOf(r.position.Block, r.order, entry.N)
	if err != nil {
		return nil, 0, err
	}
	d, err := traceability.ParseDocument(entry.JWS)
	if err != nil {
		return nil, 0, err
	}
	if payload != nil {
		if err := d.Decode(payload); err != nil {
			return nil, 0, err
		}
	}
	prefix, _ := prefixOf(d.ID)
	r.add(tableDocuments, int64(at), prefix, key, string(r.position.Tx), seconds(r.position.Time), d.JWS)
	return d, at, nil
}

// list returns a list as JSON, and nothing for an empty one.
func list[T any](values []T) (string, error) {
	if len(values) == 0 {
		return "", nil
	}
	text, err := traceability.Canonical(values)
	return string(text), err
}

// mismatch says that a record stands under the key of another.
func mismatch(found string) error { return fmt.Errorf("the document is about %s", found) }
