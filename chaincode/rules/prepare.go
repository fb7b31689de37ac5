package rules

import (
	"errors"

	"deltatrace/traceability"
)

// Prepared is a document on its way to the rules. Of a stranger's only the header
// is read: what it says is read and checked when its signature has been found good
// by a key on the ledger, here ahead of time or by Apply.
type Prepared struct {
	document *traceability.Document // nil when the header could not be read
	checked  traceability.KeyID     // the key with which the signature was checked
	forged   *traceability.Error    // what came of it

	payload  traceability.Payload  // nil before it is read, or when it cannot be
	problems []*traceability.Error // not empty: rejected whatever the state is
	warnings []*traceability.Error
	limits   [][]string // of a report: for each item the keys of limits that may count
}

// Prepare reads the header of a compact JWS. It never fails: a document that
// cannot be read is rejected by Apply, with the reason. It may run in any
// goroutine.
func Prepare(compact string) *Prepared {
	document, err := traceability.ParseSigned(compact)
	if err != nil {
		return &Prepared{problems: []*traceability.Error{asError(err)}}
	}
	return &Prepared{document: document}
}

// read reads and checks what the document says, once.
func (p *Prepared) read() {
	if p.payload != nil || len(p.problems) > 0 {
		return
	}
	if err := p.document.Read(); err != nil {
		p.problems = []*traceability.Error{asError(err)}
		return
	}
	payload := traceability.NewPayload(p.document.Type)
	if err := p.document.Decode(payload); err != nil {
		p.problems = []*traceability.Error{asError(err)}
		return
	}
	p.problems, p.warnings = payload.Check()
	if len(p.problems) > 0 {
		return
	}
	p.payload = payload
	if report, ok := payload.(*traceability.Report); ok {
		p.limits = traceability.LimitKeys(report)
	}
}

// Key returns the key that claims to have signed, or "" when the document
// cannot be read.
func (p *Prepared) Key() traceability.KeyID {
	if p.document == nil {
		return ""
	}
	return p.document.Key
}

// Verify does ahead of time, so that it can be spread over processors, what needs
// only the key that the ledger holds for the document's kid at the moment: it
// checks the signature and, if that is good, reads and checks what is signed.
// Apply looks the key up again and repeats none of this when it is the same key.
// A key that is not the one kid names is passed over.
func (p *Prepared) Verify(key traceability.PublicKey) {
	if p.document == nil || key.ID(p.document.Party()) != p.document.Key {
		return
	}
	if p.signedBy(key) == nil {
		p.read()
	}
}

// signedBy checks the signature by the key that kid names, once: a KeyID contains
// the key's hash, so equal names are equal keys.
func (p *Prepared) signedBy(key traceability.PublicKey) *traceability.Error {
	if p.checked == p.document.Key {
		return p.forged
	}
	if err := p.document.Verify(key); err != nil {
		p.forged = asError(err)
	}
	p.checked = p.document.Key
	return p.forged
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
