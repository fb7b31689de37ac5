package rules

import (
	"errors"

	"deltatrace/traceability"
)

// Prepared is a document of which everything is known that needs no state: it
// is parsed, decoded and checked by itself, or it carries why it cannot be.
type Prepared struct {
	document *traceability.Document // nil when it could not be read
	payload  traceability.Payload
	problems []*traceability.Error // not empty: rejected whatever the state is
	warnings []*traceability.Error
	limits   [][]string // of a report: for each item the keys of limits that may count

	verified traceability.KeyID // the key that Verify found the signature good for
}

// Prepare reads a compact JWS. It never fails: a document that cannot be read
// is rejected by Apply, with the reason. It may run in any goroutine.
func Prepare(compact string) *Prepared {
	document, err := traceability.ParseDocument(compact)
	if err != nil {
		return &Prepared{problems: []*traceability.Error{asError(err)}}
	}
	p := &Prepared{document: document, payload: traceability.NewPayload(document.Type)}
	if err := document.Decode(p.payload); err != nil {
		p.problems = []*traceability.Error{asError(err)}
		return p
	}
	p.problems, p.warnings = p.payload.Check()
	if report, ok := p.payload.(*traceability.Report); ok && len(p.problems) == 0 {
		p.limits = traceability.LimitKeys(report)
	}
	return p
}

// Key returns the key that claims to have signed, or "" when the document
// cannot be read.
func (p *Prepared) Key() traceability.KeyID {
	if p.document == nil {
		return ""
	}
	return p.document.Key
}

// Verify checks the signature ahead of time against the key that the ledger
// holds for the document's kid at the moment, so that the work can be spread
// over processors. Apply looks the key up again and only skips the arithmetic
// when it is the same key. A key that is not the one kid names is passed over.
func (p *Prepared) Verify(key traceability.PublicKey) {
	if p.document == nil || key.ID(p.document.Party()) != p.document.Key {
		return
	}
	if p.document.Verify(key) == nil {
		p.verified = p.document.Key
	}
}

// signedBy checks the signature, unless Verify has done so with the same key:
// a KeyID contains the key's hash, so equal names are equal keys.
func (p *Prepared) signedBy(key traceability.PublicKey) *traceability.Error {
	if p.verified != "" && p.verified == p.document.Key {
		return nil
	}
	if err := p.document.Verify(key); err != nil {
		return asError(err)
	}
	return nil
}

// asError keeps a domain error and wraps any other.
func asError(err error) *traceability.Error {
	var e *traceability.Error
	if errors.As(err, &e) {
		return e
	}
	wrapped := traceability.NewError(traceability.CodeMalformed, "", "文档格式错误", "the document is malformed")
	wrapped.Err = err
	return wrapped
}
