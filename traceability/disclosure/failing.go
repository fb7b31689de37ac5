package disclosure

import (
	"cmp"
	"slices"
	"strings"

	"deltatrace/traceability"
)

// FailingShop is a shop that was open and needed a licence on a day, with what was
// wrong with how it showed it.
type FailingShop struct {
	Platform traceability.PartyID         `json:"platform"`
	Shop     traceability.ShopID          `json:"shop"`
	Division traceability.DivisionCode    `json:"division,omitzero"` // the county, or what is known of it
	Codes    []traceability.ViolationCode `json:"codes"`
}

// Severity is that of the worst of its codes.
func (f *FailingShop) Severity() traceability.Severity {
	worst := len(Severities()) - 1
	for _, code := range f.Codes {
		if info, known := code.Info(); known {
			worst = min(worst, slices.Index(Severities(), info.Severity))
		}
	}
	return Severities()[worst]
}

// Severities lists the severities, the worst first.
func Severities() []traceability.Severity {
	return []traceability.Severity{traceability.SeverityRefuse, traceability.SeverityMend, traceability.SeverityUnknown}
}

// worse orders shops: the worst first, of equal ones that with more findings, then by
// platform and number.
func worse(a, b FailingShop) int {
	return cmp.Or(
		cmp.Compare(slices.Index(Severities(), a.Severity()), slices.Index(Severities(), b.Severity())),
		cmp.Compare(len(b.Codes), len(a.Codes)),
		strings.Compare(string(a.Platform), string(b.Platform)), strings.Compare(string(a.Shop), string(b.Shop)))
}

// FailingFilter restricts a list of failing shops; empty fields do not. A division has
// all that is in it.
type FailingFilter struct {
	Platform traceability.PartyID
	Division traceability.DivisionCode
	Code     traceability.ViolationCode // one of the shop's codes
	Severity traceability.Severity      // of the shop
}

func (f *FailingFilter) has(s *FailingShop) bool {
	return (f.Platform == "" || f.Platform == s.Platform) && (f.Division == "" || slices.Contains(within(s.Division), f.Division)) &&
		(f.Code == "" || slices.Contains(s.Codes, f.Code)) && (f.Severity == "" || f.Severity == s.Severity())
}

// FailingCount counts the failing shops of a cell: each once by its severity, and
// with each of its codes. Unlike a Rate it counts shops, not premises, also of all
// platforms together.
type FailingCount struct {
	Shops      int                                `json:"shops"`
	Severities map[traceability.Severity]int      `json:"severities,omitempty"`
	Codes      map[traceability.ViolationCode]int `json:"codes,omitempty"`
}

// cellCount is a cell with its count.
type cellCount struct {
	Cell
	FailingCount
}

// countFailing counts shops by cell: each platform and all together, in each county
// and all that it is in. Cells are in order.
func countFailing(shops []FailingShop) []cellCount {
	cells := make(map[Cell]*FailingCount)
	for i := range shops {
		s := &shops[i]
		for _, platform := range []traceability.PartyID{"", s.Platform} {
			for _, division := range within(s.Division) {
				cell := Cell{platform, division}
				n := cells[cell]
				if n == nil {
					n = &FailingCount{Severities: make(map[traceability.Severity]int), Codes: make(map[traceability.ViolationCode]int)}
					cells[cell] = n
				}
				n.Shops++
				n.Severities[s.Severity()]++
				for _, code := range s.Codes {
					n.Codes[code]++
				}
			}
		}
	}
	list := make([]cellCount, 0, len(cells))
	for cell, n := range cells {
		list = append(list, cellCount{cell, *n})
	}
	slices.SortFunc(list, func(a, b cellCount) int {
		return cmp.Or(strings.Compare(string(a.Platform), string(b.Platform)), strings.Compare(string(a.Division), string(b.Division)))
	})
	return list
}
