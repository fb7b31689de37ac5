package traceability_test

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

// mustCalendars are those that are shipped: 2025 and 2026.
func mustCalendars(tb testing.TB) traceability.Calendars {
	tb.Helper()
	calendars, err := reference.Calendars()
	if err != nil {
		tb.Fatal(err)
	}
	return calendars
}

// TestDue holds the vectors of the periods' table.
func TestDue(t *testing.T) {
	t.Parallel()
	calendars := mustCalendars(t)
	for _, c := range []struct {
		trigger traceability.Date
		amount  int
		unit    traceability.TimerUnit
		due     traceability.Date
	}{
		{"2026-09-28", 5, "wd", "2026-10-10"}, // a Saturday that is worked
		{"2026-09-28", 7, "wd", "2026-10-13"},
		{"2026-09-28", 20, "wd", "2026-10-30"},
		{"2026-09-28", 90, "d", "2026-12-27"},
		{"2026-02-12", 2, "wd", "2026-02-14"}, // another one
		{"2026-02-12", 5, "wd", "2026-02-26"},
		{"2026-04-30", 7, "wd", "2026-05-13"},
		{"2025-09-26", 20, "wd", "2025-10-30"},
		{"2026-11-20", 5, "wd", "2026-11-27"},
		{"2025-12-31", 1, "wd", "2026-01-04"}, // over the year's end, onto a Sunday that is worked
		{"2026-09-28", 0, "d", "2026-09-28"},
		{"2024-02-28", 1, "d", "2024-02-29"}, // days need no calendar
		{"2026-06-01", 6, "mo", "2026-12-01"},
		{"2026-08-31", 6, "mo", "2027-02-28"}, // no such day
		{"2027-12-31", 2, "mo", "2028-02-29"},
		{"2026-03-15", 0, "mo", "2026-03-15"},
	} {
		timer := traceability.Timer{Amount: c.amount, Unit: c.unit}
		trigger, err := time.ParseInLocation("2006-01-02 15:04", string(c.trigger)+" 23:30", traceability.ChinaTime())
		if err != nil {
			t.Fatal(err)
		}
		due, err := timer.Due(trigger, 0, calendars)
		if err != nil || traceability.DateOf(due) != c.due || traceability.DateOf(due.Add(time.Second)) == c.due {
			t.Errorf("%s + %d %s: got %s, %v; want the last second of %s", c.trigger, c.amount, c.unit, due.In(traceability.ChinaTime()), err, c.due)
		}
	}
}

func TestDueInHours(t *testing.T) {
	t.Parallel()
	trigger := time.Date(2026, 9, 30, 15, 59, 59, 0, time.UTC)
	timer := traceability.Timer{Amount: 24, Unit: traceability.Hours, WarnBefore: 6}
	due, err1 := timer.Due(trigger, 0, nil)
	warn, err2 := timer.Warn(trigger, 12, nil)
	if err1 != nil || err2 != nil || !due.Equal(trigger.Add(24*time.Hour)) || !warn.Equal(trigger.Add(30*time.Hour)) {
		t.Errorf("got %s %v, %s %v", due, err1, warn, err2)
	}
}

// A year that is not known stops the counting; it is never taken for Monday to
// Friday.
func TestMissingYear(t *testing.T) {
	t.Parallel()
	calendars := mustCalendars(t)
	for _, c := range []struct {
		from traceability.Date
		n    int
	}{{"2026-12-31", 1}, {"2026-12-28", 5}, {"2024-06-03", 1}, {"2025-01-02", -2}} {
		if day, err := calendars.Add(c.from, c.n); traceability.CodeOf(err) != traceability.CodeCalendarMissing || day != "" {
			t.Errorf("%s + %d: got %q, %v", c.from, c.n, day, err)
		}
	}
	if day, err := calendars.Add("2026-12-28", 3); err != nil || day != "2026-12-31" {
		t.Errorf("within the year: got %q, %v", day, err)
	}
}

// Every working day is counted once, forwards and backwards.
func TestWorkingDaysOfAYear(t *testing.T) {
	t.Parallel()
	calendars := mustCalendars(t)
	for year, want := range map[int]int{2025: 248, 2026: 248} {
		count := 0
		for day := traceability.Date(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)); day[:4] == traceability.Date(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))[:4]; day = day.AddDays(1) {
			working, err := calendars.Working(day)
			if err != nil {
				t.Fatal(err)
			}
			if working {
				count++
			}
		}
		if count != want {
			t.Errorf("%d has %d working days, want %d", year, count, want)
		}
	}
	for n := 1; n < 200; n++ {
		there, err1 := calendars.Add("2025-06-03", n)
		back, err2 := calendars.Add(there, -n)
		if err1 != nil || err2 != nil || back != "2025-06-03" {
			t.Fatalf("%d days there and back: %s, %s, %v %v", n, there, back, err1, err2)
		}
	}
}

func TestTimerOn(t *testing.T) {
	t.Parallel()
	old := &traceability.Timer{Revision: 1, Amount: 7, EffectiveFrom: "2019-10-01"}
	next := &traceability.Timer{Revision: 2, Amount: 10, EffectiveFrom: "2026-06-01"}
	mended := &traceability.Timer{Revision: 3, Amount: 9, EffectiveFrom: "2026-06-01"}
	for day, want := range map[traceability.Date]*traceability.Timer{"2019-09-30": nil, "2019-10-01": old, "2026-05-31": old, "2026-06-01": mended} {
		for _, list := range [][]*traceability.Timer{{old, next, mended}, {mended, old, next}} {
			if got := traceability.TimerOn(list, day); got != want {
				t.Errorf("%s: got %+v, want %+v", day, got, want)
			}
		}
	}
}

func TestParametersHas(t *testing.T) {
	t.Parallel()
	p := traceability.Parameters{Names: []string{"大肠菌群", "大肠埃希氏菌O157:H7", "霉菌"}}
	for parameter, want := range map[string]bool{"大肠菌群": true, "大肠菌群（CFU/g）": true, " 大肠埃希氏菌Ｏ157：H7": true, "黄曲霉毒素B1": false, "霉菌毒素": false, "": false} {
		if p.Has(parameter) != want {
			t.Errorf("%q: got %v", parameter, !want)
		}
	}
}

// FuzzAgreed holds that no text of a calendar, timer or list makes Check or the
// counting fail other than by an error.
func FuzzAgreed(f *testing.F) {
	documents, err := reference.Documents()
	if err != nil {
		f.Fatal(err)
	}
	for _, d := range documents {
		text, err := traceability.Canonical(d.Payload)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(d.Type), string(text))
	}
	f.Add("timer.set", `{"id":"T7","unit":"wd","amount":-1}`)
	f.Add("calendar.set", `{"year":2026,"off":["",""]}`)
	calendars := mustCalendars(f)
	f.Fuzz(func(t *testing.T, typ, text string) {
		agreed, ok := traceability.NewPayload(traceability.DocumentType(typ)).(traceability.Agreed)
		if !ok || json.Unmarshal([]byte(text), agreed) != nil {
			return
		}
		problems, _ := agreed.Check()
		if agreed.Record() == "" || len(problems) > 0 {
			return
		}
		switch say := agreed.(type) {
		case *traceability.Timer:
			trigger := time.Date(2025, 3, 3, 12, 0, 0, 0, time.UTC)
			if due, err := say.Due(trigger, say.Extension, calendars); err == nil && due.Before(trigger) {
				t.Errorf("due %s before its trigger: %s", due, text)
			}
		case *traceability.Calendar:
			c := traceability.Calendars{say.Year: say}
			for _, day := range say.Work {
				if working, err := c.Working(day); err != nil || !working {
					t.Errorf("%s is to be worked: %v, %v", day, working, err)
				}
			}
		}
	})
}
