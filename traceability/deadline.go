package traceability

import "time"

// Lateness says whether an act was in time.
type Lateness string

// The degrees of lateness. Recorded late is what its signer says was done in
// time, but was said on the ledger after the period had ended.
const (
	InTime       Lateness = "in_time"
	RecordedLate Lateness = "recorded_late"
	Late         Lateness = "late"
	Unknown      Lateness = "unknown" // the period could not be counted: see Deadline.Unknown
)

// DeadlineStatus says whether a period still counts.
type DeadlineStatus string

// The statuses of a deadline.
const (
	Running DeadlineStatus = "running"
	Met     DeadlineStatus = "met"    // the act was done, in time or late
	Lapsed  DeadlineStatus = "lapsed" // a right that was not used, or a duty that is no more
)

// Deadline is one statutory period of a notice: what is due, by whom, until when.
type Deadline struct {
	Timer    TimerID        `json:"timer"`
	Revision int            `json:"revision,omitzero"` // of the timer
	Act      string         `json:"act,omitzero"`      // as the timer words it
	Basis    string         `json:"basis,omitzero"`
	About    string         `json:"about,omitzero"` // the province, recipient, objection or link, where there are several
	Of       PartyID        `json:"of,omitzero"`    // who has to act, if it is a party
	From     time.Time      `json:"from"`           // the trigger
	Due      time.Time      `json:"due,omitzero"`   // the last second in time
	Warn     time.Time      `json:"warn,omitzero"`  // from when to warn
	Extended int            `json:"extended,omitzero"`
	Unknown  Code           `json:"unknown,omitzero"` // why Due is not known: calendar_missing or timer_missing
	Status   DeadlineStatus `json:"status"`
	At       time.Time      `json:"at,omitzero"`       // when it was met or lapsed, by what its signer says
	Recorded time.Time      `json:"recorded,omitzero"` // and by the ledger's clock
	Late     Lateness       `json:"lateness,omitzero"`
}

// Judge says whether an act at a time, recorded at another, is in time.
func (d *Deadline) Judge(at, recorded time.Time) Lateness {
	switch {
	case d.Due.IsZero():
		return Unknown
	case at.After(d.Due):
		return Late
	case recorded.After(d.Due):
		return RecordedLate
	default:
		return InTime
	}
}

// Overdue reports whether the act is still to be done at a time after its period.
func (d *Deadline) Overdue(now time.Time) bool {
	return d.Status == Running && !d.Due.IsZero() && now.After(d.Due)
}

// RunningAt reports whether the period was running at a time, as far as the
// ledger knew then.
func (d *Deadline) RunningAt(now time.Time) bool {
	return !d.From.After(now) && (d.Status == Running || d.Recorded.After(now))
}
