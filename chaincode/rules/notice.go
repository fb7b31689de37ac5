package rules

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"deltatrace/traceability"
)

// noticeReads foresees the keys of a notice's issue.
func noticeReads(say *traceability.NoticeIssue) []string {
	keys := []string{
		traceability.ReportKey(say.Report), traceability.ReportKey(say.Report.Next()), traceability.NoticedKey(say.Report), traceability.PartyKey(say.Report.Lab()),
		traceability.ParametersKey(traceability.Microbiological),
	}
	if say.Platform != "" {
		keys = append(keys, traceability.PartyKey(say.Platform))
	}
	return append(keys, clockReads(say.At, "T4", "T4b", "T5", "T5c", "T14", "T19")...)
}

// issuedFor returns the report of an issue, when the ledger took it, and the id of
// the notice. The report is nil when it is not there.
func (s *statement) issuedFor(say *traceability.NoticeIssue) (*traceability.Report, time.Time, traceability.NoticeID) {
	state := get[traceability.ReportState](s.view, traceability.ReportKey(say.Report))
	if state == nil {
		return nil, time.Time{}, ""
	}
	document := s.read(state.Document)
	if document == nil {
		return nil, time.Time{}, ""
	}
	report := decode[traceability.Report](s.view, document)
	if report == nil {
		return nil, time.Time{}, ""
	}
	return report, state.Recorded, traceability.NewNoticeID(say.Report.Lab(), report)
}

// noticeDocument returns this very document of a notice, if it is there: the
// record knows its documents by their ids, so none has to be read.
func (s *statement) noticeDocument(id traceability.NoticeID) (string, []traceability.Entry) {
	key := traceability.NoticeKey(id)
	state := get[traceability.NoticeState](s.view, key)
	if state == nil {
		return "", nil
	}
	for i, done := range state.Notice.Done {
		if done.Document == s.document.ID {
			return key, state.Documents[i : i+1]
		}
	}
	return key, nil
}

// issueNotice begins the case of a failed sample.
func (s *statement) issueNotice(say *traceability.NoticeIssue) *traceability.Error {
	if problem := s.role(traceability.KindRegulator); problem != nil {
		return problem
	}
	report, recorded, id := s.issuedFor(say)
	if s.err != nil {
		return nil
	}
	if report == nil || get[traceability.ReportState](s.view, traceability.ReportKey(say.Report.Next())) != nil {
		return refuse(traceability.CodeUnknownReport, "report", string(say.Report), "the revision in force of a report on the ledger",
			"账本上没有此报告，或已有新版", "this report is not on the ledger, or a later revision has replaced it")
	}
	if problem := s.noticeable(say, report); problem != nil {
		return problem
	}
	if problem := s.confirmedAt(say, report); problem != nil {
		return problem
	}
	noticed := traceability.NoticedKey(say.Report)
	if other := get[traceability.Noticed](s.view, noticed); other != nil && other.Notice != id {
		id = other.Notice // of an earlier revision, which named another sample
	}
	key := traceability.NoticeKey(id)
	if existing := get[traceability.NoticeState](s.view, key); existing != nil {
		return s.conflict(key, existing.Notice.Done[0].Document, "report",
			"该样品已有不合格样品通报 "+string(id)+"；一个样品只有一份", "the sample has its notice already, "+string(id)+"; there is one for each sample")
	}
	platform, problem := s.platformProvince(say.Platform)
	if problem != nil {
		return problem
	}
	state := &traceability.NoticeState{Documents: []traceability.Entry{s.entry}, Notice: newNotice(id, s.author.Province, say, report, platform)}
	c := s.clock(&state.Notice, state.Notice.Issued)
	c.classify()
	c.judgeLab(report, recorded)
	if report.Sample.SampledOn != "" {
		c.since("T14", midnight(report.Sample.SampledOn))
	}
	c.begin("T5", c.at)
	c.begin("T5c", c.at)
	if say.Urgent {
		c.begin("T19", c.at)
	}
	state.Notice.Done = []traceability.Done{{Document: s.document.ID, By: s.signer, At: c.at, Recorded: s.tx.Time}}
	state.Notice.Remarks = s.remarks()
	put(s.view, key, state)
	put(s.view, noticed, &traceability.Noticed{Notice: id})
	s.outcome.Record = key
	return nil
}

// confirmedAt checks when the organiser says that it confirmed the result: not
// before the last day that the report states, and not long ago.
func (s *statement) confirmedAt(say *traceability.NoticeIssue, report *traceability.Report) *traceability.Error {
	if problem := s.timely("at", say.At); problem != nil {
		return problem
	}
	last := cmp.Or(report.Issued, report.TestedTo, report.Sample.SampledOn)
	if last != "" && say.At.Before(midnight(last)) {
		return refuse(traceability.CodeInvalid, "at", say.At.Format(time.RFC3339), "not before the report, "+string(last),
			"早于检验报告的日期 "+string(last), "this is before the day of the report, "+string(last))
	}
	return nil
}

// noticeable checks that there is something to issue a notice about, and that
// the signer organised the sampling, by what the report says and not by what the
// signer does: the sampling number says who did; without one it is the province of
// the laboratory, or that of the sampled establishment's code.
func (s *statement) noticeable(say *traceability.NoticeIssue, report *traceability.Report) *traceability.Error {
	if report.Task != traceability.TaskSupervision && report.Task != traceability.TaskEvaluative {
		return refuse(traceability.CodeInvalid, "report", string(report.Task), "a report of a supervision or evaluative sampling",
			"只有监督抽检和评价性抽检的结果可以通报", "only results of supervision or evaluative sampling become notices")
	}
	if !slices.ContainsFunc(report.Items, failed) {
		return refuse(traceability.CodeInvalid, "report", string(report.Verdict), "a report with a failed item",
			"报告没有不合格项目", "the report has no failed item")
	}
	organisers := []traceability.ProvinceCode{report.Sample.SampledUnit.USCC.Division().Province()}
	if lab := s.party(say.Report.Lab()); lab != nil {
		organisers = append(organisers, lab.Province)
	}
	if parts, ok := report.Sample.No.Parts(); ok && parts.Division.Province() != "" {
		organisers = []traceability.ProvinceCode{parts.Division.Province()}
	}
	if !slices.Contains(organisers, s.author.Province) {
		var expected []string
		for _, p := range organisers {
			if p != "" && !slices.Contains(expected, string(p)) {
				expected = append(expected, string(p))
			}
		}
		return refuse(traceability.CodeNotAllowed, "report", string(s.author.Province), "a regulator of "+strings.Join(expected, " or "),
			"报告不能说明该次抽检由签名方的省份组织：有抽样编号的看编号，没有的看检验机构和被抽样单位（统一社会信用代码）所在省份",
			"the report does not show that the signer's province organised this sampling: its sampling number says who did, or else the province of the laboratory or of the sampled establishment's code")
	}
	return nil
}

func failed(item traceability.Item) bool { return item.Verdict == traceability.VerdictFail }

func (s *statement) platformProvince(platform traceability.PartyID) (traceability.ProvinceCode, *traceability.Error) {
	if platform == "" {
		return "", nil
	}
	party, problem := s.subject(platform)
	if problem != nil {
		problem.Field = "platform"
		return "", problem
	}
	return party.Province, nil
}

// newNotice computes what follows from the report and from what the organiser
// says of the sampling: recipients, links and provinces concerned.
func newNotice(id traceability.NoticeID, organiser traceability.ProvinceCode, say *traceability.NoticeIssue, report *traceability.Report, platform traceability.ProvinceCode) traceability.Notice {
	sample := &report.Sample
	n := traceability.Notice{
		ID: id, Phase: traceability.PhaseIssued, Urgent: say.Urgent, Organiser: organiser, Issued: traceability.Instant(say.At),
		Report: say.Report, Lot: sample.Lot, SamplingNo: sample.No, FoodName: sample.FoodName,
	}
	for _, item := range report.Items {
		if failed(item) {
			n.Failed = append(n.Failed, traceability.FailedItem{Seq: item.Seq, Parameter: item.Parameter, Unclassified: true})
		}
	}
	n.Recipients = []traceability.Served{{As: traceability.ToUnit, Party: operator(sample.SampledUnit.USCC), Province: say.SampledIn.Province()}}
	atSource := say.Stage == traceability.StageProduction || say.Stage == traceability.StageFarm
	another := named(sample.ClaimedProducer) && !say.SelfMade && !atSource &&
		(sample.ClaimedProducer.USCC == "" || sample.ClaimedProducer.USCC != sample.SampledUnit.USCC)
	if another {
		in := cmp.Or(say.ProducedIn, sample.ClaimedProducer.USCC.Division())
		n.Recipients = append(n.Recipients, traceability.Served{As: traceability.ToProducer, Party: operator(sample.ClaimedProducer.USCC), Province: in.Province()})
	}
	if say.Platform != "" {
		n.Recipients = append(n.Recipients, traceability.Served{As: traceability.ToPlatform, Party: say.Platform, Province: platform})
	}
	// Sampled at production there is the producer's case only; catering food that
	// was made on the spot has no other producer.
	switch {
	case atSource:
		n.Links = []traceability.Link{traceability.LinkProduction}
	case say.Stage == traceability.StageCatering:
		n.Links = []traceability.Link{traceability.LinkCatering}
	default:
		n.Links = []traceability.Link{traceability.LinkDistribution}
	}
	if another && (say.Stage != traceability.StageCatering || say.Packaging == traceability.Prepackaged || !say.SelfMade) {
		n.Links = append(n.Links, traceability.LinkProduction)
	}
	if say.Platform != "" {
		n.Links = append(n.Links, traceability.LinkOnline)
	}
	n.Provinces = concerned(n.Recipients, sample.SampledUnit.USCC.Division().Province())
	return n
}

// concerned lists the recipients' provinces, and the one in which the sampled
// establishment is registered, in the order of their codes.
func concerned(recipients []traceability.Served, registered traceability.ProvinceCode) []traceability.Concern {
	var list []traceability.Concern
	for _, province := range traceability.Provinces() {
		c := traceability.Concern{Province: province}
		for _, r := range recipients {
			if r.Province == province {
				c.As = append(c.As, reasonOf(r.As))
			}
		}
		if province == registered && !slices.Contains(c.As, reasonOf(traceability.ToUnit)) {
			c.As = append(c.As, "registered")
		}
		if len(c.As) > 0 {
			list = append(list, c)
		}
	}
	return list
}

// reasonOf says why a recipient's province is concerned.
func reasonOf(as traceability.Recipient) string {
	if as == traceability.ToUnit {
		return "sampling"
	}
	return string(as)
}

// named tells a firm from the dashes that forms have where there is none.
func named(f traceability.Firm) bool {
	return f.USCC != "" || strings.Trim(traceability.Fold(f.Name), "/-—－\\、无") != ""
}

func operator(code traceability.USCC) traceability.PartyID {
	if code == "" {
		return ""
	}
	return traceability.PartyID(string(traceability.KindOperator) + ":" + string(code))
}

// midnight is when a day begins in China.
func midnight(day traceability.Date) time.Time {
	return day.AddDays(-1).End().Add(time.Second)
}
