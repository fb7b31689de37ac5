package formats

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"os"
	"strings"
	"unicode/utf8"

	"deltatrace/traceability"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// CSV is the flat item export as comma-separated values (RFC 4180), in UTF-8
// with or without a byte-order mark, or in GB18030.
func CSV() Format {
	return Format{
		Name:       "csv",
		Extensions: []string{".csv", ".txt"},
		Recognise: func(name, head string) bool {
			binary := strings.IndexByte(head, 0) >= 0 || strings.HasPrefix(head, "%PDF")
			start := strings.TrimSpace(head)
			object := strings.HasPrefix(start, "{") || strings.HasPrefix(start, "[")
			json := hasExtension(name, JSON().Extensions)
			return !binary && !json && (!object || hasExtension(name, []string{".csv", ".txt"}))
		},
		open:   openFlat(csvTables),
		tables: csvTables,
	}
}

func csvTables(file *os.File) (*tables, error) {
	text, err := detect(file)
	if err != nil {
		return nil, err
	}
	s := sheet{rows: func() iter.Seq2[row, error] { return csvRows(file, text) }}
	explain := func(err error) error {
		if text.gb18030 && traceability.CodeOf(err) == traceability.CodeMissing {
			return text.neither(text.badLine) // no header in Chinese either: it is UTF-8 with a fault
		}
		return err
	}
	return &tables{sheets: []sheet{s}, close: func() error { return nil }, explain: explain}, nil
}

// encoding is what a text file is written in.
type encoding struct {
	skip    int64 // the byte-order mark
	gb18030 bool
	badLine int // the first line that is not UTF-8
}

// neither is the problem of bytes that no encoding has.
func (e encoding) neither(line int) *Problem {
	p := whole(traceability.CodeMalformed, "无法识别的字节 bytes of another encoding", "UTF-8 或 GB18030 编码", "text in UTF-8 or GB18030")
	p.Row = line
	return p
}

// detect reads the file whole: valid UTF-8 is UTF-8, all else is taken for GB18030.
func detect(file *os.File) (encoding, error) {
	var e encoding
	buffer := make([]byte, 256<<10)
	for kept, at := 0, int64(0); ; {
		n, err := file.ReadAt(buffer[kept:], at)
		if err != nil && err != io.EOF {
			return e, err
		}
		if at == 0 && strings.HasPrefix(string(buffer[:min(n, 3)]), byteOrderMark) {
			e.skip = int64(len(byteOrderMark))
		}
		at += int64(n)
		chunk := buffer[:kept+n]
		whole := len(chunk)
		if err == nil {
			whole -= partialRune(chunk)
		}
		if !utf8.Valid(chunk[:whole]) {
			e.gb18030 = true
			e.badLine += validLines(chunk[:whole]) + 1
			return e, nil
		}
		if err == io.EOF {
			return e, nil
		}
		e.badLine += bytes.Count(chunk[:whole], []byte("\n"))
		kept = copy(buffer, chunk[whole:])
	}
}

// partialRune returns how many bytes at the end begin a character that goes on
// in the next chunk.
func partialRune(chunk []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(chunk); n++ {
		if b := chunk[len(chunk)-n]; utf8.RuneStart(b) {
			if b >= utf8.RuneSelf && !utf8.FullRune(chunk[len(chunk)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// validLines counts the line ends before the first byte that is not UTF-8.
func validLines(chunk []byte) int {
	lines := 0
	for len(chunk) > 0 {
		r, size := utf8.DecodeRune(chunk)
		if r == utf8.RuneError && size <= 1 {
			break
		}
		if r == '\n' {
			lines++
		}
		chunk = chunk[size:]
	}
	return lines
}

// csvRows reads the rows from the start of the file. The number of a row is its
// line in the file.
func csvRows(file *os.File, text encoding) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		var content io.Reader = io.NewSectionReader(file, text.skip, MaxFileBytes)
		if text.gb18030 {
			content = simplifiedchinese.GB18030.NewDecoder().Reader(content)
		}
		reader := newRecordReader(content)
		for {
			cells, line, err := reader.read()
			switch {
			case err == io.EOF:
				return
			case err != nil:
				yield(row{}, csvProblem(err, line))
				return
			case text.gb18030 && undecoded(cells):
				yield(row{}, text.neither(max(line, text.badLine))) // where the likelier of the two fails
				return
			}
			if !yield(row{line, cells}, nil) {
				return
			}
		}
	}
}

// undecoded reports whether bytes could not be read as GB18030.
func undecoded(cells []string) bool {
	for _, cell := range cells {
		if strings.ContainsRune(cell, utf8.RuneError) {
			return true
		}
	}
	return false
}

// csvProblem says what is wrong with the row that begins at the line.
func csvProblem(err error, line int) error {
	var p *Problem
	switch {
	case errors.Is(err, errRowTooLong):
		p = whole(traceability.CodeOversized, "一行超过 a row of more than 1 MiB", "每行不超过 1 MiB（检查引号是否成对）", "rows of at most 1 MiB (are all quotes closed?)")
	case errors.Is(err, errBareQuote), errors.Is(err, errQuote):
		p = whole(traceability.CodeMalformed, err.Error(), "符合 RFC 4180 的 CSV：含引号的单元格用双引号括起，引号写两次", "CSV by RFC 4180: a cell with a quote stands in quotes, and the quote is written twice")
	default:
		return err
	}
	p.Row = line
	return p
}
