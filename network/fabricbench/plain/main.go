// Program plain is what deltatrace's chaincode is measured against: the way of
// Fabric's samples, one record a transaction, stored as it comes and unchecked.
// It is for measurements only.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// cli takes the flags that every chaincode of the network gets.
type cli struct {
	Serve struct {
		Listen      string `required:""`
		ID          string `name:"id" required:""`
		Genesis     string
		TLSCert     []byte `name:"tls-cert" type:"filecontent" required:""`
		TLSKey      []byte `name:"tls-key" type:"filecontent" required:""`
		TLSClientCA []byte `name:"tls-client-ca" type:"filecontent" required:""`
	} `cmd:"" help:"Serve the province's peer."`
}

func main() {
	var c cli
	kong.Parse(&c, kong.Name("plain"))
	s := c.Serve
	server := shim.ChaincodeServer{CCID: s.ID, Address: s.Listen, CC: plain{}, TLSProps: shim.TLSProperties{
		Key: s.TLSKey, Cert: []byte(s.TLSCert), ClientCACerts: []byte(s.TLSClientCA),
	}}
	if err := server.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "plain:", err)
		os.Exit(1)
	}
}

type plain struct{}

// Init implements shim.Chaincode.
func (plain) Init(shim.ChaincodeStubInterface) *peer.Response { return shim.Success(nil) }

// Invoke puts its second argument under its first.
func (plain) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	_, args := stub.GetFunctionAndParameters()
	if len(args) != 2 {
		return shim.Error("expected a key and a value")
	}
	if err := stub.PutState(args[0], []byte(args[1])); err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(nil)
}
