package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// credit projects an entry of a company's credit record as it stands after a
// transaction.
func (r *rows) credit(w traceability.Write, id traceability.CreditID) error {
	state, err := traceability.DecodeState[traceability.CreditState](w.Value)
	if err != nil {
		return err
	}
	c := &state.Credit
	if c.ID != id || len(c.Changes) != len(state.Documents) {
		return mismatch(string(c.ID))
	}
	for i, entry := range state.Documents {
		if entry.Tx != r.position.Tx {
			continue
		}
		d, at, err := r.document(w.Key, entry, nil)
		if err != nil {
			return err
		}
		kind := traceability.SignalCreditEnter
		if i > 0 {
			kind = traceability.CreditSignal(c.Changes[i].Act)
		}
		var audiences []traceability.Audience
		for _, party := range c.Parties() {
			audiences = append(audiences, traceability.To(party))
		}
		r.signal(at, traceability.Signal{Kind: kind, Subject: w.Key, By: d.Party()}, audiences...)
	}
	body, err := traceability.Canonical(c)
	if err != nil {
		return err
	}
	r.add(tableCredits, string(id.Company()), string(id), string(body))
	return nil
}

// Credits implements traceability.Reader.
func (s *Store) Credits(ctx context.Context, companies []traceability.USCC) (map[traceability.USCC][]traceability.Credit, error) {
	found := make(map[traceability.USCC][]traceability.Credit)
	var sought []string
	for _, company := range companies {
		sought = append(sought, string(company))
	}
	slices.Sort(sought)
	for part := range slices.Chunk(slices.Compact(sought), inListSizes[len(inListSizes)-1]) {
		args := inList(part)
		question := "-- name: credits\nSELECT c.body FROM credits c WHERE c.company IN (" +
			strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ") + ") ORDER BY c.company, c.id"
		err := s.db.query(ctx, question, args, func(scan func(...any) error) error {
			var body string
			if err := scan(&body); err != nil {
				return err
			}
			var c traceability.Credit
			if err := json.Unmarshal([]byte(body), &c); err != nil {
				return fmt.Errorf("stored credit: %w", err)
			}
			found[c.ID.Company()] = append(found[c.ID.Company()], c)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
