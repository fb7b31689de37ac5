package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

func recallCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"recall/one":       recallOne,
		"recall/lists":     recallLists,
		"recall/spread":    recallSpread,
		"recall/scope":     recallScope,
		"recall/withdrawn": recallWithdrawn,
		"recall/alerts":    recallAlerts,
		"recall/many":      recallMany,
	}
}

// Recall puts a recall as it stands on the ledger, with one more document of the
// signer: its opening, or an act.
func (c *Chain) Recall(r *traceability.Recall, signer traceability.PartyID, say traceability.Payload) traceability.DocumentID {
	c.tb.Helper()
	typ, act := traceability.TypeRecallOpen, traceability.Act("")
	if a, ok := say.(*traceability.RecallAct); ok {
		typ, act = traceability.TypeRecallAct, a.Act
	}
	entry, id := c.sign(signer, typ, say)
	r.Done = append(r.Done, traceability.Done{Document: id, Act: act, By: signer, At: c.now()})
	c.recalls[r.ID] = append(c.recalls[r.ID], entry)
	c.write(traceability.RecallKey(r.ID), traceability.RecallState{Documents: c.recalls[r.ID], Recall: *r})
	return id
}

// OpenRecall has a producer open a recall of lots and of what is made of them.
func (c *Chain) OpenRecall(producer traceability.PartyID, lots ...traceability.LotID) *traceability.Recall {
	c.tb.Helper()
	r := &traceability.Recall{ID: traceability.RecallID(lots[0]), Phase: traceability.PhaseVoluntary, Producer: producer, Province: traceability.Shanghai,
		Lots: lots, Downstream: true, Product: "青菜", Unit: "KGM", Hazard: "农药残留超标", Reason: "自查", Known: c.now(), Opened: c.now()}
	c.Recall(r, producer, &traceability.RecallOpen{Lots: lots, Downstream: true, At: c.now(), Hazard: r.Hazard, Reason: r.Reason})
	return r
}

// Announce has the producer plan a level II recall and announce it.
func (c *Chain) Announce(r *traceability.Recall) {
	c.tb.Helper()
	r.Phase, r.Level, r.Measures = traceability.PhasePlanned, traceability.RecallII, "下架、退货"
	c.Recall(r, r.Producer, &traceability.RecallAct{Recall: r.ID, Act: traceability.ActPlan, At: c.now(), Level: r.Level, Measures: r.Measures})
	r.Phase, r.Announced = traceability.PhaseAnnounced, c.now()
	c.Recall(r, r.Producer, &traceability.RecallAct{Recall: r.ID, Act: traceability.ActAnnounce, At: c.now()})
}

// WithdrawRecall has the regulator withdraw a recall.
func (c *Chain) WithdrawRecall(r *traceability.Recall) {
	c.tb.Helper()
	r.Phase, r.Ended, r.EndReason = traceability.PhaseWithdrawn, c.now(), "通报撤销"
	c.Recall(r, traceability.Regulator(r.Province), &traceability.RecallAct{Recall: r.ID, Act: traceability.ActWithdraw, At: c.now(), Reason: r.EndReason})
}

func recallOne(t *testing.T, e Engine) {
	c := sample(t)
	r := c.OpenRecall(farm, lotID("A"))
	c.Close()
	s := applied(t, e, c)
	record := must[traceability.RecallRecord](t)(s.Recall(t.Context(), r.ID))
	equal(t, *r, record.Recall)
	if record.Announcement != nil || len(record.History) != 1 || record.History[0].Open == nil || record.History[0].Party != farm {
		t.Errorf("opened: %+v", record)
	}
	c.Announce(r)
	if err := s.Apply(t.Context(), c.Close()); err != nil {
		t.Fatal(err)
	}
	record = must[traceability.RecallRecord](t)(s.Recall(t.Context(), r.ID))
	equal(t, *r, record.Recall)
	if record.Announcement == nil || record.Announcement.Block != uint64(len(c.Blocks)-1) || len(record.History) != 3 || record.History[2].Act.Act != traceability.ActAnnounce {
		t.Errorf("announced: %+v", record)
	}
	document := must[traceability.DocumentRecord](t)(s.Document(t.Context(), record.History[0].ID))
	if document.Record != traceability.RecallKey(r.ID) {
		t.Errorf("the opening is of the record %s", document.Record)
	}
	if _, err := s.Recall(t.Context(), "x"); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
}

func recallLists(t *testing.T, e Engine) {
	c := sample(t)
	first := c.OpenRecall(farm, lotID("A"))
	c.Close()
	second := c.OpenRecall(factory, lotID("X"))
	second.OrderedBy, second.Notice = traceability.Anhui, "DBJ25330100319130599"
	c.Recall(second, factory, &traceability.RecallAct{Recall: second.ID, Act: traceability.ActPlan, At: c.now()})
	c.Close()
	c.Announce(first)
	third := c.OpenRecall(farm, lotID("B"))
	c.Close()
	s := applied(t, e, c)
	for name, tt := range map[string]struct {
		filter traceability.RecallFilter
		want   []traceability.RecallID
	}{
		"all":           {traceability.RecallFilter{}, []traceability.RecallID{first.ID, second.ID, third.ID}},
		"announced":     {traceability.RecallFilter{Phase: traceability.PhaseAnnounced}, []traceability.RecallID{first.ID}},
		"public":        {traceability.RecallFilter{Public: true}, []traceability.RecallID{first.ID}},
		"of a notice":   {traceability.RecallFilter{Notice: "DBJ25330100319130599"}, []traceability.RecallID{second.ID}},
		"the farm's":    {traceability.RecallFilter{Party: farm}, []traceability.RecallID{first.ID, third.ID}},
		"Shanghai's":    {traceability.RecallFilter{Party: traceability.Regulator(traceability.Shanghai)}, []traceability.RecallID{first.ID, second.ID, third.ID}},
		"Anhui's":       {traceability.RecallFilter{Party: traceability.Regulator(traceability.Anhui)}, []traceability.RecallID{second.ID}},
		"farm, public":  {traceability.RecallFilter{Party: farm, Public: true}, []traceability.RecallID{first.ID}},
		"a stranger's":  {traceability.RecallFilter{Party: shop}, nil},
		"newest first":  {traceability.RecallFilter{Newest: true}, []traceability.RecallID{third.ID, second.ID, first.ID}},
		"newest public": {traceability.RecallFilter{Newest: true, Public: true}, []traceability.RecallID{first.ID}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int{0, 1, 2} {
				var got []traceability.RecallID
				page := traceability.Page{Limit: limit}
				for range 10 {
					list := must[traceability.List[traceability.RecallRecord]](t)(s.Recalls(t.Context(), tt.filter, page))
					for _, r := range list.Items {
						got = append(got, r.ID)
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
	if _, err := s.Recalls(t.Context(), traceability.RecallFilter{Newest: true, Party: farm}, traceability.Page{}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("the newest of a party: %v", err)
	}
	if _, err := s.Recalls(t.Context(), traceability.RecallFilter{}, traceability.Page{After: "x"}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a bad cursor: %v", err)
	}
}

// recalledChain has the farm's lot A recalled, of which came B, and C and D of
// it; E is another's. After the announcement F comes of C, and E, of which there
// is G already, takes in some of B. What blocks hold which is told by the heights.
func recalledChain(t *testing.T) (c *Chain, r *traceability.Recall, announced, grown uint64) {
	t.Helper()
	c = sample(t)
	ids := c.lots("R", "S", "T", "U", "E", "F", "G")
	c.Event(farm, traceability.Event{Ref: "c", Type: traceability.EventCommission, Time: c.now(), Outputs: kilograms("10", ids...)})
	c.Close()
	c.Event(farm, c.transform("t1", ids[:1], ids[1:2]))  // R → S
	c.Event(farm, c.transform("t2", ids[1:2], ids[2:4])) // S → T, U
	c.Event(farm, c.transform("t3", ids[4:5], ids[6:7])) // E → G
	c.Event(farm, traceability.Event{Ref: "s1", Type: traceability.EventShip, Time: c.now(), To: shop, Lots: kilograms("4", ids[2])})
	c.Close()
	c.Event(shop, traceability.Event{Ref: "r1", Type: traceability.EventReceive, Time: c.now(), Shipment: traceability.NewEventID(farm, "s1"), Lots: kilograms("3", ids[2])})
	c.Event(shop, traceability.Event{Ref: "v1", Type: traceability.EventSell, Time: c.now(), Lots: kilograms("0.5", ids[2])})
	c.Event(shop, traceability.Event{Ref: "v2", Type: traceability.EventSell, Time: c.now(),
		Lots: []traceability.LotQuantity{{Lot: ids[2], Quantity: traceability.Quantity{Value: "250", Unit: "GRM"}}}})
	r = c.OpenRecall(farm, ids[0])
	c.Close()
	announced = uint64(len(c.Blocks))
	c.Announce(r)
	c.Close()
	c.Event(shop, traceability.Event{Ref: "v3", Type: traceability.EventSell, Time: c.now(), Lots: kilograms("1", ids[2])})
	c.Event(farm, c.transform("t4", ids[2:3], ids[5:6])) // T → F
	c.Close()
	grown = uint64(len(c.Blocks))
	c.Event(farm, c.transform("t5", []traceability.LotID{ids[1], lotID("B")}, ids[4:5])) // S, B → E, and so G
	c.Event(shop, traceability.Event{Ref: "back", Type: traceability.EventShip, Time: c.now(), To: farm, Lots: kilograms("1", ids[2])})
	c.Event(lab, traceability.Event{Ref: "seen", Type: traceability.EventObserve, Time: c.now(), Lots: []traceability.LotQuantity{{Lot: ids[2]}}})
	c.Close()
	return c, r, announced, grown
}

// covered returns the lots that a recall covers, of these, with their distance.
func covered(t *testing.T, s Store, r *traceability.Recall, names ...string) map[string]traceability.LotRecall {
	t.Helper()
	found := make(map[string]traceability.LotRecall)
	for _, name := range names {
		for _, of := range must[[]traceability.LotRecall](t)(s.RecallsOf(t.Context(), lotID(name))) {
			if of.ID == r.ID {
				equal(t, r.Phase, of.Phase)
				found[name] = of
			}
		}
	}
	return found
}

// recallSpread holds which lots come under a recall, when, and that it makes no
// difference how the blocks come.
func recallSpread(t *testing.T, e Engine) {
	c, r, announced, grown := recalledChain(t)
	want := map[string][2]uint64{"R": {0, announced}, "S": {1, announced}, "T": {2, announced}, "U": {2, announced}, "F": {3, announced + 1}, "E": {2, grown}, "G": {3, grown}}
	check := func(s Store) {
		t.Helper()
		got := make(map[string][2]uint64)
		for name, of := range covered(t, s, r, "R", "S", "T", "U", "E", "F", "G", "A", "B", "C") {
			got[name] = [2]uint64{uint64(of.Distance), of.Since}
		}
		equal(t, want, got)
	}
	one := e.Open(t)
	for _, b := range c.Blocks {
		if err := one.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	check(one)
	all := applied(t, e, c)
	check(all)
	equal(t, DumpOf(t, one), DumpOf(t, all))
	if err := all.Load(t.Context(), func() error { return all.Apply(t.Context(), c.Blocks...) }); err != nil {
		t.Fatal(err)
	}
	check(all)
	equal(t, DumpOf(t, one), DumpOf(t, all))
}

// scopeOf returns a scope's lots by their names.
func scopeOf(t *testing.T, s Store, r *traceability.Recall, height uint64) map[string]traceability.ScopeLot {
	t.Helper()
	found := make(map[string]traceability.ScopeLot)
	last := 0
	for l, err := range s.RecallScope(t.Context(), traceability.ScopeQuery{Recall: r.ID, Height: height}) {
		if err != nil {
			t.Fatal(err)
		}
		if l.Distance < last {
			t.Errorf("%s comes after a lot that is further away", l.Lot.ID)
		}
		last = l.Distance
		found[l.Lot.ID.Batch()] = l
	}
	return found
}

// recallScope holds that a scope at a height stays what it was, with what was done
// with its lots until then.
func recallScope(t *testing.T, e Engine) {
	c, r, announced, grown := recalledChain(t)
	s := e.Open(t)
	if err := s.Apply(t.Context(), c.Blocks[:announced+1]...); err != nil {
		t.Fatal(err)
	}
	then := scopeOf(t, s, r, announced)
	if err := s.Apply(t.Context(), c.Blocks[announced+1:]...); err != nil {
		t.Fatal(err)
	}
	equal(t, then, scopeOf(t, s, r, announced))
	var names []string
	for name := range then {
		names = append(names, name)
	}
	slices.Sort(names)
	equal(t, []string{"R", "S", "T", "U"}, names)
	equal(t, 1, len(scopeOf(t, s, r, announced-3))) // before anything was made of R
	equal(t, 4, len(scopeOf(t, s, r, announced-2)))
	equal(t, 7, len(scopeOf(t, s, r, grown)))
	equal(t, 7, len(scopeOf(t, s, r, 1<<63)))

	shopkeeper := traceability.ScopeHolder{Party: shop, Name: "示例小吃店", Province: traceability.Shanghai, Unit: "KGM", Sent: "4", Received: "3", Sold: "0.75"}
	maker := traceability.ScopeHolder{Party: farm, Name: "上海示例农场有限公司", NameEN: "Example Farm", Province: traceability.Shanghai, Unit: "KGM", Made: "14.5", Shipped: "4"}
	equal(t, traceability.ScopeLot{Distance: 2, Lot: traceability.TraceLot{ID: lotID("T"), Product: "青菜 T", ProductEN: "greens T", Date: "2026-10-30", Registrant: farm, Division: "310118"},
		Holders: []traceability.ScopeHolder{maker, shopkeeper}}, then["T"])
	equal(t, []traceability.ScopeHolder{{Party: farm, Name: maker.Name, NameEN: maker.NameEN, Province: traceability.Shanghai, Unit: "KGM", Made: "10", Used: "10"}}, then["R"].Holders)
	for _, err := range s.RecallScope(t.Context(), traceability.ScopeQuery{Recall: "x"}) {
		if !errors.Is(err, traceability.ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
	}
}

// recallWithdrawn holds that a withdrawn recall is told as such, covers nothing
// more and alerts nobody, and that it covers what it then should once it is opened
// and announced again.
func recallWithdrawn(t *testing.T, e Engine) {
	c, r, _, _ := recalledChain(t)
	c.WithdrawRecall(r)
	c.Close()
	ids := c.lots("V", "W")
	c.Event(farm, c.transform("t6", []traceability.LotID{lotID("R")}, ids[:1]))
	c.Close()
	s := applied(t, e, c)
	if found := covered(t, s, r, "R", "F", "V"); len(found) != 2 || found["F"].EndReason != r.EndReason {
		t.Errorf("withdrawn: %+v", found)
	}
	before := len(must[traceability.List[traceability.Alert]](t)(s.Alerts(t.Context(), traceability.AlertFilter{}, traceability.Page{})).Items)

	r.Announced, r.Ended, r.EndReason, r.Downstream, r.Phase = time.Time{}, time.Time{}, "", false, traceability.PhaseVoluntary
	c.Recall(r, farm, &traceability.RecallOpen{Lots: r.Lots, At: c.now(), Hazard: r.Hazard, Reason: "再次抽检不合格"})
	c.Close()
	c.Announce(r)
	c.Event(farm, c.transform("t7", []traceability.LotID{lotID("R")}, ids[1:]))
	c.Close()
	if err := s.Apply(t.Context(), c.Blocks[len(c.Blocks)-2:]...); err != nil {
		t.Fatal(err)
	}
	if found := covered(t, s, r, "R", "S", "F", "V", "W"); len(found) != 1 || found["R"].Distance != 0 {
		t.Errorf("again: %+v", found)
	}
	after := must[traceability.List[traceability.Alert]](t)(s.Alerts(t.Context(), traceability.AlertFilter{}, traceability.Page{})).Items
	if len(after) != before+1 || after[before].Event != traceability.NewEventID(farm, "t7") {
		t.Errorf("%d alerts before, then %+v", before, after)
	}
	all := applied(t, e, c)
	equal(t, DumpOf(t, s), DumpOf(t, all))
	if err := all.Load(t.Context(), func() error { return all.Apply(t.Context(), c.Blocks...) }); err != nil {
		t.Fatal(err)
	}
	equal(t, DumpOf(t, s), DumpOf(t, all))
}

// recallAlerts holds who is told of what was done with recalled lots.
func recallAlerts(t *testing.T, e Engine) {
	c, r, announced, grown := recalledChain(t)
	s := applied(t, e, c)
	type told struct {
		event traceability.EventID
		lot   string // each has one
		block uint64
	}
	want := []told{{traceability.NewEventID(shop, "v3"), "T", announced + 1}, {traceability.NewEventID(farm, "t4"), "T", announced + 1}, {traceability.NewEventID(farm, "t5"), "S", grown}}
	for name, tt := range map[string]struct {
		filter traceability.AlertFilter
		want   []told
	}{
		"all":        {traceability.AlertFilter{}, want},
		"the recall": {traceability.AlertFilter{Recall: r.ID}, want},
		"another":    {traceability.AlertFilter{Recall: "x"}, nil},
		"producer":   {traceability.AlertFilter{Party: farm}, want},
		"holder":     {traceability.AlertFilter{Party: shop}, want[:1]},
		"regulator":  {traceability.AlertFilter{Party: traceability.Regulator(traceability.Shanghai), Recall: r.ID}, want},
		"other":      {traceability.AlertFilter{Party: traceability.Regulator(traceability.Anhui)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int{0, 1} {
				var got []told
				page := traceability.Page{Limit: limit}
				for range 10 {
					list := must[traceability.List[traceability.Alert]](t)(s.Alerts(t.Context(), tt.filter, page))
					for _, a := range list.Items {
						got = append(got, told{a.Event, a.Lots[0].Batch(), a.Document.Block})
						if a.Recall != r.ID || len(a.Lots) != 1 || a.More != 0 || a.Further != 0 || a.Producer != farm || a.Province != traceability.Shanghai || a.Party != a.Event.Party() || a.Time.IsZero() || a.Document.Tx == "" {
							t.Errorf("%+v", a)
						}
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
	feed := must[traceability.FeedPage](t)(s.Feed(t.Context(), traceability.FeedQuery{Audience: traceability.To(shop), Kinds: []traceability.SignalKind{traceability.FamilyAlert}}))
	if len(feed.Signals) != 1 || feed.Signals[0].Subject != traceability.RecallKey(r.ID) || feed.Signals[0].By != shop {
		t.Errorf("the shop's feed: %+v", feed.Signals)
	}
	public := must[traceability.FeedPage](t)(s.Feed(t.Context(), traceability.FeedQuery{Audience: traceability.AudiencePublic, Kinds: []traceability.SignalKind{traceability.FamilyRecall}}))
	if len(public.Signals) != 1 || public.Signals[0].Kind != "recall.announce" {
		t.Errorf("the public's feed: %+v", public.Signals)
	}
}

// RecallChain makes a chain whose last block announces the recall of a lot of which
// so many lots were made, and of each of them so many again, each of which a shop
// sold in part. It returns one of the last, too.
func RecallChain(tb testing.TB, fan, each int) (c *Chain, recall traceability.RecallID, last traceability.LotID) {
	tb.Helper()
	c = NewChain(tb)
	c.Admit(traceability.Admission{Party: farm, Name: "上海示例农场有限公司", Stage: traceability.StageFarm})
	c.Admit(traceability.Admission{Party: shop, Name: "示例小吃店", Stage: traceability.StageCatering})
	c.lots("R")
	var middle []traceability.LotID
	for i := range fan {
		middle = append(middle, c.lots(fmt.Sprintf("M%d", i))...)
	}
	c.Event(farm, c.transform("R", []traceability.LotID{lotID("R")}, middle))
	c.Close()
	for i, lot := range middle {
		var made []traceability.LotID
		for j := range each {
			made = append(made, c.lots(fmt.Sprintf("L%d-%d", i, j))...)
		}
		c.Event(farm, c.transform(fmt.Sprintf("M%d", i), []traceability.LotID{lot}, made))
		c.Event(shop, traceability.Event{Ref: fmt.Sprintf("V%d", i), Type: traceability.EventSell, Time: c.now(), Lots: kilograms("0.5", made...)})
		last = made[len(made)-1]
		c.Close()
	}
	r := c.OpenRecall(farm, lotID("R"))
	c.Close()
	c.Announce(r)
	c.Close()
	return c, r.ID, last
}

// recallMany holds that what recalls and events come to stays in proportion to what
// was recorded, when all the lots of an event are under many recalls: so many that
// one producer may have, and more. The gravest are told of.
func recallMany(t *testing.T, e Engine) {
	const roots, made, extra = traceability.MaxOwnRecalls, 100, 5
	c := NewChain(t)
	c.Admit(traceability.Admission{Party: farm, Name: "上海示例农场有限公司", Stage: traceability.StageFarm})
	c.Admit(traceability.Admission{Party: shop, Name: "示例小吃店", Stage: traceability.StageCatering})
	names := func(letter string, n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("%s%03d", letter, i))
		}
		return list
	}
	from, to := c.lots(names("R", roots)...), c.lots(names("L", made)...)
	c.Event(farm, c.transform("t", from, to))
	c.Close()
	for i, root := range from {
		r := c.OpenRecall(farm, root)
		c.Announce(r)
		if i == roots-1 { // the last is the gravest
			r.Level = traceability.RecallI
			c.Recall(r, farm, &traceability.RecallAct{Recall: r.ID, Act: traceability.ActProgress, At: c.now()})
		}
		if i%7 == 0 {
			c.Close()
		}
	}
	for i := range extra {
		c.Event(shop, traceability.Event{Ref: fmt.Sprint("v", i), Type: traceability.EventSell, Time: c.now(), Lots: kilograms("1", to...)})
	}
	c.Close()
	s := e.Open(t)
	for _, b := range c.Blocks {
		if err := s.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	documents, follows := 0, 0
	rows := make(map[string]int)
	for line := range strings.Lines(DumpOf(t, s)) {
		table, _, _ := strings.Cut(line, "\t")
		rows[table]++
		switch table {
		case "documents":
			documents += len(line)
		case "recall_lots", "alerts", "alert_parties", "feed":
			follows += len(line)
		}
	}
	want := map[string]int{"recall_lots": roots * (made + 1), "alerts": extra * traceability.MaxAlerts, "alert_parties": extra * traceability.MaxAlerts * 3}
	for table, n := range want {
		if rows[table] != n {
			t.Errorf("%s has %d rows, not %d", table, rows[table], n)
		}
	}
	if follows > 10*documents {
		t.Errorf("%d bytes follow of %d bytes of documents", follows, documents)
	}
	alerts := must[traceability.List[traceability.Alert]](t)(s.Alerts(t.Context(), traceability.AlertFilter{Party: shop}, traceability.Page{Limit: 1000}))
	if len(alerts.Items) != extra*traceability.MaxAlerts {
		t.Fatalf("%d alerts", len(alerts.Items))
	}
	for _, a := range alerts.Items {
		if len(a.Lots) != traceability.MaxAlertLots || a.More != made-traceability.MaxAlertLots || a.Further != roots-traceability.MaxAlerts || a.Lots[0] != to[0] {
			t.Errorf("%+v", a)
		}
	}
	recalls := must[[]traceability.LotRecall](t)(s.RecallsOf(t.Context(), to[0]))
	gravest := slices.ContainsFunc(recalls, func(r traceability.LotRecall) bool { return string(r.ID) == string(from[roots-1]) })
	if len(recalls) != traceability.MaxLotRecalls || recalls[len(recalls)-1].Further != roots-traceability.MaxLotRecalls || !gravest {
		t.Errorf("%d recalls, and %d further; the gravest among them: %v", len(recalls), recalls[len(recalls)-1].Further, gravest)
	}
	loaded := e.Open(t)
	if err := loaded.Load(t.Context(), func() error { return loaded.Apply(t.Context(), c.Blocks...) }); err != nil {
		t.Fatal(err)
	}
	equal(t, DumpOf(t, s), DumpOf(t, loaded))
}
