// Program liar is a chaincode that lies: it judges documents as the true one does,
// and adds to what is to be written a record that nobody submitted. `network faults`
// runs it in the place of a province's.
package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/go-json-experiment/json"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"deltatrace/chaincode/contract"
	"deltatrace/traceability"
)

// cli takes what the true chaincode takes.
type cli struct {
	Serve struct {
		Listen      string `required:""`
		ID          string `required:""`
		Genesis     string `required:""`
		TLSCert     string `name:"tls-cert" required:""`
		TLSKey      string `name:"tls-key" required:""`
		TLSClientCA string `name:"tls-client-ca" required:""`
	} `cmd:""`
}

// liar wraps the true rules.
type liar struct{ shim.Chaincode }

// Invoke implements shim.Chaincode.
func (l liar) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	if function, _ := stub.GetFunctionAndParameters(); strings.HasSuffix(function, "Submit") {
		if err := stub.PutState("lie/"+stub.GetTxID(), []byte("{}")); err != nil {
			return shim.Error(err.Error())
		}
	}
	return l.Chaincode.Invoke(stub)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "liar:", err)
		os.Exit(1)
	}
}

func run() error {
	var c cli
	kong.Parse(&c)
	content, err := os.ReadFile(c.Serve.Genesis)
	if err != nil {
		return err
	}
	var genesis traceability.Genesis
	if err := json.Unmarshal(content, &genesis); err != nil {
		return err
	}
	rules, err := contract.New(genesis)
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.Serve.TLSCert, c.Serve.TLSKey)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Serve.Listen)
	if err != nil {
		return err
	}
	const most = 32 << 20 // bytes of a message
	server := grpc.NewServer(grpc.MaxRecvMsgSize(most), grpc.MaxSendMsgSize(most),
		grpc.Creds(credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}})))
	peer.RegisterChaincodeServer(server, &shim.ChaincodeServer{CCID: c.Serve.ID, CC: liar{rules}})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, server.Stop)()
	return server.Serve(listener)
}
