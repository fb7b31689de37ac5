package fabric

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// TestContention has two provinces record sales of one lot at the same time: each
// changes the same record, so most transactions are in each other's way. All come
// through, the sum is right, and neighbours that share transactions with them are
// not held up.
func TestContention(t *testing.T) {
	n := realNetwork(t)
	chaincode := n.deploy(t)
	ledgers := []*Ledger{
		mustOpen(t, n.profile(t, "shanghai", chaincode), Options{}),
		mustOpen(t, n.profile(t, "anhui", chaincode), Options{}),
	}
	lab, admission := n.parties.Laboratory(t, 1)
	shop := ledgertest.NewKey(t, "op:91310101MA1FPX121X")
	lot, err := traceability.ProduceLot("91310101MA1FPX121X", "QC-100", "20250820")
	if err != nil {
		t.Fatal(err)
	}
	event := func(ref string, typ traceability.EventType, kilograms string) string {
		e := &traceability.Event{Ref: ref, Type: typ, Time: ledgertest.Signed}
		amount := []traceability.LotQuantity{{Lot: lot, Quantity: traceability.Quantity{Value: traceability.Decimal(kilograms), Unit: "KGM"}}}
		if e.Lots = amount; typ == traceability.EventCommission {
			e.Lots, e.Outputs = nil, amount
		}
		return ledgertest.Sign(t, shop, traceability.TypeEventRecord, e)
	}
	ctx := context.Background()
	for _, documents := range [][]string{
		{admission, n.parties.Admit(t, &traceability.Admission{Party: shop.Party, Name: "示范超市有限公司", Key: shop.Public()})},
		{ledgertest.Sign(t, shop, traceability.TypeLotRegister, &traceability.Lot{ID: lot, Product: "黄瓜", Unit: "KGM"}), event("0", traceability.EventCommission, "1000")},
	} {
		if r, err := ledgers[0].Submit(ctx, documents); err != nil || r.Outcomes[1].Status != traceability.StatusAccepted {
			t.Fatalf("got %+v, error %v", r, err)
		}
	}
	n.settled(t, ledgers[0])

	const callers, each = 6, 4
	var group sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	submit := func(l *Ledger, document string) {
		at := time.Now()
		r, err := l.Submit(ctx, []string{document})
		if err != nil || r.Outcomes[0].Status != traceability.StatusAccepted {
			t.Errorf("got %+v, error %v", r, err)
		}
		mu.Lock()
		defer mu.Unlock()
		took = append(took, time.Since(at))
	}
	for i, l := range ledgers {
		for c := range callers {
			group.Go(func() {
				for k := range each {
					submit(l, event(fmt.Sprintf("%d-%d-%d", i, c, k), traceability.EventSell, "1.5"))
					submit(l, ledgertest.SignedReport(t, lab, 1000*i+100*c+k))
				}
			})
		}
	}
	group.Wait()
	slices.Sort(took)
	t.Logf("%d submissions: median %s, longest %s", len(took), took[len(took)/2], took[len(took)-1])
	n.settled(t, ledgers[0])
	record, err := ledgers[0].peers.all[0].ledger.Evaluate("Record", client.WithArguments(traceability.HoldingKey(lot, shop.Party)))
	if err != nil {
		t.Fatal(err)
	}
	holding, err := traceability.DecodeState[traceability.Holding](record)
	if err != nil {
		t.Fatal(err)
	}
	if want := traceability.Balance("72"); holding.Out != want { // 48 × 1.5
		t.Errorf("sold according to the ledger: %s kg, want %s", holding.Out, want)
	}
}
