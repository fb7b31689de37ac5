// Package contract makes the rules a Hyperledger Fabric chaincode: a thin
// wrapper that fetches documents and state, and hands back outcomes and writes.
// It decides nothing itself.
//
// The transactions are Init, Submit and Record; org.hyperledger.fabric:GetMetadata
// describes them. They are a pure function of the proposal and the state: what
// runs in goroutines here (reading documents, checking signatures) has no
// influence on the result, and the package looks at no clock.
//
// It imports the domain and the rules, and nothing else of deltatrace.
//
//	chaincode, err := contract.New(genesis)
//	server := shim.ChaincodeServer{CCID: id, CC: chaincode}
package contract
