package verification

import (
	"strings"
	"sync"
	"unicode"

	"deltatrace/traceability"
)

func (v *verifier) name() {
	page, storefront, holder := v.Shop.Name, v.Licence.Storefront, v.Licence.Holder.Name
	if storefront == "" && holder == "" || namesShop(page, storefront, holder) {
		return
	}
	expected, zh, en := v.shown.Storefront, "页面名称与门头名称不符", "the name on the page is not the storefront's, and the holder's trade name is not in it"
	if storefront == "" {
		expected, zh, en = v.shown.Holder.Name, "页面名称中没有经营者的字号", "the holder's trade name is not in the name on the page"
	}
	v.find(traceability.ViolationNameMismatch, page, expected, zh, en)
}

// namesShop reports whether a page's name fits: it is the storefront's but for a
// branch (…店), or has the holder's trade name 字号 in it.
func namesShop(page, storefront, holder string) bool {
	if storefront != "" && (sameBranch(page, storefront) || sameBranch(storefront, page)) {
		return true
	}
	trade := tradeName(holder)
	return trade != "" && strings.Contains(letters(page), trade)
}

// sameBranch reports whether a name is the other, perhaps with a branch after it:
// 老张面馆, 老张面馆(徐家汇店), 老张面馆徐家汇店.
func sameBranch(name, whole string) bool {
	n, w := letters(name), letters(whole)
	if n == w {
		return n != ""
	}
	branch, ok := strings.CutPrefix(n, w)
	if ok && w != "" && strings.HasSuffix(branch, "店") {
		return true
	}
	return w != "" && letters(unbracketed(name)) == letters(unbracketed(whole))
}

// sameHolder reports whether two names are one holder's: tolerant of brackets and
// signs and of how the legal form is written, and a branch is its company's.
func sameHolder(a, b string) bool {
	x, y := legal(letters(a)), legal(letters(b))
	if len(x) > len(y) {
		x, y = y, x
	}
	if x == y {
		return true
	}
	branch, ok := strings.CutPrefix(y, x)
	return ok && x != "" && (strings.HasSuffix(branch, "分公司") || strings.HasSuffix(branch, "分店"))
}

func legal(name string) string { return strings.ReplaceAll(name, "有限责任公司", "有限公司") }

// letters folds a name and leaves out all but letters and digits.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.ToUpper(traceability.Fold(name)))
}

// unbracketed leaves out what stands in brackets.
func unbracketed(name string) string {
	depth := 0
	return strings.Map(func(r rune) rune {
		switch r {
		case '(', '[':
			depth++
			return -1
		case ')', ']':
			depth = max(0, depth-1)
			return -1
		}
		if depth > 0 {
			return -1
		}
		return r
	}, traceability.Fold(name))
}

// tradeName returns what in a holder's name tells it from others 字号: without the
// place before it, and the trade and the legal form after it. It is empty when less
// than two signs are left: they would be in too many names.
func tradeName(holder string) string {
	name := letters(unbracketed(holder))
	if i := strings.Index(name, "有限"); i > 0 {
		name = name[:i] // 有限公司徐汇分公司, 有限责任公司
	}
	for again := true; again; {
		again = false
		for _, place := range places() {
			if rest, ok := strings.CutPrefix(name, place); ok && len([]rune(rest)) >= 2 {
				name, again = rest, true
				break
			}
		}
	}
	for again := true; again; {
		again = false
		for _, trade := range trades {
			if rest, ok := strings.CutSuffix(name, trade); ok && len([]rune(rest)) >= 2 {
				name, again = rest, true
				break
			}
		}
	}
	if len([]rune(name)) < 2 {
		return ""
	}
	return name
}

// trades are what companies in this field say of themselves after their trade name,
// the longer before what they end in.
var trades = []string{
	"股份", "集团", "分公司", "连锁", "餐饮管理", "餐饮服务", "餐饮", "饮食服务", "饮食", "酒店管理", "酒店", "食品销售", "食品经营", "食品", "贸易", "商贸", "实业", "企业管理", "管理", "服务",
	"小吃店", "快餐店", "餐饮店", "面馆", "饭店", "餐厅", "餐馆", "酒楼", "早餐店", "饮品店", "奶茶店", "咖啡店", "火锅店", "烧烤店", "经营部", "商行", "个体工商户", "小吃", "快餐", "店",
}

// places are the divisions' names with and without their suffix, longer ones first.
var places = sync.OnceValue(func() []string {
	byLength := map[int][]string{}
	longest := 0
	for _, c := range traceability.Divisions() {
		runes := []rune(c.Name())
		for _, n := range [][]rune{runes, runes[:len(runes)-1]} {
			if len(n) >= 2 {
				byLength[len(n)] = append(byLength[len(n)], string(n))
				longest = max(longest, len(n))
			}
		}
	}
	var list []string
	for n := longest; n >= 2; n-- {
		list = append(list, byLength[n]...)
	}
	return list
})
