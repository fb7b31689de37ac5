package faults

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"deltatrace/network/keyring"
	"deltatrace/network/topology"
	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

// producer registers the lots that are the load.
const producer traceability.PartyID = "op:91330106MA1FPX121E"

// load submits documents to every province's API, one at a time each, and keeps
// what was acknowledged and when: the model that the ledger is compared with.
type load struct {
	key     traceability.SigningKey
	uscc    traceability.USCC
	signed  time.Time
	every   time.Duration // the pause between two submissions to one API
	clients []*client.Client

	mu           sync.Mutex
	next         int
	acknowledged []acknowledgement
	refused      []error // what no fault excuses
}

type acknowledgement struct {
	lot      traceability.LotID
	tx       traceability.TxID
	province int // whose API acknowledged, its index
	at       time.Time
}

// newLoad admits the producer through the first API that takes it.
func newLoad(ctx context.Context, keys keyring.Keyring, provinces []topology.Province, url func(topology.Province) string, every time.Duration) (*load, error) {
	key, err := keys.Key(producer)
	if err != nil {
		return nil, err
	}
	uscc, _ := producer.USCC()
	l := &load{key: key, uscc: uscc, signed: traceability.Instant(time.Now()), every: every}
	for _, p := range provinces {
		door, err := client.New(url(p))
		if err != nil {
			return nil, err
		}
		door.HTTP = &http.Client{Timeout: 10 * time.Second}
		door.Patience = 0 // the load itself tries again, so that it can be stopped
		l.clients = append(l.clients, door)
	}
	regulator, err := keys.Key(traceability.Regulator(traceability.Zhejiang))
	if err != nil {
		return nil, err
	}
	admission, err := traceability.Sign(regulator, traceability.TypePartyAdmit,
		&traceability.Admission{Party: producer, Name: "故障试验用示例企业", Key: key.Public()}, l.signed)
	if err != nil {
		return nil, err
	}
	receipt, err := l.clients[0].Submit(ctx, []string{admission})
	if err == nil && receipt.Outcomes[0].Status == traceability.StatusRejected {
		err = receipt.Outcomes[0].Problems[0]
	}
	return l, err
}

// run submits until ctx is done.
func (l *load) run(ctx context.Context) {
	var running sync.WaitGroup
	for i := range l.clients {
		running.Go(func() {
			for ctx.Err() == nil {
				l.one(ctx, i)
				wait(ctx, l.every)
			}
		})
	}
	running.Wait()
}

// one submits one new document, again and again until it is acknowledged or ctx
// is done. An error leaves its fate unknown, which the model allows: the document
// is submitted again, and a duplicate is an acknowledgement too.
func (l *load) one(ctx context.Context, province int) {
	l.mu.Lock()
	lot := traceability.LotID(fmt.Sprintf("cn/%s/F/%08d", l.uscc, l.next))
	l.next++
	l.mu.Unlock()
	document, err := traceability.Sign(l.key, traceability.TypeLotRegister,
		&traceability.Lot{ID: lot, Product: "故障试验用示例产品", Category: "蔬菜", Spec: "500克/袋", Unit: "KGM", Origin: traceability.Place{Division: "330106"}}, l.signed)
	if err != nil {
		l.refuse(err)
		return
	}
	for ctx.Err() == nil {
		receipt, err := l.clients[province].Submit(ctx, []string{document})
		if err != nil {
			wait(ctx, l.every)
			continue
		}
		outcome := receipt.Outcomes[0]
		if outcome.Status == traceability.StatusRejected {
			l.refuse(fmt.Errorf("%s was rejected: %w", lot, outcome.Problems[0]))
			return
		}
		tx := receipt.Tx
		if outcome.Status == traceability.StatusDuplicate {
			tx = outcome.First
		}
		l.acknowledge(acknowledgement{lot: lot, tx: tx, province: province})
		return
	}
}

func (l *load) acknowledge(a acknowledgement) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.at = time.Now() // within the lock, so that the list is in order
	l.acknowledged = append(l.acknowledged, a)
}

func (l *load) refuse(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused = append(l.refused, err)
}

// since returns the acknowledgements from one moment on.
func (l *load) since(from time.Time) []acknowledgement {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, _ := slices.BinarySearchFunc(l.acknowledged, from, func(a acknowledgement, t time.Time) int { return a.at.Compare(t) })
	return slices.Clone(l.acknowledged[i:])
}

// stall is the longest time without an acknowledgement between two moments, at one
// province.
func stall(acks []acknowledgement, from, to time.Time, province int) time.Duration {
	longest, last := time.Duration(0), from
	for _, a := range acks {
		if a.at.After(to) {
			break
		}
		if a.province == province {
			longest, last = max(longest, a.at.Sub(last)), a.at
		}
	}
	return max(longest, to.Sub(last))
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
