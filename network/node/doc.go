// Package node runs one API on an embedded ledger as a process, with the keys of
// all parties in one folder: for demonstrations, tests and measurements.
package node
