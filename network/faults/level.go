package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"deltatrace/network/cluster"
)

// Level is how long after a fault all orderers are to be alive and to have all blocks;
// those that do not are named, and the run fails. Until an orderer is level, its
// province counts as down.
const Level = 30 * time.Second

// levelAtAll is after how long the next fault comes in any case.
const levelAtAll = 90 * time.Second

// An orderer that catches up is level for a moment, each time it has fetched what it
// missed, and takes no part yet. It is level when it has been for so long, on end,
// and had nothing to fetch.
const levelFor = 2 * time.Second

// ordererLevel waits until each orderer has had, for a while on end, what the others had
// a moment before, without fetching it, and names those that do not come so far.
func (n *network) ordererLevel(ctx context.Context) (late, err error) {
	began := time.Now()
	since := began
	var least uint64
	syncs := make([]uint64, len(n.Topology.Provinces))
	for {
		heights := n.orderers.Heights(ctx)
		var behind []string
		for i, p := range n.Topology.Provinces {
			name := cluster.Name(p, cluster.Orderer)
			now, err := n.Syncs(ctx, p)
			if err != nil {
				behind = append(behind, err.Error())
			} else if now != syncs[i] {
				behind = append(behind, name+" fetches what it missed")
			}
			syncs[i] = now
		}
		for i, h := range heights {
			name := cluster.Name(n.Topology.Provinces[i], cluster.Orderer)
			switch {
			case h.Err != nil:
				behind = append(behind, fmt.Sprintf("%s: %v", name, h.Err))
			case h.Height < least:
				behind = append(behind, fmt.Sprintf("%s has %d blocks, the others have had %d", name, h.Height, least))
			}
		}
		for _, h := range heights {
			least = max(least, h.Height)
		}
		now := time.Now()
		if len(behind) > 0 {
			since = now
		}
		switch {
		case now.Sub(since) >= levelFor, now.Sub(began) > max(levelAtAll, n.config.Level):
			return late, nil
		case ctx.Err() != nil:
			return late, ctx.Err()
		case now.Sub(began) > n.config.Level && len(behind) > 0 && late == nil:
			late = fmt.Errorf("not level after %s: %s", n.config.Level, strings.Join(behind, "; "))
		}
		wait(ctx, 350*time.Millisecond)
	}
}

// replaced waits until another process than the one of an id runs under a name, and
// answers.
func (n *network) replaced(ctx context.Context, name string, old int) error {
	deadline := time.Now().Add(replacedWithin)
	for {
		pid := n.PID(name)
		err := errors.New("the old process is still there")
		if pid != 0 && pid != old {
			processes, _ := n.Watched()
			for _, d := range processes {
				if d.Name == name {
					err = cluster.Well(ctx, d)
				}
			}
		}
		switch {
		case err == nil:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("the watch did not bring %s back within %s: %w", name, replacedWithin, err)
		case ctx.Err() != nil:
			return ctx.Err()
		}
		wait(ctx, 100*time.Millisecond)
	}
}

// replacedWithin bounds how long a watch may take to bring a process back.
const replacedWithin = 40 * time.Second

// percentile returns the value below which a share of the durations lies.
func percentile(of []time.Duration, share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
