package store

import "deltatrace/traceability"

// agreement projects what provinces signed together: so far its documents are
// all that is asked for.
func (r *rows) agreement(w traceability.Write) error {
	state, err := traceability.DecodeState[traceability.AgreementState](w.Value)
	if err != nil {
		return err
	}
	for _, entry := range state.Documents {
		if entry.Tx != r.position.Tx {
			continue
		}
		if _, _, err := r.document(w.Key, entry, nil); err != nil {
			return err
		}
	}
	return nil
}
