package rules

import (
	"time"

	t "deltatrace/traceability"
)

// State is what the rules read: the ledger's state before the transaction.
type State interface {
	// Get returns the value of each key, nil where there is none, in the order
	// of the keys. One call may be one round trip to a peer, so the rules ask
	// for all that they can foresee at once.
	Get(keys []string) ([][]byte, error)
}

// Tx is the transaction that the documents come in.
type Tx struct {
	ID   t.TxID
	Time time.Time // the ledger's clock
}

// Apply judges the documents in their order and returns an outcome for each and
// the writes of the accepted ones, each key once. A document sees what the ones
// before it in the batch wrote. An error is the state's, never a document's;
// then nothing may be written.
func Apply(state State, tx Tx, documents []*Prepared) ([]t.Outcome, []t.Write, error) {
	panic("being written")
}
