package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/golang/protobuf/proto"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/msp"
	"github.com/hyperledger/fabric-protos-go/peer/lifecycle"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/resource"
	"github.com/hyperledger/fabric-sdk-go/third_party/github.com/hyperledger/fabric/common/policydsl"

	"deltatrace/network/topology"
)

// definition is a chaincode as the provinces agree on it.
type definition struct {
	name     string
	version  string
	sequence int64
	policy   *common.SignaturePolicyEnvelope
}

// endorsementPolicy asks for members of as many organisations as the topology
// says, whichever they are.
func endorsementPolicy(t *topology.Topology) *common.SignaturePolicyEnvelope {
	var organisations []string
	for _, p := range t.Provinces {
		organisations = append(organisations, p.MSP)
	}
	return policydsl.SignedByNOutOfGivenRole(int32(t.Endorsements), msp.MSPRole_MEMBER, organisations)
}

// installTimeout is long because the first installation on a peer builds.
const installTimeout = 2 * time.Minute

func (m *member) installed(ctx context.Context, packageID string) (bool, error) {
	request, cancel := m.request(ctx, queryTimeout)
	defer cancel()
	answer, err := resource.NewLifecycle().QueryInstalled(request, m.peer)
	if err != nil {
		return false, m.explain(fmt.Errorf("ask for the installed chaincodes: %w", err))
	}
	for _, c := range answer.InstalledChaincodes {
		if c.PackageID == packageID {
			return true, nil
		}
	}
	return false, nil
}

func (m *member) install(ctx context.Context, content []byte) error {
	request, cancel := m.request(ctx, installTimeout)
	defer cancel()
	if _, err := resource.NewLifecycle().Install(request, content, []fab.ProposalProcessor{m.peer}); err != nil {
		return m.explain(fmt.Errorf("install the chaincode: %w", err))
	}
	return nil
}

// approved says whether the province has approved the definition, with that
// package.
func (m *member) approved(ctx context.Context, d definition, packageID string) (bool, error) {
	request, cancel := m.request(ctx, queryTimeout)
	defer cancel()
	answer, err := resource.NewLifecycle().QueryApproved(request, m.network.Channel,
		&resource.QueryApprovedChaincodeRequest{Name: d.name, Sequence: d.sequence}, m.peer)
	if err != nil {
		if strings.Contains(err.Error(), "could not fetch approved chaincode definition") {
			return false, nil
		}
		// Which package the province approved is its own secret, which went with its
		// peer's folder. It need not approve again, and cannot: what it approved is
		// on the channel as a hash, by which the peer knows the package.
		if strings.Contains(err.Error(), "private data matching public hash version is not available") {
			return true, nil
		}
		return false, m.explain(fmt.Errorf("ask for the approved chaincode: %w", err))
	}
	c := answer.ApprovedChaincode
	return c.Version == d.version && c.PackageID == packageID && proto.Equal(c.SignaturePolicy, d.policy), nil
}

func (m *member) approve(ctx context.Context, d definition, packageID string) error {
	header, err := m.header()
	if err != nil {
		return err
	}
	proposal, err := resource.NewLifecycle().CreateApproveProposal(header, &resource.ApproveChaincodeRequest{
		Name: d.name, Version: d.version, Sequence: d.sequence, SignaturePolicy: d.policy, PackageID: packageID,
	})
	if err != nil {
		return fmt.Errorf("%s: approve the chaincode: %w", m.Name, err)
	}
	endorsements, err := m.endorse(ctx, proposal, []*member{m}, queryTimeout)
	if err != nil {
		return fmt.Errorf("approve the chaincode: %w", err)
	}
	return m.order(ctx, proposal, endorsements)
}

// committed returns the definition that is in force on the peer; sequence 0
// when there is none.
func (m *member) committed(ctx context.Context, name string) (*lifecycle.QueryChaincodeDefinitionResult, error) {
	header, err := m.header()
	if err != nil {
		return nil, err
	}
	proposal, err := resource.NewLifecycle().CreateQueryCommittedProposal(header, &resource.QueryCommittedChaincodesRequest{Name: name})
	if err != nil {
		return nil, fmt.Errorf("%s: ask for the committed chaincode: %w", m.Name, err)
	}
	found := new(lifecycle.QueryChaincodeDefinitionResult)
	response, err := m.propose(ctx, proposal, m, queryTimeout)
	if err != nil {
		if strings.Contains(err.Error(), "namespace "+name+" is not defined") {
			return found, nil
		}
		return nil, fmt.Errorf("ask for the committed chaincode: %w", err)
	}
	if err := proto.Unmarshal(response.ProposalResponse.Response.Payload, found); err != nil {
		return nil, fmt.Errorf("%s: the committed chaincode: %w", m.Name, err)
	}
	return found, nil
}

// commit puts the definition in force. A majority of the provinces must have
// approved it and endorse.
func (m *member) commit(ctx context.Context, d definition, by []*member) error {
	header, err := m.header()
	if err != nil {
		return err
	}
	proposal, err := resource.NewLifecycle().CreateCommitProposal(header, &resource.CommitChaincodeRequest{
		Name: d.name, Version: d.version, Sequence: d.sequence, SignaturePolicy: d.policy,
	})
	if err != nil {
		return fmt.Errorf("%s: commit the chaincode: %w", m.Name, err)
	}
	endorsements, err := m.endorse(ctx, proposal, by, queryTimeout)
	if majority := len(m.network.Provinces)/2 + 1; len(endorsements) < majority {
		return fmt.Errorf("commit the chaincode: %d of %d provinces endorse, %d must: %w", len(endorsements), len(by), majority, err)
	}
	return m.order(ctx, proposal, endorsements)
}
