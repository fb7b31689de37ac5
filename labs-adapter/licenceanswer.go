package main

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
)

// statusChanged is of a row that changed a licence which the ledger had.
const statusChanged = "changed"

// licenceFate is what became of a row of a register.
type licenceFate struct {
	status             string
	changes            []traceability.LicenceChangeKind
	documents          []traceability.DocumentID
	record             string
	tx                 traceability.TxID
	block              uint64
	problems, warnings []formats.Problem
}

// localLicenceFate is the fate of a row before it is sent.
func localLicenceFate(r *formats.LicenceRow) licenceFate {
	if r.Rejected() {
		return licenceFate{status: statusRejected, problems: r.Problems}
	}
	return licenceFate{status: statusOK, warnings: r.Warnings}
}

// licenceAnswer is a line of the output for machines. It names no holder.
type licenceAnswer struct {
	File      string                           `json:"file"`
	Sheet     string                           `json:"sheet,omitzero"`
	Row       int                              `json:"row"`
	Licence   traceability.LicenceID           `json:"licence,omitzero"`
	Status    string                           `json:"status"`
	Changes   []traceability.LicenceChangeKind `json:"changes,omitempty"`
	Documents []traceability.DocumentID        `json:"documents,omitempty"`
	Record    string                           `json:"record,omitzero"`
	Tx        traceability.TxID                `json:"tx,omitzero"`
	Block     uint64                           `json:"block,omitzero"`
	Problems  []formats.Problem                `json:"problems,omitempty"`
	Warnings  []formats.Problem                `json:"warnings,omitempty"`
}

func newRegisterOutput(p *program, format string) *output {
	out := newOutput(p, format)
	out.totals.what = "张许可证 licences"
	return out
}

// licence shows what became of a row: as text only what a person has to look at.
func (o *output) licence(file string, r *formats.LicenceRow, f licenceFate) error {
	o.totals.add(f.status, 1)
	if o.asJSON {
		err := json.MarshalWrite(o.to, licenceAnswer{File: file, Sheet: r.Sheet, Row: r.Line, Licence: r.Row.ID, Status: f.status, Changes: f.changes,
			Documents: f.documents, Record: f.record, Tx: f.tx, Block: f.block, Problems: f.problems, Warnings: f.warnings})
		if err != nil {
			return err
		}
		return o.to.WriteByte('\n')
	}
	if len(f.problems)+len(f.warnings) == 0 || f.status == statusNotSent {
		return nil
	}
	_, err := fmt.Fprintf(o.to, "%s:%d %s  %s\n", file, r.Line, r.Row.ID, f.status)
	o.problems("!", f.problems)
	o.problems("注意 note:", f.warnings)
	return err
}
