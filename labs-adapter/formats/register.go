package formats

import (
	"context"
	"fmt"
	"hash/fnv"
	"iter"
	"os"
	"slices"
	"strings"

	"deltatrace/traceability"
)

// MaxLicences is how many rows a register's file may have: eight bytes of each
// number are kept in memory.
const MaxLicences = 10_000_000

// Register is an open file of a province's licences: one row a licence.
type Register struct {
	Path     string
	RowCount int
	file     *os.File
	tables   *tables
	sheets   []registerSheet
	options  Options
	twice    map[uint64]bool // numbers of which there may be several rows
}

type registerSheet struct {
	sheet
	*registerLayout
}

// LicenceRow is what a row of the file says of a licence.
type LicenceRow struct {
	Row           traceability.LicenceRow // what the register has; whole when there are no Problems
	From          traceability.Date       // the first day of what is new; empty when it is not said
	Basis, Reason string
	Sheet         string
	Line          int
	// Problems are why the row is rejected; Warnings are remarks on a good one.
	Problems, Warnings []Problem

	layout *registerLayout
	scheme traceability.LicenceScheme // where the row says that the province numbers it
}

// Rejected reports whether the row must not be sent.
func (r *LicenceRow) Rejected() bool { return len(r.Problems) > 0 }

// Problem places what is wrong with a field of the licence, such as items[0].name
// or content.premises, in the row.
func (r *LicenceRow) Problem(e *traceability.Error) Problem {
	field := strings.TrimPrefix(e.Field, "content.")
	column := r.layout.names[field]
	if whole, _, ok := strings.Cut(field, "["); ok && column == "" {
		column = r.layout.names[whole]
	}
	return Problem{Sheet: r.Sheet, Row: r.Line, Column: column, Err: e}
}

// OpenRegister recognises the format, CSV or XLSX, and reads the file whole, so
// that a broken file is known before anything of it is sent. Errors are those of
// Open. Close the file.
func OpenRegister(ctx context.Context, path string, options Options) (*Register, error) {
	file, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	r := &Register{Path: path, file: file, options: options, twice: make(map[uint64]bool)}
	if r.options.Notify == nil {
		r.options.Notify = func(Notice) {}
	}
	if r.options.Scanned == nil {
		r.options.Scanned = func(int) {}
	}
	if err := r.open(ctx); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Register) open(ctx context.Context) error {
	format, err := recognise(r.file, slices.DeleteFunc(All(), func(f Format) bool { return f.tables == nil }))
	if err != nil {
		return err
	}
	if r.tables, err = format.tables(r.file); err != nil {
		return err
	}
	for _, s := range r.tables.sheets {
		l, err := findRegisterLayout(s)
		switch {
		case err != nil:
			return r.tables.explain(err)
		case l != nil:
			r.sheets = append(r.sheets, registerSheet{s, l})
		case s.name != "":
			r.options.Notify(Notice{Sheet: s.name, ZH: "工作表前六行没有表头，未读取", EN: "no header in the first six rows; the sheet is not read"})
		}
	}
	if len(r.sheets) == 0 {
		var names []string
		for _, c := range registerColumns() {
			if c.required {
				names = append(names, c.names[0])
			}
		}
		return r.tables.explain(whole(traceability.CodeMissing, "前六行没有表头 no header in the first six rows",
			"表头，含列："+strings.Join(names, "、"), "a header with the columns "+strings.Join(names, ", ")))
	}
	return r.scan(ctx)
}

// scan reads everything once, to count, and to find numbers that occur twice by
// sorting their hashes.
func (r *Register) scan(ctx context.Context) error {
	var hashes []uint64
	for _, s := range r.sheets {
		for row, err := range s.data(s.sheet, func(Notice) {}) {
			if err != nil {
				return err
			}
			if r.RowCount++; r.RowCount%4096 == 0 {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				r.options.Scanned(r.RowCount)
			}
			if r.RowCount > MaxLicences {
				return whole(traceability.CodeTooMany, fmt.Sprintf("超过 more than %d 行 rows", MaxLicences), "拆分文件", "a file split into several")
			}
			hashes = append(hashes, hashOf(s.number(row)))
		}
	}
	slices.Sort(hashes)
	for i := 1; i < len(hashes); i++ {
		if hashes[i] == hashes[i-1] {
			r.twice[hashes[i]] = true
		}
	}
	return nil
}

func hashOf(number string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(traceability.FoldLicenceNumber(number)))
	return h.Sum64()
}

// Rows yields every row of the file, good or bad, in its order. A number that
// occurs again is rejected there: which row is right cannot be known, and the first
// was sent. It ends after an error, which is one of reading. Rows can be called
// again.
func (r *Register) Rows(ctx context.Context) iter.Seq2[*LicenceRow, error] {
	return func(yield func(*LicenceRow, error) bool) {
		first := make(map[traceability.LicenceID]int)
		for _, s := range r.sheets {
			for _, name := range s.unknown {
				r.options.Notify(Notice{Sheet: s.name, ZH: "未知的列“" + name + "”，不提交", EN: "unknown column " + name + ", not sent"})
			}
			for row, err := range s.data(s.sheet, r.options.Notify) {
				if err == nil && row.number%1024 == 0 {
					err = ctx.Err()
				}
				if err != nil {
					yield(nil, err)
					return
				}
				l := s.read(s.name, row)
				if id := l.Row.ID; id != "" && r.twice[hashOf(s.number(row))] {
					if line, again := first[id]; again {
						l.Problems = append(l.Problems, l.Problem(&traceability.Error{Code: traceability.CodeConflict, Field: "licence", Found: string(id), Expected: "each licence once",
							ZH: fmt.Sprintf("编号 %s 在第 %d 行已有", id, line), EN: fmt.Sprintf("%s stands in row %d already", id, line)}))
					} else {
						first[id] = l.Line
					}
				}
				if !yield(l, nil) {
					return
				}
			}
		}
	}
}

// Close closes the file and drops what was unpacked of it.
func (r *Register) Close() error {
	var err error
	if r.tables != nil {
		err = r.tables.close()
	}
	if closing := r.file.Close(); err == nil {
		err = closing
	}
	return err
}
