package reference

import (
	"slices"

	"deltatrace/traceability"
)

// RecognitionRules returns two rules of mutual recognition for an accepting
// province to start with, as version 1: one for all food, with tests that are at
// most 180 days old, and one for fresh produce, where only the batch counts. They
// know the editions of the national standards and no designated methods: those the
// province adds, or attests. No published text says that these are the rules
// (basis: to be confirmed), so each province signs its own.
func RecognitionRules(accepting traceability.ProvinceCode) ([]*traceability.RecognitionRule, error) {
	rules, err := read[[]*traceability.RecognitionRule]("recognition.json")
	for _, rule := range rules {
		rule.Rule = "MR-" + traceability.RecognitionRuleID(accepting[:2]) + "-2026-" + rule.Rule
		rule.Accepting = accepting
		rule.Issuing = slices.DeleteFunc(traceability.Provinces(), func(p traceability.ProvinceCode) bool { return p == accepting })
	}
	return rules, err
}
