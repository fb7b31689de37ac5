package recognition

import (
	"slices"

	"deltatrace/traceability"
)

// DisputeOf returns whether a report's findings are contested at the end of a day, as the notice about the sample says; notice is nil when there is none. Only a
// notice can be contested, and there is one only where something failed: so a report
// without failures and without a notice is not contested, and one with failures whose
// notice is still to come is not known to be. Of a notice that has moved since the
// day, the ledger's state does not say how it stood then. While a notice stands, what
// a laboratory says in another revision of the report changes nothing.
func DisputeOf(id traceability.ReportID, report *traceability.Report, notice *traceability.Notice, day traceability.Date) Dispute {
	after := func(d traceability.Done) bool {
		return traceability.DateOf(d.At) > day || traceability.DateOf(d.Recorded) > day
	}
	switch {
	case notice == nil || traceability.DateOf(notice.Issued) > day:
		if slices.ContainsFunc(report.Items, func(i traceability.Item) bool { return i.Verdict == traceability.VerdictFail }) {
			return DisputeUnknown
		}
		return DisputeNone
	case slices.ContainsFunc(notice.Done, after):
		return DisputeUnknown
	case id.Series() == notice.Report.Series() && id != notice.Report:
		if notice.Outcome == traceability.Overturned {
			return DisputeNone
		}
		return DisputeNoticed
	case notice.Outcome == traceability.Overturned:
		return DisputeOverturned
	case contested(notice):
		return DisputeOpen
	case notice.Outcome == traceability.Upheld:
		return DisputeUpheld
	default:
		return DisputeNone
	}
}

// contested reports whether an objection or a re-inspection is under way: applied
// for or filed, and neither refused, withdrawn nor counted in a determination.
func contested(n *traceability.Notice) bool {
	if r := n.Reinspection; r != nil && n.Outcome == "" && r.Progress != traceability.None && r.Progress != traceability.Refused {
		return true
	}
	return slices.ContainsFunc(n.Objections, func(o traceability.Objection) bool {
		switch o.Progress {
		case traceability.Filed, traceability.Awaiting, traceability.Accepted:
			return true
		case traceability.Granted:
			return !o.Counted
		}
		return false
	})
}
