package main

import (
	"context"
	"fmt"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
)

type registerSubmitCommand struct {
	Files  []string `arg:"" name:"file" help:"CSV or XLSX files."`
	Format string   `enum:"text,json" default:"text" help:"text: the rows that are wrong. json: one JSON object for each row, a line each."`
	sending
	progressFlag
}

// Help says what one can rely on.
func (registerSubmitCommand) Help() string {
	return `Each row is answered for:
  accepted   the licence was new, and is in the register now
  changed    the ledger had another row; a licence.change was accepted: renewed, altered, graded, suspended, resumed, revoked or cancelled
  duplicate  the ledger has the same row; nothing was sent
  rejected   with file, sheet, row, column, what was found and what was expected
  unknown    sent, but no answer came, or one that cannot be of this API, or that --confirm does not bear out: submit again
  not_sent   the API could not be reached, or the program was interrupted before
The program may be killed at any moment: submit the file again, and it goes on where it was. A change without a date of its own (变更日期) takes effect today, a renewal on the first day of the new validity. Beside a file may stand <file>.sum.json with the checksum of the whole register (see register checksum): it is compared with the ledger's when the file is loaded; when they differ, the exit status is at least 1.`
}

// Run submits the files one after the other.
func (c *registerSubmitCommand) Run(p *program) error {
	out := newRegisterOutput(p, c.Format)
	r, err := newRegistrar(c)
	if err != nil {
		return err
	}
	drifted := false
	for _, path := range c.Files {
		differs, err := c.file(p, path, r, out)
		if err != nil {
			out.to.Flush()
			return err
		}
		drifted = drifted || differs
	}
	err = out.finish()
	if r.trouble != nil {
		fmt.Fprintln(p.stderr, "labs-adapter:", r.summary(&out.totals))
	}
	if err == nil && drifted {
		return &exitError{status: exitRejected}
	}
	return err
}

// file loads a file and reports whether the registers differ afterwards.
func (c *registerSubmitCommand) file(p *program, path string, r *registrar, out *output) (differs bool, err error) {
	stated, err := statedSum(path)
	if err != nil {
		return false, err
	}
	progress := c.start(p, path)
	defer progress.stop()
	file, err := openRegister(p, path, out, progress)
	if file == nil {
		return false, err
	}
	defer file.Close()
	err = r.file(p.ctx, file, func(row *formats.LicenceRow, f licenceFate) error {
		progress.add(1)
		return out.licence(path, row, f)
	})
	if err != nil || stated == nil || r.trouble != nil {
		return false, err
	}
	return r.compareWhole(p.ctx, *stated, func(n formats.Notice) { out.notice(path, n) })
}

// compareWhole compares what a file states of the whole register with the ledger's,
// and says how it came out.
func (r *registrar) compareWhole(ctx context.Context, stated traceability.RegisterSum, notify func(formats.Notice)) (differs bool, err error) {
	var ledger traceability.RegisterSum
	province := traceability.ProvinceCode(r.key.Party.Number())
	if err := r.api.Get(ctx, "/v1/licences/checksum?province="+string(province), &ledger); err != nil {
		return false, err
	}
	if ledger == stated {
		notify(formats.Notice{ZH: fmt.Sprintf("与账本登记库一致：%d 张许可证", ledger.Licences), EN: fmt.Sprintf("the same as the ledger's register: %d licences", ledger.Licences)})
		return false, nil
	}
	notify(formats.Notice{
		ZH: fmt.Sprintf("与账本登记库不一致：文件 %d 张、%s，账本 %d 张、%s；请提交全量文件", stated.Licences, stated.SHA256, ledger.Licences, ledger.SHA256),
		EN: fmt.Sprintf("the registers have drifted apart: the file states %d licences and %s, the ledger has %d and %s; submit a file of the whole register", stated.Licences, stated.SHA256, ledger.Licences, ledger.SHA256)})
	return true, nil
}
