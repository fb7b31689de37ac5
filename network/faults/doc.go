// Package faults breaks a real four-province network on purpose, piece by piece,
// under a steady load of submissions, and holds it to what it promised: what was
// acknowledged is on the ledger, once, at every province. It measures how long
// submissions stalled for each fault.
//
// It may start and stop the whole network; it is no test to run against one that
// somebody uses.
package faults
