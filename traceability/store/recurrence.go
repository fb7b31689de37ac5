package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"deltatrace/traceability"
)

// A sequel is what follows of a record once all rows are written, at its place on
// the ledger: sequels come one after the other in its order, so that what they
// come to does not depend on how many blocks are applied at once.
type sequel interface {
	follow(ctx context.Context, tx transaction, run *recurrences) error
}

// recurrences is what the sequels of one transaction of the database share.
type recurrences struct {
	tables *[tableCount]inserts
	rules  []placedRule // in force by its end
	loaded bool
}

// placedRule is a rule of recurrence and the place on the ledger where it came into
// force.
type placedRule struct {
	rule *traceability.Recurrence
	at   position
}

func (s *Store) recur(ctx context.Context, tx transaction, parts []*rows) error {
	run := &recurrences{tables: &s.insert}
	for _, part := range parts {
		for _, next := range part.sequels {
			if err := next.follow(ctx, tx, run); err != nil {
				return err
			}
		}
	}
	return nil
}

// failures projects what a report failed by, in the place of what its revisions
// before did.
func (r *rows) failures(id traceability.ReportID, report *traceability.Report, at position) {
	if report.Revision > 1 {
		r.sequels = append(r.sequels, ending{series: id.Series(), at: at})
	}
	for _, f := range traceability.FailuresOf(id, report, r.position.Time) {
		const stands = int64(0)
		r.add(tableFailures, int64(at), string(f.Hazard), string(f.Group), string(f.Day), string(f.Province), string(f.Task), string(id), id.Series(), stands)
		r.sequels = append(r.sequels, occurrence{failure: f, at: at, seconds: seconds(r.position.Time)})
	}
}

// ending says that a report's failures before a place no longer stand.
type ending struct {
	series string
	at     position
}

func (e ending) follow(ctx context.Context, tx transaction, _ *recurrences) error {
	const statement = "-- name: end failures\nUPDATE failures SET ended = ? WHERE series = ? AND document < ? AND ended = 0"
	return tx.exec(ctx, statement, int64(e.at), e.series, int64(e.at))
}

// answer says that a consultation refers to a proposal. One that does not exist by
// then is passed over.
type answer struct {
	proposal traceability.ProposalID
	by       traceability.ConsultationID
	at       position
}

func (a answer) follow(ctx context.Context, tx transaction, _ *recurrences) error {
	const statement = "-- name: answer proposal\nUPDATE proposals SET answered = ?, answered_by = ? WHERE id = ? AND answered = 0 AND raised < ?"
	return tx.exec(ctx, statement, int64(a.at), string(a.by), string(a.proposal), int64(a.at))
}

// occurrence is a failure that rules of recurrence may count.
type occurrence struct {
	failure traceability.Failure
	at      position
	seconds int64
}

func (o occurrence) follow(ctx context.Context, tx transaction, run *recurrences) error {
	if err := run.load(ctx, tx); err != nil {
		return err
	}
	for _, rule := range run.on(o.at, o.failure.Day) {
		if !rule.Covers(o.failure) {
			continue
		}
		joined, err := o.join(ctx, tx, run, rule)
		if err == nil && !joined {
			err = o.raise(ctx, tx, run, rule)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// load reads the rules that ever came into force, once.
func (run *recurrences) load(ctx context.Context, db querier) error {
	if run.loaded {
		return nil
	}
	const question = "-- name: rules of recurrence\nSELECT " + documentColumns + ` FROM agreement_documents k
		JOIN documents d ON d.position = k.document WHERE k.kind = ? AND k.effect = 1 ORDER BY k.document`
	rules, err := readAll(ctx, db, question, []any{string(traceability.TypeRecurrenceSet)}, (*storedDocument).dest, func(d *storedDocument) (placedRule, error) {
		rule := placedRule{new(traceability.Recurrence), d.position}
		_, err := d.read(rule.rule)
		return rule, err
	})
	run.rules, run.loaded = rules, err == nil
	return err
}

// on returns the edition of each rule that counts for a failure on a day, by what
// was in force at a place on the ledger.
func (run *recurrences) on(at position, day traceability.Date) []*traceability.Recurrence {
	var ids []traceability.RecurrenceID
	editions := make(map[traceability.RecurrenceID][]*traceability.Recurrence)
	for _, r := range run.rules {
		if r.at > at {
			break
		}
		if editions[r.rule.ID] == nil {
			ids = append(ids, r.rule.ID)
		}
		editions[r.rule.ID] = append(editions[r.rule.ID], r.rule)
	}
	var counting []*traceability.Recurrence
	for _, id := range ids {
		if rule := traceability.EditionOn(editions[id], day); rule != nil {
			counting = append(counting, rule)
		}
	}
	return counting
}

// join adds the failure to a proposal that waits for an answer and has a failure
// within the window, and tells whether there is one.
func (o occurrence) join(ctx context.Context, tx transaction, run *recurrences, rule *traceability.Recurrence) (bool, error) {
	const question = `-- name: proposal to join
SELECT p.id FROM proposals p JOIN proposal_failures k ON k.proposal = p.id JOIN failures f ON f.document = k.document AND f.hazard = k.hazard
WHERE p.rule = ? AND p.hazard = ? AND p.grp = ? AND p.answered = 0 AND f.ended = 0 AND f.day > ? AND f.day < ? LIMIT 1`
	var ids []string
	err := tx.query(ctx, question, []any{string(rule.ID), string(o.failure.Hazard), string(o.failure.Group),
		string(o.failure.Day.AddDays(-rule.WindowDays)), string(o.failure.Day.AddDays(rule.WindowDays))}, func(scan func(...any) error) error {
		ids = append(ids, "")
		return scan(&ids[len(ids)-1])
	})
	if err != nil || len(ids) == 0 {
		return false, err
	}
	return true, tx.exec(ctx, run.tables[tableProposalFailures].one, ids[0], int64(o.at), string(rule.ID), string(o.failure.Hazard), int64(o.at))
}

// lookBack is how many failures of one hazard and group a rule looks at, the
// earliest of two windows' length: more than any that has not been proposed on.
const lookBack = 1000

// raise proposes a consultation when the failure and those near it that no proposal
// rests on meet the rule, and tells the regulators.
func (o occurrence) raise(ctx context.Context, tx transaction, run *recurrences, rule *traceability.Recurrence) error {
	const question = `-- name: failures near
SELECT f.document, f.report, f.province, f.task, f.day FROM failures f
WHERE f.hazard = ? AND f.grp = ? AND f.day > ? AND f.day < ? AND f.document < ? AND f.ended = 0
	AND NOT EXISTS (SELECT 1 FROM proposal_failures k WHERE k.document = f.document AND k.rule = ? AND k.hazard = f.hazard)
ORDER BY f.day, f.document LIMIT ?`
	f := o.failure
	var near []traceability.Failure
	places := map[traceability.ReportID]int64{f.Report: int64(o.at)}
	err := tx.query(ctx, question, []any{string(f.Hazard), string(f.Group), string(f.Day.AddDays(-rule.WindowDays)), string(f.Day.AddDays(rule.WindowDays)), int64(o.at), string(rule.ID), lookBack},
		func(scan func(...any) error) error {
			var place int64
			n := traceability.Failure{Hazard: f.Hazard, Group: f.Group}
			if err := scan(&place, &n.Report, &n.Province, &n.Task, &n.Day); err != nil {
				return err
			}
			near, places[n.Report] = append(near, n), place
			return nil
		})
	if err != nil {
		return err
	}
	met := rule.Met(f, near)
	if len(met) == 0 {
		return nil
	}
	id := proposalID(rule.ID, f, o.at)
	const open, nobody = int64(0), ""
	if err := tx.exec(ctx, run.tables[tableProposals].one, id, int64(o.at), string(rule.ID), int64(rule.Revision), int64(rule.Provinces), int64(rule.Count),
		string(f.Hazard), string(f.Group), open, nobody); err != nil {
		return err
	}
	for _, m := range met {
		if err := tx.exec(ctx, run.tables[tableProposalFailures].one, id, places[m.Report], string(rule.ID), string(f.Hazard), int64(o.at)); err != nil {
			return err
		}
	}
	for _, audience := range regulators() {
		if err := tx.exec(ctx, run.tables[tableFeed].one, string(audience), int64(o.at), string(traceability.SignalProposal), "proposal/"+id, o.seconds, string(f.Province), "", int64(0)); err != nil {
			return err
		}
	}
	return nil
}

// proposalID names the proposal that a failure raised by a rule.
func proposalID(rule traceability.RecurrenceID, f traceability.Failure, at position) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(rule), string(f.Hazard), string(f.Group), string(f.Report), fmt.Sprint(int64(at))}, "\n")))
	return hex.EncodeToString(sum[:16])
}
