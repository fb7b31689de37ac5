package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"deltatrace/traceability"
)

func licenceCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"licence/history":  licenceHistory,
		"licence/on":       licenceOn,
		"licence/lists":    licenceLists,
		"licence/checksum": licenceChecksum,
		"licence/signals":  licenceSignals,
	}
}

// Licence puts a licence as it stands on the ledger, with one more document: its
// grant, or a change.
func (c *Chain) Licence(say traceability.Payload, periods ...traceability.LicencePeriod) traceability.DocumentID {
	c.tb.Helper()
	var id traceability.LicenceID
	typ := traceability.TypeLicenceGrant
	switch say := say.(type) {
	case *traceability.Licence:
		id = say.ID
	case *traceability.LicenceChange:
		id, typ = say.ID, traceability.TypeLicenceChange
	}
	entry, document := c.sign(traceability.Regulator(id.Province()), typ, say)
	c.licences[id] = append(c.licences[id], entry)
	c.write(traceability.LicenceKey(id), traceability.LicenceState{Documents: c.licences[id], Periods: periods})
	return document
}

// Grant grants a licence that is in force from its first day on.
func (c *Chain) Grant(l *traceability.Licence) traceability.DocumentID {
	c.tb.Helper()
	return c.Licence(l, traceability.LicencePeriod{From: l.ValidFrom})
}

const catererNo traceability.LicenceID = "JY23101040000019"

// caterer is the licence of a caterer, valid from March 2024 to February 2029.
func caterer(id traceability.LicenceID, division traceability.DivisionCode) *traceability.Licence {
	return &traceability.Licence{ID: id, Holder: traceability.Firm{Name: "示例餐饮有限公司", USCC: "91310101MA1FPX121X"}, Premises: "示例路 1 号",
		Division: division, BusinessType: traceability.BusinessTypeCatering, Items: []traceability.LicenceItem{{Name: "热食类食品制售"}},
		ValidFrom: "2024-03-01", ValidTo: "2029-02-28"}
}

// suspendedAndAltered puts a licence on the ledger that was suspended for a month
// and whose alteration, dated before, came after: the last two in one transaction.
func suspendedAndAltered(c *Chain) (grant, altered *traceability.Licence, documents []traceability.DocumentID) {
	grant, altered = caterer(catererNo, "310104"), caterer(catererNo, "310105")
	altered.Storefront = "示例小馆"
	documents = append(documents, c.Grant(grant))
	c.Close()
	halted := traceability.LicencePeriod{From: "2025-02-01", By: 1, Halt: traceability.LicenceHalted}
	documents = append(documents, c.Licence(&traceability.LicenceChange{ID: catererNo, Change: traceability.LicenceSuspended, From: "2025-02-01", Basis: "示例决定"},
		traceability.LicencePeriod{From: "2024-03-01"}, halted))
	c.Close()
	documents = append(documents, c.Licence(&traceability.LicenceChange{ID: catererNo, Change: traceability.LicenceResumed, From: "2025-03-01"},
		traceability.LicencePeriod{From: "2024-03-01"}, halted, traceability.LicencePeriod{From: "2025-03-01", By: 2}))
	halted.Content = 3
	documents = append(documents, c.Licence(&traceability.LicenceChange{ID: catererNo, Change: traceability.LicenceAltered, From: "2024-06-01", Content: altered},
		traceability.LicencePeriod{From: "2024-03-01"}, traceability.LicencePeriod{From: "2024-06-01", Content: 3, By: 3}, halted,
		traceability.LicencePeriod{From: "2025-03-01", Content: 3, By: 2}))
	c.Close()
	return grant, altered, documents
}

func licenceHistory(t *testing.T, e Engine) {
	c := NewChain(t)
	grant, altered, documents := suspendedAndAltered(c)
	s := applied(t, e, c)
	got := must[traceability.LicenceRecord](t)(s.Licence(t.Context(), catererNo))
	want := []traceability.LicenceTerm{
		{From: "2024-03-01", Content: *grant, By: documents[0]},
		{From: "2024-06-01", Content: *altered, By: documents[3]},
		{From: "2025-02-01", Content: *altered, Halt: traceability.LicenceHalted, By: documents[1]},
		{From: "2025-03-01", Content: *altered, By: documents[2]},
	}
	equal(t, want, got.Periods)
	if got.ID != catererNo || len(got.Documents) != 4 {
		t.Fatalf("got %+v", got)
	}
	for i, d := range got.Documents {
		if d.ID != documents[i] || (d.Change == nil) != (i == 0) || i > 0 && d.Change.Content != nil {
			t.Errorf("document %d: %+v", i, d)
		}
	}
	if _, err := s.Licence(t.Context(), "JY23201060001238"); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}

	// A correction that takes the suspension back leaves no trace of it in the periods.
	c.Licence(&traceability.LicenceChange{ID: catererNo, Change: traceability.LicenceCorrected, From: "2025-02-01", Annuls: documents[1]},
		traceability.LicencePeriod{From: "2024-03-01"}, traceability.LicencePeriod{From: "2024-06-01", Content: 3, By: 3})
	if err := s.Apply(t.Context(), c.Close()); err != nil {
		t.Fatal(err)
	}
	equal(t, want[:2], must[traceability.LicenceRecord](t)(s.Licence(t.Context(), catererNo)).Periods)
	onePass := applied(t, e, c)
	if DumpOf(t, s) != DumpOf(t, onePass) {
		t.Error("applied at once, the read model differs")
	}
}

func licenceOn(t *testing.T, e Engine) {
	c := NewChain(t)
	suspendedAndAltered(c)
	ids := []traceability.LicenceID{catererNo, "JY23201060001238"}
	for n := range 1100 { // more than one question asks for
		l := caterer(traceability.LicenceID(fmt.Sprintf("JY2330106%06d0", n)), "330106")
		l.Storefront = fmt.Sprint(n)
		ids = append(ids, l.ID)
		c.Grant(l)
		if n%500 == 0 {
			c.Close()
		}
	}
	c.Close()
	s := applied(t, e, c)
	for day, want := range map[traceability.Date]struct {
		status     traceability.LicenceStatus
		since      traceability.Date
		storefront string
	}{
		"2024-01-01": {traceability.LicenceNotYet, "2024-03-01", ""},
		"2024-03-01": {traceability.LicenceValid, "2024-03-01", ""},
		"2024-06-01": {traceability.LicenceValid, "2024-06-01", "示例小馆"},
		"2025-02-28": {traceability.LicenceHalted, "2025-02-01", "示例小馆"},
		"2026-11-01": {traceability.LicenceValid, "2025-03-01", "示例小馆"},
		"2029-03-01": {traceability.LicenceExpired, "2025-03-01", "示例小馆"},
	} {
		got := must[map[traceability.LicenceID]traceability.LicenceStanding](t)(s.LicenceOn(t.Context(), ids, day))
		l := got[catererNo]
		if l.ID != catererNo || l.Status != want.status || l.Since != want.since || l.Storefront != want.storefront {
			t.Errorf("%s: %+v", day, l)
		}
		record := must[traceability.LicenceRecord](t)(s.Licence(t.Context(), catererNo))
		alone, _ := record.On(day)
		equal(t, alone, l)
		if len(got) != 1101 {
			t.Errorf("%s: %d licences", day, len(got))
		}
		if last := got[ids[len(ids)-1]]; last.Storefront != "1099" {
			t.Errorf("%s: the last is %+v", day, last)
		}
	}
	if none, err := s.LicenceOn(t.Context(), nil, "2026-01-01"); err != nil || len(none) > 0 {
		t.Errorf("of none: %v, %v", none, err)
	}
}

func licenceLists(t *testing.T, e Engine) {
	c := NewChain(t)
	suspendedAndAltered(c)
	for i, id := range []traceability.LicenceID{"SC10632058300128", "JY23301060008889", "small_caterer:330000:XCY33010600123", "small_caterer:320000:XCY33010600123"} {
		l := caterer(id, "330106")
		if i > 1 {
			l.Holder.USCC = ""
		}
		c.Grant(l)
	}
	c.Close()
	s := applied(t, e, c)
	for name, tt := range map[string]struct {
		filter traceability.LicenceFilter
		want   []traceability.LicenceID
	}{
		"all":             {traceability.LicenceFilter{}, []traceability.LicenceID{catererNo, "JY23301060008889", "SC10632058300128", "small_caterer:320000:XCY33010600123", "small_caterer:330000:XCY33010600123"}},
		"of Zhejiang":     {traceability.LicenceFilter{Province: traceability.Zhejiang}, []traceability.LicenceID{"JY23301060008889", "small_caterer:330000:XCY33010600123"}},
		"by number shown": {traceability.LicenceFilter{Number: " xcy３３０１０６００１２３"}, []traceability.LicenceID{"small_caterer:320000:XCY33010600123", "small_caterer:330000:XCY33010600123"}},
		"by holder":       {traceability.LicenceFilter{Holder: "91310101MA1FPX121X"}, []traceability.LicenceID{catererNo, "JY23301060008889", "SC10632058300128"}},
		"where it moved":  {traceability.LicenceFilter{Division: "310105"}, []traceability.LicenceID{catererNo}},
		"where it was":    {traceability.LicenceFilter{Division: "310104"}, nil},
		"by all":          {traceability.LicenceFilter{Number: string(catererNo), Division: "310105", Province: traceability.Shanghai, Holder: "91310101MA1FPX121X"}, []traceability.LicenceID{catererNo}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int{0, 1, 2} {
				var got []traceability.LicenceID
				page := traceability.Page{Limit: limit}
				for range 10 {
					list := must[traceability.List[traceability.LicenceSummary]](t)(s.Licences(t.Context(), tt.filter, page))
					for _, l := range list.Items {
						got = append(got, l.ID)
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
	if _, err := s.Licences(t.Context(), traceability.LicenceFilter{}, traceability.Page{After: "x"}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a bad cursor: %v", err)
	}
}

// licenceChecksum holds that the checksum is that of the rows as registered last.
func licenceChecksum(t *testing.T, e Engine) {
	c := NewChain(t)
	_, altered, _ := suspendedAndAltered(c)
	second := caterer("JY13101150123453", "310115")
	c.Grant(second)
	c.Grant(caterer("JY23301060008889", "330106"))
	c.Close()
	s := applied(t, e, c)
	check := func(rows ...traceability.LicenceRow) {
		t.Helper()
		var h traceability.RegisterHash
		sums := must[map[traceability.LicenceID]string](t)(s.LicenceSums(t.Context(), []traceability.LicenceID{catererNo, second.ID, "JY23201060001238"}))
		for _, r := range rows {
			sum := must[string](t)(r.Sum())
			if sums[r.ID] != sum || len(sums) != 2 {
				t.Errorf("%s: %s among %d, want %s", r.ID, sums[r.ID], len(sums), sum)
			}
			h.Add(r.ID, sum)
		}
		equal(t, h.Sum(), must[traceability.RegisterSum](t)(s.LicenceChecksum(t.Context(), traceability.Shanghai)))
	}
	check(traceability.LicenceRow{Licence: *second}, traceability.LicenceRow{Licence: *altered})
	c.Licence(&traceability.LicenceChange{ID: second.ID, Change: traceability.LicenceRevoked, From: "2026-11-01"}, traceability.LicencePeriod{From: second.ValidFrom},
		traceability.LicencePeriod{From: "2026-11-01", By: 1, Halt: traceability.LicenceStruck})
	if err := s.Apply(t.Context(), c.Close()); err != nil {
		t.Fatal(err)
	}
	check(traceability.LicenceRow{Licence: *second, Halt: traceability.LicenceStruck}, traceability.LicenceRow{Licence: *altered})
	equal(t, new(traceability.RegisterHash).Sum(), must[traceability.RegisterSum](t)(s.LicenceChecksum(t.Context(), traceability.Anhui)))
}

// licenceSignals holds who is told of a change: the holder, and each platform once
// of which a shop shows the licence by then, in whatever portions blocks come.
func licenceSignals(t *testing.T, e Engine) {
	c := NewChain(t)
	const rival traceability.PartyID = "plat:91330106MA1FPX121E"
	shops := func(platform traceability.PartyID, ref string, shops ...traceability.Shop) {
		c.Declare(platform, &traceability.Listing{Ref: ref, At: c.now(), Shops: shops})
		c.Close()
	}
	shown := func(id traceability.ShopID, number string) traceability.Shop {
		return traceability.Shop{ID: id, Name: "示例", Licence: number}
	}
	shops(platform, "1", shown("A", " ｊｙ23101040000019"), shown("B", string(catererNo)), shown("C", "JY23301060008889"))
	shops(rival, "1", shown("A", "JY23301060008889"))
	c.Grant(caterer(catererNo, "310104"))
	c.Close()
	change := func(kind traceability.LicenceChangeKind, place int) {
		c.Licence(&traceability.LicenceChange{ID: catererNo, Change: kind, From: "2026-11-01"}, traceability.LicencePeriod{From: "2024-03-01"},
			traceability.LicencePeriod{From: "2026-11-01", By: place, Halt: kind.Halt("")})
		c.Close()
	}
	change(traceability.LicenceSuspended, 1)
	shops(rival, "2", shown("A", string(catererNo)))
	shops(platform, "2", shown("A", ""), traceability.Shop{ID: "B", Name: "示例", Licence: string(catererNo), Removed: true})
	change(traceability.LicenceRevoked, 2)

	s := applied(t, e, c)
	piecemeal := e.Open(t)
	for _, b := range c.Blocks {
		if err := piecemeal.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if DumpOf(t, s) != DumpOf(t, piecemeal) {
		t.Error("block by block, the read model differs")
	}
	of := func(kind string) string { return "licence." + kind + " reg:310000 licence/" + string(catererNo) }
	for audience, want := range map[traceability.Audience][]string{
		"op:91310101MA1FPX121X":       {of("grant"), of("suspended"), of("revoked")},
		traceability.To(platform):     {of("suspended")},
		traceability.To(rival):        {of("revoked")},
		traceability.AudiencePublic:   nil,
		traceability.To("reg:310000"): nil,
	} {
		if got := told(t, s, traceability.FeedQuery{Audience: audience}); !slices.Equal(want, got) {
			t.Errorf("%s: got %v, want %v", audience, got, want)
		}
	}
	page := must[traceability.FeedPage](t)(s.Feed(t.Context(), traceability.FeedQuery{Audience: traceability.To(rival)}))
	if got := page.Signals[0]; got.Province != traceability.Shanghai || got.At != start.Add(7*time.Minute) || got.Block != 7 {
		t.Errorf("got %+v", got)
	}
}
