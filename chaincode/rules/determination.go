package rules

import (
	"slices"
	"time"

	"deltatrace/traceability"
)

// determine decides whether the result stands. The decision follows from what
// came of re-inspection and objections: it is signed by the organiser, who
// answers for it, and checked here.
func (a *act) determine() *traceability.Error {
	n := a.notice
	if problem := a.uncontested(); problem != nil {
		return problem
	}
	again := n.Phase != traceability.PhaseServed
	fresh := slices.ContainsFunc(n.Objections, func(o traceability.Objection) bool { return !o.Decided.IsZero() && !o.Counted })
	if again && !fresh {
		return a.not("act", "上次认定后没有新的异议结果", "no objection has been decided since the last determination")
	}
	decision := outcome(n)
	if decision != a.say.Decision {
		return a.not("decision", "复检和异议的结果应为 "+string(decision), "re-inspection and objections come to "+string(decision))
	}
	cleared := slices.ContainsFunc(n.Objections, func(o traceability.Objection) bool {
		return o.Kind == traceability.ObjectAuthenticity && o.Progress == traceability.Granted
	})
	newlyCleared := cleared && !n.Cleared
	n.Outcome, n.Cleared = decision, cleared
	for i := range n.Objections {
		n.Objections[i].Counted = n.Objections[i].Counted || !n.Objections[i].Decided.IsZero()
	}
	switch {
	case decision == traceability.Overturned:
		a.overturn()
	case !again:
		n.Phase = traceability.PhaseUpheld
	case n.Phase == traceability.PhasePublished && newlyCleared:
		a.begin("T22", a.at) // the published row has to be corrected
	}
	return nil
}

// uncontested checks that those who may contest the result were served, and that
// nothing is open.
func (a *act) uncontested() *traceability.Error {
	n := a.notice
	for _, r := range n.Recipients {
		if r.As != traceability.ToPlatform && r.Served.IsZero() {
			return a.not("act", "尚未送达："+string(r.As), "not served yet: "+string(r.As))
		}
	}
	if r := n.Reinspection; r != nil && r.Progress != traceability.Refused && r.Progress != traceability.Notified {
		return a.not("act", "复检尚未办结", "the re-inspection is still open")
	}
	if slices.ContainsFunc(n.Objections, undecided) {
		return a.not("act", "异议尚未办结", "an objection is still open")
	}
	for i := range n.Deadlines {
		d := &n.Deadlines[i]
		if d.Status != traceability.Running || d.Timer != "T7" && d.Timer != "T15" {
			continue
		}
		if d.Unknown != "" {
			return refuse(d.Unknown, "at", string(d.Timer), "a period that can be counted",
				"不能计算申请复检或提出异议的期限，不能认定期限已过", "the period to contest the result cannot be counted, so it cannot be said to have ended")
		}
		if !a.at.After(d.Due) || !a.tx.Time.After(d.Due) {
			return a.not("at", "申请复检或提出异议的期限至 "+d.Due.In(traceability.ChinaTime()).Format(time.DateTime)+" 届满",
				"the period to contest the result runs until "+d.Due.In(traceability.ChinaTime()).Format(time.DateTime))
		}
	}
	return nil
}

func undecided(o traceability.Objection) bool {
	return o.Progress == traceability.Filed || o.Progress == traceability.Awaiting || o.Progress == traceability.Accepted
}

// outcome is what re-inspection and objections come to: the result falls when
// every failed item passed the re-inspection, or when an objection to how it was
// found is upheld. That the product is counterfeit clears the producer only; the
// sample has failed all the same.
func outcome(n *traceability.Notice) traceability.Decision {
	if len(standing(n)) == 0 {
		return traceability.Overturned
	}
	for _, o := range n.Objections {
		if o.Progress == traceability.Granted && o.Kind != traceability.ObjectAuthenticity {
			return traceability.Overturned
		}
	}
	return traceability.Upheld
}

// standing returns the failed items that the re-inspection did not clear.
func standing(n *traceability.Notice) []traceability.FailedItem {
	r := n.Reinspection
	if r == nil || r.Progress != traceability.Notified || r.Verdict != traceability.VerdictPass {
		return n.Failed
	}
	return slices.DeleteFunc(slices.Clone(n.Failed), func(f traceability.FailedItem) bool { return slices.Contains(r.Items, f.Seq) })
}

// overturn withdraws everything that was sent: each province has to acknowledge
// that, no period runs on, and what was published is taken back. Nothing is
// deleted.
func (a *act) overturn() {
	n := a.notice
	n.Phase = traceability.PhaseOverturned
	for i := range n.Provinces {
		a.send(&n.Provinces[i])
	}
	a.lapse(everything)
	if n.WasPublic() && n.Publication[len(n.Publication)-1].Row != nil {
		n.Publication = append(n.Publication, traceability.PublicVersion{Act: a.say.Act, At: a.at, Reason: a.say.Reason})
	}
}

func (a *act) publish() *traceability.Error {
	if problem := a.adopt(); problem != nil || a.err != nil {
		return problem
	}
	if problem := a.rowFits(); problem != nil {
		return problem
	}
	a.version()
	return nil
}

// correct replaces the published row. Of an overturned case the correction says
// in its remark what became of it.
func (a *act) correct() *traceability.Error {
	if !a.notice.WasPublic() {
		return a.not("act", "没有公布过，无可更正", "nothing was published")
	}
	if problem := a.adopt(); problem != nil || a.err != nil {
		return problem
	}
	if a.notice.Phase == traceability.PhaseOverturned {
		if a.say.Row.Remark == "" {
			return a.not("row.remark", "须在备注中说明撤销的情况", "the remark must say that the result does not stand")
		}
	} else if problem := a.rowFits(); problem != nil {
		return problem
	}
	a.version()
	return nil
}

// adopt puts a later revision of the report in the place of the one that the notice
// is about, if the act names one. It may take items away and say of which lot the
// sample was; it may not name anybody else, nor an item that those who were served
// could not contest.
func (a *act) adopt() *traceability.Error {
	n, id := a.notice, a.say.Report
	if id == "" {
		return nil
	}
	before, now := a.report(n.Report), a.report(id)
	if a.err != nil {
		return nil
	}
	later := id.Series() == n.Report.Series() && id.Revision() > n.Report.Revision()
	if now == nil || !later || a.report(id.Next()) != nil {
		return refuse(traceability.CodeUnknownReport, "report", string(id), "the revision in force of "+n.Report.Series()+", later than "+string(n.Report),
			"须为该报告在账本上的现行更正版", "this is not a later revision of the report, in force on the ledger")
	}
	same := now.Sample.No == before.Sample.No && now.Sample.SampledUnit.USCC == before.Sample.SampledUnit.USCC && now.Sample.ClaimedProducer.USCC == before.Sample.ClaimedProducer.USCC
	if !same {
		return a.not("report", "更正版的抽样编号、被抽样单位或标称生产者与原报告不同", "the revision has another sampling number, sampled establishment or claimed producer")
	}
	var remaining []traceability.FailedItem
	for _, item := range now.Items {
		if !failed(item) {
			continue
		}
		was := slices.IndexFunc(n.Failed, func(f traceability.FailedItem) bool {
			return f.Seq == item.Seq && traceability.Fold(f.Parameter) == traceability.Fold(item.Parameter)
		})
		if was < 0 {
			return a.not("report", "更正版新增不合格项目："+item.Parameter+"，未曾送达", "the revision has a failed item that nobody was served with: "+item.Parameter)
		}
		remaining = append(remaining, n.Failed[was])
	}
	if len(remaining) == 0 {
		return a.not("report", "更正版没有不合格项目；原结果须经异议审核重新认定", "the revision has no failed item; that the result does not stand is determined on an objection")
	}
	n.Report, n.Lot, n.FoodName, n.Failed = id, now.Sample.Lot, now.Sample.FoodName, remaining
	return nil
}

func (a *act) withdraw() *traceability.Error {
	a.version()
	return nil
}

func (a *act) version() {
	a.notice.Publication = append(a.notice.Publication, traceability.PublicVersion{Act: a.say.Act, At: a.at, Row: a.say.Row, Reason: a.say.Reason})
}

// rowFits checks that a row says no more and no less than the finding.
func (a *act) rowFits() *traceability.Error {
	n, row := a.notice, a.say.Row
	if row.SamplingNo != n.SamplingNo {
		return a.not("row.sampling_no", "抽样编号应为 "+string(n.SamplingNo), "the sampling number is "+string(n.SamplingNo))
	}
	var failed, published []string
	for _, f := range standing(n) {
		failed = append(failed, traceability.Fold(f.Parameter))
	}
	for _, f := range row.Failures {
		published = append(published, traceability.Fold(f.Parameter))
	}
	slices.Sort(failed)
	slices.Sort(published)
	if !slices.Equal(failed, published) {
		return a.not("row.failures", "公布的项目与认定的不合格项目不一致", "the row's items are not those that failed")
	}
	if n.Cleared && row.Remark == "" {
		return a.not("row.remark", "经核查非标称企业生产的，须在备注中说明", "the remark must say that the claimed producer did not make it")
	}
	return nil
}

// closeNotice ends the case.
func (a *act) closeNotice() *traceability.Error {
	n := a.notice
	for _, c := range n.Provinces {
		if c.Progress() == traceability.Pending {
			return a.not("act", c.Province.NameZH()+"尚未签收", c.Province.NameEN()+" has not acknowledged yet")
		}
	}
	if n.Phase == traceability.PhaseOverturned {
		a.lapse(everything)
		return nil
	}
	if slices.ContainsFunc(n.Objections, undecided) {
		return a.not("act", "异议尚未办结", "an objection is still open")
	}
	for _, link := range n.Links {
		if h := n.Case(link); h == nil || h.Progress != traceability.Passed {
			return a.not("act", "核查处置尚未通过："+string(link), "the handling case has not passed: "+string(link))
		}
	}
	a.lapse(everything)
	return nil
}

func everything(*traceability.Deadline) bool { return true }
