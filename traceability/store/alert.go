package store

import (
	"context"
	"errors"
	"slices"

	"deltatrace/traceability"
)

// alert tells those concerned that something was done with a recalled lot. What
// is only noted, and what brings the goods back, is what a recall is for.
func (r *spreading) alert(ctx context.Context, c *change, lot traceability.LotID, recall *traceability.Recall) error {
	if c.typ == traceability.EventObserve {
		return nil
	}
	if back, err := r.returned(ctx, c, lot, recall); back || err != nil {
		return err
	}
	province, err := r.province(ctx, c.party)
	if err != nil {
		return err
	}
	a := traceability.Alert{Recall: recall.ID, Lot: lot, Event: c.event, Type: c.typ, Time: c.time, Party: c.party, Province: province, Producer: recall.Producer,
		Document: traceability.Position{Block: c.at.block(), Tx: c.tx, Time: c.recorded}}
	body, err := traceability.Canonical(a)
	if err != nil {
		return err
	}
	told := append(recall.Parties(), c.party)
	if province != "" {
		told = append(told, traceability.Regulator(province))
	}
	slices.Sort(told)
	var alerts, signals []any
	signal := traceability.Signal{Kind: traceability.SignalRecalledLot, Subject: traceability.RecallKey(recall.ID), Province: recall.Province, By: c.party, Urgent: recall.Level == traceability.RecallI}
	for _, party := range slices.Compact(told) {
		alerts = append(alerts, string(party), int64(c.at), string(recall.ID), string(lot), string(body))
		signals = append(signals, feedRow(c.at, c.recorded, signal, traceability.To(party))...)
	}
	alerts = append(alerts, "", int64(c.at), string(recall.ID), string(lot), string(body))
	return errors.Join(r.insert(ctx, tableAlerts, alerts), r.insert(ctx, tableFeed, signals))
}

// returned reports whether a delivery brings a lot back to who made it, or to the
// recall's producer.
func (r *spreading) returned(ctx context.Context, c *change, lot traceability.LotID, recall *traceability.Recall) (bool, error) {
	receiver := c.to
	if c.typ == traceability.EventReceive {
		receiver = c.party
	}
	switch receiver {
	case "":
		return false, nil
	case recall.Producer:
		return true, nil
	}
	made, err := readTraceLot(ctx, r.tx, lot)
	if err != nil {
		return false, ignoreAbsent(err)
	}
	return made.Registrant == receiver, nil
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
