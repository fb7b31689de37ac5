package traceability

import "slices"

// ConsultationPhase is where a consultation stands.
type ConsultationPhase string

// The phases.
const (
	ConsultationRunning   ConsultationPhase = "open"      // 会商中
	ConsultationResolved  ConsultationPhase = "resolved"  // 已决议
	ConsultationReviewing ConsultationPhase = "reviewing" // 复核中: the resolution stands meanwhile
	ConsultationLifted    ConsultationPhase = "lifted"    // 已解除
	ConsultationWithdrawn ConsultationPhase = "withdrawn" // 已撤回
	ConsultationClosed    ConsultationPhase = "closed"    // 已结束
)

// ConsultationPhases lists the phases in their order.
func ConsultationPhases() []ConsultationPhase {
	return []ConsultationPhase{ConsultationRunning, ConsultationResolved, ConsultationReviewing, ConsultationLifted, ConsultationWithdrawn, ConsultationClosed}
}

// The acts of a consultation, beside publish, withdraw and close.
const (
	ActOpine   Act = "opine"
	ActDraft   Act = "draft"
	ActVote    Act = "vote"
	ActResolve Act = "resolve"
	ActReview  Act = "review"
)

// The roles in a consultation.
const (
	RoleInitiator Role = "initiator" // the regulator that opened it
	RoleProvince  Role = "province"  // any of the four regulators
)

// ConsultationMove is a row of the table of a consultation's moves: who may do
// what, when, with what, and where it stands then.
type ConsultationMove struct {
	Act    Act
	By     Role
	From   []ConsultationPhase // it stands in one of these
	To     []ConsultationPhase // in one of these afterwards, as the draft decides; where it stood, when there is none
	Needs  []string            // fields that the act must have
	May    []string            // fields that it may have
	ZH, EN string
}

// ConsultationMoves is the table of moves: the one place that says how a
// consultation goes. The rules refuse what is not in it, the tests walk it, and
// docs/consultations.md is made from it. What a row cannot say,
// ConsultationGuards says in words.
func ConsultationMoves() []ConsultationMove {
	const running, resolved, reviewing, lifted = ConsultationRunning, ConsultationResolved, ConsultationReviewing, ConsultationLifted
	from := func(phases ...ConsultationPhase) []ConsultationPhase { return phases }
	return []ConsultationMove{
		{Act: ActOpine, By: RoleProvince, From: from(running, resolved, reviewing), Needs: []string{"opinion"}, May: []string{"level", "evidence"}, ZH: "发表意见", EN: "give an opinion"},
		{Act: ActDraft, By: RoleInitiator, From: from(running), Needs: []string{"resolution"}, May: []string{"reason"}, ZH: "提出决议草案", EN: "propose a resolution"},
		{Act: ActVote, By: RoleProvince, From: from(running, reviewing), Needs: []string{"draft", "vote"}, May: []string{"reason"}, ZH: "表决", EN: "vote on the draft"},
		{Act: ActResolve, By: RoleInitiator, From: from(running, reviewing), To: from(resolved, lifted), Needs: []string{"draft"}, May: []string{"reason"}, ZH: "形成决议", EN: "record the resolution"},
		{Act: ActReview, By: RoleInitiator, From: from(resolved, reviewing), To: from(reviewing), Needs: []string{"decision", "reason"}, May: []string{"resolution", "review_on", "evidence"}, ZH: "复核决议", EN: "review the resolution: propose to keep, change or lift it"},
		{Act: ActPublish, By: RoleInitiator, From: from(resolved, reviewing, lifted), Needs: []string{"advice"}, May: []string{"reason"}, ZH: "公布摘要", EN: "publish the summary"},
		{Act: ActWithdraw, By: RoleInitiator, From: from(running), To: from(ConsultationWithdrawn), Needs: []string{"reason"}, ZH: "撤回会商", EN: "withdraw the consultation"},
		{Act: ActClose, By: RoleInitiator, From: from(running, resolved, lifted), To: from(ConsultationClosed), Needs: []string{"reason"}, ZH: "结束会商", EN: "close the consultation"},
	}
}

// ConsultationMoveOf returns an act's row.
func ConsultationMoveOf(act Act) (ConsultationMove, bool) {
	moves := ConsultationMoves()
	i := slices.IndexFunc(moves, func(m ConsultationMove) bool { return m.Act == act })
	if i < 0 {
		return ConsultationMove{}, false
	}
	return moves[i], true
}

// ConsultationGuards lists what must hold beside the rows, in the order of the
// table.
func ConsultationGuards() []Guard {
	return []Guard{
		{ActDraft, "新草案取代前一草案，须重新表决", "a new draft replaces the one before, and is voted on afresh"},
		{ActVote, "所表决的是现行草案；可改投，以最后一次为准，历次均保留", "the vote is on the current draft; a province may vote again, the last vote counts and all are kept"},
		{ActResolve, "所决议的是现行草案，且表决已达到当日生效的法定数（quorum.set）", "the draft is the current one, and its votes reach the quorum in force on that day (quorum.set)"},
		{ActReview, "复核日期已到；提前复核须附依据。继续、调整、解除均须重新表决", "the day of review has come, or evidence says why it is reviewed before; to keep, to change and to lift are voted on alike"},
		{ActClose, "有预警级别的决议须先解除", "a resolution that warns is lifted first"},
	}
}

// Words returns the phase's name for people.
func (p ConsultationPhase) Words() (zh, en string) {
	w := map[ConsultationPhase]words{
		ConsultationRunning: {"会商中", "open"}, ConsultationResolved: {"已决议", "resolved"}, ConsultationReviewing: {"复核中", "under review"},
		ConsultationLifted: {"已解除", "lifted"}, ConsultationWithdrawn: {"已撤回", "withdrawn"}, ConsultationClosed: {"已结束", "closed"},
	}[p]
	return w.zh, w.en
}

// Words returns the level's name for people.
func (l WarningLevel) Words() (zh, en string) {
	w := map[WarningLevel]words{
		LevelNone: {"不预警", "no warning"}, LevelAttention: {"关注", "attention"}, LevelWarning: {"预警", "warning"}, LevelAlert: {"紧急预警", "alert"},
	}[l]
	return w.zh, w.en
}
