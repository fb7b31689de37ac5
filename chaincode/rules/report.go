package rules

import (
	"fmt"

	"deltatrace/traceability"
)

// reportReads foresees the keys of a report.
func reportReads(lab traceability.PartyID, r *traceability.Report) []string {
	keys := []string{traceability.ReportKey(traceability.NewReportID(lab, r.No, r.Revision))}
	if r.Revision > 1 {
		keys = append(keys, traceability.ReportKey(traceability.NewReportID(lab, r.No, r.Revision-1)))
		keys = append(keys, traceability.NoticedKey(traceability.NewReportID(lab, r.No, r.Revision)))
	}
	if r.Sample.Lot != "" {
		keys = append(keys, traceability.LotKey(r.Sample.Lot))
	}
	return keys
}

// submitReport keeps a laboratory's report. What the laboratory is not
// accredited for is recorded as such and not refused: the result exists, and
// who relies on it must know.
func (s *statement) submitReport(r *traceability.Report) *traceability.Error {
	if problem := s.role(traceability.KindLaboratory); problem != nil {
		return problem
	}
	id := traceability.NewReportID(s.signer, r.No, r.Revision)
	if problem := s.revision(id, r); problem != nil {
		return problem
	}
	today := traceability.DateOf(s.tx.Time.Add(traceability.ClockSkew))
	for _, date := range []struct {
		field string
		value traceability.Date
	}{
		{"issued", r.Issued}, {"tested_from", r.TestedFrom}, {"tested_to", r.TestedTo},
		{"sample.sampled_on", r.Sample.SampledOn}, {"sample.arrived_on", r.Sample.ArrivedOn},
	} {
		if date.value > today {
			return s.future(date.field, string(date.value))
		}
	}
	if r.Sample.Lot != "" && get[traceability.LotState](s.view, traceability.LotKey(r.Sample.Lot)) == nil {
		s.warn(refuse(traceability.CodeUnknownLot, "sample.lot", string(r.Sample.Lot), "a registered lot",
			"批次尚未登记，登记后即可关联", "the lot is not registered yet; the report is linked to it once it is"))
	}
	s.warnNoticed(id)
	s.compareVerdicts(r)
	remarks := s.remarks()
	outside := s.author.scope.outside(r, traceability.DateOf(s.tx.Time))
	if len(outside) > 0 {
		s.warn(refuse(traceability.CodeOutOfScope, "items", fmt.Sprintf("seq %v", outside), "parameters and methods of the laboratory's accredited scope",
			fmt.Sprintf("有 %d 个项目超出资质认定能力范围，已如实记录", len(outside)),
			fmt.Sprintf("%d items are outside the laboratory's accredited scope; this is recorded", len(outside))))
	}
	key := traceability.ReportKey(id)
	put(s.view, key, &traceability.ReportState{Document: s.entry, OutOfScope: outside, Recorded: s.tx.Time, Remarks: remarks})
	s.outcome.Record = key
	return nil
}

// warnNoticed tells a laboratory that revises what has a notice that its word alone
// changes nothing of what is published.
func (s *statement) warnNoticed(id traceability.ReportID) {
	if id.Revision() == 1 {
		return
	}
	if noticed := get[traceability.Noticed](s.view, traceability.NoticedKey(id)); noticed != nil {
		s.warn(refuse(traceability.CodeReportNoticed, "revision", string(noticed.Notice), "a report without a notice",
			"该报告已有不合格样品通报："+string(noticed.Notice)+"；更正版只供监管部门和相关方查看，组织抽检的监管部门采用后方予公布",
			"the report has a notice, "+string(noticed.Notice)+"; the revision is for the regulators and those concerned until the organiser adopts it"))
	}
}

// revision checks that the report is the first or the next of its number.
func (s *statement) revision(id traceability.ReportID, r *traceability.Report) *traceability.Error {
	key := traceability.ReportKey(id)
	if existing := s.reportDocument(id); existing != nil {
		return s.conflict(key, existing.ID, "report_no",
			fmt.Sprintf("报告 %s 第 %d 版已有不同内容；要更正，请提交第 %d 版并令 supersedes 为 %s", r.No, r.Revision, r.Revision+1, existing.ID),
			fmt.Sprintf("report %s, revision %d, is on the ledger with other content; to amend it, submit revision %d with supersedes %s", r.No, r.Revision, r.Revision+1, existing.ID))
	}
	if r.Revision == 1 {
		return nil
	}
	before := s.reportDocument(traceability.NewReportID(s.signer, r.No, r.Revision-1))
	switch {
	case before == nil:
		return refuse(traceability.CodeSupersedes, "revision", fmt.Sprint(r.Revision), "the revision after the last one on the ledger",
			fmt.Sprintf("账本上没有该报告的第 %d 版", r.Revision-1), fmt.Sprintf("there is no revision %d of this report on the ledger", r.Revision-1))
	case before.ID != r.Supersedes:
		return s.supersedes(r.Supersedes, before.ID)
	}
	return nil
}

func (s *statement) reportDocument(id traceability.ReportID) *traceability.Document {
	state := get[traceability.ReportState](s.view, traceability.ReportKey(id))
	if state == nil {
		return nil
	}
	return s.read(state.Document)
}

// report returns a revision of a report, or nil.
func (s *statement) report(id traceability.ReportID) *traceability.Report {
	document := s.reportDocument(id)
	if document == nil {
		return nil
	}
	return decode[traceability.Report](s.view, document)
}
