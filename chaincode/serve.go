package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"deltatrace/chaincode/contract"
	"deltatrace/traceability"
)

// serve is `chaincode serve` with its flags.
type serve struct {
	Listen      string `help:"Address to listen on, where the peer's connection.json points." required:"" placeholder:"HOST:PORT"`
	ID          string `name:"id" help:"Package id that the peer gave the installed package: label:hash." required:""`
	Genesis     string `help:"JSON file with the provinces and their keys, as this province knows them. Init is endorsed for no other." required:"" type:"path" placeholder:"FILE"`
	TLSCert     string `name:"tls-cert" help:"Certificate of this server, PEM." required:"" type:"path" placeholder:"FILE"`
	TLSKey      string `name:"tls-key" help:"Its key, PEM." required:"" type:"path" placeholder:"FILE"`
	TLSClientCA string `name:"tls-client-ca" help:"Authority that issued the peer's certificate, PEM. Nobody else may connect." required:"" type:"path" placeholder:"FILE"`
}

// maxMessage bounds what one message of the peer may be: a proposal with the
// largest batch, or the state that its documents read, and what comes with it.
const maxMessage = 32 << 20

// Run serves until the process is told to stop.
func (s *serve) Run(to *streams) error {
	genesis, err := s.readGenesis()
	if err != nil {
		return err
	}
	rules, err := contract.New(*genesis)
	if err != nil {
		return err
	}
	secure, err := s.tls()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	// The shim's own server cannot be stopped, and takes messages of 100 MiB.
	server := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(secure)),
		grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage),
		grpc.ConnectionTimeout(5*time.Second),
		// The peer pings once a minute at most.
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: time.Minute, Timeout: 20 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 30 * time.Second, PermitWithoutStream: true}),
	)
	peer.RegisterChaincodeServer(server, &shim.ChaincodeServer{CCID: s.ID, CC: rules})
	to.log.Info("serving", "address", listener.Addr().String(), "package", s.ID, "version", contract.Version)

	// The peer's connection is one endless call: there is nothing to wait for. A
	// transaction that is cut off is endorsed by nobody, and is tried again.
	stopped := context.AfterFunc(to.ctx, server.Stop)
	defer stopped()
	if err := server.Serve(listener); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	to.log.Info("stopped")
	return nil
}

// tls demands certificates of both sides.
func (s *serve) tls() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("the server's certificate: %w", err)
	}
	authority, err := os.ReadFile(s.TLSClientCA)
	if err != nil {
		return nil, fmt.Errorf("the peer's authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("the peer's authority: %s has no certificate in PEM", s.TLSClientCA)
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair},
		ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
	}, nil
}

func (s *serve) readGenesis() (*traceability.Genesis, error) {
	b, err := os.ReadFile(s.Genesis)
	if err != nil {
		return nil, fmt.Errorf("genesis: %w", err)
	}
	genesis := new(traceability.Genesis)
	if err := json.Unmarshal(b, genesis, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("genesis: %s: %w", s.Genesis, err)
	}
	return genesis, nil
}
