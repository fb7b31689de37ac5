package traceability

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// LimitOperator says how a limit bounds a result (标准指标).
type LimitOperator string

// The operators. A forbidden substance must not be detected, used or added
// (不得检出、不得使用、不得添加); a plan is that of a microbiological standard.
const (
	LimitMost      LimitOperator = "<="
	LimitLeast     LimitOperator = ">="
	LimitLess      LimitOperator = "<"
	LimitMore      LimitOperator = ">"
	LimitForbidden LimitOperator = "forbidden"
	LimitPlan      LimitOperator = "plan"
)

// SamplingPlan is a plan of n samples, of which c may lie between m and M (GB
// 4789.1). Without M it has two classes: no more than c may be above m.
type SamplingPlan struct {
	N      int     `json:"n"`
	C      int     `json:"c"`
	Lower  Decimal `json:"m"`
	Higher Decimal `json:"M,omitzero"`
}

// Limit is the payload of limit.set: the limit of one test parameter in one food
// category, as the four provinces judge by it. One province proposes it, and it
// comes into force when all four have signed the same content, for food that was
// made on EffectiveFrom or later, in China's days; it ends with EffectiveTo, or
// when a later edition begins: see LimitOn. Parameter and category together are
// its natural key, and its revisions the history of both. A base standard has
// categories of its own, so Category is in the words of Standard.
type Limit struct {
	Parameter     string        `json:"parameter"`          // 检验项目: 腐霉利
	Category      string        `json:"category"`           // 食品类别, or a food: 韭菜
	Revision      int           `json:"revision"`           // from 1
	Excluded      []string      `json:"excluded,omitempty"` // foods of the category for which it does not count (…除外)
	Operator      LimitOperator `json:"op"`
	Value         Decimal       `json:"value,omitzero"` // not with forbidden and plan
	Plan          *SamplingPlan `json:"plan,omitzero"`
	Unit          string        `json:"unit,omitzero"` // as printed: mg/kg
	Standard      string        `json:"standard"`      // with its edition: GB 2763-2026
	Clause        string        `json:"clause,omitzero"`
	Source        string        `json:"source"` // from where it was taken over, and by whom checked
	Note          string        `json:"note,omitzero"`
	EffectiveFrom Date          `json:"effective_from"`
	EffectiveTo   Date          `json:"effective_to,omitzero"` // the last day, if there is one
}

const maxExcluded = 200

// Check implements Payload.
func (l *Limit) Check() (problems, warnings []*Error) {
	var c checker
	c.need("parameter", l.Parameter, 100)
	c.need("category", l.Category, 100)
	if l.Parameter != "" && HazardOf(l.Parameter) == "" || l.Category != "" && Fold(l.Category) == "" {
		c.problems = append(c.problems, Invalid("parameter", l.Parameter, "names that are more than spaces"))
	}
	c.revision(l.Revision)
	for i, food := range bounded(&c, "excluded", l.Excluded, 0, maxExcluded) {
		c.need(index("excluded", i), food, 100)
	}
	switch l.Operator {
	case LimitMost, LimitLeast, LimitLess, LimitMore, LimitForbidden, LimitPlan:
	default:
		c.problems = append(c.problems, Invalid("op", string(l.Operator), "<=, >=, <, >, forbidden or plan"))
	}
	c.bound(l)
	c.text("unit", l.Unit, 60)
	c.need("standard", l.Standard, 100)
	c.text("clause", l.Clause, 100)
	c.need("source", l.Source, 300)
	c.text("note", l.Note, 500)
	c.period("effective_from", "effective_to", l.EffectiveFrom, l.EffectiveTo)
	return c.result()
}

// bound checks that the limit has what its operator asks for and nothing else.
func (c *checker) bound(l *Limit) {
	numeric := l.Operator != LimitForbidden && l.Operator != LimitPlan
	switch {
	case numeric && l.Value == "":
		c.missing("value", "a decimal number")
	case numeric && l.Value.Number().IsNegative(), !numeric && l.Value != "":
		c.problems = append(c.problems, Invalid("value", string(l.Value), "a number from 0, and none with forbidden or plan"))
	}
	if (l.Operator == LimitPlan) != (l.Plan != nil) {
		c.problems = append(c.problems, Invalid("plan", "", "a plan, with the operator plan and with no other"))
	}
	if p := l.Plan; p != nil {
		c.between("plan.n", p.N, 1, 100)
		c.between("plan.c", p.C, 0, p.N)
		if p.Lower == "" || p.Lower.Number().IsNegative() {
			c.problems = append(c.problems, Invalid("plan.m", string(p.Lower), "a number from 0"))
		}
		if p.Higher != "" && p.Higher.Number().LessThan(p.Lower.Number()) {
			c.problems = append(c.problems, Invalid("plan.M", string(p.Higher), "not less than m"))
		}
	}
}

// Record implements Agreed.
func (l *Limit) Record() string { return LimitKey(l.Parameter, l.Category) }

// Edition implements Agreed.
func (l *Limit) Edition() int { return l.Revision }

// Signers implements Agreed: food that one province's limit fails is sold in the
// others.
func (l *Limit) Signers() int { return AllProvinces }

// Begins implements Dated.
func (l *Limit) Begins() Date { return l.EffectiveFrom }

// LimitKey is the state key of a parameter's limits in a category: both are
// compared folded, the parameter without its brackets, and percent-escaped.
func LimitKey(parameter, category string) string {
	return "limit/" + url.PathEscape(string(HazardOf(parameter))) + "/" + url.PathEscape(Fold(category))
}

// LimitKeys names, for each item of a report with a verdict that a limit could
// differ from, the limits that may count: of the food itself and then of its
// category, as the report names them. There are none when the report does not say
// when the food was made or sampled.
func LimitKeys(r *Report) [][]string {
	var foods []string
	for _, name := range []string{r.Sample.FoodName, r.Sample.Category} {
		if name != "" {
			foods = append(foods, "/"+url.PathEscape(Fold(name)))
		}
	}
	if len(foods) == 0 || r.Sample.Date == "" && r.Sample.SampledOn == "" {
		return nil
	}
	keys := make([][]string, len(r.Items))
	for i := range r.Items {
		if v := r.Items[i].Verdict; v == VerdictPass || v == VerdictFail {
			parameter := "limit/" + url.PathEscape(string(HazardOf(r.Items[i].Parameter)))
			for _, food := range foods {
				keys[i] = append(keys[i], parameter+food)
			}
		}
	}
	return keys
}

// LimitOn returns the limit for food made on a day, or nil. The revisions are
// those in force for one parameter in one category, in any order. The one that
// began last counts, up to its last day; an earlier one does not come back.
func LimitOn(revisions []*Limit, made Date) *Limit {
	l := EditionOn(revisions, made)
	if l == nil || !made.Within("", l.EffectiveTo) {
		return nil
	}
	return l
}

// Excludes reports whether a food is one for which the limit does not count: its
// name has an excluded one in it, so that 水芹菜 is left alone where 芹菜 is.
func (l *Limit) Excludes(food string) bool {
	folded := Fold(food)
	return slices.ContainsFunc(l.Excluded, func(e string) bool { return strings.Contains(folded, Fold(e)) })
}

// String writes the limit as it is printed: ≤0.2mg/kg.
func (l *Limit) String() string {
	switch l.Operator {
	case LimitForbidden:
		return "不得检出"
	case LimitPlan:
		return "采样方案"
	default:
		return strings.NewReplacer("<=", "≤", ">=", "≥").Replace(string(l.Operator)) + string(l.Value) + l.Unit
	}
}

// plainResult is a number as a laboratory prints it, perhaps with its unit. A
// number with raised digits, a sign, a range or several values is none.
var plainResult = regexp.MustCompile(`^((?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?)([A-Za-zμ%/㎎㎏㎍㎖]*)$`)

// Judge returns what the limit makes of a result, or "" when a program cannot tell:
// the result is no plain number in the limit's unit, or not detected against a
// number, or the limit is a sampling plan. Numbers are compared as printed
// (全数值比较法, GB/T 8170). The laboratory's verdict stands whatever this says.
func (l *Limit) Judge(item *Item) Verdict {
	result := strings.ReplaceAll(tidyResult(item.Result), "µ", "μ")
	if l.Operator == LimitForbidden {
		switch {
		case strings.HasPrefix(result, "未检出"), strings.HasPrefix(result, "ND"):
			return VerdictPass
		case plainResult.MatchString(result) && strings.ContainsAny(plainResult.FindStringSubmatch(result)[1], "123456789"):
			return VerdictFail
		}
		return ""
	}
	m := plainResult.FindStringSubmatch(result)
	if m == nil || l.Operator == LimitPlan {
		return ""
	}
	unit := m[2]
	if unit == "" {
		unit = item.Unit
	}
	if foldUnit(unit) != foldUnit(l.Unit) {
		return ""
	}
	order := Decimal(m[1]).Number().Cmp(l.Value.Number())
	met := map[LimitOperator]bool{LimitMost: order <= 0, LimitLeast: order >= 0, LimitLess: order < 0, LimitMore: order > 0}
	if met[l.Operator] {
		return VerdictPass
	}
	return VerdictFail
}

// tidyResult makes full-width signs and digits ASCII and drops spaces. Unlike Fold
// it leaves raised digits as they are: 10⁴ is not 104.
func tidyResult(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ', r == '\u00a0', r == '\u3000':
			return -1
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		}
		return r
	}, s)
}

// foldUnit makes spellings of a unit one: ㎎/㎏, mg／kg, mg/Kg.
func foldUnit(unit string) string {
	return strings.ReplaceAll(strings.ToLower(Fold(unit)), "µ", "μ")
}
