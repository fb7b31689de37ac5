package replay

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// Error is where a transaction's writes are not what the rules write.
type Error struct {
	Key     string // of the state; empty when it is the transaction as such
	Problem string
}

// Error says what differs, and under which key.
func (e *Error) Error() string {
	if e.Key == "" {
		return e.Problem
	}
	return "key " + e.Key + ": " + e.Problem
}

// Decide has the rules judge documents in the state before their transaction.
type Decide func(documents []string) ([]traceability.Outcome, []traceability.Write, error)

// Check lets the rules decide anew on the documents that a transaction brought,
// and compares what they write with what is on the ledger. Documents that were
// rejected or duplicates are not kept; they wrote nothing and harmed no
// neighbour, so without them the rules come to the same. A difference is an
// *Error; any other error is decide's.
func Check(tx traceability.TxID, writes []traceability.Write, decide Decide) error {
	documents, err := Documents(tx, writes)
	if err != nil {
		return err
	}
	outcomes, expected, err := decide(documents)
	if err != nil {
		return err
	}
	for i, o := range outcomes {
		if o.Status == traceability.StatusAccepted {
			continue
		}
		problem := fmt.Sprintf("document %d, %s, is on the ledger, but the rules say %s", i, o.ID, o.Status)
		for _, p := range o.Problems {
			problem += ": " + p.Error()
		}
		return &Error{Key: o.Record, Problem: problem}
	}
	return Compare(writes, expected)
}

// CheckGenesis checks the transaction that a ledger starts with: its writes must
// be those of the provinces that they name.
func CheckGenesis(tx traceability.Transaction) error {
	var genesis traceability.Genesis
	for _, w := range tx.Writes {
		party, err := traceability.DecodeState[traceability.PartyState](w.Value)
		if err != nil || party.Genesis == nil {
			return &Error{Key: w.Key, Problem: "the genesis writes something other than a province"}
		}
		genesis.Provinces = append(genesis.Provinces, *party.Genesis)
	}
	expected, err := genesis.Writes(tx.Time)
	if err != nil {
		return &Error{Problem: "the first transaction is no genesis: " + err.Error()}
	}
	return Compare(tx.Writes, expected)
}

// carrier is the part of any record that holds its documents: one under
// `document`, or all about a subject under `documents`.
type carrier struct {
	Document  *traceability.Entry  `json:"document"`
	Documents []traceability.Entry `json:"documents"`
}

// Documents returns the documents that a transaction brought, in their order.
// Records that cannot be of one transaction are an *Error.
func Documents(tx traceability.TxID, writes []traceability.Write) ([]string, error) {
	found := make(map[int]string)
	for _, w := range writes {
		var record carrier
		if err := json.Unmarshal(w.Value, &record); err != nil {
			return nil, &Error{Key: w.Key, Problem: "the record is not JSON of a record: " + err.Error()}
		}
		entries := record.Documents
		if record.Document != nil {
			entries = append(entries, *record.Document)
		}
		for _, e := range entries {
			if e.Tx != tx {
				continue
			}
			if other, ok := found[e.N]; ok && other != e.JWS {
				return nil, &Error{Key: w.Key, Problem: fmt.Sprintf("two documents claim place %d of the transaction", e.N)}
			}
			found[e.N] = e.JWS
		}
	}
	documents := make([]string, len(found))
	for n := range documents {
		jws, ok := found[n]
		if !ok {
			return nil, &Error{Problem: fmt.Sprintf("document %d of the transaction is missing", n)}
		}
		documents[n] = jws
	}
	return documents, nil
}

// Compare says where two lists of writes differ, if they do, in an *Error.
func Compare(found, expected []traceability.Write) error {
	for i := range max(len(found), len(expected)) {
		switch {
		case i >= len(found):
			return &Error{Key: expected[i].Key, Problem: "the rules write this key; the block does not"}
		case i >= len(expected):
			return &Error{Key: found[i].Key, Problem: "the block writes this key; the rules do not"}
		case found[i].Key != expected[i].Key:
			return &Error{Key: found[i].Key, Problem: fmt.Sprintf("write %d: the rules write key %s here", i, expected[i].Key)}
		}
		if at, same := differ(found[i].Value, expected[i].Value); !same {
			return &Error{Key: found[i].Key, Problem: fmt.Sprintf("the value is not what the rules write, from byte %d on: found %q, expected %q",
				at, excerpt(found[i].Value, at), excerpt(expected[i].Value, at))}
		}
	}
	return nil
}

// differ returns the first byte in which two values differ.
func differ(a, b []byte) (at int, same bool) {
	if bytes.Equal(a, b) {
		return 0, true
	}
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return at, false
}

// excerpt shows a value around a place, not all of a long document.
func excerpt(value []byte, at int) []byte {
	return value[min(max(0, at-10), len(value)):min(at+30, len(value))]
}
