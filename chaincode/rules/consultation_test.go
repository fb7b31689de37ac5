package rules_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"deltatrace/traceability"
)

const consultationRef = "HS-2026-01"

var consultationID = traceability.NewConsultationID(traceability.Zhejiang, consultationRef)

// newConsultation has Zhejiang open a consultation on a ledger with all agreements.
func newConsultation(tb testing.TB) *world {
	w := newPopulatedWorld(tb)
	w.agree()
	w.accept(w.sign(zhejiang, traceability.TypeConsultationOpen, w.opening()))
	return w
}

func (w *world) opening() *traceability.ConsultationOpen {
	return &traceability.ConsultationOpen{Ref: consultationRef, At: w.now, Title: "韭菜中腐霉利", Parameters: []string{"腐霉利"}, Products: []string{"食用农产品"}, Question: "是否预警",
		RespondBy: traceability.DateOf(w.now).AddDays(10), Evidence: []traceability.Evidence{{Name: "监测报告"}}}
}

func (w *world) consultation() *traceability.Consultation {
	w.Helper()
	state, err := traceability.DecodeState[traceability.ConsultationState](w.state[traceability.ConsultationKey(consultationID)])
	if err != nil {
		w.Fatal(err)
	}
	return &state.Consultation
}

func (w *world) moves(by traceability.PartyID, say traceability.ConsultationAct) string {
	say.Consultation, say.At = consultationID, w.now
	return w.sign(by, traceability.TypeConsultationAct, &say)
}

func TestConsultationOpen(t *testing.T) {
	t.Parallel()
	w := newConsultation(t)
	again := w.opening()
	again.Title = "另一事项"
	if o := w.refuse(w.sign(zhejiang, traceability.TypeConsultationOpen, again), traceability.CodeConflict, "ref"); o.Existing == "" {
		t.Error("the conflict leads nowhere")
	}
	w.accept(w.sign(shanghai, traceability.TypeConsultationOpen, again)) // each province has numbers of its own
	other := w.opening()
	other.Ref, other.Reports = "2", []traceability.ReportID{"lab:230912340001/NONE/1"}
	w.refuse(w.sign(zhejiang, traceability.TypeConsultationOpen, other), traceability.CodeUnknownReport, "reports[0]")
	other.Reports, other.Notices = nil, []traceability.NoticeID{"DBJ25330100319130599"}
	w.refuse(w.sign(zhejiang, traceability.TypeConsultationOpen, other), traceability.CodeUnknownNotice, "notices[0]")
	w.refuse(w.sign(lab, traceability.TypeConsultationOpen, again), traceability.CodeNotAllowed, "kid")
	other.Notices, other.Recalls = nil, []traceability.RecallID{"cn/93330424MA1FPX121R/HG/20261120"}
	w.refuse(w.sign(zhejiang, traceability.TypeConsultationOpen, other), traceability.CodeUnknownRecall, "recalls[0]")
	other.Recalls, other.At = nil, w.now.Add(time.Hour)
	w.refuse(w.sign(zhejiang, traceability.TypeConsultationOpen, other), traceability.CodeFutureDated, "at")
}

// A consultation goes its whole way: opinions, a draft that fails, one that is
// carried, its publication, a review that keeps it and one that lifts it.
func TestConsultation(t *testing.T) {
	t.Parallel()
	w := newConsultation(t)
	w.refuse(w.moves(shanghai, traceability.ConsultationAct{Act: traceability.ActVote, Draft: 1, Vote: traceability.VoteYes}), traceability.CodeWrongState, "draft")
	w.accept(w.moves(shanghai, traceability.ConsultationAct{Act: traceability.ActOpine, Opinion: "建议关注", Level: traceability.LevelAttention}))
	w.refuse(w.moves(lab, traceability.ConsultationAct{Act: traceability.ActOpine, Opinion: "建议"}), traceability.CodeNotAllowed, "kid")
	review := traceability.DateOf(w.now).AddDays(30)
	resolution := &traceability.Resolution{Level: traceability.LevelWarning, Measures: []string{"加强抽检"}, ReviewOn: review}
	w.refuse(w.moves(shanghai, traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: resolution}), traceability.CodeNotAllowed, "kid")
	w.refuse(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: &traceability.Resolution{Level: traceability.LevelAlert, ReviewOn: traceability.DateOf(w.now)}}), traceability.CodeInvalid, "resolution.review_on")
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: &traceability.Resolution{Level: traceability.LevelAlert, ReviewOn: review}}))
	w.accept(w.moves(shanghai, traceability.ConsultationAct{Act: traceability.ActVote, Draft: 1, Vote: traceability.VoteNo, Reason: "过严"}))
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: resolution}))
	w.refuse(w.moves(shanghai, traceability.ConsultationAct{Act: traceability.ActVote, Draft: 1, Vote: traceability.VoteYes}), traceability.CodeWrongState, "draft")
	vote := func(choice traceability.Choice, by ...traceability.PartyID) {
		t.Helper()
		for _, p := range by {
			w.accept(w.moves(p, traceability.ConsultationAct{Act: traceability.ActVote, Draft: w.consultation().Current().N, Vote: choice, Reason: "附理由"}))
		}
	}
	vote(traceability.VoteYes, zhejiang, jiangsu)
	vote(traceability.VoteNo, shanghai)
	w.refuse(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActResolve, Draft: 2}), traceability.CodeQuorumNotReached, "draft")
	w.now = w.now.AddDate(0, 0, 11)
	if o := w.accept(w.moves(anhui, traceability.ConsultationAct{Act: traceability.ActVote, Draft: 2, Vote: traceability.VoteAbstain})); o.Warnings[0].Code != traceability.CodeLate {
		t.Errorf("a late vote: %+v", o.Warnings)
	}
	vote(traceability.VoteYes, shanghai) // it has changed its mind
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActResolve, Draft: 2}))
	c := w.consultation()
	if settled := c.Drafts[1].Settled; settled == nil || settled.Tally != (traceability.Tally{Yes: 3, Abstain: 1}) || settled.Quorum != 1 || len(c.Drafts[1].Ballots) != 5 || c.Phase != traceability.ConsultationResolved || c.Resolution.Level != traceability.LevelWarning {
		t.Errorf("resolved: %+v", c)
	}
	w.refuse(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActClose, Reason: "x"}), traceability.CodeWrongState, "act")
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActPublish, Advice: &traceability.Advice{Title: "提示", Text: "请留意"}}))
	w.refuse(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActReview, Decision: traceability.ReviewLift, Reason: "x"}), traceability.CodeWrongState, "at")
	w.now = w.now.AddDate(0, 0, 30)
	next := traceability.DateOf(w.now).AddDays(30)
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActReview, Decision: traceability.ReviewKeep, ReviewOn: next, Reason: "仍有检出"}))
	w.refuse(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActResolve, Draft: 3}), traceability.CodeQuorumNotReached, "draft")
	vote(traceability.VoteYes, zhejiang, jiangsu, anhui)
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActResolve, Draft: 3}))
	if c := w.consultation(); c.Resolution.ReviewOn != next || c.Resolution.Measures[0] != "加强抽检" {
		t.Errorf("kept: %+v", c.Resolution)
	}
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActReview, Decision: traceability.ReviewLift, Reason: "已整改", Evidence: []traceability.Evidence{{Name: "复查报告"}}}))
	vote(traceability.VoteYes, zhejiang, jiangsu, anhui)
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActResolve, Draft: 4}))
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActClose, Reason: "已解除"}))
	if c := w.consultation(); c.Phase != traceability.ConsultationClosed || c.Resolution != nil || len(c.Drafts) != 4 {
		t.Errorf("closed: %+v", c)
	}
	refused := w.refuse(w.moves(shanghai, traceability.ConsultationAct{Act: traceability.ActOpine, Opinion: "x"}), traceability.CodeWrongState, "act")
	if refused.Problems[0].Expected != "nothing" {
		t.Errorf("what can be done: %+v", refused.Problems[0])
	}
}

// Without a quorum on the ledger nothing is resolved, and one counts from its day on.
func TestConsultationQuorum(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.accept(w.sign(zhejiang, traceability.TypeConsultationOpen, w.opening()))
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: &traceability.Resolution{Level: traceability.LevelNone}}))
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActVote, Draft: 1, Vote: traceability.VoteYes}))
	resolve := traceability.ConsultationAct{Act: traceability.ActResolve, Draft: 1}
	w.refuse(w.moves(zhejiang, resolve), traceability.CodeQuorumMissing, "draft")
	tomorrow := traceability.DateOf(w.now).AddDays(1)
	for i := range 3 {
		w.accept(w.sign(traceability.Regulator(provinces[i]), traceability.TypeQuorumSet,
			&traceability.Quorum{Matter: traceability.MatterConsultation, Revision: 1, Voting: 1, Approving: 1, Basis: "x", EffectiveFrom: tomorrow}))
	}
	w.refuse(w.moves(zhejiang, resolve), traceability.CodeQuorumMissing, "draft")
	w.now = w.now.AddDate(0, 0, 1)
	w.accept(w.moves(zhejiang, resolve))
	w.accept(w.moves(zhejiang, traceability.ConsultationAct{Act: traceability.ActClose, Reason: "无须预警"}))
}

// sitting is what a consultation may do, told in another way than by the table: it
// keeps what was accepted, and answers by looking through it. It shares no code
// with the rules.
type sitting struct {
	done []motion
	days int // since it was opened
}

type motion struct {
	by  traceability.PartyID
	say traceability.ConsultationAct
	day int
}

func (s *sitting) last(acts ...traceability.Act) int {
	for i := len(s.done) - 1; i >= 0; i-- {
		if slices.Contains(acts, s.done[i].say.Act) {
			return i
		}
	}
	return -1
}

// drafts counts what was proposed; the last of them is on the table until resolved.
func (s *sitting) drafts() (n int, open bool) {
	for _, m := range s.done {
		switch m.say.Act {
		case "draft", "review":
			n, open = n+1, true
		case "resolve":
			open = false
		}
	}
	return n, open
}

// carried is the last resolution that was resolved, and what it came of.
func (s *sitting) carried() (level traceability.WarningLevel, review int, lifted bool) {
	var on motion
	for _, m := range s.done {
		switch m.say.Act {
		case "draft", "review":
			on = m
		case "resolve":
			switch {
			case on.say.Decision == "lift":
				lifted = true
			case on.say.Decision == "keep":
				review = on.day + 40
			default:
				level, review = on.say.Resolution.Level, on.day+20
			}
		}
	}
	return level, review, lifted
}

func (s *sitting) where() traceability.ConsultationPhase {
	if s.last("close") >= 0 {
		return "closed"
	}
	if s.last("withdraw") >= 0 {
		return "withdrawn"
	}
	if s.last("resolve") < 0 {
		return "open"
	}
	if _, _, lifted := s.carried(); lifted {
		return "lifted"
	}
	if s.last("review") > s.last("resolve") {
		return "reviewing"
	}
	return "resolved"
}

// votes on what is on the table: three of yes, no and abstention, by the last word
// of each province.
func (s *sitting) votes() (yes, all int) {
	heard := map[traceability.PartyID]bool{}
	for i := len(s.done) - 1; i >= 0; i-- {
		m := s.done[i]
		if m.say.Act == "draft" || m.say.Act == "review" {
			break
		}
		if m.say.Act == "vote" && !heard[m.by] {
			heard[m.by] = true
			all++
			if m.say.Vote == "yes" {
				yes++
			}
		}
	}
	return yes, all
}

func (s *sitting) allows(by traceability.PartyID, say *traceability.ConsultationAct) bool {
	if by.Kind() != traceability.KindRegulator {
		return false
	}
	phase := s.where()
	n, open := s.drafts()
	level, review, _ := s.carried()
	chair := by == zhejiang
	switch say.Act {
	case "opine":
		return phase == "open" || phase == "resolved" || phase == "reviewing"
	case "draft":
		return chair && phase == "open"
	case "vote":
		return (phase == "open" || phase == "reviewing") && open && say.Draft == n
	case "resolve":
		yes, all := s.votes()
		return chair && (phase == "open" || phase == "reviewing") && open && say.Draft == n && yes >= 3 && all >= 3
	case "review":
		if !chair || phase != "resolved" && phase != "reviewing" || say.Decision == "keep" && level == "none" {
			return false
		}
		return len(say.Evidence) > 0 || level != "none" && s.days >= review
	case "publish":
		return chair && (phase == "resolved" || phase == "reviewing" || phase == "lifted")
	case "withdraw":
		return chair && phase == "open"
	case "close":
		return chair && (phase == "open" || phase == "lifted" || phase == "resolved" && level == "none")
	}
	return false
}

// motions lists every act in every form that the model tells apart.
func (w *world) motions(drafts int) []motion {
	var list []motion
	add := func(a traceability.ConsultationAct) {
		for _, by := range []traceability.PartyID{shanghai, jiangsu, zhejiang, anhui, lab, shop} {
			list = append(list, motion{by: by, say: a})
		}
	}
	today := traceability.DateOf(w.now)
	warning := &traceability.Resolution{Level: traceability.LevelWarning, ReviewOn: today.AddDays(20)}
	papers := []traceability.Evidence{{Name: "材料"}}
	add(traceability.ConsultationAct{Act: traceability.ActOpine, Opinion: "意见"})
	add(traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: warning})
	add(traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: &traceability.Resolution{Level: traceability.LevelNone}})
	for _, n := range []int{max(1, drafts-1), max(1, drafts), drafts + 1} {
		for _, choice := range []traceability.Choice{traceability.VoteYes, traceability.VoteNo, traceability.VoteAbstain} {
			add(traceability.ConsultationAct{Act: traceability.ActVote, Draft: n, Vote: choice, Reason: "理由"})
		}
		add(traceability.ConsultationAct{Act: traceability.ActResolve, Draft: n})
	}
	for _, evidence := range [][]traceability.Evidence{nil, papers} {
		add(traceability.ConsultationAct{Act: traceability.ActReview, Decision: traceability.ReviewKeep, ReviewOn: today.AddDays(40), Reason: "理由", Evidence: evidence})
		add(traceability.ConsultationAct{Act: traceability.ActReview, Decision: traceability.ReviewChange, Resolution: warning, Reason: "理由", Evidence: evidence})
		add(traceability.ConsultationAct{Act: traceability.ActReview, Decision: traceability.ReviewLift, Reason: "理由", Evidence: evidence})
	}
	add(traceability.ConsultationAct{Act: traceability.ActPublish, Advice: &traceability.Advice{Title: "提示", Text: "提示"}})
	add(traceability.ConsultationAct{Act: traceability.ActWithdraw, Reason: "理由"})
	add(traceability.ConsultationAct{Act: traceability.ActClose, Reason: "理由"})
	return list
}

// TestConsultationWalks walks at random through consultations, most steps legal by
// the model and some anything at all, and holds the rules to the model at each step.
func TestConsultationWalks(t *testing.T) {
	t.Parallel()
	fewerWalks()
	accepted, reached := map[traceability.Act]int{}, map[traceability.ConsultationPhase]int{}
	started := newConsultation(t)
	rapid.Check(t, func(r *rapid.T) {
		w := &world{TB: t, state: state{}, keys: started.keys, now: started.now, txs: started.txs}
		for key, value := range started.state {
			w.state[key] = value
		}
		s := &sitting{}
		chance := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		for range rapid.IntRange(1, 60).Draw(r, "length") {
			if chance.IntN(8) == 0 {
				w.now, s.days = w.now.AddDate(0, 0, 15), s.days+15
			}
			w.now = w.now.Add(time.Minute)
			n, _ := s.drafts()
			all := w.motions(n)
			m := all[chance.IntN(len(all))]
			if chance.IntN(5) > 0 {
				legal := slices.DeleteFunc(slices.Clone(all), func(m motion) bool {
					_, tabled := s.drafts()
					again := tabled && (m.say.Act == traceability.ActDraft || m.say.Act == traceability.ActReview)
					ends := m.say.Act == traceability.ActWithdraw || m.say.Act == traceability.ActClose
					against := m.say.Act == traceability.ActVote && m.say.Vote != traceability.VoteYes
					return !s.allows(m.by, &m.say) || chance.IntN(10) > 0 && (again || ends || against)
				})
				if len(legal) > 0 {
					m = legal[chance.IntN(len(legal))]
				}
			}
			legal := s.allows(m.by, &m.say)
			outcome := w.submit(w.moves(m.by, m.say))[0]
			if (outcome.Status == traceability.StatusAccepted) != legal {
				r.Fatalf("%s by %s, %+v, when %s: the rules say %s %v, the model says %v", m.say.Act, m.by, m.say, s.where(), outcome.Status, outcome.Problems, legal)
			}
			if legal {
				m.day = s.days
				s.done = append(s.done, m)
				accepted[m.say.Act]++
			} else if p := outcome.Problems[0]; p.ZH == "" || p.EN == "" {
				r.Fatalf("%s is refused without a reason: %+v", m.say.Act, p)
			}
			c := w.consultation()
			if yes, all := s.votes(); c.Current() != nil {
				if got := c.Current().Tally(); got.Yes != yes || got.Yes+got.No+got.Abstain != all {
					r.Fatalf("the votes are %+v, the model counts %d of %d", got, yes, all)
				}
			}
			if c.Phase != s.where() || len(c.Done) != len(s.done)+1 {
				r.Fatalf("after %s by %s it is %s with %d documents, the model says %s and %d", m.say.Act, m.by, c.Phase, len(c.Done), s.where(), len(s.done)+1)
			}
		}
		reached[s.where()]++
	})
	t.Logf("ended: %v; accepted: %v", reached, accepted)
}
