package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"deltatrace/labs-adapter/formats"

	"github.com/go-json-experiment/json"
)

// output shows answers: as JSON, an object a line, or as a table for each report.
type output struct {
	to     *bufio.Writer
	notes  io.Writer // notices go here, not among the answers
	asJSON bool
	totals totals
}

func newOutput(p *program, format string) *output {
	return &output{to: bufio.NewWriterSize(p.stdout, 64<<10), notes: p.stderr, asJSON: format == "json"}
}

// report shows what became of a report's rows.
func (o *output) report(file string, r *formats.Report, f fate) error {
	list := answers(file, r, f)
	o.totals.add(f.status, len(list))
	if !o.asJSON {
		return o.table(file, r, f, list)
	}
	for i := range list {
		if err := o.line(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (o *output) line(a *answer) error {
	if err := json.MarshalWrite(o.to, a); err != nil {
		return err
	}
	return o.to.WriteByte('\n')
}

// unreadable shows that a file cannot be read, and why.
func (o *output) unreadable(file string, problem *formats.Problem) error {
	if o.totals.ByRow == nil {
		o.totals.ByRow = make(map[string]int)
	}
	o.totals.ByRow[statusUnreadable]++
	a := fileAnswer(file, problem)
	if o.asJSON {
		return o.line(&a)
	}
	_, err := fmt.Fprintf(o.to, "%s  无法读取 unreadable\n", file)
	o.problems("!", a.Problems)
	return err
}

// notice shows what was left out of a file.
func (o *output) notice(file string, n formats.Notice) {
	place := file
	if n.Sheet != "" {
		place += "!" + n.Sheet
	}
	if n.Row > 0 {
		place += fmt.Sprintf(":%d", n.Row)
	}
	o.to.Flush() // keep the order with the answers
	fmt.Fprintf(o.notes, "%s: %s · %s\n", place, n.ZH, n.EN)
}

// table shows a report for people.
func (o *output) table(file string, r *formats.Report, f fate, list []answer) error {
	p := &r.Payload
	fmt.Fprintf(o.to, "%s", file)
	if r.Sheet != "" {
		fmt.Fprintf(o.to, " [%s]", r.Sheet)
	}
	fmt.Fprintf(o.to, "  报告 %s", orDash(p.No))
	for _, part := range []struct{ name, value string }{
		{"修订 revision", revision(p.Revision)}, {"抽样单 sample", string(p.Sample.No)}, {"", p.Sample.FoodName},
		{"检验类别 task", string(p.Task)}, {"结论 verdict", string(p.Verdict)},
	} {
		if part.value != "" {
			fmt.Fprintf(o.to, "  %s", strings.TrimSpace(part.name+" "+part.value))
		}
	}
	fmt.Fprintf(o.to, "  → %s\n", f.status)
	rows := [][]string{{"行 row", "序号", "检验项目 parameter", "实测值 result", "单位 unit", "标准指标 limit", "判定 verdict", "检验依据 method"}}
	for i := range list {
		a := &list[i]
		mark, seq := "", ""
		if len(a.Problems) > 0 {
			mark = "!"
		}
		if a.Seq > 0 {
			seq = fmt.Sprint(a.Seq)
		}
		rows = append(rows, []string{fmt.Sprintf("%s%d", mark, a.Row), seq, a.Parameter, a.Result, a.Unit, a.Limit,
			strings.TrimSpace(string(a.Verdict) + " " + a.VerdictText), a.Method})
	}
	writeTable(o.to, rows)
	o.problems("!", f.problems)
	o.problems("注意 note:", f.warnings)
	if f.document != "" {
		fmt.Fprintf(o.to, "  文档 document %s", f.document)
		if f.record != "" {
			fmt.Fprintf(o.to, "  记录 record %s", f.record)
		}
		if f.block > 0 {
			fmt.Fprintf(o.to, "  区块 block %d", f.block)
		}
		fmt.Fprintln(o.to)
	}
	_, err := fmt.Fprintln(o.to)
	return err
}

// problems shows what is wrong, or to be noted, and where.
func (o *output) problems(mark string, list []formats.Problem) {
	for i := range list {
		p := &list[i]
		var place []string
		if p.Row > 0 {
			place = append(place, fmt.Sprintf("第 %d 行 row %d", p.Row, p.Row))
		}
		if p.Column != "" {
			place = append(place, "列 column "+p.Column)
		}
		if len(place) > 0 {
			place[len(place)-1] += ": "
		}
		fmt.Fprintf(o.to, "  %s %s%s · %s [%s]\n", mark, strings.Join(place, ", "), p.Err.ZH, p.Err.EN, p.Err.Code)
	}
}

// end shows the totals and writes everything out.
func (o *output) end() error {
	if !o.asJSON {
		fmt.Fprintf(o.to, "合计 total: %d 个文件 files, %d %s, %d 行 rows", o.totals.Files, o.totals.Reports, cmp.Or(o.totals.what, "份报告 reports"), o.totals.Rows)
		for _, status := range []string{statusOK, "accepted", statusChanged, "duplicate", statusRejected, statusUnknown, statusNotSent} {
			if n := o.totals.ByRow[status]; n > 0 {
				fmt.Fprintf(o.to, ", %d %s", n, status)
			}
		}
		if n := o.totals.ByRow[statusUnreadable]; n > 0 {
			fmt.Fprintf(o.to, ", %d 个文件 files %s", n, statusUnreadable)
		}
		fmt.Fprintln(o.to)
	}
	return o.to.Flush()
}

// finish shows the totals, and returns the exit status as an error.
func (o *output) finish() error {
	if err := o.end(); err != nil {
		return err
	}
	if status := o.totals.exit(); status != exitOK {
		return &exitError{status: status}
	}
	return nil
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// revision is shown when it is not the first.
func revision(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprint(n)
}
