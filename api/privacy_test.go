package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"deltatrace/traceability"
)

// publicAddresses walks everything that the public can reach from the lists.
func (w *world) publicAddresses() []string {
	w.Helper()
	addresses := []string{"/", "/v1/ledger", "/v1/parties", "/v1/lots", "/v1/events", "/v1/reports", "/v1/reports?current=true",
		"/v1/reports?lab=" + string(lab), "/v1/reports?lot=" + string(pickles), "/v1/feed", "/v1/webhooks", "/metrics"}
	for _, lot := range []traceability.LotID{cucumbers, pickles} {
		base := "/v1/lots/" + string(lot)
		addresses = append(addresses, base, base+"/events", base+"/reports", base+"/trace", base+"/trace?direction=down",
			"/"+string(lot)+"?lang=zh", "/"+string(lot)+"?lang=en", "/"+string(lot)+"?linkType=all")
	}
	for _, no := range []string{"SP202611001", "RISK-1", "ORDER-1", "UNSTATED-1"} {
		addresses = append(addresses, "/v1/reports/"+string(lab)+"/"+no+"/1")
	}
	for _, event := range []string{string(farm) + "/C-1", string(farm) + "/S-1", string(factory) + "/R-1", string(factory) + "/T-1"} {
		addresses = append(addresses, "/v1/events/"+event)
	}
	for _, party := range []traceability.PartyID{lab, farm, factory, shop, stall} {
		addresses = append(addresses, "/v1/parties/"+string(party))
	}
	for _, id := range w.documents() {
		addresses = append(addresses, "/v1/documents/"+string(id))
	}
	return addresses
}

// documents returns the ids of all reports' documents, as a regulator sees them.
func (w *world) documents() []traceability.DocumentID {
	w.Helper()
	var ids []traceability.DocumentID
	for _, r := range mustDecode[traceability.List[traceability.ReportRecord]](w, w.getAs(zhejiang, "/v1/reports").body).Items {
		ids = append(ids, r.Document.ID)
	}
	if len(ids) != 4 {
		w.Fatalf("the regulator sees %d reports, not 4", len(ids))
	}
	return ids
}

var canaries = []string{canaryRisk, canaryOrder, canaryUnstated, canaryClient, canaryNote, canaryAmount, canaryPerson, canaryHome, "RISK-1/", "ORDER-1/", "UNSTATED-1/"}

// TestPublicSeesNoCanary plants words that only those entitled may read, and
// looks for them in everything that the public can get, as JSON and as a page.
func TestPublicSeesNoCanary(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	for _, address := range w.publicAddresses() {
		for _, accept := range []string{"application/json", "text/html", mediaLines} {
			answer := w.get(address, "Accept: "+accept)
			if answer.status >= 500 {
				t.Errorf("%s: %d", address, answer.status)
			}
			body := string(answer.body)
			if i := strings.Index(body, `"instance"`); i >= 0 { // says back what was asked for
				body = body[:i]
			}
			for _, canary := range canaries {
				if strings.Contains(body, canary) {
					t.Errorf("%s as %s shows %s to the public", address, accept, canary)
				}
			}
		}
	}
}

// TestHiddenReportIsUnknown holds that the public cannot tell a hidden report
// from none.
func TestHiddenReportIsUnknown(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	strip := func(answer reply) Problem {
		p := mustDecode[Problem](t, answer.body)
		p.Instance, p.RequestID, p.Found = "", "", ""
		return p
	}
	hidden, none := w.get("/v1/reports/"+string(lab)+"/RISK-1/1"), w.get("/v1/reports/"+string(lab)+"/NONE-1/1")
	if hidden.status != http.StatusNotFound || strip(hidden) != strip(none) {
		t.Errorf("%s\n%s", hidden.body, none.body)
	}
	for _, party := range []traceability.PartyID{lab, zhejiang, shanghai} {
		if got := w.getAs(party, "/v1/reports/"+string(lab)+"/RISK-1/1"); got.status != http.StatusOK || !strings.Contains(string(got.body), canaryRisk) || got.header.Get("Cache-Control") != cacheNone {
			t.Errorf("%s: %d %v", party, got.status, got.header)
		}
	}
	if got := w.getAs(farm, "/v1/reports/"+string(lab)+"/RISK-1/1"); got.status != http.StatusNotFound {
		t.Errorf("the farm sees it: %d", got.status)
	}
	documents := w.documents()
	shown := 0
	for _, id := range documents {
		if w.get("/v1/documents/"+string(id)).status == http.StatusOK {
			shown++
		}
		own := mustDecode[traceability.DocumentRecord](t, w.getAs(lab, "/v1/documents/"+string(id)).body)
		if own.JWS == "" {
			t.Errorf("the laboratory does not see its own document %s", id)
		}
	}
	if shown != 1 {
		t.Errorf("the public sees %d of %d documents", shown, len(documents))
	}
	amount := mustDecode[traceability.EventRecord](t, w.getAs(factory, "/v1/events/"+string(factory)+"/T-1").body)
	if !slices.Equal(amount.Inputs, amounts(cucumbers, canaryAmount, "KGM")) {
		t.Errorf("the factory does not see its own amounts: %+v", amount.Inputs)
	}
}
