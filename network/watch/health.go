package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"deltatrace/network/cluster"
	"deltatrace/network/fabric"
)

// Heights returns how far the orderers of all provinces are, as the first province
// that runs here sees them, and says of each that is behind the others that it is.
func Heights(ctx context.Context, c *cluster.Cluster) (heights []cluster.Height, err error) {
	o, err := fabric.OpenOrderers(c.Topology.Profile(c.Files(), c.Here()[0]), c.Topology.Orderers(c.Files()))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	// Each is held to what the others had a moment before, for they do not answer at
	// the same time.
	before := o.Heights(ctx)
	pause(ctx, every)
	now := o.Heights(ctx)
	s := sample{}
	for _, h := range before {
		s.heights = append(s.heights, h.Height)
	}
	for i, h := range now {
		s.own = i
		height := cluster.Height{Province: c.Topology.Provinces[i].Name, Height: h.Height}
		switch least := s.reference(); {
		case h.Err != nil:
			height.Error = h.Err.Error()
		case h.Height < least:
			height.Error = fmt.Sprintf("behind: others have %d", least)
		}
		heights = append(heights, height)
	}
	return heights, nil
}

// Health returns nil when the processes of the provinces that run here answer, and
// their orderers are level with the others', or are so within a while. A province
// whose orderer is not level counts as down: should another one go, the three that
// must agree are not there.
func Health(ctx context.Context, c *cluster.Cluster, within time.Duration) error {
	deadline := time.Now().Add(within)
	for {
		err := health(ctx, c)
		if err == nil || !time.Now().Before(deadline) || ctx.Err() != nil {
			return err
		}
		pause(ctx, every/2)
	}
}

func health(ctx context.Context, c *cluster.Cluster) error {
	processes, err := c.Watched()
	if err != nil {
		return err
	}
	var problems []error
	for _, d := range processes {
		if d.PID() == 0 {
			problems = append(problems, fmt.Errorf("%s does not run", d.Name))
		} else if err := cluster.Well(ctx, d); err != nil {
			problems = append(problems, fmt.Errorf("%s does not answer: %w", d.Name, err))
		}
	}
	heights, err := Heights(ctx, c)
	if err != nil {
		return errors.Join(append(problems, err)...)
	}
	for _, p := range c.Here() {
		for _, h := range heights {
			if h.Province == p.Name && h.Error != "" {
				problems = append(problems, fmt.Errorf("%s: %s", cluster.Name(p, cluster.Orderer), h.Error))
			}
		}
	}
	return errors.Join(problems...)
}
