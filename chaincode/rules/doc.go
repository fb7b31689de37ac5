// Package rules is the only place that decides: what becomes of each document,
// and what it writes. It is plain deterministic Go: no clock, randomness, map
// order, goroutine or I/O, so that every peer of every province comes to the
// same bytes. It imports the domain and nothing else of deltatrace.
//
// Apply is the whole of it. Prepare and Prepared.Verify do, ahead of time and in any
// goroutine, the part of the work that needs no more than the signer's key.
package rules
