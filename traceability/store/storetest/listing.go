package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"deltatrace/traceability"
)

func listingCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"listing/history":  listingHistory,
		"listing/lists":    listingLists,
		"listing/snapshot": listingSnapshot,
	}
}

const platform traceability.PartyID = "plat:91310101MA1FPX121X"

// Declare puts a platform's declaration on the ledger, and its shops as the rules
// would.
func (c *Chain) Declare(platform traceability.PartyID, say *traceability.Listing) {
	c.tb.Helper()
	entry, _ := c.sign(platform, traceability.TypeListingDeclare, say)
	c.write(traceability.DeclarationKey(platform, say.Ref), traceability.DeclarationState{Document: entry})
	for _, shop := range say.Shops {
		key := traceability.ListingKey(platform, shop.ID)
		state := traceability.ListingState{Shop: shop, At: say.At, Since: say.At, Declaration: say.Ref}
		if before, ok := c.shops[key]; ok && before.GoesOn(&state) {
			state.Since = before.Since
		}
		c.shops[key] = state
		c.write(key, state)
	}
}

func listingHistory(t *testing.T, e Engine) {
	c := NewChain(t)
	named := func(name string) traceability.Shop {
		return traceability.Shop{ID: "A", Name: name, Licence: string(catererNo), Division: "310104"}
	}
	var times []time.Time
	for i, name := range []string{"甲", "甲", "乙", "甲"} {
		times = append(times, c.now())
		c.Declare(platform, &traceability.Listing{Ref: fmt.Sprint(i), At: c.now(), Shops: []traceability.Shop{named(name)}})
		c.Close()
	}
	s := applied(t, e, c)
	want := traceability.ListingRecord{Platform: platform, Shop: named("甲"), Since: times[3], At: times[3], Listed: true, Declaration: "3", Block: 4}
	period := func(name string, since, last time.Time) traceability.ListingPeriod {
		return traceability.ListingPeriod{Since: since, Last: last, Shop: named(name)}
	}
	want.Periods = []traceability.ListingPeriod{period("甲", times[0], times[1]), period("乙", times[2], times[2]), period("甲", times[3], times[3])}
	equal(t, want, must[traceability.ListingRecord](t)(s.Listing(t.Context(), platform, "A")))
	if _, err := s.Listing(t.Context(), platform, "B"); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	if _, err := s.Listing(t.Context(), "plat:91330106MA1FPX121E", "A"); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("on another platform: %v", err)
	}
	for i, name := range []string{"甲", "甲", "乙", "甲"} {
		list := must[traceability.List[traceability.ListingRecord]](t)(s.Listings(t.Context(), traceability.ListingFilter{Platform: platform, On: times[i].Add(time.Second)}, traceability.Page{}))
		if len(list.Items) != 1 || list.Items[0].Name != name {
			t.Errorf("at %s: %+v", times[i], list.Items)
		}
	}
	before := must[traceability.List[traceability.ListingRecord]](t)(s.Listings(t.Context(), traceability.ListingFilter{On: start}, traceability.Page{}))
	if len(before.Items) > 0 {
		t.Errorf("before it was declared: %+v", before.Items)
	}
}

func listingLists(t *testing.T, e Engine) {
	c := NewChain(t)
	const rival traceability.PartyID = "plat:91330106MA1FPX121E"
	licences := []string{string(catererNo), "JY23301060008889", "ｊｙ23101040000019 ", ""}
	declare := func(platform traceability.PartyID, n int) {
		say := &traceability.Listing{Ref: "1", At: c.now()}
		for i := range n {
			say.Shops = append(say.Shops, traceability.Shop{ID: traceability.ShopID(fmt.Sprintf("S%03d", i)), Name: "示例",
				Licence: licences[i%len(licences)], Division: []traceability.DivisionCode{"310104", "330106"}[i%2], Removed: i == 6})
		}
		c.Declare(platform, say)
	}
	declare(platform, 8)
	declare(rival, 3)
	c.Close()
	s := applied(t, e, c)
	for name, tt := range map[string]struct {
		filter traceability.ListingFilter
		want   []string
	}{
		"of a platform":      {traceability.ListingFilter{Platform: rival}, []string{"+S000", "+S001", "+S002"}},
		"all":                {traceability.ListingFilter{}, []string{"+S000", "+S001", "+S002", "+S003", "+S004", "+S005", "-S006", "+S007", "+S000", "+S001", "+S002"}},
		"by licence":         {traceability.ListingFilter{Licence: "JY23101040000019"}, []string{"+S000", "+S002", "+S004", "-S006", "+S000", "+S002"}},
		"by both":            {traceability.ListingFilter{Platform: platform, Licence: "jy23101040000019"}, []string{"+S000", "+S002", "+S004", "-S006"}},
		"in a division":      {traceability.ListingFilter{Platform: platform, Division: "330106"}, []string{"+S001", "+S003", "+S005", "+S007"}},
		"in division and on": {traceability.ListingFilter{Division: "330106", Platform: rival}, []string{"+S001"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int{0, 1, 3} {
				var got []string
				page := traceability.Page{Limit: limit}
				for range 20 {
					list := must[traceability.List[traceability.ListingRecord]](t)(s.Listings(t.Context(), tt.filter, page))
					for _, l := range list.Items {
						got = append(got, map[bool]string{true: "+", false: "-"}[l.Listed]+string(l.ID))
					}
					if page.After = list.Next; page.After == "" {
						break
					}
				}
				if !slices.Equal(tt.want, got) {
					t.Errorf("by %d: got %v, want %v", limit, got, tt.want)
				}
			}
		})
	}
	of := must[map[traceability.LicenceID][]traceability.ListingRecord](t)(s.ListingsOfLicence(t.Context(), []traceability.LicenceID{catererNo, "SC10632058300128", catererNo}))
	if len(of) != 1 || len(of[catererNo]) != 5 || of[catererNo][0].Platform != platform || of[catererNo][4].ID != "S002" {
		t.Errorf("of a licence: %+v", of)
	}
	uses := must[map[traceability.LicenceID][]traceability.LicenceUse](t)(s.LicenceUses(t.Context(), []traceability.LicenceID{catererNo, "SC10632058300128"}))
	if len(uses) != 1 || len(uses[catererNo]) != 5 || !slices.Contains(uses[catererNo], traceability.LicenceUse{Platform: rival, Shop: "S002"}) {
		t.Errorf("uses of a licence: %+v", uses)
	}
	some := must[map[traceability.ShopID]traceability.ListingRecord](t)(s.ListingsOf(t.Context(), platform, []traceability.ShopID{"S000", "S006", "S999"}))
	if len(some) != 2 || !some["S000"].Listed || some["S006"].Listed {
		t.Errorf("some of a platform: %+v", some)
	}
	if _, err := s.Listings(t.Context(), traceability.ListingFilter{On: start, Licence: "x"}, traceability.Page{}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("on a day by licence: %v", err)
	}
	if _, err := s.Listings(t.Context(), traceability.ListingFilter{}, traceability.Page{After: "x"}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a bad cursor: %v", err)
	}
}

// listingSnapshot holds that a snapshot counts once it is whole, that its parts may
// come in any order and twice, and that a past day is judged by what was whole then.
func listingSnapshot(t *testing.T, e Engine) {
	c := NewChain(t)
	declare := func(ref string, at time.Time, snapshot *traceability.SnapshotPart, ids ...traceability.ShopID) {
		say := &traceability.Listing{Ref: ref, At: at, Snapshot: snapshot}
		for _, id := range ids {
			say.Shops = append(say.Shops, traceability.Shop{ID: id, Name: "示例"})
		}
		c.Declare(platform, say)
		c.Close()
	}
	s := e.Open(t)
	applyRest := func() {
		t.Helper()
		if err := s.Apply(t.Context(), c.Blocks...); err != nil {
			t.Fatal(err)
		}
	}
	listed := func(on time.Time) string {
		t.Helper()
		names := ""
		for _, l := range must[traceability.List[traceability.ListingRecord]](t)(s.Listings(t.Context(), traceability.ListingFilter{Platform: platform, On: on}, traceability.Page{})).Items {
			if l.Listed {
				names += string(l.ID)
			}
		}
		return names
	}
	t0 := c.now()
	declare("0", t0, nil, "A", "B", "C", "D")
	t1 := t0.Add(time.Hour)
	part := func(n int) *traceability.SnapshotPart {
		return &traceability.SnapshotPart{ID: "s", Part: n, Parts: 3}
	}
	declare("3", t1.Add(2*time.Second), part(3), "C")
	declare("1", t1, part(1), "A")
	declare("1 again", t1.Add(time.Minute), part(1), "A")
	applyRest()
	if got := listed(time.Time{}); got != "ABCD" {
		t.Errorf("before the snapshot is whole: %s", got)
	}
	declare("2", t1.Add(time.Second), part(2), "E")
	applyRest()
	if got := listed(time.Time{}); got != "ACE" {
		t.Errorf("when it is whole: %s", got)
	}
	if one := must[traceability.ListingRecord](t)(s.Listing(t.Context(), platform, "B")); one.Listed {
		t.Errorf("left out: %+v", one)
	}
	declare("4", t1.Add(time.Hour), nil, "B")
	applyRest()
	if got := listed(time.Time{}); got != "ABCE" {
		t.Errorf("declared again: %s", got)
	}
	if got := listed(t0.Add(time.Minute)); got != "ABCD" {
		t.Errorf("on the day before: %s", got)
	}
	if DumpOf(t, s) != DumpOf(t, applied(t, e, c)) {
		t.Error("applied at once, the read model differs")
	}
}
