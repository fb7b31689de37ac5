package fabric

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	gatewaypb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"google.golang.org/protobuf/proto"

	"deltatrace/traceability"
)

// How long the peers are asked what became of a transaction; not for long when the
// ordering service has not said that it took the transaction.
const (
	awaitWithin     = 6 * time.Second
	awaitUnassured  = time.Second
	betweenAwaiting = 20 * time.Millisecond
)

// commit sends the transaction and learns what became of it.
func (t *trial) commit(ctx context.Context, g *gateway) (traceability.Receipt, *failure) {
	began, within := time.Now(), awaitWithin
	unassured := t.order(ctx, g)
	if unassured != nil {
		if unassured.reason == refused {
			t.sent = nil
			return traceability.Receipt{}, unassured
		}
		within = awaitUnassured
	}
	ordered, receipt := time.Now(), t.sent.receipt
	status := t.await(ctx, g, within)
	switch {
	case status == nil && unassured != nil:
		return traceability.Receipt{}, unassured
	case status == nil:
		return traceability.Receipt{}, &failure{err: fmt.Errorf("await %s: %w", receipt.Tx, context.DeadlineExceeded)}
	}
	t.sent = nil
	t.ledger.peers.saw(status.BlockNumber)
	if !status.Successful {
		return traceability.Receipt{}, commitFailure(status.Code)
	}
	t.ledger.log.Debug("a transaction is committed", "tx", receipt.Tx, "block", status.BlockNumber, "documents", len(t.documents),
		"ordered", ordered.Sub(began), "committed", time.Since(ordered))
	receipt.Block = status.BlockNumber
	return receipt, nil
}

// order hands the transaction to the ordering service. After a failure some
// orderers may have taken it.
func (t *trial) order(ctx context.Context, g *gateway) *failure {
	if t.sent.through != g {
		b, err := t.sent.tx.Bytes()
		if err != nil {
			return &failure{err: err}
		}
		tx, err := g.client.NewTransaction(b)
		if err != nil {
			return &failure{err: err}
		}
		t.sent.tx, t.sent.through = tx, g
	}
	err := attend(ctx, orderWithin+t.larger(), t.ledger.peers.answers(g), func(ctx context.Context) error {
		_, err := t.sent.tx.SubmitWithContext(ctx)
		return err
	})
	if err == nil {
		return nil
	}
	if unreachable(err) {
		t.doubt(ctx, g, err)
	}
	return orderFailure(err)
}

// await learns what became of the transaction; nil when it has not in time. A peer
// that is cut off never learns, so while one keeps silent the next is asked as well.
// The own province's peer is believed; of the others, as many as cannot all lie.
func (t *trial) await(ctx context.Context, g *gateway, within time.Duration) *client.Status {
	peers := t.ledger.peers
	var asking sync.WaitGroup
	defer asking.Wait()
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	type answer struct {
		status client.Status
		own    bool
	}
	answers := make(chan answer, len(peers.all))
	said := make(map[client.Status]int)
	next, more := peers.ranked(g), time.NewTimer(0)
	defer more.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case a := <-answers:
			if said[a.status]++; a.own || said[a.status] > peers.liars() {
				return &a.status
			}
		case <-more.C:
			at := next[0]
			asking.Go(func() {
				if status := t.ask(ctx, at); status != nil {
					answers <- answer{*status, at == peers.all[0]}
				}
			})
			if next = next[1:]; len(next) > 0 {
				more.Reset(lookAfter)
			}
		}
	}
}

// ask asks one peer until it knows what became of the transaction; nil when it does
// not while ctx lasts.
func (t *trial) ask(ctx context.Context, at *gateway) *client.Status {
	for ctx.Err() == nil {
		status, err := t.ledger.status(ctx, at, t.sent.receipt.Tx)
		if err == nil {
			return status
		}
		t.doubt(ctx, at, err)
		pause(ctx, betweenAwaiting)
	}
	return nil
}

// status asks a peer what became of a transaction, and waits for a while until it
// knows.
func (l *Ledger) status(ctx context.Context, g *gateway, id traceability.TxID) (*client.Status, error) {
	request, err := proto.Marshal(&gatewaypb.CommitStatusRequest{ChannelId: l.profile.Channel, TransactionId: string(id), Identity: l.creator})
	if err != nil {
		return nil, err
	}
	signed, err := proto.Marshal(&gatewaypb.SignedCommitStatusRequest{Request: request})
	if err != nil {
		return nil, err
	}
	commit, err := g.client.NewCommit(signed)
	if err != nil {
		return nil, err
	}
	return commit.StatusWithContext(ctx)
}
