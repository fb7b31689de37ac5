package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// agreement projects what provinces signed together: the revisions that this
// transaction's signatures are under.
func (r *rows) agreement(w traceability.Write) error {
	state, err := traceability.DecodeState[traceability.AgreementState](w.Value)
	if err != nil {
		return err
	}
	inForce := make(map[int]bool)
	signed := make(map[int]traceability.Agreed)
	kinds := make(map[int]traceability.DocumentType)
	for i, entry := range state.Documents {
		d, say, err := agreed(entry)
		if err != nil {
			return err
		}
		if say.Record() != w.Key {
			return mismatch(say.Record())
		}
		effect := slices.Contains(state.InForce, i)
		inForce[say.Edition()] = inForce[say.Edition()] || effect
		if entry.Tx != r.position.Tx {
			continue
		}
		_, at, err := r.document(w.Key, entry, nil)
		if err != nil {
			return err
		}
		r.add(tableAgreementDocuments, w.Key, int64(say.Edition()), int64(at), string(d.Type), flag(effect))
		signed[say.Edition()], kinds[say.Edition()] = say, d.Type
		if limit, ok := say.(*traceability.Limit); ok {
			r.limitSignal(at, limit, d.Party(), effect, inForce[say.Edition()])
		}
	}
	for _, revision := range slices.Sorted(maps.Keys(signed)) {
		say := signed[revision]
		body, err := traceability.Canonical(say)
		if err != nil {
			return err
		}
		hazard, category := "", ""
		if limit, ok := say.(*traceability.Limit); ok {
			hazard, category = string(traceability.HazardOf(limit.Parameter)), traceability.Fold(limit.Category)
		}
		r.add(tableAgreements, w.Key, int64(revision), string(kinds[revision]), hazard, category, flag(inForce[revision]), string(body))
	}
	return nil
}

// agreed reads what a document of an agreement says.
func agreed(entry traceability.Entry) (*traceability.Document, traceability.Agreed, error) {
	d, err := traceability.ParseDocument(entry.JWS)
	if err != nil {
		return nil, nil, err
	}
	say, ok := traceability.NewPayload(d.Type).(traceability.Agreed)
	if !ok {
		return nil, nil, fmt.Errorf("%s is no agreement", d.Type)
	}
	return d, say, d.Decode(say)
}

// limitSignal tells the regulators that a limit waits for their signature, and
// everybody when it comes into force.
func (r *rows) limitSignal(at position, limit *traceability.Limit, by traceability.PartyID, effect, inForce bool) {
	told := regulators()
	kind := traceability.SignalLimitPropose
	if effect {
		kind = traceability.SignalLimitForce
		told = append(told, traceability.AudiencePublic)
	} else if inForce {
		return
	}
	r.signal(at, traceability.Signal{Kind: kind, Subject: limit.Record(), By: by}, told...)
}

func regulators() []traceability.Audience {
	var all []traceability.Audience
	for _, province := range traceability.Provinces() {
		all = append(all, traceability.To(traceability.Regulator(province)))
	}
	return all
}

func flag(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

// Agreements implements traceability.Reader.
func (s *Store) Agreements(ctx context.Context, f traceability.AgreementFilter, p traceability.Page) (traceability.List[traceability.AgreementRecord], error) {
	var none traceability.List[traceability.AgreementRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	if f.Kind != "" {
		w.and("a.kind = ?", string(f.Kind))
	}
	if f.Parameter != "" {
		w.and("a.hazard = ?", string(f.Parameter))
	}
	if f.Category != "" {
		w.and("a.category = ?", f.Category)
	}
	if f.InForce {
		w.and("a.in_force = 1")
	}
	if p.After != "" {
		key, err := decodeNumbers(p.After, "agreements", 1, 2)
		if err != nil {
			return none, err
		}
		w.and("(a.record, a.revision) > (?, ?)", key[1], key[0])
	}
	var list traceability.List[traceability.AgreementRecord]
	err = s.db.snapshot(ctx, func(db querier) error {
		found, err := readPage(ctx, db, "-- name: agreements\nSELECT a.record, a.revision, a.kind, a.body FROM agreements a"+w.String()+" ORDER BY a.record, a.revision LIMIT ?",
			append(w.args, limit+1), &limit, (*agreementRow).dest, (*agreementRow).read)
		if err != nil {
			return err
		}
		list = cut(found, limit, func(a *traceability.AgreementRecord) string {
			return encodeCursor("agreements", number(int64(a.Revision)), a.Record)
		})
		return signatures(ctx, db, list.Items)
	})
	return list, err
}

type agreementRow struct {
	record, kind, body string
	revision           int64
}

func (r *agreementRow) dest() []any { return []any{&r.record, &r.revision, &r.kind, &r.body} }

func (r *agreementRow) read() (traceability.AgreementRecord, error) {
	a := traceability.AgreementRecord{Record: r.record, Type: traceability.DocumentType(r.kind), Revision: int(r.revision)}
	content, ok := traceability.NewPayload(a.Type).(traceability.Agreed)
	if !ok {
		return a, fmt.Errorf("stored agreement %s: %s is none", r.record, r.kind)
	}
	if err := json.Unmarshal([]byte(r.body), content); err != nil {
		return a, fmt.Errorf("stored agreement %s: %w", r.record, err)
	}
	a.Content, a.Needed = content, content.Signers()
	return a, nil
}

// signatures tells each agreement who has signed it.
func signatures(ctx context.Context, db querier, list []traceability.AgreementRecord) error {
	var records []string
	for i := range list {
		if !slices.Contains(records, list[i].Record) {
			records = append(records, list[i].Record)
		}
	}
	for part := range slices.Chunk(records, inListSizes[len(inListSizes)-1]) {
		args := inList(part)
		question := "-- name: signatures of agreements\nSELECT k.record, k.revision, k.effect, " + documentColumns + ` FROM agreement_documents k
			JOIN documents d ON d.position = k.document WHERE k.record IN (` + strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ") + ")"
		found, err := readAll(ctx, db, question, args, (*signatureRow).dest, (*signatureRow).read)
		if err != nil {
			return err
		}
		slices.SortFunc(found, func(x, y signature) int { return cmp.Compare(x.at, y.at) })
		for i := range list {
			a := &list[i]
			for _, s := range found {
				if s.record != a.Record || s.revision != a.Revision {
					continue
				}
				a.Signed = append(a.Signed, s.ref)
				if s.effect {
					a.InForce = s.ref.Position.Time
				}
			}
		}
	}
	return nil
}

// signature is one province's under a revision.
type signature struct {
	record   string
	revision int
	at       position
	effect   bool // it brought the revision into force
	ref      traceability.DocumentRef
}

type signatureRow struct {
	record           string
	revision, effect int64
	document         storedDocument
}

func (r *signatureRow) dest() []any {
	return append([]any{&r.record, &r.revision, &r.effect}, r.document.dest()...)
}

func (r *signatureRow) read() (signature, error) {
	ref, err := r.document.read(nil)
	return signature{r.record, int(r.revision), r.document.position, r.effect == 1, ref}, err
}
