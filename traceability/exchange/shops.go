package exchange

import (
	"io"
	"iter"
	"strings"

	"deltatrace/traceability"
)

// Shop is a line of the table of shops whose page is to be put right.
type Shop struct {
	Platform     traceability.PartyID
	PlatformName string
	ID           traceability.ShopID
	Name         string // as declared last; like the next three empty for a shop that is not there any more
	Address      string
	Licence      string // the number shown
	Page         string
	Division     traceability.DivisionCode
	Severity     traceability.Severity
	Codes        []traceability.ViolationCode // on the day that the table is of
	Now          string                       // what is wrong at the time of the export, in words
}

func shopHeadings() []string {
	return []string{"平台代码", "平台名称", "店铺编号", "店铺名称", "店铺地址", "行政区划", "行政区划名称", "公示的许可证编号", "处置", "问题代码", "问题", "如何改正", "导出时的情况", "店铺页面"}
}

func shopLine(s *Shop) []string {
	var codes, names, remedies []string
	for _, code := range s.Codes {
		info, _ := code.Info()
		remedy, _ := code.Remedy()
		codes, names, remedies = append(codes, string(code)), append(names, info.ZH), append(remedies, remedy)
	}
	severity, _ := s.Severity.Words()
	return []string{string(s.Platform), s.PlatformName, string(s.ID), s.Name, s.Address, string(s.Division), s.Division.Name(), s.Licence, severity,
		strings.Join(codes, " "), strings.Join(names, "；"), strings.Join(remedies, ""), s.Now, s.Page}
}

// WriteShops writes shops whose page is to be put right, as CSV or XLSX, under a
// title. Errors are as with Write.
func WriteShops(w io.Writer, f Format, title string, shops iter.Seq2[Shop, error]) error {
	l := list{title: title, sheet: "问题店铺", headings: shopHeadings(), widths: []float64{26, 18, 16, 24, 36, 10, 16, 20, 10, 24, 28, 48, 24, 40}}
	return writeList(w, f, &l, func(yield func([]string, error) bool) {
		for s, err := range shops {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(shopLine(&s), nil) {
				return
			}
		}
	})
}
