package recognition

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"deltatrace/traceability"
)

// laboratory is P1: a certificate that covers the days of testing, and no
// suspension on them.
func laboratory(q *question) found {
	days := testDays(q.Report)
	if len(days) == 0 {
		return unknown("报告未注明检验日期或签发日期", "the report states neither the days of testing nor that of issue").by(q.Document)
	}
	period := strings.Join(texts(days), "～")
	for _, day := range days {
		if s := suspended(q.Laboratory, day); s != nil {
			return failed("检验当日该机构已被暂停", "the laboratory was suspended on a day of testing").
				but(period, "before "+string(s.Suspension.On)).by(q.Document, s.Document)
		}
	}
	stated := 0
	for i := len(q.Laboratory) - 1; i >= 0; i-- {
		step := &q.Laboratory[i]
		if step.Admission == nil || step.Admission.ValidFrom == "" || step.Admission.ValidTo == "" {
			continue
		}
		stated++
		valid := !slices.ContainsFunc(days, func(d traceability.Date) bool {
			return !d.Within(step.Admission.ValidFrom, step.Admission.ValidTo)
		})
		if valid {
			return met("资质认定证书在检验日期内有效", "the certificate was valid on the days of testing").
				but(period, string(step.Admission.ValidFrom)+"～"+string(step.Admission.ValidTo)).by(q.Document, step.Document)
		}
	}
	if stated == 0 {
		return unknown("准入文件未注明资质认定证书的有效期", "the laboratory's admission does not state from when to when its certificate is valid").but(period, "valid_from, valid_to")
	}
	return failed("资质认定证书在检验日期内无效", "no certificate on the ledger was valid on the days of testing").but(period, "a valid certificate").by(q.Document)
}

// testDays are the first and the last day of testing, else the day of issue.
func testDays(r *traceability.Report) []traceability.Date {
	days := slices.DeleteFunc([]traceability.Date{r.TestedFrom, r.TestedTo}, func(d traceability.Date) bool { return d == "" })
	if len(days) == 0 && r.Issued != "" {
		days = append(days, r.Issued)
	}
	return slices.Compact(days)
}

func texts(days []traceability.Date) []string {
	var list []string
	for _, d := range days {
		list = append(list, string(d))
	}
	return list
}

// suspended returns the suspension that holds on a day: one decided by then, which
// no later admission had ended.
func suspended(history []Step, day traceability.Date) *Step {
	var holding *Step
	for i := range history {
		switch step := &history[i]; {
		case step.Suspension != nil && step.Suspension.On <= day:
			holding = step
		case step.Admission != nil && traceability.DateOf(step.Recorded) <= day:
			holding = nil
		}
	}
	return holding
}

// scope is P2. Of a sub-contracted item the ledger does not say who tested it.
func scope(q *question) found {
	switch what := q.item.Parameter + " " + q.item.Method; {
	case slices.Contains(q.OutOfScope, q.item.Seq):
		return failed("项目或方法超出该机构的资质认定能力范围", "the parameter by this method is outside the laboratory's accredited scope").
			but(what, "a row of the scope").by(q.Document)
	case q.item.Subcontracted:
		return unknown("分包项目，账本上没有分包机构及其能力范围", "the item was sub-contracted, and the ledger does not say to whom").but("* "+q.item.Parameter, "the sub-contractor and its scope").by(q.Document)
	case noMethod(q.item):
		return unknown("未注明检验方法，无法核对能力范围", "no method is stated, so the scope cannot be looked up").but(what, "a method with its edition").by(q.Document)
	default:
		return met("在资质认定能力范围内", "within the accredited scope").but(what, "").by(q.Document)
	}
}

func noMethod(item *traceability.Item) bool {
	m := traceability.Fold(item.Method)
	return m == "" || m == "/" || m == "-" || m == "—"
}

// method is P3, by the rule's list of designated methods.
func method(q *question) found {
	if noMethod(q.item) {
		return unknown("未注明检验方法", "no method is stated").by(q.Document)
	}
	var methods []string
	for _, row := range q.rule.Methods {
		if names([]string{row.Parameter}, q.item.Parameter) {
			methods = append(methods, row.Methods...)
		}
	}
	switch expected := strings.Join(methods, "; "); {
	case len(methods) == 0:
		return unknown("规则未列明该项目的指定方法", "the rule does not say which method is designated for this parameter").but(q.item.Method, "a row in the rule's methods").by(q.rule.Document)
	case slices.ContainsFunc(methods, func(m string) bool { return sameMethod(m, q.item.Method) }):
		return met("为指定方法", "a designated method").but(q.item.Method, expected).by(q.Document, q.rule.Document)
	default:
		return failed("不是指定方法", "not a designated method").but(q.item.Method, expected).by(q.Document, q.rule.Document)
	}
}

// sameMethod reports whether a designated method covers one as printed; without
// 第×法 it covers all of the standard's.
func sameMethod(designated, printed string) bool {
	d, p := traceability.Fold(designated), traceability.Fold(printed)
	whole := p
	if i := strings.LastIndex(p, "第"); i > 0 && strings.HasSuffix(p, "法") {
		whole = p[:i]
	}
	return d == p || d == whole
}

// sealed is P5, of which the ledger holds nothing: a province that has seen the
// sampling form attests it.
func sealed(q *question) found {
	return unknown("账本上没有抽样人员、封样和交接记录，须以抽样单佐证", "the ledger has no record of the officers, the seal and the custody; the sampling form has to show it").
		but(string(q.Report.Sample.No), "the SHA-256 of the sampling form").by(q.Document)
}

// intact is P7. The laboratory's signature on the ledger shows who filed the report
// and that nothing changed since; it does not show who approved the original.
func intact(q *question) found {
	if q.SupersededBy != "" {
		return failed("该版报告已被更正", "a later revision replaces this one").but(string(q.ID), string(q.SupersededBy)).by(q.Document)
	}
	return unknown("机构签名有效、内容未变；账本上没有授权签字人和报告专用章，须以原件佐证",
		"the laboratory's signature holds and nothing has changed; the ledger does not have the authorised signatory and the seal, so the original has to show them").
		but("", "the SHA-256 of the signed original").by(q.Document)
}

// undisputed is P8.
func undisputed(q *question) found {
	if q.SupersededBy != "" {
		return failed("该版报告已被更正", "a later revision replaces this one").but(string(q.ID), string(q.SupersededBy)).by(q.Document)
	}
	switch q.Dispute {
	case DisputeNone:
		return met("无异议、无复检", "nothing is contested").by(q.Document)
	case DisputeUpheld:
		return met("经复检或异议处理，结论维持", "it was contested and confirmed").by(q.Document)
	case DisputeOpen:
		return failed("异议或复检正在处理", "an objection or re-inspection is under way").by(q.Document)
	case DisputeNoticed:
		return failed("该报告另一版本的不合格样品通报尚未撤销", "the notice about another revision of this report stands").by(q.Document)
	case DisputeOverturned:
		return failed("结论已被推翻", "its findings were overturned").by(q.Document)
	default:
		return unknown("无法确认有无异议或复检", "that nothing is contested cannot be confirmed").by(q.Document)
	}
}

// task is P9.
func task(q *question) found {
	expected := ""
	for _, t := range q.rule.Applies.Tasks {
		expected = strings.TrimSpace(expected + " " + string(t))
	}
	switch t := q.Report.Task; {
	case t == "":
		return unknown("报告未注明检验类别", "the report does not state its task").but("", expected).by(q.Document)
	case slices.Contains(q.rule.Applies.Tasks, t):
		return met("任务类别符合", "a task that the rule names").but(string(t), expected).by(q.Document)
	default:
		return failed("任务类别不予互认", "results of such a task are not recognised").but(string(t), expected).by(q.Document, q.rule.Document)
	}
}

// age is P10.
func age(q *question) found {
	tested := q.Tested()
	if tested == "" {
		return unknown("报告未注明检验日期或签发日期", "the report states neither the days of testing nor that of issue").by(q.Document)
	}
	days := daysBetween(tested, q.day)
	text, most := fmt.Sprintf("%d d (%s → %s)", days, tested, q.day), fmt.Sprintf("≤ %d d", q.rule.MaxAgeDays)
	switch {
	case days < 0:
		return failed("当日检验尚未完成", "the test was not finished on that day").but(text, most).by(q.Document)
	case q.rule.MaxAgeDays > 0 && days > q.rule.MaxAgeDays:
		return failed("检验完成已超过规则规定的天数", "the test is older than the rule allows").but(text, most).by(q.Document, q.rule.Document)
	default:
		return met("在规定天数内", "not older than the rule allows").but(text, most).by(q.Document)
	}
}

// daysBetween counts the days from one day in China to another.
func daysBetween(from, to traceability.Date) int {
	a, err1 := time.Parse(time.DateOnly, string(from))
	b, err2 := time.Parse(time.DateOnly, string(to))
	if err1 != nil || err2 != nil {
		return -1
	}
	return int(b.Sub(a).Hours() / 24)
}

// listed is P11.
func listed(q *question) found {
	switch {
	case names(q.rule.Applies.ExcludeParameters, q.item.Parameter):
		return failed("在采信省负面清单内", "on the accepting province's negative list").but(q.item.Parameter, "").by(q.rule.Document)
	case !names(q.rule.Applies.Parameters, q.item.Parameter):
		return failed("不在互认清单内", "not on the rule's list").but(q.item.Parameter, "").by(q.rule.Document)
	default:
		return met("在互认清单内", "on the rule's list").but(q.item.Parameter, "").by(q.rule.Document)
	}
}
