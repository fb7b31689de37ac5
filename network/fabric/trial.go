package fabric

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	gatewaypb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"deltatrace/traceability"
)

// trial is the tries to commit one list of documents.
type trial struct {
	ledger    *Ledger
	documents []string
	choose    bool            // the endorsers, instead of leaving that to the gateway
	through   *gateway        // which the last try used
	refusers  map[string]bool // organisations whose chaincode will not have them
	sent      *sent           // whose fate is not known yet
	found     bool            // the last try found out who does not answer
}

// sent is a transaction that may have reached the ordering service. Until its
// fate is known it is sent again, and no other in its place: the same transaction
// counts once, however often it is ordered.
type sent struct {
	tx      *client.Transaction
	through *gateway
	receipt traceability.Receipt // which holds if it is committed
}

// run tries once. The receipt is of a transaction that is committed and valid.
func (t *trial) run(ctx context.Context) (traceability.Receipt, *failure) {
	g, err := t.ledger.peers.submitter(ctx)
	if err != nil {
		return traceability.Receipt{}, &failure{err: err}
	}
	t.through = g
	if t.sent != nil {
		return t.commit(ctx, g)
	}
	began := time.Now()
	tx, f := t.endorse(ctx, g)
	if f != nil {
		return traceability.Receipt{}, f
	}
	t.ledger.log.Debug("a transaction is endorsed", "tx", tx.TransactionID(), "documents", len(t.documents), "took", time.Since(began))
	receipt, err := t.receipt(tx)
	if err != nil {
		return receipt, &failure{reason: refused, err: err}
	}
	if receipt.Tx == "" { // nothing to order
		if receipt.Block, err = t.newest(tx); err != nil {
			return receipt, &failure{reason: refused, err: err}
		}
		return receipt, nil
	}
	t.sent = &sent{tx: tx, through: g, receipt: receipt}
	return t.commit(ctx, g)
}

// endorse has the documents judged by as many provinces as it takes.
func (t *trial) endorse(ctx context.Context, g *gateway) (*client.Transaction, *failure) {
	// Not in the arguments, since those go into the block; the records have the
	// documents already.
	transient, err := json.Marshal(t.documents, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, &failure{reason: refused, err: err}
	}
	var chosen []string
	options := []client.ProposalOption{client.WithTransient(map[string][]byte{"documents": transient})}
	if t.choose && t.ledger.chooseEndorsers {
		if chosen = t.ledger.peers.endorsers(g); chosen != nil {
			options = append(options, client.WithEndorsingOrganizations(chosen...))
		}
	}
	proposal, err := g.ledger.NewProposal("Submit", options...)
	if err != nil {
		return nil, &failure{reason: refused, err: err}
	}
	var tx *client.Transaction
	t.found = false
	well := func(ctx context.Context) bool {
		t.found = t.ledger.peers.listen(ctx, chosen)
		return !t.found
	}
	err = attend(ctx, endorseWithin+t.larger(), well, func(ctx context.Context) (err error) {
		tx, err = proposal.EndorseWithContext(ctx)
		return err
	})
	switch {
	case err == nil:
		return tx, nil
	case t.found:
		return nil, &failure{err: fmt.Errorf("endorse: broken off, since an endorser does not answer: %w", err)}
	}
	return nil, t.blame(ctx, g, err)
}

// blame sees to it that who failed to endorse is left out for a while.
func (t *trial) blame(ctx context.Context, g *gateway, err error) *failure {
	peers := t.ledger.peers
	f, refusers, failed := endorseFailure(err)
	for _, msp := range refusers {
		t.refusers[msp] = true
	}
	if len(t.refusers) >= toRefuse {
		f.reason = refused
		return f
	}
	for _, msp := range refusers {
		peers.shun(msp, err)
	}
	for _, detail := range failed {
		peers.shun(detail.GetMspId(), errors.New(detail.GetMessage()))
	}
	message := status.Convert(err).Message()
	for _, other := range peers.all { // a list of names is all that it says
		if strings.Contains(message, "endorsing peers for org(s)") && strings.Contains(message, other.MSP) {
			peers.shun(other.MSP, err)
		}
	}
	if len(refusers) == 0 && len(failed) == 0 && f.reason == unavailable {
		t.doubt(ctx, g, err)
	}
	return f
}

// toRefuse is how many provinces' chaincodes must refuse a batch for it to be
// hopeless: one alone may be broken, or lie.
const toRefuse = 2

// larger is what a phase may take longer because of the documents' size.
func (t *trial) larger() time.Duration {
	bytes := 0
	for _, d := range t.documents {
		bytes += len(d)
	}
	return time.Duration(bytes) * perMegabyte >> 20
}

// doubt finds out whether a peer answers at all, after an error that may be its
// own or another's; one that answers may still have no chaincode.
func (t *trial) doubt(ctx context.Context, g *gateway, err error) {
	if ctx.Err() != nil || t.ledger.peers.isDown(g) {
		return // our own haste, or it is known
	}
	if _, failed := g.info(ctx); failed != nil {
		t.ledger.peers.failed(g, failed)
	} else if strings.Contains(err.Error(), "gateway's organization") {
		t.ledger.peers.shun(g.MSP, err)
	}
}

// receipt reads what the endorsers signed.
func (t *trial) receipt(tx *client.Transaction) (traceability.Receipt, error) {
	var r traceability.Receipt
	if err := json.Unmarshal(tx.Result(), &r); err != nil {
		return r, fmt.Errorf("the chaincode's answer: %w", err)
	}
	if len(r.Outcomes) != len(t.documents) {
		return r, fmt.Errorf("the chaincode's answer: found %d outcomes, expected %d", len(r.Outcomes), len(t.documents))
	}
	if id := traceability.TxID(tx.TransactionID()); r.Tx != "" && r.Tx != id {
		return r, fmt.Errorf("the chaincode's answer: found transaction %s, expected %s", r.Tx, id)
	}
	return r, nil
}

// newest is the latest block that wrote anything of what was read to judge the
// documents: what the outcomes speak of is no newer.
func (t *trial) newest(tx *client.Transaction) (uint64, error) {
	b, err := tx.Bytes()
	if err != nil {
		return 0, err
	}
	var prepared gatewaypb.PreparedTransaction
	if err := unmarshal("prepared transaction", b, &prepared); err != nil {
		return 0, err
	}
	e, err := envelopeOf(prepared.GetEnvelope())
	if err != nil {
		return 0, err
	}
	set, err := e.readWriteSet(t.ledger.profile.Chaincode)
	return set.newest, err
}

func envelopeOf(outer *common.Envelope) (envelope, error) {
	b, err := proto.Marshal(outer)
	if err != nil {
		return envelope{}, err
	}
	return decodeEnvelope(b)
}
