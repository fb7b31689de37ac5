// Package replay checks a transaction that is on a ledger: it takes the
// documents out of the records, has the rules decide on them again, and compares
// what they write with what is there, byte for byte. Whoever keeps a ledger
// brings the state and the rules (Decide).
//
// It imports the domain and nothing else of deltatrace.
package replay
