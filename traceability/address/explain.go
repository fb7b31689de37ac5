package address

import "strings"

// Explain says in Chinese and English how two addresses compare, where a and b are
// called so: 页面 and 许可证, the page and the licence. It names clashes first, and
// nothing when the addresses are the same.
func (c Comparison) Explain(a, b Name) (zh, en string) {
	var chinese, english []string
	for _, clash := range []bool{true, false} {
		for _, d := range c.Differences {
			if d.Clash != clash {
				continue
			}
			z, e := d.explain(a, b)
			chinese, english = append(chinese, z), append(english, e)
		}
	}
	return strings.Join(chinese, "；"), strings.Join(english, "; ")
}

// Name is how one of two addresses is called.
type Name struct{ ZH, EN string }

func (d Difference) explain(a, b Name) (zh, en string) {
	switch {
	case d.A == "":
		return a.ZH + "未写" + d.Component.NameZH() + "（" + b.ZH + "为" + d.B + "）", a.EN + " states no " + d.Component.NameEN() + " (" + b.EN + ": " + d.B + ")"
	case d.B == "":
		return b.ZH + "未写" + d.Component.NameZH() + "（" + a.ZH + "为" + d.A + "）", b.EN + " states no " + d.Component.NameEN() + " (" + a.EN + ": " + d.A + ")"
	case d.Clash:
		return d.Component.NameZH() + "不同：" + a.ZH + "为" + d.A + "，" + b.ZH + "为" + d.B, "another " + d.Component.NameEN() + ": " + a.EN + " has " + d.A + ", " + b.EN + " has " + d.B
	}
	return d.Component.NameZH() + "写法不同而不矛盾：" + a.ZH + "为" + d.A + "，" + b.ZH + "为" + d.B, "the " + d.Component.NameEN() + " is written otherwise, without contradiction: " + a.EN + " has " + d.A + ", " + b.EN + " has " + d.B
}
