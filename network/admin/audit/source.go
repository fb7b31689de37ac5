package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hyperledger/fabric-protos-go/common"
)

// Source is where a province's blocks come from.
type Source interface {
	// Height returns how many blocks there are.
	Height(ctx context.Context) (uint64, error)
	// Block returns a block. They are asked for in ascending order. A
	// *DamageError says that it is there and cannot be read.
	Block(ctx context.Context, number uint64) (*common.Block, error)
	Close() error
}

// Province is one copy of the ledger.
type Province struct {
	Name   string
	Source Source
}

// ahead is how many blocks of each province are read before they are needed.
const ahead = 2

// stream reads one province's blocks ahead.
type stream struct {
	name   string
	height uint64
	from   uint64 // the first block that is read
	blocks chan fetched
}

type fetched struct {
	block *common.Block
	err   error
}

// openStreams asks each source for its height and starts to read: the first of
// the longest from block 0, the others from the block at which checking begins.
func openStreams(ctx context.Context, provinces []Province, from uint64, readers *sync.WaitGroup) ([]*stream, error) {
	streams := make([]*stream, len(provinces))
	heights := make([]error, len(provinces))
	var group sync.WaitGroup
	for i, p := range provinces {
		streams[i] = &stream{name: p.Name, from: from, blocks: make(chan fetched, ahead)}
		group.Go(func() {
			var err error
			if streams[i].height, err = p.Source.Height(ctx); err != nil {
				heights[i] = fmt.Errorf("%s: %w", p.Name, err)
			}
		})
	}
	group.Wait()
	if err := errors.Join(heights...); err != nil {
		return nil, err
	}
	longest(streams).from = 0
	for i, s := range streams {
		readers.Go(func() { s.read(ctx, provinces[i].Source) })
	}
	return streams, nil
}

func longest(streams []*stream) *stream {
	best := streams[0]
	for _, s := range streams {
		if s.height > best.height {
			best = s
		}
	}
	return best
}

func (s *stream) read(ctx context.Context, source Source) {
	for number := s.from; number < s.height; number++ {
		var f fetched
		f.block, f.err = source.Block(ctx, number)
		if f.err == nil && (f.block.GetHeader() == nil || f.block.GetData() == nil) {
			f.err = &DamageError{"the block has no header or no data"}
		}
		select {
		case s.blocks <- f:
		case <-ctx.Done():
			return
		}
		if f.err != nil {
			return
		}
	}
}

// copied is one province's copy of a block.
type copied struct {
	province string
	block    *common.Block
	problem  error // what is wrong with it
}

// copies returns the provinces' copies of a block, of those that have it. A
// damaged copy has a problem; any other error means that none can be had.
func copies(ctx context.Context, streams []*stream, number uint64) ([]*copied, error) {
	var all []*copied
	for _, s := range streams {
		if number < s.from || number >= s.height {
			continue
		}
		var f fetched
		select {
		case f = <-s.blocks:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		var damage *DamageError
		if f.err != nil && !errors.As(f.err, &damage) {
			return nil, fmt.Errorf("%s: block %d: %w", s.name, number, f.err)
		}
		all = append(all, &copied{province: s.name, block: f.block, problem: f.err})
	}
	return all, nil
}
