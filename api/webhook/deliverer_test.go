package webhook_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"deltatrace/api/webhook"
	"deltatrace/traceability"
)

// TestDelivers holds that signals come in the order of the ledger, from the
// webhook's own block on, each once when all goes well, and go on after a restart.
func TestDelivers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.receiver(nil)
	w.act("0000")
	w.close()
	w.hook("a", 1, r.url)
	w.close()
	stop := w.run(w.options())
	w.act("0001")
	w.act("0002")
	w.close()
	w.act("0001")
	w.close()
	r.await("0001", "0002", "0001")
	w.until("they are kept", func() bool { return w.status("a").Delivered == 3 })
	stop()
	w.act("0003")
	w.close()
	w.run(w.options())
	r.await("0001", "0002", "0001", "0003")
	if len(r.seen) != 4 {
		t.Errorf("%d deliveries of 4 signals", len(r.seen))
	}
	d := r.taken[0]
	if d.Party != zhejiang || d.Webhook != "a" || d.Signal.Kind != traceability.SignalNoticeIssue || d.Signal.Block != 3 {
		t.Errorf("got %+v", d)
	}
	if status := w.status("a"); status.Delivered < 3 || status.Dead != 0 || status.Cursor == "" {
		t.Errorf("%+v", status)
	}
}

// TestHarmsNoOther has a receiver that hangs, one that fails, one that is not
// there and one that redirects beside one that is well.
func TestHarmsNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	well := w.receiver(nil)
	hangs := w.receiver(func(traceability.Delivery, int) int { return 0 })
	fails := w.receiver(func(traceability.Delivery, int) int { return http.StatusInternalServerError })
	moved := w.receiver(func(traceability.Delivery, int) int { return http.StatusFound })
	w.hook("fails", 1, fails.url)
	w.hook("gone", 1, "http://127.0.0.1:1/")
	w.hook("hangs", 1, hangs.url)
	w.hook("moved", 1, moved.url)
	w.hook("well", 1, well.url)
	w.close()
	o := w.options()
	o.Timeout, o.MinPause, o.MaxPause, o.MaxAttempts = time.Minute, time.Minute, time.Minute, 100
	w.run(o)
	var want []string
	began := time.Now()
	for range 10 {
		w.act("0001")
		w.close()
		want = append(want, "0001")
	}
	well.await(want...)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the well receiver waited %v", took)
	}
	for ref, reason := range map[traceability.WebhookRef]string{"fails": "status 500", "gone": "no connection", "moved": "status 302"} {
		w.until("it has failed", func() bool { return w.status(ref).Attempts > 0 })
		status := w.status(ref)
		if status.Reason != reason || status.Attempts != 1 || status.Delivered != 0 || status.Since.IsZero() {
			t.Errorf("%s: %+v", ref, status)
		}
	}
}

// TestDeadLetters follows a notice that a receiver does not take: it becomes a
// dead letter, its next act lies down behind it, other notices pass, and a replay
// brings both in their order.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.receiver(func(d traceability.Delivery, _ int) int {
		if d.Signal.Subject[len(d.Signal.Subject)-4:] == "0001" {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	w.hook("a", 1, r.url)
	w.close()
	w.run(w.options())
	for _, no := range []string{"0001", "0002", "0001", "0003"} {
		w.act(no)
		w.close()
	}
	r.await("0002", "0003")
	letters, err := w.state.Letters(t.Context(), "", 0, 10)
	if err != nil || len(letters) != 2 || letters[0].Reason != "status 500" || letters[0].Attempts != 3 || letters[1].Attempts != 0 || letters[0].Due {
		t.Fatalf("%+v %v", letters, err)
	}
	if none, err := w.state.Letters(t.Context(), "lab:230912340001", 0, 10); err != nil || len(none) > 0 {
		t.Errorf("another's: %+v %v", none, err)
	}

	// A replay that fails leaves them where they are.
	if n, err := w.state.Replay(t.Context(), zhejiang, "a", "notice/none"); n != 0 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if n, err := w.state.Replay(t.Context(), zhejiang, "a", ""); n != 2 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	w.act("0004") // wakes
	w.close()
	r.await("0002", "0003", "0004")
	w.until("the replay has failed", func() bool {
		letters, err = w.state.Letters(context.Background(), zhejiang, 0, 10)
		return err == nil && len(letters) == 2 && !letters[0].Due && !letters[1].Due && letters[0].Attempts == 3
	})

	r.set(nil)
	if _, err := w.state.Replay(t.Context(), zhejiang, "a", letters[0].Signal.Subject); err != nil {
		t.Error(err)
	}
	w.act("0001") // comes behind the two, and is due with them
	w.close()
	r.await("0002", "0003", "0004", "0001", "0001", "0001")
	var cursors []string
	for _, d := range r.taken[3:] {
		cursors = append(cursors, d.Signal.At.Format(time.RFC3339))
	}
	if !slices.IsSorted(cursors) {
		t.Errorf("out of order: %v", cursors)
	}
	w.until("all are delivered", func() bool {
		status := w.status("a")
		return status.Dead == 0 && status.Delivered == 6
	})
}

// TestAtLeastOnce ends the deliverer while a receiver has a signal and has not
// answered: it comes again, as the same delivery, before the next.
func TestAtLeastOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	came := make(chan struct{}, 10)
	r := w.receiver(func(traceability.Delivery, int) int {
		came <- struct{}{}
		return 0
	})
	w.hook("a", 1, r.url)
	w.act("0001")
	w.act("0002")
	w.close()
	o := w.options()
	o.Timeout = time.Minute
	stop := w.run(o)
	<-came
	stop()
	r.set(nil)
	w.state.Close()
	w.open()
	w.run(w.options())
	r.await("0001", "0002")
	if len(r.seen) != 3 || r.seen[0].ID != r.seen[1].ID || r.seen[1].ID == r.seen[2].ID {
		t.Errorf("got %+v", r.seen)
	}
}

// TestFollowsTheLedger holds that a webhook's later document counts: another
// address, none, one again.
func TestFollowsTheLedger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.receiver(nil), w.receiver(nil)
	w.hook("a", 1, first.url)
	w.close()
	w.run(w.options())
	w.act("0001")
	w.close()
	first.await("0001")
	w.hook("a", 2, second.url)
	w.close()
	time.Sleep(1200 * time.Millisecond) // the list of webhooks is read once a second
	w.act("0002")
	w.close()
	second.await("0002")
	w.hook("a", 3, "")
	w.close()
	time.Sleep(1200 * time.Millisecond)
	w.act("0003")
	w.close()
	time.Sleep(300 * time.Millisecond)
	w.hook("a", 4, first.url)
	w.close()
	first.await("0001", "0003") // what came in between is not lost
	if got := second.got(); len(got) != 1 {
		t.Errorf("the second got %v", got)
	}
}

// TestWhoIsServed holds that a server of a province serves that province's
// parties, and none more than its share.
func TestWhoIsServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.receiver(nil), w.receiver(nil)
	w.hook("a", 1, a.url)
	w.hook("b", 1, b.url)
	w.act("0001")
	w.close()
	o := w.options()
	o.Province = traceability.Shanghai
	stop := w.run(o)
	time.Sleep(100 * time.Millisecond)
	stop()
	if len(a.seen)+len(b.seen) > 0 {
		t.Error("Shanghai's server serves Zhejiang")
	}
	o.Province, o.MaxEach = traceability.Zhejiang, 1
	w.run(o)
	a.await("0001")
	if len(b.seen) > 0 {
		t.Error("a second webhook is served where one is allowed")
	}
}

// TestGuarded holds that a delivery to an address that is not allowed is not made.
func TestGuarded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.receiver(nil)
	w.hook("a", 1, r.url)
	w.act("0001")
	w.close()
	o := w.options()
	o.Guard = webhook.Guard{}
	w.run(o)
	w.until("it is a dead letter", func() bool { return w.status("a").Dead == 1 })
	if reason := w.status("a").Reason; reason != "address not allowed" || len(r.seen) > 0 {
		t.Errorf("%s, %d came", reason, len(r.seen))
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.pem")
	made, err := webhook.OpenKey(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	again, err := webhook.OpenKey(path)
	if err != nil || again.ID != made.ID || made.ID == "" {
		t.Errorf("%v, then %v %v", made, again, err)
	}
	for _, text := range []string{"", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := webhook.OpenKey(path); err == nil {
			t.Errorf("%q is a key", text)
		}
	}
}
