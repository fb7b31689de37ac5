// Package traceability is the domain of deltatrace: what parties say (Document),
// where it is kept (Ledger), and what can be asked of it (Reader).
//
// The data goes one way round and no step is skipped:
//
//	lab file ─labs-adapter─► signed documents ─POST─► api ─► Ledger.Submit ─► rules.Apply ─► Block of writes
//	                                                                                             │
//	consumer page, QR, JSON ◄─ api ◄─ Reader (SQL) ◄─ store.Apply ◄─ projector ◄─ Ledger.Blocks ◄┘
//
// This is the bottom floor: everything imports it, and it imports nothing of
// deltatrace. It depends on the standard library and on small pure libraries
// only. It holds no I/O.
//
// Reading order for a newcomer: document.go, payload.go and the payloads
// (party.go, lot.go, event.go, report.go), state.go, ledger.go, reader.go; then
// noticemove.go, the table by which the case of a failed sample lives.
package traceability
