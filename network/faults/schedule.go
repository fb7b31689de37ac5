package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"time"

	"deltatrace/network/cluster"
)

// fault is one way in which the network breaks.
type fault struct {
	name       string
	target     string // the process or province that it hit; known once it has begun
	begin, end func(context.Context) error
	hold       time.Duration
	until      func(context.Context) error // beyond hold: until somebody has mended it
	provinces  []int                       // whose APIs it may stop for its duration
	stops      bool                        // too few provinces are left: nothing may be acknowledged …
	grace      time.Duration
}

func (f *fault) hits(province int) bool { return f.stops || slices.Contains(f.provinces, province) }

func (f *fault) whom() string { return f.target }

// How long faults last that work at once.
const (
	short  = 2500 * time.Millisecond
	longer = 4 * time.Second
)

// everything is restarted in every so many rounds.
const everyRestart = 5

// round returns the faults of a round in their order, which the seed decides, as it
// decides whom they hit.
func (n *network) round(round int) []*fault {
	random := rand.New(rand.NewPCG(n.config.Seed, uint64(round)))
	faults := n.orderingFaults(random)
	faults = append(faults, n.provinceFaults(random)...)
	if round%everyRestart == 1 {
		faults = append(faults, n.restart())
	}
	random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
	return faults
}

// orderingFaults hit one orderer. Every province goes on.
func (n *network) orderingFaults(random *rand.Rand) []*fault {
	pick := random.IntN(1 << 16) // decides which of the followers
	leading := func(ctx context.Context) (string, error) {
		leader := n.Leader(ctx)
		if leader == "" {
			return "", errors.New("no orderer says that it leads")
		}
		return leader, nil
	}
	following := func(ctx context.Context) (string, error) {
		leader, err := leading(ctx)
		var followers []string
		for _, p := range n.Topology.Provinces {
			if name := cluster.Name(p, cluster.Orderer); name != leader {
				followers = append(followers, name)
			}
		}
		return followers[pick%len(followers)], err
	}
	type choice func(context.Context) (string, error)
	// held breaks an orderer, and mends it after a time.
	held := func(name string, whom choice, hold time.Duration, breaks func(string) error, mends func(context.Context, string) error) *fault {
		f := &fault{name: name, hold: hold}
		f.begin = func(ctx context.Context) (err error) {
			if f.target, err = whom(ctx); err != nil {
				return err
			}
			return breaks(f.target)
		}
		f.end = func(ctx context.Context) error { return mends(ctx, f.target) }
		return f
	}
	// watched breaks an orderer, and leaves it to its watch to mend it.
	watched := func(name string, whom choice, breaks func(context.Context, string) error) *fault {
		old := 0
		f := &fault{name: name, end: func(context.Context) error { return nil }}
		f.begin = func(ctx context.Context) (err error) {
			if f.target, err = whom(ctx); err != nil {
				return err
			}
			old = n.PID(f.target)
			return breaks(ctx, f.target)
		}
		f.until = func(ctx context.Context) error { return n.replaced(ctx, f.target, old) }
		return f
	}
	deaf := watched("orderer out of touch; the watch restarts it", following, func(ctx context.Context, name string) error {
		for _, p := range n.Topology.Provinces {
			if cluster.Name(p, cluster.Orderer) == name {
				return n.Deafen(ctx, p)
			}
		}
		return fmt.Errorf("%s is no orderer", name)
	})
	deafened := deaf.begin
	var deafPID int
	deaf.begin = func(ctx context.Context) error { err := deafened(ctx); deafPID = n.PID(deaf.target); return err }
	deaf.until = func(ctx context.Context) error { return n.replaced(ctx, deaf.target, deafPID) }
	return []*fault{
		held("leading orderer restarted", leading, short, n.Stop, n.Start),
		held("following orderer restarted", following, short, n.Stop, n.Start),
		held("leading orderer killed (kill -9)", leading, short, n.Kill, n.Start),
		held("leading orderer hangs (SIGSTOP)", leading, n.config.Freeze, n.Pause,
			func(_ context.Context, name string) error { return n.Resume(name) }),
		watched("leading orderer killed; the watch restarts it", leading,
			func(_ context.Context, name string) error { return n.Break(name, syscall.SIGKILL) }),
		watched("leading orderer hangs; the watch replaces it", leading,
			func(_ context.Context, name string) error { return n.Break(name, syscall.SIGSTOP) }),
		deaf,
	}
}

// provinceFaults hit a province, or two.
func (n *network) provinceFaults(random *rand.Rand) []*fault {
	var faults []*fault
	add := func(name string, target string, hold time.Duration, begin, end func(context.Context) error, provinces ...int) *fault {
		f := &fault{name: name, target: target, hold: hold, begin: begin, end: end, provinces: provinces}
		faults = append(faults, f)
		return f
	}
	each := func(which []string, do func(context.Context, string) error) func(context.Context) error {
		return func(ctx context.Context) error {
			var errs []error
			for _, name := range which {
				errs = append(errs, do(ctx, name))
			}
			return errors.Join(errs...)
		}
	}
	plain := func(do func(string) error) func(context.Context, string) error {
		return func(_ context.Context, name string) error { return do(name) }
	}
	choose := func() (int, string) {
		i := random.IntN(len(n.Topology.Provinces))
		return i, n.Topology.Provinces[i].Name
	}
	kinds := []string{cluster.Chaincode + "-1", cluster.Peer, cluster.Orderer}
	whole := func(province string) []string {
		var names []string
		for _, kind := range kinds {
			names = append(names, province+"-"+kind)
		}
		return names
	}

	for _, one := range []struct {
		name, kind string
		hold       time.Duration
		begin, end func(context.Context, string) error
	}{
		{"peer stopped", cluster.Peer, short, plain(n.Stop), n.Start},
		{"peer hangs (SIGSTOP)", cluster.Peer, longer, plain(n.Pause), plain(n.Resume)},
		{"chaincode killed (kill -9)", kinds[0], short, plain(n.Kill), n.Start},
		{"chaincode hangs (SIGSTOP)", kinds[0], longer, plain(n.Pause), plain(n.Resume)},
	} {
		i, province := choose()
		names := []string{province + "-" + one.kind}
		add(one.name, province, one.hold, each(names, one.begin), each(names, one.end), i)
	}
	i, province := choose()
	api := n.api(i)
	add("API killed (kill -9)", province, short, func(context.Context) error { return api.Kill() }, api.Start, i)
	if n.liar != "" {
		i, province := choose()
		names := whole(province)[:1]
		add("chaincode lies", province, longer,
			each(names, func(ctx context.Context, name string) error { return n.Substitute(ctx, name, n.liar) }),
			each(names, func(ctx context.Context, name string) error { return n.Substitute(ctx, name, n.bin) }), i)
	}

	down := func(name string, hold time.Duration, which ...int) *fault {
		var names, provinces []string
		for _, i := range which {
			names = append(names, whole(n.Topology.Provinces[i].Name)...)
			provinces = append(provinces, n.Topology.Provinces[i].Name)
		}
		kill := each(names, plain(n.Kill))
		slices.Reverse(names)
		restart := each(slices.Clone(names), n.Start)
		return add(name, strings.Join(provinces, ", "), hold,
			func(ctx context.Context) error {
				var errs []error
				for _, i := range which {
					errs = append(errs, n.api(i).Kill())
				}
				return errors.Join(append(errs, kill(ctx))...)
			},
			func(ctx context.Context) error {
				errs := []error{restart(ctx)}
				for _, i := range which {
					errs = append(errs, n.api(i).Start(ctx))
				}
				return errors.Join(errs...)
			}, which...)
	}
	i, _ = choose()
	down("province down (kill -9 of all)", longer, i)
	i, province = choose()
	names, hung := whole(province), n.api(i)
	freeze, thaw := each(names, plain(n.Pause)), each(names, plain(n.Resume))
	add("province hangs (SIGSTOP of all)", province, longer,
		func(ctx context.Context) error { return errors.Join(hung.Signal(syscall.SIGSTOP), freeze(ctx)) },
		func(ctx context.Context) error { return errors.Join(thaw(ctx), hung.Signal(syscall.SIGCONT)) }, i)
	if n.config.Islands != nil {
		i, province := choose()
		add("province cut off", province, longer,
			func(context.Context) error { return n.config.Islands.Cut(i) },
			func(context.Context) error { return n.config.Islands.Mend(i) }, i)
	}
	i, _ = choose()
	two := down("two provinces down", longer, i, (i+1+random.IntN(len(n.Topology.Provinces)-1))%len(n.Topology.Provinces))
	two.stops, two.grace = true, time.Second
	return faults
}

// restart stops everything in good order and starts it again.
func (n *network) restart() *fault {
	return &fault{name: "everything restarted", target: "all", stops: true, grace: time.Hour,
		begin: func(context.Context) error { return errors.Join(n.stopAPIs(), n.Down()) },
		end: func(ctx context.Context) error {
			if err := n.Up(ctx); err != nil {
				return err
			}
			return n.startAPIs(ctx)
		}}
}
