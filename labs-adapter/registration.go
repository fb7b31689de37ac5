package main

import (
	"bytes"
	"cmp"
	"fmt"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
)

// statement is a document to be.
type statement struct {
	typ     traceability.DocumentType
	payload any
	signed  string
}

// decide says what must be said so that the ledger's row becomes the file's.
func (w *registration) decide(ledger *traceability.RegisterCompared, signer traceability.PartyID, today traceability.Date) {
	id := w.row.Row.ID
	switch {
	case traceability.Regulator(id.Province()) != signer:
		w.refuse(&traceability.Error{Code: traceability.CodeNotAllowed, Field: "licence", Found: string(id), Expected: "a licence of the signer's province",
			ZH: "许可证不属于签名方省份", EN: "the licence is not of the signer's province"})
	case ledger.Is == traceability.RowSame:
		w.fate.status = string(traceability.StatusDuplicate)
		w.fate.record = traceability.LicenceKey(id)
	case ledger.Is == traceability.RowNew:
		w.grant(today)
	case ledger.Is == traceability.RowChanged:
		w.change(ledger.Row, today)
	}
}

func (w *registration) refuse(e *traceability.Error) {
	w.fate.status, w.fate.problems = statusRejected, []formats.Problem{w.row.Problem(e)}
}

func (w *registration) grant(today traceability.Date) {
	row := &w.row.Row
	w.says = append(w.says, statement{typ: traceability.TypeLicenceGrant, payload: &row.Licence})
	if kind := haltKind(row.Halt); row.Halt != "" {
		w.say(kind, max(cmp.Or(w.row.From, today), row.ValidFrom), nil)
	}
}

// change says how the file's row differs from the ledger's: in content, in state, or
// in both.
func (w *registration) change(has *traceability.LicenceRow, today traceability.Date) {
	row := &w.row.Row
	ended := has.Halt == traceability.LicenceStruck || has.Halt == traceability.LicenceSurrender
	if ended && row.Halt != has.Halt {
		w.refuse(&traceability.Error{Code: traceability.CodeWrongState, Field: "halt", Found: string(row.Halt), Expected: string(has.Halt),
			ZH: "登记库中该许可证已吊销或注销；如系误登，须签署更正（licence.change，corrected，annuls）", EN: "the licence is " + string(has.Halt) + " on the ledger; if that was a mistake, it takes a signed correction (licence.change, corrected, annuls)"})
		return
	}
	if kind := contentKind(has, row, ended); kind != "" {
		from := today
		if kind == traceability.LicenceRenewed {
			from = row.ValidFrom
		}
		w.say(kind, max(cmp.Or(w.row.From, from), has.ValidFrom), &row.Licence)
	}
	if row.Halt != has.Halt {
		w.say(haltKind(row.Halt), max(cmp.Or(w.row.From, today), has.ValidFrom), nil)
	}
}

func (w *registration) say(kind traceability.LicenceChangeKind, from traceability.Date, content *traceability.Licence) {
	w.fate.changes = append(w.fate.changes, kind)
	w.says = append(w.says, statement{typ: traceability.TypeLicenceChange, payload: &traceability.LicenceChange{
		ID: w.row.Row.ID, Change: kind, From: from, Content: content, Basis: w.row.Basis, Reason: w.row.Reason}})
}

// contentKind is what kind of change makes one content of another; empty when they
// are the same.
func contentKind(has, row *traceability.LicenceRow, ended bool) traceability.LicenceChangeKind {
	before, after := has.Licence, row.Licence
	if sameLicence(before, after) {
		return ""
	}
	if ended {
		return traceability.LicenceCorrected
	}
	if before.ValidTo != "" && (after.ValidTo == "" || after.ValidTo > before.ValidTo) && after.ValidFrom >= before.ValidFrom {
		return traceability.LicenceRenewed
	}
	after.Grades, after.Camera = before.Grades, before.Camera
	if sameLicence(before, after) {
		return traceability.LicenceGraded
	}
	return traceability.LicenceAltered
}

func sameLicence(a, b traceability.Licence) bool {
	one, err1 := traceability.Canonical(a)
	other, err2 := traceability.Canonical(b)
	return err1 == nil && err2 == nil && bytes.Equal(one, other)
}

// haltKind is what kind of change brings a licence into a state.
func haltKind(halt traceability.LicenceStatus) traceability.LicenceChangeKind {
	for _, kind := range []traceability.LicenceChangeKind{traceability.LicenceSuspended, traceability.LicenceRevoked, traceability.LicenceCancelled} {
		if kind.Halt("") == halt {
			return kind
		}
	}
	return traceability.LicenceResumed
}

// settled records what the ledger said of a row's documents.
func (w *registration) settled(receipt *delivery) {
	w.fate.status = string(traceability.StatusAccepted)
	if w.says[0].typ == traceability.TypeLicenceChange {
		w.fate.status = statusChanged
	}
	for i := range w.says {
		o := &receipt.Outcomes[w.first+i]
		w.fate.documents, w.fate.record = append(w.fate.documents, o.ID), cmp.Or(o.Record, w.fate.record)
		for _, e := range o.Warnings {
			w.fate.warnings = append(w.fate.warnings, w.row.Problem(e))
		}
		if o.Status != traceability.StatusRejected {
			w.fate.tx, w.fate.block = receipt.place(o)
			continue
		}
		w.fate.status = statusRejected
		for _, e := range o.Problems {
			w.fate.problems = append(w.fate.problems, w.row.Problem(e))
		}
		if len(o.Problems) == 0 {
			w.fate.problems = append(w.fate.problems, w.row.Problem(traceability.NewError(o.Code, "", "账本拒绝："+string(o.Code), fmt.Sprintf("the ledger rejected it: %s", o.Code))))
		}
	}
}
