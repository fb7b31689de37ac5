package rules

import (
	"fmt"
	"slices"

	"deltatrace/traceability"
)

// provincesToSign is how many provinces must sign a province's new key.
const provincesToSign = 3

// admit lets a party take part, or replaces its admission.
func (s *statement) admit(a *traceability.Admission) *traceability.Error {
	if problem := s.role(traceability.KindRegulator); problem != nil {
		return problem
	}
	state := &traceability.PartyState{Province: s.author.Province, Status: traceability.PartyActive}
	key := traceability.PartyKey(a.Party)
	if before := s.party(a.Party); before != nil {
		if problem := s.ownProvince(before); problem != nil {
			return problem
		}
		switch a.Supersedes {
		case before.admissionID:
		case "":
			return s.conflict(key, before.admissionID, "party",
				"该主体已获准入；要变更，请令 supersedes 为 "+string(before.admissionID),
				"the party is admitted already; to change its admission, set supersedes to "+string(before.admissionID))
		default:
			return s.supersedes(a.Supersedes, before.admissionID)
		}
		state.Documents, state.Recorded, state.Keys = before.Documents, before.Recorded, before.Keys
	} else if a.Supersedes != "" {
		return s.supersedes(a.Supersedes, "")
	}
	if current := state.CurrentKey(); current.IsZero() || current.Thumbprint() != a.Key.Thumbprint() {
		if problem := s.replaceKey(state, a.Party, a.Key); problem != nil {
			return problem
		}
	}
	s.file(state)
	state.Remarks = s.remarks()
	s.putParty(a.Party, state)
	s.outcome.Record = key
	return nil
}

// suspend stops a party's documents from now on.
func (s *statement) suspend(say *traceability.Suspension) *traceability.Error {
	if problem := s.role(traceability.KindRegulator); problem != nil {
		return problem
	}
	before, problem := s.subject(say.Party)
	if problem != nil {
		return problem
	}
	if before.Genesis != nil {
		return refuse(traceability.CodeNotAllowed, "party", string(say.Party), "a laboratory, operator or platform",
			"不能暂停省级监管部门", "a province cannot be suspended")
	}
	if problem := s.ownProvince(before); problem != nil {
		return problem
	}
	key := traceability.PartyKey(say.Party)
	if before.Status == traceability.PartySuspended {
		last := s.read(before.Documents[len(before.Documents)-1])
		if last == nil {
			return nil // the view has failed
		}
		return s.conflict(key, last.ID, "party", "该主体已被暂停", "the party is suspended already")
	}
	before.Status = traceability.PartySuspended
	s.file(before.PartyState)
	s.putParty(say.Party, before.PartyState)
	s.outcome.Record = key
	return nil
}

// rotate replaces a party's key: signed by itself, by its province's regulator
// when the old key is lost, or, for a province, by three provinces.
func (s *statement) rotate(say *traceability.Rotation) *traceability.Error {
	before, problem := s.subject(say.Party)
	if problem != nil {
		return problem
	}
	if before.Genesis != nil {
		return s.voteRotation(say, before)
	}
	if s.signer != say.Party {
		if problem := s.role(traceability.KindRegulator); problem != nil {
			return problem
		}
		if problem := s.ownProvince(before); problem != nil {
			return problem
		}
	}
	if problem := s.replaceKey(before.PartyState, say.Party, say.Key); problem != nil {
		return problem
	}
	s.file(before.PartyState)
	s.putParty(say.Party, before.PartyState)
	s.outcome.Record = traceability.PartyKey(say.Party)
	return nil
}

// voteRotation records one province's signature under another's (or its own)
// new key, and puts the key in force with the third.
func (s *statement) voteRotation(say *traceability.Rotation, before *party) *traceability.Error {
	if problem := s.role(traceability.KindRegulator); problem != nil {
		return problem
	}
	kid := say.Key.ID(say.Party)
	key := traceability.RotationKey(kid, s.signer)
	if vote := get[traceability.Vote](s.view, key); vote != nil {
		document := s.read(vote.Document)
		if document == nil {
			return nil // the view has failed
		}
		return s.conflict(key, document.ID, "party", "该省已对此密钥签署", "the province has signed for this key already")
	}
	votes := 1
	for _, province := range traceability.Provinces() {
		voter := traceability.Regulator(province)
		if voter != s.signer && get[traceability.Vote](s.view, traceability.RotationKey(kid, voter)) != nil {
			votes++
		}
	}
	if votes >= provincesToSign {
		if problem := s.replaceKey(before.PartyState, say.Party, say.Key); problem != nil {
			return problem
		}
		s.putParty(say.Party, before.PartyState)
	} else {
		s.warn(&traceability.Error{Code: traceability.CodeAwaiting, Field: "party",
			Found: fmt.Sprintf("%d provinces", votes), Expected: fmt.Sprintf("%d provinces", provincesToSign),
			ZH: fmt.Sprintf("已有 %d 个省份签署，满 %d 个省份后生效", votes, provincesToSign),
			EN: fmt.Sprintf("%d of %d provinces have signed; the key is not in force yet", votes, provincesToSign)})
	}
	put(s.view, key, &traceability.Vote{Document: s.entry})
	s.outcome.Record = key
	return nil
}

// replaceKey ends the party's keys and starts another. A key that was ever the
// party's is refused: a lost key must not come back.
func (s *statement) replaceKey(state *traceability.PartyState, id traceability.PartyID, key traceability.PublicKey) *traceability.Error {
	keys := slices.Clone(state.Keys)
	for i := range keys {
		if keys[i].Key.Thumbprint() == key.Thumbprint() {
			return refuse(traceability.CodeInvalid, "key", key.Thumbprint(), "a key that the party never had",
				"该密钥曾属于此主体，不能再用", "the party has had this key before")
		}
		if keys[i].To.IsZero() {
			keys[i].To = s.tx.Time
		}
	}
	state.Keys = append(keys, traceability.KeyPeriod{Key: key, From: s.tx.Time})
	return nil
}

// file adds the document to those about a party.
func (s *statement) file(state *traceability.PartyState) {
	state.Documents, state.Recorded = append(state.Documents, s.entry), append(state.Recorded, s.tx.Time)
}

// subject returns the party that a document is about.
func (s *statement) subject(id traceability.PartyID) (*party, *traceability.Error) {
	if p := s.party(id); p != nil {
		return p, nil
	}
	return nil, refuse(traceability.CodeUnknownParty, "party", string(id), "a party on the ledger",
		"账本上没有主体 "+string(id), string(id)+" is not on the ledger")
}

// ownProvince refuses a regulator's word about another province's party.
func (s *statement) ownProvince(subject *party) *traceability.Error {
	if subject.Province == s.author.Province {
		return nil
	}
	return refuse(traceability.CodeNotAllowed, "party", string(subject.Province), string(s.author.Province),
		"该主体由"+subject.Province.NameZH()+"准入，须由其监管部门提交",
		"the party was admitted by "+subject.Province.NameEN()+", whose regulator must sign this")
}

func (s *statement) supersedes(found, expected traceability.DocumentID) *traceability.Error {
	if expected == "" {
		return refuse(traceability.CodeSupersedes, "supersedes", string(found), "nothing: there is no earlier document",
			"没有可替代的文档", "there is no earlier document to supersede")
	}
	return refuse(traceability.CodeSupersedes, "supersedes", string(found), string(expected),
		"现行文档为 "+string(expected), "the document in force is "+string(expected))
}
