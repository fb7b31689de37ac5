package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/txn"
)

// header starts a transaction of the member's administrator.
func (m *member) header() (*txn.TransactionHeader, error) {
	header, err := txn.NewHeader(m.client, m.network.Channel)
	if err != nil {
		return nil, fmt.Errorf("%s: start a transaction: %w", m.Name, err)
	}
	return header, nil
}

// endorse sends a proposal to the peers of those provinces and returns the
// endorsements that agree. The errors say which peer refused and why; there may
// be enough endorsements all the same.
func (m *member) endorse(ctx context.Context, proposal *fab.TransactionProposal, by []*member, limit time.Duration) ([]*fab.TransactionProposalResponse, error) {
	type answer struct {
		response *fab.TransactionProposalResponse
		err      error
	}
	answers := make([]answer, len(by))
	var group sync.WaitGroup
	for i, endorser := range by {
		group.Go(func() {
			response, err := m.propose(ctx, proposal, endorser, limit)
			answers[i] = answer{response, err}
		})
	}
	group.Wait()
	var agree []*fab.TransactionProposalResponse
	var errs []error
	for i, a := range answers {
		switch {
		case a.err != nil:
			errs = append(errs, a.err)
		case len(agree) > 0 && !bytes.Equal(agree[0].ProposalResponse.Payload, a.response.ProposalResponse.Payload):
			errs = append(errs, fmt.Errorf("%s: the peer comes to another result than the others: is it behind, or does its chaincode differ?", by[i].Name))
		default:
			agree = append(agree, a.response)
		}
	}
	return agree, errors.Join(errs...)
}

// propose asks one peer.
func (m *member) propose(ctx context.Context, proposal *fab.TransactionProposal, endorser *member, limit time.Duration) (*fab.TransactionProposalResponse, error) {
	request, cancel := m.request(ctx, limit)
	defer cancel()
	responses, err := txn.SendProposal(request, proposal, []fab.ProposalProcessor{endorser.peer})
	if err != nil {
		return nil, endorser.explain(err)
	}
	response := responses[0]
	if status := response.ProposalResponse.Response.Status; status != http.StatusOK {
		return nil, endorser.explain(fmt.Errorf("status %d: %s", status, response.ProposalResponse.Response.Message))
	}
	return response, nil
}

// order sends an endorsed transaction to every province's orderer: a Byzantine
// one may say yes and keep it. That one has taken it says nothing yet; wait for
// the effect. The error says that none has taken it.
func (m *member) order(ctx context.Context, proposal *fab.TransactionProposal, endorsements []*fab.TransactionProposalResponse) error {
	transaction, err := txn.New(fab.TransactionRequest{Proposal: proposal, ProposalResponses: endorsements})
	if err != nil {
		return fmt.Errorf("%s: make the transaction: %w", m.Name, err)
	}
	provinces := m.network.Provinces
	errs := make([]error, len(provinces))
	var group sync.WaitGroup
	for i, p := range provinces {
		group.Go(func() {
			orderer, err := m.network.orderer(m.client, p)
			if err == nil {
				request, cancel := m.request(ctx, queryTimeout)
				defer cancel()
				_, err = txn.Send(request, transaction, []fab.Orderer{orderer})
			}
			if err != nil {
				errs[i] = explainOrderer(m.network, p, err)
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("no orderer takes the transaction: %w", errors.Join(errs...))
}

// How often to ask whether something has come about, how long to wait for it
// before trying again, and how many failures in a row are enough.
const (
	pollEvery  = 100 * time.Millisecond
	retryAfter = 10 * time.Second
	pause      = 2 * time.Second // after a failure
	attempts   = 3
)

// achieve brings something about and waits for it: it asks whether it is so,
// acts if not, asks again, and acts again when nothing has come of it.
func achieve(ctx context.Context, what string, done func(context.Context) (bool, error), act func(context.Context) error) error {
	var again time.Time // when to act
	failed := 0
	for {
		ok, err := done(ctx)
		if ok {
			return nil
		}
		if err == nil && time.Now().After(again) {
			err = act(ctx)
			again = time.Now().Add(retryAfter)
		}
		wait := pollEvery
		if err != nil {
			if failed++; failed == attempts || ctx.Err() != nil {
				return err
			}
			wait, again = pause, time.Time{}
		} else {
			failed = 0
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: it has not come about: %w", what, context.Cause(ctx))
		case <-time.After(wait):
		}
	}
}
