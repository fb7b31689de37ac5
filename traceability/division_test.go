package traceability

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDivisionName(t *testing.T) {
	t.Parallel()
	for code, want := range map[DivisionCode]string{
		"330106": "浙江省杭州市西湖区",
		"320583": "江苏省苏州市昆山市",
		"320500": "江苏省苏州市",
		"310104": "上海市徐汇区",
		"340000": "安徽省",
		"310108": "上海市",        // 闸北区, abolished
		"341400": "安徽省",        // 巢湖, abolished
		"320611": "江苏省南通市",     // 港闸区, abolished
		"110101": "",           // outside the four
		"":       "", "33": "", // not codes
	} {
		if got := DivisionName(code); got != want {
			t.Errorf("DivisionName(%q) = %q, want %q", code, got, want)
		}
	}
}

func TestDivisionTable(t *testing.T) {
	t.Parallel()
	counties := map[ProvinceCode]int{}
	for code, d := range divisions() {
		if _, err := ParseDivisionCode(string(code)); err != nil {
			t.Errorf("row %q: %v", code, err)
		}
		if d.parent != "" && !d.parent.Listed() {
			t.Errorf("row %q: parent %q is not listed", code, d.parent)
		}
		if (d.parent == "") != ProvinceCode(code).Valid() {
			t.Errorf("row %q: only a province has no parent", code)
		}
		if code[4:] != "00" && d.official {
			counties[code.Province()]++
		}
	}
	// the official totals of counties and districts
	want := map[ProvinceCode]int{Shanghai: 16, Jiangsu: 95, Zhejiang: 90, Anhui: 104}
	if diff := cmp.Diff(want, counties); diff != "" {
		t.Errorf("counties, -want +got:\n%s", diff)
	}
}

func TestDivisionCode(t *testing.T) {
	t.Parallel()
	park := DivisionCode("320576")
	if park.Name() != "苏州工业园区" || !park.Listed() || park.Official() || park.Parent() != "320500" {
		t.Errorf("320576: %q, listed %t, official %t, parent %q", park.Name(), park.Listed(), park.Official(), park.Parent())
	}
	abolished := DivisionCode("310108")
	if abolished.Listed() || abolished.Province() != Shanghai {
		t.Errorf("310108: listed %t, province %q; want false, 310000", abolished.Listed(), abolished.Province())
	}
	if p := DivisionCode("110101").Province(); p != "" {
		t.Errorf("110101 lies in %q, want none of the four", p)
	}
	for _, in := range []string{"", "33010", "3301066", "33O106"} {
		_, err := ParseDivisionCode(in)
		wantInvalid(t, in, err)
	}
}

func TestProvinces(t *testing.T) {
	t.Parallel()
	var got [][3]string
	for _, p := range Provinces() {
		if parsed, err := ParseProvinceCode(p.String()); err != nil || parsed != p || !p.Valid() {
			t.Errorf("ParseProvinceCode(%q) = %q, %v; valid %t", p, parsed, err, p.Valid())
		}
		got = append(got, [3]string{p.String(), p.NameZH(), p.NameEN()})
	}
	want := [][3]string{
		{"310000", "上海市", "Shanghai"},
		{"320000", "江苏省", "Jiangsu"},
		{"330000", "浙江省", "Zhejiang"},
		{"340000", "安徽省", "Anhui"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("provinces, -want +got:\n%s", diff)
	}
	for _, in := range []string{"", "110000", "350000", "310100", "31"} {
		_, err := ParseProvinceCode(in)
		wantInvalid(t, in, err)
		if p := ProvinceCode(in); p.Valid() || p.NameZH() != "" || p.NameEN() != "" {
			t.Errorf("%q is taken for a member", in)
		}
	}
}

func FuzzParseDivisionCode(f *testing.F) {
	fuzzIdentifier(f, ParseDivisionCode, func(t *testing.T, c DivisionCode) {
		if (DivisionName(c) != "") != (c.Province() != "") {
			t.Errorf("%q: name %q, province %q", c, DivisionName(c), c.Province())
		}
	}, "330106", "３３０１０６", "310108")
}
