// Package projector brings the ledger's blocks into the read model: it follows
// the feed from the read model's cursor, hands over together what is already
// there, and tells those who wait when a block has arrived.
//
// It keeps nothing: the cursor is the store's, and moves in one transaction with
// the rows, so that the process may be killed at any moment. It imports
// traceability only; ledger and store are what it is given.
//
//	p := projector.New(ledger, store, projector.Options{Logger: log})
//	go func() { done <- p.Run(ctx) }()
//	…
//	receipt, err := ledger.Submit(ctx, documents)
//	err = p.Wait(ctx, receipt.Block) // now the submitter reads its own write
package projector
