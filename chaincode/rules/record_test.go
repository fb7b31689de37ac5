package rules_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"deltatrace/traceability"
)

// records reads and writes again a record of each kind of key.
var records = map[string]func([]byte) ([]byte, error){
	"party": again[traceability.PartyState], "lot": again[traceability.LotState], "gtin": again[traceability.GTINState], "event": again[traceability.EventState],
	"report": again[traceability.ReportState], "holding": again[traceability.Holding], "arrival": again[traceability.Arrival],
	"rotation": again[traceability.Vote], "recognition-rule": again[traceability.RecognitionRuleState], "recognition": again[traceability.RecognitionState],
	"calendar": again[traceability.AgreementState], "timer": again[traceability.AgreementState], "parameters": again[traceability.AgreementState],
	"quorum": again[traceability.AgreementState], "recurrence": again[traceability.AgreementState], "limit": again[traceability.AgreementState],
	"notice": again[traceability.NoticeState], "licence": again[traceability.LicenceState], "declaration": again[traceability.DeclarationState],
	"listing": again[traceability.ListingState], "webhook": again[traceability.WebhookState], "credit": again[traceability.CreditState],
	"platform-bars": again[traceability.PlatformBars], "consultation": again[traceability.ConsultationState],
	"verification": again[traceability.VerificationState], "verified": again[traceability.VerifiedState],
	"recall": again[traceability.RecallState], "recall-of": again[traceability.RecallMark], "own-recalls": again[traceability.OwnRecalls], "noticed": again[traceability.Noticed],
}

func again[T any](value []byte) ([]byte, error) {
	record, err := traceability.DecodeState[T](value)
	if err != nil {
		return nil, err
	}
	return traceability.EncodeState(record)
}

// checkRecord holds of every record that any test of the rules writes, the random
// walks among them, that it is read as what it is, and written again to the same
// bytes. A kind of key that is new needs a line above.
func checkRecord(tb testing.TB, write traceability.Write) {
	tb.Helper()
	kind, _, _ := strings.Cut(write.Key, "/")
	read, known := records[kind]
	if !known {
		tb.Errorf("%s: no kind of record that this test knows", write.Key)
		return
	}
	if text, err := read(write.Value); err != nil || string(text) != string(write.Value) {
		tb.Errorf("%s cannot be read again: %v\nwritten %s\nagain   %s", write.Key, err, write.Value, text)
	}
}

// inTonnes has 200 t of the farm's, 100 t of which the factory holds.
func inTonnes(w *world) traceability.LotID {
	lot := lotOf(farm, "T1")
	lot.Unit = "TNE"
	w.accept(w.sign(farm, traceability.TypeLotRegister, lot))
	w.accept(w.event(farm, traceability.Event{Ref: "made", Type: traceability.EventCommission, Outputs: of(lot.ID, "200", "TNE")}))
	w.accept(w.event(farm, traceability.Event{Ref: "sent", Type: traceability.EventShip, To: factory, Lots: of(lot.ID, "100", "TNE")}))
	w.accept(w.event(factory, traceability.Event{Ref: "come", Type: traceability.EventReceive, Shipment: traceability.NewEventID(farm, "sent"), Lots: of(lot.ID, "100", "TNE")}))
	return lot.ID
}

func of(lot traceability.LotID, value traceability.Decimal, unit traceability.Unit) []traceability.LotQuantity {
	return []traceability.LotQuantity{{Lot: lot, Quantity: traceability.Quantity{Value: value, Unit: unit}}}
}

// TestAmountsThatTheUnitCannotHold holds that an amount which could not be written
// down is refused where it comes in, and harms no neighbour.
func TestAmountsThatTheUnitCannotHold(t *testing.T) {
	w := newPopulatedWorld(t)
	lot := inTonnes(w)
	grams := lotOf(farm, "G1")
	grams.Unit = "GRM"
	w.accept(w.sign(farm, traceability.TypeLotRegister, grams))

	ship := traceability.Event{Ref: "fine", Type: traceability.EventShip, To: factory, Lots: of(lot, "350.5", "GRM")}
	outcome := w.refuse(w.event(farm, ship), traceability.CodeUnfitAmount, "lots[0].quantity")
	if p := outcome.Problems[0]; p.Found != "350.5 g, which comes to 0.0003505 TNE" || p.Expected == "" {
		t.Errorf("the problem says %+v", p)
	}
	w.refuse(w.event(farm, traceability.Event{Ref: "1", Type: traceability.EventSell, Lots: of(lot, "0.000001", "GRM")}), traceability.CodeUnfitAmount, "lots[0].quantity")
	w.refuse(w.event(farm, traceability.Event{Ref: "1", Type: traceability.EventCommission, Outputs: of(lot, "0.5", "GRM")}), traceability.CodeUnfitAmount, "outputs[0].quantity")
	w.refuse(w.event(farm, traceability.Event{Ref: "1", Type: traceability.EventCommission, Outputs: of(grams.ID, "1000000000", "TNE")}), traceability.CodeUnfitAmount, "outputs[0].quantity")
	for i := range 9 {
		w.accept(w.event(farm, traceability.Event{Ref: fmt.Sprintf("big%d", i), Type: traceability.EventCommission, Outputs: of(grams.ID, "100000000", "TNE")}))
	}
	w.accept(w.event(farm, traceability.Event{Ref: "big", Type: traceability.EventCommission, Outputs: of(grams.ID, "99999999.999999", "TNE")}))
	w.refuse(w.event(farm, traceability.Event{Ref: "sum", Type: traceability.EventCommission, Outputs: of(grams.ID, "1", "GRM")}), traceability.CodeUnfitAmount, "outputs[0].quantity")

	outcomes := w.submit(w.event(farm, ship), w.sign(factory, traceability.TypeLotRegister, lotOf(factory, "GOOD")))
	if outcomes[0].Code != traceability.CodeUnfitAmount || outcomes[1].Status != traceability.StatusAccepted {
		t.Errorf("the neighbour of an unfit amount: %+v", outcomes)
	}
}

// TestEarlyBalances has records such as early ledgers wrote, and uses them up to
// the last grain.
func TestEarlyBalances(t *testing.T) {
	w := newPopulatedWorld(t)
	lot := inTonnes(w)
	for name, c := range map[string]struct{ in, out string }{
		"at once":  {"100.000350500001", "0"},
		"in parts": {"100.0003505", "0.0000005"},
		"great":    {"1000000000000000100000", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			w.state[traceability.HoldingKey(lot, factory)] = fmt.Appendf(nil, `{"in":"%s","out":"%s"}`, c.in, c.out)
			sell := func(ref string, value traceability.Decimal, unit traceability.Unit) string {
				return w.event(factory, traceability.Event{Ref: strings.ReplaceAll(name, " ", "-") + ref, Type: traceability.EventSell, Lots: of(lot, value, unit)})
			}
			w.accept(sell("a", "1", "TNE"))
			switch name {
			case "at once":
				w.refuse(sell("b", "0.5", "GRM"), traceability.CodeUnfitAmount, "lots[0].quantity")
				w.accept(sell("b", "99000350.500001", "GRM"))
			case "in parts":
				w.accept(sell("b", "99", "TNE"))
				w.accept(w.event(factory, traceability.Event{Ref: "rest", Type: traceability.EventShip, To: shop, Lots: of(lot, "350", "GRM")}))
				return
			case "great":
				w.accept(w.event(factory, traceability.Event{Ref: "much", Type: traceability.EventShip, To: shop, Lots: of(lot, "999999999999999", "TNE")}))
				return
			}
			holding, err := traceability.DecodeState[traceability.Holding](w.state[traceability.HoldingKey(lot, factory)])
			if err != nil || !holding.In.Number().Equal(holding.Out.Number()) {
				t.Errorf("left: %+v %v", holding, err)
			}
		})
	}
	// A fine shipment of an early ledger arrives as a whole.
	w.state[traceability.ArrivalKey(traceability.NewEventID(factory, "rest"))] = []byte(`{"amounts":["0.0003495"]}`)
	receive := func(ref string, value traceability.Decimal) string {
		return w.event(shop, traceability.Event{Ref: ref, Type: traceability.EventReceive, Shipment: traceability.NewEventID(factory, "rest"), Lots: of(lot, value, "GRM")})
	}
	w.refuse(receive("r", "0.4"), traceability.CodeUnfitAmount, "lots[0].quantity")
	w.accept(receive("r", "0.5"))
}

// FuzzAmounts moves amounts of every unit at random; checkRecord holds that all
// that is written can be read again.
func FuzzAmounts(f *testing.F) {
	f.Add(uint64(1))
	f.Add(uint64(2))
	f.Fuzz(walkAmounts)
}

func walkAmounts(t *testing.T, seed uint64) {
	w := newPopulatedWorld(t)
	random := rand.New(rand.NewPCG(seed, 0))
	lot := inTonnes(w)
	values := []traceability.Decimal{"0.000001", "0.5", "1", "350.5", "999999999999999", "999999999999999.999999", "12.345678"}
	accepted, unfit := 0, 0
	for i := range 400 {
		quantity := of(lot, values[random.IntN(len(values))], []traceability.Unit{"TNE", "KGM", "GRM"}[random.IntN(3)])
		e := traceability.Event{Ref: fmt.Sprintf("f%d", i)}
		switch random.IntN(3) {
		case 0:
			e.Type, e.Outputs = traceability.EventCommission, quantity
		case 1:
			e.Type, e.Lots = traceability.EventSell, quantity
		default:
			e.Type, e.Lots, e.To = traceability.EventShip, quantity, factory
		}
		outcome := w.submit(w.event(farm, e))[0]
		if outcome.Status == traceability.StatusAccepted {
			accepted++
			if e.Type == traceability.EventShip {
				arrival := traceability.Event{Ref: e.Ref, Type: traceability.EventReceive, Shipment: traceability.NewEventID(farm, e.Ref), Lots: quantity}
				if o := w.submit(w.event(factory, arrival))[0]; o.Status != traceability.StatusAccepted && o.Code != traceability.CodeUnfitAmount {
					t.Errorf("what was shipped does not arrive: %+v", o.Problems)
				}
			}
		} else if outcome.Code == traceability.CodeUnfitAmount {
			unfit++
		}
	}
	if accepted == 0 || unfit == 0 {
		t.Errorf("%d accepted, %d unfit: the walk has become one-sided", accepted, unfit)
	}
}

// TestTimesThatCannotBeKept holds that a time which RFC 3339 cannot write in UTC is
// refused: no answer could be made of it.
func TestTimesThatCannotBeKept(t *testing.T) {
	w := newPopulatedWorld(t)
	for _, at := range []string{"0000-01-01T00:00:00+08:00", "0001-06-01T00:00:00Z", "9999-12-31T23:59:59-08:00"} {
		event := map[string]any{"ref": "1", "type": "sell", "time": at, "lots": []any{map[string]any{"lot": lotID(farm, "B1"), "quantity": map[string]string{"value": "1", "unit": "KGM"}}}}
		w.refuse(w.sign(farm, traceability.TypeEventRecord, event), traceability.CodeInvalid, "time")
		act := map[string]any{"ref": "1", "at": at, "shops": []any{map[string]any{"shop": "S1", "name": "示例"}}}
		w.refuse(w.sign(platform, traceability.TypeListingDeclare, act), traceability.CodeInvalid, "at")
	}
}
