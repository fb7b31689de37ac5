package address

import (
	"slices"
	"strings"
)

// suffix is a word at which a component ends.
type suffix struct {
	word string
	Component
	numbered bool // a number stands before it, else a name
}

// suffixes are ordered so that of those which begin alike the longer comes first.
func suffixes() []suffix {
	return []suffix{
		{"街道办事处", Town, false}, {"街道办", Town, false}, {"街道", Town, false}, {"镇", Town, false}, {"民族乡", Town, false}, {"乡", Town, false},
		{"村民委员会", Village, false}, {"村委会", Village, false}, {"社区居委会", Village, false}, {"居委会", Village, false}, {"居委", Village, false}, {"社区", Village, false},
		{"新村", Place, false}, {"村", Village, false}, {"组", Lane, true},
		{"大道", Road, false}, {"大街", Road, false}, {"公路", Road, false}, {"路", Road, false}, {"街", Road, false}, {"支弄", Lane, true}, {"弄", Lane, true}, {"弄", Road, false},
		{"巷", Lane, true}, {"巷", Road, false}, {"胡同", Road, false},
		{"高新技术产业开发区", Zone, false}, {"经济技术开发区", Zone, false}, {"经济开发区", Zone, false}, {"开发区", Zone, false}, {"高新区", Zone, false},
		{"经开区", Zone, false}, {"新区", Zone, false}, {"工业园区", Zone, false}, {"产业园区", Zone, false}, {"园区", Zone, false}, {"保税区", Zone, false},
		{"度假区", Zone, false}, {"示范区", Zone, false}, {"风景区", Zone, false}, {"自贸区", Zone, false},
		{"广场", Place, false}, {"大厦", Place, false}, {"大楼", Place, false}, {"商厦", Place, false}, {"中心", Place, false}, {"商城", Place, false},
		{"市场", Place, false}, {"小区", Place, false}, {"花园", Place, false}, {"公寓", Place, false}, {"家园", Place, false},
		{"购物公园", Place, false}, {"产业园", Place, false}, {"科技园", Place, false}, {"工业园", Place, false}, {"创意园", Place, false},
		{"号楼", Building, true}, {"号馆", Building, true}, {"号厂房", Building, true}, {"#楼", Building, true}, {"#", Building, true},
		{"幢楼", Building, true}, {"幢", Building, true}, {"栋楼", Building, true}, {"栋", Building, true}, {"座", Building, true},
		{"号商铺", Room, true}, {"号店铺", Room, true}, {"号铺位", Room, true}, {"号铺", Room, true}, {"号门面", Room, true}, {"号店面", Room, true},
		{"号摊位", Room, true}, {"号摊", Room, true}, {"号档口", Room, true}, {"号房", Room, true}, {"号室", Room, true},
		{"号", Number, true}, {"单元", Unit, true}, {"楼", Floor, true}, {"层", Floor, true}, {"F", Floor, true},
		{"室", Room, true}, {"房", Room, true}, {"商铺", Room, true}, {"铺位", Room, true}, {"铺", Room, true}, {"摊位", Room, true}, {"档口", Room, true}, {"门面", Room, true},
	}
}

// byFirst is the table by the first sign, and each word as runes.
var byFirst = group(suffixes())

type spelled struct {
	suffix
	runes []rune
}

func group(list []suffix) map[rune][]spelled {
	table := map[rune][]spelled{}
	for _, s := range list {
		runes := []rune(s.word)
		table[runes[0]] = append(table[runes[0]], spelled{s, runes})
	}
	return table
}

func suffixesAt(r rune) []spelled { return byFirst[r] }

// take ends a component at the suffix, when it stands here and fits what is before.
func (r *reader) take(s *spelled) bool {
	end := r.at + len(s.runes)
	if end > len(r.text) || !slices.Equal(r.text[r.at:end], s.runes) {
		return false
	}
	before := r.text[r.from:r.at]
	if !s.numbered {
		return r.takeName(s, before, end)
	}
	run := runBefore(before, len(before))
	switch {
	case strings.Trim(run, "-,") == "",
		s.word == "F" && !isDigit(r.text[r.at-1]),
		s.Component == Number && end < len(r.text) && r.text[end] == '线': // of the metro
		return false
	}
	r.name(string(before[:len(before)-len([]rune(run))]))
	value := number(strings.Trim(run, "-,"))
	if s.Component == Floor {
		value = floor(number(strings.Trim(run, ",")))
	}
	if s.Component == Number {
		more := r.branch(end)
		value, end = value+number(string(r.text[end:more])), more
		if end < len(r.text) && r.text[end] == '号' {
			end++
		}
	}
	r.add(s.Component, value)
	r.at, r.from = end, end
	return true
}

// branch returns where the -1 of 12号-1 ends, which belongs to the number unless a
// floor follows: 12号-1楼.
func (r *reader) branch(at int) int {
	end := at
	if end >= len(r.text) || r.text[end] != '-' {
		return at
	}
	for end++; end < len(r.text) && (isDigit(r.text[end]) || isNumeral(r.text[end])); end++ {
	}
	if end == at+1 || end < len(r.text) && strings.ContainsRune("楼层F", r.text[end]) {
		return at
	}
	return end
}

func (r *reader) takeName(s *spelled, before []rune, end int) bool {
	if len(before) == 0 || roadFollows(r.text[end:]) && s.Component != Road {
		return false
	}
	name := arabic(strings.TrimLeft(string(before), "-与和及"))
	switch s.Component {
	case Town, Village:
		// 镇 turned 街道 is the same place.
		r.add(s.Component, name)
	case Road:
		if s.word == "街" && end < len(r.text) && r.text[end] == '区' || s.word == "路" && end < len(r.text) && r.text[end] == '站' {
			return false // 街区, a stop
		}
		if strings.HasPrefix(name, "近") || strings.HasPrefix(name, "靠近") {
			r.at, r.from = end, end
			return true
		}
		r.add(Road, name+s.word)
	default:
		r.add(s.Component, name+s.word)
	}
	r.at, r.from = end, end
	return true
}

// runBefore returns the number at a text's end, of at most so many signs.
func runBefore(text []rune, most int) string {
	from := len(text)
	for from > len(text)-most && isRun(text[from-1]) {
		from--
	}
	return string(text[from:])
}

// isRun reports whether a sign can be part of a number: B1, 12甲, 1-3, 地下一.
func isRun(r rune) bool {
	return isDigit(r) || r >= 'A' && r <= 'Z' || r == '-' || r == ',' || isNumeral(r) || strings.ContainsRune("甲乙丙丁地下上负底第", r)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// number writes a number in one way: Arabic, each group of digits without leading
// zeros.
func number(s string) string {
	s = arabic(strings.TrimPrefix(s, "第"))
	var b strings.Builder
	begins := true // a group of digits
	for i, r := range s {
		if r == '0' && begins && i+1 < len(s) && isDigit(rune(s[i+1])) {
			continue
		}
		begins = !isDigit(r)
		b.WriteRune(r)
	}
	return b.String()
}

// floor writes a floor in one way: 地下一, 负1 and -1 as B1, 底 as 1, 3F as 3.
func floor(s string) string {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "地上"), "F")
	for _, below := range []string{"地下", "负", "-", "B"} {
		if n, ok := strings.CutPrefix(s, below); ok && n != "" && isDigit(rune(n[0])) {
			return "B" + n
		}
	}
	if s == "底" {
		return "1"
	}
	return strings.TrimPrefix(strings.TrimPrefix(s, "F"), "L")
}

// isFloor reports whether a bare number is a floor: F3, L2, B1.
func isFloor(s string) bool {
	return len(s) >= 2 && len(s) <= 3 && strings.ContainsRune("FLB", rune(s[0])) && strings.Trim(s[1:], "0123456789") == ""
}
