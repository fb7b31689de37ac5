// Package fabric is the ledger that four provinces keep together: a Hyperledger
// Fabric network, reached through the gateways of its peers. Each province's
// program uses its own peer, and another's while its own is gone.
//
// What is submitted at the same time goes into few transactions (queue.go). A
// transaction is endorsed, ordered and awaited, and tried again until its fate
// is known (settle.go, trial.go, order.go). Blocks come from a peer's block feed,
// are checked to hang together, and are reduced to what this ledger's chaincode
// wrote in valid transactions (feed.go, block.go).
//
// One ledger is one chaincode name on one channel. A document is acknowledged
// only when its transaction is committed and valid.
//
// The package imports the domain and the network's topology, and nothing else
// of deltatrace.
//
//	profile, err := topology.ReadProfile("data/network/shanghai/profile.json")
//	ledger, err := fabric.Open(ctx, profile, fabric.Options{})
//	defer ledger.Close()
package fabric
