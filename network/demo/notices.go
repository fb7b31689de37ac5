package demo

import (
	"context"
	"fmt"
	"net/url"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

// agreements are what three provinces have to sign before periods can be
// counted: calendars, periods, the list of microbiological parameters.
func agreements() ([]signed, error) {
	documents, err := reference.Documents()
	if err != nil {
		return nil, err
	}
	var list []signed
	for _, province := range traceability.Provinces()[:3] {
		for _, d := range documents {
			list = append(list, signed{traceability.Regulator(province), d.Type, d.Payload})
		}
	}
	return list, nil
}

// failure is a sample of the story that failed, and where it was taken and made.
type failure struct {
	report               traceability.ReportID
	organiser            traceability.ProvinceCode
	sampledIn, madeIn    traceability.DivisionCode
	name, laboratoryName string
}

func failures() []failure {
	return []failure{
		{traceability.NewReportID(labShanghai, "2026（食）S0921", 1), traceability.Shanghai, "310115", "340121", "strawberries", "上海示例食品检测中心"},
		{traceability.NewReportID(labAnhui, "AH26-1107", 2), traceability.Anhui, "310101", "340104", "cake", "安徽示例检验检测有限公司"},
	}
}

// publish leads the failed samples to their publication, without which the public
// would not know of them. Their handling stays open, so that the provinces have
// something to do.
func (l *loader) publish(ctx context.Context) error {
	for _, f := range failures() {
		report, err := l.reportAs(ctx, traceability.Regulator(f.organiser), f.report)
		if err != nil {
			return err
		}
		if err := l.submit(ctx, "notice of the "+f.name, l.notice(f, &report)); err != nil {
			return err
		}
	}
	return nil
}

// notice makes a notice and its moves. All are dated on the first start, so that
// a second load says the same.
func (l *loader) notice(f failure, report *traceability.ReportRecord) []signed {
	at := traceability.Instant(l.today)
	id := traceability.NewNoticeID(report.Lab, &report.Report)
	row := traceability.DraftRow(&report.Report, f.laboratoryName)
	issue := traceability.DraftNotice(report, at)
	issue.Stage, issue.Packaging, issue.SampledIn, issue.ProducedIn = traceability.StageDistribution, traceability.Bulk, f.sampledIn, f.madeIn
	moves := []signed{{traceability.Regulator(f.organiser), traceability.TypeNoticeIssue, &issue}}
	move := func(by traceability.ProvinceCode, a traceability.NoticeAct) {
		a.Notice, a.At = id, at
		moves = append(moves, signed{traceability.Regulator(by), traceability.TypeNoticeAct, &a})
	}
	receipt := []traceability.Evidence{{Name: "送达回证（演示）"}}
	waiver := []traceability.Evidence{{Name: "放弃复检和异议声明（演示）"}}
	sampled, made := f.sampledIn.Province(), f.madeIn.Province()
	move(f.organiser, traceability.NoticeAct{Act: traceability.ActDispatch})
	for _, province := range []traceability.ProvinceCode{sampled, made} {
		if province != f.organiser {
			move(province, traceability.NoticeAct{Act: traceability.ActAcknowledge})
			move(province, traceability.NoticeAct{Act: traceability.ActAnswer, Answer: traceability.AnswerAccept})
		}
	}
	move(sampled, traceability.NoticeAct{Act: traceability.ActServe, For: traceability.ToUnit, Evidence: receipt})
	move(made, traceability.NoticeAct{Act: traceability.ActServe, For: traceability.ToProducer, Evidence: receipt})
	move(sampled, traceability.NoticeAct{Act: traceability.ActWaive, For: traceability.ToUnit, Evidence: waiver})
	move(made, traceability.NoticeAct{Act: traceability.ActWaive, For: traceability.ToProducer, Evidence: waiver})
	move(f.organiser, traceability.NoticeAct{Act: traceability.ActDetermine, Decision: traceability.Upheld, Reason: "当事人放弃复检和异议，检验结论成立"})
	move(f.organiser, traceability.NoticeAct{Act: traceability.ActPublish, Row: &row})
	return moves
}

// reportAs reads a report with a party's token: the public does not see a failed
// one before its notice is published.
func (l *loader) reportAs(ctx context.Context, party traceability.PartyID, id traceability.ReportID) (traceability.ReportRecord, error) {
	var record traceability.ReportRecord
	reader, err := l.doorOf(party)
	if err != nil {
		return record, err
	}
	if err := reader.Get(ctx, "/v1/reports/"+url.PathEscape(string(id)), &record); err != nil {
		return record, fmt.Errorf("read report %s: %w", id, err)
	}
	return record, nil
}
