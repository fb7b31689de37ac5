package traceability

import (
	"cmp"
	"slices"
	"time"
)

// Credit is an entry of a company's credit record as the rules have derived it.
type Credit struct {
	ID       CreditID        `json:"entry"`
	Name     string          `json:"name"`
	By       PartyID         `json:"by"` // who made it
	Kind     CreditKind      `json:"kind"`
	Topic    string          `json:"topic,omitzero"`
	Reason   string          `json:"reason,omitzero"`
	Basis    string          `json:"basis,omitzero"`
	Decision string          `json:"decision,omitzero"`
	From     Date            `json:"from"`
	Expires  Date            `json:"expires,omitzero"`
	Measures []CreditMeasure `json:"measures,omitempty"`
	Changes  []CreditChange  `json:"changes,omitempty"` // in the order of the ledger; the first is the entry
	Remarks  []Remark        `json:"remarks,omitempty"`
}

// CreditChange is a document of the entry: Act is empty for the first.
type CreditChange struct {
	Document DocumentID     `json:"document"`
	Act      CreditActKind  `json:"act,omitzero"`
	By       PartyID        `json:"by"`
	At       time.Time      `json:"at"` // by the ledger's clock
	Progress CreditProgress `json:"state"`
	Reason   string         `json:"reason,omitzero"`
}

// CreditState is the record under credit/<entry>.
type CreditState struct {
	Documents []Entry `json:"documents"`
	Credit    Credit  `json:"credit"`
}

// CreditKey is the state key of an entry of a credit record.
func CreditKey(id CreditID) string { return "credit/" + string(id) }

// Progress returns where the entry stands.
func (c *Credit) Progress() CreditProgress { return c.Changes[len(c.Changes)-1].Progress }

// HoldsOn reports whether the entry holds on a day, as it is known now: it had
// begun, had not expired, and had not ended.
func (c *Credit) HoldsOn(day Date) bool {
	if !day.Within(c.From, c.Expires) {
		return false
	}
	last := c.Changes[0].Progress
	for _, change := range c.Changes {
		if DateOf(change.At) <= day {
			last = change.Progress
		}
	}
	return last == CreditInForce || last == CreditRepairing
}

// Restricts reports whether the entry's measure holds in a province on a day.
func (c *Credit) Restricts(measure string, in ProvinceCode, on Date) bool {
	_, holds := c.Restriction(measure, in, on)
	return holds
}

// Restriction returns an entry's measure as it holds in a province on a day; false
// when it does not. Of several it is the one that holds longest. Its last day is none
// after the entry's, and its basis the entry's where it has none of its own.
func (c *Credit) Restriction(measure string, in ProvinceCode, on Date) (longest CreditMeasure, holds bool) {
	if !c.Kind.Adverse() || !c.HoldsOn(on) {
		return longest, false
	}
	for _, m := range c.Measures {
		if m.Measure != measure || !m.applies(in, on) {
			continue
		}
		if m.Until == "" || c.Expires != "" && c.Expires < m.Until {
			m.Until = c.Expires
		}
		if !holds || longest.Until != "" && (m.Until == "" || m.Until > longest.Until) {
			longest, holds = m, true
		}
	}
	longest.Basis = cmp.Or(longest.Basis, c.Basis)
	return longest, holds
}

// Bars reports whether the entry keeps the company off platforms, or did, or will:
// somewhere, at some time (MeasurePlatformEntry).
func (c *Credit) Bars() bool {
	return c.Kind.Adverse() && slices.ContainsFunc(c.Measures, func(m CreditMeasure) bool { return m.Measure == MeasurePlatformEntry })
}

// PlatformBars is the record under platform-bars/<company>: the entries of its credit
// record that bar it from platforms (Credit.Bars), in the order of the ledger. The
// rules look records up by their keys, and find the few that bear on a verification
// through it.
type PlatformBars struct {
	Entries []CreditID `json:"entries"`
}

// PlatformBarsKey is the state key of what bars a company from platforms.
func PlatformBarsKey(company USCC) string { return "platform-bars/" + string(company) }

// Parties returns who is told of the entry: the company, as an operator and as a
// platform, who made it, and of an adverse one the four regulators.
func (c *Credit) Parties() []PartyID {
	company := string(c.ID.Company())
	parties := []PartyID{PartyID("op:" + company), PartyID("plat:" + company), c.By}
	if c.Kind.Adverse() {
		for _, p := range Provinces() {
			parties = append(parties, Regulator(p))
		}
	}
	slices.Sort(parties)
	return slices.Compact(parties)
}
