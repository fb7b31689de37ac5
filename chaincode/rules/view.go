package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
)

// view is the state as a transaction sees it: what was before, under what it
// has written so far, under what the document that is being judged writes, which
// counts only when that is accepted. Its first failure sticks in err, as with
// bufio.Scanner; the caller looks once, after each document.
type view struct {
	state   State
	memo    *Memo
	before  map[string][]byte // read so far; nil for an absent key
	written map[string][]byte // by the documents that were accepted
	staged  map[string][]byte // by the one that is being judged
	broken  error             // why one of its records could not be staged
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
		staged:  map[string][]byte{},
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
	if value, ok := v.staged[key]; ok {
		return value
	}
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

// put sets a record. One that could not be read again is not set, and the document
// that brings it is rejected: nothing on the ledger could mend it later.
func put[T any](v *view, key string, record *T) {
	value, err := traceability.EncodeState(record)
	if err == nil {
		_, err = traceability.DecodeState[T](value)
	}
	if err != nil {
		v.broken = cmp.Or(v.broken, fmt.Errorf("%s: %w", key, err))
		return
	}
	v.staged[key] = value
}

// unfit refuses a document that would write what cannot be read again.
func (v *view) unfit() *traceability.Error {
	if v.broken == nil {
		return nil
	}
	problem := refuse(traceability.CodeInvalid, "", "", "what makes a record that can be read again",
		"文档内容无法形成可读回的记录", "what the document says makes a record that could not be read again")
	problem.Err = v.broken
	return problem
}

// keep has what the accepted document wrote count.
func (v *view) keep() {
	maps.Copy(v.written, v.staged)
	clear(v.staged)
}

// drop forgets what a document wrote, and what was decoded of it.
func (v *view) drop() {
	if len(v.staged) > 0 {
		clear(v.staged)
		clear(v.parties)
		clear(v.histories)
	}
	v.broken = nil
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
