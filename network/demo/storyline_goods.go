package demo

import (
	"fmt"

	"deltatrace/traceability"
)

// The parties that only the story has.
const (
	lettuceFarm     traceability.PartyID = "op:93340523MA1FPX703T"
	saladFactory    traceability.PartyID = "op:91320507MA1FPX703K"
	saladRestaurant traceability.PartyID = "op:91330105MA1FPX7036"
)

func lettuceParties() map[traceability.ProvinceCode][]traceability.Admission {
	return map[traceability.ProvinceCode][]traceability.Admission{
		traceability.Anhui:    {{Party: lettuceFarm, Name: "和县示例蔬菜专业合作社", NameEN: "Hexian Example Vegetable Cooperative", Division: "340523", Address: "安徽省马鞍山市和县示例镇", Stage: traceability.StageFarm}},
		traceability.Jiangsu:  {{Party: saladFactory, Name: "苏州示例净菜加工有限公司", NameEN: "Suzhou Example Fresh-cut Vegetables", Division: "320507", Address: "江苏省苏州市相城区示例路7号", Stage: traceability.StageProduction}},
		traceability.Zhejiang: {{Party: saladRestaurant, Name: "杭州示例轻食餐饮有限公司", NameEN: "Hangzhou Example Salad Kitchen", Division: "330105", Address: "浙江省杭州市拱墅区示例路70号", Stage: traceability.StageCatering}},
	}
}

// The lots: the lettuce, what was cut of it, and the dish made of that.
func (s *storyline) lettuce() traceability.LotID {
	return traceability.LotID("cn/" + lettuceFarm.Number() + "/SC/" + s.run)
}
func (s *storyline) cut() traceability.LotID {
	return traceability.LotID("01/06901234560053/10/" + s.run)
}
func (s *storyline) dish() traceability.LotID {
	return traceability.LotID("cn/" + saladRestaurant.Number() + "/SL/" + s.run)
}

// sampling is the number of the sampling form: Hangzhou's, of this day and minute.
func (s *storyline) sampling() traceability.SamplingNo {
	year := s.today.In(traceability.ChinaTime()).Year() % 100
	return traceability.SamplingNo(fmt.Sprintf("DBJ%02d3301003%s", year, s.run))
}

func (s *storyline) notice() traceability.NoticeID { return traceability.NoticeID(s.sampling()) }

func (s *storyline) reportID() traceability.ReportID {
	return traceability.NewReportID(labZhejiang, "ZJ-SC-"+s.run, 1)
}

// admit has each province admit its own.
func (s *storyline) admit() []signed {
	var documents []signed
	parties := lettuceParties()
	for _, province := range traceability.Provinces() {
		for _, admission := range parties[province] {
			documents = append(documents, signed{traceability.Regulator(province), traceability.TypePartyAdmit, &admission})
		}
	}
	return documents
}

// register registers a lot as its maker does.
func (s *storyline) register(a traceability.Admission, lot traceability.Lot) signed {
	code, _ := a.Party.USCC()
	lot.Producer = traceability.Firm{Name: a.Name, NameEN: a.NameEN, USCC: code, Address: a.Address}
	lot.Origin.Division = a.Division
	return signed{a.Party, traceability.TypeLotRegister, &lot}
}

// event records what a party did; ref is its own number of it in this playing.
func (s *storyline) event(party traceability.PartyID, ref string, e traceability.Event) signed {
	e.Ref = "L" + s.run + "-" + ref
	return signed{party, traceability.TypeEventRecord, &e}
}

// shipped names a shipment of this playing.
func (s *storyline) shipped(party traceability.PartyID, ref string) traceability.EventID {
	return traceability.NewEventID(party, "L"+s.run+"-"+ref)
}

func amounts(lot traceability.LotID, value traceability.Decimal, unit traceability.Unit) []traceability.LotQuantity {
	return []traceability.LotQuantity{{Lot: lot, Quantity: traceability.Quantity{Value: value, Unit: unit}}}
}

func in(division traceability.DivisionCode, name string) traceability.Place {
	return traceability.Place{Division: division, Name: name}
}

func (s *storyline) grow() []signed {
	day := story{s.today}
	return []signed{
		s.register(lettuceParties()[traceability.Anhui][0], traceability.Lot{ID: s.lettuce(), Product: "生菜", ProductEN: "Lettuce", Category: "蔬菜", Spec: "散装", Unit: "KGM", Date: day.day(6), DateKind: traceability.DateHarvest, Origin: traceability.Place{Name: "2号棚"}}),
		s.event(lettuceFarm, "1", traceability.Event{Type: traceability.EventCommission, Time: day.at(6, 6, 0), Place: in("340523", "2号棚"), Process: "采收生菜 1000 公斤", Outputs: amounts(s.lettuce(), "1000", "KGM")}),
		s.event(lettuceFarm, "2", traceability.Event{Type: traceability.EventShip, Time: day.at(6, 9, 0), Place: in("340523", ""), Process: "发往江苏净菜厂", To: saladFactory, Lots: amounts(s.lettuce(), "1000", "KGM")}),
	}
}

func (s *storyline) process() []signed {
	day := story{s.today}
	return []signed{
		s.event(saladFactory, "3", traceability.Event{Type: traceability.EventReceive, Time: day.at(6, 17, 0), Place: in("320507", ""), Process: "进货查验", Shipment: s.shipped(lettuceFarm, "2"), Lots: amounts(s.lettuce(), "1000", "KGM")}),
		s.register(lettuceParties()[traceability.Jiangsu][0], traceability.Lot{ID: s.cut(), Product: "鲜切生菜", ProductEN: "Fresh-cut lettuce", Category: "蔬菜制品", Spec: "200克/盒", Trademark: "示例", Unit: "XBX", Date: day.day(5), DateKind: traceability.DateProduction, ShelfLife: "7天"}),
		s.event(saladFactory, "4", traceability.Event{Type: traceability.EventTransform, Time: day.at(5, 8, 0), Place: in("320507", "净菜车间"), Process: "清洗、切分、装盒", Inputs: amounts(s.lettuce(), "900", "KGM"), Outputs: amounts(s.cut(), "4000", "XBX")}),
		s.event(saladFactory, "5", traceability.Event{Type: traceability.EventShip, Time: day.at(5, 15, 0), Place: in("320507", ""), Process: "冷链发往上海超市", To: supermarket, Lots: amounts(s.cut(), "2500", "XBX")}),
		s.event(saladFactory, "6", traceability.Event{Type: traceability.EventShip, Time: day.at(5, 15, 30), Place: in("320507", ""), Process: "冷链发往杭州餐厅", To: saladRestaurant, Lots: amounts(s.cut(), "300", "XBX")}),
	}
}

func (s *storyline) sell() []signed {
	day := story{s.today}
	return []signed{
		s.event(supermarket, "7", traceability.Event{Type: traceability.EventReceive, Time: day.at(4, 6, 0), Place: in("310101", ""), Process: "进货查验", Shipment: s.shipped(saladFactory, "5"), Lots: amounts(s.cut(), "2500", "XBX")}),
		s.event(supermarket, "8", traceability.Event{Type: traceability.EventSell, Time: day.at(2, 20, 0), Place: in("310101", ""), Process: "售出 1800 盒", Lots: amounts(s.cut(), "1800", "XBX")}),
		s.event(saladRestaurant, "9", traceability.Event{Type: traceability.EventReceive, Time: day.at(4, 7, 0), Place: in("330105", ""), Process: "进货查验", Shipment: s.shipped(saladFactory, "6"), Lots: amounts(s.cut(), "300", "XBX")}),
		s.register(lettuceParties()[traceability.Zhejiang][0], traceability.Lot{ID: s.dish(), Product: "鸡胸肉沙拉", ProductEN: "Chicken salad", Category: "餐饮食品", Unit: "PTN", Date: day.day(3), DateKind: traceability.DateProcessing}),
		s.event(saladRestaurant, "10", traceability.Event{Type: traceability.EventTransform, Time: day.at(3, 10, 0), Place: in("330105", "后厨"), Process: "餐饮加工", Inputs: amounts(s.cut(), "120", "XBX"), Outputs: amounts(s.dish(), "120", "PTN")}),
		s.event(saladRestaurant, "11", traceability.Event{Type: traceability.EventSell, Time: day.at(3, 13, 0), Place: in("330105", ""), Process: "售出 110 份", Lots: amounts(s.dish(), "110", "PTN")}),
	}
}

// report is what Zhejiang's laboratory found in the fresh-cut lettuce. The limits are
// those of leaf vegetables (GB 2763-2026, chlorpyrifos; GB 2762-2025, lead).
func (s *storyline) report() *traceability.Report {
	day := story{s.today}
	firm := func(party traceability.PartyID, province traceability.ProvinceCode) traceability.Firm {
		a := lettuceParties()[province][0]
		code, _ := party.USCC()
		return traceability.Firm{Name: a.Name, USCC: code, Address: a.Address}
	}
	return &traceability.Report{
		No: "ZJ-SC-" + s.run, Revision: 1, Task: traceability.TaskSupervision, TaskName: "市级食品安全监督抽检", Issued: day.day(0), TestedFrom: day.day(2), TestedTo: day.day(0),
		Verdict: traceability.VerdictFail, Conclusion: "经抽样检验，毒死蜱项目不符合GB 2763-2026要求，检验结论为不合格。",
		Sample: traceability.Sample{No: s.sampling(), Lot: s.cut(), FoodName: "鲜切生菜", Category: "蔬菜制品", Spec: "200克/盒", Trademark: "示例", Batch: s.run, Date: day.day(5), DateKind: traceability.DateProduction, ShelfLife: "7天",
			ClaimedProducer: firm(saladFactory, traceability.Jiangsu), SampledUnit: firm(saladRestaurant, traceability.Zhejiang), SampledOn: day.day(3), ArrivedOn: day.day(3), Quantity: "12盒", BackupQuantity: "6盒"},
		Items: []traceability.Item{
			{Seq: 1, Parameter: "毒死蜱", Unit: "mg/kg", Limit: "≤0.02", Result: "0.11", Verdict: traceability.VerdictFail, VerdictText: "不符合规定", Method: "GB 23200.121-2021"},
			{Seq: 2, Parameter: "铅(以Pb计)", Unit: "mg/kg", Limit: "≤0.3", Result: "0.042", Verdict: traceability.VerdictPass, VerdictText: "符合规定", Method: "GB 5009.12-2023"},
		},
	}
}
