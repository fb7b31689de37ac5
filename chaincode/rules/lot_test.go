package rules_test

import (
	"testing"
	"time"

	"deltatrace/traceability"
)

// lotOf is a lot without a GTIN, kept in kilograms.
func lotOf(party traceability.PartyID, batch string) *traceability.Lot {
	return &traceability.Lot{ID: lotID(party, batch), Product: "黄瓜", Unit: "KGM", Date: "2026-11-20", DateKind: traceability.DateHarvest}
}

func lotID(party traceability.PartyID, batch string) traceability.LotID {
	id, err := traceability.ProduceLot(traceability.USCC(party.Number()), "P1", batch)
	if err != nil {
		panic(err)
	}
	return id
}

func TestLot(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.accept(w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B1")))
	other := lotOf(farm, "B1")
	other.Product = "番茄"
	w.refuse(w.sign(farm, traceability.TypeLotRegister, other), traceability.CodeConflict, "lot")
	w.refuse(w.sign(shop, traceability.TypeLotRegister, lotOf(farm, "B2")), traceability.CodeNotYours, "lot")
	w.refuse(w.sign(lab, traceability.TypeLotRegister, lotOf(farm, "B2")), traceability.CodeNotAllowed, "kid")

	gtin := &traceability.Lot{ID: "01/06901234567892/10/A01", Product: "酱黄瓜", Unit: "H87"}
	w.accept(w.sign(factory, traceability.TypeLotRegister, gtin))
	w.refuse(w.sign(shop, traceability.TypeLotRegister, gtin), traceability.CodeGTINTaken, "lot")

	tomorrow := lotOf(farm, "B3")
	tomorrow.Date = "2026-11-23"
	w.refuse(w.sign(farm, traceability.TypeLotRegister, tomorrow), traceability.CodeFutureDated, "date")
	noUnit := lotOf(farm, "B4")
	noUnit.Unit = ""
	w.refuse(w.sign(farm, traceability.TypeLotRegister, noUnit), traceability.CodeInvalid, "unit")
}

func kilograms(party traceability.PartyID, batch string, amount traceability.Decimal) traceability.LotQuantity {
	return traceability.LotQuantity{Lot: lotID(party, batch), Quantity: traceability.Quantity{Value: amount, Unit: "KGM"}}
}

// event signs an event of the party, an hour ago.
func (w *world) event(party traceability.PartyID, e traceability.Event) string {
	w.Helper()
	if e.Time.IsZero() {
		e.Time = w.now.Add(-time.Hour)
	}
	return w.sign(party, traceability.TypeEventRecord, &e)
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	for _, lot := range []*traceability.Lot{lotOf(farm, "B1"), lotOf(factory, "C1")} {
		w.accept(w.sign(traceability.PartyID("op:"+string(must(lot.ID.USCC()))), traceability.TypeLotRegister, lot))
	}
	type list = []traceability.LotQuantity
	commission := traceability.Event{Ref: "1", Type: traceability.EventCommission, Outputs: list{kilograms(farm, "B1", "100")}}

	w.refuse(w.event(shop, commission), traceability.CodeNotYours, "outputs[0].lot")
	w.refuse(w.event(farm, traceability.Event{Ref: "0", Type: traceability.EventCommission, Outputs: list{kilograms(farm, "nowhere", "1")}}), traceability.CodeUnknownLot, "outputs[0].lot")
	w.refuse(w.event(farm, traceability.Event{Ref: "0", Type: traceability.EventCommission, Outputs: list{{Lot: lotID(farm, "B1"), Quantity: traceability.Quantity{Value: "1", Unit: "LTR"}}}}), traceability.CodeUnitMismatch, "outputs[0].quantity.unit")
	w.accept(w.event(farm, commission))
	w.refuse(w.event(farm, traceability.Event{Ref: "1", Type: traceability.EventSell, Lots: list{kilograms(farm, "B1", "1")}}), traceability.CodeConflict, "ref")

	ship := traceability.Event{Ref: "2", Type: traceability.EventShip, To: factory, Lots: list{{Lot: lotID(farm, "B1"), Quantity: traceability.Quantity{Value: "0.0605", Unit: "TNE"}}}}
	w.refuse(w.event(shop, ship), traceability.CodeInsufficient, "lots[0].quantity")
	w.accept(w.event(farm, ship))
	w.refuse(w.event(farm, traceability.Event{Ref: "3", Type: traceability.EventSell, Lots: list{kilograms(farm, "B1", "39.500001")}}), traceability.CodeInsufficient, "lots[0].quantity")
	w.accept(w.event(farm, traceability.Event{Ref: "3", Type: traceability.EventSell, Lots: list{kilograms(farm, "B1", "39.5")}}))

	transform := traceability.Event{Ref: "T", Type: traceability.EventTransform, Inputs: list{kilograms(farm, "B1", "60")}, Outputs: list{kilograms(factory, "C1", "50")}}
	w.refuse(w.event(factory, transform), traceability.CodeInsufficient, "inputs[0].quantity")
	receive := traceability.Event{Ref: "R1", Type: traceability.EventReceive, Shipment: traceability.NewEventID(farm, "2"), Lots: list{kilograms(farm, "B1", "40")}}
	w.refuse(w.event(shop, receive), traceability.CodeUnknownShipment, "shipment")
	w.accept(w.event(factory, receive))
	receive.Ref, receive.Lots = "R2", list{kilograms(farm, "B1", "20.6")}
	w.refuse(w.event(factory, receive), traceability.CodeInsufficient, "lots[0].quantity")
	receive.Lots = list{kilograms(farm, "B1", "20.5")}
	w.accept(w.event(factory, receive))
	w.accept(w.event(factory, transform))
	w.refuse(w.event(factory, traceability.Event{Ref: "U", Type: traceability.EventTransform, Inputs: list{kilograms(factory, "C1", "1")}, Outputs: list{kilograms(factory, "C1", "1")}}), traceability.CodeSelfReference, "outputs[0].lot")

	w.accept(w.event(lab, traceability.Event{Ref: "O", Type: traceability.EventObserve, Process: "抽样", Lots: list{{Lot: lotID(factory, "C1")}}}))
	w.refuse(w.event(lab, commission), traceability.CodeNotAllowed, "kid")
	w.refuse(w.event(farm, traceability.Event{Ref: "F", Type: traceability.EventObserve, Time: w.now.Add(time.Hour), Lots: list{{Lot: lotID(factory, "C1")}}}), traceability.CodeFutureDated, "time")
}

func must[T any](value T, ok bool) T {
	if !ok {
		panic("absent")
	}
	return value
}

// TestObserverHasTheGoods holds that no business writes about another's lots: its
// registrant does, and who holds or held them.
func TestObserverHasTheGoods(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.accept(w.sign(factory, traceability.TypeLotRegister, lotOf(factory, "C1")))
	seen := func(by traceability.PartyID, ref string) string {
		return w.event(by, traceability.Event{Ref: ref, Type: traceability.EventObserve, Process: "巡查", Lots: []traceability.LotQuantity{{Lot: lotID(factory, "C1")}}})
	}
	w.refuse(seen(farm, "O-1"), traceability.CodeNotYours, "lots[0].lot")
	w.accept(seen(factory, "O-1"))
	w.accept(seen(lab, "O-1"))
	w.accept(seen(zhejiang, "O-1"))
	w.accept(w.event(factory, traceability.Event{Ref: "M", Type: traceability.EventCommission, Outputs: []traceability.LotQuantity{kilograms(factory, "C1", "5")}}))
	w.accept(w.event(factory, traceability.Event{Ref: "S", Type: traceability.EventShip, To: shop, Lots: []traceability.LotQuantity{kilograms(factory, "C1", "5")}}))
	w.refuse(seen(shop, "O-1"), traceability.CodeNotYours, "lots[0].lot")
	w.accept(w.event(shop, traceability.Event{Ref: "R", Type: traceability.EventReceive, Shipment: traceability.NewEventID(factory, "S"), Lots: []traceability.LotQuantity{kilograms(factory, "C1", "5")}}))
	w.accept(w.event(shop, traceability.Event{Ref: "V", Type: traceability.EventSell, Lots: []traceability.LotQuantity{kilograms(factory, "C1", "5")}}))
	w.accept(seen(shop, "O-1"))
}

// TestLotsHaveGlobalNumbers holds that no lot is registered under a number that is
// nobody's: of zeros, or left to shops for their own labels.
func TestLotsHaveGlobalNumbers(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	for number, good := range map[string]bool{"00000000000000": false, "02000000000008": false, "2012345678900": false, "0212345678909": false, "6901234567892": true, "69012341": true} {
		digits := number[:len(number)-1]
		gtin, err := traceability.ParseGTIN(number)
		if err != nil { // whatever its check digit is
			for _, last := range "0123456789" {
				if gtin, err = traceability.ParseGTIN(digits + string(last)); err == nil {
					break
				}
			}
		}
		id, err := traceability.GTINLot(gtin, "A01")
		if err != nil {
			t.Fatal(err)
		}
		document := w.sign(factory, traceability.TypeLotRegister, &traceability.Lot{ID: id, Product: "腌黄瓜", Unit: "KGM"})
		if good {
			w.accept(document)
		} else {
			w.refuse(document, traceability.CodeInvalid, "lot")
		}
	}
}
