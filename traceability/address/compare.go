package address

import (
	"slices"
	"strconv"
	"strings"

	"deltatrace/traceability"
)

// Result is what comparing two addresses comes to.
type Result string

// The results.
const (
	Same       Result = "same"       // 一致
	Compatible Result = "compatible" // 不矛盾: one says less, or what differs decides nothing
	Different  Result = "different"  // 不一致
)

// Difference is a component in which two addresses are not the same. An empty value
// says that the address does not state it.
type Difference struct {
	Component Component `json:"component"`
	A         string    `json:"a,omitzero"`
	B         string    `json:"b,omitzero"`
	Clash     bool      `json:"clash,omitzero"` // it makes the addresses different
}

// Comparison is the result with its reasons, from the largest component to the
// smallest.
type Comparison struct {
	Result      Result       `json:"result"`
	Differences []Difference `json:"differences,omitempty"`
}

// Compare reads and compares two addresses.
func Compare(a, b string) Comparison { return Parse(a, "").Compare(Parse(b, "")) }

// Compare compares two addresses. It is symmetric but for the order of A and B.
func (a Address) Compare(b Address) Comparison {
	if a.folded == b.folded && a.folded != "" {
		return Comparison{Result: Same}
	}
	c := Comparison{Result: Same}
	c.level(Province, a.where.province, b.where.province)
	c.level(City, a.where.city, b.where.city)
	c.level(County, a.where.county, b.where.county)
	for _, component := range Components()[3:] {
		c.part(component, a.parts[component], b.parts[component])
	}
	return c
}

// Lacks reports whether B states a component that A does not.
func (c Comparison) Lacks(component Component) bool {
	return slices.ContainsFunc(c.Differences, func(d Difference) bool { return d.Component == component && d.A == "" })
}

// level compares divisions: what each may be.
func (c *Comparison) level(component Component, a, b codes) {
	if slices.Equal(a, b) {
		return
	}
	clash := a != nil && b != nil && !slices.ContainsFunc(a, func(code traceability.DivisionCode) bool { return slices.Contains(b, code) })
	c.differ(Difference{Component: component, A: a.text(), B: b.text(), Clash: clash})
}

func (c *Comparison) part(component Component, a, b []string) {
	if slices.Equal(a, b) {
		return
	}
	d := Difference{Component: component, A: strings.Join(a, ","), B: strings.Join(b, ",")}
	d.Clash = a != nil && b != nil && component.Decides() && !related(component, a, b)
	c.differ(d)
}

func (c *Comparison) differ(d Difference) {
	c.Differences = append(c.Differences, d)
	switch {
	case d.Clash:
		c.Result = Different
	case c.Result == Same:
		c.Result = Compatible
	}
}

// related reports whether one of a's values can be one of b's.
func related(component Component, a, b []string) bool {
	relate := numbersRelate
	switch component {
	case Road, Village, Town:
		relate = namesRelate
	}
	for _, x := range a {
		for _, y := range b {
			if relate(x, y) {
				return true
			}
		}
	}
	return false
}

// namesRelate reports whether a name is the other with more before it: an estate or
// a zone that was not told apart from the road. One more sign makes another road
// (新中山路).
func namesRelate(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	more, ok := strings.CutSuffix(a, b)
	return ok && (more == "" || len(more) >= len("三个字") && len(b) >= len("三个字"))
}

// numbersRelate reports whether two numbers share one: 3 is in 1,3,5 and in 1-5,
// and 12 says less than 12-1.
func numbersRelate(a, b string) bool {
	for x := range strings.SplitSeq(a, ",") {
		for y := range strings.SplitSeq(b, ",") {
			if x == y || holds(x, y) || holds(y, x) {
				return true
			}
		}
	}
	return false
}

// holds reports whether number b says less than a, or lies in the range a.
func holds(a, b string) bool {
	if strings.HasPrefix(a, b+"-") || strings.HasSuffix(a, "-"+b) {
		return b != ""
	}
	from, to, ok := strings.Cut(a, "-")
	low, err1 := strconv.Atoi(from)
	high, err2 := strconv.Atoi(to)
	n, err3 := strconv.Atoi(b)
	return ok && err1 == nil && err2 == nil && err3 == nil && low <= n && n <= high
}
