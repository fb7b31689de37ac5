package rules

import "deltatrace/traceability"

// gtin returns whose the lot's GTIN is, or nil for a lot without one.
func (v *view) gtin(id traceability.LotID) *traceability.GTINState {
	if gtin, ok := id.GTIN(); ok {
		return get[traceability.GTINState](v, traceability.GTINKey(gtin))
	}
	return nil
}

// ownsGTIN reports whether the lot is of a GTIN of the party.
func (v *view) ownsGTIN(id traceability.LotID, party traceability.PartyID) bool {
	g := v.gtin(id)
	return g != nil && g.Owner == party
}

// gtinReads foresees the key of a lot's GTIN.
func gtinReads(id traceability.LotID) []string {
	if gtin, ok := id.GTIN(); ok {
		return []string{traceability.GTINKey(gtin)}
	}
	return nil
}

// strangeGTIN refuses a signer whose the lot's GTIN is not.
func (s *statement) strangeGTIN(field string, id traceability.LotID) *traceability.Error {
	g := s.gtin(id)
	if g == nil || g.Owner == s.signer {
		return nil
	}
	return refuse(traceability.CodeGTINTaken, field, string(g.Owner), string(s.signer)+", or cn/<USCC>/<product code>/<lot>",
		"该商品条码现由 "+string(g.Owner)+" 使用；如属贵方，请向所在地省级监管部门申请确认（gtin.assign）；经销、进口他人产品的，可申请确认或改用 cn/<统一社会信用代码>/<产品代码>/<批号>",
		"the GTIN is "+string(g.Owner)+"'s; if it is yours, ask the regulator of your province to assign it (gtin.assign); who sells or imports another's goods asks for that too, or uses cn/<USCC>/<product code>/<lot>")
}

// useGTIN checks that the signer may register a lot of the GTIN, and gives it to
// whoever comes first.
func (s *statement) useGTIN(id traceability.LotID) *traceability.Error {
	gtin, ok := id.GTIN()
	if !ok {
		return nil
	}
	if !gtin.Global() {
		return refuse(traceability.CodeInvalid, "lot", string(gtin), "a GTIN that GS1 gave out, or cn/<USCC>/<product code>/<lot>",
			"该条码为店内码或无效号码，不是全球唯一的商品条码；请改用 cn/<统一社会信用代码>/<产品代码>/<批号>", "this number is for use within a shop or a country, so it is nobody's alone; use cn/<USCC>/<product code>/<lot>")
	}
	if problem := s.strangeGTIN("lot", id); problem != nil {
		return problem
	}
	if s.gtin(id) == nil {
		put(s.view, traceability.GTINKey(gtin), &traceability.GTINState{Owner: s.signer, Since: s.tx.Time, Lot: id})
	}
	return nil
}

// assignGTIN says whose a GTIN is from now on.
func (s *statement) assignGTIN(say *traceability.GTINAssignment) *traceability.Error {
	if problem := s.role(traceability.KindRegulator); problem != nil {
		return problem
	}
	if problem := s.timely("at", say.At); problem != nil {
		return problem
	}
	to := s.party(say.To)
	if to == nil {
		return refuse(traceability.CodeUnknownParty, "to", string(say.To), "a party on the ledger",
			"账本上没有主体 "+string(say.To), string(say.To)+" is not on the ledger")
	}
	key := traceability.GTINKey(say.GTIN)
	g := get[traceability.GTINState](s.view, key)
	if g == nil {
		g = &traceability.GTINState{}
	}
	if to.Province != s.author.Province {
		expected := string(traceability.Regulator(to.Province))
		if g.Owner != "" {
			owner := s.party(g.Owner)
			if owner == nil {
				return nil // the view has failed: an owner is on the ledger
			}
			expected += " or " + string(traceability.Regulator(owner.Province))
			if owner.Province == s.author.Province {
				expected = ""
			}
		}
		if expected != "" {
			return refuse(traceability.CodeNotAllowed, "kid", string(s.signer), expected,
				"商品条码须由准入新使用方或现使用方的省级监管部门确认", "a GTIN is assigned by the regulator that admitted the new owner, or the present one")
		}
	}
	if g.Owner == say.To {
		return refuse(traceability.CodeWrongState, "to", string(say.To), "a party other than the present owner",
			"该商品条码已由该主体使用", "the GTIN is this party's already")
	}
	g.Owner, g.Since = say.To, s.tx.Time
	g.Documents = append(g.Documents, s.entry)
	put(s.view, key, g)
	s.outcome.Record = key
	return nil
}

// takeOver returns the documents that the lot had before when its GTIN's owner may
// register it anew: another has registered it, and nothing has come of it yet. Only
// its registrant can have brought goods of it into being, and nobody has any before.
func (s *statement) takeOver(id traceability.LotID, state *traceability.LotState, registrant traceability.PartyID) ([]traceability.Entry, *traceability.Error) {
	mark := get[traceability.RecallMark](s.view, traceability.RecallMarkKey(id))
	used := s.value(traceability.HoldingKey(id, registrant)) != nil
	if used || mark != nil && !mark.Withdrawn {
		return nil, refuse(traceability.CodeLotInUse, "lot", string(registrant), "a lot without goods and recall",
			"该批次由 "+string(registrant)+" 登记，已有产品数量或召回记录，不能重新登记；可召回该批次（recall.open），并使用新的批号",
			"the lot is registered by "+string(registrant)+", and there are goods of it or a recall: it cannot be registered anew; recall it (recall.open), and use another lot number")
	}
	return append(state.Former, state.Document), nil
}
