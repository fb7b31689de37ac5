package rules

import (
	"fmt"
	"maps"
	"slices"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
)

// view is the state as a transaction sees it: what was before, under what it
// has written so far. Its first failure sticks in err, as with bufio.Scanner;
// the caller looks once, after each document.
type view struct {
	state   State
	memo    *Memo
	before  map[string][]byte // read so far; nil for an absent key
	written map[string][]byte
	parties map[traceability.PartyID]*party
	err     error

	histories map[traceability.PartyID][]recognition.Step // of laboratories
}

func newView(state State, memo *Memo) *view {
	return &view{
		state:   state,
		memo:    memo,
		before:  map[string][]byte{},
		written: map[string][]byte{},
		parties: map[traceability.PartyID]*party{},

		histories: map[traceability.PartyID][]recognition.Step{},
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

// value returns what is under a key, or nil.
func (v *view) value(key string) []byte {
	if value, ok := v.written[key]; ok {
		return value
	}
	v.fetch([]string{key})
	if v.err != nil {
		return nil
	}
	return v.before[key]
}

// get returns a record, or nil when there is none.
func get[T any](v *view, key string) *T {
	value := v.value(key)
	if value == nil {
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
	value, err := traceability.EncodeState(record)
	if err != nil {
		v.err = fmt.Errorf("%s: %w", key, err)
		return
	}
	v.written[key] = value
}

// writes returns what was written, each key once, in ascending order of the
// keys, which is how Fabric keeps a write set.
func (v *view) writes() []traceability.Write {
	writes := make([]traceability.Write, 0, len(v.written))
	for _, key := range slices.Sorted(maps.Keys(v.written)) {
		writes = append(writes, traceability.Write{Key: key, Value: v.written[key]})
	}
	return writes
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
