// Package backup puts what a server cannot make again into one file, and takes it
// out: the ledger that is in its folder, if there is one, how far the deliveries
// are with their dead letters, the keys that it signs deliveries and badges with,
// and the disclosed days. The read model is not among it: it is made from the
// ledger.
//
// The file is a tar. Its first entry, backup.json, is the Manifest: the ledger's
// last block, and every other entry with its size and SHA-256. A backup holds
// private keys; it is written for its owner alone, and is kept as keys are.
//
// The package knows nothing of ledgers: who calls it brings the function that
// copies one, and the one that proves it.
package backup
