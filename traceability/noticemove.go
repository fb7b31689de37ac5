package traceability

import "slices"

// Phase is where a notice, or a recall, stands as a whole.
type Phase string

// The phases. A report that is submitted is what comes before the first.
const (
	PhaseIssued     Phase = "issued"     // 已确认: the organising province has confirmed the result
	PhaseDispatched Phase = "dispatched" // 已通报: the provinces concerned have been told
	PhaseServed     Phase = "served"     // 已送达: the first recipient has been served
	PhaseUpheld     Phase = "upheld"     // 已认定: the result stands, and is to be published
	PhaseOverturned Phase = "overturned" // 已撤销: the result does not stand
	PhasePublished  Phase = "published"  // 已公布
	PhaseClosed     Phase = "closed"     // 已办结
)

// Phases lists the phases in their order.
func Phases() []Phase {
	return []Phase{PhaseIssued, PhaseDispatched, PhaseServed, PhaseUpheld, PhaseOverturned, PhasePublished, PhaseClosed}
}

// Role is what a party is to a notice, or to a recall.
type Role string

// The roles. Who is responsible depends on whom or what the act names: for a
// recipient it is the regulator of the recipient's province, for a link that of
// the recipient it belongs to; the organiser, where that province is none of the
// four or has said that the recipient is not its own.
const (
	RoleOrganiser   Role = "organiser"
	RoleConcerned   Role = "concerned" // the regulator of another province that is concerned
	RoleResponsible Role = "responsible"
	RoleUnit        Role = "unit"
	RoleProducer    Role = "producer"
	RoleLab         Role = "lab"
	RoleRelab       Role = "relab"
)

// Part is a part of a notice with a progress of its own, of which there may be
// several: for each province, objection and link.
type Part string

// The parts.
const (
	PartProvince     Part = "province"
	PartReinspection Part = "reinspection"
	PartObjection    Part = "objection"
	PartHandling     Part = "handling"
)

// Progress is how far a part is. None is where each begins.
type Progress string

// The progress of the parts.
const (
	None         Progress = "none"
	Pending      Progress = "pending"      // province: told, or told of a withdrawal, and has not acknowledged
	Acknowledged Progress = "acknowledged" // province 已签收

	Applied     Progress = "applied"     // re-inspection 已申请
	Accepted    Progress = "accepted"    // re-inspection, objection 已受理
	Refused     Progress = "refused"     // re-inspection, objection 不予受理
	Assigned    Progress = "assigned"    // 已确定复检机构
	Transferred Progress = "transferred" // 备份样品已移交
	Concluded   Progress = "concluded"   // 已作出复检结论
	Notified    Progress = "notified"    // 已通知申请人

	Filed     Progress = "filed"     // objection 处理中
	Awaiting  Progress = "awaiting"  // 待补正材料
	Granted   Progress = "upheld"    // 认可
	Denied    Progress = "rejected"  // 不认可
	Withdrawn Progress = "withdrawn" // 已撤回

	Arranged Progress = "arranged" // handling 已安排
	Filled   Progress = "filled"   // 已填报
	Passed   Progress = "passed"   // 已通过
)

// The acts.
const (
	ActDispatch             Act = "dispatch"
	ActAcknowledge          Act = "acknowledge"
	ActAnswer               Act = "answer"
	ActServe                Act = "serve"
	ActWaive                Act = "waive"
	ActReinspectionApply    Act = "reinspection_apply"
	ActReinspectionAccept   Act = "reinspection_accept"
	ActReinspectionRefuse   Act = "reinspection_refuse"
	ActReinspectionAssign   Act = "reinspection_assign"
	ActReinspectionDecline  Act = "reinspection_decline"
	ActReinspectionTransfer Act = "reinspection_transfer"
	ActReinspectionConclude Act = "reinspection_conclude"
	ActReinspectionNotify   Act = "reinspection_notify"
	ActObjectionFile        Act = "objection_file"
	ActObjectionAsk         Act = "objection_ask"
	ActObjectionSupply      Act = "objection_supply"
	ActObjectionAccept      Act = "objection_accept"
	ActObjectionRefuse      Act = "objection_refuse"
	ActObjectionDecide      Act = "objection_decide"
	ActObjectionWithdraw    Act = "objection_withdraw"
	ActHandlingOpen         Act = "handling_open"
	ActHandlingStep         Act = "handling_step"
	ActHandlingSubmit       Act = "handling_submit"
	ActHandlingReturn       Act = "handling_return"
	ActHandlingPass         Act = "handling_pass"
	ActHandlingEscalate     Act = "handling_escalate"
	ActDetermine            Act = "determine"
	ActPublish              Act = "publish"
	ActCorrect              Act = "correct"
	ActWithdraw             Act = "withdraw"
	ActExtend               Act = "extend"
	ActClose                Act = "close"
)

// Move is a row of the table of moves: who may do what, when, with what, and what
// comes of it.
type Move struct {
	Act    Act
	By     []Role     // any of them
	From   []Phase    // the notice stands in one of these
	To     []Phase    // it stands in one of these afterwards; where it stood, when there is none
	Part   Part       // which part moves as well, if any
	Before []Progress // where the part stands
	After  []Progress // and where afterwards; several: as the act decides; none: where it stood
	Needs  []string   // fields that the act must have
	May    []string   // fields that it may have
	Stops  []TimerID  // periods that the act ends: what was due is done
	Lapses []TimerID  // periods that end without it
	Starts []TimerID  // periods that begin with it, of those that fit the case
	ZH, EN string
}

// NoticeMoves is the table of moves: the one place that says how a notice lives.
// The rules refuse what is not in it, the tests walk it, and docs/notices.md is
// made from it. What a row cannot say, Guards says in words.
func NoticeMoves() []Move {
	contest := []Role{RoleUnit, RoleProducer, RoleResponsible}
	told := []Phase{PhaseDispatched, PhaseServed, PhaseUpheld, PhasePublished}
	open := []Phase{PhaseIssued, PhaseDispatched, PhaseServed, PhaseUpheld, PhasePublished}
	served := []Phase{PhaseServed}
	organiser, responsible := []Role{RoleOrganiser}, []Role{RoleResponsible}
	reinspection := func(act Act, by []Role, before []Progress, after Progress, needs, may []string, stops, starts []TimerID, zh, en string) Move {
		return Move{Act: act, By: by, From: served, Part: PartReinspection, Before: before, After: []Progress{after}, Needs: needs, May: may, Stops: stops, Starts: starts, ZH: zh, EN: en}
	}
	objection := func(act Act, by []Role, before, after []Progress, needs, may []string, stops, starts []TimerID, zh, en string) Move {
		return Move{Act: act, By: by, From: told, Part: PartObjection, Before: before, After: after, Needs: append([]string{"for", "kind"}, needs...), May: may, Stops: stops, Starts: starts, ZH: zh, EN: en}
	}
	handling := func(act Act, by []Role, before, after []Progress, needs, may []string, stops, starts []TimerID, zh, en string) Move {
		return Move{Act: act, By: by, From: open, Part: PartHandling, Before: before, After: after, Needs: append([]string{"link"}, needs...), May: may, Stops: stops, Starts: starts, ZH: zh, EN: en}
	}
	papers := []string{"reason", "evidence"}
	return []Move{
		{Act: ActDispatch, By: organiser, From: []Phase{PhaseIssued}, To: []Phase{PhaseDispatched}, May: papers,
			Stops: []TimerID{"T5", "T5c"}, Starts: []TimerID{"T5a", "T6", "T19"}, ZH: "通报涉及地区", EN: "tell the provinces concerned"},
		{Act: ActAcknowledge, By: []Role{RoleConcerned}, From: []Phase{PhaseDispatched, PhaseServed, PhaseUpheld, PhaseOverturned, PhasePublished},
			Part: PartProvince, Before: []Progress{Pending}, After: []Progress{Acknowledged}, May: []string{"reason"}, Stops: []TimerID{"T5a", "T5b"},
			ZH: "签收", EN: "acknowledge what was sent"},
		{Act: ActAnswer, By: []Role{RoleConcerned}, From: told, Part: PartProvince, Before: []Progress{Acknowledged}, Needs: []string{"answer"}, May: []string{"reason", "evidence", "to"},
			Starts: []TimerID{"T5a"}, ZH: "答复", EN: "accept it, say that it is not ours or counterfeit, or forward it"},
		{Act: ActServe, By: responsible, From: []Phase{PhaseDispatched, PhaseServed}, To: served, Needs: []string{"for", "evidence"}, May: []string{"reason"},
			Stops: []TimerID{"T6"}, Starts: []TimerID{"T7", "T15", "T18"}, ZH: "送达通知书和检验报告", EN: "serve notice and report"},
		{Act: ActWaive, By: contest, From: served, Needs: []string{"for"}, May: papers, Lapses: []TimerID{"T7", "T15"}, ZH: "放弃复检和异议", EN: "waive re-inspection and objection"},

		reinspection(ActReinspectionApply, contest, []Progress{None, Refused}, Applied, []string{"for", "items", "reason"}, []string{"evidence"}, []TimerID{"T7"}, []TimerID{"T8"}, "申请复检", "apply for re-inspection"),
		reinspection(ActReinspectionAccept, organiser, []Progress{Applied}, Accepted, nil, papers, []TimerID{"T8"}, []TimerID{"T9"}, "受理复检申请", "accept the application"),
		reinspection(ActReinspectionRefuse, organiser, []Progress{Applied}, Refused, []string{"reason"}, []string{"evidence"}, []TimerID{"T8"}, nil, "不予受理复检申请", "refuse the application"),
		reinspection(ActReinspectionAssign, organiser, []Progress{Accepted}, Assigned, []string{"lab"}, papers, []TimerID{"T9"}, []TimerID{"T10", "T11"}, "确定复检机构", "choose the re-inspection laboratory"),
		reinspection(ActReinspectionDecline, []Role{RoleRelab}, []Progress{Assigned}, Accepted, []string{"reason"}, []string{"evidence"}, []TimerID{"T10"}, []TimerID{"T9"}, "复检机构书面拒绝", "decline, in writing").lapsing("T11"),
		reinspection(ActReinspectionTransfer, []Role{RoleLab}, []Progress{Assigned}, Transferred, []string{"evidence"}, []string{"reason"}, []TimerID{"T11"}, []TimerID{"T12"}, "移交备份样品", "hand over the backup sample").lapsing("T10"),
		reinspection(ActReinspectionConclude, []Role{RoleRelab}, []Progress{Transferred}, Concluded, []string{"verdict"}, []string{"reason", "evidence", "report"}, []TimerID{"T12"}, []TimerID{"T13"}, "作出复检结论", "conclude the re-inspection"),
		reinspection(ActReinspectionNotify, organiser, []Progress{Concluded}, Notified, nil, papers, []TimerID{"T13"}, nil, "通知复检结论", "tell the applicant"),

		objection(ActObjectionFile, contest, []Progress{None}, []Progress{Filed}, []string{"reason", "evidence"}, nil, []TimerID{"T14", "T15"}, []TimerID{"T16a", "T16b"}, "提出异议", "object"),
		objection(ActObjectionAsk, organiser, []Progress{Filed}, []Progress{Awaiting}, []string{"reason"}, []string{"evidence"}, []TimerID{"T16a", "T16b"}, nil, "告知补正材料", "ask for missing material"),
		objection(ActObjectionSupply, contest, []Progress{Awaiting}, []Progress{Filed}, []string{"evidence"}, []string{"reason"}, nil, []TimerID{"T16b"}, "补正材料", "supply the missing material"),
		objection(ActObjectionAccept, organiser, []Progress{Filed}, []Progress{Accepted}, nil, papers, []TimerID{"T16a", "T16b"}, []TimerID{"T17a", "T17b"}, "受理异议", "accept the objection for decision"),
		objection(ActObjectionRefuse, organiser, []Progress{Filed, Awaiting}, []Progress{Refused}, []string{"reason"}, []string{"evidence"}, []TimerID{"T16a", "T16b"}, nil, "不予受理异议", "refuse the objection"),
		objection(ActObjectionDecide, organiser, []Progress{Accepted}, []Progress{Granted, Denied}, []string{"decision", "reason"}, []string{"evidence"}, []TimerID{"T17a", "T17b"}, nil, "审核异议", "decide the objection"),
		objection(ActObjectionWithdraw, contest, []Progress{Filed, Awaiting, Accepted}, []Progress{Withdrawn}, nil, papers, nil, nil, "撤回异议", "withdraw the objection").lapsing("T16a", "T16b", "T17a", "T17b"),

		handling(ActHandlingOpen, responsible, []Progress{None}, []Progress{Arranged}, nil, papers, []TimerID{"T19"}, []TimerID{"T20", "T21"}, "启动核查处置", "open the handling case"),
		handling(ActHandlingStep, responsible, []Progress{Arranged}, nil, []string{"step", "reason"}, []string{"evidence", "cause"}, []TimerID{"T18", "T20"}, nil, "填报核查处置", "record a step"),
		handling(ActHandlingSubmit, responsible, []Progress{Arranged}, []Progress{Filled}, nil, papers, []TimerID{"T21", "T22a"}, nil, "提交核查处置", "submit the case as done"),
		handling(ActHandlingReturn, organiser, []Progress{Filled}, []Progress{Arranged}, []string{"reason"}, []string{"evidence"}, nil, []TimerID{"T21"}, "退回核查处置", "return the case"),
		handling(ActHandlingPass, organiser, []Progress{Filled}, []Progress{Passed}, nil, papers, nil, nil, "通过核查处置", "pass the case"),
		handling(ActHandlingEscalate, organiser, []Progress{Arranged, Filled}, nil, []string{"reason"}, []string{"evidence"}, nil, nil, "督办", "put the case under supervision"),

		{Act: ActDetermine, By: organiser, From: []Phase{PhaseServed, PhaseUpheld, PhasePublished}, To: []Phase{PhaseUpheld, PhaseOverturned, PhasePublished}, Needs: []string{"decision", "reason"}, May: []string{"evidence"},
			Lapses: []TimerID{"T7", "T14", "T15"}, Starts: []TimerID{"T22", "T5b"}, ZH: "认定", EN: "determine whether the result stands"},
		{Act: ActPublish, By: organiser, From: []Phase{PhaseUpheld}, To: []Phase{PhasePublished}, Needs: []string{"row"}, May: []string{"reason", "evidence", "report"}, Stops: []TimerID{"T22"}, Starts: []TimerID{"T22a"}, ZH: "公布", EN: "publish the row"},
		{Act: ActCorrect, By: organiser, From: []Phase{PhasePublished, PhaseOverturned}, Needs: []string{"row", "reason"}, May: []string{"evidence", "report"}, Stops: []TimerID{"T22"}, ZH: "更正公布信息", EN: "correct the published row"},
		{Act: ActWithdraw, By: organiser, From: []Phase{PhasePublished}, To: []Phase{PhaseUpheld}, Needs: []string{"reason"}, May: []string{"evidence"}, Starts: []TimerID{"T22"}, ZH: "撤回公布信息", EN: "withdraw the published row"},
		{Act: ActExtend, By: organiser, From: open, Needs: []string{"timer", "reason"}, May: []string{"for", "kind", "link", "evidence"}, ZH: "延长期限", EN: "extend a period"},
		{Act: ActClose, By: organiser, From: []Phase{PhasePublished, PhaseOverturned}, To: []Phase{PhaseClosed}, May: papers, ZH: "办结", EN: "close"},
	}
}

func (m Move) lapsing(timers ...TimerID) Move {
	m.Lapses = timers
	return m
}

// MoveOf returns an act's row.
func MoveOf(act Act) (Move, bool) { return moveOf(NoticeMoves(), act) }

func moveOf(moves []Move, act Act) (Move, bool) {
	i := slices.IndexFunc(moves, func(m Move) bool { return m.Act == act })
	if i < 0 {
		return Move{}, false
	}
	return moves[i], true
}

// Guard is what must hold beside a row of the table.
type Guard struct {
	Act    Act
	ZH, EN string
}

// Guards lists what must hold beside the rows, in the order of the table.
func Guards() []Guard {
	return []Guard{
		{ActAnswer, "转交的省份尚未涉及", "a notice is forwarded to a province that is not concerned yet"},
		{ActServe, "每个对象送达一次；期限已过的，组织抽检的监管部门可代为送达", "each recipient is served once; when the period has passed, the organiser may serve in the other's stead"},
		{ActWaive, "已送达，且没有放弃过；监管部门代为提出的须附书面材料", "the recipient has been served and has not waived yet; a regulator that speaks for it has its paper in evidence"},
		{ActReinspectionApply, "已送达，没有放弃，该对象没有申请过；所列项目均为不合格项目，且都不是微生物项目；监管部门代为提出的须附书面材料", "the recipient has been served, has not waived and has not applied before; every item named failed, and none is microbiological; a regulator that speaks for it has its paper in evidence"},
		{ActReinspectionAssign, "不是初检机构，没有拒绝过，且已获准入", "the laboratory is not the first one, has not declined, and is admitted and active"},
		{ActReinspectionConclude, "所列报告为该机构在账本上的报告，结论一致", "a report that is named is the laboratory's own, is on the ledger, and says the same"},
		{ActObjectionFile, "抽样过程异议由被抽样单位提出；其他异议须已送达，且没有放弃", "the sampled establishment alone objects to the sampling; other objections need that the recipient has been served and has not waived"},
		{ActHandlingOpen, "环节适用于该样品；确认阶段仅限时报告可先行启动", "the link is one of the sample's; before the notice is dispatched, only an urgent case is opened"},
		{ActHandlingSubmit, "启动、产品控制、原因排查、整改复查已填报，处罚与未处罚理由二者有其一", "start, product control, cause and rectification are recorded, and either a penalty or the reason for none"},
		{ActDetermine, "期限按送达和上链时间中较晚者起算；被抽样单位和标称生产者均已送达；没有未结的复检或异议，其期限已过、已放弃或已行使；决定与复检和异议的结果一致；再次认定须有新的异议结果", "periods are counted from being served, or from when the ledger has that if it is later; unit and producer have been served; no re-inspection or objection is open, and the periods for them have ended, were waived or were used; the decision follows from them; a new determination needs a new decision on an objection"},
		{ActPublish, "公布的项目与报告的不合格项目一致；已排除标称生产者的，须在备注中说明；采用报告更正版的，该版为现行版，抽样编号、被抽样单位和标称生产者不变，不新增不合格项目", "the row has the items that failed, no others; where the claimed producer was cleared, the remark says so; a revision of the report that is adopted is the one in force, of the same sample, establishment and producer, and fails in no further item"},
		{ActCorrect, "曾经公布；其余同公布", "a row was published; else as for publishing"},
		{ActExtend, "期限正在计算，规定可以延长，且没有延长过", "the period is running, its rule allows an extension, and it was not extended before"},
		{ActClose, "没有待签收的省份；公布的，各环节核查处置均已通过，且没有未结的异议", "no province has still to acknowledge; a published case has all its links passed and no open objection"},
	}
}
