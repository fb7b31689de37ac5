package main

import (
	"context"

	"deltatrace/traceability"
)

const (
	// lookAtOnce is how many items of a list are read at once where some are hidden.
	lookAtOnce = 200
	// maxLooked is how many hidden items a page may pass over; a page that meets more of
	// them in a row ends there.
	maxLooked = 10_000
)

// visible reads a page of what the viewer may see of a list in which things are hidden:
// a whole page, and a next only where there is something to see behind it. So neither
// tells of what is hidden. What may be seen, see says.
func visible[T any](ctx context.Context, page traceability.Page, read func(context.Context, traceability.Page) (traceability.List[T], error), see func(T) (T, bool)) (traceability.List[T], error) {
	var seen traceability.List[T]
	at := page.After
	for looked := 0; ; {
		part, err := read(ctx, traceability.Page{After: at, Limit: lookAtOnce})
		if err != nil {
			return traceability.List[T]{}, err
		}
		for i, item := range part.Items {
			shown, ok := see(item)
			switch {
			case !ok:
				looked++
			case len(seen.Items) == page.Limit:
				return seen, nil // there is more, behind seen.Next
			default:
				seen.Items = append(seen.Items, shown)
				if len(seen.Items) < page.Limit {
					continue
				}
				// The page is full: where it ends only a read that ends there can tell.
				end, err := read(ctx, traceability.Page{After: at, Limit: i + 1})
				if err != nil {
					return traceability.List[T]{}, err
				}
				if seen.Next = end.Next; seen.Next == "" {
					return seen, nil
				}
			}
		}
		if part.Next == "" {
			seen.Next = ""
			return seen, nil
		}
		if at = part.Next; looked >= maxLooked {
			if len(seen.Items) < page.Limit {
				seen.Next = at
			}
			return seen, nil
		}
	}
}
