package fabric

import (
	"context"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	gatewaypb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"google.golang.org/protobuf/proto"

	"deltatrace/traceability"
)

// order hands the transaction to the ordering service, through another peer when
// this one does not answer. The same transaction twice is one.
func (t *trial) order(ctx context.Context, g *gateway, tx *client.Transaction) *failure {
	send := func(tx *client.Transaction) error {
		ctx, cancel := context.WithTimeout(ctx, orderWithin+t.larger())
		defer cancel()
		_, err := tx.SubmitWithContext(ctx)
		return err
	}
	err := send(tx)
	if err == nil {
		return nil
	}
	f := orderFailure(err)
	if !unreachable(err) || ctx.Err() != nil {
		return f
	}
	t.doubt(ctx, g, err)
	b, err := tx.Bytes()
	if err != nil {
		return f
	}
	for _, other := range t.ledger.peers.others(g) {
		again, err := other.client.NewTransaction(b)
		if err == nil {
			err = send(again)
		}
		if err == nil {
			return nil
		}
		if !unreachable(err) || ctx.Err() != nil {
			break
		}
	}
	return f
}

// How long the peers are asked what became of a transaction: each for a while,
// since one that is cut off never learns.
const (
	awaitWithin = 12 * time.Second
	awaitEach   = 4 * time.Second
)

// await learns what became of a transaction, from this peer or another.
func (t *trial) await(ctx context.Context, g *gateway, id traceability.TxID) (block uint64, f *failure) {
	ctx, cancel := context.WithTimeout(ctx, awaitWithin)
	defer cancel()
	f = &failure{lost: true, err: fmt.Errorf("await %s: %w", id, context.DeadlineExceeded)}
	ask := append([]*gateway{g}, t.ledger.peers.others(g)...)
	for i := 0; ctx.Err() == nil; i++ {
		at := ask[i%len(ask)]
		status, err := t.ledger.status(ctx, at, id)
		if err == nil {
			t.ledger.peers.saw(status.BlockNumber)
			if !status.Successful {
				return 0, commitFailure(status.Code)
			}
			return status.BlockNumber, nil
		}
		f.err = fmt.Errorf("await %s: %w", id, err)
		if ctx.Err() == nil {
			t.doubt(ctx, at, err)
			pause(ctx, 20*time.Millisecond)
		}
	}
	return 0, f
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
	ctx, cancel := context.WithTimeout(ctx, awaitEach)
	defer cancel()
	return commit.StatusWithContext(ctx)
}
