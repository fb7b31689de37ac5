package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

// canaryFailed is what an unpublished failure must not show; canaryCase what is
// said of it on the way.
const (
	canaryFailed = "CANARYFAILED"
	canaryCase   = "CANARYCASE"
)

// failing is a report in which one item failed.
func (w *world) failing(no, parameter string) traceability.Report {
	r := w.report(no)
	r.Verdict, r.Conclusion = traceability.VerdictFail, parameter+"不合格"
	r.Items[0].Verdict, r.Items[0].Parameter, r.Items[0].Result = traceability.VerdictFail, parameter, "1.2"
	return r
}

// issue is a notice about a report of the sample's, which Zhejiang organised and
// took itself.
func (w *world) issue(r traceability.Report) traceability.NoticeIssue {
	return traceability.NoticeIssue{Report: traceability.NewReportID(lab, r.No, r.Revision), At: w.at(1), Stage: traceability.StageDistribution,
		Packaging: traceability.Prepackaged, SampledIn: "330106", Note: canaryCase}
}

func noticeID(r traceability.Report) traceability.NoticeID { return traceability.NewNoticeID(lab, &r) }

// act signs a move of the notice about a report.
func (w *world) act(by traceability.PartyID, r traceability.Report, a traceability.NoticeAct) string {
	w.Helper()
	a.Notice, a.At = noticeID(r), w.at(1)
	return w.sign(by, traceability.TypeNoticeAct, a)
}

// upheld are the documents that bring a report's notice to be published next.
func (w *world) upheld(r traceability.Report) []string {
	paper := []traceability.Evidence{{Name: canaryCase}}
	return []string{
		w.sign(zhejiang, traceability.TypeNoticeIssue, w.issue(r)),
		w.act(zhejiang, r, traceability.NoticeAct{Act: traceability.ActDispatch}),
		w.act(zhejiang, r, traceability.NoticeAct{Act: traceability.ActServe, For: traceability.ToUnit, Evidence: paper, Reason: canaryCase}),
		w.act(zhejiang, r, traceability.NoticeAct{Act: traceability.ActWaive, For: traceability.ToUnit, Evidence: paper}),
		w.act(zhejiang, r, traceability.NoticeAct{Act: traceability.ActDetermine, Decision: traceability.Upheld, Reason: canaryCase}),
	}
}

// publish signs the publication of a report's row.
func (w *world) publish(r traceability.Report) string {
	row := traceability.DraftRow(&r, "演示检测")
	return w.act(zhejiang, r, traceability.NoticeAct{Act: traceability.ActPublish, Row: &row})
}

// TestFailureIsPublicOncePublished follows one failed report: nobody but those
// concerned knows of it until its notice is published, then everybody, and after
// its withdrawal nobody again, but that there was something.
func TestFailureIsPublicOncePublished(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	r := w.failing("FAILED-1", canaryFailed)
	report, notice := "/v1/reports/"+string(lab)+"/FAILED-1/1", "/v1/notices/"+string(noticeID(r))
	look := func(when string, shown, known bool) {
		t.Helper()
		for path, want := range map[string]bool{report: shown, notice: known} {
			if got := w.get(path).status; (got == http.StatusOK) != want {
				t.Errorf("%s: the public gets %d for %s", when, got, path)
			}
			if got := w.getAs(farm, path).status; (got == http.StatusOK) != want {
				t.Errorf("%s: the farm gets %d for %s", when, got, path)
			}
			if got := w.getAs(shanghai, path).status; got != http.StatusOK {
				t.Errorf("%s: a regulator gets %d for %s", when, got, path)
			}
		}
		if got := strings.Contains(string(w.get("/"+string(pickles), "Accept: text/html").body), canaryFailed); got != shown {
			t.Errorf("%s: the batch page shows it: %v", when, got)
		}
		if got := strings.Contains(string(w.get("/v1/notices").body), "FAILED-1"); got != known {
			t.Errorf("%s: the list shows it: %v", when, got)
		}
	}
	w.accept(w.sign(lab, traceability.TypeReportSubmit, r))
	if got := w.get(report).status; got != http.StatusNotFound {
		t.Errorf("without a notice the public gets %d", got)
	}
	w.accept(w.upheld(r)...)
	look("unpublished", false, false)
	w.accept(w.publish(r))
	look("published", true, true)
	if body := string(w.get(notice).body); strings.Contains(body, canaryCase) || strings.Contains(body, canaryPerson) || !strings.Contains(body, canaryFailed) {
		t.Errorf("the public's notice: %s", body)
	}
	w.accept(w.act(zhejiang, r, traceability.NoticeAct{Act: traceability.ActWithdraw, Reason: canaryCase}))
	look("withdrawn", false, true)
	if body := string(w.get(notice).body); strings.Contains(body, canaryCase) || strings.Contains(body, canaryFailed) || !strings.Contains(body, `"withdraw"`) {
		t.Errorf("the public's withdrawn notice: %s", body)
	}
}

// summed is the sum of a batch's JSON.
type summed struct {
	Sampling sampling `json:"sampling"`
}

// revised is the next revision of a report that is on the ledger.
func (w *world) revised(r traceability.Report, change func(*traceability.Report)) traceability.Report {
	w.Helper()
	before := mustDecode[traceability.ReportRecord](w, w.getAs(shanghai, "/v1/reports/"+string(traceability.NewReportID(lab, r.No, r.Revision))).body)
	r.Revision, r.Supersedes, r.Items = r.Revision+1, before.Document.ID, slices.Clone(r.Items)
	change(&r)
	return r
}

// TestLaterRevisionPublishesNothing follows a published failure that the laboratory
// revises, first to a pass, then to a failure of another batch: the public sees what
// a regulator published, and no more, until the organiser adopts the revision.
func TestLaterRevisionPublishesNothing(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	r := w.failing("FAILED-1", "苯甲酸")
	w.accept(w.sign(lab, traceability.TypeReportSubmit, r))
	w.accept(append(w.upheld(r), w.publish(r))...)
	look := func(when string, lot traceability.LotID, verdict traceability.Verdict, word string) {
		t.Helper()
		seen := mustDecode[summed](t, w.get("/"+string(lot), "Accept: application/json").body)
		if seen.Sampling.Verdict != verdict {
			t.Errorf("%s: the JSON of %s says %s", when, lot, seen.Sampling.Verdict)
		}
		page := string(w.get("/"+string(lot), "Accept: text/html").body)
		if !strings.Contains(page, word) {
			t.Errorf("%s: the page of %s does not say %s", when, lot, word)
		}
		if strings.Contains(page, canaryFailed) {
			t.Errorf("%s: the page of %s shows an item that nobody published", when, lot)
		}
		current := mustDecode[traceability.List[traceability.ReportRecord]](t, w.get("/v1/lots/"+string(lot)+"/reports?current=true").body)
		failed := slices.ContainsFunc(current.Items, func(r traceability.ReportRecord) bool { return r.Failed() })
		if failed != (verdict == traceability.VerdictFail) {
			t.Errorf("%s: the reports in force on %s: %d, failed %v", when, lot, len(current.Items), failed)
		}
	}
	other := mustDecode[summed](t, w.get("/"+string(cucumbers), "Accept: application/json").body).Sampling
	look("published", pickles, traceability.VerdictFail, "不合格（苯甲酸）")

	green := w.revised(r, func(r *traceability.Report) {
		r.Verdict, r.Items[0].Verdict, r.Conclusion = traceability.VerdictPass, traceability.VerdictPass, "合格"
	})
	w.accept(w.sign(lab, traceability.TypeReportSubmit, green))
	look("revised to a pass", pickles, traceability.VerdictFail, "不合格（苯甲酸）")
	answer := string(w.get("/v1/recognition?lot=" + string(pickles) + "&province=310000").body)
	if strings.Contains(answer, "FAILED-1/2") || !strings.Contains(answer, "FAILED-1/1") {
		t.Errorf("what is recognised, for the public: %s", answer)
	}
	answer = string(w.getAs(shanghai, "/v1/recognition?lot="+string(pickles)+"&province=310000").body)
	if !strings.Contains(answer, "FAILED-1/2") {
		t.Errorf("what is recognised, for a regulator: %s", answer)
	}

	moved := w.revised(green, func(r *traceability.Report) {
		r.Verdict, r.Conclusion, r.Sample.Lot = traceability.VerdictFail, canaryFailed, cucumbers
		r.Items[0].Verdict, r.Items[0].Parameter = traceability.VerdictFail, canaryFailed
	})
	w.accept(w.sign(lab, traceability.TypeReportSubmit, moved))
	look("revised to another batch", pickles, traceability.VerdictFail, "不合格（苯甲酸）")
	look("revised to another batch", cucumbers, other.Verdict, "")
	for _, revision := range []string{"2", "3"} {
		path := "/v1/reports/" + string(lab) + "/FAILED-1/" + revision
		if got := w.get(path).status; got != http.StatusNotFound {
			t.Errorf("the public gets %d for %s", got, path)
		}
		if got := w.getAs(shanghai, path).status; got != http.StatusOK {
			t.Errorf("a regulator gets %d for %s", got, path)
		}
	}

	mended := w.revised(moved, func(r *traceability.Report) { r.Items[0].Parameter, r.Conclusion = "苯甲酸", "苯甲酸不合格" })
	w.accept(w.sign(lab, traceability.TypeReportSubmit, mended))
	row := traceability.DraftRow(&mended, "演示检测")
	w.accept(w.act(zhejiang, mended, traceability.NoticeAct{Act: traceability.ActCorrect, Row: &row, Reason: "批次更正", Report: traceability.NewReportID(lab, mended.No, mended.Revision)}))
	look("adopted", cucumbers, traceability.VerdictFail, "不合格（苯甲酸）")
	if page := string(w.get("/"+string(pickles), "Accept: text/html").body); strings.Contains(page, "不合格（") {
		t.Error("the batch that it was not about still shows it")
	}
}

// TestUnpublishedCaseLeaksNothing walks everything that the public can reach
// while a case is under way.
func TestUnpublishedCaseLeaksNothing(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	addresses := w.publicAddresses()
	r := w.failing("FAILED-1", canaryFailed)
	documents := append([]string{w.sign(lab, traceability.TypeReportSubmit, r)}, w.upheld(r)...)
	addresses = append(addresses, "/v1/reports/"+string(lab)+"/FAILED-1/1", "/v1/notices", "/v1/notices?public=true", "/v1/notices?state=upheld", "/v1/notices?lot="+string(pickles),
		"/v1/notices/"+string(noticeID(r)), "/v1/recognition?lot="+string(pickles)+"&province=310000", "/v1/recognition/rules", "/v1/recognition/rate")
	for _, o := range w.accept(documents...) {
		addresses = append(addresses, "/v1/documents/"+string(o.ID))
	}
	for _, address := range addresses {
		for _, accept := range []string{"application/json", "text/html", mediaLines} {
			body := string(w.get(address, "Accept: "+accept).body)
			if i := strings.Index(body, `"instance"`); i >= 0 { // says back what was asked for
				body = body[:i]
			}
			for _, canary := range []string{canaryFailed, canaryCase, "FAILED-1"} {
				if strings.Contains(body, canary) {
					t.Errorf("%s as %s shows %s", address, accept, canary)
				}
			}
		}
	}
	for _, id := range addresses[len(addresses)-len(documents):] {
		if got := w.get(id).status; got != http.StatusNotFound {
			t.Errorf("%s: %d", id, got)
		}
		if got := w.getAs(lab, id).status; got != http.StatusOK {
			t.Errorf("%s: the laboratory, whom it concerns, gets %d", id, got)
		}
	}
}

// TestNoticeInbox holds what a province is shown to have to do, as of a time.
func TestNoticeInbox(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	documents, err := reference.Documents()
	if err != nil {
		t.Fatal(err)
	}
	for _, province := range traceability.Provinces()[:3] {
		var batch []string
		for _, d := range documents {
			batch = append(batch, w.sign(traceability.Regulator(province), d.Type, d.Payload))
		}
		w.accept(batch...)
	}
	var ids []traceability.NoticeID
	for _, urgent := range []bool{false, true} {
		r := w.failing("DUE-"+map[bool]string{true: "2", false: "1"}[urgent], "苯甲酸")
		say := w.issue(r)
		say.Urgent, say.ProducedIn = urgent, "310101"
		r.Sample.ClaimedProducer = traceability.Firm{Name: "上海演示食品有限公司"}
		w.accept(w.sign(lab, traceability.TypeReportSubmit, r), w.sign(zhejiang, traceability.TypeNoticeIssue, say))
		ids = append(ids, noticeID(r))
	}
	type inbox struct {
		traceability.NoticeRecord
		Due []dueAnswer `json:"due"`
	}
	ask := func(as traceability.PartyID, query string) []inbox {
		t.Helper()
		answer := w.getAs(as, "/v1/notices"+query)
		if answer.status != http.StatusOK {
			t.Fatalf("%s: %d %s", query, answer.status, answer.body)
		}
		return mustDecode[traceability.List[inbox]](t, answer.body).Items
	}
	list := ask(zhejiang, "?party="+string(zhejiang))
	if len(list) != 2 || list[0].ID != ids[1] || list[0].Due[0].Timer != "T5c" || list[0].Due[0].Overdue || list[0].Due[0].Basis == "" {
		t.Fatalf("the urgent one is not first: %+v", list)
	}
	tomorrow := w.began.Add(24 * time.Hour).UTC().Format(time.RFC3339)
	list = ask(zhejiang, "?overdue=true&party="+string(zhejiang)+"&as_of="+tomorrow)
	if len(list) != 1 || list[0].ID != ids[1] || !list[0].Due[0].Overdue {
		t.Errorf("overdue tomorrow: %+v", list)
	}
	if list := ask(zhejiang, "?overdue=true&party="+string(zhejiang)); len(list) != 0 {
		t.Errorf("overdue today: %+v", list)
	}
	if list := ask(shanghai, "?party="+string(shanghai)); len(list) != 2 {
		t.Errorf("Shanghai's: %+v", list)
	}
	if list := ask(zhejiang, "?state=dispatched"); len(list) != 0 {
		t.Errorf("dispatched: %+v", list)
	}
	if list := ask(lab, "?party="+string(lab)); len(list) != 2 || len(list[0].Due) != 0 {
		t.Errorf("the laboratory's: %+v", list)
	}
	if list := ask(lab, ""); len(list) != 0 {
		t.Errorf("the laboratory without naming itself is shown what the public is: %+v", list)
	}
	for query, want := range map[string]int{
		"?party=" + string(shop): http.StatusForbidden, "?overdue=true": http.StatusBadRequest, "?as_of=tomorrow": http.StatusBadRequest, "?state=lost": http.StatusBadRequest,
	} {
		if got := w.getAs(lab, "/v1/notices"+query).status; got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	if got := w.get("/v1/notices?party=" + string(zhejiang)).status; got != http.StatusUnauthorized {
		t.Errorf("the public asks for an inbox: %d", got)
	}
	one := mustDecode[inbox](t, w.getAs(shanghai, "/v1/notices/"+string(ids[0])).body)
	if len(one.History) != 1 || one.History[0].Issue == nil || one.History[0].Party != zhejiang || !slices.ContainsFunc(one.Due, func(d dueAnswer) bool { return d.Timer == "T5" && d.Of == zhejiang }) {
		t.Errorf("one: %+v", one)
	}
}
