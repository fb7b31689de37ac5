package store

import (
	"context"

	"deltatrace/traceability"
)

// report projects a revision of a report.
func (r *rows) report(w traceability.Write, id traceability.ReportID) error {
	state, err := traceability.DecodeState[traceability.ReportState](w.Value)
	if err != nil {
		return err
	}
	var report traceability.Report
	d, at, err := r.document(w.Key, state.Document, &report)
	if err != nil {
		return err
	}
	if is := traceability.NewReportID(d.Party(), report.No, report.Revision); is != id {
		return mismatch(string(is))
	}
	outOfScope, err := list(state.OutOfScope)
	if err != nil {
		return err
	}
	remarks, err := list(state.Remarks)
	if err != nil {
		return err
	}
	const supersededByNone = ""
	r.add(tableReports, int64(at), string(id), string(d.Party()),
		string(report.Sample.Lot), string(report.Sample.No), supersededByNone, outOfScope, remarks)
	if report.Revision > 1 {
		before := traceability.NewReportID(d.Party(), report.No, report.Revision-1)
		r.superseding = append(r.superseding, supersession{report: before, by: id})
	}
	r.failures(id, &report, at)
	return nil
}

// supersession says that a later revision stands in a report's place.
type supersession struct{ report, by traceability.ReportID }

const supersedeStatement = `-- name: supersede report
UPDATE reports SET superseded_by = ? WHERE id = ?`

const reportColumns = "r.id, r.superseded_by, r.out_of_scope, r.remarks, " + documentColumns

// Report implements traceability.Reader.
func (s *Store) Report(ctx context.Context, id traceability.ReportID) (traceability.ReportRecord, error) {
	const question = "-- name: report\nSELECT " + reportColumns + " FROM reports r JOIN documents d ON d.position = r.document WHERE r.id = ?"
	reports, err := s.reports(ctx, question, []any{string(id)}, new(int))
	switch {
	case err != nil:
		return traceability.ReportRecord{}, err
	case len(reports) == 0:
		return traceability.ReportRecord{}, traceability.ErrNotFound
	}
	return reports[0].ReportRecord, nil
}

// reports reads reports, and tells those of a failure which notice there is about
// it, as it stands by then.
func (s *Store) reports(ctx context.Context, question string, args []any, limit *int) ([]placedReport, error) {
	reports, err := readPage(ctx, s.db, question, args, limit, (*reportRow).dest, (*reportRow).read)
	if err != nil {
		return nil, err
	}
	return reports, noticeReports(ctx, s.db, reports)
}

// Reports implements traceability.Reader.
func (s *Store) Reports(ctx context.Context, f traceability.ReportFilter, p traceability.Page) (traceability.List[traceability.ReportRecord], error) {
	var none traceability.List[traceability.ReportRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	if f.Lot != "" {
		w.and("r.lot = ?", string(f.Lot))
	}
	if f.SamplingNo != "" {
		w.and("r.sampling_no = ?", string(f.SamplingNo))
	}
	if f.Lab != "" {
		w.and("r.lab = ?", string(f.Lab))
	}
	if f.Current {
		w.and("(r.superseded_by = '' OR EXISTS (SELECT 1 FROM notice_reports k WHERE k.report = r.id))")
	}
	if p.After != "" {
		key, err := decodeNumbers(p.After, "reports", 1, 1)
		if err != nil {
			return none, err
		}
		w.and("r.document > ?", key...)
	}
	question := "-- name: reports\nSELECT " + reportColumns + " FROM reports r JOIN documents d ON d.position = r.document" + w.String() +
		" ORDER BY r.document LIMIT ?"
	reports, err := s.reports(ctx, question, append(w.args, limit+1), &limit)
	page := cut(reports, limit, func(r *placedReport) string { return encodeCursor("reports", number(int64(r.position))) })
	found := traceability.List[traceability.ReportRecord]{Next: page.Next}
	for _, r := range page.Items {
		found.Items = append(found.Items, r.ReportRecord)
	}
	return found, err
}

// placedReport is a report with its sort key.
type placedReport struct {
	traceability.ReportRecord
	position position
}

type reportRow struct {
	id, supersededBy, outOfScope, remarks string
	document                              storedDocument
}

func (r *reportRow) dest() []any {
	return append([]any{&r.id, &r.supersededBy, &r.outOfScope, &r.remarks}, r.document.dest()...)
}

func (r *reportRow) read() (placedReport, error) {
	record := placedReport{position: r.document.position}
	record.ID, record.SupersededBy = traceability.ReportID(r.id), traceability.ReportID(r.supersededBy)
	var err error
	if record.Document, err = r.document.read(&record.Report); err != nil {
		return record, err
	}
	record.Lab = record.Document.Party
	if record.OutOfScope, err = unlist[int](r.outOfScope); err != nil {
		return record, err
	}
	record.Remarks, err = unlist[traceability.Remark](r.remarks)
	return record, err
}
