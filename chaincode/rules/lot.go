package rules

import "deltatrace/traceability"

// lot is a registered lot as the rules use it.
type lot struct {
	*traceability.Lot
	registrant traceability.PartyID
}

// lot returns a registered lot, or nil.
func (v *view) lot(id traceability.LotID) *lot {
	state := get[traceability.LotState](v, traceability.LotKey(id))
	if state == nil {
		return nil
	}
	document := v.read(state.Document)
	if document == nil {
		return nil
	}
	payload := decode[traceability.Lot](v, document)
	if payload == nil {
		return nil
	}
	return &lot{Lot: payload, registrant: document.Party()}
}

// registerLot makes a lot known. A lot without a GTIN carries its registrant's
// own code; a GTIN belongs to whoever registers its first lot, unless a regulator has
// assigned it. A lot of its GTIN that another has registered, and of which nothing
// has come, the owner may register with its own content.
func (s *statement) registerLot(say *traceability.Lot) *traceability.Error {
	if problem := s.role(traceability.KindOperator); problem != nil {
		return problem
	}
	own, _ := s.signer.USCC()
	if code, ok := say.ID.USCC(); ok && code != own {
		return refuse(traceability.CodeNotYours, "lot", string(code), string(own),
			"批次编号中的统一社会信用代码不是签名方的", "the code in the lot id is not the signer's")
	}
	if problem := s.useGTIN(say.ID); problem != nil {
		return problem
	}
	var former []traceability.Entry
	key := traceability.LotKey(say.ID)
	if state := get[traceability.LotState](s.view, key); state != nil {
		document := s.read(state.Document)
		if document == nil {
			return nil // the view has failed
		}
		if document.Party() == s.signer {
			return s.conflict(key, document.ID, "lot",
				"该批次已由 "+string(s.signer)+" 以不同内容登记；登记后不可更改，请使用新的批号",
				"the lot is registered by "+string(s.signer)+" with other content; a registration cannot be changed, use another lot number")
		}
		var problem *traceability.Error
		if former, problem = s.takeOver(say.ID, state, document.Party()); problem != nil {
			s.outcome.Record, s.outcome.Existing = key, document.ID
			return problem
		}
	}
	if say.Date > traceability.DateOf(s.tx.Time.Add(traceability.ClockSkew)) {
		return s.future("date", string(say.Date))
	}
	put(s.view, key, &traceability.LotState{Document: s.entry, Former: former, Remarks: s.remarks()})
	s.outcome.Record = key
	return nil
}
