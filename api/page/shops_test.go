package page

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

// shops is a register with a licence for each thing that a shop's page can show.
// All of it is invented.
type shops struct {
	*world
	site  *Site
	ids   map[string]traceability.LicenceID
	open  time.Time
	plats [2]traceability.PartyID
}

// licenceNo completes the first 15 characters of a licence number.
func licenceNo(tb testing.TB, first15 string) traceability.LicenceID {
	tb.Helper()
	for _, d := range "0123456789" {
		if id := traceability.LicenceID(first15 + string(d)); id.CheckDigitOK() {
			return id
		}
	}
	tb.Fatalf("no check digit fits %s", first15)
	return ""
}

func newShops(tb testing.TB) *shops {
	tb.Helper()
	site, err := New(Options{PublicURL: "https://trace.example"})
	if err != nil {
		tb.Fatal(err)
	}
	s := &shops{world: newWorld(tb), site: site, ids: make(map[string]traceability.LicenceID), open: china("2026-11-22 08:30")}
	for _, province := range traceability.Provinces()[:3] {
		s.say(traceability.Regulator(province), traceability.TypeTimerSet, &traceability.Timer{ID: traceability.TimerVerification, Revision: 1, Trigger: "核验", Act: "再次核验", Actor: "平台",
			Amount: 6, Unit: traceability.Months, Basis: "示例", EffectiveFrom: "2026-01-01"})
	}
	for i, name := range []string{"上海示例外卖平台有限公司", "杭州示例到家科技有限公司"} {
		number := uscc(tb, fmt.Sprintf("91310105MA2XP00%d", i))
		s.plats[i] = s.admit(traceability.Shanghai, traceability.Admission{Party: traceability.PartyID("plat:" + string(number)), Name: name, NameEN: []string{"Example Delivery", "Example At Home"}[i], Division: "310105"})
	}
	s.licences()
	s.listings()
	s.halt("suspended", traceability.LicenceSuspended, "2026-11-20")
	s.halt("revoked", traceability.LicenceRevoked, "2026-11-18")
	s.credits()
	s.failedThere()
	return s
}

// licence is a restaurant's; what it shows beyond that is set by its maker.
func (s *shops) licence(n int, storefront string) traceability.Licence {
	return traceability.Licence{ID: licenceNo(s, fmt.Sprintf("JY2310104000%03d", n)), Holder: traceability.Firm{Name: "上海示例餐饮有限公司", USCC: uscc(s, fmt.Sprintf("91310104MA2XQ%03d", n))},
		Premises: fmt.Sprintf("上海市徐汇区示例路%d号", n), Division: "310104", Storefront: storefront, BusinessType: traceability.BusinessTypeCatering,
		Items:     []traceability.LicenceItem{{Name: "热食类食品制售"}, {Name: "冷食类食品制售", With: "含冷荤类食品"}, {Name: "糕点类食品制售", Without: "不含裱花类糕点"}},
		ValidFrom: "2024-03-01", ValidTo: "2029-02-28", Issuer: "上海市徐汇区市场监督管理局"}
}

func (s *shops) licences() {
	yes, no := true, false
	grant := func(name string, l traceability.Licence) {
		s.ids[name] = l.ID
		s.say(traceability.Regulator(traceability.Shanghai), traceability.TypeLicenceGrant, l)
	}
	verified := s.licence(1, "示例小馆（徐汇店）")
	verified.Camera, verified.DineIn, verified.Grades = &yes, &yes, []traceability.Grade{{Scheme: "food_safety_face", Grade: "excellent", Date: "2026-09-30"}, {Scheme: "annual", Grade: "A", Date: "2026-01-15"}}
	grant("verified", verified)
	delivery := s.licence(2, "示例轻食厨房")
	delivery.Camera, delivery.DineIn = &no, &no
	grant("unverified", delivery)
	grant("mismatch", s.licence(3, "示例面馆"))
	grant("withheld", s.licence(4, "示例快餐"))
	grant("overdue", s.licence(5, "示例粥铺"))
	grant("suspended", s.licence(6, "示例烧烤"))
	grant("revoked", s.licence(7, "示例火锅"))
	expired := s.licence(8, "示例奶茶")
	expired.ValidTo = "2026-10-31"
	grant("expired", expired)
	grant("barred", s.licence(9, "示例大排档"))
	person := s.licence(10, "张三丰")
	person.Holder = traceability.Firm{Name: "张三丰", USCC: uscc(s, "92310104MA2XR010"), Address: "上海市徐汇区示例路 10 号 3 幢 402 室"}
	grant("person", person)
	filing := s.licence(11, "")
	filing.ID, filing.ValidTo, filing.Items, filing.BusinessType = licenceNo(s, "YB1310104000011"), "", []traceability.LicenceItem{{Name: "预包装食品销售"}}, ""
	grant("filing", filing)
	small := s.licence(12, "示例豆浆油条")
	small.ID, small.BusinessType = "small_caterer:310000:沪徐食药小餐饮备[2026]第012号", ""
	grant("small", small)
	s.ids["unknown"], s.ids["forged"] = licenceNo(s, "JY2310104000999"), "JY23101040009990"
	if s.ids["forged"].CheckDigitOK() {
		s.ids["forged"] = "JY23101040009991"
	}
}

// list has a platform declare a shop and put on record what a comparison found.
func (s *shops) list(platform int, licence, when, name string, codes ...traceability.ViolationCode) {
	s.Helper()
	id := s.ids[licence]
	shop := traceability.Shop{ID: traceability.ShopID(fmt.Sprintf("E%d-%s", platform, licence)), Name: name, Address: "上海市徐汇区示例路", Division: "310104",
		Page: "https://delivery.example/shops/" + licence, Licence: id.Number()}
	if licence == "verified" && platform == 0 {
		shop.Address, shop.Grade = "上海市徐汇区示例路1号", "excellent"
	}
	at := china(when)
	ref := fmt.Sprintf("%s-%d", licence, s.number)
	s.say(s.plats[platform], traceability.TypeListingDeclare, traceability.Listing{Ref: ref, At: at, Shops: []traceability.Shop{shop}})
	s.say(s.plats[platform], traceability.TypeVerificationRecord, traceability.Verification{Ref: ref, At: at, Height: s.number - 1,
		Shops: []traceability.VerifiedShop{{ID: shop.ID, Licence: shop.Licence, Verdict: traceability.VerdictOf(codes), Codes: codes}}})
}

func (s *shops) listings() {
	s.at("2026-11-18 10:00")
	incomplete, unlabelled := traceability.ViolationAddressIncomplete, traceability.ViolationNoDineInLabel
	s.list(0, "verified", "2026-11-16 10:20", "示例小馆（徐汇店）")
	s.list(1, "verified", "2026-11-12 15:00", "示例小馆", incomplete, traceability.ViolationNoGrade, traceability.ViolationNameMismatch)
	s.list(0, "mismatch", "2026-11-17 09:00", "隔壁面馆", traceability.ViolationAddressMismatch, traceability.ViolationNameMismatch, incomplete)
	s.list(1, "withheld", "2026-11-17 09:30", "示例快餐", incomplete, traceability.ViolationNoPremises)
	s.list(0, "overdue", "2026-04-02 09:30", "示例粥铺", incomplete)
	for _, name := range []string{"suspended", "revoked", "barred", "person"} {
		s.list(0, name, "2026-11-10 09:30", map[string]string{"person": "张三丰", "suspended": "示例烧烤", "revoked": "示例火锅", "barred": "示例大排档"}[name], incomplete, unlabelled)
	}
}

func (s *shops) halt(name string, change traceability.LicenceChangeKind, from traceability.Date) {
	s.at("2026-11-20 12:00").say(traceability.Regulator(traceability.Shanghai), traceability.TypeLicenceChange,
		traceability.LicenceChange{ID: s.ids[name], Change: change, From: from, Reason: "示例", Basis: "示例"})
}

// holder is the company of a licence, which becomes a party.
func (s *shops) holder(n int) (traceability.USCC, traceability.PartyID) {
	code := s.licence(n, "").Holder.USCC
	return code, s.admit(traceability.Shanghai, traceability.Admission{Party: traceability.PartyID("op:" + string(code)), Name: "上海示例餐饮有限公司", Division: "310104", Stage: traceability.StageCatering})
}

func (s *shops) credits() {
	shanghai := traceability.Regulator(traceability.Shanghai)
	code, party := s.holder(1)
	s.say(party, traceability.TypeCreditEnter, traceability.CreditEnter{Ref: "1", Company: code, Name: "上海示例餐饮有限公司", Kind: traceability.CreditCommitment, Topic: traceability.TopicOpenKitchen, Reason: "营业时间公开后厨画面", From: "2026-10-01"})
	s.say(shanghai, traceability.TypeCreditEnter, traceability.CreditEnter{Ref: "H-1", Company: code, Name: "上海示例餐饮有限公司", Kind: traceability.CreditHonour, Topic: traceability.TopicModelShop, From: "2026-10-01", Expires: "2027-09-30"})
	code = s.licence(9, "").Holder.USCC
	s.say(shanghai, traceability.TypeCreditEnter, traceability.CreditEnter{Ref: "S-1", Company: code, Name: "上海示例餐饮有限公司", Kind: traceability.CreditSerious, Reason: "经营超过保质期的食品，情节严重", Basis: "《市场监督管理严重违法失信名单管理办法》第五条",
		Decision: "沪市监信〔2026〕9号", From: "2026-10-20", Expires: "2029-10-19", Measures: []traceability.CreditMeasure{{Measure: traceability.MeasurePlatformEntry, Basis: "联合惩戒"}}})
}

// failedThere publishes that a sample failed that was taken in the first restaurant.
func (s *shops) failedThere() {
	s.at("2026-11-20 17:05")
	lab := s.admit(traceability.Shanghai, traceability.Admission{Party: "lab:230912340001", Name: "上海示例检验所", NameEN: "Shanghai Example Inspection Institute", Scope: []traceability.Capability{{Parameter: "*", Method: "GB 23200.113-2018"}}})
	l := s.licence(1, "")
	r := traceability.Report{No: "W-2026/1", Revision: 1, Issued: "2026-11-20", TaskName: "市级监督抽检", Task: traceability.TaskSupervision, Verdict: traceability.VerdictFail,
		Sample: traceability.Sample{No: "DBJ26310104301", FoodName: "凉拌生菜", SampledOn: "2026-11-10", SampledUnit: traceability.Firm{Name: l.Holder.Name, USCC: l.Holder.USCC, Address: l.Premises}},
		Items:  []traceability.Item{{Seq: 1, Parameter: "毒死蜱", Unit: "mg/kg", Limit: "≤0.02", Result: "0.11", Verdict: traceability.VerdictFail, Method: "GB 23200.113-2018"}}}
	s.report(lab, r)
	s.publish(traceability.Shanghai, "310104", lab, r)
	s.at("2026-11-22 08:00").say(traceability.Regulator(traceability.Shanghai), traceability.TypePartySuspend, traceability.Suspension{Party: lab, Reason: "示例", On: "2026-11-22"})
}

// shopPages names the pages: a licence each, and two of them a day later.
var shopPages = []string{"verified", "unverified", "mismatch", "withheld", "overdue", "suspended", "revoked", "expired", "barred", "person", "filing", "small", "unknown", "forged", "stale", "stale-revoked"}

// look returns the licence of a page, and when it is looked at.
func (s *shops) look(name string) (traceability.LicenceID, time.Time) {
	switch name {
	case "stale":
		return s.ids["verified"], s.open.Add(26 * time.Hour)
	case "stale-revoked":
		return s.ids["revoked"], s.open.Add(26 * time.Hour)
	}
	return s.ids[name], s.open
}

// every renders every kind of a shop's page, by the name of its golden file.
func (s *shops) every() map[string]Result {
	s.Helper()
	pages := make(map[string]Result)
	for _, name := range shopPages {
		for _, lang := range []Lang{LangZH, LangEN} {
			id, at := s.look(name)
			r, err := s.site.Shop(s.Context(), s.store, lang, id, at)
			if err != nil {
				s.Fatalf("%s: %v", name, err)
			}
			pages["shop-"+name+"."+string(lang)+".html"] = r
		}
	}
	return pages
}

// TestShop holds what a consumer is told first of each kind of licence, and what not.
func TestShop(t *testing.T) {
	t.Parallel()
	pages := newShops(t).every()
	cases := map[string]struct {
		state    state
		says     []string
		saysNot  []string
		notFound bool
	}{
		"verified": {statePass, []string{"<strong>有效</strong>", "</svg>相符</span>", "上海示例外卖平台有限公司已于 2026-11-16 10:20", "优秀（大笑脸）", "有堂食", "后厨可以看到", "明厨亮灶", "示范店", "凉拌生菜", "毒死蜱",
			`href="https://delivery.example/shops/verified"`, "2027-05-16", "热食类食品制售"}, []string{"未核验", "不符</span>", "请不要"}, false},
		"unverified":    {stateNone, []string{"有效 · 未核验", "无堂食", "没有网络平台的核验记录"}, []string{"请不要"}, false},
		"mismatch":      {stateProblem, []string{"有效 · 未核验", "隔壁面馆", "</svg>不符</span>", "地址与许可证的经营场所不同"}, nil, false},
		"withheld":      {stateNone, []string{"有效 · 未核验", "示例快餐"}, []string{"无实体店", "NO_PREMISES", "不符</span>"}, false},
		"overdue":       {stateNone, []string{"有效 · 未核验", "逾期未核验"}, nil, false},
		"suspended":     {stateFail, []string{"已被责令停业", "自 2026-11-20 起", "请不要在这里下单"}, []string{"<strong>有效"}, false},
		"revoked":       {stateFail, []string{"已被吊销或撤销", "自 2026-11-18 起", "当时相符"}, []string{"<strong>有效", "</svg>相符"}, false},
		"expired":       {stateFail, []string{"已过期", "2026-10-31"}, []string{"自 20"}, false},
		"barred":        {stateProblem, []string{"限制入网经营", "严重违法失信名单", "沪市监信〔2026〕9号", "至 2029-10-19"}, nil, false},
		"person":        {statePass, []string{"张＊丰", "示例路10号"}, []string{"张三丰"}, false},
		"filing":        {stateNone, []string{"长期", "预包装食品销售"}, nil, false},
		"small":         {stateNone, []string{"沪徐食药小餐饮备[2026]第012号"}, nil, false},
		"stale":         {stateProblem, []string{"<strong>未核验</strong>", "2026-11-22 08:00", "已超过一天"}, []string{"<strong>有效"}, false},
		"stale-revoked": {stateFail, []string{"已被吊销或撤销", "已超过一天"}, nil, false},
		"unknown":       {"", []string{"登记库里没有这张许可证"}, []string{"校验位"}, true},
		"forged":        {"", []string{"登记库里没有这张许可证", "校验位不符"}, nil, true},
	}
	for _, name := range shopPages {
		c, ok := cases[name]
		if !ok {
			t.Errorf("%s is not looked at", name)
		}
		r := pages["shop-"+name+".zh.html"]
		page := string(r.Body)
		if want := map[bool]int{true: http.StatusNotFound, false: http.StatusOK}[c.notFound]; r.Status != want {
			t.Errorf("%s: status %d", name, r.Status)
		}
		if c.state != "" && !strings.Contains(page, `<section class="verdict `+string(c.state)+`"`) {
			t.Errorf("%s is not %s", name, c.state)
		}
		for _, word := range c.says {
			if !strings.Contains(page, word) {
				t.Errorf("%s does not say %s", name, word)
			}
		}
		for _, word := range c.saysNot {
			if strings.Contains(page, word) {
				t.Errorf("%s says %s", name, word)
			}
		}
	}
}

// TestMisusedNumber holds that shops that misuse a licence's number do not hide the one
// that it belongs to, however many there are and however lately they were compared.
func TestMisusedNumber(t *testing.T) {
	t.Parallel()
	s := newShops(t)
	s.at("2026-11-22 08:05")
	var listing traceability.Listing
	var record traceability.Verification
	for n := range 2 * comparedOnShop {
		id := traceability.ShopID(fmt.Sprintf("X%d", n))
		listing.Shops = append(listing.Shops, traceability.Shop{ID: id, Name: "别处的店", Address: "上海市徐汇区别处路9号", Division: "310104", Licence: s.ids["verified"].Number()})
		codes := []traceability.ViolationCode{traceability.ViolationAddressMismatch, traceability.ViolationNameMismatch, traceability.ViolationNoGrade, traceability.ViolationBorrowed}
		record.Shops = append(record.Shops, traceability.VerifiedShop{ID: id, Licence: s.ids["verified"].Number(), Verdict: traceability.VerdictOf(codes), Codes: codes})
	}
	listing.Ref, listing.At, record.Ref, record.At, record.Height = "many", s.now, "many", s.now, 1
	s.say(s.plats[1], traceability.TypeListingDeclare, listing)
	s.say(s.plats[1], traceability.TypeVerificationRecord, record)
	r, err := s.site.Shop(t.Context(), s.store, LangZH, s.ids["verified"], s.open)
	if err != nil {
		t.Fatal(err)
	}
	page := string(r.Body)
	for _, want := range []string{`class="verdict pass"`, "上海示例外卖平台有限公司已于 2026-11-16 10:20", "示例小馆（徐汇店）</b>", "有网店展示的信息与这张许可证不符", fmt.Sprintf("还有 %d 家网店", comparedOnShop+2)} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if got := strings.Count(page, "compared-head"); got != comparedOnShop {
		t.Errorf("%d shops are listed", got)
	}
}

// TestViolationWords holds that a finding of any code has words in both languages.
func TestViolationWords(t *testing.T) {
	t.Parallel()
	for _, info := range traceability.ViolationTable() {
		for _, lang := range []Lang{LangZH, LangEN} {
			if word := violationWord(lang, info.Code); word == "" || strings.Contains(word, string(info.Code)) {
				t.Errorf("%s in %s: %q", info.Code, lang, word)
			}
		}
	}
}
