package rules

import (
	"fmt"
	"slices"
	"time"

	"deltatrace/traceability"
)

// clock counts the statutory periods of one notice, as of one act. A period that
// cannot be counted, because a calendar or a rule is missing on the ledger, is
// kept as unknown, with the reason, and counted when the notice is next touched.
type clock struct {
	*statement
	notice *traceability.Notice
	at     time.Time // of the act
	say    *traceability.NoticeAct
	marks  []traceability.LateMark // what is late about the act
}

func (s *statement) clock(n *traceability.Notice, at time.Time) *clock {
	return &clock{statement: s, notice: n, at: at, say: &traceability.NoticeAct{}}
}

// clockReads foresees the keys for periods that begin at a time.
func clockReads(at time.Time, timers ...traceability.TimerID) []string {
	year := at.In(traceability.ChinaTime()).Year()
	keys := []string{traceability.CalendarKey(year), traceability.CalendarKey(year + 1)}
	for _, id := range timers {
		keys = append(keys, traceability.TimerKey(id))
	}
	return keys
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
		d := traceability.Deadline{Timer: id, About: t.about, Of: t.of, From: traceability.Instant(from), Status: traceability.Running}
		c.count(&d)
		if d.Unknown != "" {
			c.warnUnknown(&d)
		}
		c.notice.Deadlines = append(c.notice.Deadlines, d)
	}
}

// count computes when a period ends.
func (c *clock) count(d *traceability.Deadline) {
	timers := agreed[*traceability.Timer](c.view, traceability.TimerKey(d.Timer))
	timer := traceability.TimerOn(timers, traceability.DateOf(d.From))
	if i := slices.IndexFunc(timers, func(t *traceability.Timer) bool { return t.Revision == d.Revision }); i >= 0 {
		timer = timers[i]
	}
	d.Due, d.Warn, d.Unknown = time.Time{}, time.Time{}, ""
	if timer == nil {
		d.Unknown = traceability.CodeTimerMissing
		return
	}
	d.Revision, d.Act, d.Basis = timer.Revision, timer.Act, timer.Basis
	calendars := c.calendars(d.From)
	var err error
	if d.Due, err = timer.Due(d.From, d.Extended, calendars); err != nil {
		d.Unknown = traceability.CodeOf(err)
		return
	}
	// Warning comes before the end, so its year is there too.
	d.Warn, _ = timer.Warn(d.From, d.Extended, calendars)
}

// calendars are those of the year in which a period begins and of the next: no
// statutory period of working days is longer.
func (v *view) calendars(from time.Time) traceability.Calendars {
	calendars := make(traceability.Calendars)
	year := from.In(traceability.ChinaTime()).Year()
	for _, y := range []int{year, year + 1} {
		if list := agreed[*traceability.Calendar](v, traceability.CalendarKey(y)); len(list) > 0 {
			calendars[y] = list[len(list)-1]
		}
	}
	return calendars
}

// recount counts the periods that could not be counted before, and asks again
// which items are microbiological.
func (c *clock) recount() {
	for i := range c.notice.Deadlines {
		if d := &c.notice.Deadlines[i]; d.Status == traceability.Running && d.Unknown != "" {
			c.count(d)
		}
	}
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

// running returns the period that is running, or nil.
func (c *clock) running(id traceability.TimerID, about string) *traceability.Deadline {
	d := c.last(id, about)
	if d == nil || d.Status != traceability.Running {
		return nil
	}
	return d
}

// last returns the period that began last, or nil.
func (c *clock) last(id traceability.TimerID, about string) *traceability.Deadline {
	for i := len(c.notice.Deadlines) - 1; i >= 0; i-- {
		if d := &c.notice.Deadlines[i]; d.Timer == id && d.About == about {
			return d
		}
	}
	return nil
}

// meet ends a period with the act, and marks the act when it is late. An
// objection is judged by its period also when that has ended: it may come after
// another one, or long after.
func (c *clock) meet(id traceability.TimerID, about string) {
	d := c.last(id, about)
	if d == nil || d.Status == traceability.Lapsed && id != "T14" && id != "T15" {
		return
	}
	late := d.Judge(c.at, c.tx.Time)
	if late != traceability.InTime {
		c.marks = append(c.marks, traceability.LateMark{Timer: id, Basis: d.Basis, Due: d.Due, Late: late, Unknown: d.Unknown})
	}
	if d.Status == traceability.Running {
		d.Status, d.At, d.Recorded, d.Late = traceability.Met, traceability.Instant(c.at), c.tx.Time, late
	}
	switch late {
	case traceability.Unknown:
		c.warnUnknown(d)
	case traceability.Late, traceability.RecordedLate:
		c.warn(refuse(traceability.CodeLate, "at", c.at.In(traceability.ChinaTime()).Format(time.RFC3339),
			fmt.Sprintf("by %s: %s, %s", d.Due.In(traceability.ChinaTime()).Format(time.RFC3339), d.Timer, d.Basis),
			fmt.Sprintf("已超过期限 %s（%s，%s），予以接受并标明逾期", d.Due.In(traceability.ChinaTime()).Format(time.DateTime), d.Timer, d.Basis),
			fmt.Sprintf("the period ended at %s (%s, %s); the act is accepted and marked as late", d.Due.In(traceability.ChinaTime()).Format(time.DateTime), d.Timer, d.Basis)))
	}
}

func (c *clock) warnUnknown(d *traceability.Deadline) {
	zh, en := "账本上没有此期限的规定，不能判断是否逾期", "the ledger has no rule for this period; whether it is kept cannot be said"
	if d.Unknown == traceability.CodeCalendarMissing {
		zh, en = "账本上没有所需年份的节假日安排，不能计算期限", "the ledger has no calendar of a year that the period reaches; it cannot be counted"
	}
	c.warn(refuse(d.Unknown, "at", string(d.Timer), "a rule and calendars on the ledger", zh+"（"+string(d.Timer)+"）", en+" ("+string(d.Timer)+")"))
}

// lapse ends a period without its act.
func (c *clock) lapse(match func(*traceability.Deadline) bool) {
	for i := range c.notice.Deadlines {
		if d := &c.notice.Deadlines[i]; d.Status == traceability.Running && match(d) {
			d.Status, d.At, d.Recorded = traceability.Lapsed, traceability.Instant(c.at), c.tx.Time
		}
	}
}

// resume lets a period run on that was met.
func (c *clock) resume(id traceability.TimerID, about string) {
	if d := c.last(id, about); d != nil && d.Status == traceability.Met {
		d.Status, d.At, d.Recorded, d.Late = traceability.Running, time.Time{}, time.Time{}, ""
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
