package storetest

import (
	"testing"

	"deltatrace/traceability"
)

func gtinCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"gtin/owner":      gtinOwner,
		"gtin/taken over": gtinTakenOver,
	}
}

const gtin traceability.GTIN = "06901234567892"

// jar is a lot of the GTIN.
func jar(batch, product string) traceability.Lot {
	return traceability.Lot{ID: traceability.LotID("01/" + string(gtin) + "/10/" + batch), Product: product, Unit: "KGM"}
}

// GTIN has a regulator of Shanghai say whose a GTIN is, or, without a reason, the
// ledger find it in a first lot.
func (c *Chain) GTIN(gtin traceability.GTIN, owner traceability.PartyID, reason string) traceability.DocumentID {
	c.tb.Helper()
	state := c.gtins[gtin]
	state.Owner, state.Since = owner, c.now()
	var id traceability.DocumentID
	if reason != "" {
		var entry traceability.Entry
		entry, id = c.sign(traceability.Regulator(traceability.Shanghai), traceability.TypeGTINAssign, traceability.GTINAssignment{GTIN: gtin, To: owner, At: c.now(), Reason: reason})
		state.Documents = append(state.Documents, entry)
	}
	c.gtins[gtin] = state
	c.write(traceability.GTINKey(gtin), state)
	return id
}

// Anew has the GTIN's owner register a lot that others have registered.
func (c *Chain) Anew(owner traceability.PartyID, lot traceability.Lot, former ...traceability.Entry) traceability.Entry {
	c.tb.Helper()
	entry, _ := c.sign(owner, traceability.TypeLotRegister, lot)
	c.write(traceability.LotKey(lot.ID), traceability.LotState{Document: entry, Former: former})
	return entry
}

func gtinOwner(t *testing.T, e Engine) {
	c := NewChain(t)
	c.Lot(shop, jar("A", "劣质酱黄瓜"))
	c.Lot(farm, lot("P"))
	c.GTIN(gtin, shop, "")
	c.Close()
	s := applied(t, e, c)
	check := func(owner traceability.PartyID, assigned traceability.DocumentID, stranger bool) {
		t.Helper()
		got := must[traceability.LotRecord](t)(s.Lot(t.Context(), jar("A", "").ID))
		if got.Registrant != shop || got.GTINOwner != owner || got.GTINAssigned != assigned || got.Stranger() != stranger {
			t.Errorf("got %s's by %q, registered by %s (stranger %v), want %s's by %q", got.GTINOwner, got.GTINAssigned, got.Registrant, got.Stranger(), owner, assigned)
		}
		listed := must[traceability.List[traceability.LotRecord]](t)(s.Lots(t.Context(), traceability.LotFilter{Registrant: shop}, traceability.Page{}))
		equal(t, got, listed.Items[0])
	}
	check(shop, "", false)
	if got := must[traceability.LotRecord](t)(s.Lot(t.Context(), lotID("P"))); got.GTINOwner != "" || got.Stranger() {
		t.Errorf("a lot without a GTIN is of %s's", got.GTINOwner)
	}
	for _, step := range []struct {
		to       traceability.PartyID
		stranger bool
	}{{factory, true}, {shop, false}, {factory, true}} {
		first := c.GTIN(gtin, farm, "证书一") // two in one transaction
		last := c.GTIN(gtin, step.to, "证书二")
		block := c.Close()
		if err := s.Apply(t.Context(), block); err != nil {
			t.Fatal(err)
		}
		check(step.to, last, step.stranger)
		for _, id := range []traceability.DocumentID{first, last} {
			if got := must[traceability.DocumentRecord](t)(s.Document(t.Context(), id)); got.Record != traceability.GTINKey(gtin) {
				t.Errorf("the assignment stands under %s", got.Record)
			}
		}
	}
}

func gtinTakenOver(t *testing.T, e Engine) {
	c := NewChain(t)
	early := c.Anew(shop, jar("A", "劣质酱黄瓜"))
	c.Lot(shop, jar("C", "劣质酱黄瓜"))
	c.GTIN(gtin, factory, "证书")
	c.Close()
	c.Anew(factory, jar("A", "酱黄瓜"), early)
	same := c.Anew(shop, jar("B", "劣质酱黄瓜"))
	c.Anew(factory, jar("B", "酱黄瓜"), same) // of the same transaction
	c.Close()
	want := []string{string(factory) + " 酱黄瓜", string(factory) + " 酱黄瓜", string(shop) + " 劣质酱黄瓜"}
	check := func(s Store) {
		t.Helper()
		pages(t, "lots", want, func(l traceability.LotRecord) string { return string(l.Registrant) + " " + l.Product },
			func(p traceability.Page) (traceability.List[traceability.LotRecord], error) {
				return s.Lots(t.Context(), traceability.LotFilter{}, p)
			})
		for _, entry := range []traceability.Entry{early, same} {
			d := must[*traceability.Document](t)(traceability.ParseDocument(entry.JWS))
			if got := must[traceability.DocumentRecord](t)(s.Document(t.Context(), d.ID)); got.Party != shop {
				t.Errorf("the replaced registration is %s's", got.Party)
			}
		}
	}
	s := e.Open(t)
	for _, block := range c.Blocks {
		if err := s.Apply(t.Context(), block); err != nil {
			t.Fatal(err)
		}
	}
	check(s)
	check(applied(t, e, c)) // in one transaction of the database
	loaded := e.Open(t)
	if err := loaded.Load(t.Context(), func() error { return loaded.Apply(t.Context(), c.Blocks...) }); err != nil {
		t.Fatal(err)
	}
	check(loaded)
	if DumpOf(t, s) != DumpOf(t, loaded) {
		t.Error("loaded, the read model is another than block by block")
	}
}
