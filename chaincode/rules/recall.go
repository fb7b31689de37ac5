package rules

import (
	"fmt"
	"slices"

	"deltatrace/traceability"
)

// recallReads foresees the keys of an opening.
func recallReads(say *traceability.RecallOpen) []string {
	keys := []string{traceability.RecallKey(say.ID())}
	for _, lot := range say.Lots {
		keys = append(keys, traceability.LotKey(lot), traceability.RecallMarkKey(lot))
		keys = append(keys, gtinReads(lot)...)
	}
	if say.Notice != "" {
		keys = append(keys, traceability.NoticeKey(say.Notice))
	}
	if start, _ := traceability.RecallTimers(say.Level); start != "" {
		keys = append(keys, clockReads(say.At, start)...)
	}
	return keys
}

// recallDocument returns this very document of a recall, if it is there; see
// noticeDocument.
func (s *statement) recallDocument(id traceability.RecallID) (string, []traceability.Entry) {
	key := traceability.RecallKey(id)
	state := get[traceability.RecallState](s.view, key)
	if state == nil {
		return "", nil
	}
	for i, done := range state.Recall.Done {
		if done.Document == s.document.ID {
			return key, state.Documents[i : i+1]
		}
	}
	return key, nil
}

// openRecall begins a recall. One that was withdrawn begins anew in the same
// record, which keeps what was before.
func (s *statement) openRecall(say *traceability.RecallOpen) *traceability.Error {
	if problem := s.role(traceability.KindOperator, traceability.KindRegulator); problem != nil {
		return problem
	}
	if problem := s.timely("at", say.At); problem != nil {
		return problem
	}
	first, problem := s.recalledLots(say.Lots)
	if problem != nil || s.err != nil {
		return problem
	}
	r := traceability.Recall{
		ID: say.ID(), Phase: traceability.PhaseVoluntary, Level: say.Level, Producer: s.maker(first), Notice: say.Notice, Lots: say.Lots, Downstream: say.Downstream,
		Product: first.Product, ProductEN: first.ProductEN, Unit: first.Unit, Hazard: say.Hazard, Reason: say.Reason, Measures: say.Measures, Regions: say.Regions,
		Known: traceability.Instant(say.At), Opened: s.tx.Time,
	}
	producer := s.party(r.Producer)
	if producer == nil {
		return nil // the view has failed: who registered a lot is on the ledger
	}
	r.Province = producer.Province
	if problem := s.mayRecall(&r); problem != nil || s.err != nil {
		return problem
	}
	key := traceability.RecallKey(r.ID)
	state := get[traceability.RecallState](s.view, key)
	if state == nil {
		state = &traceability.RecallState{}
	}
	if before := &state.Recall; len(before.Done) > 0 && before.Phase != traceability.PhaseWithdrawn {
		return s.conflict(key, before.Done[0].Document, "lots",
			"该批次已有召回 "+string(r.ID), "the lot has its recall already, "+string(r.ID))
	}
	if problem := s.unmarked(&r); problem != nil || s.err != nil {
		return problem
	}
	if problem := s.countRecall(&r); problem != nil || s.err != nil {
		return problem
	}
	if before := &state.Recall; len(before.Done) > 0 {
		r.Opened, r.Deadlines, r.Done = before.Opened, before.Deadlines, before.Done
	}
	state.Recall = r
	a := &recallAct{periods: &periods{statement: s, list: &state.Recall.Deadlines, at: r.Known}, recall: &state.Recall}
	state.Recall.Done = append(state.Recall.Done, traceability.Done{Document: s.document.ID, By: s.signer, At: r.Known, Recorded: s.tx.Time})
	a.beginStart()
	state.Documents = append(state.Documents, s.entry)
	state.Recall.Remarks = s.remarks()
	put(s.view, key, state)
	s.mark(&state.Recall)
	s.outcome.Record = key
	return nil
}

// recalledLots checks that the lots are one producer's, in units that
// convert, and returns the first.
func (s *statement) recalledLots(lots []traceability.LotID) (*lot, *traceability.Error) {
	var first *lot
	for i, id := range lots {
		l := s.lot(id)
		switch {
		case l == nil:
			return nil, refuse(traceability.CodeUnknownLot, place("lots", i), string(id), "a registered lot", "批次未登记", "the lot is not registered")
		case first == nil:
			first = l
		case s.maker(l) != s.maker(first):
			return nil, refuse(traceability.CodeNotYours, place("lots", i), string(s.maker(l)), string(s.maker(first)),
				"一次召回的批次须由同一生产者登记", "the lots of a recall are registered by one producer")
		}
		if _, err := (traceability.Quantity{Value: "1", Unit: l.Unit}).In(first.Unit); err != nil {
			return nil, asError(err).At(place("lots", i))
		}
	}
	return first, nil
}

// maker returns whose recall one of the lot would be: its registrant's, or the
// signer's when the lot is of its GTIN, whoever has registered it.
func (s *statement) maker(l *lot) traceability.PartyID {
	if s.ownsGTIN(l.ID, s.signer) {
		return s.signer
	}
	return l.registrant
}

// mayRecall checks that the signer may recall the producer's lots: the producer
// itself; the regulator of its province; the one that organised the sampling which
// the recall follows from. A regulator's recall is an order.
func (s *statement) mayRecall(r *traceability.Recall) *traceability.Error {
	var notice *traceability.Notice
	if r.Notice != "" {
		state := get[traceability.NoticeState](s.view, traceability.NoticeKey(r.Notice))
		regulator := s.signer.Kind() == traceability.KindRegulator
		if state == nil || !regulator && !slices.Contains(state.Notice.Parties(), s.signer) {
			return refuse(traceability.CodeUnknownNotice, "notice", string(r.Notice), "a notice that concerns the signer",
				"没有此不合格样品通报，或与签名方无关", "there is no such notice, or it does not concern the signer")
		}
		notice = &state.Notice
		if notice.Outcome == traceability.Overturned {
			return refuse(traceability.CodeWrongState, "notice", "state "+string(notice.Phase), "a notice that was not overturned",
				"该通报已撤销，不能作为召回依据", "the notice was overturned; no recall follows from it")
		}
		// Who may recall the lots anyway may do so because of food that was made of them.
		if s.author.Province != r.Province && !rests(r, notice) {
			return refuse(traceability.CodeInvalid, "notice", string(r.Notice), "a notice about one of the lots, or about food of their producer "+string(r.Producer),
				"该通报的批次和生产者与被召回的批次无关，不能作为其召回依据", "the notice is about none of these lots, nor about their producer; their recall does not follow from it")
		}
	}
	switch {
	case s.signer == r.Producer:
		return nil
	case s.signer.Kind() == traceability.KindOperator:
		return refuse(traceability.CodeNotYours, "lots", string(r.Producer), string(s.signer),
			"批次由其他主体登记，只能由其生产者召回", "the lots are another party's; their producer recalls them")
	case s.author.Province != r.Province && (notice == nil || notice.Organiser != s.author.Province):
		return refuse(traceability.CodeNotAllowed, "kid", string(s.signer), string(traceability.Regulator(r.Province))+", or the organiser of the notice",
			"责令召回的须为生产者所在地监管部门，或所依据通报的组织单位", "to order a recall is for the regulator of the producer's province, or for the organiser of the notice it follows from")
	case r.Level == traceability.RecallFlaw:
		return refuse(traceability.CodeInvalid, "level", string(r.Level), "I, II or III", "标签瑕疵由生产者自愿召回，不作责令", "a flaw of a label is recalled voluntarily, not by order")
	}
	r.Phase, r.OrderedBy = traceability.PhaseOrdered, s.author.Province
	return nil
}

// rests reports whether a recall can follow from a notice: the sample was drawn from
// one of the lots, or the food is of the producer whose lots they are, as the label
// claims it or as it was sampled there.
func rests(r *traceability.Recall, n *traceability.Notice) bool {
	if n.Lot != "" && slices.Contains(r.Lots, n.Lot) {
		return true
	}
	maker := n.Recipient(recipientOf(n, traceability.LinkProduction))
	return slices.Contains(n.Links, traceability.LinkProduction) && maker.Party == r.Producer && !n.Cleared
}

// unmarked checks that no other recall begins with one of the lots.
func (s *statement) unmarked(r *traceability.Recall) *traceability.Error {
	for i, lot := range r.Lots {
		mark := get[traceability.RecallMark](s.view, traceability.RecallMarkKey(lot))
		if mark != nil && !mark.Withdrawn && mark.Recall != r.ID {
			s.outcome.Record = traceability.RecallKey(mark.Recall)
			return refuse(traceability.CodeConflict, place("lots", i), string(lot), "a lot of no other recall",
				"该批次已在召回 "+string(mark.Recall)+" 中", "the lot is in the recall "+string(mark.Recall)+" already")
		}
	}
	return nil
}

// countRecall notes a recall among its producer's own while it is one, and refuses
// one too many.
func (s *statement) countRecall(r *traceability.Recall) *traceability.Error {
	if r.OrderedBy != "" {
		return nil
	}
	key := traceability.OwnRecallsKey(r.Producer)
	own := get[traceability.OwnRecalls](s.view, key)
	if own == nil {
		own = &traceability.OwnRecalls{}
	}
	i, counted := slices.BinarySearch(own.Recalls, r.ID)
	switch {
	case counted == !r.Over():
		return nil
	case counted:
		own.Recalls = slices.Delete(own.Recalls, i, i+1)
	case len(own.Recalls) >= traceability.MaxOwnRecalls:
		return refuse(traceability.CodeTooManyRecalls, "lots", fmt.Sprintf("%d recalls", len(own.Recalls)), fmt.Sprintf("fewer than %d that are not over", traceability.MaxOwnRecalls),
			fmt.Sprintf("主动启动而尚未结束的召回已达 %d 次，请合并批次或先结束其他召回", traceability.MaxOwnRecalls),
			fmt.Sprintf("%d recalls of the producer's own will are not over: put lots together, or bring others to their end first", traceability.MaxOwnRecalls))
	default:
		own.Recalls = slices.Insert(own.Recalls, i, r.ID)
	}
	put(s.view, key, own)
	return nil
}

// mark notes at each of the recall's lots how the recall stands.
func (s *statement) mark(r *traceability.Recall) {
	for _, lot := range r.Lots {
		put(s.view, traceability.RecallMarkKey(lot), &traceability.RecallMark{Recall: r.ID, Binding: r.Binding(), Withdrawn: r.Phase == traceability.PhaseWithdrawn})
	}
}

// warnRecalled warns who uses a lot that a recall begins with. Taking goods back
// is what a recall is for: a delivery to the producer is none of it, nor is what
// is only noted.
func (s *statement) warnRecalled(e *traceability.Event) {
	if e.Type == traceability.EventObserve {
		return
	}
	for _, list := range []struct {
		field   string
		entries []traceability.LotQuantity
	}{{"inputs", e.Inputs}, {"outputs", e.Outputs}, {"lots", e.Lots}} {
		for i, entry := range list.entries {
			mark := get[traceability.RecallMark](s.view, traceability.RecallMarkKey(entry.Lot))
			if mark == nil || !mark.Binding || s.returned(e, entry.Lot) {
				continue
			}
			s.warn(refuse(traceability.CodeRecalledLot, place(list.field, i)+".lot", string(entry.Lot), "a lot that is not recalled",
				"该批次已被召回（"+string(mark.Recall)+"），请停止使用和销售", "the lot is recalled ("+string(mark.Recall)+"); stop using and selling it"))
		}
	}
}

// returned reports whether a delivery brings the goods back to the producer.
func (s *statement) returned(e *traceability.Event, id traceability.LotID) bool {
	l := s.lot(id)
	return l != nil && (e.Type == traceability.EventShip && e.To == l.registrant || e.Type == traceability.EventReceive && s.signer == l.registrant)
}
