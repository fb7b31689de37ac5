package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

// visibleWithin is what a reader is promised. The test waits much longer, because
// the machine may be busy, and says how long it took.
const (
	visibleWithin = 2 * time.Second
	visibleWait   = 30 * time.Second
)

// whenVisible submits a document and asks for a page all the while, with the tag of
// what it had before, until it says something; it returns how long that took from
// the submission on, which the commit is a part of.
func (w *world) whenVisible(document, path, accept, says string) time.Duration {
	w.Helper()
	before := w.get(path, "Accept: "+accept)
	if strings.Contains(string(before.body), says) {
		w.Fatalf("%s says %q before", path, says)
	}
	began := time.Now()
	answered := make(chan reply, 1)
	go func() { answered <- w.postOne(document) }()
	for time.Since(began) < visibleWait {
		now := w.get(path, "Accept: "+accept, "If-None-Match: "+before.header.Get("Etag"))
		if now.status == http.StatusOK && strings.Contains(string(now.body), says) {
			took := time.Since(began)
			if posted := <-answered; posted.status != http.StatusOK && posted.status != http.StatusCreated {
				w.Fatalf("%d %s", posted.status, posted.body)
			}
			w.Logf("%s as %s: visible %v after its submission", path, accept, took.Round(time.Millisecond))
			if took > visibleWithin {
				w.Logf("that is more than the %v promised, on a busy machine", visibleWithin)
			}
			return took
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.Fatalf("%s does not say %q within %v: %s", path, says, visibleWait, (<-answered).body)
	return 0
}

// TestVisibleSoon holds that what is published is on the pages soon, through the
// real ledger, projector and caches.
func TestVisibleSoon(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	for _, look := range []struct{ no, parameter, path, accept string }{
		{"SOON-1", "日落黄", "/" + string(pickles), "text/html"},
		{"SOON-2", "山梨酸", "/" + string(pickles), mediaJSON},
		{"SOON-3", "糖精钠", "/notices", "text/html"},
		{"SOON-4", "脱氢乙酸", "/v1/notices?format=csv", "text/csv"},
	} {
		r := w.failing(look.no, look.parameter)
		w.accept(append([]string{w.sign(lab, traceability.TypeReportSubmit, r)}, w.upheld(r)...)...)
		w.whenVisible(w.publish(r), look.path, look.accept, look.parameter)
	}
	// A recall of the cucumbers, on the page of the pickles that were made of them.
	for _, accept := range []string{"text/html", mediaJSON} {
		hazard := "可能引起过敏 " + accept
		open := traceability.RecallOpen{Lots: []traceability.LotID{cucumbers}, Downstream: true, At: w.at(1), Hazard: hazard, Reason: "测试"}
		act := func(act traceability.Act, a traceability.RecallAct) string {
			a.Recall, a.Act, a.At = traceability.RecallID(cucumbers), act, w.at(1)
			return w.sign(farm, traceability.TypeRecallAct, a)
		}
		w.accept(w.sign(farm, traceability.TypeRecallOpen, open), act(traceability.ActPlan, traceability.RecallAct{Level: traceability.RecallI, Measures: "退货，" + accept}))
		w.whenVisible(act(traceability.ActAnnounce, traceability.RecallAct{Reason: accept}), "/"+string(pickles), accept, hazard)
		w.accept(w.sign(zhejiang, traceability.TypeRecallAct, traceability.RecallAct{Recall: traceability.RecallID(cucumbers), Act: traceability.ActWithdraw, At: w.at(0), Reason: accept}))
	}
}
