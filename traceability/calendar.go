package traceability

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Calendar is the payload of calendar.set: which days of one year are days off
// beyond what its weekdays say, and which Saturdays and Sundays are worked in
// exchange (调休). It comes into force when three provinces have signed the same
// content; a later revision replaces it. Legal source: the State Council's
// yearly notice on holidays (国务院办公厅关于部分节假日安排的通知), made under
// 全国年节及纪念日放假办法; Basis names it.
type Calendar struct {
	Year     int    `json:"year"`
	Revision int    `json:"revision"` // from 1
	Off      []Date `json:"off"`      // ascending; weekends among them need not be left out
	Work     []Date `json:"work"`     // ascending; Saturdays and Sundays only
	Basis    string `json:"basis"`
}

// Check implements Payload.
func (c *Calendar) Check() (problems, warnings []*Error) {
	var k checker
	if c.Year < 2000 || c.Year > 2100 {
		k.problems = append(k.problems, Invalid("year", strconv.Itoa(c.Year), "2000 to 2100"))
	}
	k.revision(c.Revision)
	off := make(once[Date])
	k.days("off", c.Off, c.Year, 1, 100, func(_ string, day Date) { off.again(day) })
	k.days("work", c.Work, c.Year, 0, 60, func(field string, day Date) {
		switch {
		case day == "":
		case !day.weekend():
			k.problems = append(k.problems, Invalid(field, string(day), "a Saturday or Sunday: other days are worked unless they are off"))
		case off.again(day):
			k.problems = append(k.problems, Invalid(field, string(day), "a day that is not off as well"))
		}
	})
	k.need("basis", c.Basis, 300)
	return k.result()
}

// days checks that days are of the year, each after the one before, and whatever
// else is asked of each.
func (k *checker) days(field string, days []Date, year, least, most int, also func(field string, day Date)) {
	last := Date("")
	for i, day := range bounded(k, field, days, least, most) {
		if day == "" || day <= last || day.year() != year {
			k.problems = append(k.problems, Invalid(index(field, i), string(day), fmt.Sprintf("a day of %d, after the one before it", year)))
		}
		last = day
		also(index(field, i), day)
	}
}

// revision checks the number of an agreement's revision.
func (k *checker) revision(n int) {
	if n < 1 || n > 999 {
		k.problems = append(k.problems, Invalid("revision", strconv.Itoa(n), "1 to 999"))
	}
}

// Record implements Agreed.
func (c *Calendar) Record() string { return CalendarKey(c.Year) }

// Edition implements Agreed.
func (c *Calendar) Edition() int { return c.Revision }

// Signers implements Agreed.
func (c *Calendar) Signers() int { return MostProvinces }

// Calendars are the years that are known. A year that is missing is an error,
// never a silent Monday to Friday: a period that is counted wrongly costs
// somebody a right.
type Calendars map[int]*Calendar

// Working reports whether a day is a working day 工作日. The error is an *Error
// calendar_missing.
func (c Calendars) Working(day Date) (bool, error) {
	year := c[day.year()]
	switch {
	case year == nil:
		return false, &Error{Code: CodeCalendarMissing, Found: strconv.Itoa(day.year()), Expected: "a calendar.set of that year, signed by three provinces",
			ZH: fmt.Sprintf("账本上没有 %d 年的节假日安排，不能计算工作日", day.year()),
			EN: fmt.Sprintf("the ledger has no calendar of %d, so working days cannot be counted", day.year())}
	case slices.Contains(year.Off, day):
		return false, nil
	case slices.Contains(year.Work, day):
		return true, nil
	default:
		return !day.weekend(), nil
	}
}

// Add returns the n-th working day after a day, which itself is not counted, or
// before it when n is negative. With n 0 it is the day itself. The error is that
// of Working.
func (c Calendars) Add(day Date, n int) (Date, error) {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		day = day.AddDays(step)
		working, err := c.Working(day)
		if err != nil {
			return "", err
		}
		if working {
			n--
		}
	}
	return day, nil
}

// AddDays returns the day so many calendar days later, or earlier.
func (d Date) AddDays(n int) Date { return Date(d.midnight().AddDate(0, 0, n).Format(time.DateOnly)) }

// AddMonths returns the same day so many months later, or the last day of that month
// when it has no such day.
func (d Date) AddMonths(n int) Date {
	first := d.midnight().AddDate(0, 0, 1-d.midnight().Day())
	last := first.AddDate(0, n+1, -1)
	return Date(last.AddDate(0, 0, min(0, d.midnight().Day()-last.Day())).Format(time.DateOnly))
}

// End returns the day's last second, in UTC: a period that ends on a day ends
// with it.
func (d Date) End() time.Time { return Instant(d.AddDays(1).midnight().Add(-time.Second)) }

// midnight is when the day begins in China; the zero time for no day.
func (d Date) midnight() time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, string(d), chinaTime)
	return t
}

func (d Date) year() int { return d.midnight().Year() }

func (d Date) weekend() bool {
	weekday := d.midnight().Weekday()
	return weekday == time.Saturday || weekday == time.Sunday
}
