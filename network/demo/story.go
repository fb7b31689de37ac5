package demo

import (
	"fmt"
	"time"

	"deltatrace/traceability"
)

// story makes the lots and events, dated back from the day of the first start.
type story struct{ today time.Time }

// day returns the date so many days before the first start.
func (s story) day(before int) traceability.Date {
	return traceability.DateOf(s.today.AddDate(0, 0, -before))
}

// at returns the instant so many days before the first start, at hh:mm in China.
func (s story) at(before, hour, minute int) time.Time {
	d := s.today.AddDate(0, 0, -before).In(traceability.ChinaTime())
	return time.Date(d.Year(), d.Month(), d.Day(), hour, minute, 0, 0, traceability.ChinaTime()).UTC()
}

// compact returns a date without hyphens, as batch numbers carry it.
func (s story) compact(before int) string { return s.at(before, 12, 0).Format("20060102") }

// produce returns the lot id of a product without a GTIN.
func (s story) produce(party traceability.PartyID, product string, before int) traceability.LotID {
	return traceability.LotID(fmt.Sprintf("cn/%s/%s/%s", party.Number(), product, s.compact(before)))
}

// packaged returns the lot id of a product with a GTIN.
func (s story) packaged(gtin string, before int) traceability.LotID {
	return traceability.LotID(fmt.Sprintf("01/0%s/10/%s", gtin, s.compact(before)+"A"))
}

// The lots of the story.
func (s story) cucumbers() traceability.LotID    { return s.produce(cucumberFarm, "HG", 9) }
func (s story) strawberries() traceability.LotID { return s.produce(strawberryFarm, "CM", 4) }
func (s story) eggs() traceability.LotID         { return s.produce(wholesaler, "JD", 3) }
func (s story) pickles() traceability.LotID      { return s.packaged("6901234560015", 6) }
func (s story) pickleCase() traceability.LotID   { return s.packaged("6901234560046", 6) }
func (s story) yogurt() traceability.LotID       { return s.packaged("6901234560022", 5) }
func (s story) cake() traceability.LotID         { return s.packaged("6901234560039", 8) }
func (s story) salad() traceability.LotID        { return s.produce(restaurant, "LBHG", 1) }

func (s story) lots() []signed {
	firm := func(name, en string, party traceability.PartyID, address string) traceability.Firm {
		code, _ := party.USCC()
		return traceability.Firm{Name: name, NameEN: en, USCC: code, Address: address}
	}
	return []signed{
		{cucumberFarm, traceability.TypeLotRegister, &traceability.Lot{ID: s.cucumbers(), Product: "黄瓜", ProductEN: "Cucumber", Category: "蔬菜", Spec: "散装", Unit: "KGM", Date: s.day(9), DateKind: traceability.DateHarvest,
			Producer: firm("海盐示例蔬菜专业合作社", "Haiyan Example Vegetable Cooperative", cucumberFarm, "浙江省嘉兴市海盐县示例镇"), Origin: traceability.Place{Division: "330424", Name: "3号棚"}}},
		{strawberryFarm, traceability.TypeLotRegister, &traceability.Lot{ID: s.strawberries(), Product: "草莓", ProductEN: "Strawberry", Category: "水果类", Spec: "散装", Unit: "KGM", Date: s.day(4), DateKind: traceability.DateHarvest,
			Producer: firm("长丰示例草莓家庭农场", "Changfeng Example Strawberry Farm", strawberryFarm, "安徽省合肥市长丰县示例镇"), Origin: traceability.Place{Division: "340121"}}},
		{wholesaler, traceability.TypeLotRegister, &traceability.Lot{ID: s.eggs(), Product: "鲜鸡蛋", ProductEN: "Fresh eggs", Category: "鲜蛋", Spec: "散装", Unit: "KGM", Date: s.day(3), DateKind: traceability.DatePurchase}},
		{pickleFactory, traceability.TypeLotRegister, &traceability.Lot{ID: s.pickles(), Product: "酱黄瓜", ProductEN: "Pickled cucumber", Category: "蔬菜制品", Spec: "300克/瓶", Trademark: "示例", Unit: "XBO", Date: s.day(6), DateKind: traceability.DateProduction, ShelfLife: "12个月",
			Producer: firm("杭州示例酱菜有限公司", "Hangzhou Example Pickles", pickleFactory, "浙江省杭州市西湖区示例路6号"), Origin: traceability.Place{Division: "330106"}}},
		{pickleFactory, traceability.TypeLotRegister, &traceability.Lot{ID: s.pickleCase(), Product: "酱黄瓜（箱）", ProductEN: "Pickled cucumber, case of 24", Category: "蔬菜制品", Spec: "24瓶/箱", Trademark: "示例", Unit: "XBX", Date: s.day(6), DateKind: traceability.DateProduction, ShelfLife: "12个月",
			Producer: firm("杭州示例酱菜有限公司", "Hangzhou Example Pickles", pickleFactory, "浙江省杭州市西湖区示例路6号"), Origin: traceability.Place{Division: "330106"}}},
		{dairy, traceability.TypeLotRegister, &traceability.Lot{ID: s.yogurt(), Product: "风味发酵乳", ProductEN: "Flavoured yogurt", Category: "乳制品", Spec: "108g/杯", Trademark: "示例", Unit: "H87", Date: s.day(5), DateKind: traceability.DateProduction, ShelfLife: "21天",
			Producer: firm("南京示例乳业有限公司", "Nanjing Example Dairy", dairy, "江苏省南京市鼓楼区示例路88号"), Origin: traceability.Place{Division: "320106"}}},
		{bakery, traceability.TypeLotRegister, &traceability.Lot{ID: s.cake(), Product: "桂花糕", ProductEN: "Osmanthus cake", Category: "糕点", Spec: "200克/袋", Trademark: "示例", Unit: "XBG", Date: s.day(8), DateKind: traceability.DateProduction, ShelfLife: "90天",
			Producer: firm("合肥示例糕点有限公司", "Hefei Example Bakery", bakery, "安徽省合肥市蜀山区示例路9号"), Origin: traceability.Place{Division: "340104"}}},
		{restaurant, traceability.TypeLotRegister, &traceability.Lot{ID: s.salad(), Product: "凉拌黄瓜", ProductEN: "Cucumber salad", Category: "餐饮食品", Unit: "PTN", Date: s.day(1), DateKind: traceability.DateProcessing,
			Producer: firm("上海示例餐饮管理有限公司", "Shanghai Example Restaurant", restaurant, "上海市徐汇区示例路300号"), Origin: traceability.Place{Division: "310104"}}},
	}
}

func (s story) events() []signed {
	amount := func(lot traceability.LotID, value traceability.Decimal, unit traceability.Unit) traceability.LotQuantity {
		return traceability.LotQuantity{Lot: lot, Quantity: traceability.Quantity{Value: value, Unit: unit}}
	}
	type list = []traceability.LotQuantity
	in := func(division traceability.DivisionCode, name string) traceability.Place {
		return traceability.Place{Division: division, Name: name}
	}
	event := func(party traceability.PartyID, e traceability.Event) signed {
		return signed{party, traceability.TypeEventRecord, &e}
	}
	shipment := func(party traceability.PartyID, ref string) traceability.EventID {
		return traceability.NewEventID(party, ref)
	}
	return []signed{
		event(cucumberFarm, traceability.Event{Ref: "H-001", Type: traceability.EventCommission, Time: s.at(9, 6, 30), Place: in("330424", "3号棚"), Process: "采收", Outputs: list{amount(s.cucumbers(), "2400", "KGM")}}),
		event(cucumberFarm, traceability.Event{Ref: "S-001", Type: traceability.EventShip, Time: s.at(9, 9, 0), Place: in("330424", ""), To: pickleFactory, Lots: list{amount(s.cucumbers(), "1500", "KGM")}}),
		event(cucumberFarm, traceability.Event{Ref: "S-002", Type: traceability.EventShip, Time: s.at(9, 9, 40), Place: in("330424", ""), To: wholesaler, Lots: list{amount(s.cucumbers(), "0.9", "TNE")}}),
		event(pickleFactory, traceability.Event{Ref: "R-001", Type: traceability.EventReceive, Time: s.at(9, 14, 10), Place: in("330106", ""), Process: "进货查验", Shipment: shipment(cucumberFarm, "S-001"), Lots: list{amount(s.cucumbers(), "1500", "KGM")}}),
		event(wholesaler, traceability.Event{Ref: "R-001", Type: traceability.EventReceive, Time: s.at(9, 16, 20), Place: in("310115", ""), Process: "进货查验", Shipment: shipment(cucumberFarm, "S-002"), Lots: list{amount(s.cucumbers(), "900", "KGM")}}),
		event(pickleFactory, traceability.Event{Ref: "T-001", Type: traceability.EventTransform, Time: s.at(6, 10, 0), Place: in("330106", "酱渍车间"), Process: "清洗、腌渍、灌装", Inputs: list{amount(s.cucumbers(), "1480", "KGM")}, Outputs: list{amount(s.pickles(), "4800", "XBO")}}),
		event(pickleFactory, traceability.Event{Ref: "P-001", Type: traceability.EventAggregate, Time: s.at(6, 16, 0), Place: in("330106", "包装车间"), Process: "装箱", Inputs: list{amount(s.pickles(), "2400", "XBO")}, Outputs: list{amount(s.pickleCase(), "100", "XBX")}}),
		event(pickleFactory, traceability.Event{Ref: "S-001", Type: traceability.EventShip, Time: s.at(5, 8, 30), Place: in("330106", ""), To: supermarket, Lots: list{amount(s.pickles(), "1200", "XBO"), amount(s.pickleCase(), "40", "XBX")}}),
		event(supermarket, traceability.Event{Ref: "R-001", Type: traceability.EventReceive, Time: s.at(5, 15, 0), Place: in("310101", ""), Process: "进货查验", Shipment: shipment(pickleFactory, "S-001"), Lots: list{amount(s.pickles(), "1200", "XBO"), amount(s.pickleCase(), "40", "XBX")}}),
		event(wholesaler, traceability.Event{Ref: "S-001", Type: traceability.EventShip, Time: s.at(2, 5, 30), Place: in("310115", ""), To: restaurant, Lots: list{amount(s.cucumbers(), "60", "KGM")}}),
		event(restaurant, traceability.Event{Ref: "R-001", Type: traceability.EventReceive, Time: s.at(2, 7, 0), Place: in("310104", ""), Process: "进货查验", Shipment: shipment(wholesaler, "S-001"), Lots: list{amount(s.cucumbers(), "60", "KGM")}}),
		event(restaurant, traceability.Event{Ref: "T-001", Type: traceability.EventTransform, Time: s.at(1, 10, 30), Place: in("310104", "后厨"), Process: "餐饮加工", Inputs: list{amount(s.cucumbers(), "20", "KGM")}, Outputs: list{amount(s.salad(), "80", "PTN")}}),
		event(restaurant, traceability.Event{Ref: "X-001", Type: traceability.EventSell, Time: s.at(1, 13, 30), Place: in("310104", ""), Lots: list{amount(s.salad(), "64", "PTN")}}),
		event(strawberryFarm, traceability.Event{Ref: "H-001", Type: traceability.EventCommission, Time: s.at(4, 5, 50), Place: in("340121", ""), Process: "采收", Outputs: list{amount(s.strawberries(), "600", "KGM")}}),
		event(strawberryFarm, traceability.Event{Ref: "S-001", Type: traceability.EventShip, Time: s.at(4, 8, 0), Place: in("340121", ""), To: wholesaler, Lots: list{amount(s.strawberries(), "580", "KGM")}}),
		event(wholesaler, traceability.Event{Ref: "R-002", Type: traceability.EventReceive, Time: s.at(4, 15, 30), Place: in("310115", ""), Process: "进货查验", Shipment: shipment(strawberryFarm, "S-001"), Lots: list{amount(s.strawberries(), "580", "KGM")}}),
		event(wholesaler, traceability.Event{Ref: "C-001", Type: traceability.EventCommission, Time: s.at(3, 4, 30), Place: in("310115", ""), Process: "购进", Note: "供货方未上链", Outputs: list{amount(s.eggs(), "1200", "KGM")}}),
		event(dairy, traceability.Event{Ref: "C-001", Type: traceability.EventCommission, Time: s.at(5, 9, 0), Place: in("320106", "发酵车间"), Process: "发酵、灌装", Outputs: list{amount(s.yogurt(), "20000", "H87")}}),
		event(dairy, traceability.Event{Ref: "S-001", Type: traceability.EventShip, Time: s.at(4, 3, 0), Place: in("320106", ""), Process: "冷链 2～6 ℃", To: supermarket, Lots: list{amount(s.yogurt(), "3600", "H87")}}),
		event(supermarket, traceability.Event{Ref: "R-002", Type: traceability.EventReceive, Time: s.at(4, 9, 10), Place: in("310101", ""), Process: "进货查验", Shipment: shipment(dairy, "S-001"), Lots: list{amount(s.yogurt(), "3600", "H87")}}),
		event(bakery, traceability.Event{Ref: "C-001", Type: traceability.EventCommission, Time: s.at(8, 9, 0), Place: in("340104", ""), Process: "蒸制、包装", Outputs: list{amount(s.cake(), "3000", "XBG")}}),
		event(bakery, traceability.Event{Ref: "S-001", Type: traceability.EventShip, Time: s.at(7, 9, 0), Place: in("340104", ""), To: supermarket, Lots: list{amount(s.cake(), "800", "XBG")}}),
		event(supermarket, traceability.Event{Ref: "R-003", Type: traceability.EventReceive, Time: s.at(7, 17, 0), Place: in("310101", ""), Process: "进货查验", Shipment: shipment(bakery, "S-001"), Lots: list{amount(s.cake(), "800", "XBG")}}),
		event(supermarket, traceability.Event{Ref: "O-001", Type: traceability.EventObserve, Time: s.at(1, 9, 0), Place: in("310101", ""), Process: "下架封存", Lots: list{amount(s.cake(), "312", "XBG")}}),
	}
}

// suspensions come last: the bakery can no longer submit, and its lots' pages
// say so.
func (s story) suspensions() []signed {
	return []signed{{traceability.Regulator(traceability.Anhui), traceability.TypePartySuspend,
		&traceability.Suspension{Party: bakery, Reason: "监督抽检不合格，停产整改期间暂停提交", Basis: "食品安全法第一百二十六条（演示）", On: s.day(0)}}}
}

// signed is something to say and who says it.
type signed struct {
	party   traceability.PartyID
	typ     traceability.DocumentType
	payload any
}
