package traceability

// Code is a stable name for what became of a document or a request. Codes are
// never renamed or reused; CodeTable lists and explains each.
type Code string

// Codes of documents as such.
const (
	CodeMalformed      Code = "malformed"
	CodeOversized      Code = "oversized"
	CodeUnsigned       Code = "unsigned"
	CodeBadSignature   Code = "bad_signature"
	CodeAlgorithm      Code = "algorithm_unsupported"
	CodeReplayed       Code = "replayed"
	CodeDuplicate      Code = "duplicate"
	CodeFutureDated    Code = "future_dated"
	CodeUnknownType    Code = "unknown_type"
	CodeUnknownParty   Code = "unknown_party"
	CodeUnknownKey     Code = "unknown_key"
	CodeKeyNotValid    Code = "key_not_valid"
	CodePartySuspended Code = "party_suspended"
	CodePartyExpired   Code = "party_expired"
	CodeNotAllowed     Code = "not_allowed"
)

// Codes of what a document says.
const (
	CodeInvalid         Code = "invalid"
	CodeMissing         Code = "missing"
	CodeUnknownField    Code = "unknown_field"
	CodeTooMany         Code = "too_many"
	CodeHiddenCharacter Code = "hidden_character"
	CodeUnfitAmount     Code = "unfit_amount"
	CodeConflict        Code = "conflict"
	CodeSupersedes      Code = "supersedes_wrong"
	CodeUnknownLot      Code = "unknown_lot"
	CodeUnknownShipment Code = "unknown_shipment"
	CodeNotYours        Code = "not_yours"
	CodeInsufficient    Code = "insufficient_quantity"
	CodeUnitMismatch    Code = "unit_mismatch"
	CodeSelfReference   Code = "self_reference"
	CodeUnknownReport   Code = "unknown_report"
	CodeRuleNotInForce  Code = "rule_not_in_force"
	CodeDissent         Code = "dissent_unstated"
	CodeCalendarMissing Code = "calendar_missing"
	CodeTimerMissing    Code = "timer_missing"
	CodeUnknownNotice   Code = "unknown_notice"
	CodeWrongState      Code = "wrong_state"
	CodeUnknownLicence  Code = "unknown_licence"
	CodeUnknownEntry    Code = "unknown_entry"

	CodeUnknownConsultation Code = "unknown_consultation"
	CodeQuorumMissing       Code = "quorum_missing"
	CodeQuorumNotReached    Code = "quorum_not_reached"
	CodeUnknownShop         Code = "unknown_shop"
	CodeClaimsBetter        Code = "claims_better"
	CodeUnknownRecall       Code = "unknown_recall"
	CodeTooManyRecalls      Code = "too_many_recalls"
	CodeGTINTaken           Code = "gtin_taken"
	CodeLotInUse            Code = "lot_in_use"
)

// Codes of warnings: the document is accepted and the remark is recorded.
const (
	CodeCheckDigit      Code = "check_digit"
	CodeUnknownDivision Code = "unknown_division"
	CodeOutOfScope      Code = "out_of_scope"
	CodeVerdictDiffers  Code = "verdict_differs"
	CodeTaskUnstated    Code = "task_unstated"
	CodeAwaiting        Code = "awaiting_provinces"
	CodeRepeats         Code = "repeats_recognised"
	CodeLate            Code = "late"
	CodeOlder           Code = "older_declaration"
	CodeRecalledLot     Code = "recalled_lot"
	CodeReportNoticed   Code = "report_noticed"
)

// Codes of requests.
const (
	CodeNotFound     Code = "not_found"
	CodeUnauthorized Code = "unauthorized"
	CodeBatchTooBig  Code = "batch_too_big"
	CodeMediaType    Code = "media_type"
	CodeMethod       Code = "method_not_allowed"
	CodeRateLimited  Code = "rate_limited"
	CodeTimeout      Code = "timeout"
	CodeBusy         Code = "busy"
	CodeInternal     Code = "internal"
)

// Codes of what is wrong with the machine of a server; GET /readyz says them, and
// those that keep it from taking documents are answers to requests too.
const (
	CodeNoSpace     Code = "disk_full"
	CodeLowSpace    Code = "disk_low"
	CodeDamaged     Code = "damaged"
	CodeStopped     Code = "stopped"
	CodeFailing     Code = "failing"
	CodeClock       Code = "clock_behind"
	CodeClockJumped Code = "clock_jumped"
	CodeLagging     Code = "lagging"
	CodeDiffers     Code = "differs"
)

// CodeInfo explains a code to the person who meets it.
type CodeInfo struct {
	Code  Code
	Kind  string // document, content, warning, request or machine
	Cause string // what brings it about
	Do    string // what to do
	ZH    string // the cause in Chinese
}

// CodeTable lists every code in the order of the constants above. The table in
// docs/errors.md is made from it.
func CodeTable() []CodeInfo {
	return []CodeInfo{
		{CodeMalformed, "document", "Not a compact JWS, or its header or payload is not valid JSON in UTF-8 without duplicate names.", "Mend the program that makes the document.", "不是紧凑 JWS，或头部、载荷不是合法 JSON"},
		{CodeOversized, "document", "The document is longer than 1 MiB.", "Split the report, or leave attachments out.", "文档超过 1 MiB"},
		{CodeUnsigned, "document", "The signature is empty or the algorithm is none.", "Sign it with the party's key.", "文档未签名"},
		{CodeBadSignature, "document", "The signature does not match the key on the ledger.", "Sign with the key that kid names; send the bytes unchanged.", "签名与账本上的公钥不符"},
		{CodeAlgorithm, "document", "alg is not EdDSA (Ed25519) or ES256, or does not fit the key.", "Use EdDSA.", "不支持的签名算法"},
		{CodeReplayed, "document", "Exactly this signed document is on the ledger already. Nothing is written again.", "Nothing; `first` says where it is.", "同一签名文档已在账本上（重放）"},
		{CodeDuplicate, "document", "The same content, signed again, is on the ledger already. Nothing is written again.", "Nothing; `first` says where it is.", "内容相同的文档已在账本上"},
		{CodeFutureDated, "document", "iat, or a time that the payload states as past, is more than 5 minutes ahead of the ledger's clock.", "Set the clock; send it when it has happened.", "日期晚于账本时间"},
		{CodeUnknownType, "document", "typ is no document type of this ledger.", "See the list of types.", "未知的文档类型"},
		{CodeUnknownParty, "document", "The party in kid is not on the ledger.", "Ask the province's regulator for admission.", "签名方尚未获准入"},
		{CodeUnknownKey, "document", "The party has no such key.", "Use the key that was admitted, or have the new one admitted by party.rotate-key.", "签名方没有此密钥"},
		{CodeKeyNotValid, "document", "The key was replaced before the document reached the ledger.", "Sign again with the current key.", "密钥已失效"},
		{CodePartySuspended, "document", "The party is suspended.", "Ask the province's regulator.", "签名方已被暂停"},
		{CodePartyExpired, "document", "The party's admission is not valid on this day.", "Ask the province's regulator to admit it anew.", "签名方的准入不在有效期内"},
		{CodeNotAllowed, "document", "This kind of party may not say this, or not about this party.", "Let the party that may say it sign it.", "签名方无权提交此类文档"},

		{CodeInvalid, "content", "A value breaks its grammar.", "See field, found and expected.", "值的格式无效"},
		{CodeMissing, "content", "A required value is absent.", "See field and expected.", "缺少必填项"},
		{CodeUnknownField, "content", "The payload has a member that this document type does not have.", "Check the spelling; nothing is dropped silently.", "含有未定义的字段"},
		{CodeTooMany, "content", "A list is longer than allowed; without field, the document has more problems than are listed, of which there are at most 100.", "Split it; mend the problems that are listed.", "列表过长；未注明字段时，指问题较多，只列出前 100 个"},
		{CodeHiddenCharacter, "content", "A text has a character that cannot be seen, that changes the direction of others, or that is none: a control character, U+202E, U+200B, U+FEFF and the like.", "Remove the character; found names it and its place.", "文字中有不可见或改变显示方向的字符"},
		{CodeUnfitAmount, "content", "An amount has, in the lot's unit, more than 6 digits after the point or 15 before it: it, or what is held with it.", "Round it in the lot's unit.", "数量换算为批次的计量单位后超过 6 位小数或 15 位整数"},
		{CodeConflict, "content", "Other content is on the ledger under the same natural key.", "The message says how to supersede it.", "同一编号下已有不同内容"},
		{CodeSupersedes, "content", "supersedes does not name the document that is in force now, or the revision is not the next one.", "Read the current one, then correct supersedes and revision.", "supersedes 指向的不是现行文档"},
		{CodeUnknownLot, "content", "A lot is not registered.", "Register it first (lot.register).", "批次未登记"},
		{CodeUnknownShipment, "content", "The shipment does not exist, or was not sent to this party.", "See shipment.", "发货记录不存在或收货方不是签名方"},
		{CodeNotYours, "content", "The lot belongs to another party.", "Only its registrant may say this.", "批次属于其他主体"},
		{CodeInsufficient, "content", "More of the lot is used than the party holds, or more is received than was shipped.", "Record what came in first, or correct the amount.", "数量超过现有或已发数量"},
		{CodeUnitMismatch, "content", "The unit measures something other than the lot's unit.", "Use a unit of the same dimension.", "计量单位与批次不符"},
		{CodeSelfReference, "content", "A lot goes into itself.", "Register a new lot for the output.", "批次不能以自身为原料"},
		{CodeUnknownReport, "content", "The report is not on the ledger, has no such parameter, or has been replaced by a later revision.", "Compare with GET /v1/reports.", "账本上没有此报告或此检验项目，或已被新版替换"},
		{CodeRuleNotInForce, "content", "The version of the rule is not on the ledger, not in force on that day, or is not about such a report.", "Name the version that GET /v1/recognition names.", "互认规则不存在、当日无效或不适用于此报告"},
		{CodeDissent, "content", "The decision differs from what the rule gives, and says no reason.", "Decide as the rule does, or state the reason in dissent.", "与规则判定不一致而未说明理由"},
		{CodeCalendarMissing, "content", "Working days of a year have to be counted of which the ledger has no calendar. They are never guessed.", "Let three provinces sign that year's calendar (calendar.set).", "账本上没有该年的节假日安排，不能计算工作日"},
		{CodeTimerMissing, "content", "The ledger has no rule for a period that has to be counted.", "Let three provinces sign it (timer.set, parameters.set).", "账本上没有计算此期限所依据的规定"},
		{CodeUnknownNotice, "content", "There is no notice about the sample, or none that concerns the signer.", "Check the id; the organising province issues it (notice.issue).", "没有此不合格样品通报，或与签名方无关"},
		{CodeWrongState, "content", "The move is not possible where the notice, the licence or the consultation stands now.", "The message says where it stands, and what may be done by whom.", "通报、许可证或会商目前的状态不允许此操作"},
		{CodeUnknownLicence, "content", "The licence is not in the register.", "Check the number; the issuing province grants it first (licence.grant).", "登记库中没有此许可证"},
		{CodeUnknownEntry, "content", "There is no such entry in a credit record.", "Compare with GET /v1/credit.", "没有此信用记录"},
		{CodeUnknownConsultation, "content", "There is no such consultation.", "Check the id; a province opens it (consultation.open).", "没有此会商"},
		{CodeQuorumMissing, "content", "The ledger has no quorum in force that a resolution could be measured by.", "Let three provinces sign it (quorum.set).", "账本上没有生效的表决法定数"},
		{CodeQuorumNotReached, "content", "The votes on the draft do not reach the quorum.", "Wait for the other provinces' votes, or propose another draft.", "表决未达到法定数"},
		{CodeUnknownShop, "content", "The platform has not declared the shop.", "Declare it first (listing.declare).", "平台尚未申报此店铺"},
		{CodeClaimsBetter, "content", "A verification claims more than the register and the listing give: a better verdict, another number, or a code left out. Perhaps the register has changed since.", "Verify the shop again (POST /v1/licences/verify) and record that.", "核验结论优于登记数据所能支持的结论"},
		{CodeUnknownRecall, "content", "There is no recall of this id, or none that concerns the signer.", "Check the id, which is that of the recall's first lot (recall.open).", "没有此召回，或与签名方无关"},
		{CodeTooManyRecalls, "content", "The producer has 50 recalls of its own will that are neither closed nor withdrawn. What a regulator orders does not count.", "Name more lots in one recall (100 at most), and bring the others to their end.", "生产者主动启动而尚未结束的召回已达 50 次"},
		{CodeGTINTaken, "content", "The GTIN is another party's: who registered its first lot, or whom a regulator assigned it to.", "Ask the regulator of your province to assign it (gtin.assign); for another's goods, use cn/<USCC>/<product code>/<lot>.", "该商品条码由其他主体使用，可向所在地省级监管部门申请确认"},
		{CodeLotInUse, "content", "Another party registered this lot of your GTIN, and there are goods of it or a recall, so it cannot be registered anew.", "Recall the lot (recall.open), and use another lot number.", "该批次由其他主体登记，已有产品数量或召回记录"},

		{CodeCheckDigit, "warning", "The check digit of an identifier is wrong. Real numbers fail theirs, so it is recorded as printed.", "Compare with the certificate.", "编号校验位不符"},
		{CodeUnknownDivision, "warning", "The division code is not in GB/T 2260 as of 2022 for the four provinces.", "Compare with the certificate.", "行政区划代码未收录"},
		{CodeOutOfScope, "warning", "The laboratory's accredited scope has no such parameter with this method on the day of the test.", "Nothing to resend; it is recorded as out of scope.", "超出资质认定能力范围"},
		{CodeVerdictDiffers, "warning", "The report's verdict and its items' verdicts differ, or an item's verdict and the limit that the four provinces agreed on.", "Check the report; the laboratory's verdict stands as given.", "报告结论与单项判定不一致，或单项判定与四省商定的限量不一致"},
		{CodeTaskUnstated, "warning", "The report does not say what kind of task it was made for, so the public does not see it.", "State the task (监督抽检 …).", "未注明检验类别，不向公众展示"},
		{CodeAwaiting, "warning", "A province's key, a calendar, a period, a list of parameters, a quorum or a rule of recurrence comes into force when three provinces have signed the same content, a limit when all four have.", "Let the other provinces sign it.", "须三省（限量须四省）签署相同内容后生效"},
		{CodeRepeats, "warning", "Another province's laboratory has tested the same parameter of the same lot, and its result counts by mutual recognition. Only labs-adapter says this.", "Leave the test out, unless there is a reason to repeat it.", "该批次此项目已有互认的检验结果"},
		{CodeLate, "warning", "The act was done, or was said on the ledger, after its statutory period. It is accepted and marked as late.", "Nothing to resend; expected names the period and its basis.", "已超过法定期限，予以接受并标明逾期"},
		{CodeOlder, "warning", "Some shops were declared, or verified, at a later time already. The document is kept; these shops stay as they are.", "Nothing; send them in the order of `at`.", "部分店铺已有更新的申报或核验，保持不变"},
		{CodeRecalledLot, "warning", "The lot is recalled. The event is recorded, and an alert raised.", "Stop using and selling the lot, and follow the recall.", "该批次已被召回，请停止使用和销售"},
		{CodeReportNoticed, "warning", "The report has a notice about a failed sample. The revision is kept for the regulators and those concerned; what is published stays as it is until the organiser adopts the revision.", "Tell the regulator that organised the sampling (notice.act correct with report).", "该报告已有不合格样品通报，更正版经组织抽检的监管部门采用后方予公布"},

		{CodeNotFound, "request", "Nothing on the ledger has this identifier.", "Check it.", "账本上没有此编号"},
		{CodeUnauthorized, "request", "The token is absent, expired, replayed, or not signed by an admitted key.", "Make a new token (at most 5 minutes).", "令牌缺失或无效"},
		{CodeBatchTooBig, "request", "More than 1,000 documents or 8 MB in a request.", "Send several requests.", "一次提交超过 1000 份或 8 MB"},
		{CodeMediaType, "request", "The content type is not one that this address takes, or none that it gives is acceptable.", "See the API's description.", "不支持的内容类型"},
		{CodeMethod, "request", "This address does not take this method.", "See Allow.", "不支持的请求方法"},
		{CodeRateLimited, "request", "Too many requests from this address.", "Wait for Retry-After seconds.", "请求过于频繁"},
		{CodeTimeout, "request", "The answer took too long.", "Try again; a submission can be repeated without harm.", "处理超时，可安全重试"},
		{CodeBusy, "request", "The ledger cannot take more at the moment.", "Try again after Retry-After seconds; a submission can be repeated without harm.", "系统繁忙，请稍后重试"},
		{CodeInternal, "request", "A fault on our side; the log has it under the request id.", "Try again, then tell the operator the request id.", "内部错误"},

		{CodeNoSpace, "machine", "The server's disk is full: nothing is taken; what is on the ledger can be read.", "Client: submit again after Retry-After seconds. Operator: make room; it goes on by itself.", "服务器磁盘已满，暂不接收文档，仍可查询"},
		{CodeLowSpace, "machine", "The server's disk is nearly full.", "Operator: make room before nothing is taken any more.", "服务器磁盘空间不足"},
		{CodeDamaged, "machine", "The server's disk does not give back what was written; what can still be read is read.", "Operator: a damaged read model is made again with `api rebuild`; a damaged ledger comes from a backup (`api restore`).", "服务器磁盘数据已损坏，暂不接收文档"},
		{CodeStopped, "machine", "The server's ledger or read model has stopped after a failure.", "Operator: see the log, mend the cause and start again; every acknowledged document is kept.", "服务器的账本或查询库因故障停止"},
		{CodeFailing, "machine", "A part of the server fails at the moment and tries again.", "Operator: see the log.", "服务器的部分功能暂时出错，正在重试"},
		{CodeClock, "machine", "The ledger's last block is of a time that has not come by the server's clock: nothing is taken.", "Operator: set the clock; the log says what else can be done.", "服务器时钟落后于账本时间，暂不接收文档"},
		{CodeClockJumped, "machine", "The server's clock was set, or jumped, by more than 5 minutes within the last hour.", "Operator: compare it with a clock that is right.", "服务器时钟发生跳变"},
		{CodeLagging, "machine", "A block has been waiting too long to be taken into the read model.", "Operator: see the log; answers are as of an earlier block.", "查询库落后于账本"},
		{CodeDiffers, "machine", "Rows of the read model are not what the ledger says: somebody altered the database.", "Operator: the log names the rows; find out who, then run api rebuild.", "查询库与账本不一致，可能被人改动"},
	}
}
