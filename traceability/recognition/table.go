package recognition

import (
	"slices"

	"deltatrace/traceability"
)

// Predicate is one row of the table of conditions.
type Predicate struct {
	Code      string // P1 to P12
	Condition traceability.Condition
	ZH, EN    string // what is asked
	Basis     string // law or standard
	// Always says that no rule can do without it; the others are asked when a
	// rule requires them.
	Always bool
	// Attestable says that a province may show it by a paper where the ledger
	// does not know.
	Attestable bool

	judge func(*question) found
}

// Table lists the conditions in the order of their codes.
func Table() []Predicate {
	return []Predicate{
		{"P1", traceability.ConditionLaboratory, "检验机构资质认定（CMA）在检验当日有效", "the laboratory's CMA certificate was valid on the days of testing",
			"食品安全法第八十四条", false, true, laboratory},
		{"P2", traceability.ConditionScope, "检验项目和方法（含年号）在资质认定能力范围内", "the parameter by this edition of the method is in the laboratory's accredited scope",
			"检验检测机构资质认定管理办法", false, true, scope},
		{"P3", traceability.ConditionMethod, "检验方法为标准或细则指定的方法", "the method is the one that the standard or the sampling rules designate",
			"食品安全监督抽检实施细则（2026年版）附注 1.3", false, true, method},
		{"P4", traceability.ConditionStandard, "判定标准为生产日期时有效的版本", "the edition of the standard is the one in force on the day of production",
			"食品安全监督抽检实施细则（2026年版）附注 1.2", false, true, standard},
		{"P5", traceability.ConditionSample, "两名以上抽样人员抽样、封样、留备样，交接完整", "two or more officers drew and sealed the sample, a backup was kept, and custody is unbroken",
			"食品安全抽样检验管理办法", false, true, sealed},
		{"P6", traceability.ConditionBatch, "同一生产者、同一产品、同一规格、同一批次", "same producer, product, specification and batch",
			"省际互认约定", false, true, batch},
		{"P7", traceability.ConditionIntact, "报告由授权签字人签发、盖章、完整，与原件一致", "an authorised signatory signed and sealed the report; it is whole and equals the original",
			"检验报告声明", false, true, intact},
		{"P8", traceability.ConditionUndisputed, "不在异议或复检中，未被推翻或更正", "no objection or re-inspection is open; it was neither overturned nor amended",
			"食品安全抽样检验管理办法第三十条、第三十五条", true, false, undisputed},
		{"P9", traceability.ConditionTask, "任务类别为监督抽检（或规则列明的评价性抽检）", "the task was supervision sampling, or evaluative where the rule says so",
			"食品安全抽样检验管理办法", true, true, task},
		{"P10", traceability.ConditionAge, "检验完成未超过规则规定的天数", "the test is not older than the rule allows",
			"采信省规则", false, false, age},
		{"P11", traceability.ConditionParameter, "检验项目在互认清单内，且不在采信省负面清单内", "the parameter is on the rule's list and not on its negative list",
			"采信省规则", true, false, listed},
		{"P12", traceability.ConditionSensitivity, "方法的定量限不高于限量", "the method's limit of quantification is not above the limit",
			"逻辑要求：未检出须能证明不超限", false, true, sensitive},
	}
}

// asked reports whether a rule asks for the condition.
func (p *Predicate) asked(rule *traceability.RecognitionRule) bool {
	return p.Always || slices.Contains(rule.Require, p.Condition) ||
		p.Condition == traceability.ConditionAge && rule.MaxAgeDays > 0
}
