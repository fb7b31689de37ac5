package traceability

import (
	"slices"
	"time"
)

// FreshFor is how long what was last heard of a register or of a platform's pages
// counts as known; what is older is 未核验, neither good nor bad (domain knowledge
// §4.5).
const FreshFor = 24 * time.Hour

// Comparison is what all may know of a platform's latest comparison of a shop with
// the register (SAMR Order 123): the shop as its own public page shows it (E-commerce
// Law, article 15), and what the comparison found.
type Comparison struct {
	Platform PartyID
	Shop     string          // its name on the platform's page
	Page     string          // the page's https address; empty when none is declared
	At       time.Time       // when the platform compared
	Height   uint64          // of the register that it compared with
	Due      time.Time       // when it has to compare again; zero: not known
	Verdict  LicenceVerdict  // LicenceUnverified too where it rests on what is not told
	Codes    []ViolationCode // what was found, as far as it is told
}

// Overdue reports whether the shop should have been compared again by now.
func (c *Comparison) Overdue(now time.Time) bool { return !c.Due.IsZero() && now.After(c.Due) }

// LastVerified returns when a shop was last found to agree with the register, of
// those comparisons that are not overdue; zero when none was.
func LastVerified(list []Comparison, now time.Time) (last time.Time) {
	for i := range list {
		if c := &list[i]; c.Verdict == LicenceHolds && !c.Overdue(now) && c.At.After(last) {
			last = c.At
		}
	}
	return last
}

// comparison tells of a comparison without the codes that are withheld.
func comparison(l *ListingRecord, r *VerificationRecord, withheld ...ViolationCode) Comparison {
	c := Comparison{Platform: l.Platform, Shop: l.Name, Page: l.Page, At: r.At, Height: r.Height, Due: r.Due, Verdict: r.Verdict}
	for _, code := range r.Codes {
		if !slices.Contains(withheld, code) {
			c.Codes = append(c.Codes, code)
		}
	}
	if VerdictOf(c.Codes) != r.Verdict {
		c.Verdict = LicenceUnverified
	}
	return c
}
