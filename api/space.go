package main

import (
	"context"
	"fmt"

	"deltatrace/traceability"
)

// guarded is the ledger behind the disks of this server: a document that the read
// model has no room for is not taken, for nobody here would see what it does.
type guarded struct {
	Ledger
	storage Storage
}

// Submit implements Ledger.
func (g guarded) Submit(ctx context.Context, documents []string) (traceability.Receipt, error) {
	if err := g.storage.checkSpace(); err != nil {
		return traceability.Receipt{}, err
	}
	return g.Ledger.Submit(ctx, documents)
}

// lowSpace is by how much more than --disk-floor there should be.
const lowSpace = 4

// disks tells of the room that this server has.
type disks struct{ storage Storage }

// Ailments implements traceability.Ailing.
func (d disks) Ailments() []traceability.Ailment {
	part := traceability.PartReadModel
	if err := d.storage.checkSpace(); err != nil {
		return []traceability.Ailment{{Part: part, Code: traceability.CodeNoSpace, Severe: true, Err: err}}
	}
	folder, free, known := d.storage.freeSpace()
	if known && int64(free) < lowSpace*d.storage.floor() {
		return []traceability.Ailment{{Part: part, Code: traceability.CodeLowSpace, Err: fmt.Errorf("the disk of %s has %d MiB free", folder, free>>20)}}
	}
	return nil
}
