package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// recall projects a recall as it stands after a transaction.
func (r *rows) recall(w traceability.Write, id traceability.RecallID) error {
	state, err := traceability.DecodeState[traceability.RecallState](w.Value)
	if err != nil {
		return err
	}
	recall := &state.Recall
	if recall.ID != id {
		return mismatch(string(recall.ID))
	}
	for _, entry := range state.Documents {
		if entry.Tx != r.position.Tx {
			continue
		}
		if err := r.recallDocument(w.Key, entry, recall); err != nil {
			return err
		}
	}
	body, err := traceability.Canonical(recall)
	if err != nil {
		return err
	}
	public := int64(0)
	if recall.Public() {
		public = 1
	}
	opened := seconds(recall.Opened)
	r.add(tableRecalls, string(id), opened, string(recall.Phase), public, string(recall.Notice), string(body))
	for _, party := range recall.Parties() {
		r.add(tableRecallParties, string(party), opened, string(id))
	}
	return nil
}

// recallDocument adds one document of a recall, and tells those whom it concerns.
func (r *rows) recallDocument(key string, entry traceability.Entry, recall *traceability.Recall) error {
	d, at, err := r.document(key, entry, nil)
	if err != nil {
		return err
	}
	act := traceability.Act("")
	if d.Type == traceability.TypeRecallAct {
		var say traceability.RecallAct
		if err := d.Decode(&say); err != nil {
			return err
		}
		act = say.Act
	}
	r.add(tableRecallDocuments, string(recall.ID), int64(at), string(act))
	if act == traceability.ActAnnounce {
		r.changes = append(r.changes, change{at: at, announced: recall})
	}
	r.signal(at, traceability.Signal{Kind: traceability.RecallSignal(act), Subject: key, Province: recall.Province, By: d.Party(), Urgent: recall.Level == traceability.RecallI},
		traceability.RecallAudiences(recall, act)...)
	return nil
}

// Recall implements traceability.Reader.
func (s *Store) Recall(ctx context.Context, id traceability.RecallID) (record traceability.RecallRecord, err error) {
	err = s.db.snapshot(ctx, func(db querier) error {
		if err := readRecall(ctx, db, id, &record.Recall); err != nil {
			return err
		}
		history, err := recallHistory(ctx, db, id)
		for i := range history {
			e := &history[i].RecallEntry
			record.History = append(record.History, *e)
			if e.Act != nil && e.Act.Act == traceability.ActAnnounce && record.Public() {
				record.Announcement = &e.Position
			}
		}
		return err
	})
	return record, err
}

func readRecall(ctx context.Context, db querier, id traceability.RecallID, recall *traceability.Recall) error {
	const question = "-- name: recall\nSELECT r.body FROM recalls r WHERE r.id = ?"
	var body string
	if err := one(ctx, db, question, []any{string(id)}, &body); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(body), recall); err != nil {
		return fmt.Errorf("stored recall %s: %w", id, err)
	}
	return nil
}

// placedEntry is a document of a recall with its place on the ledger.
type placedEntry struct {
	traceability.RecallEntry
	at position
}

// recallHistory returns the documents of a recall; of some acts alone when they are
// named, of which that of the opening is empty.
func recallHistory(ctx context.Context, db querier, id traceability.RecallID, acts ...traceability.Act) ([]placedEntry, error) {
	var w where
	w.and("k.recall = ?", string(id))
	if len(acts) > 0 {
		named := inList(acts)
		for i := range named {
			named[i] = string(named[i].(traceability.Act))
		}
		w.and("k.act || '' IN ("+placeholders(len(named))+")", named...) // by no index of theirs
	}
	question := "-- name: recall documents\nSELECT " + documentColumns + ` FROM recall_documents k
		JOIN documents d ON d.position = k.document` + w.String() + " ORDER BY k.document"
	return readAll(ctx, db, question, w.args, (*storedDocument).dest, func(d *storedDocument) (placedEntry, error) {
		ref, err := d.read(nil)
		entry := placedEntry{traceability.RecallEntry{DocumentRef: ref}, d.position}
		switch {
		case err != nil:
		case ref.Type == traceability.TypeRecallOpen:
			entry.Open = new(traceability.RecallOpen)
			_, err = d.read(entry.Open)
		default:
			entry.Act = new(traceability.RecallAct)
			_, err = d.read(entry.Act)
		}
		return entry, err
	})
}

// Recalls implements traceability.Reader.
func (s *Store) Recalls(ctx context.Context, f traceability.RecallFilter, p traceability.Page) (traceability.List[traceability.RecallRecord], error) {
	var none traceability.List[traceability.RecallRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	from, order, after, list := "recalls r", " ORDER BY r.opened, r.id", "(r.opened, r.id) > (?, ?)", "recalls"
	switch {
	case f.Newest && f.Party != "":
		return none, traceability.Invalid("party", string(f.Party), "no party where the newest come first")
	case f.Newest:
		order, after, list = " ORDER BY r.opened DESC, r.id DESC", "(r.opened, r.id) < (?, ?)", "newest recalls"
	case f.Party != "":
		from, order, after = "recall_parties k JOIN recalls r ON r.id = k.recall", " ORDER BY k.opened, k.recall", "(k.opened, k.recall) > (?, ?)"
		w.and("k.party = ?", string(f.Party))
	}
	if f.Phase != "" {
		w.and("r.state = ?", string(f.Phase))
	}
	if f.Public {
		w.and("r.public = 1")
	}
	if f.Notice != "" {
		w.and("r.notice = ?", string(f.Notice))
	}
	if p.After != "" {
		key, err := decodeNumbers(p.After, list, 1, 2)
		if err != nil {
			return none, err
		}
		w.and(after, key...)
	}
	recalls, err := readPage(ctx, s.db, "-- name: recalls\nSELECT r.body FROM "+from+w.String()+order+" LIMIT ?", append(w.args, limit+1), &limit,
		func(body *string) []any { return []any{body} }, decodeRecall)
	return cut(recalls, limit, func(r *traceability.RecallRecord) string {
		return encodeCursor(list, number(seconds(r.Opened)), string(r.ID))
	}), err
}

func decodeRecall(body *string) (traceability.RecallRecord, error) {
	var r traceability.RecallRecord
	if err := json.Unmarshal([]byte(*body), &r.Recall); err != nil {
		return r, fmt.Errorf("stored recall: %w", err)
	}
	return r, nil
}

// RecallsOf implements traceability.Reader.
func (s *Store) RecallsOf(ctx context.Context, lot traceability.LotID) ([]traceability.LotRecall, error) {
	const question = "-- name: recalls of lot\nSELECT r.body, k.since, k.distance FROM recall_lots k JOIN recalls r ON r.id = k.recall WHERE k.lot = ?"
	type row struct {
		body     string
		since    position
		distance int
	}
	list, err := readAll(ctx, s.db, question, []any{string(lot)}, func(r *row) []any { return []any{&r.body, &r.since, &r.distance} },
		func(r *row) (traceability.LotRecall, error) {
			recall, err := decodeRecall(&r.body)
			return traceability.LotRecall{Recall: recall.Recall, Distance: r.distance, Since: r.since.block()}, err
		})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(r traceability.LotRecall) bool { return !r.Public() })
	further := len(list) - traceability.MaxLotRecalls
	if further > 0 {
		slices.SortFunc(list, func(a, b traceability.LotRecall) int { return traceability.Graver(&a.Recall, &b.Recall) })
		list = list[:traceability.MaxLotRecalls]
	}
	slices.SortFunc(list, func(a, b traceability.LotRecall) int {
		return cmp.Or(cmp.Compare(b.Since, a.Since), strings.Compare(string(a.ID), string(b.ID)))
	})
	if further > 0 {
		list[len(list)-1].Further = further
	}
	return list, nil
}

// Alerts implements traceability.Reader.
func (s *Store) Alerts(ctx context.Context, f traceability.AlertFilter, p traceability.Page) (traceability.List[traceability.Alert], error) {
	var none traceability.List[traceability.Alert]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	from, of := "alerts a", "a"
	if f.Party != "" {
		from, of = "alert_parties k JOIN alerts a ON a.document = k.document AND a.recall = k.recall", "k"
		w.and("k.party = ?", string(f.Party))
	}
	order, after := " ORDER BY "+of+".document, "+of+".recall", "("+of+".document, "+of+".recall) > (?, ?)"
	if f.Recall != "" {
		w.and(of+".recall = ?", string(f.Recall))
		order, after = " ORDER BY "+of+".document", of+".document > ?"
	}
	if p.After != "" {
		key, err := decodeNumbers(p.After, "alerts", 1, 2)
		if err != nil {
			return none, err
		}
		if f.Recall != "" {
			key = key[:1]
		}
		w.and(after, key...)
	}
	type placed struct {
		traceability.Alert
		document position
	}
	type row struct {
		body     string
		document position
	}
	alerts, err := readPage(ctx, s.db, "-- name: alerts\nSELECT a.body, a.document FROM "+from+w.String()+order+" LIMIT ?", append(w.args, limit+1), &limit,
		func(r *row) []any { return []any{&r.body, &r.document} },
		func(r *row) (placed, error) {
			found := placed{document: r.document}
			if err := json.Unmarshal([]byte(r.body), &found.Alert); err != nil {
				return found, fmt.Errorf("stored alert: %w", err)
			}
			return found, nil
		})
	page := cut(alerts, limit, func(a *placed) string {
		return encodeCursor("alerts", number(int64(a.document)), string(a.Recall))
	})
	found := traceability.List[traceability.Alert]{Next: page.Next}
	for _, a := range page.Items {
		found.Items = append(found.Items, a.Alert)
	}
	return found, err
}
