package rules_test

import (
	"fmt"
	"testing"
	"time"

	"deltatrace/traceability"
)

const pickles traceability.GTIN = "06901234567892" // the factory's

// jar is a lot of the factory's pickles, as a party describes it.
func jar(batch, product string) *traceability.Lot {
	id, err := traceability.GTINLot(pickles, batch)
	if err != nil {
		panic(err)
	}
	return &traceability.Lot{ID: id, Product: product, Unit: "KGM"}
}

func (w *world) jar(by traceability.PartyID, batch, product string) string {
	w.Helper()
	return w.sign(by, traceability.TypeLotRegister, jar(batch, product))
}

func (w *world) assign(by, to traceability.PartyID, reason string) string {
	w.Helper()
	return w.sign(by, traceability.TypeGTINAssign, &traceability.GTINAssignment{GTIN: pickles, To: to, At: w.now, Reason: reason})
}

func of1(batch, amount string) []traceability.LotQuantity {
	return []traceability.LotQuantity{{Lot: jar(batch, "").ID, Quantity: traceability.Quantity{Value: traceability.Decimal(amount), Unit: "KGM"}}}
}

// TestGTINIsItsUsers holds that nobody registers lots under the number of another's
// product: of a batch of 91 none is taken, and the product's maker goes on.
func TestGTINIsItsUsers(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.accept(w.jar(factory, "A00", "酱黄瓜"))
	var batch []string
	for i := range 91 {
		batch = append(batch, w.jar(shop, fmt.Sprintf("A%02d", i), "劣质酱黄瓜"))
	}
	outcomes, writes := w.apply(batch...)
	for i, outcome := range outcomes {
		if outcome.Code != traceability.CodeGTINTaken || outcome.Problems[0].Field != "lot" || outcome.Problems[0].Found != string(factory) {
			t.Fatalf("lot %d: got %s %s %+v, want gtin_taken by the factory", i, outcome.Status, outcome.Code, outcome.Problems)
		}
	}
	if len(writes) > 0 {
		t.Errorf("got %d writes of what is refused", len(writes))
	}
	w.accept(w.jar(factory, "A01", "酱黄瓜"))

	again := w.sign(factory, traceability.TypeLotRegister, jar("A02", "酱黄瓜"))
	w.accept(again)
	w.accept(w.assign(shanghai, shop, "GS1 证书"))
	outcomes, _ = w.apply(again)
	if outcomes[0].Code != traceability.CodeReplayed {
		t.Errorf("a lot from before: got %s, want replayed whoever's the GTIN is now", outcomes[0].Code)
	}
}

// TestFirstLotsAtOnce holds that of two first lots in one block the second is refused,
// and that a refused first lot gives its signer nothing.
func TestFirstLotsAtOnce(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	late := jar("A01", "酱黄瓜")
	late.Date = "2026-12-31"
	outcomes, _ := w.apply(w.sign(shop, traceability.TypeLotRegister, late), w.jar(factory, "A01", "酱黄瓜"), w.jar(shop, "A02", "酱黄瓜"), w.jar(factory, "A03", "酱黄瓜"))
	for i, want := range []traceability.Code{traceability.CodeFutureDated, "", traceability.CodeGTINTaken, ""} {
		if outcomes[i].Code != want {
			t.Errorf("document %d: got %q, want %q", i, outcomes[i].Code, want)
		}
	}
}

func TestAssignGTIN(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.accept(w.jar(shop, "A01", "劣质酱黄瓜")) // admitted by Shanghai; the factory, by Zhejiang
	jiangsu, anhui := traceability.Regulator(traceability.Jiangsu), traceability.Regulator(traceability.Anhui)
	w.refuse(w.assign(jiangsu, factory, "x"), traceability.CodeNotAllowed, "kid")
	w.refuse(w.assign(factory, factory, "x"), traceability.CodeNotAllowed, "kid")
	w.refuse(w.assign(zhejiang, platform, "x"), traceability.CodeInvalid, "to")
	w.refuse(w.assign(zhejiang, "op:91320106MA1FPX121A", "x"), traceability.CodeUnknownParty, "to")
	w.refuse(w.assign(shanghai, shop, "x"), traceability.CodeWrongState, "to")
	w.refuse(w.sign(zhejiang, traceability.TypeGTINAssign, &traceability.GTINAssignment{GTIN: pickles, To: factory, At: w.now.Add(time.Hour), Reason: "x"}), traceability.CodeFutureDated, "at")
	w.refuse(w.sign(zhejiang, traceability.TypeGTINAssign, &traceability.GTINAssignment{GTIN: "00000000000000", To: factory, At: w.now, Reason: "x"}), traceability.CodeInvalid, "gtin")

	toFactory := w.assign(zhejiang, factory, "中国物品编码中心系统成员证书")
	w.accept(toFactory)
	w.refuse(w.jar(shop, "A02", "劣质酱黄瓜"), traceability.CodeGTINTaken, "lot")
	w.accept(w.jar(factory, "A02", "酱黄瓜"))
	w.refuse(w.assign(anhui, shop, "x"), traceability.CodeNotAllowed, "kid")
	w.accept(w.assign(zhejiang, shop, "转让")) // the present owner's province
	// An old assignment that is sent again gives nothing back.
	if outcomes, writes := w.apply(toFactory); outcomes[0].Code != traceability.CodeReplayed || len(writes) > 0 {
		t.Errorf("an assignment sent again: got %s with %d writes", outcomes[0].Code, len(writes))
	}
	w.refuse(w.jar(factory, "A03", "酱黄瓜"), traceability.CodeGTINTaken, "lot")

	// Before any lot.
	v := newPopulatedWorld(t)
	v.refuse(v.assign(shanghai, factory, "x"), traceability.CodeNotAllowed, "kid")
	v.accept(v.assign(zhejiang, factory, "中国物品编码中心系统成员证书"))
	v.refuse(v.jar(shop, "A01", "劣质酱黄瓜"), traceability.CodeGTINTaken, "lot")
}

// TestTakeOverLot holds that the GTIN's owner gets back a printed lot number that a
// squatter has registered, while there are no goods of it; and after that may recall.
func TestTakeOverLot(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	squatted := w.jar(shop, "A01", "劣质酱黄瓜")
	for _, document := range []string{squatted, w.jar(shop, "A02", "劣质酱黄瓜"), w.jar(shop, "A03", "劣质酱黄瓜")} {
		w.accept(document)
	}
	commission := func(by traceability.PartyID, ref, batch string) string {
		return w.event(by, traceability.Event{Ref: ref, Type: traceability.EventCommission, Outputs: of1(batch, "5")})
	}
	w.accept(commission(shop, "1", "A02"))
	w.accept(w.assign(zhejiang, factory, "中国物品编码中心系统成员证书"))

	// What is the squatter's stays so, but no more of it comes into being.
	w.refuse(commission(shop, "2", "A01"), traceability.CodeGTINTaken, "outputs[0].lot")
	w.accept(w.event(shop, traceability.Event{Ref: "3", Type: traceability.EventSell, Lots: of1("A02", "1")}))

	w.accept(w.jar(factory, "A01", "酱黄瓜"))
	w.accept(commission(factory, "1", "A01"))
	if outcomes, writes := w.apply(squatted); outcomes[0].Code != traceability.CodeReplayed || len(writes) > 0 {
		t.Errorf("the squatter's registration sent again: got %s with %d writes", outcomes[0].Code, len(writes))
	}
	other := jar("A01", "又一种")
	w.refuse(w.sign(factory, traceability.TypeLotRegister, other), traceability.CodeConflict, "lot")
	w.refuse(w.event(shop, traceability.Event{Ref: "4", Type: traceability.EventObserve, Process: "劣质", Lots: []traceability.LotQuantity{{Lot: other.ID}}}), traceability.CodeNotYours, "lots[0].lot")

	w.refuse(w.jar(factory, "A02", "酱黄瓜"), traceability.CodeLotInUse, "lot")
	recall := func(by traceability.PartyID, batches ...string) string {
		say := traceability.RecallOpen{At: w.now, Level: traceability.RecallFlaw, Hazard: "来源不明", Reason: "冒用商品条码"}
		for _, batch := range batches {
			say.Lots = append(say.Lots, jar(batch, "").ID)
		}
		return w.sign(by, traceability.TypeRecallOpen, &say)
	}
	w.refuse(recall(farm, "A02"), traceability.CodeNotYours, "lots")
	w.refuse(recall(shop, "A02", "A01"), traceability.CodeNotYours, "lots[1]")
	w.accept(recall(factory, "A02", "A01"))
	w.accept(recall(factory, "A03"))
	w.refuse(w.jar(factory, "A03", "酱黄瓜"), traceability.CodeLotInUse, "lot")

	state := traceability.RecallState{}
	if value := w.state[traceability.RecallKey(traceability.RecallID(jar("A02", "").ID))]; value != nil {
		decoded, err := traceability.DecodeState[traceability.RecallState](value)
		if err != nil {
			t.Fatal(err)
		}
		state = *decoded
	}
	if state.Recall.Producer != factory || state.Recall.Province != traceability.Zhejiang {
		t.Errorf("the recall is %s's of %s, want the factory's", state.Recall.Producer, state.Recall.Province)
	}
}
