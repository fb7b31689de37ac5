package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

const canaryOpinion = "内部意见：欧阳明珠"

// consulted has the provinces agree on everything, Zhejiang's and Jiangsu's samples
// fail by the same hazard, and a consultation resolved on what that proposes.
func (w *world) consulted() (traceability.ConsultationID, traceability.ProposalID) {
	w.Helper()
	documents, err := reference.Documents()
	if err != nil {
		w.Fatal(err)
	}
	for _, province := range traceability.Provinces()[:3] {
		var batch []string
		for _, d := range documents {
			if d.Type == traceability.TypeQuorumSet || d.Type == traceability.TypeRecurrenceSet {
				batch = append(batch, w.sign(traceability.Regulator(province), d.Type, d.Payload))
			}
		}
		w.accept(batch...)
	}
	for i, division := range []string{"330100", "320100"} {
		r := w.failing("RECUR-"+division, "腐霉利")
		r.Task, r.Sample.Category = traceability.TaskRiskMonitoring, "食用农产品"
		r.Sample.No = traceability.SamplingNo("DBJ25" + division + "31913059" + string(rune('0'+i)))
		w.accept(w.sign(lab, traceability.TypeReportSubmit, r))
	}
	proposals := mustDecode[traceability.List[traceability.Proposal]](w, w.getAs(zhejiang, "/v1/consultations/proposals").body).Items
	if len(proposals) != 1 {
		w.Fatalf("proposed: %+v", proposals)
	}
	id := traceability.NewConsultationID(traceability.Zhejiang, "HS-2026-01")
	w.accept(w.sign(zhejiang, traceability.TypeConsultationOpen, traceability.ConsultationOpen{
		Ref: "HS-2026-01", At: w.began, Title: canaryOpinion, Parameters: []string{"腐霉利"}, Products: []string{"食用农产品"}, Question: canaryOpinion,
		RespondBy: traceability.DateOf(w.began), Proposal: proposals[0].ID, Reports: []traceability.ReportID{proposals[0].Failures[0].Report},
	}))
	act := func(by traceability.PartyID, a traceability.ConsultationAct) {
		w.Helper()
		a.Consultation, a.At = id, w.began
		w.accept(w.sign(by, traceability.TypeConsultationAct, a))
	}
	act(shanghai, traceability.ConsultationAct{Act: traceability.ActOpine, Opinion: canaryOpinion})
	act(zhejiang, traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: &traceability.Resolution{Level: traceability.LevelWarning, Measures: []string{canaryOpinion}, ReviewOn: traceability.DateOf(w.began).AddDays(30)}})
	for _, province := range traceability.Provinces()[:3] {
		act(traceability.Regulator(province), traceability.ConsultationAct{Act: traceability.ActVote, Draft: 1, Vote: traceability.VoteYes})
	}
	act(zhejiang, traceability.ConsultationAct{Act: traceability.ActResolve, Draft: 1})
	return id, proposals[0].ID
}

// TestConsultationIsTheRegulators holds that nobody else learns of a consultation
// until its summary is published, and then reads that summary only.
func TestConsultationIsTheRegulators(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	id, proposal := w.consulted()
	whole := mustDecode[traceability.ConsultationRecord](t, w.getAs(shanghai, "/v1/consultations/"+string(id)).body)
	if whole.Proposal != proposal || len(whole.History) != 7 || whole.History[1].Act.Opinion != canaryOpinion || whole.Drafts[0].Settled.Yes != 3 {
		t.Errorf("a regulator sees %+v", whole)
	}
	addresses := []string{"/v1/consultations", "/v1/consultations?state=resolved", "/v1/consultations?public=true", "/v1/consultations/" + string(id), "/v1/feed"}
	for _, entry := range whole.History {
		addresses = append(addresses, "/v1/documents/"+string(entry.ID))
	}
	hidden := func(published bool) {
		t.Helper()
		for _, address := range addresses {
			for _, answer := range []reply{w.get(address), w.getAs(lab, address), w.getAs(farm, address)} {
				body := string(answer.body)
				if strings.Contains(body, canaryOpinion) || strings.Contains(address, "/documents/") && answer.status != http.StatusNotFound || !published && strings.Contains(body, `"HS-2026-01"`) {
					t.Errorf("%s: %d %s", address, answer.status, body)
				}
			}
		}
	}
	hidden(false)
	if got := w.get("/v1/consultations/" + string(id)).status; got != http.StatusNotFound {
		t.Errorf("unpublished: %d", got)
	}
	for viewer, want := range map[traceability.PartyID]int{zhejiang: http.StatusOK, lab: http.StatusForbidden} {
		if got := w.getAs(viewer, "/v1/consultations/proposals").status; got != want {
			t.Errorf("proposals as %s: %d", viewer, got)
		}
	}
	if got := w.get("/v1/consultations/proposals").status; got != http.StatusUnauthorized {
		t.Errorf("proposals to the public: %d", got)
	}
	if got := w.get("/v1/consultations/proposals?as_of=x").status; got != http.StatusBadRequest {
		t.Errorf("as of nothing: %d", got)
	}
	open := mustDecode[traceability.List[traceability.Proposal]](t, w.getAs(zhejiang, "/v1/consultations/proposals").body)
	answered := mustDecode[traceability.List[traceability.Proposal]](t, w.getAs(zhejiang, "/v1/consultations/proposals?answered=true").body)
	if len(open.Items) > 0 || len(answered.Items) != 1 || answered.Items[0].Answered != id {
		t.Errorf("proposals: %+v %+v", open, answered)
	}

	w.accept(w.sign(zhejiang, traceability.TypeConsultationAct, traceability.ConsultationAct{Consultation: id, Act: traceability.ActPublish, At: w.began, Advice: &traceability.Advice{Title: "消费提示", Text: "请留意"}}))
	hidden(true)
	shown := mustDecode[traceability.ConsultationRecord](t, w.get("/v1/consultations/"+string(id)).body)
	if shown.Published[0].Advice.Text != "请留意" || shown.Published[0].Resolution.Level != traceability.LevelWarning || shown.Published[0].Resolution.Measures != nil || shown.Drafts != nil {
		t.Errorf("the public sees %+v", shown)
	}
	if list := mustDecode[traceability.List[traceability.ConsultationRecord]](t, w.get("/v1/consultations?state=resolved").body); len(list.Items) != 1 {
		t.Errorf("the public's list: %+v", list)
	}
}

// agreement is an answer with what is in it of a limit.
type agreement struct {
	Status  string `json:"status"`
	Content struct {
		Standard string `json:"standard"`
	} `json:"content"`
	InForce string                     `json:"in_force"`
	Signed  []traceability.DocumentRef `json:"signed"`
	Needed  int                        `json:"signatures_needed"`
}

// TestLimits asks for limits by the day the food was made, over pages, and holds
// that what waits for signatures is for regulators.
func TestLimits(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	limits, err := reference.Limits()
	if err != nil {
		t.Fatal(err)
	}
	pending := *limits[0]
	pending.Category = "大葱"
	for _, province := range traceability.Provinces() {
		var batch []string
		for _, limit := range limits {
			batch = append(batch, w.sign(traceability.Regulator(province), traceability.TypeLimitSet, limit))
		}
		w.accept(batch...)
	}
	w.accept(w.sign(zhejiang, traceability.TypeLimitSet, &pending))
	for _, tt := range []struct {
		as    traceability.PartyID
		query string
		want  []string
	}{
		{"", "?parameter=腐霉利（残留）&category=韭菜&date=2026-02-28", []string{"GB 2763-2021 current", "GB 2763-2026 future"}},
		{"", "?parameter=腐霉利&category=韭%20菜&date=2026-03-01", []string{"GB 2763-2021 past", "GB 2763-2026 current"}},
		{"", "?parameter=腐霉利&date=2020-01-01", []string{"GB 2763-2021 future", "GB 2763-2026 future"}},
		{zhejiang, "?parameter=腐霉利&date=2026-03-01", []string{"GB 2763-2021 pending", "GB 2763-2021 past", "GB 2763-2026 current"}},
		{"", "?parameter=脱氢乙酸及其钠盐&date=2025-02-07", []string{"GB 2760-2014 current", "GB 2760-2024 future"}},
		{"", "?category=大葱", nil},
	} {
		for _, size := range []string{"&limit=100", "&limit=1"} {
			var got []string
			query := tt.query + size
			for range 10 {
				address := "/v1/limits" + query
				answer := w.get(address)
				if tt.as != "" {
					answer = w.getAs(tt.as, address)
				}
				list := mustDecode[traceability.List[agreement]](t, answer.body)
				for _, a := range list.Items {
					got = append(got, a.Content.Standard+" "+a.Status)
				}
				if list.Next == "" {
					break
				}
				query = tt.query + size + "&after=" + list.Next
			}
			if !slices.Equal(tt.want, got) {
				t.Errorf("%s%s as %q: got %q, want %q", tt.query, size, tt.as, got, tt.want)
			}
		}
	}
	kinds := mustDecode[traceability.List[agreement]](t, w.getAs(lab, "/v1/agreements?kind=limit").body)
	if len(kinds.Items) != len(limits) || len(kinds.Items[0].Signed) != 4 || kinds.Items[0].Needed != 4 || kinds.Items[0].InForce == "" {
		t.Errorf("agreements: %+v", kinds)
	}
	if all := mustDecode[traceability.List[agreement]](t, w.getAs(shanghai, "/v1/agreements").body); len(all.Items) != len(limits)+1 {
		t.Errorf("a regulator's agreements: %d", len(all.Items))
	}
	for _, query := range []string{"/v1/limits?date=x", "/v1/limits?parametre=x", "/v1/agreements?kind=peace", "/v1/limits?parameter=" + strings.Repeat("x", 301)} {
		if got := w.get(query).status; got != http.StatusBadRequest {
			t.Errorf("%s: %d", query, got)
		}
	}
}
