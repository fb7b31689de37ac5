package store_test

import (
	"context"
	"fmt"
	"log/slog"

	"deltatrace/traceability"
	"deltatrace/traceability/store"
	"deltatrace/traceability/store/storetest"
)

// A read model of an invented region: what came of a lot, and who holds it
// answerable, nearest first.
func Example() {
	ctx := context.Background()
	s, err := store.Open(ctx, ":memory:", slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	region := storetest.Region{Seed: 1, Lots: 3, Chain: 3}
	for block := range region.Blocks() {
		if err := s.Apply(ctx, block); err != nil {
			fmt.Println(err)
			return
		}
	}
	for step, err := range s.Trace(ctx, traceability.TraceQuery{Lot: region.ChainLot(0, 0), Direction: traceability.Down}) {
		switch {
		case err != nil:
			fmt.Println(err)
		case step.Lot != nil:
			fmt.Println(step.Depth, step.Lot.ID, step.Lot.Product)
		case step.Event != nil:
			fmt.Println(step.Depth, step.Event.Type, step.Event.From[0].Quantity, "of", step.Event.From[0].Lot)
		}
	}
	// Output:
	// 0 cn/91310101MA1000001X/QC-0/1-0 上海青
	// 1 cn/91310101MA1000001X/QC-1/1-0 上海青
	// 1 transform 1250.5 kg of cn/91310101MA1000001X/QC-0/1-0
	// 2 cn/91310101MA1000001X/QC-2/1-0 上海青
	// 2 transform 1250.5 kg of cn/91310101MA1000001X/QC-1/1-0
}
