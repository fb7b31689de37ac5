package bench

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"deltatrace/network/node"
	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

const (
	producer traceability.PartyID = "op:91330106MA1FPX121E"
	perBatch                      = traceability.MaxBatchDocuments
	clients                       = 4
)

// load submits lots of one producer.
type load struct {
	client *client.Client
	key    traceability.SigningKey
	uscc   traceability.USCC
	start  time.Time
}

// newLoad admits the producer.
func newLoad(ctx context.Context, n *node.Node) (*load, error) {
	door, err := client.New(n.URL)
	if err != nil {
		return nil, err
	}
	regulator, err := n.Keys.Key(traceability.Regulator(traceability.Zhejiang))
	if err != nil {
		return nil, err
	}
	key, err := n.Keys.Key(producer)
	if err != nil {
		return nil, err
	}
	uscc, _ := producer.USCC()
	l := &load{client: door, key: key, uscc: uscc, start: traceability.Instant(time.Now())}
	admission, err := traceability.Sign(regulator, traceability.TypePartyAdmit,
		&traceability.Admission{Party: producer, Name: "测量用示例企业", Key: key.Public()}, l.start)
	if err != nil {
		return nil, err
	}
	return l, l.submit(ctx, []string{admission})
}

// lot returns the id of the i-th lot.
func (l *load) lot(i int) traceability.LotID {
	return traceability.LotID(fmt.Sprintf("cn/%s/P/%08d", l.uscc, i))
}

// run registers the lots with several clients, then records the chain's events,
// and returns how many documents that were.
func (l *load) run(ctx context.Context, c Config) (int, error) {
	group, working := errgroup.WithContext(ctx)
	var next, done atomic.Int64
	var told sync.Mutex
	last := time.Now()
	for range clients {
		group.Go(func() error {
			for {
				from := int(next.Add(perBatch)) - perBatch
				if from >= c.Lots {
					return nil
				}
				if err := l.register(working, from, min(from+perBatch, c.Lots)); err != nil {
					return err
				}
				now := done.Add(perBatch)
				told.Lock()
				if time.Since(last) > 2*time.Second {
					fmt.Fprintf(os.Stderr, "\r%d of %d lots ", now, c.Lots)
					last = time.Now()
				}
				told.Unlock()
			}
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	fmt.Fprint(os.Stderr, "\r")
	events, err := l.chain(c.Chain)
	if err != nil {
		return 0, err
	}
	for from := 0; from < len(events); from += perBatch {
		if err := l.submit(ctx, events[from:min(from+perBatch, len(events))]); err != nil {
			return 0, err
		}
	}
	return c.Lots + len(events), nil
}

func (l *load) register(ctx context.Context, from, to int) error {
	var documents []string
	for i := from; i < to; i++ {
		document, err := traceability.Sign(l.key, traceability.TypeLotRegister,
			&traceability.Lot{ID: l.lot(i), Product: "测量用示例产品", Category: "蔬菜", Spec: "500克/袋", Unit: "KGM", Origin: traceability.Place{Division: "330106"}}, l.start)
		if err != nil {
			return err
		}
		documents = append(documents, document)
	}
	return l.submit(ctx, documents)
}

// chain makes the events by which each of the first lots comes from the one
// before it.
func (l *load) chain(lots int) ([]string, error) {
	amount := func(i int) []traceability.LotQuantity {
		return []traceability.LotQuantity{{Lot: l.lot(i), Quantity: traceability.Quantity{Value: "100", Unit: "KGM"}}}
	}
	var documents []string
	for i := range lots {
		event := &traceability.Event{Ref: fmt.Sprintf("E-%d", i), Type: traceability.EventCommission, Time: l.start, Outputs: amount(i)}
		if i > 0 {
			event.Type, event.Inputs = traceability.EventTransform, amount(i-1)
		}
		document, err := traceability.Sign(l.key, traceability.TypeEventRecord, event, l.start)
		if err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
	return documents, nil
}

// submit insists that every document is on the ledger.
func (l *load) submit(ctx context.Context, documents []string) error {
	receipt, err := l.client.Submit(ctx, documents)
	if err != nil {
		return err
	}
	for _, outcome := range receipt.Outcomes {
		if outcome.Status == traceability.StatusRejected {
			return outcome.Problems[0]
		}
	}
	return nil
}
