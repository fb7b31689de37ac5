package recognition

import (
	"time"

	"deltatrace/traceability"
)

// Case is what the ledger knows of one report.
type Case struct {
	ID           traceability.ReportID
	Report       *traceability.Report
	Document     traceability.DocumentID
	OutOfScope   []int                     // seq of items outside the laboratory's scope, as the rules found
	SupersededBy traceability.ReportID     // empty for a revision that stands
	Issuing      traceability.ProvinceCode // the province that admitted the laboratory
	Laboratory   []Step                    // its admissions and suspensions, oldest first
	Lot          *traceability.Lot         // the lot that the report names; nil when it is not registered
	LotDocument  traceability.DocumentID
	Dispute      Dispute
}

// Step is one document in a laboratory's history: exactly one of Admission and
// Suspension is there.
type Step struct {
	Document   traceability.DocumentID
	Recorded   time.Time // when the ledger took it
	Admission  *traceability.Admission
	Suspension *traceability.Suspension
}

// StepOf reads a document about a party that the ledger took at a time; false for one that is no admission and no
// suspension. The error is one of decoding.
func StepOf(d *traceability.Document, recorded time.Time) (Step, bool, error) {
	step := Step{Document: d.ID, Recorded: recorded}
	switch d.Type {
	case traceability.TypePartyAdmit:
		step.Admission = new(traceability.Admission)
		return step, true, d.Decode(step.Admission)
	case traceability.TypePartySuspend:
		step.Suspension = new(traceability.Suspension)
		return step, true, d.Decode(step.Suspension)
	}
	return Step{}, false, nil
}

// Dispute is whether a report's findings are contested (复检、异议).
type Dispute string

// The states of a dispute.
const (
	DisputeUnknown    Dispute = ""           // the ledger does not say
	DisputeNone       Dispute = "none"       // nothing is contested
	DisputeOpen       Dispute = "open"       // objection or re-inspection under way
	DisputeUpheld     Dispute = "upheld"     // contested, and confirmed
	DisputeOverturned Dispute = "overturned" // contested, and found wrong
	DisputeNoticed    Dispute = "noticed"    // another revision of the report has a notice, which stands
)

// Category returns the food's category (大类): the registered lot's, else the
// report's, else nothing.
func (c *Case) Category() string {
	if c.Lot != nil && c.Lot.Category != "" {
		return c.Lot.Category
	}
	return c.Report.Sample.Category
}

// Tested returns the day by which a test's age is counted: the last day of testing,
// else the day of issue, else nothing.
func (c *Case) Tested() traceability.Date {
	if c.Report.TestedTo != "" {
		return c.Report.TestedTo
	}
	return c.Report.Issued
}

// Produced returns the day by which editions are chosen: production, harvest or
// purchase as the report has it, else as the lot has it, else the day of sampling,
// which is assumed only (食品安全监督抽检实施细则（2026年版）附注 1.2).
func (c *Case) Produced() (day traceability.Date, assumed bool) {
	switch {
	case c.Report.Sample.Date != "":
		return c.Report.Sample.Date, false
	case c.Lot != nil && c.Lot.Date != "":
		return c.Lot.Date, false
	}
	return c.Report.Sample.SampledOn, true
}

// Items returns the report's items of a parameter, by its folded name.
func (c *Case) Items(parameter string) []*traceability.Item {
	var items []*traceability.Item
	for i := range c.Report.Items {
		if item := &c.Report.Items[i]; traceability.Fold(item.Parameter) == traceability.Fold(parameter) {
			items = append(items, item)
		}
	}
	return items
}

// Offered reports whether an item is one that can be recognised: a pass.
func Offered(item *traceability.Item) bool { return item.Verdict == traceability.VerdictPass }
