package formats

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// recordReader reads CSV records (RFC 4180) as encoding/csv does, which a fuzz
// test holds it to, but several times faster, because a file is read twice; and
// it bounds the length of a record.
type recordReader struct {
	from  *bufio.Reader
	next  int // the line that comes next, from 1
	long  []byte
	cells []string
}

// Faults of a record.
var (
	errRowTooLong = errors.New("row too long")
	errBareQuote  = errors.New(`bare " in a cell without quotes`)
	errQuote      = errors.New(`extraneous or missing " in a quoted cell`)
)

func newRecordReader(from io.Reader) *recordReader {
	return &recordReader{from: bufio.NewReaderSize(from, 64<<10), next: 1}
}

// read returns the cells of the next record that is not an empty line, and the
// line that it begins at. The slice is reused. Errors are io.EOF, the faults
// above, and those of reading.
func (r *recordReader) read() (cells []string, line int, err error) {
	for {
		line = r.next
		text, err := r.record()
		if err != nil {
			return nil, line, err
		}
		if text == "" {
			continue
		}
		r.cells, err = split(text, r.cells[:0])
		return r.cells, line, err
	}
}

// record returns the text up to the line end that stands outside quotes, without
// it. A quote within quotes is written twice, so that outside their number is even.
func (r *recordReader) record() (string, error) {
	r.long = r.long[:0]
	quotes := 0
	for {
		part, err := r.from.ReadSlice('\n')
		if len(r.long)+len(part) > MaxRowBytes {
			return "", errRowTooLong
		}
		quotes += bytes.Count(part, []byte{'"'})
		whole := err == nil && quotes%2 == 0
		if err == nil {
			r.next++
			part = lineFeed(part)
		}
		if whole && len(r.long) == 0 {
			return string(part[:len(part)-1]), nil
		}
		r.long = append(r.long, part...)
		switch {
		case whole:
			return string(r.long[:len(r.long)-1]), nil
		case err == io.EOF && len(r.long) > 0:
			return strings.TrimSuffix(string(r.long), "\r"), nil
		case err != nil && err != bufio.ErrBufferFull:
			return "", err
		}
	}
}

// lineFeed turns a CR LF at the end into LF.
func lineFeed(line []byte) []byte {
	if n := len(line); n > 1 && line[n-2] == '\r' {
		line[n-2] = '\n'
		return line[:n-1]
	}
	return line
}

// split cuts a record into cells.
func split(text string, cells []string) ([]string, error) {
	if strings.IndexByte(text, '"') < 0 {
		for {
			comma := strings.IndexByte(text, ',')
			if comma < 0 {
				return append(cells, text), nil
			}
			cells = append(cells, text[:comma])
			text = text[comma+1:]
		}
	}
	for {
		if !strings.HasPrefix(text, `"`) {
			cell, rest, more := strings.Cut(text, ",")
			if strings.IndexByte(cell, '"') >= 0 {
				return cells, errBareQuote
			}
			cells = append(cells, cell)
			if !more {
				return cells, nil
			}
			text = rest
			continue
		}
		cell, rest, ok := quoted(text[1:])
		if !ok {
			return cells, errQuote
		}
		cells = append(cells, cell)
		if rest == "" {
			return cells, nil
		}
		text = rest[1:]
	}
}

// quoted reads a cell after its opening quote; rest is what follows the closing
// one: nothing, or a comma and more.
func quoted(text string) (cell, rest string, ok bool) {
	for from := 0; ; {
		i := strings.IndexByte(text[from:], '"')
		if i < 0 {
			return "", "", false
		}
		end := from + i
		rest = text[end+1:]
		switch {
		case strings.HasPrefix(rest, `"`):
			from = end + 2
		case rest == "" || rest[0] == ',':
			return strings.ReplaceAll(text[:end], `""`, `"`), rest, true
		default:
			return "", "", false
		}
	}
}
