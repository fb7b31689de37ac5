package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/golang/protobuf/proto"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go/peer"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/txn"
)

type initCommand struct {
	Chaincode string        `help:"Name of the chaincode; the topology's by default."`
	Genesis   string        `help:"JSON file that names the regulators and their keys; the network's own by default." type:"existingfile"`
	Provinces []string      `name:"province" help:"Submit as this province (name or code), and wait for its peer only; may be repeated."`
	Within    time.Duration `help:"How long it may take." default:"1m"`
}

// start says whether a province's peer has the ledger's first transaction.
type start struct {
	Province string `json:"province"` // name
	Started  bool   `json:"started"`
	Error    string `json:"error,omitzero"`
}

func (r start) String() string { return row(r.Province, "started", r.Error) }

// Run implements the command. The peers that do not answer are not waited for:
// they will find the transaction in the blocks.
func (c *initCommand) Run(ctx context.Context, s *session) error {
	n, err := s.open()
	if err != nil {
		return err
	}
	defer n.Close()
	chaincode, file := c.Chaincode, c.Genesis
	if chaincode == "" {
		chaincode = n.Chaincode
	}
	if file == "" {
		file = n.files.Genesis()
	}
	genesis, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the genesis: %w", err)
	}
	members, err := n.members(c.Provinces)
	if err != nil {
		return err
	}
	running := running(s, members)
	if len(running) == 0 {
		return errors.New("no peer answers; start the network first")
	}
	ctx, cancel := context.WithTimeout(ctx, c.Within)
	defer cancel()
	call := fab.ChaincodeInvokeRequest{ChaincodeID: chaincode, Fcn: "Init", Args: [][]byte{genesis}, Lang: peer.ChaincodeSpec_GOLANG}
	// The chaincode writes nothing when the ledger has started from the same
	// genesis, and refuses when it has from another.
	has := func(m *member) func(context.Context) (bool, error) {
		return func(ctx context.Context) (bool, error) {
			_, endorsements, err := m.invoke(ctx, call, []*member{m})
			if err != nil {
				return false, err
			}
			n, err := countWrites(endorsements[0], chaincode)
			return err == nil && n == 0, err
		}
	}
	first := running[0]
	err = achieve(ctx, "start the ledger", has(first), func(ctx context.Context) error {
		by, err := first.everybody()
		if err != nil {
			return err
		}
		proposal, endorsements, err := first.invoke(ctx, call, by)
		if len(endorsements) < n.Endorsements {
			return fmt.Errorf("start the ledger: %d of %d provinces endorse, %d must: %w", len(endorsements), len(by), n.Endorsements, err)
		}
		return first.order(ctx, proposal, endorsements)
	})
	if err != nil {
		return err
	}
	results := each(running, func(m *member) start {
		err := achieve(ctx, m.Name+": wait for the first transaction", has(m), func(context.Context) error { return nil })
		if err == nil {
			s.progress("%s: the ledger has started", m.Name)
		}
		return start{Province: m.Name, Started: err == nil, Error: said(err)}
	})
	return s.answer(results, failures(results, func(r start) string { return r.Error }))
}

// running returns the members whose peers answer, and says which do not.
func running(s *session, members []*member) []*member {
	var running []*member
	for _, m := range members {
		if err := probe(m.PeerAddress()); err != nil {
			s.progress("%s: left out: %v", m.Name, err)
			continue
		}
		running = append(running, m)
	}
	return running
}

// invoke has a call of a chaincode endorsed by those members' peers. The error
// says who did not, and why.
func (m *member) invoke(ctx context.Context, call fab.ChaincodeInvokeRequest, by []*member) (*fab.TransactionProposal, []*fab.TransactionProposalResponse, error) {
	header, err := m.header()
	if err != nil {
		return nil, nil, err
	}
	proposal, err := txn.CreateChaincodeInvokeProposal(header, call)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	endorsements, err := m.endorse(ctx, proposal, by, queryTimeout)
	return proposal, endorsements, err
}

// countWrites returns how many keys of a chaincode's state an endorsed call
// writes.
func countWrites(response *fab.TransactionProposalResponse, chaincode string) (int, error) {
	payload, action, results := new(peer.ProposalResponsePayload), new(peer.ChaincodeAction), new(rwset.TxReadWriteSet)
	if err := proto.Unmarshal(response.ProposalResponse.Payload, payload); err != nil {
		return 0, fmt.Errorf("the endorsed result: %w", err)
	}
	if err := proto.Unmarshal(payload.Extension, action); err != nil {
		return 0, fmt.Errorf("the endorsed result: %w", err)
	}
	if err := proto.Unmarshal(action.Results, results); err != nil {
		return 0, fmt.Errorf("the endorsed result: %w", err)
	}
	for _, namespace := range results.NsRwset {
		if namespace.Namespace != chaincode {
			continue
		}
		set := new(kvrwset.KVRWSet)
		if err := proto.Unmarshal(namespace.Rwset, set); err != nil {
			return 0, fmt.Errorf("the endorsed result: %w", err)
		}
		return len(set.Writes), nil
	}
	return 0, nil
}
