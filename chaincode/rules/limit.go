package rules

import (
	"fmt"
	"strings"

	"deltatrace/traceability"
)

// compareVerdicts warns where an item's verdict is not what the limit gives that the
// four provinces agreed on for the day the food was made: the limit as it stands on
// the ledger now. The laboratory's verdict stands as it is given. Where a program
// cannot tell, and that is often, it says nothing.
func (s *statement) compareVerdicts(r *traceability.Report) {
	made, assumed := r.Sample.Date, ""
	if made == "" {
		made, assumed = r.Sample.SampledOn, ", by the day of sampling"
	}
	for i, keys := range s.limits {
		item := &r.Items[i]
		limit := s.limit(r, keys, made)
		if limit == nil {
			continue
		}
		if verdict := limit.Judge(item); verdict != "" && verdict != item.Verdict {
			s.warn(refuse(traceability.CodeVerdictDiffers, fmt.Sprintf("items[%d].verdict", i), string(item.Verdict),
				fmt.Sprintf("%s by %s, %s%s", verdict, limit, strings.TrimSpace(limit.Standard+" "+limit.Clause), assumed),
				fmt.Sprintf("%s：检验机构判定与四省商定的限量（%s，%s）不一致，以检验机构判定为准", item.Parameter, limit, limit.Standard),
				fmt.Sprintf("%s: the laboratory's verdict differs from the limit that the four provinces agreed on (%s, %s); the laboratory's stands", item.Parameter, limit, limit.Standard)))
		}
	}
}

// limit returns the first limit that counts, or nil.
func (s *statement) limit(r *traceability.Report, keys []string, made traceability.Date) *traceability.Limit {
	for _, key := range keys {
		limit := traceability.LimitOn(agreed[*traceability.Limit](s.view, key), made)
		if limit != nil {
			if limit.Excludes(r.Sample.FoodName) {
				return nil
			}
			return limit
		}
	}
	return nil
}
