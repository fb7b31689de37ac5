package board

import "deltatrace/traceability"

var (
	recipientWords = map[traceability.Recipient]Words{
		traceability.ToUnit: {"被抽样单位", "the sampled establishment"}, traceability.ToProducer: {"标称生产者", "the claimed producer"}, traceability.ToPlatform: {"网络交易平台", "the platform"},
	}
	objectionWords = map[traceability.ObjectionKind]Words{
		traceability.ObjectSampling: {"抽样过程", "the sampling"}, traceability.ObjectTesting: {"检验过程", "the testing"},
		traceability.ObjectResult: {"检验方法、标准适用", "the method or standard applied"}, traceability.ObjectAuthenticity: {"样品真实性（假冒）", "the sample’s authenticity (counterfeit)"},
	}
	linkWords = map[traceability.Link]Words{
		traceability.LinkProduction: {"生产", "production"}, traceability.LinkDistribution: {"流通", "distribution"}, traceability.LinkCatering: {"餐饮", "catering"}, traceability.LinkOnline: {"网络交易", "online"},
	}
	answerWords = map[traceability.Answer]Words{
		traceability.AnswerAccept: {"接受", "Accept"}, traceability.AnswerNotOurs: {"地址或主体不符，非本地", "Not ours: no such business here"},
		traceability.AnswerCounterfeit: {"企业称系假冒", "The producer says it is counterfeit"}, traceability.AnswerForward: {"转交其他省份", "Forward to another province"},
	}
	decisionWords = map[traceability.Decision]Words{
		traceability.Upheld: {"成立（认可）", "Upheld"}, traceability.Rejected: {"不认可", "Rejected"}, traceability.Overturned: {"不成立，撤销", "Overturned"},
	}
	verdictWords = map[traceability.Verdict]Words{traceability.VerdictPass: {"合格", "passed"}, traceability.VerdictFail: {"不合格", "failed"}}
	stepWords    = map[traceability.Step]Words{
		traceability.StepStart: {"启动情况", "start"}, traceability.StepProductControl: {"产品控制", "product control"}, traceability.StepCause: {"原因排查", "cause"},
		traceability.StepPenalty: {"行政处罚", "penalty"}, traceability.StepNoPenalty: {"未处罚理由", "reason for no penalty"},
		traceability.StepRectification: {"整改复查", "rectification"}, traceability.StepTransfer: {"通报移送", "transfer"},
	}
	causeWords = map[traceability.Cause]Words{
		traceability.CauseAdded: {"人为添加", "added on purpose"}, traceability.CauseMaterial: {"原料问题", "raw material"}, traceability.CauseProcess: {"生产工艺", "process"},
		traceability.CauseControl: {"过程控制不严", "lax process control"}, traceability.CauseStorage: {"储运不当", "storage or transport"}, traceability.CausePackaging: {"包装迁移", "migration from packaging"},
		traceability.CauseLabel: {"标签标识", "label"}, traceability.CauseOther: {"其他", "other"},
	}
	effectWords   = map[traceability.Effect]Words{traceability.Effective: {"有效", "effective"}, traceability.Ineffective: {"无效，继续召回", "ineffective: it goes on"}}
	latenessWords = map[traceability.Lateness]Words{
		traceability.InTime: {"按期", "in time"}, traceability.RecordedLate: {"补录", "recorded late"}, traceability.Late: {"逾期", "late"}, traceability.Unknown: {"无法判断", "cannot be said"},
	}
	concernWords = map[string]Words{
		"sampling": {"抽样地", "place of sampling"}, "producer": {"标称生产者所在地", "claimed producer"}, "platform": {"平台所在地", "platform"}, "forwarded": {"转交", "forwarded"},
	}
	unknownWords = map[traceability.Code]Words{
		traceability.CodeCalendarMissing: {"账本上没有所需年份的节假日安排", "the ledger has no calendar of a year that it reaches"},
		traceability.CodeTimerMissing:    {"账本上没有此期限的规定", "the ledger has no rule for it"},
	}
)

// words are the terms that the script shows, by kind: those of the domain, and
// the options of the fields.
func words() map[string]map[string]Words {
	all := map[string]map[string]Words{
		"lateness": keyed(latenessWords), "concern": keyed(concernWords), "unknown": keyed(unknownWords), "answer": keyed(answerWords), "recipient": keyed(recipientWords),
		"objection": keyed(objectionWords), "link": keyed(linkWords), "decision": keyed(decisionWords), "verdict": keyed(verdictWords), "step": keyed(stepWords),
		"cause": keyed(causeWords), "state": {}, "progress": {},
		"licence": keyed(licenceWords), "standing": keyed(standingWords), "severity": severityWords(),
	}
	all["vote"], all["review"], all["warning"] = keyed(voteWords), keyed(reviewWords), make(map[string]Words)
	for _, o := range warningLevels() {
		all["warning"][o.Value] = o.Words
	}
	all["consultation"] = make(map[string]Words)
	for _, p := range traceability.ConsultationPhases() {
		zh, en := p.Words()
		all["consultation"][string(p)] = Words{zh, en}
	}
	all["effect"], all["level"] = keyed(effectWords), make(map[string]Words)
	for _, l := range traceability.RecallLevels() {
		zh, en := l.Words()
		all["level"][string(l)] = Words{zh, en}
	}
	for _, p := range append(traceability.Phases(), traceability.RecallPhases()...) {
		zh, en := p.Words()
		all["state"][string(p)] = Words{zh, en}
	}
	for _, p := range []traceability.Progress{traceability.None, traceability.Pending, traceability.Acknowledged, traceability.Applied, traceability.Accepted, traceability.Refused,
		traceability.Assigned, traceability.Transferred, traceability.Concluded, traceability.Notified, traceability.Filed, traceability.Awaiting, traceability.Granted,
		traceability.Denied, traceability.Withdrawn, traceability.Arranged, traceability.Filled, traceability.Passed} {
		zh, en := p.Words()
		all["progress"][string(p)] = Words{zh, en}
	}
	return all
}

func keyed[K ~string](words map[K]Words) map[string]Words {
	all := make(map[string]Words, len(words))
	for k, w := range words {
		all[string(k)] = w
	}
	return all
}
