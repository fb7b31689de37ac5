package main

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltatrace/traceability"
)

// dense is a world in which few documents say much: lots of one business, all of each
// kind made of all of another, again and again.
type dense struct {
	*world
	last    traceability.LotID // made of 500, each made of 500 by ten events
	often   traceability.LotID // made of 99 by each of 100 events
	origins []traceability.LotID
}

// newDense makes 1001 lots, ten events of 500 lots and 500, and one of 500 and one;
// and a hundred events of 99 lots and 99. Some of the origins are recalled.
func newDense(tb testing.TB) *dense {
	tb.Helper()
	w := newPopulatedWorld(tb)
	var batch []string
	flush := func() {
		w.accept(batch...)
		batch = nil
	}
	lots := func(code string, n int) (ids []traceability.LotID) {
		for i := range n {
			id := traceability.LotID(fmt.Sprintf("cn/91330106MA1FPX121E/%s/%03d", code, i))
			ids = append(ids, id)
			batch = append(batch, w.sign(factory, traceability.TypeLotRegister, traceability.Lot{ID: id, Product: "腌黄瓜", ProductEN: "Pickled cucumbers", Unit: "KGM"}))
		}
		flush()
		return ids
	}
	of := func(ids []traceability.LotID, value traceability.Decimal) (list []traceability.LotQuantity) {
		for _, id := range ids {
			list = append(list, amounts(id, value, "KGM")...)
		}
		return list
	}
	n := 0
	event := func(e traceability.Event) {
		n++
		e.Ref, e.Time = fmt.Sprint("D-", n), w.at(50)
		batch = append(batch, w.sign(factory, traceability.TypeEventRecord, e))
		if len(batch) == 20 {
			flush()
		}
	}
	a, b, z := lots("A", 500), lots("B", 500), lots("Z", 1)
	event(traceability.Event{Type: traceability.EventCommission, Outputs: of(a, "1000")})
	for range 10 {
		event(traceability.Event{Type: traceability.EventTransform, Inputs: of(a, "1"), Outputs: of(b, "1")})
	}
	event(traceability.Event{Type: traceability.EventTransform, Inputs: of(b, "1"), Outputs: of(z, "1")})
	p, q := lots("P", 99), lots("Q", 99)
	event(traceability.Event{Type: traceability.EventCommission, Outputs: of(p, "1000")})
	for range 100 {
		event(traceability.Event{Type: traceability.EventTransform, Inputs: of(p, "1"), Outputs: of(q, "1")})
	}
	flush()
	for _, lot := range a[:20] {
		id := traceability.RecallID(lot)
		w.accept(w.sign(factory, traceability.TypeRecallOpen, traceability.RecallOpen{Lots: []traceability.LotID{lot}, Downstream: true, At: w.at(2), Hazard: "农药残留超标", Reason: "自查"}))
		for _, act := range []traceability.RecallAct{{Act: traceability.ActPlan, Level: traceability.RecallII, Measures: "下架"}, {Act: traceability.ActAnnounce}} {
			act.Recall, act.At = id, w.at(1)
			w.accept(w.sign(factory, traceability.TypeRecallAct, act))
		}
	}
	return &dense{world: w, last: z[0], often: q[0], origins: a}
}

// TestDenseAnswersAreBounded asks everything that anybody may ask about lots and puts
// together before it answers, and holds that no answer is large or dear: bytes, and
// what it takes of processor and memory, are bounded whatever was recorded. It runs
// alone, for what it counts is the whole process's.
func TestDenseAnswersAreBounded(t *testing.T) {
	w := newDense(t)
	const (
		mostBytes  = 9 << 20         // a list's bound, and what JSON adds
		mostMemory = 400 << 20       // allocated, not held
		mostTime   = 6 * time.Second // of processors
	)
	lot := func(id traceability.LotID) string { return "/v1/lots/" + string(id) }
	const json, page = mediaJSON, "text/html"
	for accept, paths := range map[string][]string{json: {
		lot(w.last) + "/trace?limit=1002", lot(w.last) + "/trace?limit=10000", lot(w.origins[0]) + "/trace?direction=down&limit=10000",
		lot(w.often) + "/trace?limit=10000", lot(w.last) + "/events?limit=1000", lot(w.origins[0]) + "/events?limit=1000", lot(w.often) + "/events?limit=1000",
		lot(w.last) + "/reports", lot(w.last) + "/recalls",
		w.last.Path(), w.often.Path(), w.origins[0].Path(), w.last.Path() + "?linkType=linkset",
		"/v1/lots?limit=1000", "/v1/events?limit=1000", "/v1/reports?limit=1000", "/v1/parties?limit=1000", "/v1/recalls?limit=1000", "/v1/notices?limit=1000",
		"/v1/feed?limit=1000", "/v1/recalls/" + string(w.origins[0]), "/v1/recalls/" + string(w.origins[0]) + "/scope",
	}, page: {
		w.last.Path(), w.last.Path() + "?lang=en", w.often.Path(), w.origins[0].Path(), lot(w.last) + "/qr.svg", "/recalls", "/recalls/" + string(w.origins[0]),
	}} {
		for _, path := range paths {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := processorTime(t)
			answer := w.fetch(path, "Accept: "+accept)
			took := processorTime(t) - began
			runtime.ReadMemStats(&after)
			allocated := after.TotalAlloc - before.TotalAlloc
			t.Logf("%s as %s: %d bytes, %s of processors, %d MB allocated", path, accept, len(answer.body), took, allocated>>20)
			if answer.status != http.StatusOK || len(answer.body) > mostBytes || took > mostTime || allocated > mostMemory {
				t.Errorf("%s as %s: status %d, %d bytes, %s of processors, %d MB allocated", path, accept, answer.status, len(answer.body), took, allocated>>20)
			}
		}
	}
	// And what is bounded says that there is more, or is whole.
	for path, want := range map[string]string{
		lot(w.last) + "/trace?limit=1002": `"event":"` + string(factory) + `/D-12"`,
		lot(w.last) + "/trace?limit=100":  `"cut":"limit"`,
		lot(w.often) + "/trace?limit=100": `"cut":"links"`,
		w.last.Path() + "?lang=en":        "The way is long",
	} {
		if answer := w.fetch(path); !strings.Contains(string(answer.body), want) {
			t.Errorf("%s does not have %s", path, want)
		}
	}
}

// fetch is get without the comparison with the API's description, which is dear.
func (w *world) fetch(path string, header ...string) reply {
	w.Helper()
	return w.plain(http.MethodGet, path, nil, header...)
}

// processorTime is what the process has used.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
