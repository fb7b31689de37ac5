// Package store is the SQL read model: it answers traceability.Reader from rows
// that it projects from the ledger's blocks.
//
// It is disposable. Everything in it comes from the ledger, so it may be dropped
// and made again from block 0 (Reset, then project anew) and has the same
// content, which Dump shows. The rows of a block and the note that the block has
// been applied are written in one transaction, so a crash loses nothing and
// doubles nothing, and two projectors on one database do no harm.
//
// What is kept: each signed document once, in the table documents; beside it
// only the columns that are searched, and what a trace tells of a lot. A payload
// is read from its document when it is asked for. Measured: a second copy as a
// JSON column makes the database a fifth larger, to save some 10 µs for each
// document that is read.
//
// The SQL is written once for SQLite, PostgreSQL and CockroachDB: text keys, no
// serial ids, no NULL, upserts by ON CONFLICT, lists ordered by the bytes of
// their keys. What differs sits behind engine: opening, the migrations' files,
// the form of placeholders, retries. What is avoided, and why, is in
// docs/adr/0006-postgresql-and-cockroachdb.md.
//
// The package imports traceability and SQL drivers, nothing else of deltatrace.
// The suite that every engine passes is in storetest; postgrestest starts the
// PostgreSQL that it runs on.
//
// Where to add a question: a method on traceability.Reader, its SQL in the
// family's file (party.go, lot.go, event.go, report.go, notice.go, licence.go, listing.go, document.go, trace.go),
// a column in a new migration if it searches one, a case in storetest.
package store
