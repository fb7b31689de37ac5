package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/hyperledger/fabric-protos-go/common"

	"deltatrace/network/admin/audit"
	"deltatrace/network/topology"
	"deltatrace/traceability"
)

type auditCommand struct {
	From       uint64            `help:"First block to check. Those before are taken from one province, unchecked."`
	Chaincode  string            `help:"Name of the chaincode whose ledger it is; the topology's by default."`
	Provinces  []string          `name:"province" help:"Only this province's copy (name or code); may be repeated. All by default, and then each must be there to be audited."`
	PeerLedger map[string]string `help:"Read a province's blocks from a copy of its peer's data folder instead of asking the peer; may be repeated." placeholder:"PROVINCE=DIR"`
	Genesis    string            `help:"JSON file that names the regulators and their keys, as the auditor knows them; the network's own by default." type:"existingfile"`
}

// Exit statuses of an audit.
const (
	exitDivergence = 1
	exitNoAudit    = 2
)

// Run implements the command.
func (c *auditCommand) Run(ctx context.Context, s *session) error {
	report, err := c.audit(ctx, s)
	if err != nil {
		return &exit{exitNoAudit, err}
	}
	var failure error
	if !report.Clean() {
		failure = &exit{exitDivergence, fmt.Errorf("the ledgers do not hold together: %v", report.Divergences[0])}
	}
	return s.answer(report, failure)
}

func (c *auditCommand) audit(ctx context.Context, s *session) (*audit.Report, error) {
	n, err := s.open()
	if err != nil {
		return nil, err
	}
	defer n.Close()
	genesis, err := readBlock(n.files.GenesisBlock())
	if err != nil {
		return nil, err
	}
	config := audit.Config{
		Channel: n.Channel, Chaincode: c.Chaincode, Endorsements: n.Endorsements,
		Genesis: genesis, From: c.From, Progress: s.audited(),
	}
	if config.Chaincode == "" {
		config.Chaincode = n.Chaincode
	}
	if config.Regulators, err = c.regulators(n.files); err != nil {
		return nil, err
	}
	if config.Provinces, err = c.sources(n); err != nil {
		return nil, err
	}
	defer func() {
		for _, p := range config.Provinces {
			_ = p.Source.Close() // it was only read
		}
	}()
	return audit.Run(ctx, config)
}

// audited returns a function that tells how far an audit has come, now and then.
func (s *session) audited() func(block, last uint64) {
	told := time.Now()
	return func(block, last uint64) {
		if now := time.Now(); now.Sub(told) >= 2*time.Second {
			told = now
			s.progress("block %d of %d", block, last)
		}
	}
}

// regulators reads the genesis that the ledger must have started from; nil when
// the network has none here and none was named.
func (c *auditCommand) regulators(files topology.Files) (*traceability.Genesis, error) {
	path := c.Genesis
	if path == "" {
		path = files.Genesis()
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the genesis: %w", err)
	}
	genesis := new(traceability.Genesis)
	if err := json.Unmarshal(content, genesis); err != nil {
		return nil, fmt.Errorf("genesis %s: %w", path, err)
	}
	return genesis, nil
}

// sources returns where each province's blocks come from.
func (c *auditCommand) sources(n *network) ([]audit.Province, error) {
	folders := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(c.PeerLedger)) {
		p, err := n.Province(name)
		if err != nil {
			return nil, fmt.Errorf("--peer-ledger: %w", err)
		}
		folders[p.Name] = c.PeerLedger[name]
	}
	wanted := n.Provinces
	if len(c.Provinces) > 0 {
		wanted = nil
		for _, name := range c.Provinces {
			p, err := n.Province(name)
			if err != nil {
				return nil, fmt.Errorf("--province: %w", err)
			}
			wanted = append(wanted, p)
		}
	}
	var sources []audit.Province
	for _, p := range wanted {
		source, err := n.source(p, folders[p.Name])
		if err != nil {
			return nil, err
		}
		sources = append(sources, audit.Province{Name: p.Name, Source: source})
	}
	return sources, nil
}

func (n *network) source(p topology.Province, folder string) (audit.Source, error) {
	if folder == "" {
		m, err := n.member(p)
		return ledger{m}, err
	}
	source, err := audit.OpenFolder(folder, n.Channel)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	return source, nil
}

// ledger is a peer's, asked for block by block.
type ledger struct{ *member }

var _ audit.Source = ledger{}

// Height implements audit.Source.
func (l ledger) Height(ctx context.Context) (uint64, error) {
	info, err := l.info(ctx)
	if err != nil {
		return 0, err
	}
	return info.Height, nil
}

// Block implements audit.Source.
func (l ledger) Block(ctx context.Context, number uint64) (*common.Block, error) {
	return l.block(ctx, number)
}

// Close implements audit.Source.
func (l ledger) Close() error { return nil }
