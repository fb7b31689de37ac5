package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"deltatrace/network/cluster"
	"deltatrace/network/fabric"
	"deltatrace/network/launcher"
	"deltatrace/network/topology"
)

const (
	every = time.Second
	// A process that has been well, and then does not answer for hangs, is replaced;
	// so is one that was never well for starts.
	hangs, starts = 10 * time.Second, 2 * time.Minute
	// One that dies again and again is started again after longer and longer times.
	calm, longestCalm = 500 * time.Millisecond, time.Minute
)

// Watch watches over the processes of the provinces that run here.
type Watch struct {
	cluster  *cluster.Cluster
	orderers []*fabric.Orderers // as each province sees them
	log      *slog.Logger
}

// New returns a watch over a cluster's processes.
func New(c *cluster.Cluster, log *slog.Logger) (*Watch, error) {
	w := &Watch{cluster: c, log: log}
	for _, p := range c.Here() {
		orderers, err := fabric.OpenOrderers(c.Topology.Profile(c.Files(), p), c.Topology.Orderers(c.Files()))
		if err != nil {
			return nil, errors.Join(err, w.Close())
		}
		w.orderers = append(w.orderers, orderers)
	}
	return w, nil
}

// Close ends the connections.
func (w *Watch) Close() error {
	var errs []error
	for _, o := range w.orderers {
		errs = append(errs, o.Close())
	}
	return errors.Join(errs...)
}

// Run watches until ctx is done. Processes that are added meanwhile, as by an
// upgrade of the chaincode, are watched too.
func (w *Watch) Run(ctx context.Context) error {
	var tending sync.WaitGroup
	defer tending.Wait()
	for i, p := range w.cluster.Here() {
		tending.Go(func() { w.follow(ctx, p, w.orderers[i]) })
	}
	tended := make(map[string]bool)
	for {
		processes, err := w.cluster.Watched()
		if err != nil {
			w.log.Error("the processes are not known", "error", err)
		}
		for _, d := range processes {
			if !tended[d.Name] {
				tended[d.Name] = true
				tending.Go(func() { w.tend(ctx, d.Name) })
			}
		}
		if !pause(ctx, every) {
			return nil
		}
	}
}

// tend sees to it that one process runs and answers.
func (w *Watch) tend(ctx context.Context, name string) {
	var (
		pid     int       // of the process that is looked at
		since   time.Time // when it was first seen
		well    time.Time // when it was last well; zero when it never was
		resting = calm    // before it is started again
	)
	for pause(ctx, every/2) {
		d, ok := w.process(name)
		if !ok || d.Held() {
			pid = 0
			continue
		}
		if d.Died() {
			if pause(ctx, resting); ctx.Err() != nil || !d.Died() {
				continue // it was being restarted
			}
			w.log.Warn("a process has ended and is started again", "process", name, "after", resting, "log", launcher.Tail(d.Log, 3))
			resting = min(2*resting, longestCalm)
			w.report(name, d.Revive(ctx))
			continue
		}
		now := d.PID()
		if now == 0 {
			continue // it was stopped
		}
		if now != pid {
			pid, since, well = now, time.Now(), time.Time{}
		}
		if time.Since(since) > longestCalm {
			resting = calm
		}
		patience, last := hangs, well
		if well.IsZero() {
			patience, last = starts, since
		}
		switch {
		case cluster.Well(ctx, d) == nil:
			well = time.Now()
		case time.Since(last) > patience && !d.Held() && ctx.Err() == nil:
			w.log.Warn("a process does not answer and is replaced", "process", name, "pid", pid)
			w.report(name, d.Replace(ctx, pid))
		}
	}
}

// process returns a process as it is configured now.
func (w *Watch) process(name string) (launcher.Detached, bool) {
	processes, err := w.cluster.Watched()
	if err != nil {
		return launcher.Detached{}, false
	}
	i := slices.IndexFunc(processes, func(d launcher.Detached) bool { return d.Name == name })
	if i < 0 {
		return launcher.Detached{}, false
	}
	return processes[i], true
}

// follow sees to it that a province's orderer keeps up with the others.
func (w *Watch) follow(ctx context.Context, p topology.Province, orderers *fabric.Orderers) {
	var j judge
	name := cluster.Name(p, cluster.Orderer)
	level := true
	for pause(ctx, every) {
		d, ok := w.process(name)
		pid := d.PID()
		if !ok || pid == 0 || d.Held() {
			j = judge{}
			continue
		}
		s := w.sample(ctx, p, orderers)
		reason := j.take(s, time.Now())
		if level != j.isLevel {
			level = j.isLevel
			w.log.Info("an orderer's height", "process", name, "level", level, "blocks", s.heights[s.own], "others", s.reference())
		}
		if reason == "" || ctx.Err() != nil || d.Held() {
			continue
		}
		w.log.Warn("an orderer is restarted", "process", name, "because", reason, "heights", fmt.Sprint(s.heights))
		w.report(name, d.Replace(ctx, pid))
	}
}

// sample asks all orderers how far they are, and the own one what its consensus does.
func (w *Watch) sample(ctx context.Context, p topology.Province, orderers *fabric.Orderers) sample {
	var s sample
	for i, h := range orderers.Heights(ctx) {
		s.heights = append(s.heights, h.Height)
		if h.Province == p.Code {
			s.own = i
		}
	}
	if waiting, pulse, err := w.cluster.Pulse(ctx, p); err == nil {
		s.waiting, s.pulse = waiting > 0, pulse
	}
	return s
}

func (w *Watch) report(name string, err error) {
	if err != nil {
		w.log.Error("a process is not well", "process", name, "error", err)
		return
	}
	w.log.Info("a process is well again", "process", name)
}

// pause waits, and reports whether ctx let it.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
