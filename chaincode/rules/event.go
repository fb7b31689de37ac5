package rules

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"deltatrace/traceability"
)

// eventReads foresees the keys of an event.
func eventReads(signer traceability.PartyID, e *traceability.Event) []string {
	keys := []string{traceability.EventKey(traceability.NewEventID(signer, e.Ref))}
	if e.Shipment != "" {
		keys = append(keys, traceability.EventKey(e.Shipment), traceability.ArrivalKey(e.Shipment))
	}
	if e.To != "" {
		keys = append(keys, traceability.PartyKey(e.To))
	}
	for _, entry := range e.Outputs {
		keys = append(keys, gtinReads(entry.Lot)...)
	}
	for _, list := range [][]traceability.LotQuantity{e.Inputs, e.Outputs, e.Lots} {
		for _, entry := range list {
			keys = append(keys, traceability.LotKey(entry.Lot), traceability.HoldingKey(entry.Lot, signer), traceability.RecallMarkKey(entry.Lot))
		}
	}
	return keys
}

// recordEvent keeps what happened and moves the amounts. Each party has its own
// record of what it holds of a lot, so that events of different parties never
// touch the same key.
func (s *statement) recordEvent(e *traceability.Event) *traceability.Error {
	kinds := []traceability.PartyKind{traceability.KindOperator}
	if e.Type == traceability.EventObserve {
		kinds = append(kinds, traceability.KindRegulator, traceability.KindLaboratory)
	}
	if problem := s.role(kinds...); problem != nil {
		return problem
	}
	id := traceability.NewEventID(s.signer, e.Ref)
	key := traceability.EventKey(id)
	if state := get[traceability.EventState](s.view, key); state != nil {
		document := s.read(state.Document)
		if document == nil {
			return nil // the view has failed
		}
		return s.conflict(key, document.ID, "ref",
			"编号 "+e.Ref+" 已用于另一事件；请使用新的编号", "the number "+e.Ref+" is another event's; use a new one")
	}
	if e.Time.After(s.tx.Time.Add(traceability.ClockSkew)) {
		return s.future("time", e.Time.UTC().Format(time.RFC3339))
	}
	if problem := s.move(e); problem != nil {
		return problem
	}
	s.warnRecalled(e)
	put(s.view, key, &traceability.EventState{Document: s.entry, Remarks: s.remarks()})
	s.outcome.Record = key
	return nil
}

// move checks an event's lots and amounts and writes the holdings. Nothing is
// written before everything is checked: a rejected document writes nothing.
func (s *statement) move(e *traceability.Event) *traceability.Error {
	var m movement
	switch e.Type {
	case traceability.EventCommission, traceability.EventTransform, traceability.EventAggregate:
		if problem := selfReference(e); problem != nil {
			return problem
		}
		if problem := s.take(&m, "inputs", e.Inputs); problem != nil {
			return problem
		}
		if problem := s.bring(&m, e.Outputs); problem != nil {
			return problem
		}
	case traceability.EventShip:
		if _, problem := s.subject(e.To); problem != nil {
			return problem.At("to")
		}
		if e.To == s.signer {
			return refuse(traceability.CodeSelfReference, "to", string(e.To), "another party", "不能发货给自己", "a party cannot ship to itself")
		}
		if problem := s.take(&m, "lots", e.Lots); problem != nil {
			return problem
		}
	case traceability.EventSell:
		if problem := s.take(&m, "lots", e.Lots); problem != nil {
			return problem
		}
	case traceability.EventReceive:
		if problem := s.arrive(&m, e); problem != nil {
			return problem
		}
	case traceability.EventObserve:
		for i, entry := range e.Lots {
			lot, problem := s.needLot(place("lots", i), entry.Lot)
			if problem != nil {
				return problem
			}
			if problem := s.mayObserve(place("lots", i), lot); problem != nil {
				return problem
			}
		}
	}
	for _, change := range m.holdings {
		put(s.view, change.key, change.holding)
	}
	if m.arrival != nil {
		put(s.view, traceability.ArrivalKey(e.Shipment), m.arrival)
	}
	return nil
}

// mayObserve refuses an operator's word about goods that it has nothing to do with:
// it registered the lot, or holds or held some of it. A regulator and a laboratory see
// what others have.
func (s *statement) mayObserve(at string, l *lot) *traceability.Error {
	if s.signer.Kind() != traceability.KindOperator || l.registrant == s.signer || s.value(traceability.HoldingKey(l.ID, s.signer)) != nil {
		return nil
	}
	return refuse(traceability.CodeNotYours, at+".lot", string(l.registrant), "a lot that the signer registered, or holds or held",
		"签名方未登记过该批次，也未持有过", "the signer did not register this lot, and never held any of it")
}

// movement is what an event will write once all of it is found good.
type movement struct {
	holdings []holdingChange
	arrival  *traceability.Arrival
}

type holdingChange struct {
	key     string
	holding *traceability.Holding
}

// take uses up or passes on what the signer holds.
func (s *statement) take(m *movement, field string, list []traceability.LotQuantity) *traceability.Error {
	for i, entry := range list {
		at := place(field, i)
		lot, amount, problem := s.amount(at, entry)
		if problem != nil {
			return problem
		}
		key := traceability.HoldingKey(lot.ID, s.signer)
		holding := get[traceability.Holding](s.view, key)
		if holding == nil {
			holding = &traceability.Holding{In: "0", Out: "0"}
		}
		held := holding.In.Number().Sub(holding.Out.Number())
		if problem := unfit(at, entry, lot, amount, held); problem != nil {
			return problem
		}
		if amount.GreaterThan(held) {
			return refuse(traceability.CodeInsufficient, at+".quantity", entry.Quantity.String(), fmt.Sprintf("at most %s %s", held, lot.Unit),
				fmt.Sprintf("签名方现有该批次 %s %s", held, lot.Unit),
				fmt.Sprintf("the signer holds %s %s of this lot", held, lot.Unit))
		}
		holding.Out = traceability.BalanceOf(holding.Out.Number().Add(amount))
		m.holdings = append(m.holdings, holdingChange{key, holding})
	}
	return nil
}

// bring lets amounts of the signer's own lots come into being, unless the GTIN was
// assigned to another since: then they stay as they are, for that one to take over.
func (s *statement) bring(m *movement, list []traceability.LotQuantity) *traceability.Error {
	for i, entry := range list {
		at := place("outputs", i)
		lot, amount, problem := s.amount(at, entry)
		if problem != nil {
			return problem
		}
		if lot.registrant != s.signer {
			return refuse(traceability.CodeNotYours, at+".lot", string(lot.registrant), string(s.signer),
				"批次由其他主体登记", "the lot is registered by another party")
		}
		if problem := s.strangeGTIN(at+".lot", lot.ID); problem != nil {
			return problem
		}
		if problem := unfit(at, entry, lot, amount, decimal.Zero); problem != nil {
			return problem
		}
		if problem := m.add(s, at, entry, lot, amount); problem != nil {
			return problem
		}
	}
	return nil
}

// arrive takes in what was shipped to the signer, whole or in parts.
func (s *statement) arrive(m *movement, e *traceability.Event) *traceability.Error {
	unknown := refuse(traceability.CodeUnknownShipment, "shipment", string(e.Shipment), "a ship event to "+string(s.signer),
		"发货记录不存在，或收货方不是签名方", "there is no such shipment to the signer")
	state := get[traceability.EventState](s.view, traceability.EventKey(e.Shipment))
	if state == nil {
		return unknown
	}
	document := s.read(state.Document)
	if document == nil {
		return nil // the view has failed
	}
	shipment := decode[traceability.Event](s.view, document)
	if shipment == nil || shipment.Type != traceability.EventShip || shipment.To != s.signer {
		return unknown
	}
	arrival := get[traceability.Arrival](s.view, traceability.ArrivalKey(e.Shipment))
	if arrival == nil {
		arrival = &traceability.Arrival{Amounts: make([]traceability.Balance, len(shipment.Lots))}
		for i := range arrival.Amounts {
			arrival.Amounts[i] = "0"
		}
	}
	for i, entry := range e.Lots {
		at := place("lots", i)
		lot, amount, problem := s.amount(at, entry)
		if problem != nil {
			return problem
		}
		n := -1
		for j, shipped := range shipment.Lots {
			if shipped.Lot == entry.Lot {
				n = j
			}
		}
		if n < 0 {
			return refuse(traceability.CodeUnknownShipment, at+".lot", string(entry.Lot), "a lot of the shipment",
				"该批次不在发货记录中", "the lot is not in the shipment")
		}
		shipped, err := shipment.Lots[n].Quantity.In(lot.Unit)
		if err != nil {
			s.err = err // the shipment was accepted with a good unit
			return nil
		}
		arrived := arrival.Amounts[n].Number().Add(amount)
		left := shipped.Sub(arrival.Amounts[n].Number())
		if problem := unfit(at, entry, lot, amount, left); problem != nil {
			return problem
		}
		if arrived.GreaterThan(shipped) {
			return refuse(traceability.CodeInsufficient, at+".quantity", entry.Quantity.String(), fmt.Sprintf("at most %s %s", left, lot.Unit),
				fmt.Sprintf("该发货尚未收货的数量为 %s %s", left, lot.Unit),
				fmt.Sprintf("%s %s of the shipment have not arrived yet", left, lot.Unit))
		}
		arrival.Amounts[n] = traceability.BalanceOf(arrived)
		if problem := m.add(s, at, entry, lot, amount); problem != nil {
			return problem
		}
	}
	m.arrival = arrival
	return nil
}

// unfit refuses an amount that the lot's unit cannot hold, such as half a gram in
// tonnes: what is held of the lot could not be written down. It may be all there is:
// early ledgers have holdings and shipments of finer amounts, which can be used up
// to the last grain.
func unfit(at string, entry traceability.LotQuantity, lot *lot, amount, all decimal.Decimal) *traceability.Error {
	if traceability.Holds(amount) || amount.Equal(all) {
		return nil
	}
	return refuseUnfit(at, entry, lot, amount)
}

func refuseUnfit(at string, entry traceability.LotQuantity, lot *lot, n decimal.Decimal) *traceability.Error {
	return refuse(traceability.CodeUnfitAmount, at+".quantity", fmt.Sprintf("%s, which comes to %s %s", entry.Quantity, n, lot.Unit),
		"at most 15 digits before the point and 6 after it, in "+string(lot.Unit),
		fmt.Sprintf("以批次的计量单位计为 %s %s，最多 15 位整数、6 位小数", n, lot.Unit),
		fmt.Sprintf("in the lot's unit it comes to %s %s; at most 15 digits before the point and 6 after it can be kept", n, lot.Unit))
}

// add raises what the signer holds of a lot.
func (m *movement) add(s *statement, at string, entry traceability.LotQuantity, lot *lot, amount decimal.Decimal) *traceability.Error {
	key := traceability.HoldingKey(lot.ID, s.signer)
	holding := get[traceability.Holding](s.view, key)
	if holding == nil {
		holding = &traceability.Holding{In: "0", Out: "0"}
	}
	sum := holding.In.Number().Add(amount)
	if !traceability.HoldsWhole(sum) {
		return refuseUnfit(at, entry, lot, sum)
	}
	holding.In = traceability.BalanceOf(sum)
	m.holdings = append(m.holdings, holdingChange{key, holding})
	return nil
}

// amount returns an entry's lot and its quantity in the lot's unit.
func (s *statement) amount(at string, entry traceability.LotQuantity) (*lot, decimal.Decimal, *traceability.Error) {
	lot, problem := s.needLot(at, entry.Lot)
	if problem != nil {
		return nil, decimal.Zero, problem
	}
	amount, err := entry.Quantity.In(lot.Unit)
	if err != nil {
		return nil, decimal.Zero, asError(err).At(at + ".quantity")
	}
	return lot, amount, nil
}

func (s *statement) needLot(at string, id traceability.LotID) (*lot, *traceability.Error) {
	if lot := s.lot(id); lot != nil {
		return lot, nil
	}
	return nil, refuse(traceability.CodeUnknownLot, at+".lot", string(id), "a registered lot", "批次未登记", "the lot is not registered")
}

// selfReference refuses a lot that goes into itself.
func selfReference(e *traceability.Event) *traceability.Error {
	inputs := make(map[traceability.LotID]bool, len(e.Inputs))
	for _, entry := range e.Inputs {
		inputs[entry.Lot] = true
	}
	for i, entry := range e.Outputs {
		if inputs[entry.Lot] {
			return refuse(traceability.CodeSelfReference, place("outputs", i)+".lot", string(entry.Lot), "a lot that is not among the inputs",
				"批次不能以自身为原料", "a lot cannot go into itself")
		}
	}
	return nil
}

func place(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
