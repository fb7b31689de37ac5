package client

import "deltatrace/traceability"

// The bytes of a submission beside its documents: {"documents":[]}, and quotes
// and a comma for each.
const (
	envelopeBytes = len(`{"documents":[]}`)
	commaBytes    = len(`"",`)
)

// Batch gathers documents up to what one submission may hold:
// traceability.MaxBatchDocuments and, as sent, traceability.MaxBatchBytes. The
// zero value is empty and ready.
type Batch struct {
	documents []string
	bytes     int
}

// Add takes a document in, or reports false when the batch is full: submit it,
// Reset it, and add the document again.
func (b *Batch) Add(document string) bool {
	size := len(document) + commaBytes
	full := len(b.documents) == traceability.MaxBatchDocuments || envelopeBytes+b.bytes+size > traceability.MaxBatchBytes
	if full && len(b.documents) > 0 {
		return false
	}
	b.documents = append(b.documents, document)
	b.bytes += size
	return true
}

// Documents returns what is in the batch, in order; it is good until Reset.
func (b *Batch) Documents() []string { return b.documents }

// Len returns how many documents there are.
func (b *Batch) Len() int { return len(b.documents) }

// Cut takes out all documents but the first n.
func (b *Batch) Cut(n int) {
	for _, document := range b.documents[n:] {
		b.bytes -= len(document) + commaBytes
	}
	clear(b.documents[n:])
	b.documents = b.documents[:n]
}

// Reset empties the batch.
func (b *Batch) Reset() {
	clear(b.documents)
	b.documents, b.bytes = b.documents[:0], 0
}
