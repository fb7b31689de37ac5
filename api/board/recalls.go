package board

import "deltatrace/traceability"

// recalls is the subject of recalls.
func recalls() Subject {
	return newSubject(traceability.TypeRecallAct, "recall", traceability.RecallMoves(), moveOf, traceability.RecallGuards(), recallFields())
}

// recallFields lists the members of recall.act beside recall, act and at.
func recallFields() []Field {
	levels := Field{Name: "level", Kind: OneOf, Words: Words{"召回级别", "Level"}}
	for _, l := range traceability.RecallLevels() {
		zh, en := l.Words()
		levels.Options = append(levels.Options, Option{Value: string(l), Words: Words{zh, en}})
	}
	return []Field{
		levels,
		{Name: "effect", Kind: OneOf, Words: Words{"召回效果", "Effect"}, Options: options(effectWords, traceability.Effective, traceability.Ineffective)},
		{Name: "measures", Kind: LongText, Most: 5000, Words: Words{"处置措施", "What is to be done with the goods"}},
		{Name: "regions", Kind: Codes, Words: Words{"销售地区", "Where it was sold"}, Hint: &Words{"行政区划代码，以空格分隔，如 310101 330106；境外为 000000", "Division codes with spaces between, e.g. 310101 330106; 000000 for abroad"}},
		{Name: "amounts", Kind: Amounts, Gives: []string{"unit"}, Words: Words{"累计数量", "Amounts so far"}, Hint: &Words{"按地区累计填报，替代该地区上次的数量。", "By region, in all so far; they replace what was said of the region before."}},
		{Name: "reason", Kind: LongText, Most: 5000, Words: Words{"说明", "Reason, or what was found"}},
		{Name: "evidence", Kind: Files, Words: Words{"书面材料", "Papers"}, Hint: &Words{"文件不上传，只签署其名称和 SHA-256。", "Files are not sent; their names and SHA-256 are signed."}},
	}
}
