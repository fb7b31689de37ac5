package traceability

import (
	"slices"
	"time"
)

// NoticeFilter restricts a list of notices. Empty fields do not restrict.
type NoticeFilter struct {
	Party   PartyID   // whom it concerns; the list is then ordered by what that party has to do next
	Phase   Phase     // where it stands
	Public  bool      // a row of it was published
	Lot     LotID     // that the sample was drawn from
	Overdue time.Time // with Party: one of the party's periods ended before, and what was due is not done
	Past    bool      // with Done, and with the periods that ended
}

// PublishedFilter restricts the list of what was published. Empty fields do not
// restrict.
type PublishedFilter struct {
	Text     string // stands in the product's or the claimed producer's name as published: 2 to 100 characters, compared as Fold does and without letter case
	From, To Date   // the days, in China, from and to which it was first published
}

// NoticeRecord is a notice as it stands. History is there when one notice is
// asked for, not in lists. Lists also leave out what makes up most of a long case,
// Done and the periods that ended, unless NoticeFilter.Past asks for them.
type NoticeRecord struct {
	Notice
	History []NoticeEntry `json:"history,omitempty"` // in the order of the ledger
}

// NoticeEntry is a document of a notice: who signed what, when, and what it says
// to those who may read it.
type NoticeEntry struct {
	DocumentRef
	Issue *NoticeIssue `json:"issue,omitzero"`
	Act   *NoticeAct   `json:"act,omitzero"`
}

// NoticeStats is what one province did with notices, up to and with the day (in
// China) that was asked for. Overdue is as of the second that was asked for, of
// the periods that run now: one that was met since is no longer counted.
type NoticeStats struct {
	Province     ProvinceCode `json:"province"`
	Issued       int          `json:"issued"`                // notices that it organised
	Acknowledged int          `json:"acknowledged"`          // how often it acknowledged what it was sent
	MedianHours  *int         `json:"median_hours,omitzero"` // from being told to acknowledging: whole hours, rounded up; the lower median; nil for none
	Overdue      int          `json:"overdue"`               // notices in which one of its periods has ended and what was due is not done
	Closed       int          `json:"closed"`                // of those that it organised
}

// ReportNotice is what a report's record tells of the notice about the sample, the
// same for all revisions of the report.
type ReportNotice struct {
	ID      NoticeID  `json:"notice"`
	Report  ReportID  `json:"report"` // the revision that it is about
	Phase   Phase     `json:"state"`
	Public  bool      `json:"public"` // the failure stands published
	Outcome Decision  `json:"-"`
	Parties []PartyID `json:"-"` // whom it concerns
}

// open reports whether the public may see the report. A failure is public by its
// notice, and that binds to one revision, with its lot and its items: a later one
// says what no regulator has published, green or red, and is open once the
// organiser has adopted it (see NoticeAct.Report), or, when it does not fail, once
// the finding was overturned. So is the report of a re-inspection.
func (r *ReportRecord) open() bool {
	n := r.Notice
	if n == nil || r.ID.Revision() < n.Report.Revision() {
		return !r.Failed()
	}
	return r.published() || n.Outcome == Overturned && !r.Failed()
}

// published reports whether it is this revision that stands published.
func (r *ReportRecord) published() bool {
	return r.Notice != nil && r.Notice.Public && r.Notice.Report == r.ID
}

// shown is what the public sees of it: nothing until it is published.
func (n *ReportNotice) shown() *ReportNotice {
	if n == nil || !n.Public {
		return nil
	}
	return n
}

// Failed reports whether the report speaks of a failure.
func (r *Report) Failed() bool {
	return r.Verdict == VerdictFail || slices.ContainsFunc(r.Items, func(item Item) bool { return item.Verdict == VerdictFail })
}

// DueAt returns the periods that were running at a time, the next to end first;
// those that cannot be counted come before all. With a party only its own.
func (n *Notice) DueAt(now time.Time, party PartyID) []Deadline {
	return dueAt(n.Deadlines, now, party)
}

func dueAt(deadlines []Deadline, now time.Time, party PartyID) []Deadline {
	var list []Deadline
	for _, d := range deadlines {
		if d.RunningAt(now) && (party == "" || d.Of == party) {
			list = append(list, d)
		}
	}
	slices.SortStableFunc(list, func(a, b Deadline) int { return a.Due.Compare(b.Due) })
	return list
}

// shown is what the public sees of a notice that was published: the last row, and
// what became of those before it.
func (n *Notice) shown() Notice {
	shown := Notice{ID: n.ID, Phase: n.Phase, Outcome: n.Outcome, Cleared: n.Cleared, Organiser: n.Organiser, Lot: n.Lot, SamplingNo: n.SamplingNo, FoodName: n.FoodName}
	if n.Public() {
		shown.Report = n.Report
	}
	for i, v := range n.Publication {
		v.Reason = ""
		if i < len(n.Publication)-1 {
			v.Row = nil
		}
		if v.Row != nil {
			row := *v.Row
			row.Producer, row.SampledUnit = maskFirm(row.Producer), maskFirm(row.SampledUnit)
			v.Row = &row
		}
		shown.Publication = append(shown.Publication, v)
	}
	return shown
}

// forParty is what a business or laboratory sees of a notice that concerns it:
// not what other businesses wrote, nor how provinces answered and handle it.
func (n NoticeRecord) forParty(party PartyID) NoticeRecord {
	n.Provinces = slices.Clone(n.Provinces)
	for i := range n.Provinces {
		n.Provinces[i].Answers = nil
	}
	n.Cases = slices.Clone(n.Cases)
	for i := range n.Cases {
		n.Cases[i].Steps, n.Cases[i].Cause = nil, ""
	}
	n.History = slices.Clone(n.History)
	for i := range n.History {
		if n.History[i].hiddenFrom(party) {
			n.History[i].Act = nil
		}
	}
	return n
}

// hiddenFrom reports whether a business or laboratory must not read an act: that
// is what other businesses wrote, and how provinces answer and handle the case.
func (e *NoticeEntry) hiddenFrom(party PartyID) bool {
	others := e.Party != party && (e.Party.Kind() == KindOperator || e.Party.Kind() == KindPlatform)
	return others || e.Act != nil && (e.Act.Act == ActAnswer || e.Act.Link != "")
}

// anothersObjection reports whether the act is about an objection of another
// business than the party.
func (n *Notice) anothersObjection(a *NoticeAct, party PartyID) bool {
	if a == nil || a.Kind == "" || party.Kind() == KindLaboratory {
		return false
	}
	by := n.Recipient(a.For)
	return by == nil || by.Party != party
}

// publishes reports whether the act changed what the public sees.
func (n *Notice) publishes(a *NoticeAct) bool {
	switch {
	case a == nil:
		return false
	case a.Act == ActDetermine: // overturning takes the row back; it happens once
		return a.Decision == Overturned && slices.ContainsFunc(n.Publication, func(v PublicVersion) bool { return v.Act == ActDetermine })
	default:
		return a.Act == ActPublish || a.Act == ActCorrect || a.Act == ActWithdraw
	}
}
