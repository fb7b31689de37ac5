package main

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/channel"
)

type heightsCommand struct {
	Provinces []string `name:"province" help:"Only this province (name or code); may be repeated."`
}

// height is where a province's peer stands.
type height struct {
	Province string `json:"province"` // name
	Height   uint64 `json:"height"`   // how many blocks there are; the last one's number is one less
	Hash     string `json:"hash"`     // of the last block's header, hex
	Previous string `json:"previous"` // of the block before, hex; empty for the first
	Error    string `json:"error,omitzero"`
}

func (h height) String() string {
	return row(h.Province, fmt.Sprintf("%d blocks, last %.16s, before %.16s", h.Height, h.Hash, h.Previous), h.Error)
}

// Run implements the command. A province that cannot be reached is no failure
// of the command: its line says so.
func (c *heightsCommand) Run(ctx context.Context, s *session) error {
	n, err := s.open()
	if err != nil {
		return err
	}
	defer n.Close()
	members, err := n.members(c.Provinces)
	if err != nil {
		return err
	}
	return s.answer(each(members, func(m *member) height {
		info, err := m.info(ctx)
		if err != nil {
			return height{Province: m.Name, Error: err.Error()}
		}
		return height{Province: m.Name, Height: info.Height,
			Hash: hex.EncodeToString(info.CurrentBlockHash), Previous: hex.EncodeToString(info.PreviousBlockHash)}
	}), nil)
}

// info asks the peer where it stands.
func (m *member) info(ctx context.Context) (*common.BlockchainInfo, error) {
	request, cancel := m.request(ctx, queryTimeout)
	defer cancel()
	ledger, err := channel.NewLedger(m.network.Channel)
	if err != nil {
		return nil, err
	}
	answers, err := ledger.QueryInfo(request, []fab.ProposalProcessor{m.peer}, nil)
	if err != nil {
		return nil, m.explain(err)
	}
	return answers[0].BCI, nil
}

// block asks the peer for a block.
func (m *member) block(ctx context.Context, number uint64) (*common.Block, error) {
	request, cancel := m.request(ctx, queryTimeout)
	defer cancel()
	ledger, err := channel.NewLedger(m.network.Channel)
	if err != nil {
		return nil, err
	}
	blocks, err := ledger.QueryBlock(request, number, []fab.ProposalProcessor{m.peer}, nil)
	if err != nil {
		return nil, m.explain(fmt.Errorf("block %d: %w", number, err))
	}
	return blocks[0], nil
}
