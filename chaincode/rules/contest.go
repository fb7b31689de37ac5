package rules

import (
	"slices"

	"deltatrace/traceability"
)

// applyForReinspection begins the re-inspection. Microbiological failures have
// none; without the list of them on the ledger nobody can say which they are.
func (a *act) applyForReinspection() *traceability.Error {
	if problem := a.standing(); problem != nil {
		return problem
	}
	r := a.notice.Reinspection
	if r != nil && slices.Contains(r.Applicants, a.say.For) {
		return a.not("for", "该对象已申请过复检", "this recipient has applied before")
	}
	for i, seq := range a.say.Items {
		at := slices.IndexFunc(a.notice.Failed, func(f traceability.FailedItem) bool { return f.Seq == seq })
		switch {
		case at < 0:
			return a.not(place("items", i), "该项目不是不合格项目", "this item did not fail")
		case a.notice.Failed[at].Unclassified:
			return refuse(traceability.CodeTimerMissing, place("items", i), a.notice.Failed[at].Parameter, "parameters.set of the class microbiological",
				"账本上没有微生物项目名录，不能判断该项目可否复检", "the ledger has no list of microbiological parameters, so it cannot be said whether this item may be re-inspected")
		case a.notice.Failed[at].Microbiological:
			return a.not(place("items", i), "微生物指标不合格的不予复检（食品安全抽样检验管理办法第三十一条）",
				"a microbiological failure is never re-inspected (Order 15 of SAMR, article 31)")
		}
	}
	if r == nil {
		r = &traceability.Reinspection{}
		a.notice.Reinspection = r
	}
	r.Progress, r.Items = traceability.Applied, a.say.Items
	r.Applicants = append(r.Applicants, a.say.For)
	return nil
}

func (a *act) advanceReinspection() *traceability.Error {
	a.notice.Reinspection.Progress = a.move.After[0]
	return nil
}

// assign chooses the laboratory.
func (a *act) assign() *traceability.Error {
	r := a.notice.Reinspection
	if a.say.Lab == a.notice.Report.Lab() {
		return a.not("lab", "复检机构不能是初检机构", "the first laboratory cannot re-inspect")
	}
	if slices.Contains(r.Declined, a.say.Lab) {
		return a.not("lab", "该机构已拒绝复检", "this laboratory has declined")
	}
	lab, problem := a.subject(a.say.Lab)
	if problem != nil {
		problem.Field = "lab"
		return problem
	}
	if lab.Status != traceability.PartyActive {
		return a.not("lab", "该机构已被暂停", "this laboratory is suspended")
	}
	r.Lab = a.say.Lab
	return a.advanceReinspection()
}

func (a *act) decline() *traceability.Error {
	r := a.notice.Reinspection
	r.Declined = append(r.Declined, r.Lab)
	r.Lab = ""
	return a.advanceReinspection()
}

// conclude keeps the final conclusion. A report that it names must be there and
// say the same of the items.
func (a *act) conclude() *traceability.Error {
	r := a.notice.Reinspection
	if a.say.Report != "" {
		document := a.reportDocument(a.say.Report)
		if document == nil || a.say.Report.Lab() != r.Lab {
			return refuse(traceability.CodeUnknownReport, "report", string(a.say.Report), "a report of "+string(r.Lab)+" on the ledger",
				"账本上没有复检机构的此报告", "the re-inspection laboratory has no such report on the ledger")
		}
		report := decode[traceability.Report](a.view, document)
		if report == nil {
			return nil // the view has failed
		}
		if report.Verdict != a.say.Verdict {
			return a.not("verdict", "结论与所列报告不一致", "the verdict is not the report's")
		}
	}
	r.Verdict, r.Report = a.say.Verdict, a.say.Report
	if r.Report != "" {
		put(a.view, traceability.NoticedKey(r.Report), &traceability.Noticed{Notice: a.notice.ID})
	}
	return a.advanceReinspection()
}

// object begins an objection. The sampled establishment may object to the
// sampling from the day of it on; the others are objections to what was served.
func (a *act) object() *traceability.Error {
	if a.say.Kind == traceability.ObjectSampling {
		if a.say.For != traceability.ToUnit {
			return a.not("for", "对抽样过程的异议由被抽样单位提出", "the sampled establishment alone objects to the sampling")
		}
	} else if problem := a.standing(); problem != nil {
		return problem
	}
	a.notice.Objections = append(a.notice.Objections, traceability.Objection{Kind: a.say.Kind, For: a.say.For, Progress: traceability.Filed})
	return nil
}

func (a *act) advanceObjection() *traceability.Error {
	a.notice.Objection(a.say.Kind, a.say.For).Progress = a.move.After[0]
	return nil
}

func (a *act) decideObjection() *traceability.Error {
	o := a.notice.Objection(a.say.Kind, a.say.For)
	o.Progress, o.Decided = traceability.Denied, a.at
	if a.say.Decision == traceability.Upheld {
		o.Progress = traceability.Granted
	}
	return nil
}
