package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// awaitLevel waits until the member's peer has as many blocks as the highest of
// the peers that answer had at the beginning, and returns its height. It takes as
// long as blocks keep coming; the error says at which block they stopped.
func (m *member) awaitLevel(ctx context.Context, s *session, stalled time.Duration) (uint64, error) {
	info, err := m.info(ctx)
	if err != nil {
		return 0, err
	}
	height, target := info.Height, m.highest(ctx)
	moved, told := time.Now(), time.Now()
	for height < target {
		select {
		case <-ctx.Done():
			return height, context.Cause(ctx)
		case <-time.After(pollEvery):
		}
		if info, err = m.info(ctx); err != nil {
			return height, err
		}
		if info.Height > height {
			height, moved = info.Height, time.Now()
		}
		if time.Since(moved) > stalled {
			return height, fmt.Errorf("%s: the peer has %d of %d blocks, and none came for %v: does an orderer that it reaches run? (its log is %s)",
				m.Name, height, target, stalled, m.network.files.Log(m.Province, "peer"))
		}
		if time.Since(told) >= 2*time.Second {
			told = time.Now()
			s.progress("%s: block %d of %d", m.Name, height, target)
		}
	}
	return height, nil
}

// highest returns the largest height of the peers that answer; 0 when none does.
func (m *member) highest(ctx context.Context) uint64 {
	everybody, err := m.everybody()
	if err != nil {
		return 0 // the own peer's height is as far as can be told
	}
	heights := make([]uint64, len(everybody))
	var group sync.WaitGroup
	for i, other := range everybody {
		group.Go(func() {
			if probe(other.PeerAddress()) != nil {
				return
			}
			if info, err := other.info(ctx); err == nil {
				heights[i] = info.Height
			}
		})
	}
	group.Wait()
	var highest uint64
	for _, height := range heights {
		highest = max(highest, height)
	}
	return highest
}
