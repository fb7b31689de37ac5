package main

import (
	"slices"
	"testing"
	"time"

	"deltatrace/network/initdata"
	"deltatrace/traceability"
	apiclient "deltatrace/traceability/client"
)

// TestInitData puts the reference data on a new ledger as the provinces do, one after
// the other: before, a notice's periods are unknown; when three have signed, they are
// known; when all have, nothing is missing.
func TestInitData(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	look := func(as traceability.PartyID) *initdata.Survey {
		t.Helper()
		survey, err := initdata.Look(t.Context(), w.client(as), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return survey
	}
	// missing counts what is not in force of what is shipped, by how many signatures it needs.
	missing := func(s *initdata.Survey) map[int]int {
		count := make(map[int]int)
		for _, item := range s.Missing() {
			if item.Shipped() {
				count[item.Needed]++
			}
		}
		return count
	}
	unknown := func(no string) bool {
		t.Helper()
		r := w.failing(no, "苯甲酸")
		w.accept(w.sign(lab, traceability.TypeReportSubmit, r), w.sign(zhejiang, traceability.TypeNoticeIssue, w.issue(r)))
		notice := mustDecode[traceability.NoticeRecord](w, w.getAs(zhejiang, "/v1/notices/"+string(noticeID(r))).body)
		if len(notice.Deadlines) == 0 {
			t.Fatal("a notice without periods")
		}
		return slices.ContainsFunc(notice.Deadlines, func(d traceability.Deadline) bool { return d.Unknown == traceability.CodeTimerMissing })
	}
	if got := look(""); got.Signatures || len(missing(got)) != 3 || missing(got)[traceability.MostProvinces] < 40 {
		t.Errorf("a new ledger lacks %v", missing(got))
	}
	if !unknown("INIT-1") {
		t.Error("periods are known before they are signed")
	}
	for i, province := range traceability.Provinces() {
		regulator := traceability.Regulator(province)
		api, key := w.client(regulator), w.key(regulator)
		survey := look(regulator)
		before := missing(survey)
		result, err := initdata.Sign(t.Context(), api, key, survey)
		if err != nil || len(result.Refused) > 0 || result.Signed < 40 || result.Known > 0 {
			t.Fatalf("%s: %+v, %v", province, result, err)
		}
		// What was stopped half-way, or is done again, is known; nothing is signed twice.
		for _, s := range []*initdata.Survey{survey, look(regulator)} {
			if again, err := initdata.Sign(t.Context(), api, key, s); err != nil || again.Signed > 0 || again.Known != result.Signed {
				t.Errorf("%s again: %+v, %v", province, again, err)
			}
		}
		now := look(regulator)
		if got := missing(now); (got[traceability.MostProvinces] == 0) != (i >= 2) || (got[traceability.AllProvinces] == 0) != (i == 3) || got[1] != before[1]-2 {
			t.Errorf("after %d provinces %v are missing, before %v", i+1, got, before)
		}
		for _, item := range now.Missing() {
			if item.Shipped() && slices.Contains(item.Lacking(), province) {
				t.Errorf("%s still lacks %s", item.Record, province)
			}
		}
	}
	if unknown("INIT-2") {
		t.Error("periods are unknown although they are signed")
	}
	if _, err := initdata.Sign(t.Context(), w.client(lab), w.key(lab), look("")); err == nil {
		t.Error("a laboratory signs")
	}
}

// client is a party's; the public's for none.
func (w *world) client(party traceability.PartyID) *apiclient.Client {
	w.Helper()
	c, err := apiclient.New(w.main.URL())
	if err != nil {
		w.Fatal(err)
	}
	if party != "" {
		key := w.key(party)
		c.Key, c.Audience = &key, w.main.publicURL()
	}
	return c
}
