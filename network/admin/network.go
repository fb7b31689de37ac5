package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	mspclient "github.com/hyperledger/fabric-sdk-go/pkg/client/msp"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/logging"
	fabctx "github.com/hyperledger/fabric-sdk-go/pkg/common/providers/context"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/core"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/msp"
	sdkcontext "github.com/hyperledger/fabric-sdk-go/pkg/context"
	"github.com/hyperledger/fabric-sdk-go/pkg/core/config"
	"github.com/hyperledger/fabric-sdk-go/pkg/core/cryptosuite/bccsp/sw"
	"github.com/hyperledger/fabric-sdk-go/pkg/fabsdk"
	"github.com/hyperledger/fabric-sdk-go/pkg/fabsdk/factory/defcore"

	"deltatrace/network/topology"
)

// Time limits of single calls.
const (
	connectTimeout = 3 * time.Second
	queryTimeout   = 15 * time.Second
)

// network reaches the provinces' peers and orderers.
type network struct {
	*topology.Topology
	files topology.Files
	sdk   *fabsdk.FabricSDK
}

// openNetwork prepares connections; it makes none yet.
func openNetwork(t *topology.Topology, files topology.Files) (*network, error) {
	logging.SetLevel("", logging.CRITICAL) // every failure comes back as an error
	profile, err := connectionProfile(t)
	if err != nil {
		return nil, err
	}
	sdk, err := fabsdk.New(config.FromRaw(profile, "json"), fabsdk.WithCorePkg(&inMemory{defcore.NewProviderFactory()}))
	if err != nil {
		return nil, fmt.Errorf("prepare the connections: %w", err)
	}
	return &network{Topology: t, files: files, sdk: sdk}, nil
}

func (n *network) Close() { n.sdk.Close() }

// inMemory keeps keys in memory only. By default fabric-sdk-go makes a folder
// for them where it is run.
type inMemory struct{ *defcore.ProviderFactory }

// CreateCryptoSuiteProvider implements fabric-sdk-go's factory.
func (*inMemory) CreateCryptoSuiteProvider(core.CryptoSuiteConfig) (core.CryptoSuite, error) {
	return sw.GetSuiteWithDefaultEphemeral()
}

// connectionProfile is the part of fabric-sdk-go's configuration that it cannot
// do without: the names of the organisations. Peers, orderers and identities are
// given to it one by one, so that a province needs nobody else's keys.
func connectionProfile(t *topology.Topology) ([]byte, error) {
	type organisation struct {
		MSP        string `json:"mspid"`
		CryptoPath string `json:"cryptoPath"`
	}
	organisations := make(map[string]organisation)
	for _, p := range t.Provinces {
		organisations[p.Name] = organisation{MSP: p.MSP, CryptoPath: "unused"}
	}
	profile, err := json.Marshal(map[string]any{
		"version": "1.0.0",
		"client": map[string]any{
			"organization": t.Provinces[0].Name,
			"peer":         map[string]any{"timeout": map[string]any{"connection": connectTimeout.String(), "discovery": map[string]any{"connection": connectTimeout.String()}}},
			"orderer":      map[string]any{"timeout": map[string]any{"connection": connectTimeout.String(), "response": queryTimeout.String()}},
		},
		"organizations": organisations,
	}, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("connection profile: %w", err)
	}
	return profile, nil
}

// member is one province's peer, with the province's administrator to ask it.
type member struct {
	topology.Province
	network *network
	client  fabctx.Client
	peer    fab.Peer
}

// member returns a province's part of the network. It needs the keys of the
// province's administrator.
func (n *network) member(p topology.Province) (*member, error) {
	identity, err := n.administrator(p)
	if err != nil {
		return nil, fmt.Errorf("%s: the administrator's certificate and key: %w", p.Name, err)
	}
	client, err := n.sdk.Context(fabsdk.WithIdentity(identity))()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	m := &member{Province: p, network: n, client: client}
	m.peer, err = n.peer(client, p)
	return m, err
}

// members returns the provinces of those names or codes; all when there are
// none.
func (n *network) members(names []string) ([]*member, error) {
	provinces := n.Provinces
	if len(names) > 0 {
		provinces = nil
		for _, name := range names {
			p, err := n.Province(name)
			if err != nil {
				return nil, err
			}
			provinces = append(provinces, p)
		}
	}
	members := make([]*member, len(provinces))
	for i, p := range provinces {
		m, err := n.member(p)
		if err != nil {
			return nil, err
		}
		members[i] = m
	}
	return members, nil
}

// everybody returns all provinces' peers as m's administrator asks them: it
// needs no other's keys.
func (m *member) everybody() ([]*member, error) {
	members := make([]*member, len(m.network.Provinces))
	for i, p := range m.network.Provinces {
		peer, err := m.network.peer(m.client, p)
		if err != nil {
			return nil, err
		}
		members[i] = &member{Province: p, network: m.network, client: m.client, peer: peer}
	}
	return members, nil
}

func (n *network) administrator(p topology.Province) (msp.SigningIdentity, error) {
	files := n.files.Admin(p)
	cert, err := os.ReadFile(files.Cert)
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(files.Key)
	if err != nil {
		return nil, err
	}
	client, err := mspclient.New(n.sdk.Context(), mspclient.WithOrg(p.Name))
	if err != nil {
		return nil, err
	}
	return client.CreateSigningIdentity(msp.WithCert(cert), msp.WithPrivateKey(key))
}

// peer returns a province's peer as another's, or its own, client reaches it.
func (n *network) peer(client fabctx.Client, p topology.Province) (fab.Peer, error) {
	at, err := n.peerConfig(p)
	if err != nil {
		return nil, err
	}
	peer, err := client.InfraProvider().CreatePeerFromConfig(&fab.NetworkPeer{PeerConfig: at, MSPID: p.MSP})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	return peer, nil
}

func (n *network) peerConfig(p topology.Province) (fab.PeerConfig, error) {
	root, err := readCertificate(n.files.PeerTLS(p).Root)
	if err != nil {
		return fab.PeerConfig{}, fmt.Errorf("%s: the authority of the peer's TLS certificate: %w", p.Name, err)
	}
	return fab.PeerConfig{URL: "grpcs://" + p.PeerAddress(), TLSCACert: root, GRPCOptions: grpcOptions(p)}, nil
}

func (n *network) orderer(client fabctx.Client, p topology.Province) (fab.Orderer, error) {
	root, err := readCertificate(n.files.OrdererTLS(p).Root)
	if err != nil {
		return nil, fmt.Errorf("%s: the authority of the orderer's TLS certificate: %w", p.Name, err)
	}
	orderer, err := client.InfraProvider().CreateOrdererFromConfig(&fab.OrdererConfig{
		URL: "grpcs://" + p.OrdererAddress(), TLSCACert: root, GRPCOptions: grpcOptions(p),
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	return orderer, nil
}

// grpcOptions has the name that the certificate must bear: the host under which
// the topology knows the province.
func grpcOptions(p topology.Province) map[string]any {
	return map[string]any{"ssl-target-name-override": p.Host, "fail-fast": true, "allow-insecure": false}
}

// request gives a call to the network its time limit.
func (m *member) request(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return sdkcontext.NewRequest(m.client, sdkcontext.WithTimeout(limit), sdkcontext.WithParent(ctx))
}

func readCertificate(path string) (*x509.Certificate, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("%s: %w", path, errors.New("not a PEM file"))
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return certificate, nil
}
