package webhook

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"deltatrace/traceability"
)

// Reader is what deliveries need of the read model; see traceability.Reader.
type Reader interface {
	Feed(ctx context.Context, q traceability.FeedQuery) (traceability.FeedPage, error)
	Party(ctx context.Context, id traceability.PartyID) (traceability.PartyRecord, error)
	Webhooks(ctx context.Context, f traceability.WebhookFilter, p traceability.Page) (traceability.List[traceability.WebhookRecord], error)
}

// Waiter knows how far the read model is; see projector.Projector.
type Waiter interface {
	Wait(ctx context.Context, block uint64) error
	Head() (traceability.Head, bool)
}

// Options is what a Deliverer is made of. What has a default may be left empty.
type Options struct {
	Reader Reader
	Waiter Waiter
	State  *State
	Key    Key
	Guard  Guard
	Log    *slog.Logger
	Now    func() time.Time

	Province traceability.ProvinceCode // whose parties' webhooks; empty: all

	Timeout     time.Duration // of one attempt; 10 s
	MinPause    time.Duration // after the first failure; 1 s
	MaxPause    time.Duration // it doubles up to that; 10 min
	MaxAttempts int           // of one signal, then it is a dead letter; 20
	GiveUp      time.Duration // or after so long; 24 h
	MaxLetters  int           // of one webhook, then its cursor stands; 10,000
	MaxWebhooks int           // of all parties; 1000
	MaxEach     int           // of one party, the first that it set; 10
}

// Deliverer delivers signals to webhooks; Run does it.
type Deliverer struct {
	Options
	sender *sender
}

// New makes a deliverer.
func New(o Options) *Deliverer {
	for value, otherwise := range map[*time.Duration]time.Duration{
		&o.Timeout: 10 * time.Second, &o.MinPause: time.Second, &o.MaxPause: 10 * time.Minute, &o.GiveUp: 24 * time.Hour,
	} {
		if *value == 0 {
			*value = otherwise
		}
	}
	for value, otherwise := range map[*int]int{&o.MaxAttempts: 20, &o.MaxLetters: 10_000, &o.MaxWebhooks: 1000, &o.MaxEach: 10} {
		if *value == 0 {
			*value = otherwise
		}
	}
	return &Deliverer{Options: o, sender: newSender(o)}
}

// pause is how long to rest after so many failures: twice as long after each, up to
// the bound, and at random between a half and the whole of that, so that receivers
// that failed together are not called together.
func (d *Deliverer) pause(failures int) time.Duration {
	pause := d.MaxPause
	if failures < 30 {
		pause = min(pause, d.MinPause<<(failures-1))
	}
	return pause/2 + rand.N(pause/2+1)
}

// running is a worker at work.
type running struct {
	document traceability.DocumentID // that set the webhook
	stop     context.CancelFunc
	ended    chan struct{}
}

// name is a webhook's.
type name struct {
	party traceability.PartyID
	ref   traceability.WebhookRef
}

// Run delivers until ctx is done: one worker for each active webhook, begun and
// ended as the ledger says. When it returns, all workers have ended.
func (d *Deliverer) Run(ctx context.Context) {
	workers := make(map[name]*running)
	defer d.sender.close()
	var all sync.WaitGroup
	defer all.Wait()
	left := 0 // webhooks that are not served
	for failures := 0; ctx.Err() == nil; {
		head, _ := d.Waiter.Head()
		rested := time.After(refresh)
		hooks, more, err := d.active(ctx)
		if err == nil && more != left {
			left = more
			d.Log.WarnContext(ctx, "more webhooks than are served", slog.Int("not_served", left))
		}
		if err == nil {
			err = d.employ(ctx, &all, workers, hooks)
		}
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			failures++
			d.Log.WarnContext(ctx, "webhooks cannot be read", slog.Any("error", err))
			sleep(ctx, d.pause(failures))
			continue
		}
		failures = 0
		if d.Waiter.Wait(ctx, head.Number+1) != nil {
			<-ctx.Done() // the read model stands still: the process is about to end
			return
		}
		select {
		case <-rested:
		case <-ctx.Done():
		}
	}
}

// refresh is how often the list of webhooks is read while blocks come.
const refresh = time.Second

// active lists the webhooks that are to be served, and counts those that are too
// many, which the state notes for their owners.
func (d *Deliverer) active(ctx context.Context) (found map[name]traceability.WebhookRecord, more int, err error) {
	var all []traceability.WebhookRecord
	for page := (traceability.Page{Limit: 1000}); ; {
		list, err := d.Reader.Webhooks(ctx, traceability.WebhookFilter{Active: true}, page)
		if err != nil {
			return nil, 0, err
		}
		for _, hook := range list.Items {
			if d.Province == "" || hook.Province == d.Province {
				all = append(all, hook)
			}
		}
		if page.After = list.Next; page.After == "" {
			break
		}
	}
	chosen, left := choose(all, d.MaxWebhooks, d.MaxEach)
	d.State.leaveOut(left)
	found = make(map[name]traceability.WebhookRecord)
	for _, hook := range chosen {
		found[name{hook.Party, hook.Ref}] = hook
	}
	return found, len(left), nil
}

// employ ends the workers of webhooks that changed or are no more, and begins
// those of new ones.
func (d *Deliverer) employ(ctx context.Context, all *sync.WaitGroup, workers map[name]*running, hooks map[name]traceability.WebhookRecord) error {
	for n, r := range workers {
		if hook, ok := hooks[n]; !ok || hook.Document.ID != r.document {
			r.stop()
			<-r.ended
			delete(workers, n)
		}
	}
	for n, hook := range hooks {
		if workers[n] != nil {
			continue
		}
		status, err := d.State.Status(ctx, n.party, n.ref)
		if err != nil {
			return err
		}
		working, stop := context.WithCancel(ctx)
		r := &running{document: hook.Document.ID, stop: stop, ended: make(chan struct{})}
		w := &worker{Deliverer: d, hook: hook, status: status}
		all.Go(func() {
			defer close(r.ended)
			defer stop()
			w.run(working)
		})
		workers[n] = r
	}
	return nil
}
