package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/golang/protobuf/proto"
)

type compareCommand struct {
	Provinces []string `name:"province" help:"Only this province's peer (name or code); may be repeated."`
}

// comparison says whether two provinces' peers have the same blocks.
type comparison struct {
	Province string `json:"province"` // name
	Other    string `json:"other"`    // name
	Blocks   uint64 `json:"blocks"`   // so many are the same; as many as the lower of the two has
	Differ   bool   `json:"differ"`
	Error    string `json:"error,omitzero"` // why they could not be compared
}

func (c comparison) String() string {
	found := fmt.Sprintf("the first %d blocks are those of %s", c.Blocks, c.Other)
	if c.Differ {
		found = fmt.Sprintf("DIFFERS from %s within the first %d blocks", c.Other, c.Blocks)
	}
	return row(c.Province, found, c.Error)
}

// Run implements the command: each province's administrator asks its own peer and
// all others. It needs nobody else's keys. A block's header has the hash of the one
// before, so one equal header means that all blocks up to it are equal.
func (c *compareCommand) Run(ctx context.Context, s *session) error {
	n, err := s.open()
	if err != nil {
		return err
	}
	defer n.Close()
	members, err := n.members(c.Provinces)
	if err != nil {
		return err
	}
	var results list[comparison]
	var errs []error
	for _, m := range members {
		found, err := m.compare(ctx)
		results, errs = append(results, found...), append(errs, err)
	}
	return s.answer(results, errors.Join(errs...))
}

// compare compares a peer with those of all other provinces. It is an error when
// one differs, and when none can be compared with.
func (m *member) compare(ctx context.Context) (list[comparison], error) {
	everybody, err := m.everybody()
	if err != nil {
		return nil, err
	}
	var results list[comparison]
	for _, other := range everybody {
		if other.Name != m.Name {
			results = append(results, comparison{Province: m.Name, Other: other.Name})
		}
	}
	var group sync.WaitGroup
	for i := range results {
		group.Go(func() {
			r := &results[i]
			for _, other := range everybody {
				if other.Name == r.Other {
					var err error
					r.Blocks, r.Differ, err = m.same(ctx, other)
					r.Error = said(err)
				}
			}
		})
	}
	group.Wait()
	compared := 0
	var errs []error
	for _, r := range results {
		switch {
		case r.Differ:
			errs = append(errs, fmt.Errorf("%s and %s differ within the first %d blocks: `network audit` says where", r.Province, r.Other, r.Blocks))
		case r.Error == "":
			compared++
		}
	}
	if compared == 0 {
		errs = append(errs, fmt.Errorf("%s: no other province's peer could be compared with; nothing is proven", m.Name))
	}
	return results, errors.Join(errs...)
}

// same compares as many blocks as both have.
func (m *member) same(ctx context.Context, other *member) (blocks uint64, differ bool, err error) {
	mine, err := m.info(ctx)
	if err != nil {
		return 0, false, err
	}
	theirs, err := other.info(ctx)
	if err != nil {
		return 0, false, err
	}
	blocks = min(mine.Height, theirs.Height)
	if blocks == 0 {
		return 0, false, errors.New("there is no block yet")
	}
	a, err := m.block(ctx, blocks-1)
	if err != nil {
		return 0, false, err
	}
	b, err := other.block(ctx, blocks-1)
	if err != nil {
		return 0, false, err
	}
	return blocks, !proto.Equal(a.Header, b.Header), nil
}
