package main

import (
	"bufio"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"deltatrace/traceability"
)

// feed reads a party's feed, or the public's.
func (w *world) feed(party traceability.PartyID, query string) traceability.FeedPage {
	w.Helper()
	path := "/v1/feed?" + query
	answer := w.get(path)
	if party != "" {
		answer = w.getAs(party, path)
	}
	if answer.status != http.StatusOK {
		w.Fatalf("%s: %d %s", path, answer.status, answer.body)
	}
	return mustDecode[traceability.FeedPage](w, answer.body)
}

func kindsOf(page traceability.FeedPage) []traceability.SignalKind {
	var list []traceability.SignalKind
	for _, s := range page.Signals {
		list = append(list, s.Kind)
	}
	return list
}

// TestFeed follows a notice in the feeds of those concerned, of a stranger and of
// the public.
func TestFeed(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	r := w.failing("FAILED-1", canaryFailed)
	w.accept(append([]string{w.sign(lab, traceability.TypeReportSubmit, r)}, w.upheld(r)...)...)
	if page := w.feed("", ""); len(page.Signals) > 0 || page.Next == "" || page.More {
		t.Errorf("before it is published the public is told %+v", page)
	}
	w.accept(w.publish(r))
	told := []traceability.SignalKind{"notice.issue", "notice.dispatch", "notice.serve", "notice.waive", "notice.determine", "notice.publish"}
	for party, want := range map[traceability.PartyID][]traceability.SignalKind{"": {"notice.publish"}, zhejiang: told, lab: told, farm: nil} {
		if got := kindsOf(w.feed(party, "")); !slices.Equal(want, got) {
			t.Errorf("%q is told %v, want %v", party, got, want)
		}
	}
	page := w.feed(zhejiang, "kinds=notice.serve,recall&limit=1")
	if got := kindsOf(page); !slices.Equal(got, told[2:3]) {
		t.Errorf("filtered: %v", got)
	}
	if got := kindsOf(w.feed(zhejiang, "after="+page.Signals[0].Cursor)); !slices.Equal(got, told[3:]) {
		t.Errorf("the rest: %v", got)
	}
	if got := w.get("/v1/feed?wait=1", "Authorization: Bearer x"); got.status != http.StatusUnauthorized {
		t.Errorf("a wrong token: %d", got.status)
	}
	for _, query := range []string{"after=x", "kinds=weather", "kinds=notice,", "wait=31", "limit=0", "from=-1", "since=1", "kinds=" + strings.Repeat("notice,", 50) + "recall"} {
		if got := w.get("/v1/feed?" + query); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, got.status)
		}
	}
	if got := w.get("/v1/feed", "Accept: text/html"); got.status != http.StatusNotAcceptable {
		t.Errorf("as a page: %d", got.status)
	}
}

// TestFeedInTime holds that whoever waits is told within two seconds of the
// commit, by long poll and by server-sent events.
func TestFeedInTime(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	r := w.failing("FAILED-1", canaryFailed)
	w.accept(append([]string{w.sign(lab, traceability.TypeReportSubmit, r)}, w.upheld(r)...)...)
	next := w.feed(zhejiang, "").Next

	events := w.listen(zhejiang, next)
	heard := make(chan time.Time, 2)
	var waiting sync.WaitGroup
	for _, poll := range []struct {
		party traceability.PartyID
		after string
	}{{"", ""}, {zhejiang, next}} {
		token := w.token(zhejiang) // made here: keys are made at first use
		waiting.Go(func() {
			header := []string{}
			if poll.party != "" {
				header = append(header, "Authorization: Bearer "+token)
			}
			answer := w.get("/v1/feed?wait=20&after="+poll.after, header...)
			if got := kindsOf(mustDecode[traceability.FeedPage](t, answer.body)); !slices.Equal(got, []traceability.SignalKind{"notice.publish"}) {
				t.Errorf("%q is told %v", poll.party, got)
			}
			heard <- time.Now()
		})
	}
	time.Sleep(300 * time.Millisecond) // they wait
	w.accept(w.publish(r))
	committed := time.Now()
	waiting.Wait()
	for range 2 {
		if took := (<-heard).Sub(committed); took > 2*time.Second {
			t.Errorf("told after %v", took)
		}
	}
	event := events.next(t)
	if took := time.Since(committed); took > 2*time.Second || event["event"] != "notice.publish" {
		t.Errorf("after %v: %v", took, event)
	}
	signal := mustDecode[traceability.Signal](t, []byte(event["data"]))
	if signal.Subject != traceability.NoticeKey(noticeID(r)) || event["id"] != signal.Cursor {
		t.Errorf("got %v", event)
	}
}

// TestFeedWaitEnds holds that who waits for nothing is answered in time, and at
// once when the server ends; and that places are bounded.
func TestFeedWaitEnds(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t, "--listeners-each=2")
	began := time.Now()
	if page := w.feed("", "wait=1"); len(page.Signals) > 0 || page.Next == "" {
		t.Errorf("got %+v", page)
	}
	if took := time.Since(began); took < 900*time.Millisecond || took > 5*time.Second {
		t.Errorf("waited %v for a second", took)
	}
	events, more := w.listen("", ""), w.listen("", "")
	if got := w.get("/v1/feed?wait=1"); got.status != http.StatusTooManyRequests {
		t.Errorf("a third listener gets %d", got.status)
	}
	if got := w.get("/v1/feed"); got.status != http.StatusOK {
		t.Errorf("who does not wait gets %d", got.status)
	}
	if got := w.feed(zhejiang, "wait=1"); got.Next == "" {
		t.Error("another party finds no place")
	}
	began = time.Now()
	w.stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the end took %v", took)
	}
	if events.lines.Scan() && more.lines.Scan() && events.lines.Err() != nil {
		t.Error(events.lines.Err())
	}
}

// eventStream is a connection that receives server-sent events.
type eventStream struct{ lines *bufio.Scanner }

// listen opens a stream and waits until it is open.
func (w *world) listen(party traceability.PartyID, last string) *eventStream {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	w.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.main.URL()+"/v1/feed", nil)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Accept", mediaEvents)
	r.Header.Set("Last-Event-ID", last)
	if party != "" {
		r.Header.Set("Authorization", "Bearer "+w.token(party))
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != mediaEvents {
		w.Fatalf("%d %v", response.StatusCode, response.Header)
	}
	s := &eventStream{bufio.NewScanner(response.Body)}
	if !s.lines.Scan() || s.lines.Text() != "retry: 1000" {
		w.Fatalf("the stream begins with %q: %v", s.lines.Text(), s.lines.Err())
	}
	return s
}

// next returns the fields of the next event.
func (s *eventStream) next(t *testing.T) map[string]string {
	t.Helper()
	event := make(map[string]string)
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch {
		case s.lines.Text() == "" && event["data"] != "":
			return event
		case s.lines.Text() == "":
			event = make(map[string]string)
		default:
			event[name] = value
		}
	}
	t.Fatalf("the stream ended: %v", s.lines.Err())
	return nil
}
