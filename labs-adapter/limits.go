package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
)

type limitsCommand struct {
	File   string `arg:"" help:"A CSV file in UTF-8 with a header line."`
	Source string `required:"" help:"From where the limits were taken over, and who has checked them; it is signed with each."`
	sending
}

// Help says what the columns are.
func (limitsCommand) Help() string {
	return `Columns, by the names in the header: food_category, parameter, limit (≤0.2, ≥3.5, 不得检出, 不得使用, n=5,c=1,m=100,M=1000), unit, basis, clause, valid_from, valid_to, note, excluded (foods, with ; between) and revision. Where there is no revision, the rows of one parameter in one category are numbered in the order of valid_from. A row is one category and one parameter: what names several is to be split by who signs it.
A limit comes into force when all four provinces have signed the same content, so the four submit the same file with the same --source. Submitting it again is harmless.`
}

// maxLimitsFile bounds what is read.
const maxLimitsFile = 16 << 20

// Run signs and submits the rows that can be read, and tells of each.
func (c *limitsCommand) Run(p *program) error {
	courier, err := newCourier(c.sending)
	if err != nil {
		return err
	}
	file, err := formats.OpenRegular(c.File)
	if err != nil {
		return usage(err)
	}
	defer file.Close()
	rows, err := readLimits(file, c.Source)
	if err != nil {
		return usage(fmt.Errorf("%s: %w", c.File, err))
	}
	worst := exitOK
	tell := func(row limitRow, status, message string) {
		fmt.Fprintf(p.stdout, "%d\t%s\t%s\t%s\t%s\n", row.line, status, row.limit.Parameter, row.limit.Category, message)
		switch status {
		case statusRejected:
			worst = max(worst, exitRejected)
		case statusUnknown, statusNotSent:
			worst = exitUnsent
		}
	}
	var waiting []limitRow
	send := func() {
		receipt, failed := courier.send(p.ctx)
		for i, row := range waiting {
			if receipt == nil {
				tell(row, failed, courier.troubled().Err.Error())
				continue
			}
			o := receipt.Outcomes[i]
			message := ""
			for _, e := range slices.Concat(o.Problems, o.Warnings) {
				message = strings.TrimSpace(message + " " + e.Error())
			}
			tell(row, string(o.Status), message)
		}
		waiting = nil
		courier.batch.Reset()
	}
	for _, row := range rows {
		if row.err != nil {
			tell(row, statusRejected, row.err.Error())
			continue
		}
		document, err := traceability.Sign(courier.key, traceability.TypeLimitSet, &row.limit, time.Now())
		if err != nil {
			return usage(err)
		}
		if !courier.batch.Add(document) {
			send()
			courier.batch.Add(document)
		}
		waiting = append(waiting, row)
	}
	send()
	if worst != exitOK {
		return &exitError{status: worst}
	}
	return nil
}

// limitRow is a line of the table, or why it is none.
type limitRow struct {
	line     int
	limit    traceability.Limit
	numbered bool // the table says the revision
	err      error
}

// readLimits reads a table of limits. An error is the table's, not a row's.
func readLimits(r io.Reader, source string) ([]limitRow, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxLimitsFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxLimitsFile {
		return nil, fmt.Errorf("文件超过 %d 字节 · the file has more than %d bytes", maxLimitsFile, maxLimitsFile)
	}
	table := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	table.FieldsPerRecord = -1
	header, err := table.Read()
	if err != nil {
		return nil, fmt.Errorf("no header line: %w", err)
	}
	place := make(map[string]int)
	for i, name := range header {
		place[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"food_category", "parameter", "limit", "basis", "valid_from"} {
		if _, ok := place[name]; !ok {
			return nil, fmt.Errorf("no column %s", name)
		}
	}
	var rows []limitRow
	for {
		record, err := table.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := table.FieldPos(0)
		rows = append(rows, readLimitRow(line, source, func(name string) string {
			if i, ok := place[name]; ok && i < len(record) {
				return strings.TrimSpace(record[i])
			}
			return ""
		}))
	}
	number(rows)
	for i := range rows {
		if problems, _ := rows[i].limit.Check(); rows[i].err == nil && len(problems) > 0 {
			rows[i].err = problems[0]
		}
	}
	return rows, nil
}

func readLimitRow(line int, source string, field func(string) string) limitRow {
	row := limitRow{line: line, limit: traceability.Limit{Parameter: field("parameter"), Category: field("food_category"), Unit: field("unit"), Standard: field("basis"),
		Clause: field("clause"), Source: source, Note: field("note")}}
	l := &row.limit
	for food := range strings.FieldsFuncSeq(field("excluded"), func(r rune) bool { return r == ';' || r == '；' }) {
		l.Excluded = append(l.Excluded, strings.TrimSpace(food))
	}
	if l.Unit == "/" {
		l.Unit = ""
	}
	row.err = errors.Join(printedLimit(field("limit"), l), l.EffectiveFrom.UnmarshalText([]byte(field("valid_from"))), l.EffectiveTo.UnmarshalText([]byte(field("valid_to"))))
	if text := field("revision"); text != "" {
		row.numbered = true
		if _, err := fmt.Sscanf(text, "%d", &l.Revision); err != nil {
			row.err = errors.Join(row.err, traceability.Invalid("revision", text, "1 to 999"))
		}
	}
	return row
}

// printedLimit reads a limit as it is printed: a sign and a number, a ban, or a
// sampling plan. What says more than one thing is refused.
func printedLimit(text string, l *traceability.Limit) error {
	s := strings.ReplaceAll(traceability.Fold(text), "，", ",")
	switch s {
	case "不得检出", "不得使用", "不得添加":
		l.Operator = traceability.LimitForbidden
		return nil
	}
	for sign, op := range map[string]traceability.LimitOperator{"≤": traceability.LimitMost, "≥": traceability.LimitLeast, "<": traceability.LimitLess, ">": traceability.LimitMore} {
		if rest, ok := strings.CutPrefix(s, sign); ok {
			value, err := traceability.ParseDecimal(rest)
			l.Operator, l.Value = op, value
			return err
		}
	}
	plan := make(map[string]string)
	for part := range strings.SplitSeq(s, ",") {
		name, value, _ := strings.Cut(part, "=")
		plan[name], _, _ = strings.Cut(value, "/") // m=0/25g: none in 25 g, which the unit says too
	}
	p := &traceability.SamplingPlan{}
	_, err1 := fmt.Sscanf(plan["n"], "%d", &p.N)
	_, err2 := fmt.Sscanf(plan["c"], "%d", &p.C)
	lower, err3 := traceability.ParseDecimal(plan["m"])
	if p.Lower = lower; err1 != nil || err2 != nil || err3 != nil {
		return traceability.Invalid("limit", text, "≤0.2, ≥3.5, 不得检出, or a plan n=5,c=1,m=100,M=1000")
	}
	if higher, ok := plan["M"]; ok {
		value, err := traceability.ParseDecimal(higher)
		if err != nil {
			return err
		}
		p.Higher = value
	}
	l.Operator, l.Plan = traceability.LimitPlan, p
	return nil
}

// number gives revisions to the rows that have none.
func number(rows []limitRow) {
	byRecord := make(map[string][]*limitRow)
	for i := range rows {
		if r := &rows[i]; !r.numbered {
			byRecord[r.limit.Record()] = append(byRecord[r.limit.Record()], r)
		}
	}
	for _, same := range byRecord {
		slices.SortStableFunc(same, func(a, b *limitRow) int {
			return cmp.Compare(a.limit.EffectiveFrom, b.limit.EffectiveFrom)
		})
		for i, r := range same {
			r.limit.Revision = i + 1
		}
	}
}
