package disclosure

import (
	"cmp"
	"slices"
	"strings"

	"deltatrace/traceability"
)

// Shop is a shop of a platform as it was judged for a day.
type Shop struct {
	Platform traceability.PartyID
	Premises string                       // what tells its premises from others: the same on every platform
	Division traceability.DivisionCode    // the county, or what is known of it
	Open     bool                         // open for orders at some time of the day
	Fresh    bool                         // the platform's word about it is not older than a day
	Exempt   bool                         // what it sells needs no licence
	Codes    []traceability.ViolationCode // what is wrong with it
}

// Rate counts the shops of a cell. Base is the shops that are open and need a
// licence; Nominal and Strict are of these. Unknown ones are in neither, nor in Base:
// the platform's word was older than a day, or the number is of a register that the
// ledger does not hold. Reasons says, for each code, how many shops of Base that are
// not in Strict have it; a shop may have several.
type Rate struct {
	Base    int                                `json:"base"`
	Nominal int                                `json:"nominal"`
	Strict  int                                `json:"strict"`
	Unknown int                                `json:"unknown"`
	Exempt  int                                `json:"exempt"`
	Reasons map[traceability.ViolationCode]int `json:"reasons,omitempty"`
}

// Cell is what a rate is of: a platform, or all of them with each premises once when
// it is empty, and a division with all that is in it, or everything when it is empty.
type Cell struct {
	Platform traceability.PartyID      `json:"platform,omitzero"`
	Division traceability.DivisionCode `json:"division,omitzero"`
}

// Tally counts shops. Its zero value is not ready: use NewTally.
type Tally struct {
	cells    map[Cell]*Rate
	premises map[string]*standing
}

// standing is what premises come to on all platforms together: they disclose when
// every page of theirs does.
type standing struct {
	division traceability.DivisionCode
	codes    []traceability.ViolationCode
	known    bool
	exempt   bool
}

// NewTally returns an empty tally.
func NewTally() *Tally {
	return &Tally{cells: make(map[Cell]*Rate), premises: make(map[string]*standing)}
}

// Add counts a shop. One that is not open is left out.
func (t *Tally) Add(s Shop) {
	if !s.Open {
		return
	}
	known := s.Fresh && !slices.Contains(s.Codes, traceability.ViolationNotCovered)
	t.count(s.Platform, &standing{division: s.Division, codes: s.Codes, known: known, exempt: s.Exempt})
	all, met := t.premises[s.Premises]
	if !met {
		all = &standing{division: s.Division, exempt: true}
		t.premises[s.Premises] = all
	}
	all.exempt = all.exempt && s.Exempt
	if known && !s.Exempt {
		all.known = true
		for _, code := range s.Codes {
			if !slices.Contains(all.codes, code) {
				all.codes = append(all.codes, code)
			}
		}
	}
}

// count adds to the county and to all that it is in.
func (t *Tally) count(platform traceability.PartyID, s *standing) {
	for _, division := range within(s.division) {
		cell := Cell{platform, division}
		rate := t.cells[cell]
		if rate == nil {
			rate = &Rate{}
			t.cells[cell] = rate
		}
		rate.add(s)
	}
}

func (r *Rate) add(s *standing) {
	switch {
	case s.exempt:
		r.Exempt++
	case !s.known:
		r.Unknown++
	default:
		r.Base++
		if !slices.Contains(s.codes, traceability.ViolationNotShown) {
			r.Nominal++
		}
		if !slices.ContainsFunc(s.codes, strict) {
			r.Strict++
			return
		}
		if r.Reasons == nil {
			r.Reasons = make(map[traceability.ViolationCode]int)
		}
		for _, code := range s.codes {
			if strict(code) {
				r.Reasons[code]++
			}
		}
	}
}

// strict reports whether a code keeps a shop out of the strict rate: whatever service
// is refused for, and what the rate asks beside it, a name and an address that match
// and a verification in time. What else a page must show has no part in it.
func strict(code traceability.ViolationCode) bool {
	switch code {
	case traceability.ViolationNameMismatch, traceability.ViolationAddressIncomplete, traceability.ViolationStale:
		return true
	}
	info, known := code.Info()
	return !known || info.Severity == traceability.SeverityRefuse
}

// within lists what a county lies in: everything, the province, the prefecture and
// itself, each once.
func within(county traceability.DivisionCode) []traceability.DivisionCode {
	list := []traceability.DivisionCode{""}
	if len(county) != 6 {
		return list
	}
	for _, division := range []traceability.DivisionCode{county[:2] + "0000", county[:4] + "00", county} {
		if !slices.Contains(list, division) {
			list = append(list, division)
		}
	}
	return list
}

// CellRate is a cell with its rate.
type CellRate struct {
	Cell
	Rate
}

// Rates returns every cell's rate, by platform and division; all platforms together
// come first.
func (t *Tally) Rates() []CellRate {
	together := NewTally()
	for _, s := range t.premises {
		together.count("", s)
	}
	var list []CellRate
	for _, cells := range []map[Cell]*Rate{together.cells, t.cells} {
		for cell, rate := range cells {
			list = append(list, CellRate{cell, *rate})
		}
	}
	slices.SortFunc(list, func(a, b CellRate) int {
		return cmp.Or(strings.Compare(string(a.Platform), string(b.Platform)), strings.Compare(string(a.Division), string(b.Division)))
	})
	return list
}

// In reports whether the shop is in a division; every shop is in the empty one.
func (s Shop) In(d traceability.DivisionCode) bool { return slices.Contains(within(s.Division), d) }
