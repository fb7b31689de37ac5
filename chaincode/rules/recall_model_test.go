package rules_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"deltatrace/traceability"
)

// recallModel is what may be done with one recall, told in another way than by the
// table: it keeps nothing but what was accepted.
type recallModel struct{ done []recallTry }

// recallTry is a document that somebody might sign.
type recallTry struct {
	by   traceability.PartyID
	open *traceability.RecallOpen
	act  *traceability.RecallAct
}

func (m *recallModel) lastOpening() int {
	for i := len(m.done) - 1; i >= 0; i-- {
		if m.done[i].open != nil {
			return i
		}
	}
	return -1
}

// round is what was done since the recall was last opened.
func (m *recallModel) round() []recallTry { return m.done[m.lastOpening()+1:] }

func (m *recallModel) did(act traceability.Act) bool {
	return slices.ContainsFunc(m.round(), func(t recallTry) bool { return t.act.Act == act })
}

func (m *recallModel) ordered() bool {
	return m.done[m.lastOpening()].by.Kind() == traceability.KindRegulator
}

// where the recall stands follows from the last thing that was done.
func (m *recallModel) where() string {
	if len(m.done) == 0 {
		return "nowhere"
	}
	round := m.round()
	if len(round) == 0 {
		if m.ordered() {
			return "ordered"
		}
		return "voluntary"
	}
	last := round[len(round)-1].act
	if last.Act == "assess" && last.Effect == "ineffective" {
		return "executing"
	}
	return map[traceability.Act]string{"plan": "planned", "announce": "announced", "progress": "executing", "report": "reported", "assess": "assessed", "close": "closed", "withdraw": "withdrawn"}[last.Act]
}

// mildness of the level that counts now; none is the mildest.
func (m *recallModel) mildness() int {
	mild := map[traceability.RecallLevel]int{"I": 1, "II": 2, "III": 3, "flaw": 4, "": 5}
	level := m.done[m.lastOpening()].open.Level
	for _, t := range m.round() {
		if t.act.Act == "plan" {
			level = t.act.Level
		}
	}
	return mild[level]
}

// reported are the amounts of a region so far.
func (m *recallModel) reported(region traceability.DivisionCode) (made, sold int) {
	for _, t := range m.round() {
		for _, a := range t.act.Amounts {
			if a.Region == region {
				made, sold = int(a.Made.Number().IntPart()), int(a.Sold.Number().IntPart())
			}
		}
	}
	return made, sold
}

func (m *recallModel) countable(a *traceability.RecallAct) bool {
	everMade, everSold := 0, 0
	anything := len(a.Amounts) > 0
	for _, region := range []traceability.DivisionCode{"310000", "320000"} {
		made, sold := m.reported(region)
		anything = anything || made > 0 || sold > 0
		for _, now := range a.Amounts {
			if now.Region != region {
				continue
			}
			newMade, newSold := int(now.Made.Number().IntPart()), int(now.Sold.Number().IntPart())
			if (newMade < made || newSold < sold) && a.Reason == "" {
				return false
			}
			made, sold = newMade, newSold
		}
		everMade, everSold = everMade+made, everSold+sold
	}
	return anything && everSold <= everMade && (a.Unit == "KGM" || len(a.Amounts) == 0)
}

// allows is the law.
func (m *recallModel) allows(t recallTry) bool {
	at := m.where()
	if t.open != nil {
		entitled := t.by == producer || t.by == jiangsu || t.by == zhejiang && t.open.Notice != ""
		if t.by != producer && t.open.Level == "flaw" {
			return false
		}
		return entitled && (at == "nowhere" || at == "withdrawn")
	}
	if at == "nowhere" {
		return false
	}
	watches := t.by == jiangsu || t.by == zhejiang && m.done[m.lastOpening()].by == zhejiang
	switch t.act.Act {
	case "plan":
		mild := map[traceability.RecallLevel]int{"I": 1, "II": 2, "III": 3, "flaw": 4}[t.act.Level]
		return t.by == producer && (at == "ordered" || at == "voluntary" || at == "planned") && (!m.ordered() || mild < 4 && mild <= m.mildness())
	case "announce":
		return at == "planned" && (t.by == producer || watches && m.ordered())
	case "progress", "report":
		return t.by == producer && (at == "announced" || at == "executing") && m.countable(t.act)
	case "assess":
		return watches && at == "reported"
	case "close":
		return watches && at == "assessed"
	case "withdraw":
		over := at == "closed" || at == "withdrawn"
		return !over && (watches || t.by == producer && !m.ordered() && !m.did("announce"))
	}
	return false
}

// recallTries lists what might be tried, in every form that the model tells apart.
func recallTries() []recallTry {
	amount := func(region traceability.DivisionCode, made, sold traceability.Decimal) []traceability.RecallAmount {
		return []traceability.RecallAmount{{Region: region, Made: made, Sold: sold}}
	}
	say := func(act traceability.Act, more func(*traceability.RecallAct)) *traceability.RecallAct {
		a := &traceability.RecallAct{Recall: theRecall, Act: act}
		more(a)
		return a
	}
	nothing := func(*traceability.RecallAct) {}
	acts := []*traceability.RecallAct{say("announce", nothing), say("announce", why), say("close", nothing), say("withdraw", why), say("report", why)}
	for _, level := range traceability.RecallLevels() {
		acts = append(acts, say("plan", planning(level)))
	}
	for _, effect := range []traceability.Effect{traceability.Effective, traceability.Ineffective} {
		acts = append(acts, say("assess", finding(effect)))
	}
	for _, list := range [][]traceability.RecallAmount{amount("320000", "10", "5"), amount("320000", "20", "10"), amount("320000", "10", "11"), amount("310000", "0", "8"), amount("310000", "0", "15")} {
		for _, because := range []func(*traceability.RecallAct){nothing, why} {
			acts = append(acts, say("progress", func(a *traceability.RecallAct) { counting(list...)(a); because(a) }))
		}
		acts = append(acts, say("report", func(a *traceability.RecallAct) { counting(list...)(a); why(a) }))
	}
	acts = append(acts, say("progress", func(a *traceability.RecallAct) { counting(amount("320000", "10", "5")...)(a); a.Unit = "GRM" }))
	var openings []*traceability.RecallOpen
	for _, level := range []traceability.RecallLevel{"", traceability.RecallII, traceability.RecallFlaw} {
		for _, notice := range []traceability.NoticeID{"", sample} {
			openings = append(openings, &traceability.RecallOpen{Lots: []traceability.LotID{saladA}, Level: level, Notice: notice, Hazard: "x", Reason: "x"})
		}
	}
	var tries []recallTry
	for _, by := range []traceability.PartyID{producer, jiangsu, zhejiang, anhui, shop, lab} {
		for _, a := range acts {
			tries = append(tries, recallTry{by: by, act: a})
		}
		for _, o := range openings {
			tries = append(tries, recallTry{by: by, open: o})
		}
	}
	return tries
}

// document signs a try, done now.
func (t recallTry) document(w *world) string {
	w.Helper()
	if t.open != nil {
		say := *t.open
		say.At = w.now
		return w.sign(t.by, traceability.TypeRecallOpen, &say)
	}
	say := *t.act
	say.At = w.now
	return w.sign(t.by, traceability.TypeRecallAct, &say)
}

// TestRecallWalks walks at random through the lives of recalls, as TestNoticeWalks
// does with notices. It is not parallel: rapid's flags are shared.
func TestRecallWalks(t *testing.T) {
	prepared()
	long := os.Getenv("DELTATRACE_LONG") != ""
	most := 25
	if long || flag.Lookup("rapid.checks").Value.String() != flag.Lookup("rapid.checks").DefValue {
		most = 80
	}
	tries := recallTries()
	before := newRecallWorld(t)
	reached := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		w := before.fork()
		m := &recallModel{}
		chance := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		for range rapid.IntRange(1, most).Draw(r, "length") {
			w.now = w.now.Add(time.Minute)
			try := tries[chance.IntN(len(tries))]
			if chance.IntN(4) > 0 {
				var legal []recallTry
				for _, t := range tries {
					// What ends a walk early is tried seldom.
					if m.allows(t) && (t.act == nil || t.act.Act != "withdraw" || chance.IntN(8) == 0) {
						legal = append(legal, t)
					}
				}
				if len(legal) > 0 {
					try = legal[chance.IntN(len(legal))]
				}
			}
			legal, at := m.allows(try), m.where()
			outcome := w.submit(try.document(w))[0]
			if (outcome.Status == traceability.StatusAccepted) != legal {
				r.Fatalf("%+v %+v by %s, when %s: the rules say %s %v, the model says %v", try.open, try.act, try.by, at, outcome.Status, outcome.Problems, legal)
			}
			if !legal {
				if p := outcome.Problems[0]; p.ZH == "" || p.EN == "" || p.Code == "" {
					r.Fatalf("%+v by %s is refused without a reason: %+v", try.act, try.by, p)
				}
				continue
			}
			m.done = append(m.done, try)
			state := w.recall()
			if string(state.Phase) != m.where() || len(state.Done) != len(m.done) {
				r.Fatalf("the recall is %s with %d documents, the model says %s with %d", state.Phase, len(state.Done), m.where(), len(m.done))
			}
			if state.Public() != m.did("announce") || state.Binding() != (m.did("announce") && m.where() != "withdrawn") {
				r.Fatalf("%s: public %v, binding %v", state.Phase, state.Public(), state.Binding())
			}
		}
		reached[m.where()]++
	})
	t.Logf("ended: %v", reached)
}
