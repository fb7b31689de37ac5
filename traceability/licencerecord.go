package traceability

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// LicenceRecord is a licence with its whole history, as it is known now.
type LicenceRecord struct {
	ID        LicenceID      `json:"licence"`
	Periods   []LicenceTerm  `json:"periods"`   // oldest first
	Documents []LicenceEntry `json:"documents"` // in the order of the ledger
	Remarks   []Remark       `json:"remarks,omitempty"`
}

// LicenceTerm is what held of a licence from a day on, until the next term.
type LicenceTerm struct {
	From    Date          `json:"from"`
	Content Licence       `json:"content"`
	Halt    LicenceStatus `json:"halt,omitzero"` // suspended, revoked or cancelled
	By      DocumentID    `json:"by"`            // the document that began it
}

// LicenceEntry is a document about a licence, with what it says beside its content.
type LicenceEntry struct {
	DocumentRef
	Change *LicenceChange `json:"change,omitzero"` // nil for the grant; without its content, which Periods have
}

// LicenceStanding is what the register says of a licence on a day.
type LicenceStanding struct {
	Licence
	Status LicenceStatus `json:"status"`
	Since  Date          `json:"since"`         // the first day of what holds
	Halt   LicenceStatus `json:"halt,omitzero"` // suspended, revoked or cancelled, whatever the last day of validity
}

// On returns where the licence stands on a day, and the document that brought it
// there.
func (r *LicenceRecord) On(day Date) (LicenceStanding, DocumentID) {
	in := 0
	for i := range r.Periods {
		if r.Periods[i].From <= day {
			in = i
		}
	}
	t := &r.Periods[in]
	period := LicencePeriod{From: t.From, Halt: t.Halt}
	return LicenceStanding{Licence: t.Content, Status: period.StatusOn(day, &t.Content), Since: t.From, Halt: t.Halt}, t.By
}

// LicenceFilter restricts a list of licences; empty fields do not.
type LicenceFilter struct {
	Province ProvinceCode // that issued it
	Division DivisionCode // of the premises
	Holder   USCC
	Number   string // as shown on a page or a sign; FoldLicenceNumber is applied
}

// LicenceSummary is a licence in a list: what was registered last.
type LicenceSummary struct {
	Licence
	Halt LicenceStatus `json:"halt,omitzero"`
}

// Row returns the licence as a row of its province's register.
func (s *LicenceSummary) Row() LicenceRow { return LicenceRow(*s) }

// LicenceRow is a licence as its province's own register has it: what was
// registered last, whatever day it is.
type LicenceRow struct {
	Licence
	Halt LicenceStatus `json:"halt,omitzero"`
}

// Sum returns the SHA-256 of the row's canonical JSON (RFC 8785), in lower-case hex.
func (r *LicenceRow) Sum() (string, error) {
	text, err := Canonical(r)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// RegisterSum is a checksum of a province's whole register: how many licences it
// has, and the SHA-256 of a text with a line for each, in ascending order of the
// ids' bytes: the id, a space, the row's Sum, a line feed. Two registers with the
// same checksum have the same rows.
type RegisterSum struct {
	Licences int    `json:"licences"`
	SHA256   string `json:"sha256"`
}

// RegisterHash computes a RegisterSum. The zero value is an empty register.
type RegisterHash struct {
	licences int
	hash     hash.Hash
}

// Add adds a row; rows come in ascending order of their ids.
func (h *RegisterHash) Add(id LicenceID, sum string) {
	if h.hash == nil {
		h.hash = sha256.New()
	}
	h.licences++
	h.hash.Write([]byte(string(id) + " " + sum + "\n"))
}

// Sum returns the checksum of the rows so far.
func (h *RegisterHash) Sum() RegisterSum {
	if h.hash == nil {
		h.hash = sha256.New()
	}
	return RegisterSum{Licences: h.licences, SHA256: hex.EncodeToString(h.hash.Sum(nil))}
}
