package recognition

import (
	"context"
	"errors"
	"fmt"

	"deltatrace/traceability"
)

// Reader is the part of a traceability.Reader that the answer is made from.
type Reader interface {
	Document(ctx context.Context, id traceability.DocumentID) (traceability.DocumentRecord, error)
	Party(ctx context.Context, id traceability.PartyID) (traceability.PartyRecord, error)
	Lot(ctx context.Context, id traceability.LotID) (traceability.LotRecord, error)
	Report(ctx context.Context, id traceability.ReportID) (traceability.ReportRecord, error)
	Notice(ctx context.Context, id traceability.NoticeID) (traceability.NoticeRecord, error)
	Reports(ctx context.Context, f traceability.ReportFilter, p traceability.Page) (traceability.List[traceability.ReportRecord], error)
	RecognitionRules(ctx context.Context, f traceability.RecognitionRuleFilter, p traceability.Page) (traceability.List[traceability.RecognitionRuleRecord], error)
	Recognitions(ctx context.Context, f traceability.RecognitionFilter, p traceability.Page) (traceability.List[traceability.RecognitionRecord], error)
}

// MaxReports is how many reports on one lot an answer reads.
const MaxReports = 1000

// asking is one question on its way to the answer.
type asking struct {
	Question
	who    traceability.Viewer
	ctx    context.Context
	from   Reader
	lot    *traceability.LotRecord // nil when it was not registered by then
	rules  []Rule
	labs   map[traceability.PartyID]laboratoryRecord
	latest map[decidedOn]*traceability.RecognitionRecord
}

type laboratoryRecord struct {
	province traceability.ProvinceCode
	history  []Step
}

type decidedOn struct {
	report    traceability.ReportID
	parameter string
}

// Ask answers a question from the read model, as far as the asker may see: a report
// that it may not see does not exist for the answer. Errors: ErrNotFound
// when the ledger knows neither the lot nor a report on it; *Error
// rule_not_in_force for a rule that is asked for and is not there; too_many for a
// lot with more than MaxReports reports.
func Ask(ctx context.Context, from Reader, q Question, who traceability.Viewer) (Answer, error) {
	a := &asking{Question: q, who: who, ctx: ctx, from: from, labs: make(map[traceability.PartyID]laboratoryRecord)}
	answer := Answer{Lot: q.Lot, Accepting: q.Accepting, On: q.On, Results: []Result{}}
	if err := errors.Join(a.readRules(), a.readLot()); err != nil {
		return answer, err
	}
	reports, err := a.readReports()
	if err != nil {
		return answer, err
	}
	if len(reports) == 0 && a.lot == nil {
		return answer, traceability.ErrNotFound
	}
	if err := a.readDecisions(); err != nil {
		return answer, err
	}
	for i := range reports {
		if _, ok := who.Report(reports[i]); !ok {
			continue
		}
		results, err := a.report(&reports[i])
		if err != nil {
			return answer, err
		}
		answer.Results = append(answer.Results, results...)
	}
	for _, r := range answer.Results {
		if r.Standing != Own && r.Standing != NotOffered {
			answer.Offered++
		}
		if r.Standing == Recognised {
			answer.Recognised++
		}
	}
	return answer, nil
}

// byThen reports whether something was on the ledger at the end of the day.
func (a *asking) byThen(ref traceability.DocumentRef) bool {
	return traceability.DateOf(ref.Position.Time) <= a.On
}

// readRules reads the province's rules. A rule counts from the day that it names,
// also when the ledger had it later; later versions never reach back.
func (a *asking) readRules() error {
	found := a.Rule == ""
	err := all(func(p traceability.Page) (string, error) {
		list, err := a.from.RecognitionRules(a.ctx, traceability.RecognitionRuleFilter{Accepting: a.Accepting}, p)
		for i := range list.Items {
			r := &list.Items[i]
			found = found || r.Rule == a.Rule && (a.Version == 0 || r.Version == a.Version)
			if a.Rule == "" || r.Rule == a.Rule {
				a.rules = append(a.rules, Rule{&r.RecognitionRule, r.Document.ID})
			}
		}
		return list.Next, err
	})
	if err == nil && !found {
		return &traceability.Error{Code: traceability.CodeRuleNotInForce, Field: "rule", Found: string(a.Rule), Expected: "a rule of the province on the ledger",
			ZH: "账本上没有该省的此条规则", EN: "the province has no such rule on the ledger"}
	}
	return err
}

func (a *asking) readLot() error {
	lot, err := a.from.Lot(a.ctx, a.Lot)
	switch {
	case errors.Is(err, traceability.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	if a.byThen(lot.Document) {
		a.lot = &lot
	}
	return nil
}

// readReports returns the reports that stood at the end of the day.
func (a *asking) readReports() ([]traceability.ReportRecord, error) {
	var standing []traceability.ReportRecord
	read := 0
	err := all(func(p traceability.Page) (string, error) {
		list, err := a.from.Reports(a.ctx, traceability.ReportFilter{Lot: a.Lot}, p)
		if err != nil {
			return "", err
		}
		if read += len(list.Items); read > MaxReports || read == MaxReports && list.Next != "" {
			return "", &traceability.Error{Code: traceability.CodeTooMany, Field: "lot", Found: string(a.Lot), Expected: fmt.Sprintf("at most %d reports", MaxReports),
				ZH: "该批次的报告过多", EN: "there are too many reports on this lot"}
		}
		for _, r := range list.Items {
			replaced, err := a.replaced(&r)
			if err != nil {
				return "", err
			}
			if a.byThen(r.Document) && (!replaced || noticed(&r)) {
				standing = append(standing, r)
			}
		}
		return list.Next, nil
	})
	return standing, err
}

// noticed reports whether a notice is about this revision and was not overturned: it
// stands, whatever the laboratory has said since.
func noticed(r *traceability.ReportRecord) bool {
	return r.Notice != nil && r.Notice.Report == r.ID && r.Notice.Outcome != traceability.Overturned
}

// replaced reports whether a later revision had come by the end of the day.
func (a *asking) replaced(r *traceability.ReportRecord) (bool, error) {
	if r.SupersededBy == "" {
		return false, nil
	}
	later, err := a.from.Report(a.ctx, r.SupersededBy)
	return err == nil && a.byThen(later.Document), err
}

// readDecisions keeps the province's last decision on each parameter.
func (a *asking) readDecisions() error {
	a.latest = make(map[decidedOn]*traceability.RecognitionRecord)
	return all(func(p traceability.Page) (string, error) {
		list, err := a.from.Recognitions(a.ctx, traceability.RecognitionFilter{Lot: a.Lot, Accepting: a.Accepting}, p)
		for i := range list.Items {
			d := &list.Items[i]
			if a.byThen(d.Document) && traceability.DateOf(d.At) <= a.On {
				a.latest[decidedOn{d.Report, traceability.Fold(d.Parameter)}] = d
			}
		}
		return list.Next, err
	})
}

func (a *asking) report(r *traceability.ReportRecord) ([]Result, error) {
	lab, err := a.laboratory(r.Lab)
	if err != nil {
		return nil, err
	}
	replaced, err := a.replaced(r)
	if err != nil {
		return nil, err
	}
	dispute, err := a.dispute(r, replaced)
	if err != nil {
		return nil, err
	}
	c := &Case{ID: r.ID, Report: &r.Report, Document: r.Document.ID, OutOfScope: r.OutOfScope, Issuing: lab.province, Laboratory: lab.history, Dispute: dispute}
	if a.lot != nil {
		c.Lot, c.LotDocument = &a.lot.Lot, a.lot.Document.ID
	}
	if replaced && a.who.Disputes(r.Lab) {
		c.SupersededBy = r.SupersededBy
	}
	results := answer(c, a.Question, a.chosen(c), func(parameter string) *traceability.RecognitionRecord {
		return a.latest[decidedOn{r.ID, traceability.Fold(parameter)}]
	})
	for i := range results {
		results[i].Findings = a.who.Findings(r.Lab, results[i].Findings)
		if decision := results[i].Decision; decision != nil {
			shown := a.who.Recognition(*decision)
			results[i].Decision = &shown
		}
	}
	return results, nil
}

// dispute returns whether a report is contested, as far as the asker may know.
func (a *asking) dispute(r *traceability.ReportRecord, replaced bool) (Dispute, error) {
	var notice *traceability.Notice
	id := traceability.NewNoticeID(r.Lab, &r.Report)
	if r.Notice != nil {
		id = r.Notice.ID
	}
	record, err := a.from.Notice(a.ctx, id)
	switch {
	case err == nil:
		notice = &record.Notice
	case !errors.Is(err, traceability.ErrNotFound):
		return DisputeUnknown, err
	}
	dispute := DisputeOf(r.ID, &r.Report, notice, a.On)
	hidden := dispute == DisputeOpen || dispute == DisputeNoticed || replaced
	if hidden && !a.who.Disputes(r.Lab) {
		return DisputeUnknown, nil
	}
	return dispute, nil
}

// chosen returns the rule that speaks, or the version that is asked for.
func (a *asking) chosen(c *Case) *Rule {
	if a.Version == 0 {
		return Speaking(a.rules, c, a.On)
	}
	for i := range a.rules {
		if r := &a.rules[i]; r.Version == a.Version && Applies(r.RecognitionRule, c) {
			return r
		}
	}
	return nil
}

// laboratory reads a laboratory's history up to the day.
func (a *asking) laboratory(id traceability.PartyID) (laboratoryRecord, error) {
	if known, ok := a.labs[id]; ok {
		return known, nil
	}
	party, err := a.from.Party(a.ctx, id)
	if err != nil {
		return laboratoryRecord{}, err
	}
	lab := laboratoryRecord{province: party.Province}
	for _, ref := range party.Documents {
		if !a.byThen(ref) || ref.Type != traceability.TypePartyAdmit && ref.Type != traceability.TypePartySuspend {
			continue
		}
		record, err := a.from.Document(a.ctx, ref.ID)
		if err != nil {
			return lab, err
		}
		document, err := traceability.ParseDocument(record.JWS)
		if err != nil {
			return lab, err
		}
		step, ok, err := StepOf(document, ref.Position.Time)
		if err != nil {
			return lab, err
		}
		if ok {
			lab.history = append(lab.history, step)
		}
	}
	a.labs[id] = lab
	return lab, nil
}

// all reads every part of a list.
func all(part func(traceability.Page) (next string, err error)) error {
	page := traceability.Page{Limit: 1000}
	for {
		next, err := part(page)
		if err != nil || next == "" {
			return err
		}
		page.After = next
	}
}
