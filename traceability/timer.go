package traceability

import (
	"regexp"
	"strconv"
	"time"
)

// TimerID names a statutory period, as the table of docs/notices.md does.
// Examples: T7 (to apply for re-inspection), R1a (to start a level I recall).
type TimerID string

var timerIDGrammar = regexp.MustCompile(`^[A-Z][0-9]{1,2}[a-z]?$`)

// ParseTimerID checks the grammar.
func ParseTimerID(s string) (TimerID, error) {
	if !timerIDGrammar.MatchString(s) {
		return "", Invalid("", s, "a timer: a letter, one or two digits, and perhaps a small letter, e.g. T7")
	}
	return TimerID(s), nil
}

// TimerUnit says in what a period is counted.
type TimerUnit string

// The units. A period of days ends with its last day.
const (
	WorkingDays  TimerUnit = "wd" // 工作日
	CalendarDays TimerUnit = "d"  // 日
	Hours        TimerUnit = "h"  // 小时
	Months       TimerUnit = "mo" // 月: to the same day of the month, or its last (Civil Code, article 202)
)

// Timer is the payload of timer.set: a statutory period, from what, to what, by
// whom, how long and by which rule. It comes into force when three provinces
// have signed the same content, for periods that begin on EffectiveFrom or later.
// Of several revisions the one with the latest EffectiveFrom counts, and of
// those the last. Trigger, Act, Actor and Note are words for people.
type Timer struct {
	ID            TimerID   `json:"id"`
	Revision      int       `json:"revision"` // from 1
	Trigger       string    `json:"trigger"`
	Act           string    `json:"act"`
	Actor         string    `json:"actor"`
	Amount        int       `json:"amount"` // 0: at once, on the same day
	Unit          TimerUnit `json:"unit"`
	Extension     int       `json:"extension,omitzero"`   // by how much more, in the same unit, it may be extended
	WarnBefore    int       `json:"warn_before,omitzero"` // how long before its end to warn, in the same unit
	Basis         string    `json:"basis"`                // the rule, with its article
	Confidence    string    `json:"confidence,omitzero"`  // A read in the text, B agreed among sources, C to be confirmed
	Note          string    `json:"note,omitzero"`
	EffectiveFrom Date      `json:"effective_from"`
}

// Check implements Payload.
func (t *Timer) Check() (problems, warnings []*Error) {
	var c checker
	id, err := ParseTimerID(string(t.ID))
	canonical(&c, "id", t.ID, id, err)
	c.revision(t.Revision)
	c.need("trigger", t.Trigger, 200)
	c.need("act", t.Act, 200)
	c.need("actor", t.Actor, 200)
	most := map[TimerUnit]int{WorkingDays: 250, CalendarDays: 3660, Hours: 720, Months: 120}[t.Unit]
	if most == 0 {
		c.problems = append(c.problems, Invalid("unit", string(t.Unit), "wd, d, h or mo"))
	}
	for _, amount := range []struct {
		field string
		value int
		most  int
	}{{"amount", t.Amount, most}, {"extension", t.Extension, most}, {"warn_before", t.WarnBefore, min(most, t.Amount)}} {
		if most > 0 && (amount.value < 0 || amount.value > amount.most) {
			c.problems = append(c.problems, Invalid(amount.field, strconv.Itoa(amount.value), "0 to "+strconv.Itoa(max(0, amount.most))))
		}
	}
	c.need("basis", t.Basis, 300)
	switch t.Confidence {
	case "", "A", "B", "C":
	default:
		c.problems = append(c.problems, Invalid("confidence", t.Confidence, "A, B or C"))
	}
	c.text("note", t.Note, 500)
	if t.EffectiveFrom == "" {
		c.missing("effective_from", "a day")
	}
	return c.result()
}

// Record implements Agreed.
func (t *Timer) Record() string { return TimerKey(t.ID) }

// Edition implements Agreed.
func (t *Timer) Edition() int { return t.Revision }

// Signers implements Agreed.
func (t *Timer) Signers() int { return MostProvinces }

// Begins implements Dated.
func (t *Timer) Begins() Date { return t.EffectiveFrom }

// TimerOn returns the revision that counts for a period that begins on the day,
// or nil. The revisions are those in force, in any order.
func TimerOn(revisions []*Timer, day Date) *Timer { return EditionOn(revisions, day) }

// Due returns the last second in which the act is in time, in UTC, when the
// period began at the trigger and was extended by so many units. The day of the
// trigger is not counted; hours are counted from the trigger itself. The error
// is an *Error calendar_missing.
func (t *Timer) Due(trigger time.Time, extended int, c Calendars) (time.Time, error) {
	return t.after(trigger, t.Amount+extended, c)
}

// Warn returns when to warn that the period ends, or the zero time for never.
// Errors are those of Due.
func (t *Timer) Warn(trigger time.Time, extended int, c Calendars) (time.Time, error) {
	if t.WarnBefore == 0 {
		return time.Time{}, nil
	}
	return t.after(trigger, t.Amount+extended-t.WarnBefore, c)
}

func (t *Timer) after(trigger time.Time, amount int, c Calendars) (time.Time, error) {
	day := DateOf(trigger)
	switch t.Unit {
	case Hours:
		return Instant(trigger.Add(time.Duration(amount) * time.Hour)), nil
	case CalendarDays:
		return day.AddDays(amount).End(), nil
	case Months:
		return day.AddMonths(amount).End(), nil
	default:
		last, err := c.Add(day, amount)
		if err != nil {
			return time.Time{}, err
		}
		return last.End(), nil
	}
}
