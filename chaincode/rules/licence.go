package rules

import (
	"slices"
	"strings"

	"deltatrace/traceability"
)

// issuer refuses a signer that is not the regulator of the province whose number
// the licence has. A number keeps the county of the day of issue, abolished or not.
func (s *statement) issuer(id traceability.LicenceID) *traceability.Error {
	if problem := s.role(traceability.KindRegulator); problem != nil {
		return problem
	}
	if province := id.Province(); province != s.author.Province {
		return refuse(traceability.CodeNotAllowed, "kid", string(s.signer), "the regulator of the province in the number: "+string(id.Division()),
			"许可证由编号所示省份的监管部门登记", "a licence is registered by the regulator of the province in its number")
	}
	return nil
}

func (s *statement) licenceDocuments(id traceability.LicenceID) (string, []traceability.Entry) {
	key := traceability.LicenceKey(id)
	if state := get[traceability.LicenceState](s.view, key); state != nil {
		return key, state.Documents
	}
	return "", nil
}

// grantLicence puts a licence into the register, once.
func (s *statement) grantLicence(say *traceability.Licence) *traceability.Error {
	if problem := s.issuer(say.ID); problem != nil {
		return problem
	}
	key := traceability.LicenceKey(say.ID)
	if state := get[traceability.LicenceState](s.view, key); state != nil {
		first := s.read(state.Documents[0])
		if first == nil {
			return nil // the view has failed
		}
		return s.conflict(key, first.ID, "licence",
			"该许可证已登记为不同内容；变更、延续或更正请提交 licence.change",
			"the licence is in the register with other content; alter, renew or correct it by licence.change")
	}
	put(s.view, key, &traceability.LicenceState{
		Documents: []traceability.Entry{s.entry},
		Periods:   []traceability.LicencePeriod{{From: say.ValidFrom}},
		Remarks:   s.remarks(),
	})
	s.outcome.Record = key
	return nil
}

// changeLicence adds a change to a licence's history, at the day of its effect. A
// revoked or cancelled licence takes corrections only.
func (s *statement) changeLicence(say *traceability.LicenceChange) *traceability.Error {
	if problem := s.issuer(say.ID); problem != nil {
		return problem
	}
	key := traceability.LicenceKey(say.ID)
	state := get[traceability.LicenceState](s.view, key)
	if state == nil {
		return refuse(traceability.CodeUnknownLicence, "licence", string(say.ID), "a licence in the register",
			"登记库中没有此许可证，请先提交 licence.grant", "the licence is not in the register; grant it first (licence.grant)")
	}
	history := s.licenceHistory(state)
	if history == nil {
		return nil // the view has failed
	}
	if problem := history.admits(state.Periods, say); problem != nil {
		return problem
	}
	history = append(history, newLicenceStep(s.document.ID, len(history), say))
	state.Documents = append(state.Documents, s.entry)
	state.Periods = history.periods()
	state.Remarks = s.remarks()
	put(s.view, key, state)
	s.outcome.Record = key
	return nil
}

// licenceStep is what one document did to a licence. The first is the grant.
type licenceStep struct {
	document traceability.DocumentID
	place    int // in the record
	from     traceability.Date
	change   traceability.LicenceChangeKind // empty for the grant
	rewrites bool                           // it brought new content
	annuls   traceability.DocumentID
}

// licenceSteps are a licence's documents in the order of the ledger.
type licenceSteps []licenceStep

func newLicenceStep(id traceability.DocumentID, place int, say *traceability.LicenceChange) licenceStep {
	return licenceStep{id, place, say.From, say.Change, say.Content != nil, say.Annuls}
}

// licenceHistory reads the documents of a licence; nil when the view has failed.
func (v *view) licenceHistory(state *traceability.LicenceState) licenceSteps {
	var steps licenceSteps
	for i, entry := range state.Documents {
		document := v.read(entry)
		if document == nil {
			return nil
		}
		if document.Type == traceability.TypeLicenceGrant {
			grant := decode[traceability.Licence](v, document)
			if grant == nil {
				return nil
			}
			steps = append(steps, licenceStep{document: document.ID, place: i, from: grant.ValidFrom, rewrites: true})
			continue
		}
		change := decode[traceability.LicenceChange](v, document)
		if change == nil {
			return nil
		}
		steps = append(steps, newLicenceStep(document.ID, i, change))
	}
	return steps
}

// admits refuses a change that cannot be made where the licence stands on its day.
func (steps licenceSteps) admits(periods []traceability.LicencePeriod, say *traceability.LicenceChange) *traceability.Error {
	halt := periods[traceability.PeriodOn(periods, say.From)].Halt
	switch {
	case say.Annuls != "" && !slices.ContainsFunc(steps[1:], func(s licenceStep) bool { return s.document == say.Annuls }):
		return refuse(traceability.CodeInvalid, "annuls", string(say.Annuls), "a licence.change of this licence",
			"所撤销的变更不是此许可证的变更", "what is annulled is no change of this licence")
	case say.Change == traceability.LicenceCorrected:
		return nil
	case halt == traceability.LicenceStruck || halt == traceability.LicenceSurrender:
		return refuse(traceability.CodeWrongState, "change", string(halt), "corrected",
			"许可证已吊销或注销，只接受更正（corrected）", "the licence is "+string(halt)+"; only a correction is accepted")
	case say.Change == traceability.LicenceResumed && halt != traceability.LicenceHalted:
		return refuse(traceability.CodeWrongState, "change", "resumed", "a licence that is suspended on "+string(say.From),
			"许可证在该日未被责令停业", "the licence is not suspended on that day")
	case say.From < periods[0].From:
		return refuse(traceability.CodeInvalid, "from", string(say.From), "not before "+string(periods[0].From)+", the first day of the licence",
			"生效日期早于许可证的起始日期", "the change is dated before the licence begins")
	}
	return nil
}

// periods are what the steps that were not taken back come to: in the order of the
// days of their effect, and of one day in the order of the ledger. The grant comes
// first, whatever its day, so that a correction may say that it began earlier.
func (steps licenceSteps) periods() []traceability.LicencePeriod {
	standing := steps.standing()
	grant, changes := standing[0], standing[1:]
	slices.SortStableFunc(changes, func(a, b licenceStep) int { return strings.Compare(string(a.from), string(b.from)) })
	periods := []traceability.LicencePeriod{{From: grant.from, Content: grant.place, By: grant.place}}
	for _, step := range changes {
		last := periods[len(periods)-1]
		next := traceability.LicencePeriod{From: step.from, Content: last.Content, By: step.place, Halt: step.change.Halt(last.Halt)}
		if step.rewrites {
			next.Content = step.place
		}
		if next.From <= last.From { // only the grant can be later
			periods = periods[:len(periods)-1]
		}
		periods = append(periods, next)
	}
	return periods
}

// standing leaves out the steps that a correction took back, and corrections that
// do nothing else. A correction that was itself taken back takes nothing back.
func (steps licenceSteps) standing() licenceSteps {
	annulled := make(map[traceability.DocumentID]bool)
	var standing licenceSteps
	for _, step := range slices.Backward(steps) {
		if annulled[step.document] {
			continue
		}
		annulled[step.annuls] = true
		if step.annuls == "" || step.rewrites {
			standing = append(standing, step)
		}
	}
	slices.Reverse(standing)
	return standing
}
