package fabric

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"

	"deltatrace/network/topology"
	"deltatrace/traceability"
)

// gateway is one peer, as this client reaches it.
type gateway struct {
	topology.Endpoint
	conn    *grpc.ClientConn
	client  *client.Gateway
	network *client.Network
	ledger  *client.Contract // the chaincode of this ledger
	chain   *client.Contract // the peer's own, which knows its chain
	known   string           // the key of a record that every such ledger has
}

// Bounds of one message: the largest block that peers send, with what gRPC adds.
const maxMessage = 64 << 20

// Bounds in time of the phases of a transaction and of questions to a peer. Those
// that take part in a phase which takes longer than usual are asked meanwhile
// whether they answer (attend.go).
const (
	endorseWithin = 5 * time.Second // and more for each MiB of documents
	orderWithin   = 5 * time.Second // the same
	perMegabyte   = 2 * time.Second
	askWithin     = time.Second
	fetchWithin   = 10 * time.Second // a whole block
)

// member is who this client is to the peers.
type member struct {
	id   identity.Identity
	sign identity.Sign
}

func readMember(profile *topology.Profile) (member, error) {
	pem, err := os.ReadFile(profile.Cert)
	if err != nil {
		return member{}, fmt.Errorf("the client's certificate: %w", err)
	}
	certificate, err := identity.CertificateFromPEM(pem)
	if err != nil {
		return member{}, fmt.Errorf("the client's certificate: %s: %w", profile.Cert, err)
	}
	id, err := identity.NewX509Identity(profile.MSP, certificate)
	if err != nil {
		return member{}, fmt.Errorf("the client's certificate: %s: %w", profile.Cert, err)
	}
	if pem, err = os.ReadFile(profile.Key); err != nil {
		return member{}, fmt.Errorf("the client's key: %w", err)
	}
	key, err := identity.PrivateKeyFromPEM(pem)
	if err != nil {
		return member{}, fmt.Errorf("the client's key: %s: %w", profile.Key, err)
	}
	sign, err := identity.NewPrivateKeySign(key)
	if err != nil {
		return member{}, fmt.Errorf("the client's key: %s: %w", profile.Key, err)
	}
	return member{id: id, sign: sign}, nil
}

// dial makes a gateway; it connects when it is first used.
func dial(profile *topology.Profile, endpoint topology.Endpoint, who member, more ...grpc.DialOption) (*gateway, error) {
	conn, err := connect(endpoint, more...)
	if err != nil {
		return nil, fmt.Errorf("the peer %w", err)
	}
	connected, err := client.Connect(who.id, client.WithSign(who.sign), client.WithHash(hash.SHA256), client.WithClientConnection(conn))
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("the peer %s: %w", endpoint.Address, err)
	}
	network := connected.GetNetwork(profile.Channel)
	return &gateway{
		Endpoint: endpoint, conn: conn, client: connected, network: network,
		ledger: network.GetContract(profile.Chaincode), chain: network.GetContract("qscc"),
		known: traceability.PartyKey(traceability.Regulator(traceability.ProvinceCode(profile.Province))),
	}, nil
}

// connect makes a connection to a node; it connects when it is first used.
func connect(endpoint topology.Endpoint, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	root, err := os.ReadFile(endpoint.TLSRoot)
	if err != nil {
		return nil, fmt.Errorf("%s: its TLS authority: %w", endpoint.Address, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(root) {
		return nil, fmt.Errorf("%s: its TLS authority: %s has no certificate in PEM", endpoint.Address, endpoint.TLSRoot)
	}
	conn, err := grpc.NewClient(endpoint.Address, append([]grpc.DialOption{
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool})),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)),
		// A node that comes back is to be found within a second or two.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second},
			MinConnectTimeout: 3 * time.Second,
		}),
	}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", endpoint.Address, err)
	}
	return conn, nil
}

func (g *gateway) close() error {
	return errors.Join(g.client.Close(), g.conn.Close())
}

// info asks the peer how long its chain is. It asks this peer and no other.
func (g *gateway) info(ctx context.Context) (*common.BlockchainInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	b, err := g.chain.EvaluateWithContext(ctx, "GetChainInfo", client.WithArguments(g.network.Name()), client.WithEndorsingOrganizations(g.MSP))
	if err != nil {
		return nil, fmt.Errorf("the peer %s does not say its height: %w", g.Address, err)
	}
	info := new(common.BlockchainInfo)
	if err := unmarshal("chain info", b, info); err != nil {
		return nil, err
	}
	return info, nil
}

// able asks the peer and its chaincode for a record that is there. It asks this
// peer and no other.
func (g *gateway) able(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, listenWithin)
	defer cancel()
	_, err := g.record(ctx)
	return err
}

// record returns the first record of the ledger that the peer's chaincode has.
func (g *gateway) record(ctx context.Context) ([]byte, error) {
	record, err := g.ledger.EvaluateWithContext(ctx, "Record", client.WithArguments(g.known), client.WithEndorsingOrganizations(g.MSP))
	if err != nil {
		return nil, fmt.Errorf("the chaincode of the peer %s does not answer: %w", g.Address, err)
	}
	return record, nil
}

// block asks the peer for one block.
func (g *gateway) block(ctx context.Context, number uint64) (*common.Block, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	b, err := g.chain.EvaluateWithContext(ctx, "GetBlockByNumber",
		client.WithArguments(g.network.Name(), strconv.FormatUint(number, 10)), client.WithEndorsingOrganizations(g.MSP))
	if err != nil {
		return nil, fmt.Errorf("the peer %s does not give block %d: %w", g.Address, number, err)
	}
	block := new(common.Block)
	if err := unmarshal("block", b, block); err != nil {
		return nil, err
	}
	return block, nil
}
