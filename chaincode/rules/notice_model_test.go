package rules_test

import (
	"slices"

	"deltatrace/traceability"
)

// model is what a notice may do, told in another way than by the table: it keeps
// no state but the list of what was accepted, and answers each question by
// looking through it. It shares no code with the rules.
type model struct {
	done   []step
	epoch  int // rises when more time passes than any period to serve or to contest
	failed map[int]bool
	germs  map[int]bool // of the failed items
}

// step is an act that was accepted.
type step struct {
	by    traceability.PartyID
	say   traceability.NoticeAct
	epoch int
}

func (m *model) is(acts ...traceability.Act) func(step) bool {
	return func(s step) bool { return slices.Contains(acts, s.say.Act) }
}

// last returns the place of the last step that matches, or -1.
func (m *model) last(match func(step) bool) int {
	for i := len(m.done) - 1; i >= 0; i-- {
		if match(m.done[i]) {
			return i
		}
	}
	return -1
}

func (m *model) ever(match func(step) bool) bool { return m.last(match) >= 0 }

// where is the phase, from what happened.
func (m *model) where() traceability.Phase {
	verdict := m.last(m.is(traceability.ActDetermine))
	shown, hidden := m.last(m.is(traceability.ActPublish)), m.last(m.is(traceability.ActWithdraw))
	switch {
	case m.ever(m.is(traceability.ActClose)):
		return "closed"
	case verdict >= 0 && m.done[verdict].say.Decision == "overturned":
		return "overturned"
	case shown > hidden:
		return "published"
	case verdict >= 0:
		return "upheld"
	case m.ever(m.is(traceability.ActServe)):
		return "served"
	case m.ever(m.is(traceability.ActDispatch)):
		return "dispatched"
	}
	return "issued"
}

// home is who looks after a recipient: whoever the answers have left it to.
func (m *model) home(r traceability.Recipient) traceability.PartyID {
	place := map[traceability.Recipient]string{"unit": "310000", "platform": "310000", "producer": "320000"}[r]
	cares := map[string][]string{"310000": {"unit", "platform"}, "320000": {"producer"}}
	for _, s := range m.done {
		if s.say.Act != traceability.ActAnswer {
			continue
		}
		who := string(s.by)[4:]
		mine := slices.Contains(cares[who], string(r))
		switch s.say.Answer {
		case "forward":
			cares[string(s.say.To)] = cares[who]
			if place == who {
				place = string(s.say.To)
			}
		case "not_ours":
			if place == who {
				place = ""
			}
		default:
			if place == "" && mine {
				place = who
			}
		}
	}
	if place == "" {
		return zhejiang
	}
	return traceability.PartyID("reg:" + place)
}

// told are the provinces that the notice has reached, with the steps that reached
// them.
func (m *model) told(p traceability.PartyID) []int {
	var sent []int
	for i, s := range m.done {
		switch {
		case s.say.Act == traceability.ActDispatch && (p == shanghai || p == jiangsu):
			sent = append(sent, i)
		case s.say.Answer == "forward" && traceability.PartyID("reg:"+string(s.say.To)) == p && p != zhejiang:
			sent = append(sent, i)
		case s.say.Decision == "overturned" && s.say.Act == traceability.ActDetermine && len(sent) > 0:
			sent = append(sent, i)
		}
	}
	return sent
}

func (m *model) owes(p traceability.PartyID) bool {
	sent := m.told(p)
	if len(sent) == 0 {
		return false
	}
	return m.last(func(s step) bool { return s.by == p && s.say.Act == traceability.ActAcknowledge }) < sent[len(sent)-1]
}

func (m *model) served(r traceability.Recipient) bool {
	return m.ever(func(s step) bool { return s.say.Act == traceability.ActServe && s.say.For == r })
}

func (m *model) waived(r traceability.Recipient) bool {
	return m.ever(func(s step) bool { return s.say.Act == traceability.ActWaive && s.say.For == r })
}

// speaksFor is the recipient itself or its regulator.
func (m *model) speaksFor(by traceability.PartyID, r traceability.Recipient) bool {
	self := map[traceability.Recipient]traceability.PartyID{"unit": shop, "producer": producer}[r]
	return by == self || by == m.home(r)
}

// again is the last word of the re-inspection, of an objection or of a case.
func (m *model) again() traceability.Act {
	i := m.last(func(s step) bool { return len(s.say.Act) > 13 && s.say.Act[:13] == "reinspection_" })
	if i < 0 {
		return ""
	}
	return m.done[i].say.Act
}

func (m *model) quarrel(k traceability.ObjectionKind, r traceability.Recipient) traceability.Act {
	i := m.last(func(s step) bool { return s.say.Kind == k && s.say.For == r })
	if i < 0 {
		return ""
	}
	return m.done[i].say.Act
}

func (m *model) case_(l traceability.Link) (lastWord traceability.Act) {
	for _, s := range m.done {
		if s.say.Link == l && s.say.Act != traceability.ActHandlingStep && s.say.Act != traceability.ActHandlingEscalate {
			lastWord = s.say.Act
		}
	}
	return lastWord
}

func (m *model) quarrels() bool {
	for _, k := range []traceability.ObjectionKind{"sampling", "testing", "result", "authenticity"} {
		for _, r := range []traceability.Recipient{"unit", "producer"} {
			switch m.quarrel(k, r) {
			case traceability.ActObjectionFile, traceability.ActObjectionAsk, traceability.ActObjectionSupply, traceability.ActObjectionAccept:
				return true
			}
		}
	}
	return false
}

// left are the failed items that no re-inspection has cleared.
func (m *model) left() (names []string) {
	cleared := map[int]bool{}
	i := m.last(m.is(traceability.ActReinspectionConclude))
	if i >= 0 && m.done[i].say.Verdict == "pass" && m.again() == traceability.ActReinspectionNotify {
		for _, seq := range m.done[m.last(m.is(traceability.ActReinspectionApply))].say.Items {
			cleared[seq] = true
		}
	}
	for _, item := range []traceability.Item{chemical, microbe} {
		if m.failed[item.Seq] && !cleared[item.Seq] {
			names = append(names, item.Parameter)
		}
	}
	return names
}

func (m *model) granted(kinds ...traceability.ObjectionKind) bool {
	return m.ever(func(s step) bool {
		return s.say.Act == traceability.ActObjectionDecide && s.say.Decision == "upheld" && slices.Contains(kinds, s.say.Kind)
	})
}

// verdict is what the determination must say.
func (m *model) verdict() traceability.Decision {
	if len(m.left()) == 0 || m.granted("sampling", "testing", "result") {
		return "overturned"
	}
	return "upheld"
}

// mayStillContest: served, and has neither waived, nor used the right, nor let a
// whole epoch go by.
func (m *model) mayStillContest(r traceability.Recipient) bool {
	i := m.last(func(s step) bool { return s.say.Act == traceability.ActServe && s.say.For == r })
	if i < 0 || m.waived(r) || m.epoch > m.done[i].epoch || m.ever(m.is(traceability.ActDetermine)) {
		return false
	}
	applied := m.ever(func(s step) bool { return s.say.Act == traceability.ActReinspectionApply && s.say.For == r })
	objected := m.ever(func(s step) bool {
		return s.say.Act == traceability.ActObjectionFile && s.say.For == r && s.say.Kind != "sampling"
	})
	onlyGerms := true
	for seq := range m.failed {
		onlyGerms = onlyGerms && m.germs[seq]
	}
	return !(applied || onlyGerms) || !objected
}

// cleared is whether the claimed producer was, at the last determination.
func (m *model) cleared() bool {
	last := m.last(m.is(traceability.ActDetermine))
	return last >= 0 && m.ever(func(s step) bool {
		return s.say.Act == traceability.ActObjectionDecide && s.say.Decision == "upheld" && s.say.Kind == "authenticity" && m.index(s) < last
	})
}

func (m *model) index(s step) int {
	return slices.IndexFunc(m.done, func(o step) bool { return o.by == s.by && o.say.At.Equal(s.say.At) })
}

// fits: the row says what failed, and that the producer was cleared.
func (m *model) fits(row *traceability.PublicRow) bool {
	var names []string
	for _, f := range row.Failures {
		names = append(names, f.Parameter)
	}
	return slices.Equal(names, m.left()) && (!m.cleared() || row.Remark != "")
}

// allows is the law, act by act.
func (m *model) allows(by traceability.PartyID, say *traceability.NoticeAct) bool {
	phase := m.where()
	running := phase == "dispatched" || phase == "served" || phase == "upheld" || phase == "published"
	organiser := by == zhejiang
	papered := by.Kind() != "reg" || len(say.Evidence) > 0
	r, l := say.For, say.Link
	quarrel := m.quarrel(say.Kind, r)
	switch say.Act {
	case traceability.ActDispatch:
		return organiser && len(m.done) == 0 || organiser && phase == "issued"
	case traceability.ActAcknowledge:
		return m.owes(by) && (running || phase == "overturned")
	case traceability.ActAnswer:
		if say.Answer == "forward" && (traceability.PartyID("reg:"+string(say.To)) == shanghai || traceability.PartyID("reg:"+string(say.To)) == jiangsu ||
			m.ever(func(s step) bool { return s.say.To == say.To && s.say.Answer == "forward" })) {
			return false
		}
		return running && len(m.told(by)) > 0 && !m.owes(by)
	case traceability.ActServe:
		dispatch := m.last(m.is(traceability.ActDispatch))
		stead := organiser && dispatch >= 0 && m.epoch > m.done[dispatch].epoch
		return (phase == "dispatched" || phase == "served") && !m.served(r) && (by == m.home(r) || stead)
	case traceability.ActWaive:
		return phase == "served" && r != "platform" && m.speaksFor(by, r) && papered && m.served(r) && !m.waived(r)
	case traceability.ActReinspectionApply:
		before := m.ever(func(s step) bool { return s.say.Act == traceability.ActReinspectionApply && s.say.For == r })
		for _, seq := range say.Items {
			if !m.failed[seq] || m.germs[seq] {
				return false
			}
		}
		return phase == "served" && r != "platform" && m.speaksFor(by, r) && papered && m.served(r) && !m.waived(r) && !before &&
			(m.again() == "" || m.again() == traceability.ActReinspectionRefuse)
	case traceability.ActReinspectionAccept, traceability.ActReinspectionRefuse:
		return phase == "served" && organiser && m.again() == traceability.ActReinspectionApply
	case traceability.ActReinspectionAssign:
		declined := m.ever(func(s step) bool { return s.say.Act == traceability.ActReinspectionDecline && s.by == say.Lab })
		return phase == "served" && organiser && (m.again() == traceability.ActReinspectionAccept || m.again() == traceability.ActReinspectionDecline) &&
			say.Lab != lab && !declined
	case traceability.ActReinspectionDecline:
		return phase == "served" && m.again() == traceability.ActReinspectionAssign && by == m.chosen()
	case traceability.ActReinspectionTransfer:
		return phase == "served" && m.again() == traceability.ActReinspectionAssign && by == lab
	case traceability.ActReinspectionConclude:
		return phase == "served" && m.again() == traceability.ActReinspectionTransfer && by == m.chosen()
	case traceability.ActReinspectionNotify:
		return phase == "served" && m.again() == traceability.ActReinspectionConclude && organiser
	case traceability.ActObjectionFile:
		if say.Kind == "sampling" {
			return running && r == "unit" && m.speaksFor(by, r) && quarrel == ""
		}
		return running && r != "platform" && m.speaksFor(by, r) && m.served(r) && !m.waived(r) && quarrel == ""
	case traceability.ActObjectionAsk, traceability.ActObjectionAccept:
		return running && organiser && (quarrel == traceability.ActObjectionFile || quarrel == traceability.ActObjectionSupply)
	case traceability.ActObjectionSupply:
		return running && m.speaksFor(by, r) && quarrel == traceability.ActObjectionAsk
	case traceability.ActObjectionRefuse:
		return running && organiser && (quarrel == traceability.ActObjectionFile || quarrel == traceability.ActObjectionSupply || quarrel == traceability.ActObjectionAsk)
	case traceability.ActObjectionDecide:
		return running && organiser && quarrel == traceability.ActObjectionAccept
	case traceability.ActObjectionWithdraw:
		return running && m.speaksFor(by, r) && slices.Contains([]traceability.Act{traceability.ActObjectionFile, traceability.ActObjectionSupply, traceability.ActObjectionAsk, traceability.ActObjectionAccept}, quarrel)
	case traceability.ActHandlingOpen, traceability.ActHandlingStep, traceability.ActHandlingSubmit:
		owner := m.home(map[traceability.Link]traceability.Recipient{"distribution": "unit", "online": "platform", "production": "producer"}[l])
		arranged := m.case_(l) == traceability.ActHandlingOpen || m.case_(l) == traceability.ActHandlingReturn
		ready := say.Act != traceability.ActHandlingSubmit || m.complete(l)
		return running && l != "catering" && by == owner && ready && (arranged || say.Act == traceability.ActHandlingOpen) && (m.case_(l) == "" || say.Act != traceability.ActHandlingOpen)
	case traceability.ActHandlingReturn, traceability.ActHandlingPass:
		return running && organiser && m.case_(l) == traceability.ActHandlingSubmit
	case traceability.ActHandlingEscalate:
		return running && organiser && m.case_(l) != "" && m.case_(l) != traceability.ActHandlingPass
	case traceability.ActDetermine:
		last := m.last(m.is(traceability.ActDetermine))
		fresh := m.last(m.is(traceability.ActObjectionDecide)) > last
		if last < 0 && (!m.served("unit") || !m.served("producer") || m.mayStillContest("unit") || m.mayStillContest("producer")) {
			return false
		}
		again := m.again()
		settled := again == "" || again == traceability.ActReinspectionRefuse || again == traceability.ActReinspectionNotify
		return organiser && (phase == "served" || (phase == "upheld" || phase == "published") && fresh) && settled && !m.quarrels() && say.Decision == m.verdict()
	case traceability.ActPublish:
		return organiser && phase == "upheld" && m.fits(say.Row)
	case traceability.ActCorrect:
		if phase == "overturned" {
			return organiser && m.ever(m.is(traceability.ActPublish)) && say.Row.Remark != ""
		}
		return organiser && phase == "published" && m.fits(say.Row)
	case traceability.ActWithdraw:
		return organiser && phase == "published"
	case traceability.ActClose:
		if !organiser || m.owes(shanghai) || m.owes(jiangsu) || m.owes(anhui) {
			return false
		}
		passed := true
		for _, l := range []traceability.Link{"distribution", "online", "production"} {
			passed = passed && m.case_(l) == traceability.ActHandlingPass
		}
		return phase == "overturned" || phase == "published" && passed && !m.quarrels()
	}
	return false
}

func (m *model) chosen() traceability.PartyID {
	return m.done[m.last(m.is(traceability.ActReinspectionAssign))].say.Lab
}

// complete: all that a handling case must have, and one of the two of which it
// must have one.
func (m *model) complete(l traceability.Link) bool {
	has := map[traceability.Step]bool{}
	for _, s := range m.done {
		if s.say.Link == l {
			has[s.say.Step] = true
		}
	}
	return has["start"] && has["product_control"] && has["cause"] && has["rectification"] && has["penalty"] != has["no_penalty"]
}
