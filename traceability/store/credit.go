package store

import (
	"context"
	"fmt"
	"slices"

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
		if c.Bars() && traceability.CreditTold(c.Changes[i].Act) {
			r.telling = append(r.telling, creditNews{at: at, kind: kind, entry: id, by: d.Party(), time: seconds(r.position.Time)})
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
	if c.Bars() {
		r.add(tablePlatformBars, string(id.Company()), string(id))
	}
	return nil
}

// creditNews is a document about an entry that bars a company from platforms, for
// those that list a shop which shows a licence of the company's.
type creditNews struct {
	at    position
	kind  traceability.SignalKind
	entry traceability.CreditID
	by    traceability.PartyID
	time  int64
}

func (n creditNews) statement() string { return tellOfCompany }

func (n creditNews) args() []any {
	return []any{int64(n.at), string(n.kind), traceability.CreditKey(n.entry), n.time, "", string(n.by), string(n.entry.Company())}
}

// Credits implements traceability.Reader.
func (s *Store) Credits(ctx context.Context, companies []traceability.USCC) (map[traceability.USCC][]traceability.Credit, error) {
	return s.credits(ctx, "-- name: credits\nSELECT c.body FROM credits c WHERE c.company IN (%s) ORDER BY c.company, c.id", companies)
}

// PlatformBars implements traceability.Reader. The bars have a table of their own:
// what it has not is found out in an index that stays in memory.
func (s *Store) PlatformBars(ctx context.Context, companies []traceability.USCC) (map[traceability.USCC][]traceability.Credit, error) {
	return s.credits(ctx, `-- name: platform bars
SELECT c.body FROM platform_bars b JOIN credits c ON c.company = b.company AND c.id = b.entry
WHERE b.company IN (%s) ORDER BY b.company, b.entry`, companies)
}

// credits asks for entries of companies' credit records, hundreds of companies at
// once.
func (s *Store) credits(ctx context.Context, question string, companies []traceability.USCC) (map[traceability.USCC][]traceability.Credit, error) {
	found := make(map[traceability.USCC][]traceability.Credit)
	sought := texts(companies)
	slices.Sort(sought)
	for part := range slices.Chunk(slices.Compact(sought), inListSizes[len(inListSizes)-1]) {
		args := inList(part)
		err := s.db.query(ctx, fmt.Sprintf(question, placeholders(len(args))), args, func(scan func(...any) error) error {
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
