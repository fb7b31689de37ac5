package topology

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Topology is the whole network.
type Topology struct {
	Channel      string     `yaml:"channel"`
	Chaincode    string     `yaml:"chaincode"`
	Endorsements int        `yaml:"endorsements"` // how many organisations must endorse
	Provinces    []Province `yaml:"provinces"`
}

// Province is one organisation's part of the network: one peer, one orderer and
// one chaincode, on one host.
type Province struct {
	Code  string `yaml:"code"` // GB/T 2260, six digits
	Name  string `yaml:"name"` // of its folder and processes; lower-case letters, digits
	MSP   string `yaml:"msp"`  // Fabric's name of the organisation; its orderers' has "Orderer" before
	Host  string `yaml:"host"` // where the others reach it
	Ports Ports  `yaml:"ports"`
}

// Ports are where a province's processes listen. The chaincode has two, which
// take turns, so that an upgrade need not stop the one in use.
type Ports struct {
	Peer              int `yaml:"peer"`
	PeerOperations    int `yaml:"peer_operations"`
	Chaincode         int `yaml:"chaincode"`
	ChaincodeNext     int `yaml:"chaincode_next"`
	Orderer           int `yaml:"orderer"`
	OrdererAdmin      int `yaml:"orderer_admin"`
	OrdererOperations int `yaml:"orderer_operations"`
}

//go:embed topology.yaml
var standard []byte

// Default returns the four provinces on one machine's loopback.
func Default() *Topology {
	t, err := parse(standard)
	if err != nil {
		panic("topology: the built-in file: " + err.Error())
	}
	return t
}

// Load reads a topology file; Default when the path is empty. The error says
// which entry is wrong.
func Load(path string) (*Topology, error) {
	if path == "" {
		return Default(), nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the topology: %w", err)
	}
	t, err := parse(content)
	if err != nil {
		return nil, fmt.Errorf("topology %s: %w", path, err)
	}
	return t, nil
}

// Write writes the topology to a file that Load reads, for other programs.
func (t *Topology) Write(path string) error {
	content, err := yaml.Marshal(t)
	if err != nil {
		return fmt.Errorf("write the topology: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

func parse(content []byte) (*Topology, error) {
	t := new(Topology)
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(t); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return t, t.check()
}

var (
	channelSyntax = regexp.MustCompile(`^[a-z][a-z0-9.-]{0,248}$`)
	nameSyntax    = regexp.MustCompile(`^[a-z][a-z0-9]{0,30}$`)
	mspSyntax     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,60}$`)
	codeSyntax    = regexp.MustCompile(`^[0-9]{6}$`)
)

// check says everything that is wrong at once.
func (t *Topology) check() error {
	var problems []error
	require := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	require(channelSyntax.MatchString(t.Channel), "channel: found %q, expected lower-case letters, digits, dots and dashes", t.Channel)
	require(nameSyntax.MatchString(t.Chaincode), "chaincode: found %q, expected lower-case letters and digits", t.Chaincode)
	n := len(t.Provinces)
	require(n >= 4, "provinces: found %d, expected at least 4: with fewer, no orderer may fail", n)
	require(t.Endorsements > n/2 && t.Endorsements <= n, "endorsements: found %d, expected a majority of the %d organisations", t.Endorsements, n)

	taken := make(map[string]string)
	once := func(what, value, where string) {
		other := taken[what+value]
		require(other == "", "%s: %s %s is used by %s already", where, what, value, other)
		taken[what+value] = where
	}
	for i := range t.Provinces {
		p := &t.Provinces[i]
		where := fmt.Sprintf("provinces[%d] (%s)", i, p.Name)
		require(codeSyntax.MatchString(p.Code), "%s: code: found %q, expected six digits", where, p.Code)
		require(nameSyntax.MatchString(p.Name), "%s: name: found %q, expected lower-case letters and digits", where, p.Name)
		require(mspSyntax.MatchString(p.MSP), "%s: msp: found %q, expected letters and digits", where, p.MSP)
		require(p.Host != "", "%s: host is missing", where)
		once("code", p.Code, where)
		once("name", p.Name, where)
		once("msp", p.MSP, where)
		for _, port := range p.Ports.all() {
			require(port.number > 0 && port.number < 1<<16, "%s: ports.%s: found %d, expected 1 to 65535", where, port.name, port.number)
			once("address", p.at(port.number), where+": ports."+port.name)
		}
	}
	return errors.Join(problems...)
}

type port struct {
	name   string
	number int
}

func (p Ports) all() []port {
	return []port{
		{"peer", p.Peer}, {"peer_operations", p.PeerOperations}, {"chaincode", p.Chaincode}, {"chaincode_next", p.ChaincodeNext},
		{"orderer", p.Orderer}, {"orderer_admin", p.OrdererAdmin}, {"orderer_operations", p.OrdererOperations},
	}
}

// Province returns the province of a code or name.
func (t *Topology) Province(codeOrName string) (Province, error) {
	var known []string
	for _, p := range t.Provinces {
		if p.Code == codeOrName || p.Name == codeOrName {
			return p, nil
		}
		known = append(known, p.Code+" "+p.Name)
	}
	return Province{}, fmt.Errorf("province: found %q, expected one of %q", codeOrName, known)
}

// OrdererMSP is Fabric's name of the organisation that runs the province's
// orderer. It has certificates of its own.
func (p Province) OrdererMSP() string { return "Orderer" + p.MSP }

// Addresses, host:port.

// PeerAddress is where clients and other peers reach the peer.
func (p Province) PeerAddress() string { return p.at(p.Ports.Peer) }

// PeerOperationsAddress has the peer's health and metrics.
func (p Province) PeerOperationsAddress() string { return p.at(p.Ports.PeerOperations) }

// OrdererAddress is where peers and other orderers reach the orderer.
func (p Province) OrdererAddress() string { return p.at(p.Ports.Orderer) }

// OrdererAdminAddress is where osnadmin reaches the orderer.
func (p Province) OrdererAdminAddress() string { return p.at(p.Ports.OrdererAdmin) }

// OrdererOperationsAddress has the orderer's health and metrics.
func (p Province) OrdererOperationsAddress() string { return p.at(p.Ports.OrdererOperations) }

// ChaincodeAddress is where the peer reaches the chaincode of a lifecycle
// sequence, which starts at 1.
func (p Province) ChaincodeAddress(sequence int) string {
	if sequence%2 == 1 {
		return p.at(p.Ports.Chaincode)
	}
	return p.at(p.Ports.ChaincodeNext)
}

func (p Province) at(port int) string { return net.JoinHostPort(p.Host, strconv.Itoa(port)) }
