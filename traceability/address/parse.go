package address

import (
	"strings"
	"unicode/utf8"

	"deltatrace/traceability"
)

// Address is an address read into its components.
type Address struct {
	folded string
	where  where
	parts  map[Component][]string // canonical values, in the order of the text
}

// maxRunes bounds what is read of an address; licences stay far below.
const maxRunes = 400

// Parse reads an address. It takes any text: what it does not understand counts as a
// building's name, which decides nothing. The division, if not empty, is where the
// address lies by another word than its own, and fills levels that it leaves out.
func Parse(s string, division traceability.DivisionCode) Address {
	r := reader{parts: map[Component][]string{}}
	folded := clean(s)
	r.text = []rune(folded)
	if len(r.text) > maxRunes {
		r.text = r.text[:maxRunes]
	}
	for r.at < len(r.text) {
		r.step()
	}
	r.flush()
	r.where.place(division)
	r.where.settle()
	return Address{folded: folded, where: r.where, parts: r.parts}
}

// variants writes other forms of a sign in one way.
var variants = strings.NewReplacer("號", "号", "樓", "楼", "層", "层", "棟", "栋", "廣", "广", "鎮", "镇", "縣", "县", "區", "区", "東", "东",
	"—", "-", "–", "－", "―", "‐", "‑", "−", "~", "-", "～", "-", "至", "-", "、", ",", "，", ",", "；", ",", ";", ",", "。", ",", ".", ",",
	"/", ",", "\\", ",", "&", ",", "(", ",", ")", ",", "[", ",", "]", ",", "·", "", "号之", "号-", "座-", "座", "幢-", "幢", "栋-", "栋", "楼-", "楼", "层-", "层")

// clean folds an address and writes its signs in one way.
func clean(s string) string {
	if utf8.RuneCountInString(s) > 4*maxRunes {
		s = string([]rune(s)[:4*maxRunes])
	}
	return variants.Replace(strings.ToUpper(traceability.Fold(s)))
}

// reader walks through the text; what lies between from and at is not yet
// understood.
type reader struct {
	text     []rune
	from, at int
	where    where
	parts    map[Component][]string
	last     Component // of the part before
}

// step reads one division, one component or one sign.
func (r *reader) step() {
	if r.from == r.at && r.division() {
		return
	}
	if r.text[r.at] == ',' {
		// 1,3,5号 is one list.
		if r.at > r.from && r.at+1 < len(r.text) && isRun(r.text[r.at-1]) && isRun(r.text[r.at+1]) && isDigit(r.text[r.at+1]) && isDigit(r.text[r.at-1]) {
			r.at++
			return
		}
		r.flush()
		r.at++
		r.from = r.at
		return
	}
	suffixes := suffixesAt(r.text[r.at])
	for i := range suffixes {
		if r.take(&suffixes[i]) {
			return
		}
	}
	r.at++
}

// division reads a division's name where a part begins.
func (r *reader) division() bool {
	const filler = "市辖区"
	if strings.HasPrefix(string(r.text[r.at:min(r.at+3, len(r.text))]), filler) {
		r.at += 3
		r.from = r.at
		return true
	}
	e, ok := entryAt(r.text[r.at:])
	if !ok {
		return false
	}
	switch e.level {
	case Province:
		r.where.province = e.codes
	case City:
		r.where.city = e.codes
	case County:
		if r.where.county == nil {
			r.where.county = e.codes
		}
	default:
		r.where.place(e.codes[0])
		r.add(Zone, string(e.name))
	}
	r.at += len(e.name)
	r.from = r.at
	return true
}

func roadFollows(text []rune) bool {
	return len(text) > 0 && strings.ContainsRune("路街道巷", text[0]) && !strings.HasPrefix(string(text), "街道")
}

// add keeps a component's value.
func (r *reader) add(c Component, value string) {
	if value == "" {
		return
	}
	r.parts[c] = append(r.parts[c], value)
	r.last = c
}

// flush keeps what was not understood: a bare number where one belongs, else a
// name.
func (r *reader) flush() {
	text := string(r.text[r.from:r.at])
	r.from = r.at
	if text == "" {
		return
	}
	run := runBefore(r.text[:r.at], len([]rune(text)))
	name, bare := text[:len(text)-len(run)], strings.Trim(run, "-,")
	switch {
	case bare == "" || strings.IndexFunc(bare, func(c rune) bool { return isDigit(c) || isNumeral(c) }) < 0:
		name, bare = text, ""
	case name != "" && r.last != Road:
		// 24小时便利店2 is a name.
		name, bare = text, ""
	}
	r.name(name)
	if bare == "" {
		return
	}
	bare = number(bare)
	switch {
	case isFloor(bare) || strings.HasSuffix(bare, "F"):
		r.add(Floor, floor(bare))
	case r.last == Road || r.last == Lane:
		r.add(Number, bare)
	case r.last == "" || r.last == Town || r.last == Village:
		r.add(Place, bare)
	default:
		r.add(Room, bare)
	}
}

// name keeps a building's name, unless it says only what is near.
func (r *reader) name(text string) {
	text = strings.Trim(text, "-, ")
	for _, near := range []string{"近", "靠近", "临近", "邻近", "对面", "与", "旁"} {
		if strings.HasPrefix(text, near) {
			return
		}
	}
	for _, near := range []string{"旁", "对面", "附近", "交叉口", "路口", "口", "侧", "段"} {
		if strings.HasSuffix(text, near) {
			return
		}
	}
	r.add(Place, arabic(text))
}
