package store_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
	"deltatrace/traceability/store"
	"deltatrace/traceability/store/storetest"
)

// BenchmarkNotices loads a docket of notices and asks everything that can be asked
// of them. DELTATRACE_BENCH_NOTICES is how many there are, 10,000 if it is not set;
// DELTATRACE_BENCH_DB is as for BenchmarkRegion, and so is -benchtime.
func BenchmarkNotices(b *testing.B) {
	count, err := strconv.Atoi(os.Getenv("DELTATRACE_BENCH_NOTICES"))
	if err != nil {
		count = 10_000
	}
	d, blocks := newDocket(b, count)
	db, size := benchDatabase(b)
	s := open(b, db)
	if _, err := s.Head(b.Context()); err != nil {
		l := load(b, s, blocks)
		bytes := size()
		b.Run("load", func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(l.documents)/float64(count), "documents/notice")
			b.ReportMetric(float64(l.documents)/(l.applying+l.indexing).Seconds(), "documents/s")
			b.ReportMetric(l.indexing.Seconds(), "indexing-s")
			b.ReportMetric(float64(bytes)/(1<<20), "MB")
		})
	}
	for _, q := range noticeQuestions(s, d) {
		b.Run(q.name, func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 2))
			var took []time.Duration
			items, before := 0, processorTime(b)
			for n := range 1100 {
				i := random.IntN(count)
				began := time.Now()
				found, err := q.ask(b.Context(), i)
				if err != nil {
					b.Fatal(err)
				}
				if n == 100 {
					before = processorTime(b)
				}
				if n >= 100 { // the first ones warm the caches
					took, items = append(took, time.Since(began)), items+found
				}
			}
			report(b, took)
			b.ReportMetric(float64(items)/float64(len(took)), "items")
			b.ReportMetric((processorTime(b)-before).Seconds()*1000/float64(len(took)), "cpu-ms")
		})
	}
}

// noticeQuestion asks something about the n-th notice, or about whom it concerns,
// and returns how many items the answer has.
type noticeQuestion struct {
	name string
	ask  func(ctx context.Context, n int) (int, error)
}

func noticeQuestions(s *store.Store, d storetest.Docket) []noticeQuestion {
	regulator := func(n int) traceability.PartyID {
		return traceability.Regulator(traceability.Provinces()[n%4])
	}
	phase := func(n int) traceability.Phase { return traceability.Phases()[n/4%len(traceability.Phases())] }
	var questions []noticeQuestion
	ask := func(name string, question func(ctx context.Context, n int) (int, error)) {
		questions = append(questions, noticeQuestion{name, question})
	}
	list := func(name string, filter func(n int) traceability.NoticeFilter) {
		for _, limit := range []int{20, 100} {
			ask(name+"/"+strconv.Itoa(limit), func(ctx context.Context, n int) (int, error) {
				found, err := s.Notices(ctx, filter(n), traceability.Page{Limit: limit})
				return len(found.Items), err
			})
		}
	}
	ask("notice", func(ctx context.Context, n int) (int, error) {
		notice, err := s.Notice(ctx, traceability.NoticeID(d.Numbers(n).Sampling))
		return len(notice.History), err
	})
	type filter = traceability.NoticeFilter
	list("inbox/regulator", func(n int) filter { return filter{Party: regulator(n)} })
	list("inbox/laboratory", func(n int) filter { return filter{Party: docketLab(traceability.Provinces()[n%4])} })
	list("inbox/business", func(n int) filter {
		return filter{Party: traceability.PartyID("op:" + string(d.Numbers(n).Unit))}
	})
	list("overdue", func(n int) filter { return filter{Party: regulator(n), Overdue: today} })
	list("regulator-state", func(n int) filter { return filter{Party: regulator(n), Phase: phase(n)} })
	list("regulator-public", func(n int) filter { return filter{Party: regulator(n), Public: true} })
	list("regulator-state-public", func(n int) filter { return filter{Party: regulator(n), Phase: phase(n), Public: true} })
	list("regulator-lot", func(n int) filter { return filter{Party: regulator(n), Lot: d.Numbers(n).Lot} })
	list("all", func(int) filter { return filter{} })
	list("state", func(n int) filter { return filter{Phase: phase(n)} })
	list("public", func(int) filter { return filter{Public: true} })
	list("state-public", func(n int) filter { return filter{Phase: phase(n), Public: true} })
	list("lot", func(n int) filter { return filter{Lot: d.Numbers(n).Lot} })
	list("lot-public", func(n int) filter { return filter{Lot: d.Numbers(n).Lot, Public: true} })
	for _, search := range []struct {
		name   string
		filter traceability.PublishedFilter
	}{
		{"published", traceability.PublishedFilter{}},
		{"published/food", traceability.PublishedFilter{Text: "生菜"}}, // all of them
		{"published/month", traceability.PublishedFilter{From: "2026-02-01", To: "2026-02-28"}},
	} {
		ask(search.name, func(ctx context.Context, n int) (int, error) {
			found, err := s.PublishedNotices(ctx, search.filter, traceability.Page{Limit: 20})
			return len(found.Items), err
		})
	}
	ask("stats", func(ctx context.Context, n int) (int, error) {
		stats, err := s.NoticeStats(ctx, today)
		return len(stats), err
	})
	for _, audience := range []struct {
		name string
		of   func(n int) traceability.Audience
	}{
		{"public", func(int) traceability.Audience { return traceability.AudiencePublic }},
		{"regulator", func(n int) traceability.Audience { return traceability.To(regulator(n)) }},
		{"business", func(n int) traceability.Audience {
			return traceability.To(traceability.PartyID("op:" + string(d.Numbers(n).Unit)))
		}},
	} {
		for _, kinds := range [][]traceability.SignalKind{nil, {traceability.NoticeSignal(traceability.ActWithdraw)}, {traceability.FamilyRecognition}} {
			name := "feed/" + audience.name
			if kinds != nil {
				name += "/" + string(kinds[0])
			}
			ask(name, func(ctx context.Context, n int) (int, error) {
				page, err := s.Feed(ctx, traceability.FeedQuery{Audience: audience.of(n), Kinds: kinds, From: uint64(n) / 100})
				return len(page.Signals), err
			})
		}
	}
	ask("report", func(ctx context.Context, n int) (int, error) {
		_, err := s.Report(ctx, d.Report(n))
		return 1, err
	})
	ask("reports-of-lot", func(ctx context.Context, n int) (int, error) {
		found, err := s.Reports(ctx, traceability.ReportFilter{Lot: d.Numbers(n).Lot, Current: true}, traceability.Page{})
		return len(found.Items), err
	})
	ask("recognition", func(ctx context.Context, n int) (int, error) {
		answer, err := recognition.Ask(ctx, s, recognition.Question{Lot: d.Numbers(n).Lot, Accepting: traceability.Provinces()[n%4], On: traceability.DateOf(today)},
			traceability.Viewer{As: regulator(n)})
		return len(answer.Results), err
	})
	return questions
}
