package formats

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"strings"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json/jsontext"
)

// JSON is the JSON form, which Schema describes: a report, an array of reports,
// {"reports": […]}, or reports one after the other (NDJSON).
func JSON() Format {
	return Format{
		Name:       "json",
		Extensions: []string{".json", ".ndjson", ".jsonl"},
		Recognise: func(_, head string) bool {
			start := strings.TrimSpace(head)
			return strings.HasPrefix(start, "{") || strings.HasPrefix(start, "[")
		},
		open: openJSON,
	}
}

type jsonFile struct {
	file       *os.File
	options    Options
	skip       int64 // the byte-order mark
	wrapped    bool  // {"reports": […]}
	rows, many int
}

func openJSON(ctx context.Context, file *os.File, options Options) (source, error) {
	j := &jsonFile{file: file, options: options}
	mark := make([]byte, len(byteOrderMark))
	if n, _ := file.ReadAt(mark, 0); string(mark[:n]) == byteOrderMark {
		j.skip = int64(n)
	}
	head := jsontext.NewDecoder(j.reader())
	if first, err := head.ReadToken(); err == nil && first.Kind() == jsontext.KindBeginObject {
		name, err := head.ReadToken()
		j.wrapped = err == nil && name.Kind() == jsontext.KindString && name.String() == "reports"
	}
	for value, err := range j.values(ctx) {
		if err != nil {
			return nil, err
		}
		if j.many++; j.many > MaxReports {
			return nil, whole(traceability.CodeTooMany, "报告过多 too many reports", "拆分文件", "a file split into several")
		}
		j.rows += max(1, countItems(value.text))
		options.Scanned(j.rows)
	}
	return j, nil
}

func (j *jsonFile) count() (rows, reports int) { return j.rows, j.many }
func (j *jsonFile) close() error               { return nil }

func (j *jsonFile) reader() *lineReader {
	return &lineReader{from: io.NewSectionReader(j.file, j.skip, MaxFileBytes), line: 1}
}

func (j *jsonFile) reports(ctx context.Context) iter.Seq2[*Report, error] {
	return func(yield func(*Report, error) bool) {
		for value, err := range j.values(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(readReport(value, j.options), nil) {
				return
			}
		}
	}
}

// jsonValue is one report as it stands in the file; good until the next.
type jsonValue struct {
	text jsontext.Value
	line int // where it begins
}

// values yields the reports' texts.
func (j *jsonFile) values(ctx context.Context) iter.Seq2[jsonValue, error] {
	return func(yield func(jsonValue, error) bool) {
		w := &walker{ctx: ctx, lines: j.reader(), yield: yield}
		w.decoder = jsontext.NewDecoder(w.lines)
		if j.wrapped {
			w.enter() // {
			w.enter() // "reports"
		}
		for w.err == nil && !w.stopped {
			switch kind := w.decoder.PeekKind(); kind {
			case jsontext.KindBeginArray:
				w.array()
				if j.wrapped {
					w.end()
				}
			case jsontext.KindBeginObject:
				w.value()
			default:
				if _, err := w.decoder.ReadToken(); err == io.EOF {
					return
				} else if err != nil {
					w.fail(err)
				} else {
					w.refuse()
				}
			}
		}
		if w.err != nil && !w.stopped {
			yield(jsonValue{}, w.err)
		}
	}
}

// walker goes through a stream of JSON, report by report.
type walker struct {
	ctx     context.Context
	decoder *jsontext.Decoder
	lines   *lineReader
	yield   func(jsonValue, error) bool
	stopped bool
	err     error
}

func (w *walker) array() {
	w.enter()
	for w.err == nil && !w.stopped {
		switch w.decoder.PeekKind() {
		case jsontext.KindEndArray:
			w.enter()
			return
		case jsontext.KindBeginObject:
			w.value()
		default:
			if _, err := w.decoder.ReadValue(); err != nil {
				w.fail(err)
				return
			}
			w.refuse()
		}
	}
}

// value yields the next value, which is an object.
func (w *walker) value() {
	text, err := w.decoder.ReadValue()
	if err == nil {
		err = w.ctx.Err()
	}
	if err != nil {
		w.fail(err)
		return
	}
	end := w.decoder.InputOffset()
	line := w.lines.at(end - int64(len(text)))
	w.lines.start = end
	w.stopped = !w.yield(jsonValue{text, line}, nil)
}

// enter reads a token that is known to be there.
func (w *walker) enter() {
	if _, err := w.decoder.ReadToken(); err != nil {
		w.fail(err)
	}
}

// end reads the end of {"reports": […]}.
func (w *walker) end() {
	if w.err != nil || w.stopped {
		return
	}
	token, err := w.decoder.ReadToken()
	switch {
	case err != nil:
		w.fail(err)
	case token.Kind() != jsontext.KindEndObject:
		w.err = w.problem(traceability.CodeUnknownField, token.String(), "reports 之外没有其他成员", "no member beside reports")
	}
}

func (w *walker) refuse() {
	w.err = w.problem(traceability.CodeInvalid, "不是对象 not an object", "报告对象、报告数组或 {\"reports\": […]}", "a report, an array of reports, or {\"reports\": […]}")
}

// fail turns an error of the decoder into the problem of the file.
func (w *walker) fail(err error) {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errRowTooLong):
		w.err = w.problem(traceability.CodeOversized, "一份报告超过 a report of more than 4 MiB", "每份报告不超过 4 MiB", "reports of at most 4 MiB")
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF):
		p := w.problem(traceability.CodeMalformed, err.Error(), "UTF-8 编码、成员不重名的合法 JSON（RFC 8259）", "valid JSON (RFC 8259) in UTF-8 without duplicate names")
		if syntax != nil {
			p.Row = w.lines.at(syntax.ByteOffset)
		}
		w.err = p
	default:
		w.err = err
	}
}

func (w *walker) problem(code traceability.Code, found, zh, en string) *Problem {
	p := whole(code, found, zh, en)
	p.Row = w.lines.at(w.decoder.InputOffset())
	return p
}

// lineReader knows the line of every offset that is still ahead of its last
// question, and ends a report that would fill the memory.
type lineReader struct {
	from        io.Reader
	read, start int64
	breaks      []int64 // offsets of the line ends after the last question
	line        int     // of the last question
}

func (l *lineReader) Read(p []byte) (int, error) {
	room := MaxReportBytes - (l.read - l.start)
	if room <= 0 {
		return 0, errRowTooLong
	}
	n, err := l.from.Read(p[:min(int64(len(p)), room)])
	for i := 0; i < n; i++ {
		next := bytes.IndexByte(p[i:n], '\n')
		if next < 0 {
			break
		}
		i += next
		l.breaks = append(l.breaks, l.read+int64(i))
	}
	l.read += int64(n)
	return n, err
}

// at returns the line of an offset, from 1. Offsets must not go back.
func (l *lineReader) at(offset int64) int {
	n := 0
	for n < len(l.breaks) && l.breaks[n] < offset {
		n++
	}
	l.line += n
	l.breaks = append(l.breaks[:0], l.breaks[n:]...)
	return l.line
}
