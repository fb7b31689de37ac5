package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

func noticeCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"notice/one":       noticeOne,
		"notice/lists":     noticeLists,
		"notice/published": noticesPublished,
		"notice/reports":   noticeReports,
		"notice/stats":     noticeStats,
	}
}

// Notice puts a notice as it stands on the ledger, with one more document of the
// signer: its issue, or an act.
func (c *Chain) Notice(n *traceability.Notice, signer traceability.PartyID, say traceability.Payload) traceability.DocumentID {
	c.tb.Helper()
	typ, act := traceability.TypeNoticeIssue, traceability.Act("")
	if a, ok := say.(*traceability.NoticeAct); ok {
		typ, act = traceability.TypeNoticeAct, a.Act
	}
	entry, id := c.sign(signer, typ, say)
	n.Done = append(n.Done, traceability.Done{Document: id, Act: act, By: signer, At: c.now()})
	c.notices[n.ID] = append(c.notices[n.ID], entry)
	c.write(traceability.NoticeKey(n.ID), traceability.NoticeState{Documents: c.notices[n.ID], Notice: *n})
	return id
}

// aNotice is one about a report of the laboratory that Zhejiang organised, with a
// period for Jiangsu that ends at a time; the zero time cannot be counted.
func aNotice(no string, issued, due time.Time) *traceability.Notice {
	n := &traceability.Notice{
		ID: traceability.NoticeID("DBJ2533010031913" + no), Phase: traceability.PhaseDispatched, Organiser: traceability.Zhejiang, Issued: issued,
		Report: traceability.NewReportID(lab, "F"+no, 1), Lot: lotID("A"), FoodName: "生菜", Failed: []traceability.FailedItem{{Seq: 1, Parameter: "毒死蜱"}},
		Links:      []traceability.Link{traceability.LinkDistribution},
		Recipients: []traceability.Served{{As: traceability.ToUnit, Party: shop, Province: traceability.Jiangsu}},
		Provinces:  []traceability.Concern{{Province: traceability.Jiangsu, As: []string{"sampling"}, Sent: 1}},
		Deadlines: []traceability.Deadline{{Timer: "T5a", Revision: 1, Basis: "示例", About: "320000", Of: traceability.Regulator(traceability.Jiangsu), From: issued,
			Due: due, Status: traceability.Running}},
	}
	if due.IsZero() {
		n.Deadlines[0].Unknown = traceability.CodeCalendarMissing
	}
	return n
}

func noticeOne(t *testing.T, e Engine) {
	c := NewChain(t)
	zhejiang, jiangsu := traceability.Regulator(traceability.Zhejiang), traceability.Regulator(traceability.Jiangsu)
	n := aNotice("0001", c.now(), c.now().Add(time.Hour))
	issue := &traceability.NoticeIssue{Report: n.Report, At: c.now(), Stage: traceability.StageDistribution, Packaging: traceability.Bulk, SampledIn: "320106"}
	first := c.ref(c.Notice(n, zhejiang, issue), traceability.TypeNoticeIssue, zhejiang)
	dispatch := &traceability.NoticeAct{Notice: n.ID, Act: traceability.ActDispatch, At: c.now()}
	second := c.ref(c.Notice(n, zhejiang, dispatch), traceability.TypeNoticeAct, zhejiang) // in the same transaction
	c.Close()
	s := applied(t, e, c)
	want := traceability.NoticeRecord{Notice: *n, History: []traceability.NoticeEntry{{DocumentRef: first, Issue: issue}, {DocumentRef: second, Act: dispatch}}}
	equal(t, want, must[traceability.NoticeRecord](t)(s.Notice(t.Context(), n.ID)))

	acknowledge := &traceability.NoticeAct{Notice: n.ID, Act: traceability.ActAcknowledge, At: c.now(), Reason: "已收到"}
	n.Provinces[0].Acknowledged, n.Deadlines[0].Status, n.Deadlines[0].Late = 1, traceability.Met, traceability.InTime
	third := c.ref(c.Notice(n, jiangsu, acknowledge), traceability.TypeNoticeAct, jiangsu)
	if err := s.Apply(t.Context(), c.Close()); err != nil {
		t.Fatal(err)
	}
	want.Notice, want.History = *n, append(want.History, traceability.NoticeEntry{DocumentRef: third, Act: acknowledge})
	equal(t, want, must[traceability.NoticeRecord](t)(s.Notice(t.Context(), n.ID)))
	document := must[traceability.DocumentRecord](t)(s.Document(t.Context(), third.ID))
	if document.Record != traceability.NoticeKey(n.ID) {
		t.Errorf("the act is of the record %s", document.Record)
	}
	if _, err := s.Notice(t.Context(), "DBJ25330100319130000"); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
}

func noticeLists(t *testing.T, e Engine) {
	c := NewChain(t)
	zhejiang, jiangsu := traceability.Regulator(traceability.Zhejiang), traceability.Regulator(traceability.Jiangsu)
	began := c.now()
	var notices []*traceability.Notice
	for i, due := range []time.Duration{3 * time.Hour, time.Hour, 0, 2 * time.Hour, time.Hour} {
		n := aNotice(fmt.Sprintf("%04d", i), began.Add(time.Duration(i)*time.Minute), began.Add(due))
		if due == 0 {
			n.Deadlines[0].Due, n.Deadlines[0].Unknown = time.Time{}, traceability.CodeCalendarMissing
		}
		notices = append(notices, n)
		c.Notice(n, zhejiang, &traceability.NoticeIssue{Report: n.Report, At: n.Issued})
	}
	c.Close()
	published := notices[3]
	published.Phase, published.Lot = traceability.PhasePublished, lotID("B")
	published.Publication = []traceability.PublicVersion{{Act: traceability.ActPublish, At: c.now(), Row: &traceability.PublicRow{FoodName: "生菜"}}}
	c.Notice(published, zhejiang, &traceability.NoticeAct{Notice: published.ID, Act: traceability.ActPublish, At: c.now()})
	done := notices[4]
	done.Deadlines[0].Status = traceability.Met
	c.Notice(done, jiangsu, &traceability.NoticeAct{Notice: done.ID, Act: traceability.ActAcknowledge, At: c.now()})
	c.Close()
	s := applied(t, e, c)
	for name, tt := range map[string]struct {
		filter traceability.NoticeFilter
		want   []int
	}{
		"all, as issued":            {traceability.NoticeFilter{}, []int{0, 1, 2, 3, 4}},
		"dispatched":                {traceability.NoticeFilter{Phase: traceability.PhaseDispatched}, []int{0, 1, 2, 4}},
		"published":                 {traceability.NoticeFilter{Public: true}, []int{3}},
		"of a lot":                  {traceability.NoticeFilter{Lot: lotID("A")}, []int{0, 1, 2, 4}},
		"published, of another lot": {traceability.NoticeFilter{Lot: lotID("A"), Public: true}, nil},
		"Jiangsu's, as due":         {traceability.NoticeFilter{Party: jiangsu}, []int{2, 1, 3, 0, 4}},
		"Jiangsu's dispatched":      {traceability.NoticeFilter{Party: jiangsu, Phase: traceability.PhaseDispatched}, []int{2, 1, 0, 4}},
		"Jiangsu's overdue":         {traceability.NoticeFilter{Party: jiangsu, Overdue: began.Add(150 * time.Minute)}, []int{1, 3}},
		"overdue to the second":     {traceability.NoticeFilter{Party: jiangsu, Overdue: began.Add(time.Hour)}, nil},
		"Zhejiang's":                {traceability.NoticeFilter{Party: zhejiang}, []int{0, 1, 2, 3, 4}},
		"the shop's published":      {traceability.NoticeFilter{Party: shop, Public: true}, []int{3}},
		"a stranger's":              {traceability.NoticeFilter{Party: farm}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int{0, 1, 2} {
				var got []traceability.NoticeID
				page := traceability.Page{Limit: limit}
				for range 10 {
					list := must[traceability.List[traceability.NoticeRecord]](t)(s.Notices(t.Context(), tt.filter, page))
					for _, n := range list.Items {
						got = append(got, n.ID)
					}
					if page.After = list.Next; page.After == "" {
						break
					}
				}
				var want []traceability.NoticeID
				for _, i := range tt.want {
					want = append(want, notices[i].ID)
				}
				if !slices.Equal(want, got) {
					t.Errorf("by %d: got %v, want %v", limit, got, want)
				}
			}
		})
	}
	if _, err := s.Notices(t.Context(), traceability.NoticeFilter{}, traceability.Page{After: "x"}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a bad cursor: %v", err)
	}
}

// noticesPublished holds the list of what was published, and what finds it.
func noticesPublished(t *testing.T, e Engine) {
	c := NewChain(t)
	zhejiang := traceability.Regulator(traceability.Zhejiang)
	day := func(d int) time.Time { return time.Date(2026, 11, d, 1, 0, 0, 0, traceability.ChinaTime()) }
	var notices []*traceability.Notice
	for i, row := range []traceability.PublicRow{
		{FoodName: "生菜", Producer: traceability.Firm{Name: "甲蔬菜有限公司"}},
		{FoodName: "散装 Ａ100%_菜", Producer: traceability.Firm{Name: "欧阳明珠"}}, // a person: found by what is shown of the name
		{FoodName: "生菜", Producer: traceability.Firm{Name: "乙食品有限公司"}},
		{FoodName: "生姜", Producer: traceability.Firm{Name: "丙蔬菜有限公司"}},
	} {
		n := aNotice(fmt.Sprintf("%04d", i), day(1), day(20))
		n.Phase, n.Publication = traceability.PhasePublished, []traceability.PublicVersion{{Act: traceability.ActPublish, At: day(10 + i/2), Row: &row}}
		notices = append(notices, n)
		c.Notice(n, zhejiang, &traceability.NoticeAct{Notice: n.ID, Act: traceability.ActPublish, At: day(10 + i)})
	}
	c.Notice(aNotice("0009", day(1), day(20)), zhejiang, &traceability.NoticeIssue{At: day(1)}) // never published
	c.Close()
	withdrawn := *notices[3]
	withdrawn.Publication = append(slices.Clone(withdrawn.Publication), traceability.PublicVersion{Act: traceability.ActWithdraw, At: day(15)})
	c.Notice(&withdrawn, zhejiang, &traceability.NoticeAct{Notice: withdrawn.ID, Act: traceability.ActWithdraw, At: day(15)})
	corrected := *notices[0]
	corrected.Publication = append(slices.Clone(corrected.Publication), traceability.PublicVersion{Act: traceability.ActCorrect, At: day(16), Row: &traceability.PublicRow{FoodName: "油麦菜"}})
	c.Notice(&corrected, zhejiang, &traceability.NoticeAct{Notice: corrected.ID, Act: traceability.ActCorrect, At: day(16)})
	c.Close()
	s := applied(t, e, c)
	for name, tt := range map[string]struct {
		filter traceability.PublishedFilter
		want   []int
	}{
		"all, the last first":      {traceability.PublishedFilter{}, []int{3, 2, 1, 0}},
		"a product":                {traceability.PublishedFilter{Text: "生菜"}, []int{2}},
		"as corrected":             {traceability.PublishedFilter{Text: "油麦"}, []int{0}},
		"a producer":               {traceability.PublishedFilter{Text: "食品有限公司"}, []int{2}},
		"of one taken back":        {traceability.PublishedFilter{Text: "丙蔬菜"}, nil},
		"other letters":            {traceability.PublishedFilter{Text: "a100% _菜"}, []int{1}},
		"a wildcard is none":       {traceability.PublishedFilter{Text: "a%菜"}, nil},
		"a person's name":          {traceability.PublishedFilter{Text: "欧阳明珠"}, nil},
		"not across names":         {traceability.PublishedFilter{Text: "菜乙"}, nil},
		"from":                     {traceability.PublishedFilter{From: "2026-11-11"}, []int{3, 2}},
		"to":                       {traceability.PublishedFilter{To: "2026-11-10"}, []int{1, 0}},
		"a product from and to":    {traceability.PublishedFilter{Text: "生菜", From: "2026-11-11", To: "2026-11-11"}, []int{2}},
		"a product of no such day": {traceability.PublishedFilter{Text: "生菜", From: "2026-11-12"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int{0, 1, 2} {
				var got, want []traceability.NoticeID
				page := traceability.Page{Limit: limit}
				for range 10 {
					list := must[traceability.List[traceability.NoticeRecord]](t)(s.PublishedNotices(t.Context(), tt.filter, page))
					for _, n := range list.Items {
						got = append(got, n.ID)
					}
					if page.After = list.Next; page.After == "" {
						break
					}
				}
				for _, i := range tt.want {
					want = append(want, notices[i].ID)
				}
				if !slices.Equal(want, got) {
					t.Errorf("by %d: got %v, want %v", limit, got, want)
				}
			}
		})
	}
	for _, wrong := range []traceability.PublishedFilter{{Text: "菜"}, {Text: " "}, {Text: strings.Repeat("菜", 101)}, {From: "yesterday"}, {To: "2026-13-01"}} {
		if _, err := s.PublishedNotices(t.Context(), wrong, traceability.Page{}); traceability.CodeOf(err) != traceability.CodeInvalid {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	if _, err := s.PublishedNotices(t.Context(), traceability.PublishedFilter{}, traceability.Page{After: "x"}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a bad cursor: %v", err)
	}
}

// noticePast holds that lists leave out what is over, and have it when asked.
func noticePast(t *testing.T, e Engine) {
	c := NewChain(t)
	n := aNotice("0001", c.now(), c.now().Add(time.Hour))
	ended := n.Deadlines[0]
	ended.Timer, ended.Status = "T5", traceability.Met
	n.Deadlines = []traceability.Deadline{ended, n.Deadlines[0], ended}
	c.Notice(n, traceability.Regulator(traceability.Zhejiang), &traceability.NoticeIssue{Report: n.Report, At: c.now()})
	c.Close()
	s := applied(t, e, c)
	now := *n
	now.Deadlines, now.Done = n.Deadlines[1:2], nil
	for past, want := range map[bool]traceability.Notice{false: now, true: *n} {
		for _, f := range []traceability.NoticeFilter{{Past: past}, {Past: past, Party: traceability.Regulator(traceability.Jiangsu)}} {
			list := must[traceability.List[traceability.NoticeRecord]](t)(s.Notices(t.Context(), f, traceability.Page{}))
			equal(t, []traceability.NoticeRecord{{Notice: want}}, list.Items)
		}
	}
}

// noticeReports holds that a report knows the notice about it and which revision that
// is about, in any revision of it, and that of the re-inspection; and that what has a
// notice stays among the reports in force.
func noticeReports(t *testing.T, e Engine) {
	c := NewChain(t)
	failing := func(no string) traceability.Report {
		r := report(no, 1, "", lotID("A"))
		r.Verdict, r.Items[0].Verdict = traceability.VerdictFail, traceability.VerdictFail
		return r
	}
	n := aNotice("0001", c.now(), c.now())
	first := c.Report(lab, failing("F0001"), nil)
	passed := failing("F0001")
	passed.Revision, passed.Supersedes, passed.Verdict, passed.Items[0].Verdict = 2, first, traceability.VerdictPass, traceability.VerdictPass
	c.Report(lab, passed, nil)
	c.Report(lab, failing("RE-1"), nil)
	c.Report(lab, failing("ALONE"), nil)
	n.Reinspection = &traceability.Reinspection{Report: traceability.NewReportID(lab, "RE-1", 1)}
	c.Notice(n, traceability.Regulator(traceability.Zhejiang), &traceability.NoticeIssue{Report: n.Report, At: c.now()})
	c.Close()
	s := applied(t, e, c)
	look := func(public bool) {
		t.Helper()
		list := must[traceability.List[traceability.ReportRecord]](t)(s.Reports(t.Context(), traceability.ReportFilter{}, traceability.Page{}))
		for _, r := range list.Items {
			about := r.No == "F0001" || r.No == "RE-1"
			switch {
			case !about && r.Notice != nil:
				t.Errorf("%s has the notice %s", r.ID, r.Notice.ID)
			case about && (r.Notice == nil || r.Notice.ID != n.ID || r.Notice.Public != public || r.Notice.Report != traceability.NewReportID(lab, r.No, 1) || !slices.Contains(r.Notice.Parties, shop)):
				t.Errorf("%s: %+v", r.ID, r.Notice)
			}
			one := must[traceability.ReportRecord](t)(s.Report(t.Context(), r.ID))
			equal(t, r, one)
		}
	}
	look(false)
	n.Phase = traceability.PhasePublished
	n.Publication = []traceability.PublicVersion{{Act: traceability.ActPublish, At: c.now(), Row: &traceability.PublicRow{FoodName: "青菜"}}}
	c.Notice(n, traceability.Regulator(traceability.Zhejiang), &traceability.NoticeAct{Notice: n.ID, Act: traceability.ActPublish, At: c.now()})
	if err := s.Apply(t.Context(), c.Close()); err != nil {
		t.Fatal(err)
	}
	look(true)
	current := must[traceability.List[traceability.ReportRecord]](t)(s.Reports(t.Context(), traceability.ReportFilter{Current: true, Lot: lotID("A")}, traceability.Page{}))
	if first := current.Items[0]; first.No != "F0001" || first.Revision != 1 || len(current.Items) != 4 {
		t.Errorf("in force: %d, the first %s", len(current.Items), first.ID)
	}
}

// noticeStats holds what is counted of each province: on a day and before, with
// the hours that acknowledging took.
func noticeStats(t *testing.T, e Engine) {
	c := NewChain(t)
	jiangsu, zhejiang := traceability.Regulator(traceability.Jiangsu), traceability.Regulator(traceability.Zhejiang)
	began := c.now()
	for i, took := range []time.Duration{90 * time.Minute, 30 * time.Hour, 3 * time.Hour, 50 * time.Hour, 0} {
		n := aNotice(fmt.Sprintf("%04d", i), began, began.Add(time.Hour))
		c.Notice(n, zhejiang, &traceability.NoticeIssue{Report: n.Report, At: began})
		n.Done[0].At = began
		if took == 0 {
			continue // still to be acknowledged, and overdue
		}
		d := &n.Deadlines[0]
		d.Status, d.At, n.Provinces[0].Acknowledged = traceability.Met, began.Add(took), 1
		c.acted(n, jiangsu, traceability.ActAcknowledge, d.At)
		if i == 3 {
			n.Phase = traceability.PhaseClosed
			c.acted(n, zhejiang, traceability.ActClose, d.At)
		}
	}
	c.Close()
	s := applied(t, e, c)
	hours := func(n int) *int { return &n }
	for name, tt := range map[string]struct {
		asOf time.Time
		want map[traceability.ProvinceCode]traceability.NoticeStats
	}{
		"before":          {began.AddDate(0, 0, -1), nil},
		"on the day":      {began.Add(time.Hour), map[traceability.ProvinceCode]traceability.NoticeStats{traceability.Zhejiang: {Issued: 5}, traceability.Jiangsu: {Acknowledged: 2, MedianHours: hours(2)}}},
		"the day after":   {began.AddDate(0, 0, 1).Add(12 * time.Hour), map[traceability.ProvinceCode]traceability.NoticeStats{traceability.Zhejiang: {Issued: 5}, traceability.Jiangsu: {Acknowledged: 3, MedianHours: hours(3), Overdue: 1}}},
		"after all of it": {began.AddDate(0, 0, 9), map[traceability.ProvinceCode]traceability.NoticeStats{traceability.Zhejiang: {Issued: 5, Closed: 1}, traceability.Jiangsu: {Acknowledged: 4, MedianHours: hours(3), Overdue: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			var want []traceability.NoticeStats
			for _, province := range traceability.Provinces() {
				of := tt.want[province]
				of.Province = province
				want = append(want, of)
			}
			equal(t, want, must[[]traceability.NoticeStats](t)(s.NoticeStats(t.Context(), tt.asOf)))
		})
	}
}

// acted is Notice with an act that was done at a time.
func (c *Chain) acted(n *traceability.Notice, by traceability.PartyID, act traceability.Act, at time.Time) {
	c.tb.Helper()
	entry, id := c.sign(by, traceability.TypeNoticeAct, &traceability.NoticeAct{Notice: n.ID, Act: act, At: at})
	n.Done = append(n.Done, traceability.Done{Document: id, Act: act, By: by, At: at})
	c.notices[n.ID] = append(c.notices[n.ID], entry)
	c.write(traceability.NoticeKey(n.ID), traceability.NoticeState{Documents: c.notices[n.ID], Notice: *n})
}
