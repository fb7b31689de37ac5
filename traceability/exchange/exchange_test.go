package exchange

import (
	"archive/zip"
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"deltatrace/traceability"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden holds each layout in each format; of a workbook the cells.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, layout := range Layouts() {
		for _, format := range Formats() {
			got := mustWrite(t, format, layout, samples())
			name := filepath.Join("testdata", string(layout)+"."+string(format))
			if format == XLSX {
				var cells strings.Builder
				for _, line := range readXLSX(t, got) {
					cells.WriteString(strings.Join(line, "\t") + "\n")
				}
				name, got = name+".txt", []byte(cells.String())
			}
			if *update {
				if err := os.WriteFile(name, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (-want +got; -update writes it anew):\n%s", name, diff)
			}
		}
	}
}

// TestHeadings holds the headings letter by letter against the published sets.
func TestHeadings(t *testing.T) {
	t.Parallel()
	const front = "序号·标称生产企业名称·标称生产企业地址·被抽样单位名称·被抽样单位地址·食品名称·规格型号·商标·生产日期/批号·"
	for layout, want := range map[Layout]string{
		National:       "抽样编号·" + front + "不合格项目\u2551检验结果\u2551标准值·分类·公告号·公告日期·任务来源/项目名称·检验机构·备注",
		SAMR:           "序号·标称生产企业名称·标称生产企业地址·被抽样单位名称·被抽样单位地址·样品名称·规格型号·商标·生产日期·保质期·不合格项目·检验值·标准值·标签标注要求·检验机构·食品细类·抽样编号·备注·省份",
		Shanghai:       front + "不合格项目\u2551检验结果\u2551标准值·分类·备注",
		ShanghaiOnline: front + "不合格项目\u2551检验结果\u2551标准值·分类·备注·网店商铺名称·网抽平台名称",
		Jiangsu:        front + "不合格项目\u2551检验结果\u2551标准值·分类·任务来源/项目名称·检验机构·备注",
		Zhejiang:       "抽样编号·" + front + "不合格项目\u2551检验结果\u2551标准值·分类·公告号·公告日期·任务来源/项目名称·检验机构·备注",
		Anhui:          front + "不合格项目·分类·承检机构·备注",
	} {
		template, _ := layout.template()
		if got := strings.Join(template.headings(), "·"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", layout, got, want)
		}
	}
}

// TestFormatsAgree holds that the three formats say the same, cell by cell.
func TestFormatsAgree(t *testing.T) {
	t.Parallel()
	for _, layout := range []Layout{National, SAMR, Jiangsu, Anhui} {
		fromCSV := readCSV(t, mustWrite(t, CSV, layout, samples()))
		fromJSON := readJSON(t, mustWrite(t, JSON, layout, samples()))
		lines := [][]string{{fromJSON.Title}, {fromJSON.Declaration}, fromJSON.Columns}
		for _, row := range fromJSON.Rows {
			var line []string
			for _, column := range fromJSON.Columns {
				line = append(line, row[column])
			}
			lines = append(lines, line)
		}
		lines = append(lines, []string{fromJSON.Note})
		trim := func(lines [][]string) (trimmed []string) {
			for _, line := range lines {
				trimmed = append(trimmed, strings.TrimRight(strings.Join(line, "\t"), "\t"))
			}
			return trimmed
		}
		if diff := cmp.Diff(trim(fromCSV), trim(lines)); diff != "" {
			t.Errorf("%s: CSV, JSON: %s", layout, diff)
		}
		if diff := cmp.Diff(trim(lines), trim(readXLSX(t, mustWrite(t, XLSX, layout, samples()))[1:])); diff != "" {
			t.Errorf("%s: JSON, XLSX: %s", layout, diff)
		}
	}
}

// TestContinuationLines holds that the second failed item of a sample has a line
// with nothing but the item, in the layout that has it so.
func TestContinuationLines(t *testing.T) {
	t.Parallel()
	lines := readCSV(t, mustWrite(t, CSV, SAMR, samples()[:1]))
	if len(lines) != 6 {
		t.Fatalf("%d lines", len(lines))
	}
	want := strings.Split("··········钠·0.271mg/100kJ·≤24.0mg/100kJ·0.6mg/100kJ·····", "·")
	if diff := cmp.Diff(want, lines[4]); diff != "" {
		t.Error(diff)
	}
}

// TestNoFormula holds that no cell is one that a spreadsheet computes.
func TestNoFormula(t *testing.T) {
	t.Parallel()
	for _, layout := range Layouts() {
		for _, line := range strings.Split(string(mustWrite(t, CSV, layout, samples())), "\r\n") {
			for _, cell := range strings.Split(line, ",") {
				if cell = strings.TrimPrefix(cell, `"`); strings.IndexAny(cell, "=+-@\t\r＝＋－＠") == 0 {
					t.Errorf("%s: %q", layout, cell)
				}
			}
		}
		written := mustWrite(t, XLSX, layout, samples())
		book, err := excelize.OpenReader(bytes.NewReader(written))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range book.GetSheetList() {
			lines, err := book.GetRows(name)
			if err != nil {
				t.Fatal(err)
			}
			for y, line := range lines {
				for x := range line {
					cell, err := excelize.CoordinatesToCellName(x+1, y+1)
					if err != nil {
						t.Fatal(err)
					}
					if formula, err := book.GetCellFormula(name, cell); err != nil || formula != "" {
						t.Errorf("%s %s!%s: formula %q, %v", layout, name, cell, formula, err)
					}
				}
			}
		}
		if err := book.Close(); err != nil {
			t.Error(err)
		}
		archive, err := zip.NewReader(bytes.NewReader(written), int64(len(written)))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range archive.File {
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil || bytes.Contains(text, []byte("<f>")) || bytes.Contains(text, []byte("Target=\"http://x")) {
				t.Errorf("%s: %s: %v", layout, part.Name, err)
			}
		}
	}
}

// TestSheetPerCategory holds Shanghai's workbooks, also with more categories than
// a workbook takes, and with names that no sheet may have.
func TestSheetPerCategory(t *testing.T) {
	t.Parallel()
	var list []Row
	for i := range maxSheets + 20 {
		r := samples()[1]
		r.Category = strings.Repeat("类", 40)[:3*(i%40+1)] + strings.Repeat("/", i/40)
		list = append(list, r)
	}
	book, err := excelize.OpenReader(bytes.NewReader(mustWrite(t, XLSX, Shanghai, list)))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows := 0
	for _, name := range book.GetSheetList() {
		lines, err := book.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		rows += len(lines) - 4 // title, declaration, headings, footer
		if lines[3][0] != "1" || !strings.HasSuffix(lines[0][0], "监督抽检不合格产品信息") {
			t.Errorf("%s begins with %q and number %s", name, lines[0][0], lines[3][0])
		}
	}
	if rows != len(list) || len(book.GetSheetList()) > maxSheets {
		t.Errorf("%d rows of %d on %d sheets", rows, len(list), len(book.GetSheetList()))
	}
}

// TestWriteFails holds that an error in the rows or of the writer ends the table.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, format := range Formats() {
		err := Write(io.Discard, format, National, func(yield func(Row, error) bool) {
			if yield(samples()[0], nil) {
				yield(Row{}, broken)
			}
		})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", format, err)
		}
		if err := Write(failing{}, format, National, rowsOf(samples())); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: %v", format, err)
		}
		if len(mustWrite(t, format, Shanghai, nil)) == 0 {
			t.Errorf("%s: nothing for no rows", format)
		}
	}
	if err := Write(io.Discard, CSV, "nowhere", rowsOf(nil)); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Error(err)
	}
	if err := Write(io.Discard, "pdf", National, rowsOf(nil)); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Error(err)
	}
	long := counter{lines: MaxLines}
	if _, err := long.next(new(template), new(Row)); traceability.CodeOf(err) != traceability.CodeTooMany {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
