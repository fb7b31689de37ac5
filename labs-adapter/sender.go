package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
)

// waitingRows bounds how many rows wait for the answer of a batch, so that
// answers stay in the order of the file and memory stays small.
const waitingRows = 50_000

// sender signs reports and submits them in batches. After trouble with the API
// it sends nothing more, and what it is given is answered as not sent.
type sender struct {
	courier
	repeats *repeats
	waiting []pending
	rows    int
}

// pending is a report that waits for its answer.
type pending struct {
	report  *formats.Report
	fate    fate              // of a report that is not in the batch
	place   int               // in the batch; -1 for not in it
	repeats []formats.Problem // warnings of tests that need not be repeated
}

// answered is told what became of a report.
type answered func(*formats.Report, fate) error

func newSender(s sending) (*sender, error) {
	courier, err := newCourier(s)
	if err != nil {
		return nil, err
	}
	if courier.key.Party.Kind() != traceability.KindLaboratory {
		return nil, usage(fmt.Errorf("--key: %s 不是检验机构的密钥，只有检验机构可提交报告 · is the key of no laboratory, and only those submit reports", courier.key.Party))
	}
	repeats, err := newRepeats(s.API, courier.key.Party, "")
	if err != nil {
		return nil, err
	}
	return &sender{courier: *courier, repeats: repeats}, nil
}

// file sends a file's reports and tells what became of each, in the file's order.
// The error is one of reading or of told.
func (s *sender) file(ctx context.Context, file *formats.File, told answered) error {
	s.repeats.begin()
	// Reading goes on after an interrupt, to answer for the rest as not sent.
	for report, err := range file.Reports(context.WithoutCancel(ctx)) {
		if err != nil {
			return fmt.Errorf("%s: %w", file.Path, err)
		}
		if err := s.add(ctx, report, told); err != nil {
			return err
		}
	}
	return s.flush(ctx, told)
}

// add signs a report and puts it into the batch, which it sends when it is full.
func (s *sender) add(ctx context.Context, report *formats.Report, told answered) error {
	document := ""
	local := localFate(report)
	if !report.Rejected() && s.trouble == nil {
		signed, err := traceability.Sign(s.key, traceability.TypeReportSubmit, &report.Payload, time.Now())
		if err != nil {
			return err
		}
		document = signed
		if len(signed) > traceability.MaxDocumentBytes {
			local = oversized(report, len(signed))
			document = ""
		}
	}
	if document != "" && !s.batch.Add(document) {
		if err := s.flush(ctx, told); err != nil {
			return err
		}
		s.batch.Add(document)
	}
	waiting := pending{report: report, fate: local, place: -1}
	if document != "" {
		waiting.place = s.batch.Len() - 1
		waiting.repeats = s.repeats.of(ctx, report)
	}
	s.waiting = append(s.waiting, waiting)
	s.rows += len(report.Rows)
	if s.rows > waitingRows {
		return s.flush(ctx, told)
	}
	return nil
}

// flush sends the batch and tells of everything that waited.
func (s *sender) flush(ctx context.Context, told answered) error {
	receipt, failed := s.send(ctx)
	for _, w := range s.waiting {
		f := w.fate
		switch {
		case w.place >= 0 && failed == "":
			f = ledgerFate(w.report, receipt, &receipt.Outcomes[w.place])
		case w.place >= 0:
			f = fate{status: failed, problems: []formats.Problem{s.troubled()}}
		case f.status == statusOK: // not signed, because of trouble before
			f = fate{status: statusNotSent, problems: []formats.Problem{s.troubled()}}
		}
		if len(w.repeats) > 0 {
			f.warnings = append(slices.Clip(f.warnings), w.repeats...)
		}
		if err := told(w.report, f); err != nil {
			return err
		}
	}
	s.batch.Reset()
	clear(s.waiting)
	s.waiting, s.rows = s.waiting[:0], 0
	return nil
}

func oversized(r *formats.Report, size int) fate {
	return fate{status: statusRejected, problems: located(r, []*traceability.Error{{
		Code: traceability.CodeOversized, Found: fmt.Sprintf("%d bytes", size), Expected: fmt.Sprintf("at most %d bytes", traceability.MaxDocumentBytes),
		ZH: fmt.Sprintf("报告签名后长 %d 字节，最多 %d 字节", size, traceability.MaxDocumentBytes),
		EN: fmt.Sprintf("the signed report has %d bytes; at most %d are allowed", size, traceability.MaxDocumentBytes)}})}
}
