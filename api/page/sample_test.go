package page

import (
	"fmt"
	"testing"

	"deltatrace/traceability"
)

// sample is a set of records with a lot for each thing that a page can show.
// All of it is invented.
type sample struct {
	*world
	site *Site

	passed, failed, none, long, corrected, suspended, wide, odd traceability.LotID
	counterfeit, withdrawn, overturned                          traceability.LotID
	recalled, downstream, unrecalled                            traceability.LotID
	notices                                                     map[string]traceability.NoticeID // by the name of its lot
}

// lots names the lots for table tests.
func (s *sample) lots() map[string]traceability.LotID {
	return map[string]traceability.LotID{"passed": s.passed, "failed": s.failed, "none": s.none, "long": s.long,
		"corrected": s.corrected, "suspended": s.suspended, "wide": s.wide, "odd": s.odd,
		"counterfeit": s.counterfeit, "withdrawn": s.withdrawn, "overturned": s.overturned,
		"recalled": s.recalled, "downstream": s.downstream, "unrecalled": s.unrecalled}
}

func newSample(tb testing.TB) *sample {
	tb.Helper()
	site, err := New(Options{PublicURL: "https://trace.example"})
	if err != nil {
		tb.Fatal(err)
	}
	s := &sample{world: newWorld(tb), site: site}
	operator := func(province traceability.ProvinceCode, code, name, en string, stage traceability.Stage) (traceability.PartyID, traceability.Firm) {
		number := uscc(tb, code)
		a := traceability.Admission{Party: traceability.PartyID("op:" + string(number)), Name: name, NameEN: en, Division: number.Division(), Stage: stage}
		return s.admit(province, a), traceability.Firm{Name: name, NameEN: en, USCC: number}
	}
	beans, beansFirm := operator(traceability.Anhui, "93340621MA2XA001", "濉溪县示例大豆种植专业合作社", "", traceability.StageFarm)
	pepper, pepperFirm := operator(traceability.Jiangsu, "93320322MA2XB002", "沛县示例蔬菜种植专业合作社", "", traceability.StageFarm)
	tofu, tofuFirm := operator(traceability.Jiangsu, "91320412MA2XC003", "常州示例豆制品有限公司", "Changzhou Example Bean Products", traceability.StageProduction)
	maker, makerFirm := operator(traceability.Zhejiang, "91330110MA2XD004", "杭州示例食品有限公司", "Hangzhou Example Foods", traceability.StageProduction)
	dealer, _ := operator(traceability.Shanghai, "91310118MA2XE005", "上海示例食品配送有限公司", "Shanghai Example Delivery", traceability.StageDistribution)
	shop, _ := operator(traceability.Shanghai, "91310104MA2XF006", "上海示例餐饮管理有限公司徐汇店", "Example Kitchen, Xuhui", traceability.StageCatering)
	closed, closedFirm := operator(traceability.Zhejiang, "91330402MA2XG007", "嘉兴示例酱菜有限公司", "Jiaxing Example Pickles", traceability.StageProduction)
	lab := s.admit(traceability.Zhejiang, traceability.Admission{Party: "lab:231112340002", Name: "浙江示例检测技术有限公司", NameEN: "Zhejiang Example Testing",
		Scope: []traceability.Capability{{Parameter: "*", Method: "GB 23200.113-2018"}, {Parameter: "*", Method: "GB 5009.28-2016"}, {Parameter: "*", Method: "GB 5009.22-2016"},
			{Parameter: "*", Method: "GB 4789.2-2022"}, {Parameter: "*", Method: "GB 4789.3-2016"}, {Parameter: "*", Method: "GB 5009.168-2016"}, {Parameter: "*", Method: "GB 5009.12-2023"}}})
	other := s.admit(traceability.Shanghai, traceability.Admission{Party: "lab:230912340001", Name: "上海示例检验所", NameEN: "Shanghai Example Inspection Institute",
		Scope: []traceability.Capability{{Parameter: "*", Method: "GB 5009.12-2023"}, {Parameter: "*", Method: "GB 23200.113-2018"}}})

	produce := func(firm traceability.Firm, code, batch string) traceability.LotID {
		id, err := traceability.ProduceLot(firm.USCC, code, batch)
		if err != nil {
			tb.Fatal(err)
		}
		return id
	}
	packaged := func(first13, batch string) traceability.LotID {
		id, err := traceability.GTINLot(gtin(tb, first13), batch)
		if err != nil {
			tb.Fatal(err)
		}
		return id
	}

	// 1. A packaged product with the whole way: two farms, two factories, a
	// dealer, a kitchen.
	soy := s.at("2026-10-12 16:20").lot(beans, traceability.Lot{ID: produce(beansFirm, "SOY", "20261012-3"), Product: "黄豆", ProductEN: "Soybeans", Category: "豆类",
		Unit: "KGM", Date: "2026-10-12", DateKind: traceability.DateHarvest, Producer: beansFirm, Origin: traceability.Place{Division: "340621", Name: "临涣镇三号田"}})
	s.event(beans, traceability.Event{Ref: "H-1012-3", Type: traceability.EventCommission, Place: traceability.Place{Division: "340621", Name: "临涣镇三号田"}, Process: "收割、晾晒", Outputs: []traceability.LotQuantity{kg(soy, "2000")}})
	chili := s.at("2026-10-15 10:00").lot(pepper, traceability.Lot{ID: produce(pepperFirm, "CHILI", "20261015"), Product: "红辣椒", ProductEN: "Red chilli", Category: "蔬菜",
		Unit: "KGM", Date: "2026-10-15", DateKind: traceability.DateHarvest, Producer: pepperFirm, Origin: traceability.Place{Division: "320322"}})
	s.event(pepper, traceability.Event{Ref: "H-1015", Type: traceability.EventCommission, Place: traceability.Place{Division: "320322"}, Process: "采收", Outputs: []traceability.LotQuantity{kg(chili, "500")}})
	s.move(beans, tofu, "1", "9h", kg(soy, "1200"))
	s.at("2026-10-16 18:00").move(beans, dealer, "2", "9h", kg(soy, "300")) // another customer: not on the way
	s.at("2026-10-17 08:00").move(pepper, maker, "3", "7h", kg(chili, "200"))
	base := s.at("2026-10-19 14:00").lot(tofu, traceability.Lot{ID: produce(tofuFirm, "XG-RAW", "20261019A"), Product: "香干坯", ProductEN: "Pressed tofu", Category: "豆制品",
		Unit: "KGM", Date: "2026-10-19", DateKind: traceability.DateProduction, Producer: tofuFirm, Origin: traceability.Place{Division: "320412"}})
	s.event(tofu, traceability.Event{Ref: "P-1019", Type: traceability.EventTransform, Place: traceability.Place{Division: "320412", Name: "二号车间"}, Process: "磨浆、压制", Inputs: []traceability.LotQuantity{kg(soy, "600")}, Outputs: []traceability.LotQuantity{kg(base, "900")}})
	s.event(tofu, traceability.Event{Ref: "T-1019", Type: traceability.EventObserve, Place: traceability.Place{Division: "320412", Name: "冷库"}, Process: "冷库温度 2.5 ℃", Lots: []traceability.LotQuantity{{Lot: base}}})
	s.at("2026-10-20 05:30").move(tofu, maker, "4", "4h", kg(base, "800"))
	s.passed = s.at("2026-10-21 15:40").lot(maker, traceability.Lot{ID: packaged("0690123400001", "A20261021"), Product: "麻辣香干", ProductEN: "Spicy dried tofu", Category: "豆制品", Spec: "180克/袋", Trademark: "示例牌",
		Unit: "XBG", Date: "2026-10-21", DateKind: traceability.DateProduction, ShelfLife: "9个月", Producer: makerFirm, Origin: traceability.Place{Division: "330110", Name: "示例路 8 号"}})
	s.event(maker, traceability.Event{Ref: "P-1021", Type: traceability.EventTransform, Place: traceability.Place{Division: "330110", Name: "一号车间"}, Process: "卤制、拌料、包装",
		Inputs: []traceability.LotQuantity{kg(base, "700"), kg(chili, "60")}, Outputs: []traceability.LotQuantity{{Lot: s.passed, Quantity: traceability.Quantity{Value: "4000", Unit: "XBG"}}}})
	s.at("2026-10-24 06:00").move(maker, dealer, "5", "5h", traceability.LotQuantity{Lot: s.passed, Quantity: traceability.Quantity{Value: "1200", Unit: "XBG"}})
	s.at("2026-10-26 07:30").move(dealer, shop, "6", "2h", traceability.LotQuantity{Lot: s.passed, Quantity: traceability.Quantity{Value: "60", Unit: "XBG"}})
	s.at("2026-11-20 17:05").report(lab, traceability.Report{No: "SP202600117", TaskName: "省级食品监督抽检", TestedFrom: "2026-11-04", TestedTo: "2026-11-18", Issued: "2026-11-20",
		Verdict: traceability.VerdictPass, Conclusion: "经抽样检验，所检项目符合 GB 2712-2014、GB 2760-2024、GB 2762-2022 要求。",
		Sample: traceability.Sample{No: "XBJ26330110313930117", Lot: s.passed, FoodName: "麻辣香干", Spec: "180克/袋", Batch: "A20261021", Date: "2026-10-21", DateKind: traceability.DateProduction, ClaimedProducer: makerFirm, SampledOn: "2026-11-02",
			SampledUnit: traceability.Firm{Name: "张三丰杂货铺", Address: "杭州市余杭区文一西路 1 号 2 幢 301 室"}},
		Items: []traceability.Item{
			{Seq: 1, Parameter: "苯甲酸及其钠盐（以苯甲酸计）", Unit: "g/kg", Limit: "不得使用", Result: "未检出（定量限：0.01）", Verdict: traceability.VerdictPass, VerdictText: "符合规定", Method: "GB 5009.28-2016 第一法", Remark: "/"},
			{Seq: 2, Parameter: "山梨酸及其钾盐（以山梨酸计）", Unit: "g/kg", Limit: "≤1.0", Result: "0.312", Verdict: traceability.VerdictPass, VerdictText: "符合规定", Method: "GB 5009.28-2016 第一法", Remark: "/"},
			{Seq: 3, Parameter: "铅（以Pb计）", Unit: "mg/kg", Limit: "≤0.3", Result: "0.042", Verdict: traceability.VerdictPass, VerdictText: "符合规定", Method: "GB 5009.12-2023 第二法", Remark: "/"},
			{Seq: 4, Parameter: "脱氢乙酸及其钠盐（以脱氢乙酸计）", Unit: "g/kg", Limit: "不得使用", Result: "未检出（定量限：0.005）", Verdict: traceability.VerdictPass, VerdictText: "符合规定", Method: "GB 5009.121-2016 第二法", Remark: "/"},
			{Seq: 5, Parameter: "大肠菌群", Unit: "CFU/g", Limit: "n=5, c=2, m=10², M=10³", Result: "<10，<10，<10，20，<10", Verdict: traceability.VerdictPass, VerdictText: "符合规定", Method: "GB 4789.3-2016 第二法", Remark: "/"},
		}})

	// 2. Two reports, one of them failed; an item outside the scope, one subcontracted.
	s.failed = s.at("2026-11-03 06:10").lot(pepper, traceability.Lot{ID: produce(pepperFirm, "QC-100", "20261103"), Product: "小青菜", ProductEN: "Baby bok choy", Category: "蔬菜", Spec: "散装",
		Unit: "KGM", Date: "2026-11-03", DateKind: traceability.DateHarvest, Producer: pepperFirm, Origin: traceability.Place{Division: "320322", Name: "龙固镇"}})
	s.event(pepper, traceability.Event{Ref: "H-1103", Type: traceability.EventCommission, Place: traceability.Place{Division: "320322", Name: "龙固镇"}, Process: "采收", Outputs: []traceability.LotQuantity{kg(s.failed, "800")}})
	s.move(pepper, dealer, "7", "10h", kg(s.failed, "300"))
	green := func(result string, verdict traceability.Verdict) []traceability.Item {
		return []traceability.Item{
			{Seq: 1, Parameter: "铅（以Pb计）", Unit: "mg/kg", Limit: "≤0.3", Result: "0.031", Verdict: traceability.VerdictPass, Method: "GB 5009.12-2023 第一法", Remark: "/"},
			{Seq: 2, Parameter: "毒死蜱", Unit: "mg/kg", Limit: "≤0.02", Result: result, Verdict: verdict, Method: "GB 23200.113-2018", Remark: "/"},
			{Seq: 3, Parameter: "氧乐果", Unit: "mg/kg", Limit: "≤0.02", Result: "未检出（定量限：0.01）", Verdict: traceability.VerdictPass, Method: "GB 23200.121-2021", Remark: "/", Subcontracted: true},
		}
	}
	s.at("2026-11-12 11:00").report(other, traceability.Report{No: "W-2026/3391", Task: traceability.TaskEvaluative, TestedFrom: "2026-11-05", TestedTo: "2026-11-10", Issued: "2026-11-12", Verdict: traceability.VerdictPass,
		Conclusion: "经抽样检验，所检项目符合 GB 2762-2022、GB 2763-2021 要求。", Sample: traceability.Sample{Lot: s.failed, FoodName: "青菜", SampledOn: "2026-11-04"}, Items: green("0.011", traceability.VerdictPass)[:2]})
	failed := traceability.Report{No: "SP202600102", TestedFrom: "2026-11-06", TestedTo: "2026-11-16", Issued: "2026-11-18", Verdict: traceability.VerdictFail,
		Conclusion: "经抽样检验，毒死蜱项目不符合 GB 2763-2021 要求，检验结论为不合格。", Sample: traceability.Sample{No: "XBJ26310118313930102", Lot: s.failed, FoodName: "小青菜", SampledOn: "2026-11-05"}, Items: green("0.37", traceability.VerdictFail)}
	s.at("2026-11-18 16:30").report(lab, failed)
	s.publish(traceability.Shanghai, "310118", lab, failed)
	s.at("2026-11-19 09:00").report(lab, traceability.Report{No: "FX202600009", Task: traceability.TaskRiskMonitoring, Verdict: traceability.VerdictProblem, // never public
		Sample: traceability.Sample{Lot: s.failed}, Items: []traceability.Item{{Seq: 1, Parameter: "不公布的项目", Result: "1", Verdict: traceability.VerdictProblem}}})

	// 3. Registered only.
	s.none = s.at("2026-11-19 10:00").lot(shop, traceability.Lot{ID: traceability.LotID("cn/" + shop.Number() + "/DISH-7/20261119"), Product: "香干炒肉", ProductEN: "Stir-fried pork with dried tofu", Unit: "PTN", Date: "2026-11-19", DateKind: traceability.DateProcessing})

	// 4. A report of 56 items.
	s.long = s.at("2026-11-10 09:00").lot(maker, traceability.Lot{ID: packaged("0690123400002", "M3-0506/2"), Product: "儿童配方营养粉（示例，3段）", ProductEN: "Children’s formula powder (example, stage 3)", Spec: "750克/罐", Unit: "XCA",
		Date: "2026-05-06", DateKind: traceability.DateProduction, ShelfLife: "至2028年05月05日", Producer: makerFirm, Origin: traceability.Place{Division: "330110"}})
	var many []traceability.Item
	for i := 1; i <= 56; i++ {
		many = append(many, traceability.Item{Seq: i, Parameter: fmt.Sprintf("营养成分示例 %d", i), Unit: "μg/100kJ", Limit: "0.496～1.20", Result: fmt.Sprintf("0.%d", 500+i), Verdict: traceability.VerdictPass, Method: "GB 5009.168-2016 第二法", Remark: "/"})
	}
	many[40].Verdict, many[40].Result = traceability.VerdictFail, "1.94"
	nutrition := traceability.Report{No: "SP202600120", Issued: "2026-11-21", Verdict: traceability.VerdictFail, Sample: traceability.Sample{Lot: s.long}, Items: many}
	s.at("2026-11-21 15:00").report(lab, nutrition)
	s.publish(traceability.Zhejiang, "330110", lab, nutrition)

	// 5. A report that was corrected, and contradicts itself.
	s.corrected = s.at("2026-11-11 09:00").lot(maker, traceability.Lot{ID: packaged("0690123400003", "C1"), Product: "五香豆干", ProductEN: "Five-spice dried tofu", Spec: "100克/袋", Unit: "XBG", Date: "2026-11-01", DateKind: traceability.DateProduction, Producer: makerFirm})
	first := traceability.Report{No: "SP202600090", Issued: "2026-11-15", Verdict: traceability.VerdictFail, Sample: traceability.Sample{Lot: s.corrected},
		Items: []traceability.Item{{Seq: 1, Parameter: "菌落总数", Unit: "CFU/g", Limit: "≤10⁵", Result: "2.1×10⁶", Verdict: traceability.VerdictFail, Method: "GB 4789.2-2022"}}}
	id := s.at("2026-11-15 10:00").report(lab, first)
	s.publish(traceability.Zhejiang, "330110", lab, first)
	second := first
	second.Revision, second.Supersedes, second.Issued, second.Verdict = 2, id, "2026-11-17", traceability.VerdictPass
	s.at("2026-11-17 10:00").report(lab, second)

	// 6. A lot whose registrant was suspended, tested by a laboratory that was too.
	s.suspended = s.at("2026-11-05 09:00").lot(closed, traceability.Lot{ID: produce(closedFirm, "JC", "20261104"), Product: "酱黄瓜", ProductEN: "Pickled cucumber", Spec: "2千克/桶", Unit: "KGM", Date: "2026-11-04", DateKind: traceability.DateProduction, Producer: closedFirm})
	s.event(closed, traceability.Event{Ref: "1", Type: traceability.EventCommission, Process: "腌制", Outputs: []traceability.LotQuantity{kg(s.suspended, "100")}})
	s.at("2026-11-06 09:00").report(other, traceability.Report{No: "W-2026/3400", Issued: "2026-11-06", Verdict: traceability.VerdictPass, Sample: traceability.Sample{Lot: s.suspended},
		Items: []traceability.Item{{Seq: 1, Parameter: "铅（以Pb计）", Unit: "mg/kg", Limit: "≤0.3", Result: "0.1", Verdict: traceability.VerdictPass, Method: "GB 5009.12-2023 第一法"}}})
	s.at("2026-11-16 14:00").suspend(closed, "食品生产许可证被撤销", "《中华人民共和国行政许可法》第六十九条", "2026-11-16")
	s.suspend2(other)

	// 7. Forty lots in one pot, in three steps.
	s.wideLot(maker, makerFirm, produce)

	// 8. Texts that try to be markup, and a code with a wrong check digit.
	s.odd = s.at("2026-11-21 16:00").lot(maker, traceability.Lot{ID: packaged("0690123400004", `<b>"'&/1`), Product: `<script>alert(1)</script>`, ProductEN: `"><img src=x onerror=alert(1)>`, Spec: `' onclick='x`, Trademark: `</style>`,
		Unit: "KGM", Producer: traceability.Firm{Name: `王小二`, USCC: "", Address: "安徽省合肥市蜀山区某某路 12 号 3 幢 402 室"}})

	// 9. Notices that did not stay as they were published: of a counterfeit, one
	// taken back, one overturned.
	s.noticed(maker, makerFirm, lab, packaged)
	s.notices["failed"] = traceability.NewNoticeID(lab, &failed)

	// 10. Recalls: announced, with a lot downstream; withdrawn; never announced.
	s.recallLots(maker, makerFirm, packaged, produce)
	s.at("2026-11-22 08:30")
	return s
}

// noticed makes lots of which samples failed that were published, and what became
// of it.
func (s *sample) noticed(maker traceability.PartyID, firm traceability.Firm, lab traceability.PartyID, packaged func(string, string) traceability.LotID) {
	s.at("2026-11-21 17:00")
	s.notices = make(map[string]traceability.NoticeID)
	shop := traceability.Firm{Name: "李四小吃店", Address: "杭州市余杭区五常大道 9 号 3 幢"}
	one := func(n int, name, product, en string) (traceability.LotID, traceability.Report) {
		lot := s.lot(maker, traceability.Lot{ID: packaged(fmt.Sprintf("069012340001%d", n), "N1"), Product: product, ProductEN: en, Spec: "100克/袋", Unit: "XBG",
			Date: "2026-10-01", DateKind: traceability.DateProduction, Producer: firm})
		r := traceability.Report{No: fmt.Sprintf("SP20260020%d", n), Revision: 1, Issued: "2026-11-21", TaskName: "省级监督抽检", Verdict: traceability.VerdictFail,
			Sample: traceability.Sample{Lot: lot, FoodName: product, Spec: "100克/袋", Trademark: "示例牌", Batch: "N1", Date: "2026-10-01", DateKind: traceability.DateProduction, ShelfLife: "9个月", Category: "豆制品", ClaimedProducer: firm, SampledUnit: shop},
			Items: []traceability.Item{
				{Seq: 1, Parameter: "苯甲酸及其钠盐（以苯甲酸计）", Unit: "g/kg", Limit: "不得使用", Result: "0.257", Verdict: traceability.VerdictFail, Method: "GB 5009.28-2016 第一法"},
				{Seq: 2, Parameter: "铅（以Pb计）", Unit: "mg/kg", Limit: "≤0.3", Result: "0.41", Verdict: traceability.VerdictFail, Method: "GB 5009.12-2023 第二法"}}}
		s.report(lab, r)
		s.notices[name] = traceability.NewNoticeID(lab, &r)
		return lot, r
	}
	const zhejiang = traceability.Zhejiang
	determine := func(d traceability.Decision) traceability.NoticeAct {
		return traceability.NoticeAct{Act: traceability.ActDetermine, Decision: d, Reason: "经审核"}
	}
	waive := func(by traceability.Recipient) traceability.NoticeAct {
		return traceability.NoticeAct{Act: traceability.ActWaive, For: by, Evidence: []traceability.Evidence{{Name: "放弃声明"}}}
	}
	var r traceability.Report
	s.counterfeit, r = one(1, "counterfeit", "秘制豆干", "Secret-recipe dried tofu")
	row := s.served(zhejiang, "330110", lab, r)
	s.object(zhejiang, lab, r, traceability.ObjectAuthenticity, traceability.ToProducer, traceability.Upheld)
	row.Remark, row.Announcement, row.Failures[1].Label = "经核查系假冒，非该企业生产", "2026年第31号", "0.2mg/kg"
	s.act(zhejiang, lab, r, waive(traceability.ToUnit), waive(traceability.ToProducer), determine(traceability.Upheld), traceability.NoticeAct{Act: traceability.ActPublish, Row: &row})

	s.withdrawn, r = one(2, "withdrawn", "香辣素鸡", "Spicy bean-curd roll")
	s.publish(zhejiang, "330110", lab, r)
	s.act(zhejiang, lab, r, traceability.NoticeAct{Act: traceability.ActWithdraw, Reason: "公布信息有误"})

	s.overturned, r = one(3, "overturned", "卤香豆皮", "Braised tofu skin")
	s.publish(zhejiang, "330110", lab, r)
	s.object(zhejiang, lab, r, traceability.ObjectSampling, traceability.ToUnit, traceability.Upheld)
	s.act(zhejiang, lab, r, determine(traceability.Overturned))
}

// recallLots makes lots and recalls them.
func (s *sample) recallLots(maker traceability.PartyID, firm traceability.Firm, packaged func(string, string) traceability.LotID, produce func(traceability.Firm, string, string) traceability.LotID) {
	s.at("2026-11-21 20:00")
	lot := func(id traceability.LotID, product, en string) traceability.LotID {
		return s.lot(maker, traceability.Lot{ID: id, Product: product, ProductEN: en, Spec: "5千克/桶", Unit: "KGM", Date: "2026-11-02", DateKind: traceability.DateProduction, Producer: firm})
	}
	s.recalled = lot(packaged("0690123400021", "R1"), "麻辣酱", "Spicy sauce")
	s.downstream = lot(packaged("0690123400022", "R1-A"), "麻辣豆干", "Dried tofu with spicy sauce")
	s.unrecalled = lot(packaged("0690123400023", "R2"), "甜面酱", "Sweet sauce")
	quiet := lot(produce(firm, "QUIET", "R3"), "未公告召回的酱", "Sauce of a recall that is not announced")
	s.event(maker, traceability.Event{Ref: "R-C", Type: traceability.EventCommission, Outputs: []traceability.LotQuantity{kg(s.recalled, "500"), kg(s.unrecalled, "80"), kg(quiet, "70")}})
	s.event(maker, traceability.Event{Ref: "R-T", Type: traceability.EventTransform, Process: "拌料", Inputs: []traceability.LotQuantity{kg(s.recalled, "20")}, Outputs: []traceability.LotQuantity{kg(s.downstream, "100")}})
	recall := func(level traceability.RecallLevel, id traceability.LotID, acts ...traceability.Act) {
		s.say(maker, traceability.TypeRecallOpen, traceability.RecallOpen{Lots: []traceability.LotID{id}, Downstream: true, At: s.now, Hazard: "可能含有未标明的花生成分，过敏者食用后可能出现过敏反应", Reason: "生产线清洁不彻底"})
		for _, act := range append([]traceability.Act{traceability.ActPlan}, acts...) {
			a := traceability.RecallAct{Recall: traceability.RecallID(id), Act: act, At: s.now}
			by := maker
			switch act {
			case traceability.ActPlan:
				a.Level, a.Measures, a.Regions = level, "下架、封存、退货，集中销毁", []traceability.DivisionCode{"310000", "330100", traceability.Abroad}
			case traceability.ActWithdraw:
				a.Reason, by = "经复核，清洁记录完整", traceability.Regulator(traceability.Zhejiang)
			}
			s.say(by, traceability.TypeRecallAct, a)
		}
	}
	recall(traceability.RecallII, s.recalled, traceability.ActAnnounce)
	recall(traceability.RecallFlaw, s.unrecalled, traceability.ActAnnounce, traceability.ActWithdraw)
	recall(traceability.RecallI, quiet)
}

// suspend2 suspends the laboratory after its reports.
func (s *sample) suspend2(lab traceability.PartyID) {
	s.at("2026-11-20 10:00").suspend(lab, "资质认定证书被注销", "", "2026-11-19")
}

// wideLot makes a lot out of forty, by way of four mixtures and a repacking.
func (s *sample) wideLot(maker traceability.PartyID, firm traceability.Firm, produce func(traceability.Firm, string, string) traceability.LotID) {
	s.at("2026-11-13 08:00")
	register := func(code, batch, product string) traceability.LotID {
		return s.lot(maker, traceability.Lot{ID: produce(firm, code, batch), Product: product, Unit: "KGM", Date: "2026-11-13", DateKind: traceability.DatePurchase, Producer: firm, Origin: traceability.Place{Division: "330110"}})
	}
	var mixtures []traceability.LotQuantity
	for i := range 4 {
		var inputs, made []traceability.LotQuantity
		for j := range 10 {
			lot := register("RAW", fmt.Sprintf("%d-%d", i, j), fmt.Sprintf("原料%d号", i*10+j+1))
			inputs, made = append(inputs, kg(lot, "5")), append(made, kg(lot, "10"))
		}
		s.event(maker, traceability.Event{Ref: fmt.Sprintf("W-C%d", i), Type: traceability.EventCommission, Process: "购进", Outputs: made})
		mixture := register("MIX", fmt.Sprint(i), fmt.Sprintf("混合料 %c", 'A'+i))
		s.event(maker, traceability.Event{Ref: fmt.Sprintf("W-M%d", i), Type: traceability.EventTransform, Process: "混合", Inputs: inputs, Outputs: []traceability.LotQuantity{kg(mixture, "50")}})
		mixtures = append(mixtures, kg(mixture, "40"))
	}
	pot := register("POT", "1", "卤料底汤")
	s.event(maker, traceability.Event{Ref: "W-P", Type: traceability.EventTransform, Process: "熬制", Inputs: mixtures, Outputs: []traceability.LotQuantity{kg(pot, "150")}})
	for i := range 9 {
		s.event(maker, traceability.Event{Ref: fmt.Sprintf("W-T%d", i), Type: traceability.EventObserve, Process: "中心温度 98 ℃", Lots: []traceability.LotQuantity{{Lot: pot}}})
	}
	s.wide = register("PACK", "1", "卤料底汤（盒装）")
	s.event(maker, traceability.Event{Ref: "W-A", Type: traceability.EventAggregate, Process: "装盒", Inputs: []traceability.LotQuantity{kg(pot, "100")}, Outputs: []traceability.LotQuantity{kg(s.wide, "100")}})
}

// batch renders a lot's page.
func (s *sample) batch(lang Lang, id traceability.LotID, q Query) string {
	s.Helper()
	result, err := s.site.Batch(s.Context(), s.store, lang, id, q)
	if err != nil {
		s.Fatal(err)
	}
	return string(result.Body)
}
