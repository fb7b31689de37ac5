package main

import (
	"errors"
	"fmt"
	"time"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
)

// sending is what all commands that submit share.
type sending struct {
	API      string        `required:"" name:"api" placeholder:"URL" help:"Address of the API, such as https://trace.example."`
	Key      string        `required:"" placeholder:"FILE" help:"The laboratory's key file, made by keygen."`
	Patience time.Duration `default:"1m" help:"How long a batch is tried again while the API cannot be reached or is busy."`
	Grace    time.Duration `default:"10s" help:"How long the batch under way may go on after an interrupt (SIGINT, SIGTERM)."`
	Confirm  bool          `help:"Read each document back before it counts as delivered: one more request a document."`
	Audience string        `placeholder:"URL" help:"The API's public address for tokens, when it stands behind another than --api."`
}

type submitCommand struct {
	Files  []string `arg:"" name:"file" help:"CSV, XLSX or JSON files."`
	Format string   `enum:"text,json" default:"text" help:"text: a table for each report. json: one JSON object for each item, a line each."`
	sending
	reading
	progressFlag
}

// Help says what one can rely on.
func (submitCommand) Help() string {
	return `Each row is answered for:
  accepted   its report is on the ledger now
  duplicate  the same report was on the ledger already; nothing was written
  rejected   with file, sheet, row, column, what was found and what was expected
  unknown    sent, but no answer came, or one that cannot be of this API, or that --confirm does not bear out: submit again
  not_sent   the API could not be reached, or the program was interrupted before
A test that repeats a result which counts in the laboratory's province by mutual recognition is warned of, and sent all the same.
A report with a bad row is not sent at all. A file that cannot be read to its end is not sent at all. Submitting a file again is harmless. Exit statuses: see labs-adapter --help.`
}

// Run submits the files one after the other.
func (c *submitCommand) Run(p *program) error {
	out := newOutput(p, c.Format)
	s, err := newSender(c.sending)
	if err != nil {
		return err
	}
	for _, path := range c.Files {
		if err := submitFile(p, path, c, s, out); err != nil {
			out.to.Flush()
			return err
		}
	}
	err = out.finish()
	if s.trouble != nil {
		fmt.Fprintln(p.stderr, "labs-adapter:", s.summary(&out.totals))
	}
	return err
}

// submitFile answers for every row of a file, whether it could be sent or not.
func submitFile(p *program, path string, c *submitCommand, s *sender, out *output) error {
	progress := c.start(p, path)
	defer progress.stop()
	file, err := openFile(p, path, c.reading, out, progress)
	if file == nil {
		return err
	}
	defer file.Close()
	err = s.file(p.ctx, file, func(r *formats.Report, f fate) error {
		progress.add(len(r.Rows))
		return out.report(path, r, f)
	})
	if n := s.repeats.notice(); n != nil && s.trouble == nil {
		out.notice(path, *n)
	}
	return err
}

// summary tells a person why not everything was sent, and what to do.
func (c *courier) summary(t *totals) string {
	why := c.trouble.Error()
	if errors.Is(c.trouble, errInterrupted) {
		why = errInterrupted.Error()
	}
	return fmt.Sprintf("%s\n  %d 行已答复，%d 行结果未知，%d 行未发送；再次提交无害 · %d rows answered, %d of unknown fate, %d not sent; submitting again is harmless",
		why, t.answered(), t.ByRow[statusUnknown], t.ByRow[statusNotSent], t.answered(), t.ByRow[statusUnknown], t.ByRow[statusNotSent])
}

func (t *totals) answered() int {
	return t.Rows - t.ByRow[statusUnknown] - t.ByRow[statusNotSent]
}

// ledgerFate is the fate that the ledger gave a report.
func ledgerFate(r *formats.Report, d *delivery, o *traceability.Outcome) fate {
	f := fate{status: string(o.Status), document: o.ID, record: o.Record, warnings: r.Warnings}
	if o.Status != traceability.StatusRejected {
		f.tx, f.block = d.place(o)
	} else {
		f.problems = located(r, o.Problems)
		if len(f.problems) == 0 {
			f.problems = located(r, []*traceability.Error{traceability.NewError(o.Code, "", "账本拒绝："+string(o.Code), "the ledger rejected it: "+string(o.Code))})
		}
	}
	if len(o.Warnings) > 0 {
		f.warnings = located(r, o.Warnings)
	}
	return f
}

// located finds the places in the file of what the ledger says of the payload.
// What it says of the signature, the signer or the whole has none: row 0.
func located(r *formats.Report, errs []*traceability.Error) []formats.Problem {
	var list []formats.Problem
	for _, e := range errs {
		p := formats.Problem{Sheet: r.Sheet, Err: e}
		switch e.Field {
		case "", "kid", "typ", "alg", "iat", "signature":
		default:
			p.Row, p.Column = r.Locate(e.Field)
		}
		list = append(list, p)
	}
	return list
}
