package store

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// consultation projects a consultation as it stands after a transaction.
func (r *rows) consultation(w traceability.Write, id traceability.ConsultationID) error {
	state, err := traceability.DecodeState[traceability.ConsultationState](w.Value)
	if err != nil {
		return err
	}
	c := &state.Consultation
	if c.ID != id || len(c.Done) != len(state.Documents) {
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
		r.add(tableConsultationDocuments, string(id), int64(at))
		act := c.Done[i].Act
		told := regulators()
		if c.Publicly(act) {
			told = append(told, traceability.AudiencePublic)
		}
		r.signal(at, traceability.Signal{Kind: traceability.ConsultationSignal(act), Subject: w.Key, Province: c.Initiator, By: d.Party()}, told...)
		if i == 0 && c.Proposal != "" {
			r.sequels = append(r.sequels, answer{proposal: c.Proposal, by: id, at: at})
		}
	}
	body, err := traceability.Canonical(c)
	if err != nil {
		return err
	}
	r.add(tableConsultations, string(id), seconds(c.Opened), string(c.Phase), flag(c.Public()), string(body))
	return nil
}

// Consultation implements traceability.Reader.
func (s *Store) Consultation(ctx context.Context, id traceability.ConsultationID) (traceability.ConsultationRecord, error) {
	const question = "-- name: consultation\nSELECT c.opened, c.body FROM consultations c WHERE c.id = ?"
	var record traceability.ConsultationRecord
	err := s.db.snapshot(ctx, func(db querier) error {
		var row consultationRow
		if err := one(ctx, db, question, []any{string(id)}, row.dest()...); err != nil {
			return err
		}
		found, err := row.read()
		if err != nil {
			return err
		}
		record = found.ConsultationRecord
		record.History, err = deliberations(ctx, db, id)
		return err
	})
	return record, err
}

// deliberations reads the documents of a consultation.
func deliberations(ctx context.Context, db querier, id traceability.ConsultationID) ([]traceability.ConsultationEntry, error) {
	const question = "-- name: consultation documents\nSELECT " + documentColumns + ` FROM consultation_documents k
		JOIN documents d ON d.position = k.document WHERE k.consultation = ? ORDER BY k.document`
	return readAll(ctx, db, question, []any{string(id)}, (*storedDocument).dest, func(d *storedDocument) (traceability.ConsultationEntry, error) {
		var entry traceability.ConsultationEntry
		ref, err := d.read(nil)
		if err != nil {
			return entry, err
		}
		entry.DocumentRef = ref
		if ref.Type == traceability.TypeConsultationOpen {
			entry.Open = new(traceability.ConsultationOpen)
			_, err = d.read(entry.Open)
		} else {
			entry.Act = new(traceability.ConsultationAct)
			_, err = d.read(entry.Act)
		}
		return entry, err
	})
}

// Consultations implements traceability.Reader.
func (s *Store) Consultations(ctx context.Context, f traceability.ConsultationFilter, p traceability.Page) (traceability.List[traceability.ConsultationRecord], error) {
	var none traceability.List[traceability.ConsultationRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	if f.Phase != "" {
		w.and("c.state = ?", string(f.Phase))
	}
	if f.Public {
		w.and("c.public = 1")
	}
	if p.After != "" {
		key, err := decodeNumbers(p.After, "consultations", 1, 2)
		if err != nil {
			return none, err
		}
		w.and("(c.opened, c.id) > (?, ?)", key...)
	}
	found, err := readPage(ctx, s.db, "-- name: consultations\nSELECT c.opened, c.body FROM consultations c"+w.String()+" ORDER BY c.opened, c.id LIMIT ?",
		append(w.args, limit+1), &limit, (*consultationRow).dest, (*consultationRow).read)
	page := cut(found, limit, func(c *orderedConsultation) string {
		return encodeCursor("consultations", number(c.opened), string(c.ID))
	})
	list := traceability.List[traceability.ConsultationRecord]{Next: page.Next}
	for _, c := range page.Items {
		list.Items = append(list.Items, c.ConsultationRecord)
	}
	return list, err
}

// orderedConsultation is a consultation with the first part of its sort key.
type orderedConsultation struct {
	traceability.ConsultationRecord
	opened int64
}

type consultationRow struct {
	opened int64
	body   string
}

func (r *consultationRow) dest() []any { return []any{&r.opened, &r.body} }

func (r *consultationRow) read() (orderedConsultation, error) {
	c := orderedConsultation{opened: r.opened}
	if err := json.Unmarshal([]byte(r.body), &c.Consultation); err != nil {
		return c, fmt.Errorf("stored consultation: %w", err)
	}
	return c, nil
}

// Proposals implements traceability.Reader.
func (s *Store) Proposals(ctx context.Context, f traceability.ProposalFilter, p traceability.Page) (traceability.List[traceability.Proposal], error) {
	var none traceability.List[traceability.Proposal]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	asOf := int64(1<<63 - 1)
	if f.AsOf != nil && *f.AsOf < 1<<(63-placeBits)-1 {
		asOf = int64((*f.AsOf+1)<<placeBits) - 1
	}
	var w where
	w.and("p.raised <= ?", asOf)
	if !f.Answered {
		w.and("(p.answered = 0 OR p.answered > ?)", asOf)
	}
	if p.After != "" {
		key, err := decodeNumbers(p.After, "proposals", 1, 2)
		if err != nil {
			return none, err
		}
		w.and("(p.raised, p.id) > (?, ?)", key...)
	}
	question := "-- name: proposals\nSELECT p.id, p.rule, p.revision, p.provinces, p.samples, p.hazard, p.grp, p.answered, p.answered_by, " + documentColumns +
		" FROM proposals p JOIN documents d ON d.position = p.raised" + w.String() + " ORDER BY p.raised, p.id LIMIT ?"
	var list traceability.List[traceability.Proposal]
	err = s.db.snapshot(ctx, func(db querier) error {
		found, err := readPage(ctx, db, question, append(w.args, limit+1), &limit, (*proposalRow).dest, func(r *proposalRow) (proposalRow, error) { return *r, nil })
		if err != nil {
			return err
		}
		page := cut(found, limit, func(r *proposalRow) string {
			return encodeCursor("proposals", number(int64(r.document.position)), r.id)
		})
		list.Next = page.Next
		for _, r := range page.Items {
			proposal := r.read(asOf)
			if proposal.Failures, err = failuresOf(ctx, db, r.id, asOf); err != nil {
				return err
			}
			rule := traceability.Recurrence{Provinces: int(r.provinces), Count: int(r.samples)}
			// What has been answered was right when it was; what has not is proposed
			// as long as the failures that it rests on stand.
			if proposal.Answered != "" || rule.Enough(proposal.Failures) {
				list.Items = append(list.Items, proposal)
			}
		}
		return nil
	})
	return list, err
}

type proposalRow struct {
	id, rule, hazard, grp, answeredBy      string
	revision, provinces, samples, answered int64
	document                               storedDocument
}

func (r *proposalRow) dest() []any {
	return append([]any{&r.id, &r.rule, &r.revision, &r.provinces, &r.samples, &r.hazard, &r.grp, &r.answered, &r.answeredBy}, r.document.dest()...)
}

func (r *proposalRow) read(asOf int64) traceability.Proposal {
	p := traceability.Proposal{
		ID: traceability.ProposalID(r.id), Rule: traceability.RecurrenceID(r.rule), Revision: int(r.revision), Hazard: traceability.Hazard(r.hazard), Group: traceability.ProductGroup(r.grp),
		Raised: traceability.Position{Block: r.document.position.block(), Tx: traceability.TxID(r.document.tx), Time: fromSeconds(r.document.seconds)},
	}
	if r.answered > 0 && r.answered <= asOf {
		p.Answered = traceability.ConsultationID(r.answeredBy)
	}
	return p
}

// failuresOf reads what a proposal rests on, as it was at a place on the ledger.
func failuresOf(ctx context.Context, db querier, proposal string, asOf int64) ([]traceability.Failure, error) {
	const question = `-- name: failures of a proposal
SELECT f.report, COALESCE(n.notice, ''), f.hazard, f.grp, f.province, f.task, f.day, f.ended FROM proposal_failures k
	JOIN failures f ON f.document = k.document AND f.hazard = k.hazard
	LEFT JOIN notice_reports n ON n.series = f.series AND EXISTS (SELECT 1 FROM notice_documents m WHERE m.notice = n.notice AND m.document <= ?)
WHERE k.proposal = ? AND k.joined <= ? ORDER BY k.document`
	return readAll(ctx, db, question, []any{asOf, proposal, asOf}, (*failureRow).dest, func(r *failureRow) (traceability.Failure, error) {
		r.Ended = r.ended > 0 && r.ended <= asOf
		return r.Failure, nil
	})
}

type failureRow struct {
	traceability.Failure
	ended int64
}

func (r *failureRow) dest() []any {
	return []any{&r.Report, &r.Notice, &r.Hazard, &r.Group, &r.Province, &r.Task, &r.Day, &r.ended}
}
