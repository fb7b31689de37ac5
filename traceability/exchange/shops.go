package exchange

import (
	"io"
	"iter"
	"strings"
	"time"

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

func dueHeadings() []string {
	return []string{"店铺编号", "店铺名称", "店铺地址", "公示的许可证编号", "核验期限", "上次核验", "上次结论", "上次发现的问题"}
}

func dueLine(d *traceability.VerificationDue) []string {
	var names []string
	for _, code := range d.Codes {
		info, _ := code.Info()
		names = append(names, info.ZH)
	}
	verdict := map[traceability.LicenceVerdict]string{traceability.LicenceHolds: "可以服务", traceability.LicenceFails: "应停止服务", traceability.LicenceUnverified: "未核验"}[d.Verdict]
	return []string{string(d.Shop), d.Name, d.Address, d.Licence, dayOf(d.Due), dayOf(d.Verified), verdict, strings.Join(names, "；")}
}

// dayOf writes a day in China; nothing for no time.
func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return string(traceability.DateOf(t))
}

// WriteDue writes the shops that a platform has to verify again, as CSV or XLSX, under
// a title. Errors are as with Write.
func WriteDue(w io.Writer, f Format, title string, shops iter.Seq2[traceability.VerificationDue, error]) error {
	l := list{title: title, sheet: "待核验店铺", headings: dueHeadings(), widths: []float64{16, 24, 36, 20, 12, 12, 12, 28}}
	return writeList(w, f, &l, func(yield func([]string, error) bool) {
		for d, err := range shops {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(dueLine(&d), nil) {
				return
			}
		}
	})
}
