package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"deltatrace/traceability"
)

func feedCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"feed/notice":      feedNotice,
		"feed/recognition": feedRecognition,
		"feed/pages":       feedPages,
	}
}

// told reads an audience's whole feed in pages, as `kind by subject`.
func told(t *testing.T, s Store, q traceability.FeedQuery) []string {
	t.Helper()
	var list []string
	for range 1000 {
		page := must[traceability.FeedPage](t)(s.Feed(t.Context(), q))
		for _, signal := range page.Signals {
			if signal.Audience != q.Audience || signal.Cursor == "" {
				t.Errorf("got %+v", signal)
			}
			list = append(list, fmt.Sprintf("%s %s %s", signal.Kind, signal.By, signal.Subject))
		}
		if q.After = page.Next; !page.More {
			break
		}
	}
	if again := must[traceability.FeedPage](t)(s.Feed(t.Context(), q)); len(again.Signals) > 0 || again.More || again.Next != q.After {
		t.Errorf("after its end the feed has %+v", again)
	}
	return list
}

// feedNotice holds who is told of which act of a notice: provinces of all, the
// public of what it sees change, a business nothing of what it may not read.
func feedNotice(t *testing.T, e Engine) {
	c := NewChain(t)
	zhejiang, jiangsu := traceability.Regulator(traceability.Zhejiang), traceability.Regulator(traceability.Jiangsu)
	n := aNotice("0001", c.now(), c.now().Add(time.Hour))
	n.Urgent = true
	n.Recipients = append(n.Recipients, traceability.Served{As: traceability.ToProducer, Party: farm})
	act := func(by traceability.PartyID, a traceability.NoticeAct) {
		a.Notice, a.At = n.ID, c.now()
		c.Notice(n, by, &a)
	}
	row := &traceability.PublicRow{FoodName: "生菜"}
	version := func(act traceability.Act, row *traceability.PublicRow) {
		n.Publication = append(n.Publication, traceability.PublicVersion{Act: act, At: c.now(), Row: row})
	}
	c.Notice(n, zhejiang, &traceability.NoticeIssue{Report: n.Report, At: c.now()})
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActDispatch}) // in the same transaction
	c.Close()
	act(jiangsu, traceability.NoticeAct{Act: traceability.ActAnswer, Answer: traceability.AnswerAccept})
	c.Close()
	act(shop, traceability.NoticeAct{Act: traceability.ActObjectionFile, For: traceability.ToUnit, Kind: traceability.ObjectSampling})
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActObjectionAccept, For: traceability.ToUnit, Kind: traceability.ObjectSampling})
	act(jiangsu, traceability.NoticeAct{Act: traceability.ActHandlingOpen, Link: traceability.LinkDistribution})
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActDetermine, Decision: traceability.Upheld})
	c.Close()
	version(traceability.ActPublish, row)
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActPublish, Row: row})
	c.Close()
	version(traceability.ActDetermine, nil)
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActDetermine, Decision: traceability.Overturned})
	c.Close()
	s := applied(t, e, c)

	all := []string{"issue", "dispatch", "answer", "objection_file", "objection_accept", "handling_open", "determine", "publish", "determine"}
	for audience, want := range map[traceability.Audience][]string{
		traceability.To(zhejiang):     all,
		traceability.To(jiangsu):      all,
		traceability.To(lab):          {"issue", "dispatch", "objection_accept", "determine", "publish", "determine"},
		traceability.To(shop):         {"issue", "dispatch", "objection_file", "objection_accept", "determine", "publish", "determine"},
		traceability.To(farm):         {"issue", "dispatch", "determine", "publish", "determine"},
		traceability.AudiencePublic:   {"publish", "determine"},
		traceability.To("reg:340000"): nil,
	} {
		for _, limit := range []int{0, 1, 2} {
			var got []string
			for _, line := range told(t, s, traceability.FeedQuery{Audience: audience, Limit: limit}) {
				var kind, by, subject string
				fmt.Sscan(line, &kind, &by, &subject)
				if subject != traceability.NoticeKey(n.ID) {
					t.Errorf("%s: %s", audience, line)
				}
				got = append(got, kind[len("notice."):])
			}
			if !slices.Equal(want, got) {
				t.Errorf("%s by %d: got %v, want %v", audience, limit, got, want)
			}
		}
	}

	page := must[traceability.FeedPage](t)(s.Feed(t.Context(), traceability.FeedQuery{Audience: traceability.To(jiangsu), Limit: 1}))
	want := traceability.Signal{Cursor: page.Next, Audience: traceability.To(jiangsu), Kind: traceability.SignalNoticeIssue, Subject: traceability.NoticeKey(n.ID),
		At: c.Blocks[1].Time, Block: 1, Province: traceability.Zhejiang, By: zhejiang, Urgent: true}
	equal(t, []traceability.Signal{want}, page.Signals)
	public := must[traceability.FeedPage](t)(s.Feed(t.Context(), traceability.FeedQuery{Audience: traceability.AudiencePublic}))
	if public.Signals[0].Urgent {
		t.Error("the public learns that the notice was urgent")
	}
}

func feedRecognition(t *testing.T, e Engine) {
	c := NewChain(t)
	d := traceability.RecognitionDecision{Report: traceability.NewReportID(lab, "R1", 1), Parameter: "铅", Accepting: traceability.Zhejiang, At: c.now()}
	id := c.Recognise(d, lotID("A"), traceability.RecognitionEvaluation{})
	c.Close()
	s := applied(t, e, c)
	want := []string{"recognition.decide reg:330000 " + traceability.RecognitionKey(d.Report, d.Parameter, d.Accepting, id)}
	for _, audience := range []traceability.Audience{traceability.To(lab), traceability.To(traceability.Regulator(traceability.Shanghai))} {
		equal(t, want, told(t, s, traceability.FeedQuery{Audience: audience}))
	}
	equal(t, []string(nil), told(t, s, traceability.FeedQuery{Audience: traceability.AudiencePublic}))
}

// feedPages holds that a feed goes on where it was left, whatever is asked for.
func feedPages(t *testing.T, e Engine) {
	c := NewChain(t)
	zhejiang := traceability.Regulator(traceability.Zhejiang)
	for i := range 40 {
		n := aNotice(fmt.Sprintf("%04d", i), c.now(), c.now())
		c.Notice(n, zhejiang, &traceability.NoticeIssue{Report: n.Report, At: c.now()})
		c.Notice(n, zhejiang, &traceability.NoticeAct{Notice: n.ID, Act: traceability.ActDispatch, At: c.now()})
		c.Close()
	}
	s := applied(t, e, c)
	us := traceability.To(zhejiang)
	if got := told(t, s, traceability.FeedQuery{Audience: us, Limit: 7}); len(got) != 80 {
		t.Errorf("%d signals", len(got))
	}
	for _, kinds := range [][]traceability.SignalKind{{"notice.dispatch"}, {"recall", "notice.dispatch"}} {
		if got := told(t, s, traceability.FeedQuery{Audience: us, Kinds: kinds, Limit: 7}); len(got) != 40 {
			t.Errorf("%v: %d signals", kinds, len(got))
		}
	}
	if got := told(t, s, traceability.FeedQuery{Audience: us, Kinds: []traceability.SignalKind{"notice"}}); len(got) != 80 {
		t.Errorf("the family has %d signals", len(got))
	}
	if got := told(t, s, traceability.FeedQuery{Audience: us, From: 40}); len(got) != 2 {
		t.Errorf("from block 40: %v", got)
	}
	first := must[traceability.FeedPage](t)(s.Feed(t.Context(), traceability.FeedQuery{Audience: us, Limit: 1}))
	none := must[traceability.FeedPage](t)(s.Feed(t.Context(), traceability.FeedQuery{Audience: us, After: first.Next, Kinds: []traceability.SignalKind{"recall"}}))
	if len(none.Signals) > 0 || none.Next == first.Next || none.More {
		t.Errorf("what is of no interest is not passed over: %+v", none)
	}
	for _, q := range []traceability.FeedQuery{{After: "x"}, {Limit: 1001}, {From: 1 << 62}} {
		if _, err := s.Feed(t.Context(), q); traceability.CodeOf(err) != traceability.CodeInvalid {
			t.Errorf("%+v: %v", q, err)
		}
	}
}
