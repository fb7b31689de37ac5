package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	packager "github.com/hyperledger/fabric-sdk-go/pkg/fab/ccpackager/lifecycle"
)

type deployCommand struct {
	Chaincode string        `help:"Name of the chaincode; the topology's by default."`
	Label     string        `required:"" help:"Label of the package."`
	Package   string        `required:"" help:"File of the package, tar.gz." type:"existingfile"`
	Sequence  int64         `required:"" help:"Number of the definition; the first is 1, each upgrade one more."`
	Version   string        `help:"Version in the definition; the sequence by default."`
	Provinces []string      `name:"province" help:"Only install on this province's peer and approve for it (name or code); may be repeated. For provinces that run their own machines: one of them adds --commit when a majority has approved."`
	Commit    bool          `help:"With --province: commit the definition as well."`
	Within    time.Duration `help:"How long it may take." default:"3m"`
}

// deployment is what became of a deployment.
type deployment struct {
	Chaincode string               `json:"chaincode"`
	Sequence  int64                `json:"sequence"`
	PackageID string               `json:"package_id"`
	Committed bool                 `json:"committed"` // on every peer that was asked and answers
	Provinces list[provinceDeploy] `json:"provinces"`
}

func (d deployment) String() string {
	state := "not committed"
	if d.Committed {
		state = "committed"
	}
	return fmt.Sprintf("%s sequence %d, package %s: %s\n%s", d.Chaincode, d.Sequence, d.PackageID, state, d.Provinces)
}

// provinceDeploy is a province's part of it.
type provinceDeploy struct {
	Province  string `json:"province"` // name
	Installed bool   `json:"installed"`
	Approved  bool   `json:"approved"`
	Committed bool   `json:"committed"`
	Error     string `json:"error,omitzero"`
}

func (p provinceDeploy) String() string {
	var done []string
	for _, step := range []struct {
		done bool
		name string
	}{{p.Installed, "installed"}, {p.Approved, "approved"}, {p.Committed, "committed"}} {
		if step.done {
			done = append(done, step.name)
		}
	}
	return row(p.Province, strings.Join(done, ", "), p.Error)
}

// Run implements the command. A province that cannot be reached does not stop
// the others; the command fails all the same, and may be given again.
func (c *deployCommand) Run(ctx context.Context, s *session) error {
	n, err := s.open()
	if err != nil {
		return err
	}
	defer n.Close()
	content, err := os.ReadFile(c.Package)
	if err != nil {
		return fmt.Errorf("read the package: %w", err)
	}
	if c.Sequence < 1 {
		return fmt.Errorf("--sequence: found %d, expected 1 or more", c.Sequence)
	}
	d := definition{name: c.Chaincode, version: c.Version, sequence: c.Sequence, policy: endorsementPolicy(n.Topology)}
	if d.name == "" {
		d.name = n.Chaincode
	}
	if d.version == "" {
		d.version = strconv.FormatInt(c.Sequence, 10)
	}
	members, err := n.members(c.Provinces)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Within)
	defer cancel()
	result := deployment{Chaincode: d.name, Sequence: d.sequence, PackageID: packager.ComputePackageID(c.Label, content)}
	result.Provinces = each(members, func(m *member) provinceDeploy {
		return m.deploy(ctx, s, d, result.PackageID, content)
	})
	var failure error
	if c.Commit || len(c.Provinces) == 0 {
		failure = commit(ctx, s, d, members, result.Provinces)
	}
	result.Committed = failure == nil
	for _, p := range result.Provinces {
		result.Committed = result.Committed && (p.Committed || p.Error != "")
	}
	return s.answer(result, errors.Join(failure, failures(result.Provinces, func(p provinceDeploy) string { return p.Error })))
}

// deploy does a province's part: install and approve.
func (m *member) deploy(ctx context.Context, s *session, d definition, packageID string, content []byte) provinceDeploy {
	result := provinceDeploy{Province: m.Name}
	err := func() error {
		// What is in force already need not be approved, and cannot be anew.
		inForce, err := m.committed(ctx, d.name)
		if err != nil {
			return err
		}
		if inForce.Sequence > d.sequence {
			return fmt.Errorf("%s: sequence %d of %s is in force, and here is %d: `network upgrade` takes the province on", m.Name, inForce.Sequence, d.name, d.sequence)
		}
		result.Committed = inForce.Sequence == d.sequence
		err = achieve(ctx, m.Name+": install the chaincode",
			func(ctx context.Context) (bool, error) { return m.installed(ctx, packageID) },
			func(ctx context.Context) error { return m.install(ctx, content) })
		if err != nil {
			return err
		}
		result.Installed = true
		s.progress("%s: installed", m.Name)
		err = achieve(ctx, m.Name+": approve the chaincode",
			func(ctx context.Context) (bool, error) { return m.approved(ctx, d, packageID) },
			func(ctx context.Context) error { return m.approve(ctx, d, packageID) })
		if err != nil {
			return err
		}
		result.Approved = true
		s.progress("%s: approved", m.Name)
		return nil
	}()
	result.Error = said(err)
	return result
}

// commit puts the definition in force and waits until each of those peers that
// has no failure has it; it notes that in results.
func commit(ctx context.Context, s *session, d definition, members []*member, results []provinceDeploy) error {
	first := -1
	for i := range members {
		if results[i].Error == "" {
			first = i
			break
		}
	}
	if first < 0 {
		return errors.New("no province could approve the chaincode; nothing was committed")
	}
	everybody, err := members[first].everybody()
	if err != nil {
		return err
	}
	inForce := func(m *member) func(context.Context) (bool, error) {
		return func(ctx context.Context) (bool, error) {
			found, err := m.committed(ctx, d.name)
			return err == nil && found.Sequence >= d.sequence, err
		}
	}
	err = achieve(ctx, "commit the chaincode", inForce(members[first]), func(ctx context.Context) error {
		return members[first].commit(ctx, d, everybody)
	})
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	for i, m := range members {
		if results[i].Error != "" {
			continue
		}
		group.Go(func() {
			err := achieve(ctx, m.Name+": wait for the committed chaincode", inForce(m), func(context.Context) error { return nil })
			results[i].Committed, results[i].Error = err == nil, said(err)
			if err == nil {
				s.progress("%s: committed", m.Name)
			}
		})
	}
	group.Wait()
	return nil
}
