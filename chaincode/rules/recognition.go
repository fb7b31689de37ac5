package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
)

// ruleReads foresees the keys of a rule of mutual recognition.
func ruleReads(r *traceability.RecognitionRule) []string {
	keys := []string{traceability.RecognitionRuleKey(r.Accepting, r.Rule, r.Version)}
	if r.Version > 1 {
		keys = append(keys, traceability.RecognitionRuleKey(r.Accepting, r.Rule, r.Version-1))
	}
	return keys
}

// setRule keeps a version of an accepting province's rule. A later version begins
// on a later day than today, so that what was decided stays right by the rule of its
// day.
func (s *statement) setRule(r *traceability.RecognitionRule) *traceability.Error {
	if problem := s.ofProvince(r.Accepting); problem != nil {
		return problem
	}
	key := traceability.RecognitionRuleKey(r.Accepting, r.Rule, r.Version)
	if existing := s.recognitionRule(r.Accepting, r.Rule, r.Version); existing != nil {
		return s.conflict(key, existing.Document, "version",
			fmt.Sprintf("规则 %s 第 %d 版已有不同内容；要变更，请提交第 %d 版并令 supersedes 为 %s", r.Rule, r.Version, r.Version+1, existing.Document),
			fmt.Sprintf("version %d of rule %s is on the ledger with other content; to change it, submit version %d with supersedes %s", r.Version, r.Rule, r.Version+1, existing.Document))
	}
	if r.Version > 1 {
		before := s.recognitionRule(r.Accepting, r.Rule, r.Version-1)
		today := traceability.DateOf(s.tx.Time)
		switch {
		case before == nil:
			return refuse(traceability.CodeSupersedes, "version", strconv.Itoa(r.Version), "the version after the last one on the ledger",
				fmt.Sprintf("账本上没有该规则的第 %d 版", r.Version-1), fmt.Sprintf("there is no version %d of this rule on the ledger", r.Version-1))
		case before.Document != r.Supersedes:
			return s.supersedes(r.Supersedes, before.Document)
		case r.EffectiveFrom <= before.EffectiveFrom || r.EffectiveFrom <= today:
			return refuse(traceability.CodeInvalid, "effective_from", string(r.EffectiveFrom), "after "+string(max(before.EffectiveFrom, today)),
				"新版规则须自次日以后施行，且晚于前一版，不溯及既往", "a new version begins tomorrow at the earliest, and later than the one before: it does not reach back")
		}
	}
	put(s.view, key, &traceability.RecognitionRuleState{Document: s.entry, Remarks: s.remarks()})
	s.outcome.Record = key
	return nil
}

// decideReads foresees the keys of a decision, but for those of the lot and the
// notice, which the report names.
func decideReads(d *traceability.RecognitionDecision) []string {
	return []string{
		traceability.ReportKey(d.Report), traceability.ReportKey(d.Report.Next()), traceability.PartyKey(d.Report.Lab()), traceability.NoticedKey(d.Report),
		traceability.RecognitionRuleKey(d.Accepting, d.Rule, d.Version), traceability.RecognitionRuleKey(d.Accepting, d.Rule, d.Version+1),
	}
}

// decideRecognition keeps a province's decision beside what the rules make of the
// same. Where the two differ the province must say why.
func (s *statement) decideRecognition(d *traceability.RecognitionDecision) *traceability.Error {
	if problem := s.ofProvince(d.Accepting); problem != nil {
		return problem
	}
	if d.At.After(s.tx.Time.Add(traceability.ClockSkew)) {
		return s.future("at", d.At.Format("2006-01-02T15:04:05Z07:00"))
	}
	day := traceability.DateOf(d.At)
	c := s.recognitionCase(d.Report, day)
	if c == nil {
		return refuse(traceability.CodeUnknownReport, "report", string(d.Report), "a report on the ledger", "账本上没有此报告", "the report is not on the ledger")
	}
	items := c.Items(d.Parameter)
	switch {
	case len(items) == 0:
		return refuse(traceability.CodeUnknownReport, "parameter", d.Parameter, "a parameter of the report", "报告中没有此检验项目", "the report has no such parameter")
	case c.Issuing == d.Accepting:
		return refuse(traceability.CodeInvalid, "report", string(c.Issuing), "a report of another province's laboratory",
			"本省检验机构的结果无需互认", "a result of the province's own laboratories needs no recognition")
	case !slices.ContainsFunc(items, recognition.Offered) || slices.ContainsFunc(items, func(i *traceability.Item) bool { return !recognition.Offered(i) }):
		return refuse(traceability.CodeInvalid, "parameter", string(items[0].Verdict), "an item that passed",
			"只有合格项目可以互认；不合格信息无需互认即共享", "only a pass is recognised; a fail is shared without")
	}
	rule := s.recognitionRule(d.Accepting, d.Rule, d.Version)
	if problem := s.inForce(rule, c, d); problem != nil {
		return problem
	}
	e := recognition.EvaluateParameter(c, *rule, d.Parameter, day, d.Evidence)
	if problem := agrees(d, &e); problem != nil {
		return problem
	}
	key := traceability.RecognitionKey(d.Report, d.Parameter, d.Accepting, s.document.ID)
	put(s.view, key, &traceability.RecognitionState{Document: s.entry, Evaluation: e.Bare(), Issuing: c.Issuing, Lot: c.Report.Sample.Lot, Remarks: s.remarks()})
	s.outcome.Record = key
	return nil
}

// inForce checks that the version named is the one that is in force on the day of
// the decision, and is about such a report.
func (s *statement) inForce(rule *recognition.Rule, c *recognition.Case, d *traceability.RecognitionDecision) *traceability.Error {
	if rule == nil {
		return refuse(traceability.CodeRuleNotInForce, "rule", fmt.Sprintf("%s version %d", d.Rule, d.Version), "a rule of the province on the ledger",
			"账本上没有该省的此版规则", "the province has no such version of a rule on the ledger")
	}
	day := traceability.DateOf(d.At)
	var next *traceability.RecognitionRule
	if after := s.recognitionRule(d.Accepting, d.Rule, d.Version+1); after != nil {
		next = after.RecognitionRule
	}
	switch {
	case !recognition.InForce(rule.RecognitionRule, next, day):
		return refuse(traceability.CodeRuleNotInForce, "version", strconv.Itoa(d.Version), "the version in force on "+string(day),
			"该版规则在 "+string(day)+" 无效", "this version is not in force on "+string(day))
	case !recognition.Applies(rule.RecognitionRule, c):
		return refuse(traceability.CodeRuleNotInForce, "rule", strings.TrimSpace(string(c.Issuing)+" "+c.Category()), "a rule about this province and category",
			"该规则不适用于此省份或食品类别", "the rule is not about this province and category of food")
	}
	return nil
}

// agrees refuses a decision that differs from what the rule gives without a reason,
// and a reason without a difference.
func agrees(d *traceability.RecognitionDecision, e *traceability.RecognitionEvaluation) *traceability.Error {
	same := d.Outcome == e.Outcome && sameConditions(d.Failed, e.Failed)
	gives := strings.TrimSpace(fmt.Sprintf("%s %v %v", e.Outcome, e.Failed, e.Unknown))
	switch {
	case !same && d.Dissent == "":
		return refuse(traceability.CodeDissent, "outcome", strings.TrimSpace(fmt.Sprintf("%s %v", d.Outcome, d.Failed)), gives+" (outcome, failed, unknown), or a dissent",
			"与规则判定不一致，须在 dissent 中说明理由", "it differs from what the rule gives; say why in dissent")
	case same && d.Dissent != "":
		return refuse(traceability.CodeInvalid, "dissent", d.Dissent, "nothing: the decision is what the rule gives",
			"与规则判定一致，不应填写 dissent", "the decision is what the rule gives, so there is nothing to dissent from")
	}
	return nil
}

func sameConditions(a, b []traceability.Condition) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// ofProvince refuses what another than the province's own regulator says for it.
func (s *statement) ofProvince(province traceability.ProvinceCode) *traceability.Error {
	if problem := s.role(traceability.KindRegulator); problem != nil {
		return problem
	}
	if s.signer != traceability.Regulator(province) {
		return refuse(traceability.CodeNotAllowed, "accepting", string(province), string(s.author.Province),
			"须由"+province.NameZH()+"的监管部门签署", "the regulator of "+province.NameEN()+" must sign this")
	}
	return nil
}

// recognitionRule returns a version of a rule, or nil.
func (s *statement) recognitionRule(accepting traceability.ProvinceCode, id traceability.RecognitionRuleID, version int) *recognition.Rule {
	state := get[traceability.RecognitionRuleState](s.view, traceability.RecognitionRuleKey(accepting, id, version))
	if state == nil {
		return nil
	}
	document := s.read(state.Document)
	if document == nil {
		return nil
	}
	if rule := decode[traceability.RecognitionRule](s.view, document); rule != nil {
		return &recognition.Rule{RecognitionRule: rule, Document: document.ID}
	}
	return nil
}

// recognitionCase gathers what the ledger holds of a report, or returns nil when it
// does not hold it.
func (s *statement) recognitionCase(id traceability.ReportID, day traceability.Date) *recognition.Case {
	state := get[traceability.ReportState](s.view, traceability.ReportKey(id))
	if state == nil {
		return nil
	}
	document := s.read(state.Document)
	lab := s.party(id.Lab())
	if document == nil || lab == nil {
		return nil
	}
	report := decode[traceability.Report](s.view, document)
	if report == nil {
		return nil
	}
	c := &recognition.Case{ID: id, Report: report, Document: document.ID, OutOfScope: state.OutOfScope, Issuing: lab.Province, Laboratory: s.laboratory(id.Lab(), lab)}
	c.Dispute = recognition.DisputeOf(id, report, s.noticeOf(id, report), day)
	if next := id.Next(); s.value(traceability.ReportKey(next)) != nil {
		c.SupersededBy = next
	}
	if report.Sample.Lot != "" {
		if lot := get[traceability.LotState](s.view, traceability.LotKey(report.Sample.Lot)); lot != nil {
			if d := s.read(lot.Document); d != nil {
				c.Lot, c.LotDocument = decode[traceability.Lot](s.view, d), d.ID
			}
		}
	}
	return c
}

// noticeOf returns the notice about a report, or else about the sample that it
// names, or nil.
func (s *statement) noticeOf(id traceability.ReportID, report *traceability.Report) *traceability.Notice {
	notice := traceability.NewNoticeID(id.Lab(), report)
	if noticed := get[traceability.Noticed](s.view, traceability.NoticedKey(id)); noticed != nil {
		notice = noticed.Notice
	}
	state := get[traceability.NoticeState](s.view, traceability.NoticeKey(notice))
	if state == nil {
		return nil
	}
	return &state.Notice
}

// laboratory returns a laboratory's history, decoded once in a transaction: its
// scopes are long.
func (s *statement) laboratory(id traceability.PartyID, lab *party) []recognition.Step {
	if steps, ok := s.histories[id]; ok {
		return steps
	}
	var steps []recognition.Step
	for i, entry := range lab.Documents {
		document := s.read(entry)
		if document == nil {
			return nil
		}
		step, ok, err := recognition.StepOf(document, lab.RecordedAt(i))
		if err != nil {
			s.err = fmt.Errorf("document %s in record: %w", document.ID, err)
			return nil
		}
		if ok {
			steps = append(steps, step)
		}
	}
	s.histories[id] = steps
	return steps
}
