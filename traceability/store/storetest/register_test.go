package storetest

import (
	"slices"
	"testing"

	"deltatrace/traceability"
)

// TestRegister holds that what is invented is what it says: right numbers, records
// that the ledger would take, and each violation in two of a hundred shops.
func TestRegister(t *testing.T) {
	t.Parallel()
	g := Register{Seed: 1, Licences: 2000, Shops: 2000}
	seen := make(map[traceability.LicenceID]bool)
	count := make(map[Violation]int)
	for n := range g.Licences {
		l := g.Licence(n)
		problems, warnings := l.Check()
		if len(problems)+len(warnings) > 0 {
			t.Fatalf("licence %d: %v %v", n, problems, warnings)
		}
		if seen[l.ID] {
			t.Fatalf("licence %d: %s again", n, l.ID)
		}
		seen[l.ID] = true
		if c := g.Change(n); c != nil {
			if problems, _ := c.Check(); len(problems) > 0 {
				t.Fatalf("change %d: %v", n, problems)
			}
		}
		shop := g.Shop(n)
		declaration := traceability.Listing{Ref: "1", At: start, Shops: []traceability.Shop{shop}}
		if problems, warnings := declaration.Check(); len(problems)+len(warnings) > 0 {
			t.Fatalf("shop %d: %v %v", n, problems, warnings)
		}
		count[g.Violation(n)]++
		id := traceability.LicenceID(shop.Licence)
		switch v := g.Violation(n); v {
		case Borrowed, DuplicateUse:
			if id == l.ID || !id.CheckDigitOK() {
				t.Errorf("shop %d, %s: %s", n, v, id)
			}
		case Forged:
			if id.CheckDigitOK() {
				t.Errorf("shop %d: %s is right", n, id)
			}
		case NoLicence:
			if !id.CheckDigitOK() || id == l.ID {
				t.Errorf("shop %d: %s", n, id)
			}
		case NotShown:
		default:
			if id != l.ID {
				t.Errorf("shop %d, %q: %s, not %s", n, v, id, l.ID)
			}
		}
	}
	for _, v := range Violations() {
		if v != "" && count[v] != g.Shops/50 {
			t.Errorf("%s: %d of %d", v, count[v], g.Shops)
		}
	}
	licences, shops := 0, 0
	for b := range g.Blocks() {
		for _, tx := range b.Transactions {
			for _, w := range tx.Writes {
				switch w.Key[:4] {
				case "lice":
					licences++
				case "list":
					shops++
				}
			}
			if !slices.IsSortedFunc(tx.Writes, byKey) {
				t.Fatal("writes are out of order")
			}
		}
	}
	if licences != g.Licences || shops != g.Shops {
		t.Errorf("%d licences, %d shops", licences, shops)
	}
}
