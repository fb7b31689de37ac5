package embedded

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// decide lets the rules decide anew on the documents that a transaction
// brought, and compares what they write with what is on the ledger. Documents
// that were rejected or duplicates are not kept; they wrote nothing and harmed
// no neighbour, so without them the rules come to the same.
func (v *verifier) decide(state *overlay, number uint64, tx rules.Tx, writes []traceability.Write) error {
	expected, err := []traceability.Write(nil), error(nil)
	if number == 0 {
		expected, err = genesisWrites(tx, writes)
	} else {
		expected, err = v.rewrite(state, tx, writes)
	}
	if err != nil {
		return err
	}
	return compareWrites(writes, expected)
}

// genesisWrites returns what block 0 must write, from the provinces that it
// names.
func genesisWrites(tx rules.Tx, writes []traceability.Write) ([]traceability.Write, error) {
	var genesis traceability.Genesis
	for _, w := range writes {
		party, err := traceability.DecodeState[traceability.PartyState](w.Value)
		if err != nil || party.Genesis == nil {
			return nil, &BreakError{Key: w.Key, Problem: "block 0 writes something other than a province"}
		}
		genesis.Provinces = append(genesis.Provinces, *party.Genesis)
	}
	expected, err := genesis.Writes(tx.Time)
	if err != nil {
		return nil, &BreakError{Problem: "block 0 is no genesis: " + err.Error()}
	}
	return expected, nil
}

// rewrite returns what the rules write for the documents of a transaction.
func (v *verifier) rewrite(state *overlay, tx rules.Tx, writes []traceability.Write) ([]traceability.Write, error) {
	documents, err := collect(tx.ID, writes)
	if err != nil {
		return nil, err
	}
	prepared, err := v.keys.prepare(v.replayed, v.db, documents)
	if err != nil {
		return nil, err
	}
	outcomes, expected, err := apply(&v.memo, state, tx, prepared)
	if err != nil {
		return nil, &BreakError{Problem: "the rules cannot decide anew: " + err.Error()}
	}
	for i, o := range outcomes {
		if o.Status == traceability.StatusAccepted {
			continue
		}
		problem := fmt.Sprintf("document %d, %s, is on the ledger, but the rules say %s", i, o.ID, o.Status)
		for _, p := range o.Problems {
			problem += ": " + p.Error()
		}
		return nil, &BreakError{Key: o.Record, Problem: problem}
	}
	return expected, nil
}

// carrier is the part of any record that holds its documents: one under
// `document`, or all about a subject under `documents`.
type carrier struct {
	Document  *traceability.Entry  `json:"document"`
	Documents []traceability.Entry `json:"documents"`
}

// collect returns the documents that a transaction brought, in their order.
func collect(tx traceability.TxID, writes []traceability.Write) ([]string, error) {
	found := make(map[int]string)
	for _, w := range writes {
		var record carrier
		if err := json.Unmarshal(w.Value, &record); err != nil {
			return nil, &BreakError{Key: w.Key, Problem: "the record is not JSON of a record: " + err.Error()}
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
				return nil, &BreakError{Key: w.Key, Problem: fmt.Sprintf("two documents claim place %d of the transaction", e.N)}
			}
			found[e.N] = e.JWS
		}
	}
	documents := make([]string, len(found))
	for n := range documents {
		jws, ok := found[n]
		if !ok {
			return nil, &BreakError{Problem: fmt.Sprintf("document %d of the transaction is missing", n)}
		}
		documents[n] = jws
	}
	return documents, nil
}

// compareWrites says where two lists of writes differ, if they do.
func compareWrites(found, expected []traceability.Write) error {
	for i := range max(len(found), len(expected)) {
		switch {
		case i >= len(found):
			return &BreakError{Key: expected[i].Key, Problem: "the rules write this key; the block does not"}
		case i >= len(expected):
			return &BreakError{Key: found[i].Key, Problem: "the block writes this key; the rules do not"}
		case found[i].Key != expected[i].Key:
			return &BreakError{Key: found[i].Key, Problem: fmt.Sprintf("write %d: the rules write key %s here", i, expected[i].Key)}
		}
		if at, same := differ(found[i].Value, expected[i].Value); !same {
			return &BreakError{Key: found[i].Key, Problem: fmt.Sprintf("the value is not what the rules write, from byte %d on: found %q, expected %q",
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
