package webhook

import (
	"fmt"
	"testing"

	"deltatrace/traceability"
)

// hooks makes webhooks of a party, each in a block of its own from the first on.
func hooks(party traceability.PartyID, n int, first uint64) (list []traceability.WebhookRecord) {
	for i := range n {
		hook := traceability.WebhookRecord{Party: party}
		hook.Ref = traceability.WebhookRef(fmt.Sprintf("%02d", n-i)) // the names go the other way
		hook.Document.Position.Block = first + uint64(i)
		list = append(list, hook)
	}
	return list
}

// TestChoose holds that a bound starves nobody whom it must not: regulators and
// platforms are served however many businesses there are, each party has its turn, and
// a newcomer takes nobody's place.
func TestChoose(t *testing.T) {
	t.Parallel()
	const most, each = 20, 3
	var all []traceability.WebhookRecord
	for i := range 30 {
		all = append(all, hooks(traceability.PartyID(fmt.Sprintf("op:%02d", i)), 5, uint64(100+10*i))...)
	}
	served := func(all []traceability.WebhookRecord) map[traceability.PartyID]int {
		chosen, left := choose(all, most, each)
		if len(chosen) != most || len(chosen)+len(left) != len(all) {
			t.Fatalf("%d chosen and %d left, of %d", len(chosen), len(left), len(all))
		}
		of := make(map[traceability.PartyID]int)
		for _, hook := range chosen {
			of[hook.Party]++
		}
		return of
	}
	before := served(all)
	for i := range 20 {
		if before[traceability.PartyID(fmt.Sprintf("op:%02d", i))] != 1 {
			t.Errorf("not the first of each: %v", before)
		}
	}
	// Those who come later by the ledger, and in the order of the names.
	all = append(all, hooks("plat:1", 5, 9000)...)
	all = append(all, hooks("reg:1", 5, 9100)...)
	after := served(append(all, hooks("lab:0", 5, 9200)...))
	if after["plat:1"] != each || after["reg:1"] != each || after["lab:0"] != 0 {
		t.Errorf("%v", after)
	}
	for i := range most - 2*each {
		if after[traceability.PartyID(fmt.Sprintf("op:%02d", i))] != 1 {
			t.Errorf("a newcomer takes a place: %v", after)
		}
	}
	if few, left := choose(hooks("op:00", 5, 1), most, each); len(few) != each || few[0].Ref != "05" || len(left) != 2 {
		t.Errorf("of one party: %v, %v", few, left)
	}
}
