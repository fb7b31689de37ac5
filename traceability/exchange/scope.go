package exchange

import (
	"io"
	"iter"
	"strconv"

	"deltatrace/traceability"
)

// scopeHeadings are the columns of a recall's scope: a line for each lot and
// holder, one without a holder for a lot of which none is told.
func scopeHeadings() []string {
	return []string{"层级", "批次", "产品", "生产日期", "登记单位代码", "单位代码", "单位名称", "省份", "行政区划", "计量单位", "生产", "他方发来", "收货", "用于加工", "发出", "零售"}
}

func scopeLines(l *traceability.ScopeLot) [][]string {
	lot := []string{strconv.Itoa(l.Distance), string(l.Lot.ID), l.Lot.Product, string(l.Lot.Date), string(l.Lot.Registrant)}
	if len(l.Holders) == 0 {
		return [][]string{append(lot, make([]string, len(scopeHeadings())-len(lot))...)}
	}
	var lines [][]string
	for _, h := range l.Holders {
		unit, _ := h.Unit.Info()
		lines = append(lines, append(lot[:len(lot):len(lot)], string(h.Party), h.Name, h.Province.NameZH(), string(h.Division), unit.ZH,
			string(h.Made), string(h.Sent), string(h.Received), string(h.Used), string(h.Shipped), string(h.Sold)))
	}
	return lines
}

// WriteScope writes the lots that a recall covers, as CSV or XLSX, under a title.
// Errors are as with Write.
func WriteScope(w io.Writer, f Format, title string, lots iter.Seq2[traceability.ScopeLot, error]) error {
	l := list{title: title, sheet: "召回范围", headings: scopeHeadings(), widths: []float64{6, 40, 20, 12, 24, 24, 28, 10, 10, 10}}
	return writeList(w, f, &l, func(yield func([]string, error) bool) {
		for lot, err := range lots {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, cells := range scopeLines(&lot) {
				if !yield(cells, nil) {
					return
				}
			}
		}
	})
}
