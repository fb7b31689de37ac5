package rules

import (
	"bytes"
	"slices"
	"sync"

	"deltatrace/traceability"
)

// party is a party's record with what its documents say.
type party struct {
	*traceability.PartyState
	admission   *traceability.Admission // nil for a province
	admissionID traceability.DocumentID
	scope       scope
}

// party returns a party, or nil when it is not on the ledger. What it returns
// is the caller's to change.
func (v *view) party(id traceability.PartyID) *party {
	if p, ok := v.parties[id]; ok {
		return p
	}
	key := traceability.PartyKey(id)
	record := v.value(key)
	if record == nil {
		return nil
	}
	p := v.memo.recall(id, record)
	if p == nil {
		if p = v.decodeParty(key); p == nil {
			return nil
		}
		v.memo.keep(id, record, p)
	}
	v.parties[id] = p
	return p
}

// keys returns the keys of a party, without reading what its documents say.
func (v *view) keys(id traceability.PartyID) ([]traceability.KeyPeriod, bool) {
	if p, ok := v.parties[id]; ok {
		return p.Keys, true
	}
	key := traceability.PartyKey(id)
	record := v.value(key)
	if record == nil {
		return nil, false
	}
	if p := v.memo.recall(id, record); p != nil {
		return p.Keys, true
	}
	state := get[traceability.PartyState](v, key)
	if state == nil {
		return nil, false
	}
	return state.Keys, true
}

func (v *view) decodeParty(key string) *party {
	state := get[traceability.PartyState](v, key)
	if state == nil {
		return nil
	}
	p := &party{PartyState: state}
	for i := len(state.Documents) - 1; i >= 0 && p.admission == nil && v.err == nil; i-- {
		document := v.read(state.Documents[i])
		if document == nil || document.Type != traceability.TypePartyAdmit {
			continue
		}
		p.admission, p.admissionID = decode[traceability.Admission](v, document), document.ID
		if p.admission != nil {
			p.scope = newScope(p.admission.Scope)
		}
	}
	if v.err != nil {
		return nil
	}
	return p
}

// putParty writes a party's record and forgets what was decoded of it.
func (v *view) putParty(id traceability.PartyID, state *traceability.PartyState) {
	put(v, traceability.PartyKey(id), state)
	delete(v.parties, id)
	delete(v.histories, id)
}

// Memo remembers decoded parties between transactions: a laboratory's accredited
// scope has thousands of rows, and each of its reports needs it. What is
// remembered counts only for the very bytes of the record that it was decoded
// from, so the outcome is the same with and without. The zero value is ready and
// may be used by several goroutines.
type Memo struct {
	mu      sync.Mutex
	parties map[traceability.PartyID]remembered
}

type remembered struct {
	record []byte
	party  *party
}

// maxRemembered is how many parties are remembered; then it starts afresh.
const maxRemembered = 1000

// Apply is the function Apply with a memory.
func (m *Memo) Apply(state State, tx Tx, documents []*Prepared) ([]traceability.Outcome, []traceability.Write, error) {
	return apply(newView(state, m), tx, documents)
}

// recall returns a copy of what was decoded from the same bytes, or nil.
func (m *Memo) recall(id traceability.PartyID, record []byte) *party {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	r, ok := m.parties[id]
	m.mu.Unlock()
	if !ok || !bytes.Equal(r.record, record) {
		return nil
	}
	return r.party.copy()
}

func (m *Memo) keep(id traceability.PartyID, record []byte, p *party) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.parties == nil || len(m.parties) >= maxRemembered {
		m.parties = make(map[traceability.PartyID]remembered)
	}
	m.parties[id] = remembered{record: bytes.Clone(record), party: p.copy()}
}

// copy shares what the rules only read, and nothing that they change.
func (p *party) copy() *party {
	c := *p
	state := *p.PartyState
	state.Documents, state.Keys = slices.Clone(state.Documents), slices.Clone(state.Keys)
	c.PartyState = &state
	return &c
}
