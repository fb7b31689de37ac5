package initdata

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

// Survey is how the reference data stand on a ledger.
type Survey struct {
	Items []Item
	// Signatures says that those under what is not in force yet were shown, as they are
	// to a regulator.
	Signatures bool
}

// Missing lists what is not in force.
func (s *Survey) Missing() []Item {
	return slices.DeleteFunc(slices.Clone(s.Items), func(i Item) bool { return i.InForce })
}

// agreement is a revision of what the provinces agree on, as GET /v1/agreements has it.
type agreement struct {
	Record   string    `json:"record"`
	Revision int       `json:"revision"`
	InForce  time.Time `json:"in_force"`
	Signed   []struct {
		Party traceability.PartyID `json:"party"`
	} `json:"signed"`
}

// rule is a version of a province's rule, as GET /v1/recognition/rules has it.
type rule struct {
	Rule      traceability.RecognitionRuleID `json:"rule"`
	Version   int                            `json:"version"`
	Accepting traceability.ProvinceCode      `json:"accepting"`
}

// Look asks an API how the reference data stand. With the key of a regulator it also
// tells whose signatures there are. At now there must be a calendar of the year, too.
func Look(ctx context.Context, api *client.Client, now time.Time) (*Survey, error) {
	list, err := items()
	if err != nil {
		return nil, err
	}
	agreements, err := all[agreement](ctx, api, "/v1/agreements")
	if err != nil {
		return nil, err
	}
	rules, err := all[rule](ctx, api, "/v1/recognition/rules")
	if err != nil {
		return nil, err
	}
	year := traceability.CalendarKey(now.In(traceability.ChinaTime()).Year())
	if !slices.ContainsFunc(list, func(i Item) bool { return i.Record == year }) {
		list = append(list, Item{Record: year, Type: traceability.TypeCalendarSet, Revision: 1, Needed: traceability.MostProvinces})
	}
	for i := range list {
		list[i].stand(agreements, rules)
	}
	return &Survey{Items: list, Signatures: api.Key != nil && api.Key.Party.Kind() == traceability.KindRegulator}, nil
}

// stand finds an item among what there is.
func (i *Item) stand(agreements []agreement, rules []rule) {
	for _, a := range agreements {
		if a.Record != i.Record {
			continue
		}
		if !a.InForce.IsZero() && a.Revision >= i.Revision {
			i.InForce, i.Later = true, i.Later || a.Revision > i.Revision
		}
		if a.Revision == i.Revision {
			for _, d := range a.Signed {
				i.Signed = append(i.Signed, traceability.ProvinceCode(d.Party.Number()))
			}
		}
	}
	for _, r := range rules {
		if i.Owner == r.Accepting && i.Record == traceability.RecognitionRuleKey(r.Accepting, r.Rule, i.Revision) && r.Version >= i.Revision {
			i.InForce, i.Later, i.Signed = true, r.Version > i.Revision, []traceability.ProvinceCode{i.Owner}
		}
	}
}

// maxPages bounds how far a list is read: a million items.
const maxPages = 1000

// all reads a list to its end.
func all[T any](ctx context.Context, api *client.Client, path string) (whole []T, err error) {
	query := url.Values{"limit": {"1000"}}
	for range maxPages {
		var page traceability.List[T]
		if err := api.Get(ctx, path+"?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		whole = append(whole, page.Items...)
		if page.Next == "" {
			return whole, nil
		}
		if page.Next == query.Get("after") {
			return nil, errors.New(path + ": the list does not go on")
		}
		query.Set("after", page.Next)
	}
	return nil, fmt.Errorf("%s: more than %d pages", path, maxPages)
}
