package rules_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"deltatrace/traceability"
)

// moves lists every act in every form that the model tells apart, without who
// and when.
func moves() []traceability.NoticeAct {
	evidence := []traceability.Evidence{{Name: "材料"}}
	recipients := []traceability.Recipient{traceability.ToUnit, traceability.ToProducer, traceability.ToPlatform}
	links := []traceability.Link{traceability.LinkDistribution, traceability.LinkProduction, traceability.LinkOnline, traceability.LinkCatering}
	var list []traceability.NoticeAct
	add := func(a traceability.NoticeAct) { list = append(list, a) }
	row := func(remark string, items ...traceability.Item) *traceability.PublicRow {
		drafted := traceability.DraftRow(failedReport(items...), "")
		drafted.Remark = remark
		return &drafted
	}
	for _, m := range traceability.NoticeMoves() {
		a := traceability.NoticeAct{Act: m.Act}
		if slices.Contains(m.Needs, "reason") {
			a.Reason = "理由"
		}
		if slices.Contains(m.Needs, "evidence") {
			a.Evidence = evidence
		}
		switch {
		case m.Act == traceability.ActExtend: // its periods are not the model's matter
		case m.Act == traceability.ActAnswer:
			add(traceability.NoticeAct{Act: m.Act, Answer: traceability.AnswerAccept})
			add(traceability.NoticeAct{Act: m.Act, Answer: traceability.AnswerNotOurs, Reason: "无", Evidence: evidence})
			add(traceability.NoticeAct{Act: m.Act, Answer: traceability.AnswerCounterfeit, Reason: "无", Evidence: evidence})
			for _, p := range provinces {
				add(traceability.NoticeAct{Act: m.Act, Answer: traceability.AnswerForward, Reason: "无", To: p})
			}
		case m.Act == traceability.ActWaive:
			for _, r := range recipients {
				add(traceability.NoticeAct{Act: m.Act, For: r})
				add(traceability.NoticeAct{Act: m.Act, For: r, Evidence: evidence})
			}
		case m.Act == traceability.ActReinspectionApply:
			for _, r := range recipients {
				for _, items := range [][]int{{1}, {2}, {3}, {2, 3}} {
					b := a
					b.For, b.Items = r, items
					add(b)
					b.Evidence = evidence
					add(b)
				}
			}
		case m.Act == traceability.ActReinspectionAssign:
			for _, chosen := range []traceability.PartyID{lab, relab, relab2} {
				add(traceability.NoticeAct{Act: m.Act, Lab: chosen})
			}
		case m.Act == traceability.ActReinspectionConclude:
			add(traceability.NoticeAct{Act: m.Act, Verdict: traceability.VerdictPass})
			add(traceability.NoticeAct{Act: m.Act, Verdict: traceability.VerdictFail})
		case m.Part == traceability.PartObjection:
			for _, r := range recipients {
				for _, kind := range []traceability.ObjectionKind{traceability.ObjectSampling, traceability.ObjectTesting, traceability.ObjectResult, traceability.ObjectAuthenticity} {
					b := a
					b.For, b.Kind = r, kind
					if m.Act != traceability.ActObjectionDecide {
						add(b)
						continue
					}
					b.Decision = traceability.Upheld
					add(b)
					b.Decision = traceability.Rejected
					add(b)
				}
			}
		case m.Act == traceability.ActHandlingStep:
			for _, link := range links {
				for _, s := range traceability.Steps() {
					b := a
					b.Link, b.Step = link, s
					if s == traceability.StepCause {
						b.Cause = traceability.CauseOther
					}
					add(b)
				}
			}
		case m.Part == traceability.PartHandling:
			for _, link := range links {
				b := a
				b.Link = link
				add(b)
			}
		case m.Act == traceability.ActDetermine:
			for _, d := range []traceability.Decision{traceability.Upheld, traceability.Overturned} {
				b := a
				b.Decision = d
				add(b)
			}
		case m.Act == traceability.ActPublish || m.Act == traceability.ActCorrect:
			for _, remark := range []string{"", "备注"} {
				for _, items := range [][]traceability.Item{{chemical}, {microbe}, {chemical, microbe}} {
					b := a
					b.Row = row(remark, items...)
					add(b)
				}
			}
		case slices.Contains(m.Needs, "for"):
			for _, r := range recipients {
				b := a
				b.For = r
				add(b)
			}
		default:
			add(a)
		}
	}
	return list
}

// candidate is an act that somebody might try.
type candidate struct {
	by  traceability.PartyID
	say traceability.NoticeAct
}

func candidates() []candidate {
	var list []candidate
	for _, say := range moves() {
		for _, by := range noticeParties {
			list = append(list, candidate{by, say})
		}
	}
	return list
}

// weights make the walks reach what lies deep: how often an act is tried.
var weights = map[traceability.Act]int{
	traceability.ActDispatch: 4, traceability.ActServe: 4, traceability.ActDetermine: 8, traceability.ActPublish: 4, traceability.ActClose: 4,
	traceability.ActReinspectionApply: 3, traceability.ActReinspectionAccept: 4, traceability.ActReinspectionAssign: 4, traceability.ActReinspectionTransfer: 4,
	traceability.ActReinspectionConclude: 4, traceability.ActReinspectionNotify: 4, traceability.ActObjectionAccept: 3, traceability.ActObjectionDecide: 4,
	traceability.ActHandlingOpen: 2, traceability.ActHandlingStep: 6, traceability.ActHandlingSubmit: 6, traceability.ActHandlingPass: 6,
}

// fewerWalks keeps the walks short unless all of them are wanted: one takes a fifth
// of a second.
var fewerWalks = sync.OnceFunc(func() {
	checks := flag.Lookup("rapid.checks")
	if os.Getenv("DELTATRACE_LONG") == "" && checks.Value.String() == checks.DefValue {
		if err := flag.Set("rapid.checks", "20"); err != nil {
			panic(err)
		}
	}
})

// TestNoticeWalks walks at random through the lives of notices, most steps legal
// by the model and some anything at all, and holds the rules to the model at each
// step: what is accepted, what is refused and with a reason, and where the notice
// then stands. At a walk's end everybody tries anything.
func TestNoticeWalks(t *testing.T) {
	t.Parallel()
	prepared() // not within the first walk
	fewerWalks()
	all := candidates()
	byAct := map[traceability.Act][]candidate{}
	for _, c := range all {
		byAct[c.say.Act] = append(byAct[c.say.Act], c)
	}
	var acts []traceability.Act
	for _, move := range traceability.NoticeMoves() {
		for range max(1, weights[move.Act]) {
			acts = append(acts, move.Act)
		}
	}
	reached := map[traceability.Phase]int{}
	accepted := map[traceability.Act]int{}
	rapid.Check(t, func(r *rapid.T) {
		items := rapid.SampledFrom([][]traceability.Item{{chemical}, {microbe}, {chemical, microbe}}).Draw(r, "items")
		w := newIssuedWorld(t, items...)
		m := &model{failed: map[int]bool{}, germs: map[int]bool{3: true}}
		for _, item := range items {
			m.failed[item.Seq] = true
		}
		// rapid prefers small numbers, which here are early acts; so it draws how
		// far to go, and a seed decides where.
		acts := slices.Clone(acts) // shuffled, and the same at each replay
		chance := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		for range rapid.IntRange(1, 90).Draw(r, "length") {
			w.now = w.now.Add(time.Minute)
			c := all[chance.IntN(len(all))]
			switch what := chance.IntN(20); {
			case what == 0 && m.epoch < 12:
				w.now = w.now.AddDate(0, 0, 30)
				m.epoch++
				continue
			case what > 3:
				chance.Shuffle(len(acts), func(i, j int) { acts[i], acts[j] = acts[j], acts[i] })
				if legal := m.legal(byAct, acts); len(legal) > 0 {
					c = legal[chance.IntN(len(legal))]
				}
			}
			if w.walk(r, m, c) {
				accepted[c.say.Act]++
			}
		}
		reached[w.notice().Phase]++
		w.everything(r, m, all, chance.IntN(97), 97)
	})
	t.Logf("ended: %v; accepted: %v", reached, accepted)
}

// legal returns the legal forms of the first of the acts that has any. Of the
// steps of a case those that are recorded already come last.
func (m *model) legal(byAct map[traceability.Act][]candidate, acts []traceability.Act) []candidate {
	for _, act := range acts {
		var legal, new []candidate
		for _, c := range byAct[act] {
			if !m.allows(c.by, &c.say) {
				continue
			}
			legal = append(legal, c)
			if act == traceability.ActHandlingStep && !m.ever(func(s step) bool { return s.say.Link == c.say.Link && s.say.Step == c.say.Step }) {
				new = append(new, c)
			}
		}
		if len(new) > 0 {
			return new
		}
		if len(legal) > 0 {
			return legal
		}
	}
	return nil
}

// TestNoticeWalksDeep drives notices from scripts that lie deep in their lives,
// where a walk from the start seldom comes, and lets everybody try anything before
// each step, and a fifth of everything, or with DELTATRACE_LONG all of it, at the end.
func TestNoticeWalksDeep(t *testing.T) {
	t.Parallel()
	all := candidates()
	for name, c := range map[string]struct {
		items  []traceability.Item
		script []candidate
	}{
		"closed":     {[]traceability.Item{chemical}, slices.Concat(told(), contested(traceability.VerdictFail), decided(traceability.Upheld), handled(), closed())},
		"overturned": {[]traceability.Item{chemical}, slices.Concat(told(), contested(traceability.VerdictPass), decided(traceability.Overturned), closed())},
		"in part":    {[]traceability.Item{chemical, microbe}, slices.Concat(told(), contested(traceability.VerdictPass), decided(traceability.Upheld))},
		"refused":    {[]traceability.Item{chemical}, append(told(), refused()...)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newIssuedWorld(t, c.items...)
			m := &model{failed: map[int]bool{}, germs: map[int]bool{3: true}}
			for _, item := range c.items {
				m.failed[item.Seq] = true
			}
			for i, s := range c.script {
				w.everything(t, m, all, i%97, 97)
				w.now = w.now.Add(time.Minute)
				if i > 0 && s.say.Act == traceability.ActDetermine {
					w.now = w.now.AddDate(0, 0, 30)
					m.epoch++
				}
				if !w.walk(t, m, s) {
					t.Fatalf("step %d, %s by %s, is refused", i, s.say.Act, s.by)
				}
			}
			stride := 5
			if os.Getenv("DELTATRACE_LONG") != "" {
				stride = 1
			}
			w.everything(t, m, all, 0, stride)
		})
	}
}

// move makes a candidate of a script.
func move(by traceability.PartyID, act traceability.Act, more ...func(*traceability.NoticeAct)) candidate {
	c := candidate{by, traceability.NoticeAct{Act: act}}
	for _, add := range more {
		add(&c.say)
	}
	return c
}

func told() []candidate {
	return []candidate{
		move(zhejiang, traceability.ActDispatch), move(shanghai, traceability.ActAcknowledge), move(jiangsu, traceability.ActAcknowledge),
		move(shanghai, traceability.ActServe, to(traceability.ToUnit), paper), move(jiangsu, traceability.ActServe, to(traceability.ToProducer), paper),
	}
}

func contested(verdict traceability.Verdict) []candidate {
	return []candidate{
		move(producer, traceability.ActReinspectionApply, to(traceability.ToProducer), because("x"), func(a *traceability.NoticeAct) { a.Items = []int{2} }),
		move(zhejiang, traceability.ActReinspectionAccept),
		move(zhejiang, traceability.ActReinspectionAssign, func(a *traceability.NoticeAct) { a.Lab = relab }),
		move(lab, traceability.ActReinspectionTransfer, paper),
		move(relab, traceability.ActReinspectionConclude, func(a *traceability.NoticeAct) { a.Verdict = verdict }),
		move(zhejiang, traceability.ActReinspectionNotify),
		move(shop, traceability.ActObjectionFile, to(traceability.ToUnit), objecting(traceability.ObjectTesting), because("x"), paper),
		move(zhejiang, traceability.ActObjectionAsk, to(traceability.ToUnit), objecting(traceability.ObjectTesting), because("x")),
		move(shop, traceability.ActObjectionSupply, to(traceability.ToUnit), objecting(traceability.ObjectTesting), paper),
		move(zhejiang, traceability.ActObjectionAccept, to(traceability.ToUnit), objecting(traceability.ObjectTesting)),
		move(zhejiang, traceability.ActObjectionDecide, to(traceability.ToUnit), objecting(traceability.ObjectTesting), deciding(traceability.Rejected)),
	}
}

// refused has an application and an objection refused, and a right waived.
func refused() []candidate {
	authentic := []func(*traceability.NoticeAct){to(traceability.ToProducer), objecting(traceability.ObjectAuthenticity)}
	return []candidate{
		move(producer, traceability.ActReinspectionApply, to(traceability.ToProducer), because("x"), func(a *traceability.NoticeAct) { a.Items = []int{2} }),
		move(zhejiang, traceability.ActReinspectionRefuse, because("备份样品已过保质期")),
		move(producer, traceability.ActObjectionFile, append(authentic, because("x"), paper)...),
		move(zhejiang, traceability.ActObjectionRefuse, append(authentic, because("x"))...),
		move(shop, traceability.ActWaive, to(traceability.ToUnit)),
		move(jiangsu, traceability.ActAnswer, func(a *traceability.NoticeAct) {
			a.Answer, a.Reason, a.To = traceability.AnswerForward, "x", traceability.Anhui
		}),
	}
}

// decided determines; a withdrawal is acknowledged.
func decided(d traceability.Decision) []candidate {
	script := []candidate{move(zhejiang, traceability.ActDetermine, deciding(d))}
	if d == traceability.Upheld {
		return script
	}
	return append(script, move(shanghai, traceability.ActAcknowledge), move(jiangsu, traceability.ActAcknowledge))
}

// handled publishes, withdraws and publishes again, and takes each link's case to
// its end, with a return.
func handled() []candidate {
	script := []candidate{move(zhejiang, traceability.ActPublish, published("", chemical)), move(zhejiang, traceability.ActWithdraw, because("x")), move(zhejiang, traceability.ActPublish, published("", chemical))}
	for _, link := range []traceability.Link{traceability.LinkDistribution, traceability.LinkOnline, traceability.LinkProduction} {
		by := shanghai
		if link == traceability.LinkProduction {
			by = jiangsu
		}
		script = append(script, move(by, traceability.ActHandlingOpen, on(link)))
		for _, step := range traceability.Steps() {
			if step != traceability.StepPenalty {
				script = append(script, move(by, traceability.ActHandlingStep, on(link), because("x"), func(a *traceability.NoticeAct) {
					a.Step = step
					if step == traceability.StepCause {
						a.Cause = traceability.CauseProcess
					}
				}))
			}
		}
		script = append(script, move(by, traceability.ActHandlingSubmit, on(link)), move(zhejiang, traceability.ActHandlingReturn, on(link), because("x")),
			move(by, traceability.ActHandlingSubmit, on(link)), move(zhejiang, traceability.ActHandlingPass, on(link)))
	}
	return script
}

func closed() []candidate { return []candidate{move(zhejiang, traceability.ActClose)} }

// fataler is a test or a walk of rapid.
type fataler interface{ Fatalf(string, ...any) }

// walk makes one step, compares, and tells whether it was accepted.
func (w *world) walk(r fataler, m *model, c candidate) bool {
	c.say.Notice, c.say.At = sample, w.now
	legal := m.allows(c.by, &c.say)
	before := w.notice()
	outcome := w.submit(w.sign(c.by, traceability.TypeNoticeAct, &c.say))[0]
	compare(r, m, c, legal, outcome)
	offered := slices.Contains(before.Choices(c.by, w.now), traceability.NoticeChoice{Act: c.say.Act, For: c.say.For, Kind: c.say.Kind, Link: c.say.Link})
	if legal && !offered || offered && outcome.Code == traceability.CodeNotAllowed {
		r.Fatalf("%s by %s, %+v: offered %v, the rules say %s %s", c.say.Act, c.by, c.say, offered, outcome.Status, outcome.Code)
	}
	if outcome.Status == traceability.StatusAccepted {
		m.done = append(m.done, step{c.by, c.say, m.epoch})
	}
	n := w.notice()
	if n.Phase != m.where() {
		r.Fatalf("after %s by %s the notice is %s, the model says %s", c.say.Act, c.by, n.Phase, m.where())
	}
	if len(n.Done) != len(m.done)+1 {
		r.Fatalf("%d documents, the model has %d", len(n.Done), len(m.done)+1)
	}
	for _, p := range []traceability.PartyID{shanghai, jiangsu, anhui} {
		concern := n.Concern(traceability.ProvinceCode(p.Number()))
		if owes := concern != nil && concern.Progress() == traceability.Pending; owes != m.owes(p) {
			r.Fatalf("%s owes an acknowledgement: %v, the model says %v", p, owes, m.owes(p))
		}
	}
	if n.Cleared != m.cleared() && n.Phase != traceability.PhaseOverturned {
		r.Fatalf("producer cleared: %v, the model says %v", n.Cleared, m.cleared())
	}
	return legal
}

func compare(r fataler, m *model, c candidate, legal bool, outcome traceability.Outcome) {
	if (outcome.Status == traceability.StatusAccepted) != legal {
		r.Fatalf("%s by %s, %+v, when %s: the rules say %s %v, the model says %v", c.say.Act, c.by, c.say, m.where(), outcome.Status, outcome.Problems, legal)
	}
	if legal {
		return
	}
	if p := outcome.Problems[0]; p.ZH == "" || p.EN == "" || p.Code == "" || p.Code == traceability.CodeMalformed {
		r.Fatalf("%s by %s is refused without a reason: %+v", c.say.Act, c.by, p)
	}
}

// everything has everybody try everything where the notice stands: every so
// manieth, from the first on.
func (w *world) everything(r fataler, m *model, all []candidate, first, stride int) {
	for i := first; i < len(all); i += stride {
		c := all[i]
		c.say.Notice, c.say.At = sample, w.now
		compare(r, m, c, m.allows(c.by, &c.say), w.tried(w.sign(c.by, traceability.TypeNoticeAct, &c.say)))
	}
}
