package traceability

// words are a term of the field in Chinese and English (domain terms of 核查处置).
type words struct{ zh, en string }

// Words returns the role's name for people.
func (r Role) Words() (zh, en string) {
	w := map[Role]words{
		RoleOrganiser:   {"组织抽检的监管部门", "the regulator that organised the sampling"},
		RoleConcerned:   {"涉及地区的监管部门", "a regulator of another province concerned"},
		RoleResponsible: {"所在地监管部门", "the regulator responsible for the place"},
		RoleUnit:        {"被抽样单位", "the sampled establishment"},
		RoleProducer:    {"标称生产者", "the claimed producer"},
		RoleLab:         {"初检机构", "the first laboratory"},
		RoleRelab:       {"复检机构", "the re-inspection laboratory"},
		RoleInitiator:   {"会商发起地监管部门", "the regulator that opened the consultation"},
		RoleProvince:    {"四省市监管部门", "any of the four regulators"},
		RoleOverseer:    {"生产者所在地或责令召回的监管部门", "the regulator of the producer's province, or the one that ordered it"},
	}[r]
	return w.zh, w.en
}

// Words returns the phase's name for people.
func (p Phase) Words() (zh, en string) {
	w := map[Phase]words{
		PhaseIssued: {"已确认", "issued"}, PhaseDispatched: {"已通报", "dispatched"}, PhaseServed: {"已送达", "served"}, PhaseUpheld: {"已认定", "upheld"},
		PhaseOverturned: {"已撤销", "overturned"}, PhasePublished: {"已公布", "published"}, PhaseClosed: {"已办结", "closed"},
		PhaseOrdered: {"已责令召回", "ordered"}, PhaseVoluntary: {"已主动启动", "begun voluntarily"}, PhasePlanned: {"已提交召回计划", "planned"},
		PhaseAnnounced: {"已发布召回公告", "announced"}, PhaseExecuting: {"召回中", "being executed"}, PhaseReported: {"已提交召回总结", "reported as done"},
		PhaseAssessed: {"已评价", "assessed"}, PhaseWithdrawn: {"已撤销", "withdrawn"},
	}[p]
	return w.zh, w.en
}

// Words returns the part's name for people.
func (p Part) Words() (zh, en string) {
	w := map[Part]words{
		PartProvince: {"省份", "province"}, PartReinspection: {"复检", "re-inspection"}, PartObjection: {"异议", "objection"}, PartHandling: {"核查处置", "handling case"},
	}[p]
	return w.zh, w.en
}

// Words returns the progress's name for people.
func (p Progress) Words() (zh, en string) {
	w := map[Progress]words{
		None: {"未开始", "not begun"}, Pending: {"待签收", "to be acknowledged"}, Acknowledged: {"已签收", "acknowledged"}, Applied: {"已申请", "applied for"},
		Accepted: {"已受理", "accepted"}, Refused: {"不予受理", "refused"}, Assigned: {"已确定复检机构", "assigned"}, Transferred: {"备份样品已移交", "transferred"},
		Concluded: {"已作出复检结论", "concluded"}, Notified: {"已通知", "notified"}, Filed: {"处理中", "filed"}, Awaiting: {"待补正材料", "awaiting material"},
		Granted: {"认可", "upheld"}, Denied: {"不认可", "rejected"}, Withdrawn: {"已撤回", "withdrawn"}, Arranged: {"已安排", "arranged"}, Filled: {"已填报", "filled in"}, Passed: {"已通过", "passed"},
	}[p]
	return w.zh, w.en
}

// Words returns the level's name for people.
func (l RecallLevel) Words() (zh, en string) {
	w := map[RecallLevel]words{
		RecallI: {"一级召回", "level I recall"}, RecallII: {"二级召回", "level II recall"}, RecallIII: {"三级召回", "level III recall"}, RecallFlaw: {"标签瑕疵自愿召回", "voluntary recall for a flaw of the label"},
	}[l]
	return w.zh, w.en
}
