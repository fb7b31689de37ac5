package formats

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"deltatrace/traceability"
)

// Limits of a file. A report's number of items is traceability.MaxReportItems.
const (
	MaxFileBytes   = 2 << 30
	MaxRowBytes    = 1 << 20
	MaxRowCells    = 1000
	MaxReportBytes = 4 << 20   // one report of the JSON form
	MaxReports     = 2_000_000 // because their numbers are kept in memory
	MaxSheets      = 100
)

// Options say how files are read. The zero value is usable.
type Options struct {
	// Task is what a report was made for where the file does not say.
	Task traceability.Task
	// Notify hears of rows and columns that are left out, in order; nil for nobody.
	Notify func(Notice)
	// Scanned hears now and then how many rows Open has read; nil for nobody.
	Scanned func(rows int)
}

// Format is a kind of file.
type Format struct {
	Name       string
	Extensions []string                     // with the dot, lower case
	Recognise  func(name, head string) bool // by extension and the first bytes, without a BOM
	open       func(ctx context.Context, file *os.File, options Options) (source, error)
	tables     func(file *os.File) (*tables, error) // nil for a format without tables
}

// tables are the sheets of an open file.
type tables struct {
	sheets  []sheet
	close   func() error
	explain func(error) error // says better why they cannot be read
}

// source is an open file of some format, read whole once.
type source interface {
	count() (rows, reports int)
	reports(ctx context.Context) iter.Seq2[*Report, error]
	close() error
}

// All lists the formats in the order in which they are tried.
func All() []Format {
	return []Format{XLSX(), CSV(), JSON()}
}

// File is an open file.
type File struct {
	Path        string
	Format      string // the name of its format
	RowCount    int    // how many rows of items it has, good or bad
	ReportCount int    // how many reports it has, good or bad; one that is torn apart counts for each part
	file        *os.File
	source      source
}

// Open recognises the format and reads the file whole. What is wrong with the
// content as a whole is a *Problem; what the operating system refuses is its
// error. Close the file.
func Open(ctx context.Context, path string, options Options) (*File, error) {
	file, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	f, err := open(ctx, file, options)
	if err != nil {
		file.Close()
		return nil, err
	}
	return f, nil
}

func open(ctx context.Context, file *os.File, options Options) (*File, error) {
	if options.Notify == nil {
		options.Notify = func(Notice) {}
	}
	if options.Scanned == nil {
		options.Scanned = func(int) {}
	}
	format, err := recognise(file, All())
	if err != nil {
		return nil, err
	}
	source, err := format.open(ctx, file, options)
	if err != nil {
		return nil, err
	}
	rows, reports := source.count()
	return &File{Path: file.Name(), Format: format.Name, RowCount: rows, ReportCount: reports, file: file, source: source}, nil
}

// Reports yields every report of the file, good or bad, in its order. It ends
// after an error, which is one of reading: the file as a whole was judged by
// Open. A report belongs to the caller. Reports can be called again.
func (f *File) Reports(ctx context.Context) iter.Seq2[*Report, error] { return f.source.reports(ctx) }

// Close closes the file and drops what was unpacked of it.
func (f *File) Close() error {
	err := f.source.close()
	if closeErr := f.file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// recognise finds the format, by content before name, because a LIMS may call
// its CSV .xls.
func recognise(file *os.File, formats []Format) (Format, error) {
	info, err := file.Stat()
	if err != nil {
		return Format{}, err
	}
	if info.Size() > MaxFileBytes {
		return Format{}, whole(traceability.CodeOversized, fmt.Sprintf("%d 字节 bytes", info.Size()), "不超过 2 GiB 的文件", "a file of at most 2 GiB")
	}
	head := make([]byte, 512)
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return Format{}, err
	}
	head = head[:n]
	name := strings.ToLower(filepath.Base(file.Name()))
	switch {
	case len(bytes.TrimSpace(head)) == 0 && int64(n) == info.Size():
		return Format{}, whole(traceability.CodeMissing, "空文件 an empty file", "含有检验项目的文件", "a file with test items")
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return Format{}, whole(traceability.CodeMediaType, "旧版 Excel 或加密文件 an old Excel (.xls) or encrypted file", "另存为未加密的 .xlsx 或 CSV", "a file saved as .xlsx without a password, or as CSV")
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return Format{}, whole(traceability.CodeMediaType, "UTF-16 文本 text", "另存为 UTF-8 或 GB18030 编码的 CSV", "a CSV saved as UTF-8 or GB18030")
	}
	text := string(bytes.TrimPrefix(head, []byte(byteOrderMark)))
	for _, format := range formats {
		if format.Recognise(name, text) {
			return format, nil
		}
	}
	var names []string
	for _, format := range formats {
		names = append(names, strings.ToUpper(format.Name))
	}
	return Format{}, whole(traceability.CodeMediaType, filepath.Ext(name), strings.Join(names, "、")+" 文件", "a file of "+strings.Join(names, " or "))
}

// byteOrderMark opens many a UTF-8 file from Windows.
const byteOrderMark = "\xef\xbb\xbf"

// hasExtension reports whether the name ends with one of the extensions.
func hasExtension(name string, extensions []string) bool {
	return slices.Contains(extensions, filepath.Ext(name))
}
