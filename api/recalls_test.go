package main

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"deltatrace/traceability"
)

// TestRecall follows one recall from its opening by the farm to its end: who sees
// what of it, and that the factory's lot, which was made of the recalled one, is
// under it from the announcement on.
func TestRecall(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	id := "/v1/recalls/" + string(cucumbers)
	act := func(by traceability.PartyID, a traceability.RecallAct) {
		t.Helper()
		a.Recall, a.At = traceability.RecallID(cucumbers), w.at(1)
		w.accept(w.sign(by, traceability.TypeRecallAct, a))
	}
	look := func(when string, public bool) {
		t.Helper()
		for as, want := range map[traceability.PartyID]bool{"": public, shop: public, farm: true, zhejiang: true} {
			for _, path := range []string{id, id + "/scope", id + "/scope?format=csv"} {
				if got := w.askAs(as, path).status; (got == http.StatusOK) != want {
					t.Errorf("%s: %q gets %d for %s", when, as, got, path)
				}
			}
		}
	}
	w.accept(w.sign(farm, traceability.TypeRecallOpen, traceability.RecallOpen{Lots: []traceability.LotID{cucumbers}, Downstream: true, At: w.at(2), Hazard: "农药残留超标", Reason: "自查发现"}))
	look("opened", false)
	act(farm, traceability.RecallAct{Act: traceability.ActPlan, Level: traceability.RecallII, Measures: "下架、退货、销毁"})
	look("planned", false)
	if got := mustDecode[traceability.List[traceability.LotRecall]](t, w.get("/v1/lots/"+string(pickles)+"/recalls").body); len(got.Items) != 0 {
		t.Errorf("not announced, the lot has %+v", got.Items)
	}

	began := time.Now()
	act(farm, traceability.RecallAct{Act: traceability.ActAnnounce})
	got := mustDecode[traceability.List[traceability.LotRecall]](t, w.get("/v1/lots/"+string(pickles)+"/recalls").body)
	if len(got.Items) != 1 || got.Items[0].Distance != 1 || got.Items[0].Level != traceability.RecallII || got.Items[0].Lots[0] != cucumbers {
		t.Errorf("the lot downstream: %+v", got.Items)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the lot downstream is known as recalled after %s", took)
	}
	look("announced", true)

	w.accept(w.sign(factory, traceability.TypeEventRecord, traceability.Event{Ref: "V-1", Type: traceability.EventSell, Time: w.at(1), Lots: amounts(pickles, "3", "XBO")}))
	alerts := mustDecode[traceability.List[traceability.Alert]](t, w.getAs(farm, "/v1/alerts").body)
	if len(alerts.Items) != 1 || !slices.Equal(alerts.Items[0].Lots, []traceability.LotID{pickles}) || alerts.Items[0].Party != factory {
		t.Errorf("the farm is told %+v", alerts.Items)
	}
	for as, want := range map[traceability.PartyID]int{"": http.StatusUnauthorized, shop: http.StatusForbidden, zhejiang: http.StatusOK} {
		if got := w.askAs(as, "/v1/alerts?party="+string(farm)).status; got != want {
			t.Errorf("the farm's alerts: %q gets %d", as, got)
		}
	}

	act(farm, traceability.RecallAct{Act: traceability.ActProgress, Unit: "KGM", Amounts: []traceability.RecallAmount{
		{Region: "330000", Made: canaryAmount, Sold: "100", Recalled: "50", Destroyed: "10"}, {Region: "310000", Sold: "20", Recalled: "20"}}})
	act(farm, traceability.RecallAct{Act: traceability.ActReport, Reason: "召回完毕"})
	act(zhejiang, traceability.RecallAct{Act: traceability.ActAssess, Effect: traceability.Effective, Reason: "核实"})
	act(zhejiang, traceability.RecallAct{Act: traceability.ActClose})
	answer := mustDecode[recallAnswer](t, w.getAs(farm, id).body)
	if answer.Effectiveness == nil || answer.Effectiveness.Rate != "0.5833" || answer.Total.Made != canaryAmount || answer.Phase != traceability.PhaseClosed || len(answer.History) != 7 {
		t.Errorf("at the end: %+v, %d documents", answer.Effectiveness, len(answer.History))
	}
	if public := mustDecode[recallAnswer](t, w.get(id).body); public.Effectiveness != nil || len(public.Amounts) > 0 || len(public.History) > 0 || public.Phase != traceability.PhaseClosed {
		t.Errorf("the public sees %+v", public)
	}
	if got := mustDecode[traceability.List[traceability.LotRecall]](t, w.get("/v1/lots/"+string(pickles)+"/recalls").body); len(got.Items) != 1 || got.Items[0].Phase != traceability.PhaseClosed {
		t.Errorf("closed: %+v", got.Items)
	}
}

// TestRecallScope holds who sees which holders, in every form, and that the scope
// of a block does not change.
func TestRecallScope(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.plantRecalls()
	path := "/v1/recalls/" + string(cucumbers) + "/scope"
	for as, want := range map[traceability.PartyID]int{"": 0, shop: 0, factory: 2, farm: 1, zhejiang: 3} {
		scope := mustDecode[scopeAnswer](t, w.askAs(as, path).body)
		holders := 0
		for _, l := range scope.Lots {
			for _, h := range l.Holders {
				holders++
				if as.Kind() != traceability.KindRegulator && h.Party != as {
					t.Errorf("%q sees %s", as, h.Party)
				}
			}
		}
		if len(scope.Lots) != 2 || holders != want {
			t.Errorf("%q: %d lots, %d holders", as, len(scope.Lots), holders)
		}
	}
	then := mustDecode[scopeAnswer](t, w.getAs(zhejiang, path).body)
	now := mustDecode[scopeAnswer](t, w.getAs(zhejiang, path+"?height=99999").body)
	if sold := func(s scopeAnswer) traceability.Decimal { return s.Lots[1].Holders[0].Sold }; sold(then) != "" || sold(now) != "1" || now.Height <= then.Height {
		t.Errorf("as announced: %+v; now: %+v", then, now)
	}
	lines := w.getAs(zhejiang, path+"?format=ndjson")
	if n := strings.Count(string(lines.body), "\n"); n != 2 || lines.header.Get("Content-Type") != mediaLines {
		t.Errorf("%d lines: %s", n, lines.body)
	}
	csv := w.cells(w.getAs(zhejiang, path+"?format=csv").body)
	if len(csv) != 5 || csv[2][1] != string(cucumbers) || csv[4][6] == "" {
		t.Errorf("CSV: %q", csv)
	}
	book, err := excelize.OpenReader(bytes.NewReader(w.getAs(zhejiang, path+"?format=xlsx").body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if rows, err := book.GetRows("召回范围"); err != nil || len(rows) != 5 {
		t.Errorf("XLSX: %q %v", rows, err)
	}
	for bad, want := range map[string]int{path + "?height=x": http.StatusBadRequest, path + "?format=pdf": http.StatusBadRequest,
		"/v1/recalls/" + string(pickles) + "/scope": http.StatusNotFound, "/v1/recalls/NONE/scope": http.StatusBadRequest} {
		if got := w.getAs(zhejiang, bad).status; got != want {
			t.Errorf("%s: %d, want %d", bad, got, want)
		}
	}
	if got := w.get(path, "Accept: image/png").status; got != http.StatusNotAcceptable {
		t.Errorf("a picture of it: %d", got)
	}
}

// askAs asks as a party, or as the public.
func (w *world) askAs(party traceability.PartyID, path string) reply {
	w.Helper()
	if party == "" {
		return w.get(path)
	}
	return w.getAs(party, path)
}

// plantRecalls has a recall that is being prepared, and one that was announced, of
// which the amounts and the papers are nobody's business.
func (w *world) plantRecalls() {
	w.Helper()
	act := func(by traceability.PartyID, lot traceability.LotID, a traceability.RecallAct) string {
		a.Recall, a.At = traceability.RecallID(lot), w.at(1)
		return w.sign(by, traceability.TypeRecallAct, a)
	}
	open := func(by traceability.PartyID, lot traceability.LotID, text string) string {
		return w.sign(by, traceability.TypeRecallOpen, traceability.RecallOpen{Lots: []traceability.LotID{lot}, Downstream: true, At: w.at(2), Level: traceability.RecallII, Hazard: text, Reason: text,
			Evidence: []traceability.Evidence{{Name: canaryCase}}})
	}
	plan := traceability.RecallAct{Act: traceability.ActPlan, Level: traceability.RecallII, Measures: canaryCase, Reason: canaryCase}
	w.accept(open(factory, slashed, canaryCase), act(factory, slashed, plan))
	plan.Measures = "下架、退货"
	w.accept(open(farm, cucumbers, "农药残留"), act(farm, cucumbers, plan),
		act(farm, cucumbers, traceability.RecallAct{Act: traceability.ActAnnounce, Reason: canaryCase}),
		act(farm, cucumbers, traceability.RecallAct{Act: traceability.ActProgress, Unit: "KGM", Reason: canaryCase,
			Amounts: []traceability.RecallAmount{{Region: "330000", Made: canaryAmount, Sold: canaryAmount}}}))
	w.accept(w.sign(factory, traceability.TypeEventRecord, traceability.Event{Ref: "V-1", Type: traceability.EventSell, Time: w.at(1), Lots: amounts(pickles, "1", "XBO"), Note: canaryNote}))
}

// scopeAnswer is recallScope as a client reads it.
type scopeAnswer struct {
	Height uint64                  `json:"height"`
	Lots   []traceability.ScopeLot `json:"lots"`
}
