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
	Files    []string `arg:"" name:"file" help:"CSV, XLSX or JSON files."`
	Format   string   `enum:"text,json" default:"text" help:"text: a table for each report. json: one JSON object for each item, a line each."`
	API      string   `name:"api" placeholder:"URL" help:"Also ask this API which tests repeat a result that counts in --province by mutual recognition. Without it, no network."`
	Province string   `enum:",310000,320000,330000,340000" default:"" help:"The laboratory's province, for --api: 310000 上海, 320000 江苏, 330000 浙江, 340000 安徽."`
	reading
	progressFlag
}

// repeats returns who warns of repeats; nil without an API to ask.
func (c *checkCommand) repeats() (*repeats, error) {
	switch {
	case c.API == "":
		return nil, nil
	case c.Province == "":
		return nil, usage(errors.New("--province: 使用 --api 时须指明检验机构所在省份 · --api needs it: the laboratory's province"))
	}
	return newRepeats(c.API, "", traceability.ProvinceCode(c.Province))
}

// Run shows every row of the files.
func (c *checkCommand) Run(p *program) error {
	out := newOutput(p, c.Format)
	repeats, err := c.repeats()
	if err != nil {
		return err
	}
	for _, path := range c.Files {
		if err := checkFile(p, path, c, repeats, out); err != nil {
			out.to.Flush()
			return err
		}
	}
	return out.finish()
}

func checkFile(p *program, path string, c *checkCommand, repeats *repeats, out *output) error {
	progress := c.start(p, path)
	defer progress.stop()
	file, err := openFile(p, path, c.reading, out, progress)
	if file == nil {
		return err
	}
	defer file.Close()
	if repeats != nil {
		repeats.begin()
	}
	for report, err := range file.Reports(p.ctx) {
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if repeats != nil {
			report.Warnings = append(report.Warnings, repeats.of(p.ctx, report)...)
		}
		if err := out.report(path, report, localFate(report)); err != nil {
			return err
		}
		progress.add(len(report.Rows))
	}
	if repeats != nil {
		if n := repeats.notice(); n != nil {
			out.notice(path, *n)
		}
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
