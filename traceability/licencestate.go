package traceability

// LicenceStatus is where a licence stands on a day.
type LicenceStatus string

// The statuses.
const (
	LicenceValid     LicenceStatus = "valid"
	LicenceNotYet    LicenceStatus = "not_yet_valid"
	LicenceExpired   LicenceStatus = "expired"
	LicenceHalted    LicenceStatus = "suspended"
	LicenceStruck    LicenceStatus = "revoked"
	LicenceSurrender LicenceStatus = "cancelled"
)

// LicenceState is the record under licence/<licence id>: all documents about it,
// oldest first, and what they come to, oldest first. Nothing is overwritten: the
// status on a past day can be asked, as it is known now.
type LicenceState struct {
	Documents []Entry         `json:"documents"`
	Periods   []LicencePeriod `json:"periods"`
	Remarks   []Remark        `json:"remarks,omitempty"`
}

// LicencePeriod is what holds of a licence from a day on, until the next period
// begins: which document's content (by its place in Documents), and whether it is
// suspended or has ended.
type LicencePeriod struct {
	From    Date          `json:"from"`
	Content int           `json:"content"`       // the document with the content in force
	By      int           `json:"by"`            // the document that began the period
	Halt    LicenceStatus `json:"halt,omitzero"` // suspended, revoked or cancelled
}

// InsteadOf reports whether the period is in force on a day rather than another of
// the same licence: of those that have begun the last, before all of them the first.
func (p LicencePeriod) InsteadOf(other LicencePeriod, day Date) bool {
	if p.From <= day {
		return other.From > day || p.From > other.From
	}
	return other.From > day && p.From < other.From
}

// PeriodOn returns the place of the period that is in force on a day; see InsteadOf.
// There is at least one.
func PeriodOn(periods []LicencePeriod, day Date) int {
	in := 0
	for i, p := range periods {
		if p.InsteadOf(periods[in], day) {
			in = i
		}
	}
	return in
}

// StatusOn returns where the licence stands on a day, from the period in force
// and the content it names.
func (p LicencePeriod) StatusOn(day Date, content *Licence) LicenceStatus {
	switch {
	case p.Halt != "":
		return p.Halt
	case day < content.ValidFrom:
		return LicenceNotYet
	case content.ValidTo != "" && day > content.ValidTo:
		return LicenceExpired
	}
	return LicenceValid
}
