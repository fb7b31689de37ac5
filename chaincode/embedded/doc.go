// Package embedded is the ledger of one organisation on one machine: in the
// process, durable, hash-chained. It is the default: quick start, tests, a
// single node in production. It is one node and simulates no other: nobody else
// holds a copy, so whoever owns the folder can still cut blocks off its end.
// Who must be sure keeps a Head elsewhere and compares; who needs four
// provinces to agree runs network/fabric.
//
// A block, all that it writes and the new head go to the disk in one atomic,
// synced Pebble commit. Many submissions share one commit. Nothing is answered
// before it is durable.
//
// What is on the disk, in Pebble's key order (numbers are big-endian):
//
//	b number        block header (block.go says exactly what is in it and what is hashed)
//	f               the format of the folder, "deltatrace ledger 2"
//	h               head: number, hash of the last block
//	s key           where the key's value is: number of the block, place of the write in it
//	w number place  one write: key and value
//
// A value is kept once, in the block that wrote it; the state points there. So
// the state cannot say anything that no block says.
//
// The package imports the domain, the rules and Pebble; nothing else of
// deltatrace. It must not import an API, a store or a network.
package embedded
