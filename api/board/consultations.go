package board

import "deltatrace/traceability"

// consultations is the subject of joint risk consultations.
func consultations() Subject {
	row := func(m traceability.ConsultationMove) Move {
		return Move{Act: m.Act, Needs: m.Needs, May: m.May, Words: Words{m.ZH, m.EN}}
	}
	return newSubject(traceability.TypeConsultationAct, "consultation", traceability.ConsultationMoves(), row, traceability.ConsultationGuards(), consultationFields())
}

var (
	voteWords   = map[traceability.Choice]Words{traceability.VoteYes: {"同意", "yes"}, traceability.VoteNo: {"反对", "no"}, traceability.VoteAbstain: {"弃权", "abstain"}}
	reviewWords = map[traceability.ReviewDecision]Words{
		traceability.ReviewKeep: {"继续", "keep it"}, traceability.ReviewChange: {"调整", "change it"}, traceability.ReviewLift: {"解除", "lift it"},
	}
)

func warningLevels() []Option {
	var list []Option
	for _, l := range []traceability.WarningLevel{traceability.LevelNone, traceability.LevelAttention, traceability.LevelWarning, traceability.LevelAlert} {
		zh, en := l.Words()
		list = append(list, Option{Value: string(l), Words: Words{zh, en}})
	}
	return list
}

// consultationFields lists the members of consultation.act beside consultation, act,
// at and draft, which the choice brings.
func consultationFields() []Field {
	review := Field{Name: "review_on", Kind: Day, Words: Words{"下次复核日期", "Next day of review"}}
	resolution := Field{Name: "resolution", Kind: Object, Words: Words{"决议", "Resolution"}, Members: []Field{
		{Name: "level", Kind: OneOf, Words: Words{"预警级别", "Warning level"}, Options: warningLevels()},
		{Name: "measures", Kind: Lines, Most: 5000, Words: Words{"措施（每行一项）", "Measures, one a line"}},
		{Name: "review_on", Kind: Day, Words: Words{"复核日期（不预警的除外）", "Day of review, unless there is no warning"}},
	}}
	resolution.When = map[string][]string{"decision": {string(traceability.ReviewChange)}}
	review.When = map[string][]string{"decision": {string(traceability.ReviewKeep)}}
	return []Field{
		{Name: "opinion", Kind: LongText, Most: 10000, Words: Words{"意见", "Opinion"}},
		{Name: "level", Kind: OneOf, Words: Words{"建议预警级别", "Level that it proposes"}, Options: warningLevels()},
		{Name: "vote", Kind: OneOf, Words: Words{"表决", "Vote"}, Options: options(voteWords, traceability.VoteYes, traceability.VoteNo, traceability.VoteAbstain)},
		{Name: "decision", Kind: OneOf, Words: Words{"复核决定", "Decision of the review"}, Options: options(reviewWords, traceability.ReviewKeep, traceability.ReviewChange, traceability.ReviewLift)},
		resolution, review,
		{Name: "advice", Kind: Object, Words: Words{"公众摘要", "Summary for the public"}, Members: []Field{
			{Name: "title", Kind: Text, Most: 200, Words: Words{"标题", "Title"}}, {Name: "text", Kind: LongText, Most: 5000, Words: Words{"正文", "Text"}},
			{Name: "title_en", Kind: Text, Most: 300, Words: Words{"英文标题", "Title in English"}}, {Name: "text_en", Kind: LongText, Most: 10000, Words: Words{"英文正文", "Text in English"}},
		}},
		{Name: "reason", Kind: LongText, Most: 5000, Words: Words{"理由", "Reason"}, Must: map[string][]string{"vote": {string(traceability.VoteNo)}}},
		{Name: "evidence", Kind: Files, Words: Words{"书面材料", "Papers"}, Hint: &Words{"文件不上传，只签署其名称和 SHA-256。", "Files are not sent; their names and SHA-256 are signed."}},
	}
}
