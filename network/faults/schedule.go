package faults

import (
	"context"
	"errors"
	"slices"
	"time"

	"deltatrace/network/cluster"
)

// fault is one way in which the network breaks.
type fault struct {
	name       string
	begin, end func(context.Context) error
	hold       time.Duration
	provinces  []int // whose APIs it may stop for its duration
	stops      bool  // too few provinces are left: nothing may be acknowledged …
	grace      time.Duration
}

func (f fault) hits(province int) bool { return f.stops || slices.Contains(f.provinces, province) }

// short is how long a fault lasts that works at once.
const short = 6 * time.Second

// schedule lists the faults in the order in which they come.
func (n *network) schedule() []fault {
	provinces := n.Topology.Provinces
	orderer := func(i int) string { return cluster.Name(provinces[i], cluster.Orderer) }
	peer := func(i int) string { return cluster.Name(provinces[i], cluster.Peer) }
	var faults []fault
	add := func(f fault) { faults = append(faults, f) }
	do := func(steps ...func() error) func(context.Context) error {
		return func(context.Context) error {
			for _, step := range steps {
				if err := step(); err != nil {
					return err
				}
			}
			return nil
		}
	}
	start := func(names ...string) func(context.Context) error {
		return func(ctx context.Context) error {
			var errs []error
			for _, name := range names {
				errs = append(errs, n.Start(ctx, name))
			}
			return errors.Join(errs...)
		}
	}

	for i := range provinces {
		add(fault{name: "stop and restart " + orderer(i), hold: short,
			begin: do(func() error { return n.Stop(orderer(i)) }), end: start(orderer(i))})
	}
	var leader string
	add(fault{name: "kill -9 the leading orderer", hold: 2 * short,
		begin: func(ctx context.Context) error {
			if leader = n.Leader(ctx); leader == "" {
				return errors.New("no orderer says that it leads")
			}
			return n.Kill(leader)
		},
		end: func(ctx context.Context) error { return n.Start(ctx, leader) }})
	add(fault{name: "SIGSTOP the leading orderer", hold: n.config.Freeze,
		begin: func(ctx context.Context) error {
			if leader = n.Leader(ctx); leader == "" {
				return errors.New("no orderer says that it leads")
			}
			return n.Pause(leader)
		},
		end: func(context.Context) error { return n.Resume(leader) }})
	add(fault{name: "stop " + peer(0), hold: 2 * short, provinces: []int{0},
		begin: do(func() error { return n.Stop(peer(0)) }), end: start(peer(0))})
	chaincode := provinces[1].Name + "-chaincode-1"
	add(fault{name: "kill -9 " + chaincode, hold: short, provinces: []int{1},
		begin: do(func() error { return n.Kill(chaincode) }), end: start(chaincode)})
	api := n.api(2)
	add(fault{name: "kill -9 " + api.Name, hold: short, provinces: []int{2},
		begin: do(api.Kill), end: api.Start})
	add(n.provinceDown("one province down", 2*short, 3))
	if n.config.Islands != nil {
		add(fault{name: "cut " + provinces[2].Name + " off", hold: 3 * short, provinces: []int{2},
			begin: do(func() error { return n.config.Islands.Cut(2) }), end: do(func() error { return n.config.Islands.Mend(2) })})
	}
	two := n.provinceDown("two provinces down", 3*short, 2, 3)
	two.stops, two.grace = true, time.Second
	add(two)
	add(fault{name: "restart all", hold: 0, provinces: []int{0, 1, 2, 3}, stops: true, grace: time.Hour,
		begin: func(ctx context.Context) error { return errors.Join(n.stopAPIs(), n.Down()) },
		end: func(ctx context.Context) error {
			if err := n.Up(ctx); err != nil {
				return err
			}
			return n.startAPIs(ctx)
		}})
	return faults
}

// provinceDown kills all processes of provinces.
func (n *network) provinceDown(name string, hold time.Duration, which ...int) fault {
	kinds := []string{cluster.Orderer, cluster.Peer, "chaincode-1"}
	return fault{name: name, hold: hold, provinces: which,
		begin: func(context.Context) error {
			var errs []error
			for _, i := range which {
				errs = append(errs, n.api(i).Kill())
				for _, kind := range slices.Backward(kinds) {
					errs = append(errs, n.Kill(cluster.Name(n.Topology.Provinces[i], kind)))
				}
			}
			return errors.Join(errs...)
		},
		end: func(ctx context.Context) error {
			var errs []error
			for _, i := range which {
				for _, kind := range kinds {
					errs = append(errs, n.Start(ctx, cluster.Name(n.Topology.Provinces[i], kind)))
				}
				errs = append(errs, n.api(i).Start(ctx))
			}
			return errors.Join(errs...)
		}}
}
