package store

import (
	"context"

	"deltatrace/traceability"
)

// webhook projects where a party wants its signals sent.
func (r *rows) webhook(w traceability.Write) error {
	state, err := traceability.DecodeState[traceability.WebhookState](w.Value)
	if err != nil {
		return err
	}
	for _, entry := range state.Documents {
		var webhook traceability.Webhook
		d, at, err := r.document(w.Key, entry, &webhook)
		if err != nil {
			return err
		}
		if is := traceability.WebhookKey(d.Party(), webhook.Ref); is != w.Key {
			return mismatch(is)
		}
		active := int64(0)
		if webhook.Active {
			active = 1
		}
		r.add(tableWebhooks, string(d.Party()), string(webhook.Ref), active, int64(at)) // the last stays
	}
	return nil
}

const webhookQuestion = "-- name: webhooks\nSELECT p.province, " + documentColumns +
	" FROM webhooks k JOIN parties p ON p.id = k.party JOIN documents d ON d.position = k.document"

// Webhook implements traceability.Reader.
func (s *Store) Webhook(ctx context.Context, party traceability.PartyID, ref traceability.WebhookRef) (traceability.WebhookRecord, error) {
	var row webhookRow
	if err := one(ctx, s.db, webhookQuestion+" WHERE k.party = ? AND k.ref = ?", []any{string(party), string(ref)}, row.dest()...); err != nil {
		return traceability.WebhookRecord{}, err
	}
	return row.read()
}

// Webhooks implements traceability.Reader.
func (s *Store) Webhooks(ctx context.Context, f traceability.WebhookFilter, p traceability.Page) (traceability.List[traceability.WebhookRecord], error) {
	var none traceability.List[traceability.WebhookRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	if f.Active {
		w.and("k.active = 1")
	}
	if f.Party != "" {
		w.and("k.party = ?", string(f.Party))
	}
	if p.After != "" {
		key, err := decodeCursor(p.After, "webhooks", 2)
		if err != nil {
			return none, err
		}
		w.and("(k.party, k.ref) > (?, ?)", key[0], key[1])
	}
	webhooks, err := readPage(ctx, s.db, webhookQuestion+w.String()+" ORDER BY k.party, k.ref LIMIT ?", append(w.args, limit+1), &limit, (*webhookRow).dest, (*webhookRow).read)
	return cut(webhooks, limit, func(r *traceability.WebhookRecord) string {
		return encodeCursor("webhooks", string(r.Party), string(r.Ref))
	}), err
}

type webhookRow struct {
	province string
	document storedDocument
}

func (r *webhookRow) dest() []any { return append([]any{&r.province}, r.document.dest()...) }

func (r *webhookRow) read() (traceability.WebhookRecord, error) {
	record := traceability.WebhookRecord{Province: traceability.ProvinceCode(r.province)}
	var err error
	record.Document, err = r.document.read(&record.Webhook)
	record.Party = record.Document.Party
	return record, err
}
