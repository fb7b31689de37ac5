package formats

import (
	"strings"

	"deltatrace/traceability"
)

// absent reports whether a cell of an identifier, a date or a name says that
// there is none. Texts keep such a cell as printed.
func absent(cell string) bool {
	switch cell {
	case "", "/", "//", "-", "--", "—", "——", "－", "\\", "、", "无", "空白", "见包装", "不详", "N/A":
		return true
	}
	return false
}

// lostDigits reports whether a cell is a long number that a spreadsheet has
// rounded: 1.23456789012346E+16.
func lostDigits(cell string) bool {
	mantissa, exponent, ok := strings.Cut(cell, "E+")
	return ok && mantissa != "" && exponent != "" && strings.Trim(mantissa, "0123456789.") == "" && strings.Trim(exponent, "0123456789") == ""
}

// rounded is the fault of such a number.
func rounded(field, cell string) *traceability.Error {
	return fault(traceability.CodeInvalid, field, cell, "完整的编号（导出前将该列设为文本格式，数字已丢失）", "the whole number: it has lost digits; make the column text before exporting")
}

// itemVerdict reads the laboratory's verdict on an item. Which words there are
// is said by verdictWordsZH and verdictWordsEN.
func itemVerdict(word string) (traceability.Verdict, bool) {
	switch word { // as nearly all rows have it
	case "符合规定", "合格":
		return traceability.VerdictPass, true
	}
	switch strings.ToLower(traceability.Fold(word)) {
	case "符合规定", "符合", "合格", "符合要求", "符合标准", "满足要求", "pass":
		return traceability.VerdictPass, true
	case "不符合规定", "不符合", "不合格", "不符合要求", "不符合标准", "fail":
		return traceability.VerdictFail, true
	case "问题项", "问题", "问题样品", "problem":
		return traceability.VerdictProblem, true
	case "不判定", "不作判定", "不做判定", "不予判定", "不评价", "/", "-", "—", "not_judged":
		return traceability.VerdictNotJudged, true
	}
	return "", false
}

const (
	verdictWordsZH = "符合规定、符合、合格、不符合规定、不符合、不合格、问题项、不判定 或 /"
	verdictWordsEN = "符合规定, 符合, 合格 (pass); 不符合规定, 不符合, 不合格 (fail); 问题项 (problem); 不判定, / (not judged)"
)

// verdictFault is the fault of a word that is no verdict.
func verdictFault(field, word string) *traceability.Error {
	code := traceability.CodeInvalid
	if word == "" {
		code = traceability.CodeMissing
	}
	return fault(code, field, word, verdictWordsZH, verdictWordsEN)
}

// conclusionVerdict reads a verdict from a report's conclusion, when it plainly
// says one: a single word, or a sentence that speaks of conformity in one way
// only. A sentence that could be read in two ways decides nothing.
func conclusionVerdict(conclusion string) (traceability.Verdict, bool) {
	text := traceability.Fold(conclusion)
	if absent(text) {
		return "", false
	}
	if verdict, ok := itemVerdict(text); ok {
		return verdict, true
	}
	bad := strings.Contains(text, "不符合") || strings.Contains(text, "不合格")
	rest := strings.NewReplacer("不符合", "", "不合格", "").Replace(text)
	good := strings.Contains(rest, "符合") || strings.Contains(rest, "合格")
	denied := strings.Contains(rest, "未") || strings.Contains(rest, "无") || strings.Contains(rest, "问题")
	switch {
	case denied, bad == good:
		return "", false
	case bad:
		return traceability.VerdictFail, true
	default:
		return traceability.VerdictPass, true
	}
}

// taskOf reads what a report was made for from the printed words, such as
// 市级食品安全监督抽检. Words that name two kinds of task decide nothing.
func taskOf(words string) traceability.Task {
	text := strings.ToLower(traceability.Fold(words))
	var task traceability.Task
	for _, kind := range []struct {
		task  traceability.Task
		words []string
	}{
		{traceability.TaskSupervision, []string{"监督抽检", "监督检验", "监督抽查", "supervision"}},
		{traceability.TaskEvaluative, []string{"评价性", "评价抽检", "evaluative"}},
		{traceability.TaskRiskMonitoring, []string{"风险监测", "risk_monitoring"}},
		{traceability.TaskCommissioned, []string{"委托", "commissioned"}},
	} {
		for _, word := range kind.words {
			if strings.Contains(text, word) {
				if task != "" && task != kind.task {
					return ""
				}
				task = kind.task
			}
		}
	}
	return task
}
