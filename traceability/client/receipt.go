package client

import (
	"fmt"

	"deltatrace/traceability"
)

// judge compares a receipt with what was sent. A receipt bears no signature, so this
// is no proof; but an answer that is not about these documents, or says of one what
// this client does not understand, must never be taken for success. The error wraps
// errAnswer, and says which document and what.
func judge(receipt *traceability.Receipt, documents []string) error {
	if len(receipt.Outcomes) != len(documents) {
		return fmt.Errorf("the receipt has %d outcomes for %d documents: %w", len(receipt.Outcomes), len(documents), errAnswer)
	}
	for i := range documents {
		if err := judgeOutcome(receipt, &receipt.Outcomes[i], documents[i]); err != nil {
			return fmt.Errorf("outcome %d: %w: %w", i+1, err, errAnswer)
		}
	}
	return nil
}

// judgeOutcome holds one outcome to its document, and to what outcomes may say.
func judgeOutcome(receipt *traceability.Receipt, o *traceability.Outcome, compact string) error {
	if o.Status == traceability.StatusRejected && o.ID == "" {
		return coded(o) // it could not even be read there
	}
	document, err := traceability.ParseDocument(compact)
	switch {
	case err != nil:
		return fmt.Errorf("it is %q, of a document that cannot be read here: %w", o.Status, err)
	case o.ID != document.ID:
		return fmt.Errorf("it is of document %q, sent was %s", o.ID, document.ID)
	case o.Type != document.Type:
		return fmt.Errorf("it is of a %q, sent was a %s", o.Type, document.Type)
	}
	switch o.Status {
	case traceability.StatusAccepted:
		if receipt.Tx == "" || o.Code != "" || len(o.Problems) > 0 {
			return fmt.Errorf("accepted, with transaction %q, code %q and %d problems", receipt.Tx, o.Code, len(o.Problems))
		}
		return nil
	case traceability.StatusDuplicate:
		if o.First == "" || len(o.Problems) > 0 {
			return fmt.Errorf("a duplicate of transaction %q, with %d problems", o.First, len(o.Problems))
		}
		return nil
	case traceability.StatusRejected:
		return coded(o)
	default:
		return fmt.Errorf("the status %q is not known", o.Status)
	}
}

// coded asks a rejection for its reason.
func coded(o *traceability.Outcome) error {
	if o.Code == "" {
		return fmt.Errorf("rejected without a code")
	}
	return nil
}
