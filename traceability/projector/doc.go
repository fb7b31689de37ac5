// Package projector keeps a read model at the ledger's heels: it follows
// Ledger.Blocks from the block after the one that the read model has, applies
// what is there in few transactions, and tells who waits for a block when it
// has arrived. It stands on the domain only; the read model is whatever has its
// Store's two methods.
package projector
