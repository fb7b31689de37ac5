package verification

import (
	"strings"

	"deltatrace/traceability"
)

// scope finds what is sold that the licence has no item for (SAMR Order 78,
// article 10).
func (v *verifier) scope() {
	for _, sold := range v.Shop.Items {
		if !covers(v.Licence.Items, sold) {
			v.find(traceability.ViolationOutOfScope, sold, itemNames(v.Licence.Items), "许可项目中没有“"+sold+"”", "the licence has no item for "+sold)
		}
	}
}

// covers reports whether one of a licence's items is for what is sold: by its name or
// by what it expressly includes, unless it expressly excludes it. Decorated cakes 裱花
// and cold dishes of cooked meat 冷荤 are part of the item above them.
func covers(items []traceability.LicenceItem, sold string) bool {
	want := kindOf(sold)
	above := map[string]string{"裱花": "糕点", "冷荤": "冷食", "冷加工糕点": "糕点", "生食海产": "生食"}[want]
	for _, item := range items {
		if names(item.Without, want) {
			continue
		}
		if names(item.Name, want) || names(item.With, want) || above != "" && names(item.Name, above) {
			return true
		}
	}
	return false
}

// kindOf is what of an item's name tells it from others: 冷食 of 冷食类食品制售.
func kindOf(sold string) string {
	kind := strings.TrimPrefix(strings.TrimPrefix(traceability.Fold(sold), "不"), "含")
	for _, known := range []string{"裱花", "冷荤", "冷加工糕点", "生食海产", "冷食", "热食", "生食", "糕点", "饮品", "散装熟食", "散装", "预包装", "半成品"} {
		if strings.Contains(kind, known) {
			return known
		}
	}
	for _, more := range []string{"制售", "销售", "食品", "类"} {
		kind = strings.TrimSuffix(kind, more)
	}
	return kind
}

// names reports whether a text that may name several kinds names this one.
func names(text, kind string) bool {
	for part := range strings.FieldsFuncSeq(traceability.Fold(text), func(r rune) bool { return strings.ContainsRune("、,;；。()和及", r) }) {
		if kindOf(part) == kind {
			return true
		}
	}
	return false
}

func itemNames(items []traceability.LicenceItem) string {
	var names []string
	for _, item := range items {
		name := item.Name
		if item.Without != "" {
			name += "（" + item.Without + "）"
		}
		if item.With != "" {
			name += "（" + item.With + "）"
		}
		names = append(names, name)
	}
	return strings.Join(names, "；")
}
