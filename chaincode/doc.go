// Command chaincode runs the ledger's rules for one province as a service of its
// peer (Fabric: chaincode as a service). The peer connects to it, over TLS with
// certificates on both sides.
//
//	chaincode serve --listen 127.0.0.1:17112 --id deltatrace_1:5f2c… --genesis genesis.json \
//	  --tls-cert server.crt --tls-key server.key --tls-client-ca ca.crt
//
// It keeps nothing: everything is in the peer, and it may be killed at any time.
package main
