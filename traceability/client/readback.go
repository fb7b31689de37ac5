package client

import (
	"context"
	"fmt"

	"deltatrace/traceability"
)

// Document reads a document back, whole, as c.Key's party may: one that it signed, or
// any for a regulator. What comes is held to the id, which is the hash of what the
// document says: so the API keeps it. That the ledger does is proved only by the
// ledger itself, or by another province's API.
//
// Until the read model has the document, the error has the code not_found.
func (c *Client) Document(ctx context.Context, id traceability.DocumentID) (record traceability.DocumentRecord, err error) {
	if err := c.Get(ctx, "/v1/documents/"+string(id), &record); err != nil {
		return record, err
	}
	document, err := traceability.ParseDocument(record.JWS)
	switch {
	case err != nil:
		return record, fmt.Errorf("document %s is read back as none: %w: %w", id, err, errAnswer)
	case document.ID != id || record.ID != id:
		return record, fmt.Errorf("document %s is read back as %s: %w", id, document.ID, errAnswer)
	}
	return record, nil
}
