package label

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"deltatrace/traceability"

	"github.com/signintech/gopdf"
)

// MaxLabels is how many labels one sheet may hold, over all its pages.
const MaxLabels = 1000

// Label is what is printed for one lot. Only URL is required; texts that are
// too long for their place end in “…”.
type Label struct {
	URL      string                // what the QR code says
	Product  string                // 产品名称
	Batch    string                // 批号, as printed
	Date     string                // as it shall read, e.g. 2026-01-04
	DateKind traceability.DateKind // what Date means; empty for just “日期”
	Producer string                // 标称生产者
	Note     string                // one line, e.g. 净含量 or how to keep it
}

// SheetOptions says how a sheet looks. The zero value is usable: Chinese, 24
// labels a page, level M.
type SheetOptions struct {
	Lang     string // "zh" (default) or "en": the language of the captions
	Level    Level
	Layout   Layout
	Start    int  // skip so many labels of the first page, used before
	CutMarks bool // print crosses where the labels' corners are
}

// Sheet writes the labels, in their order, row by row, as a PDF of A4 pages.
// The QR codes are vector drawings of at least 2 cm, the fonts are embedded,
// the text can be searched, and printing at actual size is asked for, so that
// the labels hit their stock.
//
// An error in what was asked for is a *traceability.Error that names the field
// (`labels[3].url`); then nothing has been written.
func Sheet(w io.Writer, labels []Label, o SheetOptions) error {
	g, err := o.check(len(labels))
	if err != nil {
		return err
	}
	p, err := newPrinter(g, o)
	if err != nil {
		return err
	}
	for i, l := range labels {
		cell := (o.Start + i) % g.cells()
		if cell == 0 || i == 0 {
			p.page()
		}
		if err := p.label(cell, l); err != nil {
			return at(err, "labels["+strconv.Itoa(i)+"]")
		}
	}
	var out bytes.Buffer
	if _, err := p.pdf.WriteTo(&out); err != nil {
		return fmt.Errorf("label: make PDF: %w", err)
	}
	if err := describe(&out, p.words.title, p.words.lang); err != nil {
		return err
	}
	_, err = out.WriteTo(w)
	return err
}

// check refuses what cannot be printed and looks the layout up.
func (o SheetOptions) check(labels int) (geometry, error) {
	g, err := o.Layout.geometry()
	if err != nil {
		return g, err
	}
	if labels == 0 {
		return g, traceability.Missing("labels", "1–"+strconv.Itoa(MaxLabels)+" labels")
	}
	if labels > MaxLabels {
		e := traceability.NewError(traceability.CodeTooMany, "labels",
			fmt.Sprintf("标签共 %d 张，超过上限 %d 张", labels, MaxLabels),
			fmt.Sprintf("%d labels are more than the %d of one sheet", labels, MaxLabels))
		e.Found, e.Expected = strconv.Itoa(labels), "≤ "+strconv.Itoa(MaxLabels)
		return g, e
	}
	if o.Start < 0 || o.Start >= g.cells() {
		return g, traceability.Invalid("start", strconv.Itoa(o.Start), fmt.Sprintf("0–%d", g.cells()-1))
	}
	if _, err := o.Level.recovery(); err != nil {
		return g, err
	}
	_, err = wordsIn(o.Lang)
	return g, err
}

// at says in which label an error is.
func at(err error, path string) error {
	var e *traceability.Error
	if errors.As(err, &e) {
		return e.At(path)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// newPDF opens an A4 document with the two fonts.
func newPDF() (*gopdf.GoPdf, error) {
	pdf := &gopdf.GoPdf{}
	pdf.Start(gopdf.Config{Unit: gopdf.UnitMM, PageSize: *gopdf.PageSizeA4})
	if err := pdf.AddTTFFontData(latin, latinTTF); err != nil {
		return nil, fmt.Errorf("label: embed the Latin font: %w", err)
	}
	if err := pdf.AddTTFFontData(chinese, chineseTTF); err != nil {
		return nil, fmt.Errorf("label: embed the Chinese font: %w", err)
	}
	return pdf, nil
}
