package address

// Component is a part of an address, named as in the glossary of addresses
// (GB/T 23705): from the largest to the smallest.
type Component string

// The components, in their order.
const (
	Province Component = "province" // 省、直辖市
	City     Component = "city"     // 地级市
	County   Component = "county"   // 区、县、县级市
	Zone     Component = "zone"     // 开发区、工业园区: overlaps counties, so it decides nothing
	Town     Component = "town"     // 街道、镇、乡
	Village  Component = "village"  // 村、社区
	Road     Component = "road"     // 路、街、大道、巷
	Lane     Component = "lane"     // 弄, with a number
	Number   Component = "number"   // 门牌号
	Place    Component = "place"    // a named building or estate; names vary, so it decides nothing
	Building Component = "building" // 幢、栋、座、号楼
	Unit     Component = "unit"     // 单元
	Floor    Component = "floor"    // 楼、层
	Room     Component = "room"     // 室、铺
)

// word is how a component is called.
type word struct {
	Component
	ZH, EN string
}

func words() []word {
	return []word{
		{Province, "省级区划", "province"}, {City, "地级市", "city"}, {County, "区县", "county"}, {Zone, "园区", "zone"},
		{Town, "街道乡镇", "town"}, {Village, "村或社区", "village"}, {Road, "道路", "road"}, {Lane, "弄", "lane"},
		{Number, "门牌号", "number"}, {Place, "建筑或小区名", "building's name"}, {Building, "楼栋", "building"},
		{Unit, "单元", "unit"}, {Floor, "楼层", "floor"}, {Room, "室号", "room"},
	}
}

// Components lists them from the largest to the smallest.
func Components() []Component {
	var list []Component
	for _, w := range words() {
		list = append(list, w.Component)
	}
	return list
}

// NameZH returns the Chinese name of the component.
func (c Component) NameZH() string { return c.word().ZH }

// NameEN returns the English name of the component.
func (c Component) NameEN() string { return c.word().EN }

func (c Component) word() word {
	for _, w := range words() {
		if w.Component == c {
			return w
		}
	}
	return word{}
}

// Decides reports whether two values of the component that differ make two
// addresses different.
func (c Component) Decides() bool { return c != Zone && c != Place }
