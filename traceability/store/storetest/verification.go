package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"deltatrace/traceability"
)

func verificationCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"verification/record": verificationRecord,
		"verification/due":    verificationsDue,
	}
}

// Verify puts a platform's record of verifications on the ledger, and what came of
// the shops as the rules would, due at an instant.
func (c *Chain) Verify(platform traceability.PartyID, say *traceability.Verification, due time.Time) {
	c.tb.Helper()
	entry, _ := c.sign(platform, traceability.TypeVerificationRecord, say)
	c.write(traceability.VerificationKey(platform, say.Ref), traceability.VerificationState{Document: entry})
	for _, shop := range say.Shops {
		c.write(traceability.VerifiedKey(platform, shop.ID), traceability.VerifiedState{Verification: say.Ref, At: say.At, Height: say.Height,
			Licence: shop.Licence, Verdict: shop.Verdict, Codes: shop.Codes, Due: due})
	}
}

func verificationRecord(t *testing.T, e Engine) {
	c := NewChain(t)
	at := c.now()
	c.Declare(platform, &traceability.Listing{Ref: "1", At: at, Shops: []traceability.Shop{{ID: "A", Name: "甲"}, {ID: "B", Name: "乙"}, {ID: "C", Name: "丙"}}})
	due := at.AddDate(0, 6, 0)
	for i, verdict := range []traceability.VerifiedShop{{ID: "A", Licence: "JY1", Verdict: "valid"}, {ID: "A", Licence: "JY1", Verdict: "invalid", Codes: []traceability.ViolationCode{"EXPIRED", "STALE"}}} {
		c.Verify(platform, &traceability.Verification{Ref: fmt.Sprint(i), At: at, Height: uint64(i), Shops: []traceability.VerifiedShop{verdict}}, due)
		c.Close()
	}
	c.Verify(platform, &traceability.Verification{Ref: "u", At: at, Height: 999999999999, Shops: []traceability.VerifiedShop{{ID: "C", Verdict: "unverified"}}}, time.Time{})
	c.Declare(platform, &traceability.Listing{Ref: "2", At: c.now(), Shops: []traceability.Shop{{ID: "A", Name: "新"}}})
	c.Close()
	s := applied(t, e, c)
	got := must[map[traceability.ShopID]traceability.VerificationRecord](t)(s.Verifications(t.Context(), platform, []traceability.ShopID{"A", "B", "C", "D"}))
	want := map[traceability.ShopID]traceability.VerificationRecord{
		"A": {Platform: platform, Shop: "A", VerifiedState: traceability.VerifiedState{Verification: "1", At: at, Height: 1, Licence: "JY1",
			Verdict: "invalid", Codes: []traceability.ViolationCode{"EXPIRED", "STALE"}, Due: due}},
		"B": {Platform: platform, Shop: "B"},
		"C": {Platform: platform, Shop: "C", VerifiedState: traceability.VerifiedState{Verification: "u", At: at, Verdict: "unverified"}},
	}
	equal(t, want, got)
	if others := must[map[traceability.ShopID]traceability.VerificationRecord](t)(s.Verifications(t.Context(), "plat:91330106MA1FPX121E", []traceability.ShopID{"A"})); len(others) > 0 {
		t.Errorf("on another platform: %v", others)
	}
	history := must[[]traceability.VerificationRecord](t)(s.VerificationHistory(t.Context(), platform, "A"))
	first := traceability.VerificationRecord{Platform: platform, Shop: "A", VerifiedState: traceability.VerifiedState{Verification: "0", At: at, Licence: "JY1", Verdict: "valid", Due: due}}
	equal(t, []traceability.VerificationRecord{want["A"], first}, history)
	for platform, shop := range map[traceability.PartyID]traceability.ShopID{platform: "B", "plat:91330106MA1FPX121E": "A"} {
		if history := must[[]traceability.VerificationRecord](t)(s.VerificationHistory(t.Context(), platform, shop)); len(history) > 0 {
			t.Errorf("%s of %s: %v", shop, platform, history)
		}
	}
}

func verificationsDue(t *testing.T, e Engine) {
	c := NewChain(t)
	at := c.now()
	var shops []traceability.Shop
	for i := range 9 {
		shops = append(shops, traceability.Shop{ID: traceability.ShopID(fmt.Sprint(i)), Name: "示例", Licence: "JY1", Closed: i == 5})
	}
	c.Declare(platform, &traceability.Listing{Ref: "1", At: at, Shops: shops})
	for i := range 7 { // 7 and 8 were never verified
		c.Verify(platform, &traceability.Verification{Ref: fmt.Sprint(i), At: at, Shops: []traceability.VerifiedShop{{ID: shops[i].ID, Verdict: "valid"}}}, at.AddDate(0, 0, 10-i))
	}
	c.Declare(platform, &traceability.Listing{Ref: "2", At: at.Add(time.Second), Shops: []traceability.Shop{{ID: "6", Name: "示例", Removed: true}, {ID: "8", Name: "示例", Removed: true}}})
	c.Close()
	s := applied(t, e, c)
	for name, tt := range map[string]struct {
		before time.Time
		want   []traceability.ShopID
	}{
		"all":     {at.AddDate(1, 0, 0), []traceability.ShopID{"7", "4", "3", "2", "1", "0"}},
		"by then": {at.AddDate(0, 0, 8), []traceability.ShopID{"7", "4", "3"}},
		"now":     {at, []traceability.ShopID{"7"}},
	} {
		for _, limit := range []int{0, 1, 2} {
			var got []traceability.ShopID
			page := traceability.Page{Limit: limit}
			for range 20 {
				list := must[traceability.List[traceability.VerificationDue]](t)(s.VerificationsDue(t.Context(), platform, tt.before, page))
				for _, d := range list.Items {
					got = append(got, d.Shop)
					if d.Name == "" || d.Shop == "7" != d.Verified.IsZero() || d.Shop == "7" != d.Due.IsZero() {
						t.Errorf("%+v", d)
					}
				}
				if page.After = list.Next; page.After == "" {
					break
				}
			}
			if !slices.Equal(tt.want, got) {
				t.Errorf("%s by %d: got %v, want %v", name, limit, got, tt.want)
			}
		}
	}
	if _, err := s.VerificationsDue(t.Context(), platform, at, traceability.Page{After: "x"}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a bad cursor: %v", err)
	}
}
