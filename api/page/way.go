package page

import (
	"cmp"
	"slices"
	"time"

	"deltatrace/traceability"
)

// Steps that a timeline shows at its start and its end; what lies between is
// folded when it is worth it.
const (
	stepsHead   = 8
	stepsTail   = 6
	stepsFold   = 4 // at least
	lotsOfAStep = 6
)

// lotView is a lot as a step or a node names it.
type lotView struct {
	ID      traceability.LotID
	Product string
	Batch   string
	Here    bool // the lot of this page
}

// stepView is one step of the timeline.
type stepView struct {
	Type     traceability.EventType
	Title    Key
	Process  string
	Time     time.Time
	Party    partyView
	Place    string
	From, To []lotView // of a transformation
	Lots     []lotView // of everything else
	More     int       // how many lots in all, when not all are named
	SentTo   string
	Arrived  []time.Time
	Here     bool // concerns the lot of this page
	event    traceability.EventID
	block    uint64 // breaks a tie of times that were stated by the day or the hour
}

// wayView is the way from the origin to here.
type wayView struct {
	Head, Folded, Tail []stepView
	FoldedFrom         int // the number of the first folded step, from 1
	TailFrom           int
	Wide, Tall         *graphView // the same graph for a desktop and for a phone; nil for a single lot
	Bounded            bool
}

// way builds the timeline and the graph.
func (rec *records) way(lang Lang) wayView {
	steps := rec.steps(lang)
	v := wayView{Head: steps, Bounded: rec.moreWay}
	if len(steps) >= stepsHead+stepsFold+stepsTail {
		tail := len(steps) - stepsTail
		v.Head, v.Folded, v.Tail = steps[:stepsHead], steps[stepsHead:tail], steps[tail:]
		v.FoldedFrom, v.TailFrom = stepsHead+1, tail+1
	}
	if len(rec.lots) > 1 {
		graph := rec.graph()
		v.Wide, v.Tall = graph.draw(lang, wideLayout), graph.draw(lang, tallLayout)
	}
	return v
}

// steps chooses, from all events of the lots on the way, those that this lot's
// way went through, in order of time.
func (rec *records) steps(lang Lang) []stepView {
	arrivals := make(map[traceability.EventID][]time.Time)
	recorded := make(map[traceability.EventID]bool, len(rec.events))
	for _, e := range rec.events {
		recorded[e.ID] = true
		if e.Type == traceability.EventReceive {
			arrivals[e.Shipment] = append(arrivals[e.Shipment], e.Time)
		}
	}
	var steps []stepView
	for _, e := range rec.events {
		merged := e.Type == traceability.EventReceive && recorded[e.Shipment] && rec.onWay[e.Shipment]
		if !rec.onWay[e.ID] || merged {
			continue
		}
		step := rec.step(lang, e)
		step.Arrived = arrivals[e.ID]
		steps = append(steps, step)
	}
	// A transformation whose event fell to a bound is known from the trace.
	for _, made := range rec.made {
		if recorded[made.ID] {
			continue
		}
		event := traceability.EventRecord{ID: made.ID, Party: made.ID.Party()}
		event.Type, event.Time, event.Inputs, event.Outputs = made.Type, made.Time, made.From, made.To
		steps = append(steps, rec.step(lang, event))
	}
	slices.SortStableFunc(steps, func(a, b stepView) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.block, b.block), cmp.Compare(a.event, b.event))
	})
	return steps
}

// relevant says which events this lot's way went through. Of an earlier lot
// that is: how it came into being, what was noted about it, the transformations
// that lead here, and the shipments that lead to whoever made those. Other
// customers' purchases of the same lot are not this lot's way.
func (rec *records) relevant() map[traceability.EventID]bool {
	chosen := make(map[traceability.EventID]bool)
	held := rec.held()
	for _, made := range rec.made {
		chosen[made.ID] = true
	}
	lots := make(map[traceability.LotID]bool, len(rec.lots))
	for _, lot := range rec.lots {
		lots[lot.ID] = true
	}
	for _, e := range rec.events {
		switch e.Type {
		case traceability.EventCommission:
			chosen[e.ID] = chosen[e.ID] || anyLot(e.Outputs, func(lot traceability.LotID) bool { return lots[lot] })
		case traceability.EventObserve:
			chosen[e.ID] = rec.observes(e)
		case traceability.EventShip:
			chosen[e.ID] = anyLot(e.Lots, func(lot traceability.LotID) bool { return lot == rec.lot.ID || held[holding{lot, e.To}] })
		case traceability.EventReceive:
			chosen[e.ID] = anyLot(e.Lots, func(lot traceability.LotID) bool { return lot == rec.lot.ID || held[holding{lot, e.Party}] })
		case traceability.EventSell:
			chosen[e.ID] = anyLot(e.Lots, func(lot traceability.LotID) bool { return lot == rec.lot.ID })
		}
	}
	return chosen
}

// observes reports whether an observation stands on the lot's page: the words of who
// registered the lot or one that it came from, and of who is there to look. What a
// customer or a rival writes about it does not.
func (rec *records) observes(e traceability.EventRecord) bool {
	if kind := e.Party.Kind(); kind == traceability.KindRegulator || kind == traceability.KindLaboratory {
		return true
	}
	return slices.ContainsFunc(rec.lots, func(lot traceability.TraceLot) bool {
		return lot.Registrant == e.Party && anyLot(e.Lots, func(of traceability.LotID) bool { return of == lot.ID })
	})
}

// holding is a lot in somebody's hands.
type holding struct {
	lot   traceability.LotID
	party traceability.PartyID
}

// held says who passed which lots on to here: whoever used them, whoever shipped them
// to those, and so on. It looks at each shipment's lots once.
func (rec *records) held() map[holding]bool {
	senders := make(map[holding][]traceability.PartyID)
	for _, e := range rec.events {
		if e.Type == traceability.EventShip {
			for _, entry := range e.Lots {
				to := holding{entry.Lot, e.To}
				senders[to] = append(senders[to], e.Party)
			}
		}
	}
	held := make(map[holding]bool)
	var fresh []holding
	hold := func(h holding) {
		if !held[h] {
			held[h] = true
			fresh = append(fresh, h)
		}
	}
	for _, made := range rec.made {
		for _, entry := range made.From {
			hold(holding{entry.Lot, made.ID.Party()})
		}
	}
	for len(fresh) > 0 {
		h := fresh[len(fresh)-1]
		fresh = fresh[:len(fresh)-1]
		for _, sender := range senders[h] {
			hold(holding{h.lot, sender})
		}
	}
	return held
}

func anyLot(list []traceability.LotQuantity, ok func(traceability.LotID) bool) bool {
	return slices.ContainsFunc(list, func(entry traceability.LotQuantity) bool { return ok(entry.Lot) })
}

// step describes an event.
func (rec *records) step(lang Lang, e traceability.EventRecord) stepView {
	v := stepView{
		Type: e.Type, Title: Key("step." + string(e.Type)), Process: e.Process, Time: e.Time,
		Party: rec.party(lang, e.Party), Place: place(lang, e.Place), event: e.ID, block: e.Document.Position.Block,
	}
	here := func(lot traceability.LotID) bool { return lot == rec.lot.ID }
	v.Here = anyLot(e.Inputs, here) || anyLot(e.Outputs, here) || anyLot(e.Lots, here)
	if e.To != "" {
		v.SentTo = rec.party(lang, e.To).Name
	}
	switch e.Type {
	case traceability.EventTransform, traceability.EventAggregate:
		v.From, v.To = rec.lotViews(lang, e.Inputs), rec.lotViews(lang, e.Outputs)
		v.More = overflow(len(v.From), len(e.Inputs))
	case traceability.EventCommission:
		if a := rec.parties[e.Party].Admission; a != nil && a.Stage == traceability.StageFarm {
			v.Title = "step.harvest"
		}
		v.Lots = rec.lotViews(lang, e.Outputs)
		v.More = overflow(len(v.Lots), len(e.Outputs))
	default:
		v.Lots = rec.lotViews(lang, e.Lots)
		v.More = overflow(len(v.Lots), len(e.Lots))
	}
	if len(v.Lots) == 1 && v.Here {
		v.Lots = nil // Here says it
	}
	return v
}

func overflow(named, all int) int {
	if named < all && named == lotsOfAStep {
		return all
	}
	return 0
}

// lotViews names the lots of an event that are on the way; what else the event
// was about is no concern of this lot's page.
func (rec *records) lotViews(lang Lang, list []traceability.LotQuantity) []lotView {
	var views []lotView
	for _, entry := range list {
		lot := rec.onWayLot(entry.Lot)
		if lot == nil {
			continue
		}
		views = append(views, lotView{
			ID: entry.Lot, Batch: entry.Lot.Batch(), Here: entry.Lot == rec.lot.ID, Product: prefer(lang, lot.Product, lot.ProductEN),
		})
		if len(views) == lotsOfAStep {
			break
		}
	}
	return views
}

// onWayLot returns one of the lots on the way, or nil.
func (rec *records) onWayLot(id traceability.LotID) *traceability.TraceLot {
	if rec.byID == nil {
		rec.byID = make(map[traceability.LotID]*traceability.TraceLot, len(rec.lots))
		for i := range rec.lots {
			rec.byID[rec.lots[i].ID] = &rec.lots[i]
		}
	}
	return rec.byID[id]
}
