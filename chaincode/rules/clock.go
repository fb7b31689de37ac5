package rules

import (
	"slices"
	"time"

	"deltatrace/traceability"
)

// clock counts the statutory periods of one notice, as of one act.
type clock struct {
	*periods
	notice *traceability.Notice
	say    *traceability.NoticeAct
}

func (s *statement) clock(n *traceability.Notice, at time.Time) *clock {
	return &clock{periods: &periods{statement: s, list: &n.Deadlines, at: at}, notice: n, say: &traceability.NoticeAct{}}
}

// target is whom a period is for, and what it is about where there are several.
type target struct {
	about string
	of    traceability.PartyID
}

// targets says for whom a period begins with this act; nobody when it does not
// fit the case.
func (c *clock) targets(id traceability.TimerID) []target {
	n := c.notice
	organiser := traceability.Regulator(n.Organiser)
	switch id {
	case "T5":
		return only(!n.Urgent, target{of: organiser})
	case "T5c":
		return only(n.Urgent, target{of: organiser})
	case "T5a", "T5b":
		return c.pendingProvinces(id)
	case "T6":
		return c.unserved()
	case "T7":
		return only(c.say.For != traceability.ToPlatform && c.reinspectable(), c.recipient())
	case "T15", "T18":
		return only(c.say.For != traceability.ToPlatform, c.recipient())
	case "T14":
		return []target{{about: string(traceability.ToUnit), of: n.Recipients[0].Party}}
	case "T10", "T12":
		return []target{{of: n.Reinspection.Lab}}
	case "T11":
		return []target{{of: n.Report.Lab()}}
	case "T16a", "T16b":
		return []target{{about: c.about(id), of: organiser}}
	case "T17a":
		return only(c.say.Kind == traceability.ObjectSampling, target{about: c.about(id), of: organiser})
	case "T17b":
		return only(c.say.Kind != traceability.ObjectSampling, target{about: c.about(id), of: organiser})
	case "T19":
		return c.unopened()
	case "T20", "T21":
		return []target{{about: string(c.say.Link), of: traceability.Regulator(n.Handler(c.say.Link))}}
	case "T22a":
		return c.unfilled()
	default:
		return []target{{of: organiser}}
	}
}

func only(fits bool, t target) []target {
	if fits {
		return []target{t}
	}
	return nil
}

func (c *clock) recipient() target {
	t := target{about: string(c.say.For)}
	if r := c.notice.Recipient(c.say.For); r != nil {
		t.of = r.Party
	}
	return t
}

// pendingProvinces are those that have to acknowledge: at once the notice, or its
// withdrawal.
func (c *clock) pendingProvinces(id traceability.TimerID) []target {
	var list []target
	for _, p := range c.notice.Provinces {
		withdrawn := c.notice.Phase == traceability.PhaseOverturned
		if p.Progress() == traceability.Pending && withdrawn == (id == "T5b") && c.running(id, string(p.Province)) == nil {
			list = append(list, target{string(p.Province), traceability.Regulator(p.Province)})
		}
	}
	return list
}

func (c *clock) unserved() []target {
	var list []target
	for _, r := range c.notice.Recipients {
		if r.Served.IsZero() {
			list = append(list, target{string(r.As), traceability.Regulator(c.notice.Responsible(r.As))})
		}
	}
	return list
}

func (c *clock) unopened() []target {
	var list []target
	for _, link := range c.notice.Links {
		if c.notice.Case(link) == nil && c.running("T19", string(link)) == nil {
			list = append(list, target{string(link), traceability.Regulator(c.notice.Handler(link))})
		}
	}
	return list
}

func (c *clock) unfilled() []target {
	var list []target
	for _, link := range c.notice.Links {
		h := c.notice.Case(link)
		if (h == nil || h.Progress == traceability.Arranged) && c.running("T22a", string(link)) == nil {
			list = append(list, target{string(link), traceability.Regulator(c.notice.Handler(link))})
		}
	}
	return list
}

// reinspectable reports whether a failed item may be re-inspected at all.
func (c *clock) reinspectable() bool {
	return slices.ContainsFunc(c.notice.Failed, func(f traceability.FailedItem) bool { return !f.Microbiological })
}

// about names what the act's period is about.
func (c *clock) about(id traceability.TimerID) string {
	switch id {
	case "T5a", "T5b":
		return string(c.author.Province)
	case "T6", "T7", "T15":
		return string(c.say.For)
	case "T14":
		return string(traceability.ToUnit)
	case "T16a", "T16b", "T17a", "T17b":
		return string(c.say.Kind) + "/" + string(c.say.For)
	case "T18":
		return string(recipientOf(c.notice, c.say.Link))
	case "T19", "T20", "T21", "T22a":
		return string(c.say.Link)
	default:
		return ""
	}
}

// begin starts a period for all whom it is for.
func (c *clock) begin(id traceability.TimerID, from time.Time) {
	for _, t := range c.targets(id) {
		c.start(id, t, from)
	}
}

// since lets a period run for all whom it is for from what the report states.
func (c *clock) since(id traceability.TimerID, from time.Time) {
	for _, t := range c.targets(id) {
		c.run(id, t, from)
	}
}

// recount counts the periods that could not be counted before, and asks again
// which items are microbiological.
func (c *clock) recount() {
	c.periods.recount()
	c.classify()
}

func (c *clock) classify() {
	lists := agreed[*traceability.Parameters](c.view, traceability.ParametersKey(traceability.Microbiological))
	if len(lists) == 0 {
		return
	}
	for i := range c.notice.Failed {
		if f := &c.notice.Failed[i]; f.Unclassified {
			f.Unclassified, f.Microbiological = false, lists[len(lists)-1].Has(f.Parameter)
		}
	}
}

// reassign gives running periods to whoever is responsible now.
func (c *clock) reassign() {
	for i := range c.notice.Deadlines {
		d := &c.notice.Deadlines[i]
		if d.Status != traceability.Running {
			continue
		}
		switch d.Timer {
		case "T6":
			d.Of = traceability.Regulator(c.notice.Responsible(traceability.Recipient(d.About)))
		case "T19", "T20", "T21", "T22a":
			d.Of = traceability.Regulator(c.notice.Handler(traceability.Link(d.About)))
		}
	}
	for i := range c.notice.Cases {
		c.notice.Cases[i].Province = c.notice.Handler(c.notice.Cases[i].Link)
	}
}

// judgeLab says whether the laboratory reported the failure in time (T4), or, in
// an urgent case, within a day of it (T4b). Its report states the day only, so
// hours count from that day's end.
func (c *clock) judgeLab(r *traceability.Report, reported time.Time) {
	if r.Issued == "" {
		return
	}
	d := traceability.Deadline{Timer: "T4", Of: c.notice.Report.Lab(), From: midnight(r.Issued), Status: traceability.Met, At: reported, Recorded: reported}
	if c.notice.Urgent {
		d.Timer, d.From = "T4b", r.Issued.End()
	}
	c.count(&d)
	d.Late = d.Judge(reported, reported)
	c.notice.Deadlines = append(c.notice.Deadlines, d)
}

// recipientOf is whose goods a link's case is about.
func recipientOf(n *traceability.Notice, link traceability.Link) traceability.Recipient {
	switch {
	case link == traceability.LinkProduction && n.Recipient(traceability.ToProducer) != nil:
		return traceability.ToProducer
	case link == traceability.LinkOnline:
		return traceability.ToPlatform
	default:
		return traceability.ToUnit
	}
}
