package verification_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/verification"
)

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// licence is a caterer's in 徐汇区 with a sign, a grade, no dine-in and no camera.
func licence() *traceability.Licence {
	return &traceability.Licence{
		ID: "JY23101040000019", Holder: traceability.Firm{Name: "上海老张餐饮管理有限公司", USCC: "91310101MA1FPX121X"},
		Premises: "上海市徐汇区漕溪北路1号3楼", Division: "310104", Storefront: "老张面馆", BusinessType: traceability.BusinessTypeCatering,
		Items:     []traceability.LicenceItem{{Name: "热食类食品制售"}, {Name: "冷食类食品制售", With: "含冷荤"}, {Name: "糕点类食品制售", Without: "不含裱花类糕点"}},
		ValidFrom: "2024-01-01", ValidTo: "2028-12-31", Camera: no(), DineIn: no(),
		Grades: []traceability.Grade{{Scheme: "food_safety_face", Grade: "excellent", Date: "2026-05-01"}},
	}
}

// shop is one that shows it as it must.
func shop() *traceability.Shop {
	return &traceability.Shop{
		ID: "E1", Name: "老张面馆（徐家汇店）", Address: "徐汇区漕溪北路一号三楼", Licence: "JY23101040000019", Holder: "上海老张餐饮管理有限公司",
		Items: []string{"热食", "冷荤"}, NoDineIn: yes(), Camera: no(), Grade: "大笑",
	}
}

// barred is an entry that keeps the holder off Shanghai's platforms from a day.
func barred(from traceability.Date) traceability.Credit {
	return traceability.Credit{ID: traceability.NewCreditID("91310101MA1FPX121X", "reg:330000", "YZ-1"), By: "reg:330000", Kind: traceability.CreditSerious,
		Basis: "示例条例", Decision: "示例〔2026〕1号", From: from, Expires: "2029-10-31",
		Measures: []traceability.CreditMeasure{{Measure: traceability.MeasurePlatformEntry, Provinces: []traceability.ProvinceCode{traceability.Shanghai}}},
		Changes:  []traceability.CreditChange{{At: time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC), Progress: traceability.CreditInForce}}}
}

// TestRestricted holds that the finding says which entry, by what, and until when.
func TestRestricted(t *testing.T) {
	t.Parallel()
	endless, c := barred("2026-11-01"), &verification.Case{Shop: shop(), Day: "2026-11-23", Licence: licence(), Status: traceability.LicenceValid}
	endless.ID, endless.Expires, endless.Decision = traceability.NewCreditID("91310101MA1FPX121X", "reg:310000", "YZ-2"), "", "示例〔2026〕2号"
	const one, other = "91310101MA1FPX121X/reg:330000/YZ-1", "91310101MA1FPX121X/reg:310000/YZ-2"
	for _, tc := range []struct {
		credits []traceability.Credit
		found   string
		zh, en  string
	}{
		{[]traceability.Credit{barred("2026-11-01")}, one, "经营者被联合惩戒，限制在上海市入网经营（示例〔2026〕1号，依据：示例条例，至 2029-10-31 止）",
			"a joint measure keeps the holder off platforms in Shanghai (示例〔2026〕1号, by 示例条例, until 2029-10-31)"},
		{[]traceability.Credit{barred("2026-11-01"), endless}, other + ", " + one, "经营者被联合惩戒，限制在上海市入网经营（示例〔2026〕2号，依据：示例条例，无截止日期；另有 1 条记录）",
			"a joint measure keeps the holder off platforms in Shanghai (示例〔2026〕2号, by 示例条例, without an end; and by other entries: 1)"},
	} {
		c.Bars = verification.BarsOf(tc.credits, c.Licence, c.Day)
		want := []verification.Finding{{Code: "RESTRICTED", Severity: "refuse", Found: tc.found, Expected: "a holder that no joint measure keeps off platforms in Shanghai", ZH: tc.zh, EN: tc.en}}
		if diff := cmp.Diff(want, verification.Verify(c).Findings); diff != "" {
			t.Error(diff)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		change  func(*verification.Case)
		verdict traceability.LicenceVerdict
		codes   string
	}{
		"as it must be":      {func(*verification.Case) {}, "valid", ""},
		"nothing shown":      {func(c *verification.Case) { c.Shop.Licence, c.Licence = "", nil }, "invalid", "NOT_SHOWN"},
		"no number":          {func(c *verification.Case) { c.Shop.Licence, c.Licence = "JY2310104000001", nil }, "invalid", "FORGED"},
		"wrong check digit":  {func(c *verification.Case) { c.Shop.Licence, c.Licence = "JY23101040000018", nil }, "invalid", "FORGED"},
		"digit wrong in use": {func(c *verification.Case) { c.Shop.Licence, c.Licence.ID = "JY23101040000018", "JY23101040000018" }, "valid", ""},
		"not registered":     {func(c *verification.Case) { c.Licence = nil }, "invalid", "NO_LICENCE"},
		"of Beijing":         {func(c *verification.Case) { c.Shop.Licence, c.Licence = "JY21101080000014", nil }, "unverified", "NOT_COVERED"},
		"a registration":     {func(c *verification.Case) { c.Shop.Licence, c.Licence = "XCY33010600123", nil }, "invalid", "NO_LICENCE"},
		"another's":          {func(c *verification.Case) { c.Shop.Holder = "上海小李餐饮管理有限公司" }, "invalid", "BORROWED"},
		"somewhere else": {func(c *verification.Case) {
			c.Shop.Holder, c.Shop.Name, c.Shop.Address = "", "深夜食堂", "徐汇区漕溪南路1号"
		}, "invalid", "ADDRESS_MISMATCH NAME_MISMATCH BORROWED"},
		"a branch's": {func(c *verification.Case) {
			c.Shop.Holder = "上海老张餐饮管理有限责任公司徐汇分公司"
		}, "valid", ""},
		"too early": {func(c *verification.Case) { c.Status = traceability.LicenceNotYet }, "invalid", "NOT_YET_VALID"},
		"expired":   {func(c *verification.Case) { c.Status = traceability.LicenceExpired }, "invalid", "EXPIRED"},
		"suspended": {func(c *verification.Case) { c.Status = traceability.LicenceHalted }, "invalid", "SUSPENDED"},
		"revoked":   {func(c *verification.Case) { c.Status = traceability.LicenceStruck }, "invalid", "REVOKED"},
		"cancelled": {func(c *verification.Case) { c.Status = traceability.LicenceSurrender }, "invalid", "REVOKED"},
		"kept off platforms": {func(c *verification.Case) {
			c.Bars = verification.BarsOf([]traceability.Credit{barred("2026-11-01")}, c.Licence, c.Day)
		}, "invalid", "RESTRICTED"},
		"kept off from tomorrow": {func(c *verification.Case) {
			c.Bars = verification.BarsOf([]traceability.Credit{barred("2026-11-24")}, c.Licence, c.Day)
		}, "valid", ""},
		"kept off elsewhere": {func(c *verification.Case) {
			c.Licence.ID = "JY23301060000019"
			c.Bars = verification.BarsOf([]traceability.Credit{barred("2026-11-01")}, c.Licence, c.Day)
		}, "valid", ""},
		"raw fish":        {func(c *verification.Case) { c.Shop.Items = []string{"生食类"} }, "invalid", "OUT_OF_SCOPE"},
		"cakes":           {func(c *verification.Case) { c.Shop.Items = []string{"糕点类食品制售"} }, "valid", ""},
		"decorated cakes": {func(c *verification.Case) { c.Shop.Items = []string{"裱花蛋糕"} }, "invalid", "OUT_OF_SCOPE"},
		"decorated included": {func(c *verification.Case) {
			c.Shop.Items, c.Licence.Items = []string{"裱花"}, []traceability.LicenceItem{{Name: "糕点类食品制售"}}
		}, "valid", ""},
		"another road":   {func(c *verification.Case) { c.Shop.Address = "徐汇区漕溪南路1号" }, "invalid", "ADDRESS_MISMATCH"},
		"no number said": {func(c *verification.Case) { c.Shop.Address = "上海市徐汇区漕溪北路" }, "valid", "ADDRESS_INCOMPLETE"},
		"no address":     {func(c *verification.Case) { c.Shop.Address = "" }, "valid", "ADDRESS_INCOMPLETE"},
		"no floor":       {func(c *verification.Case) { c.Shop.Address = "上海市徐汇区漕溪北路1号" }, "valid", ""},
		"another name":   {func(c *verification.Case) { c.Shop.Name = "深夜食堂" }, "valid", "NAME_MISMATCH"},
		"no grade":       {func(c *verification.Case) { c.Shop.Grade = "" }, "valid", "NO_GRADE"},
		"another grade":  {func(c *verification.Case) { c.Shop.Grade = "微笑" }, "valid", "NO_GRADE"},
		"no label":       {func(c *verification.Case) { c.Shop.NoDineIn = nil }, "valid", "NO_DINEIN_LABEL"},
		"false camera":   {func(c *verification.Case) { c.Shop.Camera = yes() }, "valid", "CAMERA_FALSE"},
		"unknown labels": {func(c *verification.Case) {
			c.Shop.Camera, c.Shop.NoDineIn, c.Shop.Grade = yes(), nil, ""
			c.Licence.Camera, c.Licence.DineIn, c.Licence.Grades = nil, nil, nil
		}, "valid", ""},
		"three shops at two addresses": {func(c *verification.Case) {
			c.Others = []verification.Use{{Address: "徐汇区漕溪北路1号3楼"}, {Address: "上海市黄浦区南京东路100号"}, {Address: "黄浦区南京东路一百号"}}
		}, "valid", "DUPLICATE_USE"},
		"two platforms":  {func(c *verification.Case) { c.Others = []verification.Use{{Address: "徐汇区漕溪北路1号"}} }, "valid", ""},
		"never verified": {func(c *verification.Case) { c.Duty = &verification.Duty{Now: now} }, "valid", "STALE"},
		"verified": {func(c *verification.Case) {
			c.Duty = &verification.Duty{Verified: now.AddDate(0, -5, 0), Due: now.AddDate(0, 1, 0), Now: now}
		}, "valid", ""},
		"verified too long": {func(c *verification.Case) {
			c.Duty = &verification.Duty{Verified: now.AddDate(0, -7, 0), Due: now.AddDate(0, -1, 0), Now: now}
		}, "valid", "STALE"},
		"everything": {func(c *verification.Case) {
			c.Status = traceability.LicenceExpired
			c.Shop.Holder, c.Shop.Name, c.Shop.Address, c.Shop.Items = "某某", "深夜食堂", "徐汇区漕溪南路1号", []string{"生食"}
			c.Shop.Grade, c.Shop.NoDineIn, c.Shop.Camera = "", no(), yes()
		}, "invalid", "EXPIRED OUT_OF_SCOPE ADDRESS_MISMATCH NAME_MISMATCH BORROWED NO_GRADE NO_DINEIN_LABEL CAMERA_FALSE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &verification.Case{Shop: shop(), Day: "2026-11-23", Licence: licence(), Status: traceability.LicenceValid}
			tc.change(c)
			answer := verification.Verify(c)
			var codes []string
			for _, f := range answer.Findings {
				codes = append(codes, string(f.Code))
				if f.ZH == "" || f.EN == "" || f.Severity == "" {
					t.Errorf("%+v says too little", f)
				}
			}
			if got := strings.Join(codes, " "); got != tc.codes || answer.Verdict != tc.verdict {
				t.Errorf("%s %q, want %s %q", answer.Verdict, got, tc.verdict, tc.codes)
			}
			if again := verification.Verify(c); !slices.Equal(again.Codes(), answer.Codes()) {
				t.Error("another answer the second time")
			}
		})
	}
}

// TestDuplicateUse holds that the others are counted and not named.
func TestDuplicateUse(t *testing.T) {
	t.Parallel()
	answer := verification.Verify(&verification.Case{Shop: shop(), Day: "2026-11-23", Licence: licence(), Status: traceability.LicenceValid,
		Others: []verification.Use{{Address: "上海市黄浦区南京东路100号"}, {Address: "黄浦区南京东路一百号"}}})
	want := []verification.Finding{{Code: "DUPLICATE_USE", Severity: "mend", Found: "2 other listings at 1 other addresses", Expected: "one licence at its premises",
		ZH: "另有 2 家店铺在 1 处其他地址使用同一许可证", EN: "2 other listings at 1 other addresses show the same licence"}}
	if diff := cmp.Diff(want, answer.Findings); diff != "" {
		t.Error(diff)
	}
}

// TestDuplicateUseTellsNoRival holds that another platform's honest shops cannot be
// found out by asking, whatever address one asks with, and its others only from the
// premises.
func TestDuplicateUseTellsNoRival(t *testing.T) {
	t.Parallel()
	const premises, elsewhere = "徐汇区漕溪北路1号3楼", "上海市黄浦区南京东路100号"
	for name, tc := range map[string]struct {
		asked, other string
		foreign      bool
		told         bool
	}{
		"an honest one, from elsewhere":       {elsewhere, premises, true, false},
		"an honest one, from another floor":   {"徐汇区漕溪北路1号4楼", premises, true, false},
		"an honest one, from no address":      {"", premises, true, false},
		"an honest one, which says less":      {premises, "徐汇区漕溪北路1号", true, false},
		"another, from elsewhere":             {"徐汇区漕溪南路1号", elsewhere, true, false},
		"another, from the premises":          {premises, elsewhere, true, true},
		"one's own, from elsewhere":           {elsewhere, premises, false, true},
		"one's own elsewhere, from elsewhere": {"徐汇区漕溪南路1号", elsewhere, false, true},
	} {
		c := &verification.Case{Shop: shop(), Day: "2026-11-23", Licence: licence(), Status: traceability.LicenceValid, Others: []verification.Use{{Address: tc.other, Foreign: tc.foreign}}}
		c.Shop.Address = tc.asked
		answer := verification.Verify(c)
		if got := slices.Contains(answer.Codes(), traceability.ViolationDuplicateUse); got != tc.told {
			t.Errorf("%s: told %v", name, got)
		}
	}
	c := &verification.Case{Shop: shop(), Day: "2026-11-23", Licence: licence(), Status: traceability.LicenceValid, Others: []verification.Use{{Address: "徐汇区漕溪北路1号2楼", Foreign: true}}}
	c.Licence.Premises, c.Shop.Address = "上海市徐汇区漕溪北路1号", "徐汇区漕溪北路1号3楼"
	if answer := verification.Verify(c); slices.Contains(answer.Codes(), traceability.ViolationDuplicateUse) {
		t.Errorf("premises that leave out the floor give away who is on another: %+v", answer.Findings)
	}
}

// TestShown holds that a reader is told no other name than it may see.
func TestShown(t *testing.T) {
	t.Parallel()
	shown, l, s := licence(), licence(), shop()
	shown.Holder.Name, l.Holder.Name, l.Storefront = "王＊明", "王小明", ""
	s.Holder, s.Name = "李四", "李记"
	answer := verification.Verify(&verification.Case{Shop: s, Day: "2026-11-23", Licence: l, Shown: shown, Status: traceability.LicenceValid})
	for _, f := range answer.Findings {
		if strings.Contains(f.Found+f.Expected+f.ZH+f.EN, "小") {
			t.Errorf("tells %+v", f)
		}
	}
	if len(answer.Findings) != 2 {
		t.Errorf("%+v", answer.Findings)
	}
}

// TestNames are pairs of what a page, a sign and a licence say.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		page, storefront, holder string
		fits                     bool
	}{
		{"老张面馆", "老张面馆", "上海某某有限公司", true},
		{"老张 面馆", "老张面馆", "", true},
		{"老张面馆(徐家汇店)", "老张面馆", "", true},
		{"老张面馆·徐家汇店", "老张面馆", "", true},
		{"老张面馆徐家汇店", "老张面馆（漕溪路店）", "", false},
		{"老张面馆（徐家汇店）", "老张面馆（漕溪路店）", "", true},
		{"老张面馆", "老张面馆徐汇分店", "", true},
		{"老张面馆", "小李面馆", "小李餐饮有限公司", false},
		{"ＫＦＣ宅急送", "", "百胜餐饮（上海）有限公司", false},
		{"百胜宅急送", "", "上海百胜餐饮有限公司", true},
		{"老张家常菜", "", "上海市徐汇区老张餐饮服务有限公司徐汇分公司", true},
		{"西湖饭店", "", "杭州西湖饭店有限公司", true},
		{"上海小吃", "", "上海餐饮有限公司", false},
		{"王记", "", "南京市鼓楼区王记小吃店（个体工商户）", true},
		{"面馆", "", "面馆", true},
	} {
		c := &verification.Case{Shop: shop(), Day: "2026-11-23", Licence: licence(), Status: traceability.LicenceValid}
		c.Shop.Name, c.Shop.Holder, c.Licence.Storefront, c.Licence.Holder.Name = tc.page, "", tc.storefront, tc.holder
		answer := verification.Verify(c)
		if fits := !slices.Contains(answer.Codes(), traceability.ViolationNameMismatch); fits != tc.fits {
			t.Errorf("%s for %s / %s: fits %t, want %t", tc.page, tc.storefront, tc.holder, fits, tc.fits)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("老张面馆", "漕溪北路1号", "JY23101040000019", "上海老张餐饮管理有限公司", "裱花")
	f.Add("", "", "", "", "")
	f.Fuzz(func(t *testing.T, name, addr, number, holder, item string) {
		s := shop()
		s.Name, s.Address, s.Licence, s.Holder, s.Items = name, addr, number, holder, []string{item}
		for _, l := range []*traceability.Licence{licence(), nil} {
			answer := verification.Verify(&verification.Case{Shop: s, Day: "2026-11-23", Licence: l, Status: traceability.LicenceValid, Others: []verification.Use{{Address: holder}}})
			if answer.Verdict != traceability.VerdictOf(answer.Codes()) {
				t.Errorf("%+v", answer)
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	c := &verification.Case{Shop: shop(), Day: "2026-11-23", Licence: licence(), Status: traceability.LicenceValid}
	for b.Loop() {
		verification.Verify(c)
	}
}
