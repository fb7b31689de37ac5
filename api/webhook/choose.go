package webhook

import (
	"cmp"
	"slices"

	"deltatrace/traceability"
)

// choose returns which webhooks are served when there are too many, and which are
// left. Regulators come first and platforms next, whom nobody else may starve. Among
// equals each party's first webhook comes before anybody's second, and what was set
// earlier before what was set later, so that a newcomer takes nobody's place.
func choose(all []traceability.WebhookRecord, most, each int) (chosen, left []traceability.WebhookRecord) {
	older := func(a, b traceability.WebhookRecord) int {
		return cmp.Or(cmp.Compare(a.Document.Position.Block, b.Document.Position.Block),
			cmp.Compare(a.Party, b.Party), cmp.Compare(a.Ref, b.Ref))
	}
	all = slices.SortedFunc(slices.Values(all), older)
	turn := make(map[name]int) // of its party's webhooks which
	of := make(map[traceability.PartyID]int)
	for _, hook := range all {
		turn[name{hook.Party, hook.Ref}] = of[hook.Party]
		of[hook.Party]++
	}
	slices.SortStableFunc(all, func(a, b traceability.WebhookRecord) int {
		return cmp.Or(cmp.Compare(precedence(a.Party), precedence(b.Party)),
			cmp.Compare(turn[name{a.Party, a.Ref}], turn[name{b.Party, b.Ref}]))
	})
	for _, hook := range all {
		if turn[name{hook.Party, hook.Ref}] >= each || len(chosen) >= most {
			left = append(left, hook)
		} else {
			chosen = append(chosen, hook)
		}
	}
	return chosen, left
}

// precedence orders parties by what depends on their being told.
func precedence(party traceability.PartyID) int {
	switch party.Kind() {
	case traceability.KindRegulator:
		return 0
	case traceability.KindPlatform:
		return 1
	}
	return 2
}
