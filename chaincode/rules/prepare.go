package rules

import t "deltatrace/traceability"

// Prepared is a document of which everything is known that needs no state: it
// is parsed, decoded and checked by itself, or it carries why it cannot be.
type Prepared struct {
	document  *t.Document
	payload   t.Payload
	rejection []*t.Error
	warnings  []*t.Error
	verified  t.PublicKey // the key that Verify found the signature good for
}

// Prepare reads a compact JWS. It never fails: a document that cannot be read
// is rejected by Apply, with the reason.
func Prepare(compact string) *Prepared { panic("being written") }

// Party returns the party that claims to have signed, or "" when the document
// cannot be read.
func (p *Prepared) Party() t.PartyID { panic("being written") }

// Verify checks the signature ahead of time against the key that the ledger
// holds for the document's kid at the moment, so that the work can be spread
// over processors. Apply looks the key up again and only skips the arithmetic
// when it is the same key.
func (p *Prepared) Verify(key t.PublicKey) {}
