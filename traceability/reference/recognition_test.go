package reference_test

import (
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

// Every province's rules pass the check that its documents will have to pass, and
// no standard has two editions in force on a day.
func TestRecognitionRules(t *testing.T) {
	t.Parallel()
	for _, province := range traceability.Provinces() {
		rules, err := reference.RecognitionRules(province)
		if err != nil || len(rules) != 2 {
			t.Fatal(rules, err)
		}
		for _, rule := range rules {
			if problems, warnings := rule.Check(); len(problems)+len(warnings) > 0 {
				t.Errorf("%s: %v %v", rule.Rule, problems, warnings)
			}
			last := make(map[string]traceability.StandardEdition)
			for _, e := range rule.Editions {
				if before, ok := last[e.Standard]; ok && (before.To == "" || before.To >= e.From) {
					t.Errorf("%s and %s are in force on one day", before.Edition, e.Edition)
				}
				last[e.Standard] = e
			}
		}
	}
}
