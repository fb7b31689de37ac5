package store

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"deltatrace/traceability"
	"deltatrace/traceability/store/postgrestest"
)

// recorder notes what is asked and what is written.
type recorder struct {
	engine
	statements
}

// statements are what was noted.
type statements struct {
	mu    sync.Mutex
	asked []asked
	done  []string
}

type asked struct {
	question string
	args     []any
}

func (r *statements) ask(question string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, asked{question, args})
}

func (r *recorder) query(ctx context.Context, question string, args []any, row func(func(...any) error) error) error {
	r.ask(question, args)
	return r.engine.query(ctx, question, args, row)
}

func (r *recorder) snapshot(ctx context.Context, f func(querier) error) error {
	return r.engine.snapshot(ctx, func(db querier) error { return f(recordedQuerier{db, &r.statements}) })
}

func (r *recorder) write(ctx context.Context, f func(transaction) error) error {
	return r.engine.write(ctx, func(tx transaction) error {
		return f(recordedTransaction{recordedQuerier{tx, &r.statements}, tx})
	})
}

type recordedQuerier struct {
	db querier
	*statements
}

func (r recordedQuerier) query(ctx context.Context, question string, args []any, row func(func(...any) error) error) error {
	r.ask(question, args)
	return r.db.query(ctx, question, args, row)
}

type recordedTransaction struct {
	recordedQuerier
	tx transaction
}

func (r recordedTransaction) exec(ctx context.Context, statement string, args ...any) error {
	r.mu.Lock()
	r.done = append(r.done, statement)
	r.mu.Unlock()
	return r.tx.exec(ctx, statement, args...)
}

// recorded opens a store that notes what it asks.
func recorded(t *testing.T, url string) (*Store, *recorder) {
	t.Helper()
	s, err := Open(t.Context(), url, discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	r := &recorder{engine: s.db}
	s.db = r
	return s, r
}

// askedOf fills a store with a province, so that all questions come up, and asks
// them.
func askedOf(t *testing.T, s *Store, r *recorder) []asked {
	t.Helper()
	if err := s.Apply(t.Context(), traceability.Block{Transactions: []traceability.Transaction{{ID: "x", Writes: []traceability.Write{
		{Key: "party/reg:310000", Value: []byte(`{"province":"310000","status":"active","keys":[]}`)}}}}}); err != nil {
		t.Fatal(err)
	}
	r.asked = nil
	ask(t, s)
	return r.asked
}

// TestPlans holds that every question is answered from an index in its order:
// at ten million lots one that is not would take minutes.
func TestPlans(t *testing.T) {
	t.Parallel()
	s, r := recorded(t, ":memory:")
	for _, a := range askedOf(t, s, r) {
		var plan []string
		err := r.engine.query(t.Context(), "EXPLAIN QUERY PLAN\n"+a.question, a.args, func(scan func(...any) error) error {
			var id, parent, unused int
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			plan = append(plan, detail)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		name := nameOf(a.question)
		for _, step := range plan {
			// Most reports are current. The events of several lots must be
			// brought in one order, each once; those of one lot are in order.
			of, scans := strings.CutPrefix(step, "SCAN ")
			scans = scans && strings.Contains(a.question, "WHERE") && !strings.Contains("page found in_lots out_lots at_lots", of) &&
				of != "r"
			sorts := strings.HasPrefix(step, "USE TEMP B-TREE")
			if strings.Contains(a.question, "DISTINCT") {
				sorts = strings.Contains(a.question, "k.lot IN (?)") && step == "USE TEMP B-TREE FOR DISTINCT"
			}
			if sorts || scans {
				t.Errorf("%s: %s\n%s\n  %s", name, step, a.question, strings.Join(plan, "\n  "))
			}
		}
	}
}

// TestNoticePlans holds that a list of notices is read by the one index that has
// all of its conditions: among a million, any other makes it wait.
func TestNoticePlans(t *testing.T) {
	t.Parallel()
	s, r := recorded(t, ":memory:")
	if err := s.Apply(t.Context(), traceability.Block{}); err != nil {
		t.Fatal(err)
	}
	for index, f := range map[string]traceability.NoticeFilter{
		"notices_by_issued":              {},
		"notices_by_state":               {Phase: traceability.PhaseServed},
		"notices_by_public":              {Public: true},
		"notices_by_public_state":        {Public: true, Phase: traceability.PhaseClosed},
		"notices_by_lot":                 {Lot: "x", Public: true, Phase: traceability.PhaseClosed},
		"notice_parties_by_lot":          {Lot: "x", Public: true, Phase: traceability.PhaseClosed, Party: "reg:310000"},
		"notice_parties_by_due":          {Party: "reg:310000", Overdue: time.Unix(9, 0)},
		"notice_parties_by_state":        {Party: "reg:310000", Phase: traceability.PhaseServed, Overdue: time.Unix(9, 0)},
		"notice_parties_by_public":       {Party: "reg:310000", Public: true},
		"notice_parties_by_public_state": {Party: "reg:310000", Public: true, Phase: traceability.PhaseClosed},
	} {
		r.asked = nil
		s.Notices(t.Context(), f, traceability.Page{})
		a := r.asked[0]
		var plan []string
		err := r.engine.query(t.Context(), "EXPLAIN QUERY PLAN\n"+a.question, a.args, func(scan func(...any) error) error {
			var id, parent, unused int
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			plan = append(plan, detail+" ")
			return err
		})
		if text := strings.Join(plan, "\n  "); err != nil || !strings.Contains(text, "INDEX "+index+" ") {
			t.Errorf("not by %s: %v\n%s\n  %s", index, err, a.question, text)
		}
	}
}

// TestPostgresPlans holds what TestPlans does of PostgreSQL. Sequential scans are switched
// off for the store's sessions: one that is chosen all the same has no index.
func TestPostgresPlans(t *testing.T) {
	t.Parallel()
	s, r := recorded(t, postgrestest.Start(t).Database(t))
	for _, a := range askedOf(t, s, r) {
		var plan []string
		err := r.engine.query(t.Context(), "EXPLAIN (COSTS OFF) "+a.question, a.args, func(scan func(...any) error) error {
			var step string
			err := scan(&step)
			plan = append(plan, step)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(plan, "\n  ")
		sorts := strings.Contains(text, "Sort Key") && !strings.Contains(a.question, "DISTINCT")
		if scans := strings.Contains(text, "Seq Scan"); scans || sorts {
			t.Errorf("%s\n  %s", a.question, text)
		}
	}
}

// recurring has a rule of recurrence look at a failure, and a proposal answered.
func recurring(t *testing.T, s *Store) {
	t.Helper()
	rule := &traceability.Recurrence{ID: "R", Revision: 1, WindowDays: 30, Provinces: 2, Count: 2, Tasks: []traceability.Task{traceability.TaskSupervision},
		Parameters: []string{traceability.AnyName}, Categories: []string{traceability.AnyName}, EffectiveFrom: "2020-01-01"}
	sequels := []sequel{
		ending{series: "x", at: 1}, answer{proposal: "x", by: "y", at: 1},
		occurrence{failure: traceability.Failure{Report: "x", Hazard: "h", Group: "g", Task: traceability.TaskSupervision, Day: "2026-11-01"}, at: 1},
	}
	err := s.db.write(t.Context(), func(tx transaction) error {
		run := &recurrences{tables: &s.insert}
		if err := run.load(t.Context(), tx); err != nil {
			return err
		}
		run.rules = []placedRule{{rule, 0}}
		for _, next := range sequels {
			if err := next.follow(t.Context(), tx, run); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ask asks everything, with every filter.
func ask(t *testing.T, s *Store) {
	page := traceability.Page{Limit: 10}
	after := func(list string, key ...string) traceability.Page {
		return traceability.Page{After: encodeCursor(list, key...)}
	}
	for _, kind := range []traceability.PartyKind{"", "op"} {
		for _, province := range []traceability.ProvinceCode{"", "310000"} {
			s.Parties(t.Context(), traceability.PartyFilter{Kind: kind, Province: province}, page)
			s.Parties(t.Context(), traceability.PartyFilter{Kind: kind, Province: province}, after("parties", "x"))
		}
	}
	for _, registrant := range []traceability.PartyID{"", "op:x"} {
		s.Lots(t.Context(), traceability.LotFilter{Registrant: registrant}, page)
		s.Lots(t.Context(), traceability.LotFilter{Registrant: registrant}, after("lots", "x"))
	}
	for _, party := range []traceability.PartyID{"", "op:x"} {
		for _, lots := range [][]traceability.LotID{nil, {"x"}, {"x", "y"}} {
			s.Events(t.Context(), traceability.EventFilter{Party: party, Lots: lots}, page)
			s.Events(t.Context(), traceability.EventFilter{Party: party, Lots: lots}, after("events", "1", "x"))
		}
	}
	for n := range 16 {
		var f traceability.ReportFilter
		if n&1 > 0 {
			f.Lot = "x"
		}
		if n&2 > 0 {
			f.Lab = "lab:x"
		}
		if n&4 > 0 {
			f.SamplingNo = "x"
		}
		f.Current = n&8 > 0
		s.Reports(t.Context(), f, page)
		s.Reports(t.Context(), f, after("reports", "1"))
	}
	for _, accepting := range []traceability.ProvinceCode{"", "330000"} {
		s.RecognitionRules(t.Context(), traceability.RecognitionRuleFilter{Accepting: accepting}, page)
		s.RecognitionRules(t.Context(), traceability.RecognitionRuleFilter{Accepting: accepting}, after("recognition-rules", "x", "y", "1"))
		for _, f := range []traceability.RecognitionFilter{{Lot: "x"}, {Report: "x"}, {Lot: "x", Report: "x"}} {
			f.Accepting = accepting
			s.Recognitions(t.Context(), f, page)
			s.Recognitions(t.Context(), f, after("recognitions", "1"))
		}
		s.RecognitionRates(t.Context(), traceability.RecognitionRateFilter{Accepting: accepting, Issuing: accepting})
		s.RecognitionRates(t.Context(), traceability.RecognitionRateFilter{Accepting: accepting, From: "2026-01", To: "2026-12"})
	}
	for n := range 64 {
		var f traceability.NoticeFilter
		if n&1 > 0 {
			f.Party = "reg:310000"
		}
		if n&2 > 0 {
			f.Phase = traceability.PhaseServed
		}
		f.Public = n&4 > 0
		if n&8 > 0 {
			f.Lot = "x"
		}
		if n&16 > 0 {
			f.Overdue = time.Unix(1, 0)
		}
		f.Past = n&32 > 0
		s.Notices(t.Context(), f, page)
		list := "notices"
		if f.Party != "" {
			list += " of " + string(f.Party)
		}
		s.Notices(t.Context(), f, after(list, "1", "x"))
	}
	for _, f := range []traceability.RecallFilter{{Newest: true}, {Newest: true, Public: true}} {
		s.Recalls(t.Context(), f, page)
		s.Recalls(t.Context(), f, after("newest recalls", "1", "x"))
	}
	for _, f := range []traceability.PublishedFilter{{}, {Text: "生菜"}, {Text: "生菜", From: "2026-11-01", To: "2026-11-02"}, {From: "2026-11-01"}} {
		s.PublishedNotices(t.Context(), f, page)
		s.PublishedNotices(t.Context(), f, after("published notices", "1", "x"))
	}
	s.Feed(t.Context(), traceability.FeedQuery{Audience: "reg:310000"})
	s.Feed(t.Context(), traceability.FeedQuery{Audience: "reg:310000", After: encodeCursor("feed", "1", "x", "y"), Kinds: []traceability.SignalKind{"notice"}})
	for _, party := range []traceability.PartyID{"", "reg:310000"} {
		for _, active := range []bool{false, true} {
			s.Webhooks(t.Context(), traceability.WebhookFilter{Party: party, Active: active}, page)
			s.Webhooks(t.Context(), traceability.WebhookFilter{Party: party, Active: active}, after("webhooks", "x", "y"))
		}
	}
	s.Webhook(t.Context(), "reg:310000", "x")
	askLicences(t, s)
	s.LicenceUses(t.Context(), []traceability.LicenceID{"x", "y"})
	s.Verifications(t.Context(), "plat:x", []traceability.ShopID{"x", "y"})
	s.VerificationHistory(t.Context(), "plat:x", "x")
	s.VerificationsDue(t.Context(), "plat:x", time.Unix(9, 0), page)
	s.VerificationsDue(t.Context(), "plat:x", time.Unix(9, 0), after("verifications due", "1", "x"))
	s.Notice(t.Context(), "x")
	s.Credits(t.Context(), []traceability.USCC{"x", "y"})
	s.PlatformBars(t.Context(), []traceability.USCC{"x", "y"})
	s.NoticeStats(t.Context(), time.Unix(1, 0))
	readHistory(t.Context(), s.db, "x")
	noticeReports(t.Context(), s.db, []placedReport{{ReportRecord: traceability.ReportRecord{ID: "lab:x/y/1", Report: traceability.Report{Verdict: traceability.VerdictFail}}}})
	asOf := uint64(7)
	for n := range 16 {
		var f traceability.AgreementFilter
		if n&1 > 0 {
			f.Kind = traceability.TypeLimitSet
		}
		if n&2 > 0 {
			f.Kind, f.Parameter = traceability.TypeLimitSet, "x"
		}
		if n&4 > 0 {
			f.Kind, f.Category = traceability.TypeLimitSet, "x"
		}
		f.InForce = n&8 > 0
		s.Agreements(t.Context(), f, page)
		s.Agreements(t.Context(), f, after("agreements", "1", "x"))
		c := traceability.ConsultationFilter{Public: n&1 > 0}
		if n&2 > 0 {
			c.Phase = traceability.ConsultationResolved
		}
		s.Consultations(t.Context(), c, page)
		s.Consultations(t.Context(), c, after("consultations", "1", "x"))
		g := traceability.ProposalFilter{Answered: n&1 > 0}
		if n&2 > 0 {
			g.AsOf = &asOf
		}
		s.Proposals(t.Context(), g, page)
		s.Proposals(t.Context(), g, after("proposals", "1", "x"))
	}
	s.Consultation(t.Context(), "x")
	deliberations(t.Context(), s.db, "x")
	failuresOf(t.Context(), s.db, "x", 1)
	signatures(t.Context(), s.db, []traceability.AgreementRecord{{Record: "x"}, {Record: "y"}})
	recurring(t, s)
	askRecalls(t, s)
	s.Head(t.Context())
	s.Document(t.Context(), "x")
	s.Party(t.Context(), "reg:310000")
	s.Lot(t.Context(), "x")
	s.Event(t.Context(), "x")
	s.Report(t.Context(), "x")
	for _, d := range []traceability.Direction{traceability.Up, traceability.Down} {
		run := trace{db: s.db, query: traceability.TraceQuery{Direction: d}}
		run.near(t.Context(), []traceability.LotID{"x", "y"}, false)
		run.far(t.Context(), []position{1, 2})
		run.both(t.Context(), "x")
	}
}

// askLicences asks for licences and listings, with every filter.
func askLicences(t *testing.T, s *Store) {
	page := traceability.Page{Limit: 10}
	for n := range 16 {
		var f traceability.LicenceFilter
		if n&1 > 0 {
			f.Province = traceability.Shanghai
		}
		if n&2 > 0 {
			f.Division = "310104"
		}
		if n&4 > 0 {
			f.Holder = "91310101MA1FPX121X"
		}
		if n&8 > 0 {
			f.Number = "JY23101040000019"
		}
		s.Licences(t.Context(), f, page)
		s.Licences(t.Context(), f, traceability.Page{After: encodeCursor("licences", "x")})
	}
	for n := range 8 {
		var f traceability.ListingFilter
		if n&1 > 0 {
			f.Platform = "plat:x"
		}
		if n&2 > 0 {
			f.Division = "310104"
		}
		if n&4 > 0 {
			f.Licence = "JY23101040000019"
		}
		s.Listings(t.Context(), f, page)
		s.Listings(t.Context(), f, traceability.Page{After: encodeCursor("listings", "x", "y")})
		f.On = time.Unix(1, 0)
		s.Listings(t.Context(), f, page)
		s.Listings(t.Context(), f, traceability.Page{After: encodeCursor("listings", "x", "y")})
	}
	s.Licence(t.Context(), "x")
	record := traceability.LicenceRecord{ID: "x"}
	readLicenceDocuments(t.Context(), s.db, &record)
	readLicencePeriods(t.Context(), s.db, &record)
	for _, ids := range [][]traceability.LicenceID{{"x"}, {"x", "y"}} {
		s.LicenceOn(t.Context(), ids, "2026-01-01")
		s.ListingsOfLicence(t.Context(), ids)
		s.LicenceSums(t.Context(), ids)
	}
	s.LicenceChecksum(t.Context(), traceability.Shanghai)
	s.Listing(t.Context(), "plat:x", "y")
	s.ListingsOf(t.Context(), "plat:x", []traceability.ShopID{"x", "y"})
	newMarks(1).judge(t.Context(), s.db, []traceability.ListingRecord{{Platform: "plat:x"}})
}

// askRecalls asks what there is to ask of recalls, and what is asked to follow them.
func askRecalls(t *testing.T, s *Store) {
	ctx := t.Context()
	page := traceability.Page{Limit: 10}
	for n := range 16 {
		var f traceability.RecallFilter
		if n&1 > 0 {
			f.Party = "reg:310000"
		}
		if n&2 > 0 {
			f.Phase = traceability.PhaseAnnounced
		}
		f.Public = n&4 > 0
		if n&8 > 0 {
			f.Notice = "x"
		}
		s.Recalls(ctx, f, page)
		s.Recalls(ctx, f, traceability.Page{After: encodeCursor("recalls", "1", "x")})
	}
	for _, party := range []traceability.PartyID{"", "reg:310000"} {
		for _, recall := range []traceability.RecallID{"", "x"} {
			s.Alerts(ctx, traceability.AlertFilter{Party: party, Recall: recall}, page)
			s.Alerts(ctx, traceability.AlertFilter{Party: party, Recall: recall}, traceability.Page{After: encodeCursor("alerts", "1", "x")})
		}
	}
	s.Recall(ctx, "x")
	recallHistory(ctx, s.db, "x")
	recallHistory(ctx, s.db, "x", "", traceability.ActPlan, traceability.ActAnnounce, traceability.ActWithdraw)
	s.RecallsOf(ctx, "x")
	s.announcements(ctx)
	s.eventsAfter(ctx, 1)
	madeOf(ctx, s.db, []traceability.LotID{"x", "y"}, 1)
	madeOf(ctx, s.db, []traceability.LotID{"x"}, 1)
	run := &scope{db: s.db, parties: make(map[traceability.PartyID]traceability.ScopeHolder)}
	run.read(ctx, []traceability.LotID{"x", "y"}, 0)
	run.name(ctx, map[traceability.LotID]*book{"x": {sums: map[entry]decimal.Decimal{{party: "op:x"}: decimal.Zero}}})
	s.db.write(ctx, func(tx transaction) error {
		if err := tx.exec(ctx, "-- name: a row\nINSERT INTO recall_lots (lot, recall, since, distance, spreads) VALUES ('x', 'x', 1, 0, 1)"); err != nil {
			return err
		}
		follow := &spreading{store: s, tx: tx, turns: make(map[traceability.RecallID][]turn), covers: map[traceability.LotID][]cover{"x": nil, "y": nil}}
		if err := follow.look(ctx); err != nil {
			t.Error(err)
		}
		follow.fresh(ctx, []traceability.LotID{"x", "y"}, "x")
		follow.province(ctx, "op:x")
		follow.makers(ctx, &change{to: "op:x", lots: []touched{{roleAt, "x"}}})
		return errEnough
	})
}
