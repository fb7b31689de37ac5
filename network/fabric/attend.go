package fabric

import (
	"context"
	"sync"
	"time"
)

// A phase of a transaction takes some tens of milliseconds. What is cut off, or
// hangs, gives no error and does not answer, so when a phase takes longer, those
// who take part are asked, and after that again and again.
const (
	lookAfter    = 300 * time.Millisecond
	listenWithin = 500 * time.Millisecond
)

// attend makes a call within a bound of time, and breaks it off early when those
// who take part are found to be unwell.
func attend(ctx context.Context, within time.Duration, well func(context.Context) bool, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	var looking sync.WaitGroup
	looking.Go(func() {
		for pause(ctx, lookAfter) {
			if !well(ctx) {
				cancel()
				return
			}
		}
	})
	err := call(ctx)
	cancel()
	looking.Wait()
	return err
}

// answers returns a question to one peer: whether it answers. One that does not
// counts as down.
func (p *peers) answers(g *gateway) func(context.Context) bool {
	return func(ctx context.Context) bool {
		within, cancel := context.WithTimeout(ctx, listenWithin)
		defer cancel()
		_, err := g.info(within)
		if err == nil || ctx.Err() != nil {
			return true // or the call is over
		}
		p.failed(g, err)
		return false
	}
}
