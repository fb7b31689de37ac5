package page

import (
	"context"
	"errors"

	"deltatrace/traceability"
)

// Bounds of what one page asks for. A page for a person need not be complete:
// where a bound cuts, it says so and links to the JSON, which is.
const (
	maxReports = 1000 // revisions of reports on one lot
	maxNotices = 20   // about samples of one lot
	maxDepth   = 20   // events away from the lot
	maxLots    = 200  // lots on the way, which bounds how often its events name them too
	maxEvents  = 200  // events of the lots on the way; and as many of the lot itself
)

// viewer is the public: the pages show no more than that.
var viewer = traceability.Viewer{}

// records is what the ledger says about a lot and its way, as the public may
// see it.
type records struct {
	head    traceability.Head // the read model's last block, from before the rest was read
	lot     traceability.LotRecord
	reports []traceability.ReportRecord                   // all revisions, in the order of the ledger
	recalls []traceability.LotRecall                      // that cover the lot and were announced, the last to cover it first
	notices []traceability.NoticeRecord                   // about samples of the lot that were published
	byID    map[traceability.LotID]*traceability.TraceLot // of lots; see onWayLot
	lots    []traceability.TraceLot                       // on the way, this lot first, nearest first
	made    []*traceability.TraceEvent                    // by which the lots on the way came of others, each once, nearest first
	events  []traceability.EventRecord                    // of the lots on the way, more than onWay
	parties map[traceability.PartyID]traceability.PartyRecord
	onWay   map[traceability.EventID]bool // which of the events this lot's way went through

	moreReports bool // a bound cut the reports
	moreWay     bool // a bound cut the way
}

// gatherLot reads the lot, who registered it, and its reports. Errors:
// traceability.ErrNotFound.
func gatherLot(ctx context.Context, r traceability.Reader, head traceability.Head, id traceability.LotID) (*records, error) {
	rec := &records{head: head, parties: make(map[traceability.PartyID]traceability.PartyRecord)}
	lot, err := r.Lot(ctx, id)
	if err != nil {
		return nil, err
	}
	rec.lot = viewer.Lot(lot)
	list, err := r.Reports(ctx, traceability.ReportFilter{Lot: id}, traceability.Page{Limit: maxReports})
	if err != nil {
		return nil, err
	}
	rec.moreReports = list.Next != ""
	for _, report := range list.Items {
		if report, ok := viewer.Report(report); ok {
			rec.reports = append(rec.reports, report)
		}
	}
	notices, err := r.Notices(ctx, traceability.NoticeFilter{Lot: id, Public: true}, traceability.Page{Limit: maxNotices})
	if err != nil {
		return nil, err
	}
	for _, n := range notices.Items {
		if n, ok := viewer.Notice(n); ok {
			rec.notices = append(rec.notices, n)
		}
	}
	recalls, err := r.RecallsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, recall := range recalls {
		rec.recalls = append(rec.recalls, viewer.LotRecall(recall))
	}
	parties := []traceability.PartyID{rec.lot.Registrant}
	for _, report := range rec.reports {
		parties = append(parties, report.Lab)
	}
	return rec, rec.meet(ctx, r, parties)
}

// gatherWay adds what the lot came from and what happened on the way.
func (rec *records) gatherWay(ctx context.Context, r traceability.Reader) error {
	made := make(map[traceability.EventID]*traceability.TraceEvent)
	up := traceability.TraceQuery{Lot: rec.lot.ID, Direction: traceability.Up, Depth: maxDepth, Limit: maxLots}
	for step, err := range r.Trace(ctx, up) {
		if err != nil {
			return err
		}
		step = viewer.Step(step)
		switch {
		case step.Lot != nil:
			rec.lots = append(rec.lots, *step.Lot)
		case step.Event != nil && made[step.Event.ID] != nil:
			again := made[step.Event.ID]
			again.To = append(again.To, step.Event.To...)
		case step.Event != nil:
			made[step.Event.ID] = step.Event
			rec.made = append(rec.made, step.Event)
		case step.Cut != "":
			rec.moreWay = true
		}
	}
	// The lot's own events apart from the others', so that a busy supplier
	// cannot crowd them out.
	var earlier []traceability.LotID
	for _, lot := range rec.lots {
		if lot.ID != rec.lot.ID {
			earlier = append(earlier, lot.ID)
		}
	}
	// Its registrant's come first, so that a customer cannot either.
	for _, party := range []traceability.PartyID{rec.lot.Registrant, ""} {
		if err := rec.gatherEvents(ctx, r, party, []traceability.LotID{rec.lot.ID}); err != nil {
			return err
		}
	}
	if len(earlier) > 0 {
		if err := rec.gatherEvents(ctx, r, "", earlier); err != nil {
			return err
		}
	}
	var parties []traceability.PartyID
	for _, event := range rec.made {
		parties = append(parties, event.ID.Party())
	}
	for _, event := range rec.events {
		parties = append(parties, event.Party)
		if event.To != "" {
			parties = append(parties, event.To)
		}
	}
	rec.onWay = rec.relevant()
	return rec.meet(ctx, r, parties)
}

// gatherEvents adds the events of lots, of all parties or of one.
func (rec *records) gatherEvents(ctx context.Context, r traceability.Reader, party traceability.PartyID, lots []traceability.LotID) error {
	list, err := r.Events(ctx, traceability.EventFilter{Lots: lots, Party: party}, traceability.Page{Limit: maxEvents})
	if err != nil {
		return err
	}
	rec.moreWay = rec.moreWay || list.Next != ""
	known := make(map[traceability.EventID]bool, len(rec.events))
	for _, event := range rec.events {
		known[event.ID] = true
	}
	for _, event := range list.Items {
		if !known[event.ID] {
			rec.events = append(rec.events, viewer.Event(event))
		}
	}
	return nil
}

// meet reads the parties that are not known yet. One that is missing stays
// unnamed; it does not hide the rest.
func (rec *records) meet(ctx context.Context, r traceability.Reader, ids []traceability.PartyID) error {
	for _, id := range ids {
		if _, ok := rec.parties[id]; ok || id == "" {
			continue
		}
		party, err := r.Party(ctx, id)
		if err != nil && !errors.Is(err, traceability.ErrNotFound) {
			return err
		}
		party.ID = id
		rec.parties[id] = viewer.Party(party)
	}
	return nil
}
