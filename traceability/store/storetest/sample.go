package storetest

import (
	"fmt"
	"testing"

	"deltatrace/traceability"
)

// The parties of the suite's sample, with invented numbers.
const (
	farm    traceability.PartyID = "op:91310118MA1FPX1215"
	factory traceability.PartyID = "op:91310101MA1FPX121X"
	shop    traceability.PartyID = "op:92310104MA1FPX1219"
	lab     traceability.PartyID = "lab:230912340001"
)

// lotID names a lot of the farm.
func lotID(name string) traceability.LotID {
	return traceability.LotID("cn/" + farm.Number() + "/QC/" + name)
}

func kilograms(value traceability.Decimal, lots ...traceability.LotID) []traceability.LotQuantity {
	var list []traceability.LotQuantity
	for _, lot := range lots {
		list = append(list, traceability.LotQuantity{Lot: lot, Quantity: traceability.Quantity{Value: value, Unit: "KGM"}})
	}
	return list
}

func lot(name string) traceability.Lot {
	return traceability.Lot{ID: lotID(name), Product: "青菜 " + name, ProductEN: "greens " + name, Unit: "KGM",
		Date: "2026-10-30", DateKind: traceability.DateHarvest, Origin: traceability.Place{Division: "310118"}}
}

// transform is an event that makes lots of lots.
func (c *Chain) transform(ref string, inputs, outputs []traceability.LotID) traceability.Event {
	return traceability.Event{Ref: ref, Type: traceability.EventTransform, Time: c.now(), Process: "分装",
		Inputs: kilograms("10", inputs...), Outputs: kilograms("4.5", outputs...)}
}

// lots registers lots of the farm.
func (c *Chain) lots(names ...string) []traceability.LotID {
	var ids []traceability.LotID
	for _, name := range names {
		c.Lot(farm, lot(name))
		ids = append(ids, lotID(name))
	}
	return ids
}

// report is revision n of a report on a lot.
func report(no string, revision int, supersedes traceability.DocumentID, on traceability.LotID) traceability.Report {
	return traceability.Report{No: no, Revision: revision, Supersedes: supersedes, Task: traceability.TaskSupervision,
		Verdict: traceability.VerdictPass, Sample: traceability.Sample{Lot: on, No: "DBJ25330100319130599", FoodName: "青菜"},
		Items: []traceability.Item{{Seq: 1, Parameter: "毒死蜱", Unit: "mg/kg", Limit: "≤0.02", Result: fmt.Sprintf("0.00%d", revision),
			Verdict: traceability.VerdictPass, Method: "GB 23200.113-2018"}}}
}

// sample is a chain with a bit of everything, over several blocks, one of them
// empty.
func sample(tb testing.TB) *Chain {
	tb.Helper()
	c := NewChain(tb)
	c.Admit(traceability.Admission{Party: farm, Name: "上海示例农场有限公司", NameEN: "Example Farm", Stage: traceability.StageFarm})
	c.Admit(traceability.Admission{Party: factory, Name: "上海示例食品有限公司", Stage: traceability.StageProduction})
	c.Admit(traceability.Admission{Party: shop, Name: "示例小吃店", Stage: traceability.StageCatering})
	c.Admit(traceability.Admission{Party: lab, Name: "上海示例检测有限公司", Scope: []traceability.Capability{{Parameter: "*", Method: "GB 23200.113-2018"}}})
	c.Close()
	ids := c.lots("A", "B")
	c.Event(farm, traceability.Event{Ref: "1", Type: traceability.EventCommission, Time: c.now(), Outputs: kilograms("10", ids...),
		Place: traceability.Place{Division: "310118", Name: "一号棚"}})
	first := c.Report(lab, report("SP202690001", 1, "", lotID("A")), nil)
	c.Close()
	c.Close()
	c.lots("C")
	c.Event(farm, c.transform("2", ids, []traceability.LotID{lotID("C")}))
	c.Report(lab, report("SP202690001", 2, first, lotID("A")), []int{1},
		traceability.Remark{Code: traceability.CodeOutOfScope, Field: "items", Found: "seq [1]"})
	c.Close()
	c.Event(farm, traceability.Event{Ref: "3", Type: traceability.EventShip, Time: c.now(), To: shop, Lots: kilograms("4", lotID("C"))})
	c.Suspend(traceability.Suspension{Party: shop, Reason: "许可证过期", On: "2026-11-01"})
	c.Close()
	return c
}
