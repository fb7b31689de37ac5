package store

import (
	"context"
	"errors"
	"slices"

	"deltatrace/traceability"
)

// alert tells those concerned that something was done with recalled lots. What is
// only noted, and what brings the goods back, is what a recall is for. Of all the
// recalls that an event meets the gravest are told of, of each some lots, and each
// to the few whom it concerns: so what is written stays in proportion to the event.
func (r *spreading) alert(ctx context.Context, c *change, meetings []*meeting) error {
	if c.typ == traceability.EventObserve {
		return nil
	}
	made, err := r.makers(ctx, c)
	if err != nil {
		return err
	}
	told := make([]*meeting, 0, len(meetings))
	for _, m := range meetings {
		m.lots = slices.DeleteFunc(m.lots, func(lot traceability.LotID) bool { return c.returns(made[lot], m.recall.Producer) })
		slices.Sort(m.lots)
		if m.lots = slices.Compact(m.lots); len(m.lots) > 0 {
			told = append(told, m)
		}
	}
	further := max(0, len(told)-traceability.MaxAlerts)
	for _, m := range told[:len(told)-further] {
		if err := r.tell(ctx, c, m, further); err != nil {
			return err
		}
	}
	return nil
}

// tell writes the alert of one recall.
func (r *spreading) tell(ctx context.Context, c *change, m *meeting, further int) error {
	province, err := r.province(ctx, c.party)
	if err != nil {
		return err
	}
	recall, shown := m.recall, min(len(m.lots), traceability.MaxAlertLots)
	body, err := traceability.Canonical(traceability.Alert{Recall: recall.ID, Lots: m.lots[:shown], More: len(m.lots) - shown, Further: further,
		Event: c.event, Type: c.typ, Time: c.time, Party: c.party, Province: province, Producer: recall.Producer,
		Document: traceability.Position{Block: c.at.block(), Tx: c.tx, Time: c.recorded}})
	if err != nil {
		return err
	}
	told := append(recall.Parties(), c.party)
	if province != "" {
		told = append(told, traceability.Regulator(province))
	}
	slices.Sort(told)
	var parties, signals []any
	signal := traceability.Signal{Kind: traceability.SignalRecalledLot, Subject: traceability.RecallKey(recall.ID), Province: recall.Province, By: c.party, Urgent: recall.Level == traceability.RecallI}
	for _, party := range slices.Compact(told) {
		parties = append(parties, string(party), int64(c.at), string(recall.ID))
		signals = append(signals, feedRow(c.at, c.recorded, signal, traceability.To(party))...)
	}
	return errors.Join(r.insert(ctx, tableAlerts, []any{int64(c.at), string(recall.ID), string(body)}),
		r.insert(ctx, tableAlertParties, parties), r.insert(ctx, tableFeed, signals))
}

// makers returns who registered the lots of a delivery; of no other event.
func (r *spreading) makers(ctx context.Context, c *change) (map[traceability.LotID]traceability.PartyID, error) {
	made := make(map[traceability.LotID]traceability.PartyID)
	if c.receiver() == "" {
		return made, nil
	}
	for chunk := range slices.Chunk(c.lots, inListSizes[len(inListSizes)-1]) {
		lots := make([]traceability.LotID, len(chunk))
		for i, t := range chunk {
			lots[i] = t.lot
		}
		args := inList(lots)
		question := "-- name: makers\nSELECT id, registrant FROM lots WHERE id IN (" + placeholders(len(args)) + ")"
		err := r.tx.query(ctx, question, args, func(scan func(...any) error) error {
			var lot traceability.LotID
			var party traceability.PartyID
			err := scan(&lot, &party)
			made[lot] = party
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return made, nil
}

// receiver returns to whom a delivery goes, or nobody for any other event.
func (c *change) receiver() traceability.PartyID {
	if c.typ == traceability.EventReceive {
		return c.party
	}
	return c.to
}

// returns reports whether a delivery brings a lot back to who made it, or to the
// recall's producer.
func (c *change) returns(maker, producer traceability.PartyID) bool {
	to := c.receiver()
	return to != "" && (to == maker || to == producer)
}

// province returns whose regulator admitted a party, if it is known.
func (r *spreading) province(ctx context.Context, party traceability.PartyID) (traceability.ProvinceCode, error) {
	var province traceability.ProvinceCode
	err := one(ctx, r.tx, "-- name: province of party\nSELECT province FROM parties WHERE id = ?", []any{string(party)}, &province)
	return province, ignoreAbsent(err)
}

func ignoreAbsent(err error) error {
	if errors.Is(err, traceability.ErrNotFound) {
		return nil
	}
	return err
}
