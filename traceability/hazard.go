package traceability

import "strings"

// Hazard is a test parameter as failures are compared by it: folded, without the
// marks that reports print before it (* subcontracted, △ amended) and without what
// they add in brackets. Example: 铅 of 铅（以Pb计）.
type Hazard string

// HazardOf returns the hazard that a parameter as printed is about. A name that is
// all brackets stays as it is.
func HazardOf(parameter string) Hazard {
	folded := strings.TrimLeft(Fold(parameter), "*△")
	if bare, _, _ := strings.Cut(folded, "("); bare != "" {
		return Hazard(bare)
	}
	return Hazard(folded)
}

// ProductGroup is the kind of food as failures are compared by it: the national
// 大类 of a report's 分类, folded. Example: 食用农产品 of 食用农产品/蔬菜. It is
// empty where a report says none.
type ProductGroup string

// ProductGroupOf returns the group of a category as printed: what comes before the
// first / or > when it goes down to finer classes.
func ProductGroupOf(category string) ProductGroup {
	folded := Fold(category)
	if i := strings.IndexAny(folded, "/>"); i >= 0 {
		folded = folded[:i]
	}
	return ProductGroup(folded)
}
