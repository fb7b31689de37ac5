package storetest

import (
	"slices"
	"testing"

	"deltatrace/traceability"
)

func creditCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){"credit": creditRecords, "credit/signals": creditSignals}
}

// Credit puts an entry of a credit record as it stands on the ledger, with one
// more document of the signer.
func (c *Chain) Credit(entry *traceability.Credit, signer traceability.PartyID, say traceability.Payload, to traceability.CreditProgress) traceability.DocumentID {
	c.tb.Helper()
	typ, act := traceability.TypeCreditEnter, traceability.CreditActKind("")
	if a, ok := say.(*traceability.CreditAct); ok {
		typ, act = traceability.TypeCreditAct, a.Act
	}
	signed, id := c.sign(signer, typ, say)
	entry.Changes = append(entry.Changes, traceability.CreditChange{Document: id, Act: act, By: signer, At: c.now(), Progress: to})
	c.credits[entry.ID] = append(c.credits[entry.ID], signed)
	c.write(traceability.CreditKey(entry.ID), traceability.CreditState{Documents: c.credits[entry.ID], Credit: *entry})
	return id
}

func creditRecords(t *testing.T, e Engine) {
	const one, other traceability.USCC = "91310101MA1FPX121X", "91330106MA1FPX121E"
	c := NewChain(t)
	shanghai := traceability.Regulator(traceability.Shanghai)
	enter := func(company traceability.USCC, ref string) *traceability.Credit {
		say := &traceability.CreditEnter{Ref: ref, Company: company, Name: "示例公司", Kind: traceability.CreditSerious, Reason: "示例", Basis: "示例", Decision: "示例〔2026〕1号",
			From: "2026-11-01", Expires: "2029-10-31", Measures: []traceability.CreditMeasure{{Measure: traceability.MeasurePlatformEntry}}}
		entry := &traceability.Credit{ID: traceability.NewCreditID(company, shanghai, ref), Name: say.Name, By: shanghai, Kind: say.Kind, Reason: say.Reason, Basis: say.Basis,
			Decision: say.Decision, From: say.From, Expires: say.Expires, Measures: say.Measures}
		c.Credit(entry, shanghai, say, traceability.CreditInForce)
		return entry
	}
	b, a := enter(one, "B-2"), enter(one, "A-1")
	barred := enter(other, "A-1")
	honour := &traceability.Credit{ID: traceability.NewCreditID(other, shanghai, "H-1"), Name: "示例公司", By: shanghai, Kind: traceability.CreditHonour, Topic: traceability.TopicModelShop, From: "2026-11-01"}
	c.Credit(honour, shanghai, &traceability.CreditEnter{Ref: "H-1", Company: other, Name: honour.Name, Kind: honour.Kind, Topic: honour.Topic, From: honour.From}, traceability.CreditInForce)
	c.Close()
	c.Credit(a, shanghai, &traceability.CreditAct{Entry: a.ID, Act: traceability.CreditRemove, At: c.now(), Reason: "示例"}, traceability.CreditRemoved)
	c.Close()
	s := applied(t, e, c)
	found := must[map[traceability.USCC][]traceability.Credit](t)(s.Credits(t.Context(), []traceability.USCC{one, "93330424MA1FPX121R", one}))
	equal(t, map[traceability.USCC][]traceability.Credit{one: {*a, *b}}, found)
	if all := must[map[traceability.USCC][]traceability.Credit](t)(s.Credits(t.Context(), []traceability.USCC{other, one})); len(all) != 2 {
		t.Error(all)
	}
	bars := must[map[traceability.USCC][]traceability.Credit](t)(s.PlatformBars(t.Context(), []traceability.USCC{other, one, "93330424MA1FPX121R", one}))
	equal(t, map[traceability.USCC][]traceability.Credit{one: {*a, *b}, other: {*barred}}, bars)
	if none := must[map[traceability.USCC][]traceability.Credit](t)(s.PlatformBars(t.Context(), nil)); len(none) > 0 {
		t.Error(none)
	}
	told := must[traceability.FeedPage](t)(s.Feed(t.Context(), traceability.FeedQuery{Audience: "op:91310101MA1FPX121X", Kinds: []traceability.SignalKind{"credit"}}))
	if len(told.Signals) != 3 || told.Signals[2].Kind != "credit.remove" {
		t.Error(told.Signals)
	}
}

// creditSignals holds who is told of an entry: the platforms that list a shop of the
// company, when it bars the company from them, and not that repair was asked for.
func creditSignals(t *testing.T, e Engine) {
	const rival traceability.PartyID = "plat:91330106MA1FPX121E"
	c := NewChain(t)
	const company traceability.USCC = "91320106MA1FPX121A"
	shanghai, granted := traceability.Regulator(traceability.Shanghai), caterer(catererNo, "310104")
	granted.Holder.USCC = company
	for on, number := range map[traceability.PartyID]string{platform: string(catererNo), rival: "JY23301060008889"} {
		c.Declare(on, &traceability.Listing{Ref: "1", At: c.now(), Shops: []traceability.Shop{{ID: "A", Name: "示例", Licence: number}, {ID: "B", Name: "示例", Licence: number}}})
	}
	c.Grant(granted)
	c.Close()
	enter := func(ref string, measures ...traceability.CreditMeasure) *traceability.Credit {
		say := &traceability.CreditEnter{Ref: ref, Company: company, Name: "示例", Kind: traceability.CreditAbnormal, Reason: "示例", Basis: "示例", Decision: "示例", From: "2026-11-01", Measures: measures}
		entry := &traceability.Credit{ID: traceability.NewCreditID(company, shanghai, ref), Name: say.Name, By: shanghai, Kind: say.Kind, From: say.From, Measures: measures}
		c.Credit(entry, shanghai, say, traceability.CreditInForce)
		c.Close()
		return entry
	}
	act := func(entry *traceability.Credit, by traceability.PartyID, kind traceability.CreditActKind, to traceability.CreditProgress) {
		c.Credit(entry, by, &traceability.CreditAct{Entry: entry.ID, Act: kind, At: c.now(), Reason: "示例"}, to)
		c.Close()
	}
	barring := enter("B", traceability.CreditMeasure{Measure: traceability.MeasurePlatformEntry})
	plain := enter("P", traceability.CreditMeasure{Measure: "honours"})
	act(barring, traceability.PartyID("op:"+string(company)), traceability.CreditApply, traceability.CreditRepairing)
	act(barring, shanghai, traceability.CreditRefuse, traceability.CreditInForce)
	act(plain, shanghai, traceability.CreditRemove, traceability.CreditRemoved)
	act(barring, shanghai, traceability.CreditRemove, traceability.CreditRemoved)
	s := applied(t, e, c)
	of := func(kind string) string { return "credit." + kind + " reg:310000 credit/" + string(barring.ID) }
	for audience, want := range map[traceability.Audience][]string{
		traceability.To(platform): {of("enter"), of("remove")}, traceability.To(rival): nil, traceability.AudiencePublic: nil,
	} {
		if got := told(t, s, traceability.FeedQuery{Audience: audience}); !slices.Equal(want, got) {
			t.Errorf("%s: got %v, want %v", audience, got, want)
		}
	}
}
