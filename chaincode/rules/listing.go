package rules

import (
	"fmt"
	"time"

	"deltatrace/traceability"
)

// listingReads foresees the keys that judging a declaration will read.
func listingReads(platform traceability.PartyID, say *traceability.Listing) []string {
	keys := make([]string, 0, len(say.Shops)+1)
	keys = append(keys, traceability.DeclarationKey(platform, say.Ref))
	for i := range say.Shops {
		keys = append(keys, traceability.ListingKey(platform, say.Shops[i].ID))
	}
	return keys
}

// declareListing keeps a platform's declaration of its own shops and brings each
// shop up to date, unless a newer declaration has. Which shops a full snapshot
// leaves out is told by the read model: rules read no ranges.
func (s *statement) declareListing(say *traceability.Listing) *traceability.Error {
	if problem := s.role(traceability.KindPlatform); problem != nil {
		return problem
	}
	key := traceability.DeclarationKey(s.signer, say.Ref)
	if state := get[traceability.DeclarationState](s.view, key); state != nil {
		first := s.read(state.Document)
		if first == nil {
			return nil // the view has failed
		}
		return s.conflict(key, first.ID, "ref",
			"此 ref 已用于不同内容的申报，请使用新的 ref", "a declaration with other content has this ref; use another")
	}
	if say.At.After(s.tx.Time.Add(traceability.ClockSkew)) {
		return s.future("at", say.At.Format(time.RFC3339))
	}
	older := 0
	for i := range say.Shops {
		now := traceability.ListingState{Shop: say.Shops[i], At: say.At, Since: say.At, Declaration: say.Ref}
		key := traceability.ListingKey(s.signer, now.Shop.ID)
		before := get[traceability.ListingState](s.view, key)
		if before != nil && before.At.After(now.At) {
			older++
			continue
		}
		if before != nil && before.GoesOn(&now) {
			now.Since = before.Since
		}
		put(s.view, key, &now)
	}
	if older > 0 {
		s.warn(refuse(traceability.CodeOlder, "at", fmt.Sprintf("%d shops", older), "declarations in the order of at",
			fmt.Sprintf("有 %d 家店铺已有更新的申报，保持不变", older),
			fmt.Sprintf("%d shops have a newer declaration and stay as they are", older)))
	}
	put(s.view, key, &traceability.DeclarationState{Document: s.entry, Remarks: s.remarks()})
	s.outcome.Record = key
	return nil
}
