package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"deltatrace/traceability"
)

// actReads foresees the keys of an act.
func actReads(say *traceability.NoticeAct) []string {
	keys := []string{traceability.NoticeKey(say.Notice)}
	if move, ok := traceability.MoveOf(say.Act); ok && len(move.Starts) > 0 {
		keys = append(keys, clockReads(say.At, move.Starts...)...)
	}
	if say.Lab != "" {
		keys = append(keys, traceability.PartyKey(say.Lab))
	}
	if say.Report != "" {
		keys = append(keys, traceability.ReportKey(say.Report))
	}
	return keys
}

// act is one move of a notice on its way through the table.
type act struct {
	*clock
	state *traceability.NoticeState
	move  traceability.Move
}

// actOnNotice makes a move: it must be in the table, its signer must have the
// role, the notice and its part must stand where the row says, and what the row
// cannot say must hold. Only then is anything changed.
func (s *statement) actOnNotice(say *traceability.NoticeAct) *traceability.Error {
	key := traceability.NoticeKey(say.Notice)
	state := get[traceability.NoticeState](s.view, key)
	move, _ := traceability.MoveOf(say.Act) // Check has found it
	unknown := refuse(traceability.CodeUnknownNotice, "notice", string(say.Notice), "a notice that concerns the signer",
		"没有此不合格样品通报，或与签名方无关", "there is no such notice, or it does not concern the signer")
	// Who is not concerned learns nothing, not even that there is one.
	if state == nil || s.signer.Kind() != traceability.KindRegulator && !slices.Contains(state.Notice.Parties(), s.signer) {
		return unknown
	}
	a := &act{clock: s.clock(&state.Notice, traceability.Instant(say.At)), state: state, move: move}
	a.say = say
	if problem := s.timely("at", say.At); problem != nil {
		return problem
	}
	if say.At.Before(state.Notice.Issued) {
		return refuse(traceability.CodeInvalid, "at", say.At.Format(time.RFC3339), "not before the notice, "+state.Notice.Issued.Format(time.RFC3339),
			"早于通报的确认时间", "this is before the notice was issued")
	}
	for _, check := range []func() *traceability.Error{a.names, a.allowed, a.stands} {
		if problem := check(); problem != nil {
			return problem
		}
	}
	a.recount()
	if problem := a.perform(); problem != nil || s.err != nil {
		return problem
	}
	state.Documents = append(state.Documents, s.entry)
	state.Notice.Done = append(state.Notice.Done, traceability.Done{Document: s.document.ID, Act: say.Act, By: s.signer, At: a.at, Recorded: s.tx.Time, Late: a.marks})
	put(s.view, key, state)
	s.outcome.Record = key
	return nil
}

// names checks that the recipient and the link that the act names are there.
func (a *act) names() *traceability.Error {
	n := a.notice
	if a.say.For != "" && n.Recipient(a.say.For) == nil {
		var known []string
		for _, r := range n.Recipients {
			known = append(known, string(r.As))
		}
		return refuse(traceability.CodeInvalid, "for", string(a.say.For), strings.Join(known, ", "),
			"该通报没有此对象："+string(a.say.For), "this notice has no such recipient: "+string(a.say.For))
	}
	if a.say.Link != "" && !slices.Contains(n.Links, a.say.Link) {
		return refuse(traceability.CodeInvalid, "link", string(a.say.Link), fmt.Sprint(n.Links),
			"该样品不涉及此环节："+string(a.say.Link), "this link is none of the sample's: "+string(a.say.Link))
	}
	return nil
}

// allowed checks the signer's role.
func (a *act) allowed() *traceability.Error {
	for _, role := range a.move.By {
		if a.has(role) {
			return nil
		}
	}
	zh, en := rolesOf(a.move)
	return refuse(traceability.CodeNotAllowed, "kid", string(a.signer), en,
		fmt.Sprintf("“%s”须由%s提交", a.move.ZH, zh), fmt.Sprintf("to %s is for %s", a.move.EN, en))
}

// has reports whether the signer has a role, for what the act names.
func (a *act) has(role traceability.Role) bool {
	// That another's time has passed is so by the ledger's clock as well.
	now := a.at
	if now.After(a.tx.Time) {
		now = a.tx.Time
	}
	return a.notice.Plays(a.signer, role, a.choice(), now)
}

func (a *act) choice() traceability.NoticeChoice {
	return traceability.NoticeChoice{Act: a.say.Act, For: a.say.For, Kind: a.say.Kind, Link: a.say.Link}
}

// stands checks where the notice and its part stand.
func (a *act) stands() *traceability.Error {
	progress := a.progress()
	if slices.Contains(a.move.From, a.notice.Phase) && (a.move.Part == "" || slices.Contains(a.move.Before, progress)) {
		return nil
	}
	found := "state " + string(a.notice.Phase)
	zh, en := "通报处于“"+phaseZH(a.notice.Phase)+"”状态", "the notice is "+string(a.notice.Phase)
	if a.move.Part != "" {
		found += ", " + string(a.move.Part) + " " + string(progress)
		zh += fmt.Sprintf("，%s为“%s”", partZH(a.move.Part), progressZH(progress))
		en += fmt.Sprintf(", its %s is %s", a.move.Part, progress)
	}
	expected, possibleZH, possibleEN := possible(traceability.NoticeMoves(), func(m *traceability.Move) bool {
		return slices.Contains(m.From, a.notice.Phase) && (m.Part == "" || m.Part == a.move.Part && slices.Contains(m.Before, progress))
	})
	return refuse(traceability.CodeWrongState, "act", found, expected,
		fmt.Sprintf("%s，不能%s。此时可以：%s", zh, a.move.ZH, possibleZH),
		fmt.Sprintf("%s: one cannot %s now. What can be done: %s", en, a.move.EN, possibleEN))
}

// progress is how far the part is that the act moves.
func (a *act) progress() traceability.Progress {
	return a.notice.ProgressOf(a.move.Part, a.signer, a.choice())
}

// possible lists what may be done now, by whom.
func possible(moves []traceability.Move, now func(*traceability.Move) bool) (acts, zh, en string) {
	var names, sentencesZH, sentencesEN []string
	for _, m := range moves {
		if !now(&m) {
			continue
		}
		byZH, byEN := rolesOf(m)
		names = append(names, string(m.Act))
		sentencesZH = append(sentencesZH, m.ZH+"（"+byZH+"）")
		sentencesEN = append(sentencesEN, m.EN+" ("+byEN+")")
	}
	if len(names) == 0 {
		return "nothing", "没有可进行的操作", "nothing"
	}
	return strings.Join(names, ", "), strings.Join(sentencesZH, "、"), strings.Join(sentencesEN, "; ")
}

// perform checks what the row cannot say and makes the change.
func (a *act) perform() *traceability.Error {
	if problem := a.effect()(); problem != nil {
		return problem
	}
	if len(a.move.To) == 1 {
		a.notice.Phase = a.move.To[0]
	}
	for _, id := range a.move.Stops {
		if a.ends(id) {
			a.meet(id, a.about(id))
		}
	}
	a.lapse(func(d *traceability.Deadline) bool {
		return slices.Contains(a.move.Lapses, d.Timer) && (a.say.Act == traceability.ActDetermine || d.About == a.about(d.Timer))
	})
	for _, id := range a.move.Starts {
		if a.begins(id) {
			a.begin(id, a.at)
		}
	}
	return nil
}

// ends tells which of the periods in the row end with this act: an objection to
// the sampling ends the one for it, any other the other.
func (a *act) ends(id traceability.TimerID) bool {
	switch id {
	case "T14":
		return a.say.Kind == traceability.ObjectSampling
	case "T15":
		return a.say.Kind != traceability.ObjectSampling
	case "T18":
		return a.say.Step == traceability.StepProductControl
	case "T20":
		steps := a.notice.Case(a.say.Link).Steps
		return slices.Contains(steps, traceability.StepProductControl) && slices.Contains(steps, traceability.StepCause) && a.running(id, a.about(id)) != nil
	default:
		return true
	}
}

// begins tells which of the periods in the row begin with this act, beside what
// targets says.
func (a *act) begins(id traceability.TimerID) bool {
	switch {
	case a.say.Act == traceability.ActHandlingReturn: // it runs on; see returnCase
		return false
	case id == "T22":
		return a.notice.Phase == traceability.PhaseUpheld && a.running(id, "") == nil
	default:
		return true
	}
}

// effect returns the rule of the act.
func (a *act) effect() func() *traceability.Error {
	switch a.say.Act {
	case traceability.ActDispatch:
		return a.dispatch
	case traceability.ActAcknowledge:
		return a.acknowledge
	case traceability.ActAnswer:
		return a.answer
	case traceability.ActServe:
		return a.serve
	case traceability.ActWaive:
		return a.waive
	case traceability.ActReinspectionApply:
		return a.applyForReinspection
	case traceability.ActReinspectionAccept, traceability.ActReinspectionRefuse, traceability.ActReinspectionTransfer, traceability.ActReinspectionNotify:
		return a.advanceReinspection
	case traceability.ActReinspectionAssign:
		return a.assign
	case traceability.ActReinspectionDecline:
		return a.decline
	case traceability.ActReinspectionConclude:
		return a.conclude
	case traceability.ActObjectionFile:
		return a.object
	case traceability.ActObjectionAsk, traceability.ActObjectionSupply, traceability.ActObjectionAccept, traceability.ActObjectionRefuse, traceability.ActObjectionWithdraw:
		return a.advanceObjection
	case traceability.ActObjectionDecide:
		return a.decideObjection
	case traceability.ActHandlingOpen:
		return a.openCase
	case traceability.ActHandlingStep:
		return a.recordStep
	case traceability.ActHandlingSubmit:
		return a.submitCase
	case traceability.ActHandlingReturn:
		return a.returnCase
	case traceability.ActHandlingPass:
		return a.advanceCase
	case traceability.ActHandlingEscalate:
		return a.escalate
	case traceability.ActDetermine:
		return a.determine
	case traceability.ActPublish:
		return a.publish
	case traceability.ActCorrect:
		return a.correct
	case traceability.ActWithdraw:
		return a.withdraw
	case traceability.ActExtend:
		return a.extend
	case traceability.ActClose:
		return a.closeNotice
	}
	return func() *traceability.Error { return a.not("act", "此操作没有规则", "this act has no rule") }
}

// not refuses an act where a guard of the table does not hold.
func (a *act) not(field, zh, en string) *traceability.Error {
	return refuse(traceability.CodeWrongState, field, "state "+string(a.notice.Phase), guardOf(traceability.Guards(), a.say.Act), zh, en)
}

func guardOf(guards []traceability.Guard, act traceability.Act) string {
	for _, g := range guards {
		if g.Act == act {
			return g.EN
		}
	}
	return ""
}
