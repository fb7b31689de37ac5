package client

import (
	"context"
	"fmt"
	"net/http"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
)

// documentsPath takes documents, which carry their own signatures: no token goes
// with them.
const documentsPath = "/v1/documents"

// submission is the body of POST /v1/documents.
type submission struct {
	Documents []string `json:"documents"`
}

// Submit sends documents (compact JWS) and returns what became of each, in
// their order. It tries again, with growing pauses and for at most c.Patience,
// when the API cannot be reached, is busy (429, 503) or fails; Retry-After is
// honoured.
//
// Every outcome is held to its document: an answer that is not about what was sent,
// or says what this client does not know, is an error, and the documents' fate is
// unknown. When the API refuses the request as such, the error holds an
// *traceability.Error. FateKnown tells whether surely nothing was written.
func (c *Client) Submit(ctx context.Context, documents []string) (traceability.Receipt, error) {
	body, err := json.Marshal(submission{Documents: documents})
	if err != nil {
		return traceability.Receipt{}, fmt.Errorf("encode the submission: %w", err)
	}
	var receipt traceability.Receipt
	if err := c.retry(ctx, http.MethodPost, documentsPath, body, &receipt); err != nil {
		return traceability.Receipt{}, fmt.Errorf("submit %d documents: %w", len(documents), err)
	}
	if err := judge(&receipt, documents); err != nil {
		return traceability.Receipt{}, &uncertainError{fmt.Errorf("submit %d documents: %w", len(documents), err)}
	}
	return receipt, nil
}

// Ask posts a question as JSON, such as to /v1/licences/compare, and reads the
// answer. Nothing is written by it. With c.Key it signs a token as Get does.
func (c *Client) Ask(ctx context.Context, path string, question, into any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("encode the question: %w", err)
	}
	if err := c.retry(ctx, http.MethodPost, path, body, into); err != nil {
		return fmt.Errorf("ask %s: %w", path, err)
	}
	return nil
}

// Get reads JSON from a path of the API, such as /v1/lots/01/06901234567892/10/A01.
// With c.Key it signs a new token for every attempt, because a token is good once.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	if err := c.retry(ctx, http.MethodGet, path, nil, into); err != nil {
		return fmt.Errorf("get %s: %w", path, err)
	}
	return nil
}
