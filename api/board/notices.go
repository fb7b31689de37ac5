package board

import "deltatrace/traceability"

// notices is the subject of failed samples.
func notices() Subject {
	return newSubject(traceability.TypeNoticeAct, "notice", traceability.NoticeMoves(), moveOf, traceability.Guards(), noticeFields())
}

// noticeFields lists the members of notice.act beside notice, act and at.
func noticeFields() []Field {
	grounds := []string{string(traceability.AnswerNotOurs), string(traceability.AnswerCounterfeit), string(traceability.AnswerForward)}
	decisions := options(decisionWords, traceability.Upheld, traceability.Overturned, traceability.Rejected)
	decisions[1].Acts = []traceability.Act{traceability.ActDetermine}
	decisions[2].Acts = []traceability.Act{traceability.ActObjectionDecide}
	return []Field{
		{Name: "for", Kind: OneOf, Words: Words{"对象", "Recipient"}, Options: options(recipientWords, traceability.ToUnit, traceability.ToProducer, traceability.ToPlatform)},
		{Name: "kind", Kind: OneOf, Words: Words{"异议类别", "Kind of objection"}, Options: options(objectionWords, traceability.ObjectionKinds()...)},
		{Name: "link", Kind: OneOf, Words: Words{"环节", "Link of the chain"},
			Options: options(linkWords, traceability.LinkProduction, traceability.LinkDistribution, traceability.LinkCatering, traceability.LinkOnline)},
		{Name: "answer", Kind: OneOf, Words: Words{"答复", "Answer"},
			Options: options(answerWords, traceability.AnswerAccept, traceability.AnswerNotOurs, traceability.AnswerCounterfeit, traceability.AnswerForward)},
		{Name: "to", Kind: OneOf, Words: Words{"转交省份", "Forward to"}, Options: provinces(),
			When: map[string][]string{"answer": {string(traceability.AnswerForward)}}},
		{Name: "decision", Kind: OneOf, Words: Words{"决定", "Decision"}, Options: decisions},
		{Name: "items", Kind: Items, Words: Words{"复检项目", "Items to be re-inspected"}},
		{Name: "lab", Kind: Text, Most: 40, Words: Words{"复检机构", "Re-inspection laboratory"}, Hint: &Words{"机构标识，如 lab:230912340001", "The laboratory’s id, e.g. lab:230912340001"}},
		{Name: "verdict", Kind: OneOf, Words: Words{"复检结论", "Conclusion"}, Options: options(verdictWords, traceability.VerdictPass, traceability.VerdictFail)},
		{Name: "report", Kind: Text, Most: 120, Words: Words{"复检报告", "Report of the re-inspection"},
			Hint: &Words{"账本上的报告标识，如 lab:230912340001/SP202690001/1", "Its id on the ledger, e.g. lab:230912340001/SP202690001/1"}},
		{Name: "step", Kind: OneOf, Words: Words{"步骤", "Step"}, Options: options(stepWords, traceability.Steps()...)},
		{Name: "cause", Kind: OneOf, Words: Words{"不合格原因", "Cause of the failure"}, Options: options(causeWords, traceability.CauseAdded, traceability.CauseMaterial,
			traceability.CauseProcess, traceability.CauseControl, traceability.CauseStorage, traceability.CausePackaging, traceability.CauseLabel, traceability.CauseOther),
			When: map[string][]string{"step": {string(traceability.StepCause)}}},
		{Name: "timer", Kind: Timer, Words: Words{"期限", "Period"}},
		{Name: "row", Kind: Row, Words: Words{"公布信息", "The public row"}, Members: rowMembers()},
		{Name: "reason", Kind: LongText, Most: 5000, Words: Words{"说明", "Reason, or what was found"}, Must: map[string][]string{"answer": grounds}},
		{Name: "evidence", Kind: Files, Words: Words{"书面材料", "Papers"}, Must: map[string][]string{"answer": grounds[:2]},
			Hint: &Words{"文件不上传，只签署其名称和 SHA-256。代当事人提出的，须附其书面材料。", "Files are not sent; their names and SHA-256 are signed. Who speaks for a party has its paper here."}},
	}
}

// rowMembers are the columns of the national table (不合格产品信息) but for the
// failed items, which follow from the report.
func rowMembers() []Field {
	text := func(name string, most int, zh, en string) Field {
		return Field{Name: name, Kind: Text, Most: most, Words: Words{zh, en}}
	}
	remark := text("remark", 1000, "备注", "Remark")
	remark.Kind = LongText
	return []Field{
		text("food_name", 200, "食品名称", "Food"), text("claimed_producer.name", 200, "标称生产企业", "Claimed producer"),
		text("claimed_producer.address", 300, "标称生产企业地址", "Its address"), text("claimed_producer.uscc", 18, "标称生产企业统一社会信用代码", "Its unified social credit code"), text("sampled_unit.name", 200, "被抽样单位", "Sampled establishment"),
		text("sampled_unit.address", 300, "被抽样单位地址", "Its address"), text("sampled_unit.uscc", 18, "被抽样单位统一社会信用代码", "Its unified social credit code"), text("sampling_no", 30, "抽样单编号", "Sampling number"), text("spec", 100, "规格型号", "Specification"), text("trademark", 100, "商标", "Trademark"),
		text("batch", 100, "批号", "Batch"), text("date", 10, "日期", "Date"), text("date_kind", 20, "日期种类（代码）", "Kind of date (code)"), text("shelf_life", 100, "保质期", "Shelf life"), text("category", 100, "分类", "Category"), text("lab", 200, "检验机构", "Laboratory"),
		text("announcement", 100, "公告号", "Announcement"), text("task", 200, "任务来源", "Task"), text("shop", 200, "网店商铺名称", "Online shop"),
		text("platform", 200, "网抽平台名称", "Platform"), remark,
	}
}
