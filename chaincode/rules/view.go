package rules

import (
	"fmt"

	"deltatrace/traceability"
)

// view is the state as a transaction sees it: what was before, under what it
// has written so far. Its first failure sticks in err, as with bufio.Scanner;
// the caller looks once, after each document.
type view struct {
	state   State
	before  map[string][]byte // read so far; nil for an absent key
	written map[string][]byte
	order   []string // keys of written, in order of their first write
	parties map[traceability.PartyID]*party
	err     error
}

func newView(state State) *view {
	return &view{
		state:   state,
		before:  map[string][]byte{},
		written: map[string][]byte{},
		parties: map[traceability.PartyID]*party{},
	}
}

// fetch reads keys in one round trip.
func (v *view) fetch(keys []string) {
	var unread []string
	for _, key := range keys {
		if _, ok := v.before[key]; !ok {
			v.before[key] = nil
			unread = append(unread, key)
		}
	}
	if len(unread) == 0 || v.err != nil {
		return
	}
	values, err := v.state.Get(unread)
	if err != nil {
		v.err = fmt.Errorf("read state: %w", err)
		return
	}
	for i, key := range unread {
		v.before[key] = values[i]
	}
}

// get returns a record, or nil when there is none.
func get[T any](v *view, key string) *T {
	value, ok := v.written[key]
	if !ok {
		v.fetch([]string{key})
		value = v.before[key]
	}
	if value == nil || v.err != nil {
		return nil
	}
	record, err := traceability.DecodeState[T](value)
	if err != nil {
		v.err = fmt.Errorf("%s: %w", key, err)
		return nil
	}
	return record
}

// put sets a record.
func put[T any](v *view, key string, record *T) {
	value, err := traceability.Canonical(record)
	if err != nil {
		v.err = fmt.Errorf("%s: %w", key, err)
		return
	}
	if _, ok := v.written[key]; !ok {
		v.order = append(v.order, key)
	}
	v.written[key] = value
}

// writes returns what was written, each key once, in order of first write.
func (v *view) writes() []traceability.Write {
	writes := make([]traceability.Write, 0, len(v.order))
	for _, key := range v.order {
		writes = append(writes, traceability.Write{Key: key, Value: v.written[key]})
	}
	return writes
}

// party is a party's record with what its documents say, decoded once in a
// transaction.
type party struct {
	*traceability.PartyState
	admission   *traceability.Admission // nil for a province
	admissionID traceability.DocumentID
	scope       scope
}

// party returns a party, or nil when it is not on the ledger.
func (v *view) party(id traceability.PartyID) *party {
	if p, ok := v.parties[id]; ok {
		return p
	}
	state := get[traceability.PartyState](v, traceability.PartyKey(id))
	if state == nil {
		return nil
	}
	p := &party{PartyState: state}
	for i := len(state.Documents) - 1; i >= 0 && p.admission == nil; i-- {
		document := v.read(state.Documents[i])
		if document == nil || document.Type != traceability.TypePartyAdmit {
			continue
		}
		p.admission, p.admissionID = decode[traceability.Admission](v, document), document.ID
		if p.admission != nil {
			p.scope = newScope(p.admission.Scope)
		}
	}
	v.parties[id] = p
	return p
}

// putParty writes a party's record and forgets what was decoded of it.
func (v *view) putParty(id traceability.PartyID, state *traceability.PartyState) {
	put(v, traceability.PartyKey(id), state)
	delete(v.parties, id)
}

// read parses a document that a record keeps.
func (v *view) read(entry traceability.Entry) *traceability.Document {
	document, err := traceability.ParseDocument(entry.JWS)
	if err != nil {
		v.err = fmt.Errorf("document in record: %w", err)
		return nil
	}
	return document
}

// decode reads the payload of a document that a record keeps.
func decode[T any](v *view, document *traceability.Document) *T {
	payload := new(T)
	if err := document.Decode(payload); err != nil {
		v.err = fmt.Errorf("document %s in record: %w", document.ID, err)
		return nil
	}
	return payload
}
