package fabric

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
)

// peers knows which peers can be used: the province's own first, then the
// others. A watcher asks all of them again and again.
type peers struct {
	all          []*gateway
	endorsements int // how many organisations must endorse
	log          *slog.Logger

	mu     sync.Mutex
	health []health
	known  uint64   // the highest block that is known to exist
	probed uint64   // the same at the last probe
	used   *gateway // by the last submission
	turn   int      // of the endorsers
}

// health is what is known of a peer.
type health struct {
	down     bool      // it does not answer, or lacks blocks
	silent   bool      // its chaincode does not answer, as far as is known
	unableTo time.Time // until then it is not asked to endorse
}

// endorses reports whether a peer is worth asking to endorse.
func (h health) endorses(now time.Time) bool {
	return !h.down && !h.silent && h.unableTo.Before(now)
}

const (
	watchEvery = 2 * time.Second
	// shunFor is how long a peer that failed to endorse is left out. It may be a
	// chaincode that restarts, or a province whose state differs from the others'.
	shunFor = 5 * time.Second
)

var errNoPeer = errors.New("no peer of the network answers")

// watch asks all peers for their height now and then, until ctx is done.
func (p *peers) watch(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		p.probe(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// probe asks all peers for their height, side by side. A peer that still lacks a
// block which was known at the last probe counts as down until it has caught up:
// it is cut off from the others, or busy with catching up.
func (p *peers) probe(ctx context.Context) {
	least := p.before()
	var asked sync.WaitGroup
	for i, g := range p.all {
		asked.Go(func() {
			info, err := g.info(ctx)
			if ctx.Err() != nil {
				return
			}
			if err == nil && info.GetHeight() > 0 {
				p.saw(info.GetHeight() - 1)
			}
			p.set(i, err != nil || info.GetHeight() <= least, err)
			if err == nil && p.isSilent(i) && g.able(ctx) == nil {
				p.hear(i)
			}
		})
	}
	asked.Wait()
}

func (p *peers) isSilent(i int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.health[i].silent
}

// hear notes that a peer's chaincode answers again.
func (p *peers) hear(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.health[i].silent = false
	p.log.Info("a peer can endorse again", "peer", p.all[i].Address)
}

// listen asks peers, given by their organisations, all when there are none,
// whether they and their chaincodes answer. Who does not is not asked to endorse
// until it does. It reports whether somebody was found out whom another can stand
// in for.
func (p *peers) listen(ctx context.Context, msps []string) bool {
	var asked sync.WaitGroup
	for i, g := range p.all {
		if len(msps) > 0 && !slices.Contains(msps, g.MSP) {
			continue
		}
		asked.Go(func() {
			if err := g.able(ctx); err != nil && ctx.Err() == nil {
				p.mute(i, err)
			}
		})
	}
	asked.Wait()
	if ctx.Err() != nil {
		return false // nobody waits for it any more
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	found, left := false, 0
	for i, g := range p.all {
		if p.health[i].endorses(time.Now()) {
			left++
		} else if len(msps) == 0 || slices.Contains(msps, g.MSP) {
			found = true
		}
	}
	return found && left >= p.endorsements
}

// mute notes that a peer or its chaincode does not answer.
func (p *peers) mute(i int, cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.health[i].silent {
		p.log.Warn("a peer does not endorse", "peer", p.all[i].Address, "error", cause)
	}
	p.health[i].silent = true
}

func (p *peers) set(i int, down bool, cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if was := p.health[i].down; was != down {
		p.health[i].down = down
		if down {
			p.log.Warn("a peer cannot be used", "peer", p.all[i].Address, "block", p.known, "error", cause)
		} else {
			p.log.Info("a peer can be used again", "peer", p.all[i].Address, "block", p.known)
		}
	}
}

// saw notes that a block exists.
func (p *peers) saw(block uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known = max(p.known, block)
}

// before returns the highest block that was known when it was last called.
func (p *peers) before() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.probed
	p.probed = p.known
	return before
}

// height is the highest block that is known to exist.
func (p *peers) height() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known
}

// failed notes that a peer did not answer.
func (p *peers) failed(g *gateway, cause error) {
	for i := range p.all {
		if p.all[i] == g {
			p.set(i, true, cause)
		}
	}
}

// shun leaves an organisation's peer out when endorsers are chosen, for a while.
func (p *peers) shun(msp string, cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, g := range p.all {
		if g.MSP == msp {
			p.health[i].unableTo = time.Now().Add(shunFor)
			p.log.Warn("a peer cannot endorse", "peer", g.Address, "error", cause)
		}
	}
}

// best returns the first peer that answers and has all known blocks; the own one
// when there is none.
func (p *peers) best() *gateway {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, g := range p.all {
		if !p.health[i].down {
			return g
		}
	}
	return p.all[0]
}

// ranked returns all peers: g first if it answers, and those that do not last.
func (p *peers) ranked(g *gateway) []*gateway {
	if p.isDown(g) {
		return append(p.others(g), g)
	}
	return append([]*gateway{g}, p.others(g)...)
}

// liars is how many provinces may lie, or be gone, without harm.
func (p *peers) liars() int { return (len(p.all) - 1) / 3 }

func (p *peers) isDown(g *gateway) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.health[slices.Index(p.all, g)].down
}

// others returns the peers beside g, those that answer first.
func (p *peers) others(g *gateway) []*gateway {
	p.mu.Lock()
	defer p.mu.Unlock()
	var up, down []*gateway
	for i, other := range p.all {
		switch {
		case other == g:
		case p.health[i].down:
			down = append(down, other)
		default:
			up = append(up, other)
		}
	}
	return append(up, down...)
}

// submitter returns the peer through which to submit: one that endorses itself,
// and has every block that is known to exist, so that it judges documents by all
// that was acknowledged before.
func (p *peers) submitter(ctx context.Context) (*gateway, error) {
	candidates, used := p.candidates()
	for _, g := range candidates {
		if g == used {
			return g, nil
		}
		if _, err := p.reach(ctx, g, p.height()); err == nil {
			p.mu.Lock()
			p.used = g
			p.mu.Unlock()
			return g, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, errNoPeer
}

// candidates returns the peers to submit through, the best first, and the one
// that the last submission used, if that is still well.
func (p *peers) candidates() (candidates []*gateway, used *gateway) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var ranks [3][]*gateway // those that endorse, that answer, and the rest
	now := time.Now()
	for i, g := range p.all {
		rank := 0
		switch h := p.health[i]; {
		case h.down:
			rank = 2
		case !h.endorses(now):
			rank = 1
		}
		if g == p.used && rank < 2 {
			used = g
		}
		ranks[rank] = append(ranks[rank], g)
	}
	return slices.Concat(ranks[:]...), used
}

// reach waits, within bounds, until the peer has the block of a number, and
// returns how far it is then. A peer that does not come so far counts as down.
func (p *peers) reach(ctx context.Context, g *gateway, least uint64) (*common.BlockchainInfo, error) {
	within, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	for {
		info, err := g.info(within)
		if err == nil && info.GetHeight() > least {
			return info, nil
		}
		if err == nil && pause(within, 20*time.Millisecond) {
			continue
		}
		if err == nil {
			err = fmt.Errorf("the peer %s: found %d blocks, expected block %d too", g.Address, info.GetHeight(), least)
		}
		if ctx.Err() == nil { // or it had no time
			p.failed(g, err)
		}
		return nil, err
	}
}

// endorsers returns the organisations that are to endorse through a gateway: its
// own, and as many others as are needed, in turn; none when too few are well.
func (p *peers) endorsers(g *gateway) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn++
	chosen, now := []string{g.MSP}, time.Now()
	for i := range p.all {
		at := (p.turn + i) % len(p.all)
		if other := p.all[at]; other != g && p.health[at].endorses(now) && len(chosen) < p.endorsements {
			chosen = append(chosen, other.MSP)
		}
	}
	if len(chosen) < p.endorsements {
		return nil
	}
	return chosen
}

// pause waits, and reports whether ctx let it.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
