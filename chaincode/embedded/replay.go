package embedded

import (
	"context"
	"errors"

	"deltatrace/chaincode/rules"
	"deltatrace/chaincode/rules/replay"
	"deltatrace/traceability"
)

// decide lets the rules decide anew on the documents that a transaction
// brought, and compares what they write with what is on the ledger. Between blocks
// the verifier looks whether it is to go on.
func (v *verifier) decide(state *overlay, number uint64, tx rules.Tx, writes []traceability.Write) error {
	var err error
	if number == 0 {
		err = replay.CheckGenesis(traceability.Transaction{ID: tx.ID, Time: tx.Time, Writes: writes})
	} else {
		err = replay.Check(tx.ID, writes, func(documents []string) ([]traceability.Outcome, []traceability.Write, error) {
			prepared, err := v.keys.prepare(context.Background(), v.replayed, v.db, documents)
			if err != nil {
				return nil, nil, err
			}
			outcomes, expected, err := apply(&v.memo, state, tx, prepared)
			if err != nil {
				return nil, nil, &BreakError{Problem: "the rules cannot decide anew: " + err.Error()}
			}
			return outcomes, expected, nil
		})
	}
	var differs *replay.Error
	if errors.As(err, &differs) {
		return &BreakError{Key: differs.Key, Problem: differs.Problem}
	}
	return err
}
