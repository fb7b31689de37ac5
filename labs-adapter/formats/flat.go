package formats

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"os"
	"strings"

	"deltatrace/traceability"
)

// flat is the item export: one row an item, the rows of a report one after the
// other, in one sheet or several. CSV and XLSX are two ways to its sheets.
type flat struct {
	sheets  []flatSheet
	options Options
	free    func() error // what close does
	// torn are the reports that cannot be sent whatever their rows say: their rows
	// stand apart, or are too many.
	torn             map[reportKey]*traceability.Error
	rows, reportsNum int
}

type flatSheet struct {
	sheet
	*layout
}

// reportKey is a hash of a report's number and revision, so that the numbers of
// a large file fit into memory.
type reportKey [16]byte

func keyOf(number, revision string) reportKey {
	sum := sha256.Sum256([]byte(traceability.Fold(number) + "\n" + traceability.Fold(revision)))
	return reportKey(sum[:16])
}

// seat is where the rows of a report begin.
type seat struct {
	sheet uint16
	row   uint32
}

// openFlat opens the item export in tables.
func openFlat(open func(*os.File) (*tables, error)) func(context.Context, *os.File, Options) (source, error) {
	return func(ctx context.Context, file *os.File, options Options) (source, error) {
		t, err := open(file)
		if err != nil {
			return nil, err
		}
		f, err := newFlat(ctx, t.sheets, options, t.close)
		if err != nil {
			t.close()
			return nil, t.explain(err)
		}
		return f, nil
	}
}

// newFlat finds the columns of the sheets and reads them whole once.
func newFlat(ctx context.Context, sheets []sheet, options Options, free func() error) (*flat, error) {
	f := &flat{options: options, free: free, torn: make(map[reportKey]*traceability.Error)}
	for _, s := range sheets {
		l, found, err := findLayout(s)
		switch {
		case err != nil:
			return nil, err
		case found:
			f.sheets = append(f.sheets, flatSheet{s, l})
		case s.name != "":
			options.Notify(Notice{Sheet: s.name, ZH: "工作表前六行没有表头，未读取", EN: "no header in the first six rows; the sheet is not read"})
		}
	}
	if len(f.sheets) == 0 {
		var required []string
		for _, c := range itemColumns() {
			required = append(required, c.names[0])
		}
		return nil, whole(traceability.CodeMissing, "前六行没有表头 no header in the first six rows",
			"表头，含列："+strings.Join(required, "、"), "a header with the columns "+strings.Join(required, ", "))
	}
	return f, f.scan(ctx)
}

// scan reads everything once, to count, and to find reports whose rows stand
// apart or are too many before any report is sent.
func (f *flat) scan(ctx context.Context) error {
	seen := make(map[reportKey]seat)
	for i, s := range f.sheets {
		var run run
		for row, err := range s.data(s.sheet, func(Notice) {}) {
			if err != nil {
				return err
			}
			if f.rows++; f.rows%4096 == 0 {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				f.options.Scanned(f.rows)
			}
			if run.takes(s.layout, row) {
				if run.length == traceability.MaxReportItems+1 {
					f.torn[run.key] = fault(traceability.CodeTooMany, "items", fmt.Sprintf("超过 more than %d", traceability.MaxReportItems),
						fmt.Sprintf("每份报告最多 %d 项", traceability.MaxReportItems), fmt.Sprintf("at most %d items in a report", traceability.MaxReportItems))
				}
				continue
			}
			run.begin(s.layout, row)
			if f.reportsNum++; f.reportsNum > MaxReports {
				return whole(traceability.CodeTooMany, fmt.Sprintf("超过 more than %d 份报告 reports", MaxReports), "拆分文件", "a file split into several")
			}
			if first, ok := seen[run.key]; ok {
				f.torn[run.key] = f.apart(run.number, first, seat{uint16(i), uint32(row.number)})
			} else {
				seen[run.key] = seat{uint16(i), uint32(row.number)}
			}
		}
	}
	return nil
}

// apart is the fault of a report whose rows are not one after the other.
func (f *flat) apart(number string, first, again seat) *traceability.Error {
	place := func(s seat) string {
		if name := f.sheets[s.sheet].name; name != "" {
			return fmt.Sprintf("%s!%d", name, s.row)
		}
		return fmt.Sprint(s.row)
	}
	return &traceability.Error{
		Code: traceability.CodeConflict, Field: "report_no", Found: number + " @ " + place(first) + ", " + place(again), Expected: "all rows of a report one after the other",
		ZH: fmt.Sprintf("报告 %s 的行不连续：第 %s 行起有，第 %s 行起又有；同一报告的行应排在一起", number, place(first), place(again)),
		EN: fmt.Sprintf("the rows of report %s stand apart: from row %s, and again from row %s; put them one after the other", number, place(first), place(again)),
	}
}

// run is the rows of one report, as far as they follow each other.
type run struct {
	number, revision string // as printed in its first row
	key              reportKey
	length           int
}

func (r *run) begin(l *layout, row row) {
	number, revision := row.cell(l.items[columnNo]), row.cell(l.items[columnRevision])
	*r = run{number: number, revision: revision, key: keyOf(number, revision), length: 1}
}

// takes reports whether a row belongs to the run, and counts it. A row without a
// number does: whose it is cannot be known, so the report above is not sent without it.
func (r *run) takes(l *layout, row row) bool {
	if r.length == 0 {
		return false
	}
	number, revision := row.cell(l.items[columnNo]), row.cell(l.items[columnRevision])
	same := number == "" || (number == r.number && revision == r.revision) || keyOf(number, revision) == r.key
	if same {
		r.length++
	}
	return same
}

func (f *flat) count() (rows, reports int) { return f.rows, f.reportsNum }

func (f *flat) close() error { return f.free() }

// reports yields each run of rows as a report. A run that is too long for one is
// yielded in parts, all rejected.
func (f *flat) reports(ctx context.Context) iter.Seq2[*Report, error] {
	return func(yield func(*Report, error) bool) {
		for _, s := range f.sheets {
			for _, name := range s.unknown {
				f.options.Notify(Notice{Sheet: s.name, ZH: "未知的列“" + name + "”，不提交", EN: "unknown column " + name + ", not sent"})
			}
			if !f.sheetReports(ctx, s, yield) {
				return
			}
		}
	}
}

func (f *flat) sheetReports(ctx context.Context, s flatSheet, yield func(*Report, error) bool) bool {
	var run run
	var b *builder
	hint := 0 // reports of one file are often of one length
	for row, err := range s.data(s.sheet, f.options.Notify) {
		if err == nil && row.number%1024 == 0 {
			err = ctx.Err()
		}
		if err != nil {
			yield(nil, err)
			return false
		}
		same := run.takes(s.layout, row)
		if !same || len(b.report.Rows) == traceability.MaxReportItems {
			if b != nil {
				hint = len(b.report.Rows)
				if !yield(b.finish(f.options), nil) {
					return false
				}
			}
			if !same {
				run.begin(s.layout, row)
			}
			b = newBuilder(s, f.torn[run.key], row, hint)
		}
		b.add(row)
	}
	return b == nil || yield(b.finish(f.options), nil)
}
