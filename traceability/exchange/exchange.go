package exchange

import (
	"fmt"
	"io"
	"iter"
	"strconv"

	"deltatrace/traceability"
)

// Format is a kind of file.
type Format string

// The formats.
const (
	CSV  Format = "csv"  // RFC 4180, UTF-8 with a byte order mark, as spreadsheets want it
	XLSX Format = "xlsx" // ISO/IEC 29500
	JSON Format = "json" // the same table, each row an object with the headings as names
)

// Formats lists the formats.
func Formats() []Format { return []Format{CSV, XLSX, JSON} }

// MaxLines is how many lines a table may have, continuation lines with them: a
// little less than a worksheet holds (1,048,576 rows).
const MaxLines = 1_048_000

// MediaType returns the format's media type, without parameters.
func (f Format) MediaType() string {
	switch f {
	case CSV:
		return "text/csv"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	default:
		return "application/json"
	}
}

// Write writes a table with the rows in their order. An error that rows yields
// ends it and is returned, as are those of w; more than MaxLines is an *Error
// too_many. CSV and JSON have written a part by then, XLSX writes when all rows
// have come.
func Write(w io.Writer, f Format, l Layout, rows iter.Seq2[Row, error]) error {
	t, ok := l.template()
	if !ok {
		return traceability.Invalid("layout", string(l), fmt.Sprint(Layouts()))
	}
	switch f {
	case CSV:
		return writeCSV(w, &t, rows)
	case XLSX:
		return writeXLSX(w, &t, rows)
	case JSON:
		return writeJSON(w, l, &t, rows)
	default:
		return traceability.Invalid("format", string(f), fmt.Sprint(Formats()))
	}
}

// counter numbers the samples of a table and bounds its lines.
type counter struct{ samples, lines int }

// next returns the lines of the next row.
func (n *counter) next(t *template, r *Row) ([][]string, error) {
	n.samples++
	lines := t.lines(strconv.Itoa(n.samples), r)
	n.lines += len(lines)
	if n.lines > MaxLines {
		return nil, tooLong()
	}
	return lines, nil
}

func tooLong() error {
	return &traceability.Error{Code: traceability.CodeTooMany, Field: "rows", Found: "more than " + strconv.Itoa(MaxLines), Expected: "at most " + strconv.Itoa(MaxLines) + " lines",
		ZH: "表格超过一张工作表的行数，请缩小查询范围", EN: "the table is longer than a worksheet; ask for less"}
}
