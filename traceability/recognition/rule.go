package recognition

import (
	"slices"
	"strings"

	"deltatrace/traceability"
)

// Rule is a version of a rule with the document that it stands in.
type Rule struct {
	*traceability.RecognitionRule
	Document traceability.DocumentID
}

// InForce reports whether a version is in force on a day; next is the version after
// it, or nil. A version ends on its last day or when the next begins.
func InForce(rule, next *traceability.RecognitionRule, day traceability.Date) bool {
	return day.Within(rule.EffectiveFrom, rule.EffectiveTo) && (next == nil || day < next.EffectiveFrom)
}

// Applies reports whether a rule is about such a report at all: the laboratory's
// province and the food's category. Tasks and parameters are conditions, so that
// the answer says why.
func Applies(rule *traceability.RecognitionRule, c *Case) bool {
	return slices.Contains(rule.Issuing, c.Issuing) && rank(rule, c) > 0
}

// rank says how closely a rule fits the food: 2 names its category, 1 is for all.
func rank(rule *traceability.RecognitionRule, c *Case) int {
	best := 0
	for _, category := range rule.Applies.Categories {
		switch {
		case category == traceability.AnyName:
			best = max(best, 1)
		case c.Category() != "" && traceability.Fold(category) == traceability.Fold(c.Category()):
			best = 2
		}
	}
	return best
}

// Speaking returns the one rule of a province that speaks on a report on a day, or
// nil. One that names the category goes before one for all, then the one that began
// later, then the smaller number; so the negative list of a narrow rule cannot be
// walked around by a wide one.
func Speaking(rules []Rule, c *Case, day traceability.Date) *Rule {
	var best *Rule
	for i := range rules {
		rule := &rules[i]
		if !InForce(rule.RecognitionRule, next(rules, rule), day) || !Applies(rule.RecognitionRule, c) {
			continue
		}
		if best == nil || before(rule, best, c) {
			best = rule
		}
	}
	return best
}

func before(a, b *Rule, c *Case) bool {
	if x, y := rank(a.RecognitionRule, c), rank(b.RecognitionRule, c); x != y {
		return x > y
	}
	if a.EffectiveFrom != b.EffectiveFrom {
		return a.EffectiveFrom > b.EffectiveFrom
	}
	return a.Rule < b.Rule
}

// next returns the version after a rule's, or nil.
func next(rules []Rule, of *Rule) *traceability.RecognitionRule {
	for i := range rules {
		if r := &rules[i]; r.Accepting == of.Accepting && r.Rule == of.Rule && r.Version == of.Version+1 {
			return r.RecognitionRule
		}
	}
	return nil
}

// names reports whether a list covers a parameter as printed, folded, with or
// without what the report adds in brackets: 铅 covers 铅(以Pb计).
func names(list []string, parameter string) bool {
	printed := traceability.Fold(parameter)
	bare, _, _ := strings.Cut(printed, "(")
	return slices.ContainsFunc(list, func(name string) bool {
		folded := traceability.Fold(name)
		return folded == traceability.AnyName || folded == printed || folded == bare
	})
}
