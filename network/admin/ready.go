package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hyperledger/fabric-sdk-go/pkg/fab/discovery"
)

type readyCommand struct {
	Chaincode string        `help:"Name of the chaincode; the topology's by default."`
	Provinces []string      `name:"province" help:"Only the peers of this province (name or code) must be ready, and see each other; may be repeated."`
	Within    time.Duration `help:"How long to wait." default:"90s"`
}

// readiness says whom a province's peer can ask for endorsements.
type readiness struct {
	Province string   `json:"province"`          // name
	Ready    bool     `json:"ready"`             //
	Missing  []string `json:"missing,omitempty"` // names of provinces that it does not see with the chaincode
	Error    string   `json:"error,omitzero"`
}

func (r readiness) String() string {
	found := "ready"
	if len(r.Missing) > 0 {
		found = "does not see " + strings.Join(r.Missing, ", ")
	}
	return row(r.Province, found, r.Error)
}

// Run implements the command. Peers learn of each other by gossip, which takes
// up to a minute after a first start.
func (c *readyCommand) Run(ctx context.Context, s *session) error {
	n, err := s.open()
	if err != nil {
		return err
	}
	defer n.Close()
	members, err := n.members(c.Provinces)
	if err != nil {
		return err
	}
	chaincode := c.Chaincode
	if chaincode == "" {
		chaincode = n.Chaincode
	}
	ctx, cancel := context.WithTimeout(ctx, c.Within)
	defer cancel()
	results := each(members, func(m *member) readiness {
		r := m.awaitEndorsers(ctx, s, chaincode, members)
		if r.Ready {
			s.progress("%s: ready", m.Name)
		}
		return r
	})
	return s.answer(results, failures(results, func(r readiness) string {
		switch {
		case r.Ready:
			return ""
		case r.Error != "":
			return r.Error
		}
		return fmt.Sprintf("%s: after %v the peer does not see %s with chaincode %s: are their peers running, is the chaincode installed and approved there, and do the peers reach each other?",
			r.Province, c.Within, strings.Join(r.Missing, ", "), chaincode)
	}))
}

// awaitEndorsers asks the peer's discovery service until it knows all of them
// as endorsers, and a combination of them that satisfies the policy.
func (m *member) awaitEndorsers(ctx context.Context, s *session, chaincode string, all []*member) readiness {
	told := ""
	for {
		missing, err := m.missing(ctx, chaincode, all)
		r := readiness{Province: m.Name, Ready: err == nil && len(missing) == 0, Missing: missing, Error: said(err)}
		if r.Ready {
			return r
		}
		if now := strings.Join(missing, ", "); now != told && now != "" {
			told = now
			s.progress("%s: does not see %s yet", m.Name, now)
		}
		select {
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), context.Canceled) {
				r.Error = context.Canceled.Error()
			}
			return r
		case <-time.After(2 * pollEvery):
		}
	}
}

// missing returns the names of the provinces whose peer this one does not know
// to run the chaincode.
func (m *member) missing(ctx context.Context, chaincode string, all []*member) ([]string, error) {
	client, err := discovery.New(m.client)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	at, err := m.network.peerConfig(m.Province)
	if err != nil {
		return nil, err
	}
	chain := discovery.CcCalls(chaincode)
	ask, err := discovery.NewRequest().OfChannel(m.network.Channel).AddPeersQuery(chain...).AddEndorsersQuery(discovery.CcInterests(chain)...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	request, cancel := m.request(ctx, queryTimeout)
	defer cancel()
	answers, err := client.Send(request, ask, at)
	if err != nil {
		return nil, m.explain(m.orOutside(ctx, err))
	}
	answer := <-answers
	if err := answer.Error(); err != nil {
		return nil, m.explain(m.orOutside(ctx, err))
	}
	channel := answer.ForChannel(m.network.Channel)
	peers, err := channel.Peers(chain...)
	if err != nil {
		return nil, m.explain(fmt.Errorf("chaincode %s: %w", chaincode, err))
	}
	seen := make(map[string]bool)
	for _, p := range peers {
		seen[p.MSPID] = true
	}
	var missing []string
	for _, other := range all {
		if !seen[other.MSP] {
			missing = append(missing, other.Name)
		}
	}
	if len(missing) > 0 {
		return missing, nil
	}
	if _, err := channel.Endorsers(chain, discovery.NewIndifferentFilter()); err != nil {
		return nil, fmt.Errorf("%s: no combination of these peers satisfies the endorsement policy: %w", m.Name, err)
	}
	return nil, nil
}

// orOutside returns the error, or, when the peer is not in the channel, that: its
// discovery service denies everybody access to a channel that it does not know.
func (m *member) orOutside(ctx context.Context, err error) error {
	if joined, asked := m.hasJoined(ctx); asked == nil && !joined {
		return fmt.Errorf("channel not found: %w", err)
	}
	return err
}
