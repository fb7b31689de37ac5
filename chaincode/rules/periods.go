package rules

import (
	"fmt"
	"slices"
	"time"

	"deltatrace/traceability"
)

// periods counts statutory periods, as of one act. A period that cannot be
// counted, because a calendar or a rule is missing on the ledger, is kept as
// unknown, with the reason, and counted when its record is next touched.
type periods struct {
	*statement
	list  *[]traceability.Deadline
	at    time.Time               // of the act
	marks []traceability.LateMark // what is late about the act
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

// start lets a period begin with the act. For who did not make the act itself it
// begins, at the earliest, when the ledger has it: before, the party could not know
// by it, and nobody else's word about the past may shorten what the party has.
func (c *periods) start(id traceability.TimerID, t target, from time.Time) {
	if t.of != c.signer && from.Before(c.tx.Time) {
		from = c.tx.Time
	}
	c.run(id, t, from)
}

// run lets a period run from a time.
func (c *periods) run(id traceability.TimerID, t target, from time.Time) {
	d := traceability.Deadline{Timer: id, About: t.about, Of: t.of, From: traceability.Instant(from), Status: traceability.Running}
	c.count(&d)
	if d.Unknown != "" {
		c.warnUnknown(&d)
	}
	*c.list = append(*c.list, d)
}

// count computes when a period ends.
func (c *periods) count(d *traceability.Deadline) {
	timers := agreed[*traceability.Timer](c.view, traceability.TimerKey(d.Timer))
	timer := traceability.TimerOn(timers, traceability.DateOf(d.From))
	if timer == nil { // it begins before the rule did: what holds now is what the ledger has
		timer = traceability.TimerOn(timers, traceability.DateOf(c.tx.Time))
	}
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

// recount counts the periods that could not be counted before.
func (c *periods) recount() {
	for i := range *c.list {
		if d := &(*c.list)[i]; d.Status == traceability.Running && d.Unknown != "" {
			c.count(d)
		}
	}
}

// running returns the period that is running, or nil.
func (c *periods) running(id traceability.TimerID, about string) *traceability.Deadline {
	d := c.last(id, about)
	if d == nil || d.Status != traceability.Running {
		return nil
	}
	return d
}

// last returns the period that began last, or nil.
func (c *periods) last(id traceability.TimerID, about string) *traceability.Deadline {
	for i := len((*c.list)) - 1; i >= 0; i-- {
		if d := &(*c.list)[i]; d.Timer == id && d.About == about {
			return d
		}
	}
	return nil
}

// meet ends a period with the act, and marks the act when it is late. An
// objection is judged by its period also when that has ended: it may come after
// another one, or long after.
func (c *periods) meet(id traceability.TimerID, about string) {
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

func (c *periods) warnUnknown(d *traceability.Deadline) {
	zh, en := "账本上没有此期限的规定，不能判断是否逾期", "the ledger has no rule for this period; whether it is kept cannot be said"
	if d.Unknown == traceability.CodeCalendarMissing {
		zh, en = "账本上没有所需年份的节假日安排，不能计算期限", "the ledger has no calendar of a year that the period reaches; it cannot be counted"
	}
	c.warn(refuse(d.Unknown, "at", string(d.Timer), "a rule and calendars on the ledger", zh+"（"+string(d.Timer)+"）", en+" ("+string(d.Timer)+")"))
}

// lapse ends a period without its act.
func (c *periods) lapse(match func(*traceability.Deadline) bool) {
	for i := range *c.list {
		if d := &(*c.list)[i]; d.Status == traceability.Running && match(d) {
			d.Status, d.At, d.Recorded = traceability.Lapsed, traceability.Instant(c.at), c.tx.Time
		}
	}
}

// resume lets a period run on that was met.
func (c *periods) resume(id traceability.TimerID, about string) {
	if d := c.last(id, about); d != nil && d.Status == traceability.Met {
		d.Status, d.At, d.Recorded, d.Late = traceability.Running, time.Time{}, time.Time{}, ""
	}
}
