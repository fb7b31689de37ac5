package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"deltatrace/traceability"
)

// recallActReads foresees the keys of an act.
func recallActReads(say *traceability.RecallAct) []string {
	keys := []string{traceability.RecallKey(say.Recall)}
	if move, ok := traceability.RecallMoveOf(say.Act); ok && len(move.Starts) > 0 {
		keys = append(keys, clockReads(say.At, move.Starts...)...)
	}
	return keys
}

// recallAct is one move of a recall on its way through the table.
type recallAct struct {
	*periods
	recall *traceability.Recall
	say    *traceability.RecallAct
	move   traceability.Move
}

// actOnRecall makes a move, as actOnNotice does.
func (s *statement) actOnRecall(say *traceability.RecallAct) *traceability.Error {
	key := traceability.RecallKey(say.Recall)
	state := get[traceability.RecallState](s.view, key)
	if state == nil || s.signer.Kind() != traceability.KindRegulator && !slices.Contains(state.Recall.Parties(), s.signer) {
		return refuse(traceability.CodeUnknownRecall, "recall", string(say.Recall), "a recall that concerns the signer",
			"没有此召回，或与签名方无关", "there is no such recall, or it does not concern the signer")
	}
	r := &state.Recall
	if problem := s.timely("at", say.At); problem != nil {
		return problem
	}
	if say.At.Before(r.Known) {
		return refuse(traceability.CodeInvalid, "at", say.At.Format(time.RFC3339), "not before the recall, "+r.Known.Format(time.RFC3339),
			"早于召回的启动时间", "this is before the recall was opened")
	}
	move, _ := traceability.RecallMoveOf(say.Act) // Check has found it
	a := &recallAct{periods: &periods{statement: s, list: &r.Deadlines, at: traceability.Instant(say.At)}, recall: r, say: say, move: move}
	for _, check := range []func() *traceability.Error{a.allowed, a.stands} {
		if problem := check(); problem != nil {
			return problem
		}
	}
	if problem := a.guard(); problem != nil || s.err != nil {
		return problem
	}
	a.recount()
	a.perform()
	if problem := s.countRecall(r); problem != nil || s.err != nil {
		return problem
	}
	state.Documents = append(state.Documents, s.entry)
	r.Done = append(r.Done, traceability.Done{Document: s.document.ID, Act: say.Act, By: s.signer, At: a.at, Recorded: s.tx.Time, Late: a.marks})
	put(s.view, key, state)
	if say.Act == traceability.ActAnnounce || say.Act == traceability.ActWithdraw {
		s.mark(r)
	}
	s.outcome.Record = key
	return nil
}

// allowed checks the signer's role.
func (a *recallAct) allowed() *traceability.Error {
	for _, role := range a.move.By {
		if a.recall.Plays(a.signer, role) {
			return nil
		}
	}
	zh, en := rolesOf(a.move)
	return refuse(traceability.CodeNotAllowed, "kid", string(a.signer), en,
		fmt.Sprintf("“%s”须由%s提交", a.move.ZH, zh), fmt.Sprintf("to %s is for %s", a.move.EN, en))
}

// stands checks where the recall stands.
func (a *recallAct) stands() *traceability.Error {
	if slices.Contains(a.move.From, a.recall.Phase) {
		return nil
	}
	expected, zh, en := possible(traceability.RecallMoves(), func(m *traceability.Move) bool { return slices.Contains(m.From, a.recall.Phase) })
	return refuse(traceability.CodeWrongState, "act", "state "+string(a.recall.Phase), expected,
		fmt.Sprintf("召回处于“%s”状态，不能%s。此时可以：%s", phaseZH(a.recall.Phase), a.move.ZH, zh),
		fmt.Sprintf("the recall is %s: one cannot %s now. What can be done: %s", a.recall.Phase, a.move.EN, en))
}

// guard checks what the row cannot say; see traceability.RecallGuards.
func (a *recallAct) guard() *traceability.Error {
	r, ordered := a.recall, a.recall.OrderedBy != ""
	switch a.say.Act {
	case traceability.ActPlan:
		grave := func(l traceability.RecallLevel) int { return slices.Index(traceability.RecallLevels(), l) }
		if ordered && (a.say.Level == traceability.RecallFlaw || r.Level != "" && grave(a.say.Level) > grave(r.Level)) {
			return a.not("level", "责令召回的级别不能降低", "the level of what was ordered cannot be made milder")
		}
	case traceability.ActAnnounce:
		if !ordered && a.signer != r.Producer {
			return a.not("act", "生产者主动召回的，由其发布公告", "a voluntary recall is announced by the producer")
		}
	case traceability.ActProgress, traceability.ActReport:
		return a.amounts()
	case traceability.ActWithdraw:
		if a.signer == r.Producer && (ordered || r.Public()) {
			return a.not("act", "责令召回或已发布公告的召回由监管部门撤销", "a regulator withdraws a recall that it ordered, or that was announced")
		}
	}
	return nil
}

// amounts checks what was made, sold, recalled and destroyed against what was said
// before and over all regions.
func (a *recallAct) amounts() *traceability.Error {
	if len(a.say.Amounts) == 0 && len(a.recall.Amounts) == 0 {
		return a.not("amounts", "尚未报告召回数量", "no amounts have been reported yet")
	}
	if a.say.Unit != "" && a.say.Unit != a.recall.Unit {
		return refuse(traceability.CodeUnitMismatch, "unit", string(a.say.Unit), string(a.recall.Unit),
			"计量单位须为 "+string(a.recall.Unit), "the recall's amounts are in "+string(a.recall.Unit))
	}
	if a.say.Reason == "" {
		for i, now := range a.say.Amounts {
			if before := slices.IndexFunc(a.recall.Amounts, inRegion(now.Region)); before >= 0 && falls(a.recall.Amounts[before], now) {
				return a.not(place("amounts", i), "累计数量减少，须在 reason 中说明理由", "a cumulative amount falls; say why, in reason")
			}
		}
	}
	total := traceability.TotalAmount(merged(a.recall.Amounts, a.say.Amounts))
	if total.Sold.Number().GreaterThan(total.Made.Number()) {
		return refuse(traceability.CodeInvalid, "amounts", string(total.Sold), "at most "+string(total.Made)+", what was made",
			"各地区销售合计大于生产合计", "more was sold in all regions than was made")
	}
	return nil
}

func inRegion(region traceability.DivisionCode) func(traceability.RecallAmount) bool {
	return func(r traceability.RecallAmount) bool { return r.Region == region }
}

// falls reports whether one of a region's amounts is less than before.
func falls(before, now traceability.RecallAmount) bool {
	return now.Made.Number().LessThan(before.Made.Number()) || now.Sold.Number().LessThan(before.Sold.Number()) ||
		now.Recalled.Number().LessThan(before.Recalled.Number()) || now.Destroyed.Number().LessThan(before.Destroyed.Number())
}

// merged returns the amounts by region, in the order of their codes: of each the
// last report.
func merged(before, now []traceability.RecallAmount) []traceability.RecallAmount {
	list := slices.Clone(before)
	for _, r := range now {
		if i := slices.IndexFunc(list, inRegion(r.Region)); i >= 0 {
			list[i] = r
		} else {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(x, y traceability.RecallAmount) int { return strings.Compare(string(x.Region), string(y.Region)) })
	return list
}

// perform makes the change.
func (a *recallAct) perform() {
	r := a.recall
	r.Phase = a.move.To[0]
	switch a.say.Act {
	case traceability.ActPlan:
		r.Level, r.Measures = a.say.Level, a.say.Measures
		if len(a.say.Regions) > 0 {
			r.Regions = a.say.Regions
		}
		a.beginStart()
	case traceability.ActAnnounce:
		r.Announced = a.at
		start, finish := traceability.RecallTimers(r.Level)
		a.end(start)
		if finish != "" {
			a.start(finish, target{of: r.Producer}, a.at)
		}
	case traceability.ActProgress:
		r.Amounts = merged(r.Amounts, a.say.Amounts)
	case traceability.ActReport:
		r.Amounts = merged(r.Amounts, a.say.Amounts)
		_, finish := traceability.RecallTimers(r.Level)
		a.end(finish)
	case traceability.ActAssess:
		r.Effect = a.say.Effect
		if r.Effect == traceability.Ineffective {
			r.Phase = traceability.PhaseExecuting
			_, finish := traceability.RecallTimers(r.Level)
			a.resume(finish, "")
		}
	case traceability.ActClose:
		r.Ended, r.EndReason = a.at, a.say.Reason
	case traceability.ActWithdraw:
		r.Ended, r.EndReason = a.at, a.say.Reason
		a.lapse(func(*traceability.Deadline) bool { return true })
	}
}

// beginStart lets the period to begin the recall run from when the producer knew,
// as the level has it; that of another level lapses.
func (a *recallAct) beginStart() {
	start, _ := traceability.RecallTimers(a.recall.Level)
	a.lapse(func(d *traceability.Deadline) bool { return d.Timer != start })
	if start != "" && a.running(start, "") == nil {
		a.run(start, target{of: a.recall.Producer}, a.known())
	}
}

// known is when the producer knew: as it says itself, or when the ledger had the
// order, which it learns by.
func (a *recallAct) known() time.Time {
	if a.recall.OrderedBy == "" {
		return a.recall.Known
	}
	ordered := a.tx.Time
	for _, done := range a.recall.Done {
		if done.Act == "" { // an opening; the last one counts
			ordered = done.Recorded
		}
	}
	if ordered.Before(a.recall.Known) {
		return a.recall.Known
	}
	return ordered
}

// end meets a period if it is running.
func (a *recallAct) end(id traceability.TimerID) {
	if a.running(id, "") != nil {
		a.meet(id, "")
	}
}

// not refuses an act where a guard of the table does not hold.
func (a *recallAct) not(field, zh, en string) *traceability.Error {
	return refuse(traceability.CodeWrongState, field, "state "+string(a.recall.Phase), guardOf(traceability.RecallGuards(), a.say.Act), zh, en)
}
