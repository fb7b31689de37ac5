// Program admin is the control path of a Fabric network: it lets peers join the
// channel, deploys chaincode, starts the ledger, waits until all can endorse, and
// audits what the peers hold. `network up` runs it; a province that runs its own
// machines uses it with --province.
//
//	admin join
//	admin deploy --label deltatrace_1 --package deltatrace_1.tar.gz --sequence 1
//	admin ready
//	admin init
//	admin heights
//	admin audit
//
// Every command asks first whether there is anything to do, so it may be given
// again. Transactions go to every province's orderer, and what they are for is
// waited for: an orderer's word alone says nothing (see order).
//
// It stands on fabric-sdk-go, whose protobufs (fabric-protos-go) cannot share a
// binary with those of fabric-gateway and chaincode (fabric-protos-go-apiv2).
// That is why it is a program of its own, and why nothing may import it.
package main
