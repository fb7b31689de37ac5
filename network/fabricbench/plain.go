package fabricbench

import (
	"context"
	"errors"
	"os"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"deltatrace/network/cluster"
)

// plain is the chaincode of the plain way, through fabric-gateway as its samples
// use it.
type plain struct {
	conn     *grpc.ClientConn
	gateway  *client.Gateway
	contract *client.Contract
}

const plainName = "plain"

// openPlain deploys the program plain, unless it is, and connects to it.
func openPlain(ctx context.Context, c *cluster.Cluster) (*plain, error) {
	if err := c.BuildPrograms(ctx, "./network/fabricbench/plain"); err != nil {
		return nil, err
	}
	if err := c.DeployProgram(ctx, plainName, plainName); err != nil {
		return nil, err
	}
	profile := c.Topology.Profile(c.Files(), c.Topology.Provinces[0])
	own := profile.Peers[0]
	secure, err := credentials.NewClientTLSFromFile(own.TLSRoot, "")
	if err != nil {
		return nil, err
	}
	certificate, err := os.ReadFile(profile.Cert)
	if err != nil {
		return nil, err
	}
	x509, err := identity.CertificateFromPEM(certificate)
	if err != nil {
		return nil, err
	}
	id, err := identity.NewX509Identity(profile.MSP, x509)
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(profile.Key)
	if err != nil {
		return nil, err
	}
	private, err := identity.PrivateKeyFromPEM(key)
	if err != nil {
		return nil, err
	}
	sign, err := identity.NewPrivateKeySign(private)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(own.Address, grpc.WithTransportCredentials(secure))
	if err != nil {
		return nil, err
	}
	gateway, err := client.Connect(id, client.WithSign(sign), client.WithHash(hash.SHA256), client.WithClientConnection(conn))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &plain{conn: conn, gateway: gateway, contract: gateway.GetNetwork(profile.Channel).GetContract(plainName)}, nil
}

// put stores a record and returns when it is committed.
func (p *plain) put(ctx context.Context, key, value string) error {
	_, err := p.contract.SubmitWithContext(ctx, "Put", client.WithArguments(key, value))
	return err
}

func (p *plain) Close() error {
	return errors.Join(p.gateway.Close(), p.conn.Close())
}
