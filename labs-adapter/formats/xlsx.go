package formats

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"

	"deltatrace/traceability"

	"github.com/xuri/excelize/v2"
)

// Limits of a workbook once it is unpacked. What is no sheet is unpacked in memory.
const (
	maxUnpackedBytes = 8 << 30
	maxPartBytes     = 128 << 20
	maxExpansion     = 100 // times the file's size, beyond maxPartBytes
)

// XLSX is the flat item export as an Office Open XML workbook (ISO/IEC 29500).
// Every sheet that has a header is read. Cells count as they are shown; dates
// without a format of their own are shown as 2006-01-02.
func XLSX() Format {
	return Format{
		Name:       "xlsx",
		Extensions: []string{".xlsx"},
		Recognise:  func(_, head string) bool { return strings.HasPrefix(head, "PK\x03\x04") },
		open:       openFlat(xlsxTables),
		tables:     xlsxTables,
	}
}

func xlsxTables(file *os.File) (*tables, error) {
	last, err := weigh(file)
	if err != nil {
		return nil, err
	}
	book, err := excelize.OpenFile(file.Name(), excelize.Options{
		UnzipSizeLimit:   maxUnpackedBytes,
		ShortDatePattern: "yyyy-mm-dd",
		CultureInfo:      excelize.CultureNameZhCN,
	})
	if err != nil {
		return nil, broken("", 0, err)
	}
	parts, err := sheetParts(book)
	if err != nil {
		book.Close()
		return nil, broken("", 0, err)
	}
	var sheets []sheet
	for _, name := range book.GetSheetList() {
		if part, ok := parts[name]; ok { // a chart sheet has no rows
			sheets = append(sheets, sheet{name, func() iter.Seq2[row, error] { return xlsxRows(book, name, last[part]) }})
		}
	}
	if len(sheets) > MaxSheets {
		book.Close()
		return nil, whole(traceability.CodeTooMany, fmt.Sprintf("%d 个工作表 sheets", len(sheets)), fmt.Sprintf("最多 %d 个工作表", MaxSheets), fmt.Sprintf("at most %d sheets", MaxSheets))
	}
	return &tables{sheets: sheets, close: book.Close, explain: func(err error) error { return err }}, nil
}

// xlsxRows reads a sheet's rows from its start. excelize takes a fault in the
// sheet's XML for its end; that the last row is reached shows there was none.
func xlsxRows(book *excelize.File, name string, last int) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		rows, err := book.Rows(name)
		if err != nil {
			yield(row{}, broken(name, 0, err))
			return
		}
		defer rows.Close()
		number := 0
		for rows.Next() {
			number++
			cells, err := rows.Columns()
			if err != nil {
				yield(row{}, broken(name, number, err))
				return
			}
			if !yield(row{number, cells}, nil) {
				return
			}
		}
		if err := rows.Error(); err != nil || number < last {
			yield(row{}, broken(name, number+1, err))
		}
	}
}

// broken is the problem of a workbook that cannot be read on from a row.
func broken(sheet string, row int, cause error) *Problem {
	p := whole(traceability.CodeMalformed, "损坏的工作簿 a broken workbook", "可用 Excel 打开的 .xlsx 文件", "an .xlsx file that Excel opens")
	p.Sheet, p.Row, p.Err.Err = sheet, row, cause
	return p
}

// weigh guards against archives that unpack to far more than they weigh, and
// returns the number of the last row of each sheet's part.
func weigh(file *os.File) (last map[string]int, err error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, broken("", 0, err)
	}
	last = make(map[string]int)
	var total uint64
	for _, part := range archive.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))
		isSheet := strings.HasPrefix(name, "xl/worksheets/sheet")
		total += part.UncompressedSize64
		streamed := isSheet || name == "xl/sharedstrings.xml"
		if total > maxUnpackedBytes || total > maxPartBytes+maxExpansion*uint64(info.Size()) || (!streamed && part.UncompressedSize64 > maxPartBytes) {
			return nil, whole(traceability.CodeOversized, "解压后过大 an archive that unpacks to too much", "只含检验项目的工作簿", "a workbook of test items only")
		}
		if isSheet {
			if last[name], err = lastRow(part); err != nil {
				return nil, broken("", 0, err)
			}
		}
	}
	return last, nil
}

// A cell's or a row's own number: r="AB12" or r="12".
var reference = regexp.MustCompile(`\sr="[A-Z]{0,3}([0-9]{1,7})"`)

// lastRow finds the last row's number near the end of a sheet's XML; 0 when the
// rows have no numbers.
func lastRow(part *zip.File) (int, error) {
	content, err := part.Open()
	if err != nil {
		return 0, err
	}
	defer content.Close()
	const window = 64 << 10
	last := 0
	buffer := make([]byte, 0, 5*window)
	for {
		n, err := io.ReadFull(content, buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return 0, err
		}
		buffer = append(buffer[:0], buffer[len(buffer)-window:]...)
	}
	for _, match := range reference.FindAllSubmatch(buffer, -1) {
		if number, err := strconv.Atoi(string(match[1])); err == nil {
			last = max(last, number)
		}
	}
	return last, nil
}

// sheetParts returns the part of the archive, in lower case, that each sheet is in.
func sheetParts(book *excelize.File) (map[string]string, error) {
	var workbook struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"` // of the relationships' namespace, of which there are two
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		}
	}
	if err := readPart(book, "xl/workbook.xml", &workbook); err != nil {
		return nil, err
	}
	if err := readPart(book, "xl/_rels/workbook.xml.rels", &relations); err != nil {
		return nil, err
	}
	targets := make(map[string]string)
	for _, r := range relations.Relationship {
		target := strings.ToLower(r.Target)
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/xl", target)
		}
		targets[r.ID] = strings.TrimPrefix(target, "/")
	}
	parts := make(map[string]string)
	for _, s := range workbook.Sheets {
		if part := targets[s.ID]; strings.HasPrefix(part, "xl/worksheets/") {
			parts[s.Name] = part
		}
	}
	return parts, nil
}

func readPart(book *excelize.File, name string, into any) error {
	content, _ := book.Pkg.Load(name)
	text, _ := content.([]byte)
	if err := xml.NewDecoder(bytes.NewReader(text)).Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
