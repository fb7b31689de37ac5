// Package ledgertest is the suite that every implementation of
// traceability.Ledger passes, and the documents that tests of other packages
// need: see Run and Network. It imports the domain only.
//
//	func TestLedger(t *testing.T) {
//		ledgertest.Run(t, func(tb testing.TB) ledgertest.Harness {
//			network := ledgertest.NewNetwork(tb)
//			return ledgertest.Harness{Network: network, Ledger: start(tb, network.Genesis())}
//		})
//	}
package ledgertest
