package verification

import (
	"slices"
	"strings"

	"deltatrace/traceability"
)

// labels compares what the page must show beside the licence: the grade, 无堂食
// (SAMR Order 123, article 12) and 明厨亮灶 (article 13). What the register does not
// know is not judged.
func (v *verifier) labels() {
	if grades := v.Licence.Grades; len(grades) > 0 && !slices.ContainsFunc(grades, func(g traceability.Grade) bool { return sameGrade(v.Shop.Grade, g.Grade) }) {
		var words []string
		for _, g := range grades {
			words = append(words, g.Grade)
		}
		zh, en := "页面未公示量化等级", "the page does not show the grade"
		if v.Shop.Grade != "" {
			zh, en = "页面公示的量化等级与登记不符", "the page shows another grade than the register has"
		}
		v.find(traceability.ViolationNoGrade, v.Shop.Grade, strings.Join(words, ", "), zh, en)
	}
	if is(v.Licence.DineIn, false) && !is(v.Shop.NoDineIn, true) {
		v.find(traceability.ViolationNoDineInLabel, stated(v.Shop.NoDineIn), "no_dine_in", "无堂食店铺未标注“无堂食”", "the shop has no dine-in and is not labelled so")
	}
	if is(v.Shop.Camera, true) && is(v.Licence.Camera, false) {
		v.find(traceability.ViolationCameraFalse, "kitchen_camera", "none", "页面标注有明厨亮灶，登记为无", "the page claims an open kitchen; the register says that there is none")
	}
}

func is(known *bool, value bool) bool { return known != nil && *known == value }

func stated(label *bool) string {
	if label == nil {
		return "not stated"
	}
	return "none"
}

// sameGrade reports whether two words are one grade. Provinces word it as a face, a
// letter or a colour; a word that is in no row is compared as it is.
func sameGrade(shown, registered string) bool {
	a, b := strings.ToLower(traceability.Fold(shown)), strings.ToLower(traceability.Fold(registered))
	if a == b {
		return a != ""
	}
	for _, row := range [][]string{
		{"excellent", "大笑", "大笑脸", "优秀", "a", "a级", "绿", "绿脸"},
		{"good", "微笑", "微笑脸", "良好", "b", "b级", "黄", "黄脸"},
		{"fair", "平脸", "一般", "c", "c级", "红", "红脸"},
	} {
		if slices.Contains(row, a) && slices.Contains(row, b) {
			return true
		}
	}
	return false
}
