package rules_test

import (
	"testing"
	"time"

	"deltatrace/traceability"
)

func aListing(ref string, at time.Time, shops ...traceability.Shop) *traceability.Listing {
	return &traceability.Listing{Ref: ref, At: at, Shops: shops}
}

func aShop(id traceability.ShopID, name string) traceability.Shop {
	return traceability.Shop{ID: id, Name: name, Address: "静安区示例路1号", Licence: string(licenceNo)}
}

func (w *world) listing(id traceability.ShopID) *traceability.ListingState {
	w.Helper()
	value := w.state[traceability.ListingKey(platform, id)]
	if value == nil {
		return nil
	}
	state, err := traceability.DecodeState[traceability.ListingState](value)
	if err != nil {
		w.Fatal(err)
	}
	return state
}

func TestListings(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	morning := w.now.Add(-time.Hour)
	say := func(l *traceability.Listing) string { return w.sign(platform, traceability.TypeListingDeclare, l) }
	w.refuse(w.sign(shop, traceability.TypeListingDeclare, aListing("1", morning, aShop("A", "甲"))), traceability.CodeNotAllowed, "kid")
	w.refuse(say(aListing("1", w.now.Add(time.Hour), aShop("A", "甲"))), traceability.CodeFutureDated, "at")

	first := w.accept(say(aListing("1", morning, aShop("A", "甲"), aShop("B", "乙"))))
	if first.Record != "declaration/"+string(platform)+"/1" {
		t.Errorf("record: %s", first.Record)
	}
	if again := w.submit(say(aListing("1", morning, aShop("A", "甲"), aShop("B", "乙"))))[0]; again.Status != traceability.StatusDuplicate {
		t.Errorf("the same again: %+v", again)
	}
	w.refuse(say(aListing("1", morning, aShop("A", "丙"))), traceability.CodeConflict, "ref")

	older := w.accept(say(aListing("0", morning.Add(-time.Minute), aShop("A", "旧名"), aShop("C", "丁"))))
	if len(older.Warnings) != 1 || older.Warnings[0].Code != traceability.CodeOlder {
		t.Errorf("an older one: %+v", older.Warnings)
	}
	if a, c := w.listing("A"), w.listing("C"); a.Shop.Name != "甲" || a.Declaration != "1" || c == nil {
		t.Errorf("after an older one: %+v, %+v", a, c)
	}

	w.accept(say(aListing("2", morning.Add(time.Minute), aShop("A", "甲"), aShop("B", "新名"))))
	if a := w.listing("A"); !a.Since.Equal(morning) || !a.At.Equal(morning.Add(time.Minute)) || a.Declaration != "2" {
		t.Errorf("unchanged: %+v", a)
	}
	if b := w.listing("B"); !b.Since.Equal(morning.Add(time.Minute)) {
		t.Errorf("changed: %+v", b)
	}
	w.now = w.now.Add(48 * time.Hour)
	late := morning.Add(48 * time.Hour)
	w.accept(say(aListing("3", late, aShop("A", "甲"))))
	if a := w.listing("A"); !a.Since.Equal(late) {
		t.Errorf("after a gap: %+v", a)
	}
}
