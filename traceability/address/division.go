package address

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"

	"deltatrace/traceability"
)

// formerCSV has the columns name, city and codes: counties that were merged or
// split, and which of today's counties an address with the old name may lie in. One
// that only changed its suffix (海门市, now 海门区) needs no row. From general
// knowledge (confidence C): a name that is missing here is read as a plain text, and
// a wrong row can only make two counties compatible.
//
//go:embed former.csv
var formerCSV string

// entry is a name that a division goes by.
type entry struct {
	name  []rune
	level Component // Province, City, County or Zone
	short bool      // without 省 or 市: it counts only before a division of its own
	codes codes
}

// codes are the divisions that a name may stand for, ascending; none is unknown.
type codes []traceability.DivisionCode

// names are all entries by their first two signs, longer names first.
var names = sync.OnceValue(func() map[[2]rune][]entry {
	table := map[[2]rune][]entry{}
	add := func(name string, level Component, short bool, found codes) {
		runes := []rune(name)
		if len(runes) < 2 {
			return
		}
		start := [2]rune(runes)
		table[start] = append(table[start], entry{runes, level, short, found})
	}
	counties := map[string]codes{}
	for _, c := range traceability.Divisions() {
		name := c.Name()
		stem := strings.TrimSuffix(strings.TrimSuffix(name, "省"), "市")
		switch {
		case strings.HasSuffix(string(c), "0000"):
			add(name, Province, false, codes{c})
			add(stem, Province, true, codes{c})
		case strings.HasSuffix(string(c), "00"):
			add(name, City, false, codes{c})
			add(stem, City, true, codes{c})
		case !c.Official():
			add(name, Zone, false, codes{c})
		default:
			for _, n := range spellings(name) {
				counties[n] = append(counties[n], c)
			}
		}
	}
	formerly(counties)
	for _, name := range slices.Sorted(maps.Keys(counties)) {
		add(name, County, false, counties[name])
	}
	for _, entries := range table {
		slices.SortStableFunc(entries, func(a, b entry) int { return len(b.name) - len(a.name) })
	}
	return table
})

// spellings returns a county's name with each suffix that it may have had: 海门区
// was 海门市. A name of two signs (郊区) has no other.
func spellings(name string) []string {
	runes := []rune(name)
	stem := string(runes[:len(runes)-1])
	if len(runes) < 3 {
		return []string{name}
	}
	return []string{stem + "区", stem + "县", stem + "市"}
}

// formerly adds the names of the table of former counties. In its own city a row
// says all that the name may stand for; in another the name may live on.
func formerly(counties map[string]codes) {
	_, rows, _ := strings.Cut(formerCSV, "\n")
	for line := range strings.Lines(rows) {
		f := strings.Split(strings.TrimSpace(line), ",")
		if len(f) != 3 {
			continue
		}
		may := slices.DeleteFunc(slices.Clone(counties[f[0]]), func(c traceability.DivisionCode) bool { return cityOf(c) == traceability.DivisionCode(f[1]) })
		for code := range strings.SplitSeq(f[2], ";") {
			may = append(may, traceability.DivisionCode(code))
		}
		slices.Sort(may)
		counties[f[0]] = may
	}
}

// entryAt returns the longest division's name with which a text begins. A short name
// counts only before another division, and none as a part of a road's: 南京西路.
func entryAt(text []rune) (entry, bool) {
	if len(text) < 2 {
		return entry{}, false
	}
	for _, e := range names()[[2]rune(text)] {
		if len(e.name) > len(text) || !slices.Equal(e.name, text[:len(e.name)]) {
			continue
		}
		rest := text[len(e.name):]
		if _, more := entryAt(rest); e.short && !more || roadFollows(rest) {
			continue
		}
		return e, true
	}
	return entry{}, false
}

func provinceOf(c traceability.DivisionCode) traceability.DivisionCode {
	return traceability.DivisionCode(c.Province())
}

// cityOf returns the prefecture that a division lies in; a municipality is its own.
func cityOf(c traceability.DivisionCode) traceability.DivisionCode {
	if c.Province() == traceability.Shanghai {
		return provinceOf(c)
	}
	return c[:4] + "00"
}

// where is where an address lies, as far as it says so.
type where struct{ province, city, county codes }

// place takes what a division code tells, where the text says nothing.
func (w *where) place(c traceability.DivisionCode) {
	if c == "" || !c.Listed() {
		return
	}
	if w.county == nil && w.city == nil && w.province == nil || within(w.county, w.city, w.province, c) {
		w.add(c)
	}
}

// within reports whether a division agrees with what is known already.
func within(county, city, province codes, c traceability.DivisionCode) bool {
	isCounty := !strings.HasSuffix(string(c), "00")
	return (county == nil || !isCounty || !c.Official() || slices.Contains(county, c)) &&
		(city == nil || slices.Contains(city, cityOf(c))) && (province == nil || slices.Contains(province, provinceOf(c)))
}

func (w *where) add(c traceability.DivisionCode) {
	if strings.HasSuffix(string(c), "0000") {
		w.province = codes{c}
		return
	}
	if w.city == nil {
		w.city = codes{cityOf(c)}
	}
	if !strings.HasSuffix(string(c), "00") && c.Official() {
		w.county = codes{c}
	}
}

// settle narrows the counties to those of the city and province that are stated,
// and fills the levels above that are not.
func (w *where) settle() {
	w.county = narrow(w.county, w.city, cityOf)
	w.county = narrow(w.county, w.province, provinceOf)
	w.city = narrow(w.city, w.province, provinceOf)
	if w.city == nil {
		w.city = above(w.county, cityOf)
	}
	if w.province == nil {
		w.province = above(w.city, provinceOf)
	}
}

// narrow keeps those that lie in one of the upper divisions, unless none would
// stay: then the text contradicts itself, and both are kept as they are said.
func narrow(list, upper codes, parent func(traceability.DivisionCode) traceability.DivisionCode) codes {
	if upper == nil {
		return list
	}
	var kept codes
	for _, c := range list {
		if slices.Contains(upper, parent(c)) {
			kept = append(kept, c)
		}
	}
	if kept == nil {
		return list
	}
	return kept
}

func above(list codes, parent func(traceability.DivisionCode) traceability.DivisionCode) codes {
	var up codes
	for _, c := range list {
		if p := parent(c); !slices.Contains(up, p) {
			up = append(up, p)
		}
	}
	return up
}

// text names the divisions: 静安区, or 余杭区或临平区.
func (c codes) text() string {
	var list []string
	for _, code := range c {
		list = append(list, code.Name())
	}
	return strings.Join(list, "或")
}
