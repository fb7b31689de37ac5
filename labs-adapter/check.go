package main

import (
	"errors"
	"fmt"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
)

// reading is what all commands that read files share.
type reading struct {
	Task string `enum:",supervision,evaluative,risk_monitoring,commissioned" default:"" help:"What the reports were made for where a file does not say (检验类别): supervision 监督抽检, evaluative 评价性抽检, risk_monitoring 风险监测, commissioned 委托检验. Without it, such reports are not shown to the public."`
}

func (r reading) options() formats.Options {
	return formats.Options{Task: traceability.Task(r.Task)}
}

type checkCommand struct {
	Files  []string `arg:"" name:"file" help:"CSV, XLSX or JSON files."`
	Format string   `enum:"text,json" default:"text" help:"text: a table for each report. json: one JSON object for each item, a line each."`
	reading
	progressFlag
}

// Run shows every row of the files.
func (c *checkCommand) Run(p *program) error {
	out := newOutput(p, c.Format)
	for _, path := range c.Files {
		if err := checkFile(p, path, c, out); err != nil {
			out.to.Flush()
			return err
		}
	}
	if err := out.end(); err != nil {
		return err
	}
	if status := out.totals.exit(); status != exitOK {
		return &exitError{status: status}
	}
	return nil
}

func checkFile(p *program, path string, c *checkCommand, out *output) error {
	progress := c.start(p, path)
	defer progress.stop()
	file, err := openFile(p, path, c.reading, out, progress)
	if file == nil {
		return err
	}
	defer file.Close()
	for report, err := range file.Reports(p.ctx) {
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := out.report(path, report, localFate(report)); err != nil {
			return err
		}
		progress.add(len(report.Rows))
	}
	return nil
}

// openFile opens a file; nil when it cannot be read, which is shown, or when the
// error ends the program.
func openFile(p *program, path string, r reading, out *output, progress *progress) (*formats.File, error) {
	out.totals.Files++
	options := r.options()
	options.Notify = func(n formats.Notice) { out.notice(path, n) }
	options.Scanned = progress.scanned
	file, err := formats.Open(p.ctx, path, options)
	if err == nil {
		progress.total = file.RowCount
		return file, nil
	}
	if p.ctx.Err() != nil {
		return nil, &exitError{exitUnsent, errInterrupted}
	}
	return nil, out.unreadable(path, asProblem(err))
}

var errInterrupted = errors.New("已中断 interrupted")

// asProblem returns what is wrong with a file, also when the operating system says it.
func asProblem(err error) *formats.Problem {
	var problem *formats.Problem
	if errors.As(err, &problem) {
		return problem
	}
	return &formats.Problem{Err: &traceability.Error{Code: traceability.CodeNotFound, Err: err,
		ZH: "无法读取文件：" + err.Error(), EN: "the file cannot be read: " + err.Error()}}
}
