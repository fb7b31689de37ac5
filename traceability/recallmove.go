package traceability

import "slices"

// The phases of a recall, before PhaseClosed.
const (
	PhaseOrdered   Phase = "ordered"   // 已责令召回
	PhaseVoluntary Phase = "voluntary" // 已主动启动
	PhasePlanned   Phase = "planned"   // 已提交召回计划
	PhaseAnnounced Phase = "announced" // 已发布召回公告
	PhaseExecuting Phase = "executing" // 召回中
	PhaseReported  Phase = "reported"  // 已提交召回总结
	PhaseAssessed  Phase = "assessed"  // 已评价
	PhaseWithdrawn Phase = "withdrawn" // 已撤销召回
)

// RecallPhases lists the phases of a recall in their order.
func RecallPhases() []Phase {
	return []Phase{PhaseOrdered, PhaseVoluntary, PhasePlanned, PhaseAnnounced, PhaseExecuting, PhaseReported, PhaseAssessed, PhaseClosed, PhaseWithdrawn}
}

// RoleOverseer is the regulator who watches over a recall: that of the producer's
// province, and that which ordered it. The producer of a recall is RoleProducer.
const RoleOverseer Role = "overseer"

// The acts of a recall, beside ActWithdraw and ActClose.
const (
	ActPlan     Act = "plan"
	ActAnnounce Act = "announce"
	ActProgress Act = "progress"
	ActReport   Act = "report"
	ActAssess   Act = "assess"
)

// RecallMoves is the table of a recall's moves (食品召回管理办法): the one place
// that says how a recall lives. The rules refuse what is not in it, the tests walk
// it, and docs/recalls.md is made from it. What a row cannot say, RecallGuards
// says in words.
func RecallMoves() []Move {
	producer, overseer := []Role{RoleProducer}, []Role{RoleOverseer}
	either := []Role{RoleProducer, RoleOverseer}
	running := []Phase{PhaseAnnounced, PhaseExecuting}
	papers := []string{"reason", "evidence"}
	starting, finishing := []TimerID{"R1a", "R2a", "R3a"}, []TimerID{"R1b", "R2b", "R3b"}
	return []Move{
		{Act: ActPlan, By: producer, From: []Phase{PhaseOrdered, PhaseVoluntary, PhasePlanned}, To: []Phase{PhasePlanned}, Needs: []string{"level", "measures"},
			May: []string{"reason", "evidence", "regions"}, Starts: starting, ZH: "提交召回计划", EN: "submit the plan"},
		{Act: ActAnnounce, By: either, From: []Phase{PhasePlanned}, To: []Phase{PhaseAnnounced}, May: papers,
			Stops: starting, Starts: finishing, ZH: "发布召回公告，启动召回", EN: "announce the recall and begin it"},
		{Act: ActProgress, By: producer, From: running, To: []Phase{PhaseExecuting}, Needs: []string{"unit", "amounts"}, May: papers,
			ZH: "报告召回进展", EN: "say how far it is"},
		{Act: ActReport, By: producer, From: running, To: []Phase{PhaseReported}, Needs: []string{"reason"}, May: []string{"evidence", "unit", "amounts"},
			Stops: finishing, ZH: "提交召回总结", EN: "report that it is done"},
		{Act: ActAssess, By: overseer, From: []Phase{PhaseReported}, To: []Phase{PhaseAssessed, PhaseExecuting}, Needs: []string{"effect", "reason"}, May: []string{"evidence"},
			ZH: "评价召回效果", EN: "assess its effect"},
		{Act: ActClose, By: overseer, From: []Phase{PhaseAssessed}, To: []Phase{PhaseClosed}, May: papers, ZH: "结束召回", EN: "close it"},
		{Act: ActWithdraw, By: either, From: []Phase{PhaseOrdered, PhaseVoluntary, PhasePlanned, PhaseAnnounced, PhaseExecuting, PhaseReported, PhaseAssessed}, To: []Phase{PhaseWithdrawn},
			Needs: []string{"reason"}, May: []string{"evidence"}, Lapses: slices.Concat(starting, finishing), ZH: "撤销召回", EN: "withdraw it"},
	}
}

// RecallMoveOf returns an act's row.
func RecallMoveOf(act Act) (Move, bool) { return moveOf(RecallMoves(), act) }

// RecallGuards lists what must hold beside the rows, in the order of the table.
func RecallGuards() []Guard {
	return []Guard{
		{ActPlan, "级别不低于责令时确定的级别；责令召回的不属于标签瑕疵", "the level is not milder than the one ordered; what is ordered is no mere flaw of a label"},
		{ActAnnounce, "监管部门只能代为发布责令召回的公告", "a regulator announces only what was ordered"},
		{ActProgress, "计量单位为召回的单位；累计数量减少须说明理由；各地区销售合计不超过生产合计", "the unit is the recall's; a cumulative amount falls only with a reason; what was sold in all regions is at most what was made"},
		{ActReport, "已报告过数量；其余同报告进展", "amounts have been reported; else as for progress"},
		{ActAssess, "无效的，继续召回，完成期限继续计算", "one that was ineffective goes on, and so does its period"},
		{ActWithdraw, "公告发布后由监管部门撤销；责令召回的由监管部门撤销", "once announced, and when it was ordered, a regulator withdraws it"},
	}
}

// RecallTimers returns the periods to begin and to finish a recall of a level;
// empty for a flaw, which has none.
func RecallTimers(level RecallLevel) (start, finish TimerID) {
	switch level {
	case RecallI:
		return "R1a", "R1b"
	case RecallII:
		return "R2a", "R2b"
	case RecallIII:
		return "R3a", "R3b"
	}
	return "", ""
}
