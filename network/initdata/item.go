package initdata

import (
	"slices"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

// Item is one thing that the reference data say, and how it stands on a ledger.
type Item struct {
	Record   string // the state key
	Type     traceability.DocumentType
	Revision int
	Needed   int                       // how many provinces must sign
	Owner    traceability.ProvinceCode // whose it is alone; empty for what all agree on

	InForce bool                        // this revision, or a later one
	Later   bool                        // it is a later one: there is nothing to sign any more
	Signed  []traceability.ProvinceCode // as far as the reader may see it

	payload any // nil for what is not shipped
}

// Shipped reports whether the reference data have it: a calendar of a later year has
// to come from the State Council first.
func (i *Item) Shipped() bool { return i.payload != nil }

// Lacking returns the provinces that have not signed and could.
func (i *Item) Lacking() []traceability.ProvinceCode {
	if i.Owner != "" {
		return []traceability.ProvinceCode{i.Owner}
	}
	return slices.DeleteFunc(traceability.Provinces(), func(p traceability.ProvinceCode) bool { return slices.Contains(i.Signed, p) })
}

// items lists all that is shipped.
func items() ([]Item, error) {
	documents, err := reference.Documents()
	if err != nil {
		return nil, err
	}
	limits, err := reference.Limits()
	if err != nil {
		return nil, err
	}
	for _, limit := range limits {
		documents = append(documents, reference.Document{Type: traceability.TypeLimitSet, Payload: limit})
	}
	var list []Item
	for _, d := range documents {
		list = append(list, Item{Record: d.Payload.Record(), Type: d.Type, Revision: d.Payload.Edition(), Needed: d.Payload.Signers(), payload: d.Payload})
	}
	for _, province := range traceability.Provinces() {
		rules, err := reference.RecognitionRules(province)
		if err != nil {
			return nil, err
		}
		for _, rule := range rules {
			list = append(list, Item{Record: traceability.RecognitionRuleKey(province, rule.Rule, rule.Version), Type: traceability.TypeRecognitionRule,
				Revision: rule.Version, Needed: 1, Owner: province, payload: rule})
		}
	}
	return list, nil
}
