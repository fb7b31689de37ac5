package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/golang/protobuf/proto"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/peer"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/resource"
)

type joinCommand struct {
	Provinces []string      `name:"province" help:"Only this province (name or code); may be repeated."`
	Stalled   time.Duration `help:"How long a peer may take for its next block before it counts as stuck." default:"1m"`
}

// joinResult says of a province whether its peer has joined, and where it stands.
type joinResult struct {
	Province string `json:"province"` // name
	Joined   string `json:"joined"`   // now, before; empty when it has not
	Height   uint64 `json:"height"`   // blocks
	Error    string `json:"error,omitzero"`
}

func (r joinResult) String() string {
	return row(r.Province, fmt.Sprintf("joined %s, %d blocks", r.Joined, r.Height), r.Error)
}

// Run implements the command: each province's peer joins the channel, and fetches
// the blocks that others have.
func (c *joinCommand) Run(ctx context.Context, s *session) error {
	n, err := s.open()
	if err != nil {
		return err
	}
	defer n.Close()
	block, err := readBlock(n.files.GenesisBlock())
	if err != nil {
		return err
	}
	members, err := n.members(c.Provinces)
	if err != nil {
		return err
	}
	results := each(members, func(m *member) joinResult {
		joined, err := m.join(ctx, block)
		if err != nil {
			return joinResult{Province: m.Name, Error: said(err)}
		}
		s.progress("%s: joined %s", m.Name, joined)
		height, err := m.awaitLevel(ctx, s, c.Stalled)
		return joinResult{Province: m.Name, Joined: joined, Height: height, Error: said(err)}
	})
	return s.answer(results, failures(results, func(r joinResult) string { return r.Error }))
}

// join makes the peer join the channel, unless it has before.
func (m *member) join(ctx context.Context, genesis *common.Block) (string, error) {
	joined, err := m.hasJoined(ctx)
	switch {
	case err != nil:
		return "", err
	case joined:
		return "before", nil
	}
	request, cancel := m.request(ctx, time.Minute)
	defer cancel()
	err = resource.JoinChannel(request, resource.JoinChannelRequest{Name: m.network.Channel, GenesisBlock: genesis}, []fab.ProposalProcessor{m.peer})
	if err != nil {
		return "", m.explain(err)
	}
	return "now", nil
}

func (m *member) hasJoined(ctx context.Context) (bool, error) {
	request, cancel := m.request(ctx, queryTimeout)
	defer cancel()
	channels, err := resource.QueryChannels(request, m.peer)
	if err != nil {
		return false, m.explain(err)
	}
	return slices.ContainsFunc(channels.Channels, func(c *peer.ChannelInfo) bool {
		return c.ChannelId == m.network.Channel
	}), nil
}

// readBlock reads a block as configtxgen writes it.
func readBlock(path string) (*common.Block, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the channel's first block: %w", err)
	}
	block := new(common.Block)
	if err := proto.Unmarshal(content, block); err != nil {
		return nil, fmt.Errorf("%s is no block: %w", path, err)
	}
	return block, nil
}
