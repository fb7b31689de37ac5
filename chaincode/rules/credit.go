package rules

import (
	"fmt"
	"slices"
	"time"

	"deltatrace/traceability"
)

// The periods of a serious violation's entry (SAMR Order 44): how long it is
// listed at most, and from when its repair can be asked for.
const (
	timerListed traceability.TimerID = "C1"
	timerRepair traceability.TimerID = "C2"
)

// creditReads foresees the keys of an entry.
func creditReads(signer traceability.PartyID, say *traceability.CreditEnter) []string {
	return []string{traceability.CreditKey(traceability.NewCreditID(say.Company, signer, say.Ref)), traceability.TimerKey(timerListed), traceability.PlatformBarsKey(say.Company)}
}

// creditActReads foresees the keys of an act.
func creditActReads(say *traceability.CreditAct) []string {
	return []string{traceability.CreditKey(say.Entry), traceability.TimerKey(timerRepair), traceability.PlatformBarsKey(say.Entry.Company())}
}

// creditDocument returns this very document of an entry, if it is there.
func (s *statement) creditDocument(id traceability.CreditID) (string, []traceability.Entry) {
	key := traceability.CreditKey(id)
	state := get[traceability.CreditState](s.view, key)
	if state == nil {
		return "", nil
	}
	for i, change := range state.Credit.Changes {
		if change.Document == s.document.ID {
			return key, state.Documents[i : i+1]
		}
	}
	return key, nil
}

// enterCredit makes an entry in a company's credit record.
func (s *statement) enterCredit(say *traceability.CreditEnter) *traceability.Error {
	if say.Kind == traceability.CreditCommitment {
		if company, ok := s.signer.USCC(); !ok || company != say.Company {
			return refuse(traceability.CodeNotAllowed, "company", string(say.Company), string(s.signer),
				"公开承诺须由经营者本人签署", "a company commits itself; nobody does for it")
		}
	} else if problem := s.role(traceability.KindRegulator); problem != nil {
		return problem
	}
	id := traceability.NewCreditID(say.Company, s.signer, say.Ref)
	key := traceability.CreditKey(id)
	if existing := get[traceability.CreditState](s.view, key); existing != nil {
		return s.conflict(key, existing.Credit.Changes[0].Document, "ref",
			"编号 "+say.Ref+" 已有不同内容；请另用编号，或以 credit.act 变更", "the reference "+say.Ref+" is on the ledger with other content; use another, or change the entry with credit.act")
	}
	if say.From > traceability.DateOf(s.tx.Time) {
		return s.future("from", string(say.From))
	}
	if problem := s.listedTooLong(say); problem != nil {
		return problem
	}
	credit := traceability.Credit{
		ID: id, Name: say.Name, By: s.signer, Kind: say.Kind, Topic: say.Topic, Reason: say.Reason, Basis: say.Basis, Decision: say.Decision,
		From: say.From, Expires: say.Expires, Measures: say.Measures, Remarks: s.remarks(),
		Changes: []traceability.CreditChange{{Document: s.document.ID, By: s.signer, At: s.tx.Time, Progress: traceability.CreditInForce}},
	}
	put(s.view, key, &traceability.CreditState{Documents: []traceability.Entry{s.entry}, Credit: credit})
	s.noteBar(&credit)
	s.outcome.Record = key
	return nil
}

// noteBar keeps, under the company, that an entry bars it from platforms, so that a
// verification finds it.
func (s *statement) noteBar(c *traceability.Credit) {
	if !c.Bars() {
		return
	}
	key := traceability.PlatformBarsKey(c.ID.Company())
	bars := get[traceability.PlatformBars](s.view, key)
	if bars == nil {
		bars = new(traceability.PlatformBars)
	}
	if !slices.Contains(bars.Entries, c.ID) {
		bars.Entries = append(bars.Entries, c.ID)
		put(s.view, key, bars)
	}
}

// listedTooLong refuses a serious violation that is listed for longer than the
// rule allows; where the ledger has no rule there is nothing to compare with.
func (s *statement) listedTooLong(say *traceability.CreditEnter) *traceability.Error {
	if say.Kind != traceability.CreditSerious {
		return nil
	}
	last, basis := s.periodEnd(timerListed, say.From)
	if last == "" || say.Expires <= last {
		return nil
	}
	return refuse(traceability.CodeInvalid, "expires", string(say.Expires), fmt.Sprintf("not after %s: %s, %s", last, timerListed, basis),
		fmt.Sprintf("列入期限最迟至 %s（%s）", last, basis), fmt.Sprintf("a company is listed until %s at the latest (%s)", last, basis))
}

// periodEnd returns the last day of a period that begins on a day, and its basis;
// nothing when the ledger has no rule for it. These periods are of calendar days.
func (s *statement) periodEnd(id traceability.TimerID, from traceability.Date) (traceability.Date, string) {
	timer := traceability.TimerOn(agreed[*traceability.Timer](s.view, traceability.TimerKey(id)), from)
	if timer == nil {
		return "", ""
	}
	end, err := timer.Due(midnight(from), 0, nil)
	if err != nil { // of working days, without a calendar at hand
		return "", ""
	}
	return traceability.DateOf(end), timer.Basis
}

// actOnCredit makes a move of an entry.
func (s *statement) actOnCredit(say *traceability.CreditAct) *traceability.Error {
	key := traceability.CreditKey(say.Entry)
	state := get[traceability.CreditState](s.view, key)
	if state == nil {
		return refuse(traceability.CodeUnknownEntry, "entry", string(say.Entry), "an entry of a credit record",
			"账本上没有此信用记录", "there is no such entry on the ledger")
	}
	credit := &state.Credit
	move, _ := traceability.CreditMoveOf(say.Act) // Check has found it
	last := credit.Changes[len(credit.Changes)-1]
	switch {
	case !slices.ContainsFunc(move.By, func(r traceability.CreditRole) bool { return s.creditRole(r, credit) }):
		return refuse(traceability.CodeNotAllowed, "kid", string(s.signer), fmt.Sprint(move.By),
			"签名方无权“"+move.ZH+"”", "the signer may not "+move.EN)
	case !slices.Contains(move.Kinds, credit.Kind) || !slices.Contains(move.From, last.Progress):
		return refuse(traceability.CodeWrongState, "act", string(credit.Kind)+", "+string(last.Progress), fmt.Sprintf("%v, %v", move.Kinds, move.From),
			"该记录目前的状态不能"+move.ZH, "one cannot "+move.EN+" as the entry stands now")
	case say.At.After(s.tx.Time.Add(traceability.ClockSkew)):
		return s.future("at", say.At.Format(time.RFC3339))
	}
	if problem := s.repairTooEarly(say, credit); problem != nil {
		return problem
	}
	if say.Measure != nil {
		measure := *say.Measure
		measure.Provinces = []traceability.ProvinceCode{s.author.Province}
		measure.From = max(measure.From, traceability.DateOf(s.tx.Time)) // none is taken for the past
		credit.Measures = append(credit.Measures, measure)
	}
	to := move.To
	if to == "" {
		to = last.Progress
	}
	credit.Changes = append(credit.Changes, traceability.CreditChange{Document: s.document.ID, Act: say.Act, By: s.signer, At: s.tx.Time, Progress: to, Reason: say.Reason})
	state.Documents = append(state.Documents, s.entry)
	put(s.view, key, state)
	s.noteBar(credit)
	s.outcome.Record = key
	return nil
}

func (s *statement) creditRole(role traceability.CreditRole, c *traceability.Credit) bool {
	switch role {
	case traceability.CreditByEnterer:
		return s.signer == c.By
	case traceability.CreditByCompany:
		company, ok := s.signer.USCC()
		return ok && company == c.ID.Company()
	default:
		return s.signer.Kind() == traceability.KindRegulator
	}
}

// repairTooEarly refuses an application before the period that a serious
// violation has to stand.
func (s *statement) repairTooEarly(say *traceability.CreditAct, c *traceability.Credit) *traceability.Error {
	if say.Act != traceability.CreditApply || c.Kind != traceability.CreditSerious {
		return nil
	}
	last, basis := s.periodEnd(timerRepair, c.From)
	if last == "" || traceability.DateOf(say.At) > last {
		return nil
	}
	return refuse(traceability.CodeInvalid, "at", string(traceability.DateOf(say.At)), fmt.Sprintf("after %s: %s, %s", last, timerRepair, basis),
		fmt.Sprintf("列入未满期限，%s 之后方可申请修复（%s）", last, basis), fmt.Sprintf("repair can be applied for after %s (%s)", last, basis))
}
