package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"deltatrace/traceability"
)

// worker delivers to one webhook, one signal after the other.
type worker struct {
	*Deliverer
	hook   traceability.WebhookRecord
	status Status
}

// run delivers until ctx is done. What goes wrong here is tried again: the ledger
// and the feed stay.
func (w *worker) run(ctx context.Context) {
	trouble := 0
	for ctx.Err() == nil {
		wait, err := w.step(ctx)
		if err != nil && ctx.Err() == nil {
			trouble++
			w.Log.WarnContext(ctx, "webhook waits", slog.String("document", string(w.hook.Document.ID)), slog.Any("error", err))
			wait = w.pause(trouble)
		} else {
			trouble = 0
		}
		if wait > 0 {
			sleep(ctx, wait)
		}
	}
}

// step delivers what is next, or waits until there is something. It returns how
// long to rest before the next step.
func (w *worker) step(ctx context.Context) (time.Duration, error) {
	party, err := w.Reader.Party(ctx, w.hook.Party)
	if err != nil {
		return 0, err
	}
	if !party.ActiveAt(w.Now()) {
		return idle, nil // who may not read is told nothing
	}
	letter, due, err := w.State.next(ctx, w.hook.Party, w.hook.Ref)
	if err != nil {
		return 0, err
	}
	if due {
		return w.again(ctx, letter)
	}
	// The head comes first: a block that is projected after it is waited for.
	head, _ := w.Waiter.Head()
	page, err := w.Reader.Feed(ctx, traceability.FeedQuery{Audience: w.hook.Audience(w.hook.Party), After: w.status.Cursor,
		From: w.hook.Document.Position.Block, Kinds: w.hook.Kinds, Limit: 1})
	switch {
	case err != nil:
		return 0, err
	case len(page.Signals) > 0:
		return w.deliver(ctx, page.Signals[0])
	case page.Next != w.status.Cursor:
		return 0, w.keep(ctx, func(st *Status) { st.Cursor = page.Next })
	case page.More:
		return 0, nil
	}
	// Blocks may come in quick succession, and a letter may be due: so a look now and
	// then, and not too often.
	began := time.Now()
	waiting, cancel := context.WithTimeout(ctx, idle)
	defer cancel()
	if err := w.Waiter.Wait(waiting, head.Number+1); err != nil && waiting.Err() == nil {
		return 0, err
	}
	return settle - time.Since(began), nil
}

const (
	// settle is how long a webhook rests between two looks at the feed.
	settle = 250 * time.Millisecond
	// idle is how often a webhook without signals looks for letters to replay.
	idle = 5 * time.Second
)

// deliver sends a signal of the feed. The cursor moves when it was taken, or with
// its laying down.
func (w *worker) deliver(ctx context.Context, signal traceability.Signal) (time.Duration, error) {
	behind, err := w.State.behind(ctx, w.hook.Party, w.hook.Ref, signal.Subject)
	if err != nil {
		return 0, err
	}
	if behind {
		if w.status.Dead >= w.MaxLetters {
			return w.MaxPause, fmt.Errorf("%d dead letters: replay them", w.status.Dead)
		}
		return 0, w.lay(ctx, signal, 0, "behind another of this subject")
	}
	err = w.send(ctx, signal)
	var failed failure
	switch {
	case err == nil:
		return 0, w.keep(ctx, func(st *Status) {
			st.Cursor, st.Delivered, st.Last, st.Attempts, st.Since, st.Reason = signal.Cursor, st.Delivered+1, w.Now(), 0, time.Time{}, ""
		})
	case !errors.As(err, &failed):
		return 0, err
	}
	now := w.Now()
	attempts, since := w.status.Attempts+1, w.status.Since
	if since.IsZero() {
		since = now
	}
	if attempts >= w.MaxAttempts || now.Sub(since) >= w.GiveUp {
		if w.status.Dead < w.MaxLetters {
			return 0, w.lay(ctx, signal, attempts, string(failed))
		}
		return w.MaxPause, nil // the cursor stands until letters are replayed
	}
	return w.pause(attempts), w.keep(ctx, func(st *Status) { st.Attempts, st.Since, st.Reason = attempts, since, string(failed) })
}

// again sends a dead letter that is to be replayed.
func (w *worker) again(ctx context.Context, letter Letter) (time.Duration, error) {
	err := w.send(ctx, letter.Signal)
	var failed failure
	switch {
	case err == nil:
		st := w.status
		st.Delivered, st.Last = st.Delivered+1, w.Now()
		if err := w.State.taken(ctx, st, letter); err != nil {
			return 0, err
		}
		st.Dead--
		w.status = st
		return 0, nil
	case !errors.As(err, &failed):
		return 0, err
	}
	more := letter.Attempts+1 < replayAttempts
	return w.pause(letter.Attempts + 1), w.State.refused(ctx, letter, more, string(failed))
}

// replayAttempts is how often a dead letter is sent in one replay.
const replayAttempts = 3

func (w *worker) send(ctx context.Context, signal traceability.Signal) error {
	return w.sender.send(ctx, w.hook.URL, traceability.Delivery{
		ID: deliveryID(w.hook.Party, w.hook.Ref, signal.Cursor), Party: w.hook.Party, Webhook: w.hook.Ref, Signal: signal,
	})
}

// deliveryID names a signal on its way to a webhook, the same after a crash.
func deliveryID(party traceability.PartyID, ref traceability.WebhookRef, cursor string) string {
	sum := sha256.Sum256([]byte(string(party) + "\n" + string(ref) + "\n" + cursor))
	return hex.EncodeToString(sum[:16])
}

// keep changes the status, in the file first.
func (w *worker) keep(ctx context.Context, change func(*Status)) error {
	st := w.status
	change(&st)
	if err := w.State.save(ctx, st); err != nil {
		return err
	}
	w.status = st
	return nil
}

// lay lays a signal down.
func (w *worker) lay(ctx context.Context, signal traceability.Signal, attempts int, reason string) error {
	st := w.status
	st.Cursor, st.Attempts, st.Since, st.Reason = signal.Cursor, 0, time.Time{}, reason
	if err := w.State.lay(ctx, st, signal, attempts, reason, w.Now()); err != nil {
		return err
	}
	st.Dead++
	w.status = st
	w.Log.WarnContext(ctx, "dead letter", slog.String("document", string(w.hook.Document.ID)), slog.String("reason", reason))
	return nil
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
