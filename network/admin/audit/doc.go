// Package audit checks what the provinces' peers hold of a Fabric channel. It
// trusts the channel's first block, and nothing that a peer says. From there it
// follows the blocks of all peers side by side:
//
//   - number, hash of the block before, and hash of the data are recomputed, and
//     are the same at every peer; so are the marks of which transactions are
//     valid, and the hash of the state changes;
//   - a Byzantine quorum of the orderers of the configuration then in force has
//     signed the block;
//   - the submitter and each endorser of a transaction have signed it, with
//     certificates of their organisations, and enough organisations endorsed;
//   - what a transaction read was what the transactions before it had written;
//   - the rules, run again on the documents that the records keep, in the state
//     at that time, write the same bytes: this checks each document's signature
//     against its party's key as it was then.
//
// Memory stays bounded: a few blocks, and a state on the disk. Blocks come from
// peers, or from copies of their block files (Folder), which needs no network
// and no working Fabric.
//
// It imports the domain, the rules, Pebble and fabric-protos-go; it must not
// import fabric-protos-go-apiv2 or anything that does.
//
//	report, err := audit.Run(ctx, audit.Config{
//		Channel: "deltatrace", Chaincode: "deltatrace", Endorsements: 3, Genesis: block,
//		Provinces: []audit.Province{{Name: "anhui", Source: folder}, …},
//	})
package audit
