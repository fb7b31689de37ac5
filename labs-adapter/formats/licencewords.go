package formats

import (
	"strings"

	"deltatrace/traceability"
)

// parseScheme reads the kind of a licence.
func parseScheme(cell string) (traceability.LicenceScheme, bool) {
	text := traceability.Fold(cell)
	for _, kind := range []struct {
		word   string
		scheme traceability.LicenceScheme
	}{
		{"小餐饮", traceability.SchemeSmallCaterer}, {"小食品店", traceability.SchemeSmallShop}, {"小食杂", traceability.SchemeSmallShop}, {"小作坊", traceability.SchemeWorkshop},
		{"备案", traceability.SchemePrepackaged}, {"生产许可", traceability.SchemeProduction}, {"经营许可", traceability.SchemeOperation},
		{"YB", traceability.SchemePrepackaged}, {"SC", traceability.SchemeProduction}, {"JY", traceability.SchemeOperation},
	} {
		if strings.Contains(text, kind.word) {
			return kind.scheme, true
		}
	}
	return "", false
}

// parseBusinessType reads the business type 主体业态.
func parseBusinessType(cell string) (traceability.BusinessType, bool) {
	text := traceability.Fold(cell)
	for _, kind := range []struct {
		words []string
		kind  traceability.BusinessType
	}{
		{[]string{"食堂", "3"}, traceability.BusinessTypeCanteen},
		{[]string{"餐饮", "2"}, traceability.BusinessTypeCatering},
		{[]string{"销售", "1"}, traceability.BusinessTypeSale},
	} {
		for _, word := range kind.words {
			if text == word || len(word) > 1 && strings.Contains(text, word) {
				return kind.kind, true
			}
		}
	}
	return "", false
}

// parseItems reads items as a licence prints them: 热食类食品制售；冷食类食品制售（不含
// 冷荤类食品）、自制饮品制售. A separator within brackets belongs to the item.
func parseItems(cell string) []traceability.LicenceItem {
	var items []traceability.LicenceItem
	depth, from := 0, 0
	end := func(text string) {
		if item := parseItem(strings.TrimSpace(text)); item.Name != "" {
			items = append(items, item)
		}
	}
	for i, r := range cell {
		switch r {
		case '（', '(':
			depth++
		case '）', ')':
			depth--
		case '；', ';', '、', '，', ',', '\n':
			if depth <= 0 {
				end(cell[from:i])
				from = i + len(string(r))
			}
		}
	}
	end(cell[from:])
	return items
}

func parseItem(text string) traceability.LicenceItem {
	name, rest, ok := cutAny(text, "（", "(")
	item := traceability.LicenceItem{Name: strings.TrimSpace(name)}
	if !ok {
		return item
	}
	inner := strings.TrimRight(strings.TrimSpace(rest), "）)")
	switch {
	case strings.HasPrefix(inner, "不含"):
		item.Without = inner
	case strings.HasPrefix(inner, "含"), strings.HasPrefix(inner, "仅"):
		item.With = inner
	default: // part of the name
		item.Name = text
	}
	return item
}

// parseGrade reads a hygiene grade 量化分级; what it does not know is kept as
// printed.
func parseGrade(cell string) traceability.Grade {
	text := strings.ToUpper(traceability.Fold(cell))
	switch {
	case strings.Contains(text, "大笑"), text == "优秀":
		return traceability.Grade{Scheme: "food_safety_face", Grade: "excellent"}
	case strings.Contains(text, "微笑"), text == "良好":
		return traceability.Grade{Scheme: "food_safety_face", Grade: "good"}
	case strings.Contains(text, "平脸"), text == "一般":
		return traceability.Grade{Scheme: "food_safety_face", Grade: "fair"}
	case text == "A", text == "B", text == "C", text == "D", text == "A级", text == "B级", text == "C级", text == "D级":
		return traceability.Grade{Scheme: "annual", Grade: text[:1]}
	}
	return traceability.Grade{Scheme: "as_printed", Grade: cell}
}

// parseHalt reads a licence's state; expired is none: it follows from the last day.
func parseHalt(cell string) (traceability.LicenceStatus, bool) {
	switch traceability.Fold(cell) {
	case "有效", "正常", "在业", "存续", "已过期", "过期", "到期", "valid":
		return "", true
	case "停业", "责令停业", "暂停", "停产停业", "suspended":
		return traceability.LicenceHalted, true
	case "吊销", "已吊销", "撤销", "已撤销", "revoked":
		return traceability.LicenceStruck, true
	case "注销", "已注销", "作废", "cancelled":
		return traceability.LicenceSurrender, true
	}
	return "", false
}

// parseYesNo reads whether there is something.
func parseYesNo(cell string) (yes, ok bool) {
	switch strings.ToLower(traceability.Fold(cell)) {
	case "有", "是", "已建", "已接入", "yes", "true", "1":
		return true, true
	case "无", "没有", "否", "未建", "未接入", "无堂食", "no", "false", "0":
		return false, true
	}
	return false, false
}
