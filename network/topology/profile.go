package topology

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Profile is what a client of one province needs in order to submit and to read:
// one JSON file, whose paths are absolute.
type Profile struct {
	Province     string     `json:"province"` // code
	Channel      string     `json:"channel"`
	Chaincode    string     `json:"chaincode"`
	Endorsements int        `json:"endorsements"` // how many organisations must endorse
	MSP          string     `json:"msp"`
	Cert         string     `json:"cert"`  // file, PEM
	Key          string     `json:"key"`   // file, PEM
	Peers        []Endpoint `json:"peers"` // the province's own first
}

// Endpoint is a peer, or an orderer, as its clients reach it.
type Endpoint struct {
	Province string `json:"province"` // code
	MSP      string `json:"msp"`
	Address  string `json:"address"`  // host:port
	TLSRoot  string `json:"tls_root"` // file, PEM
}

// Profile returns a province's profile: its own peer first, then the others in
// the order of the topology.
func (t *Topology) Profile(f Files, own Province) *Profile {
	identity := f.Client(own)
	profile := &Profile{
		Province: own.Code, Channel: t.Channel, Chaincode: t.Chaincode, Endorsements: t.Endorsements,
		MSP: own.MSP, Cert: identity.Cert, Key: identity.Key,
	}
	endpoint := func(p Province) Endpoint {
		return Endpoint{Province: p.Code, MSP: p.MSP, Address: p.PeerAddress(), TLSRoot: f.PeerTLS(p).Root}
	}
	profile.Peers = append(profile.Peers, endpoint(own))
	for _, p := range t.Provinces {
		if p.Code != own.Code {
			profile.Peers = append(profile.Peers, endpoint(p))
		}
	}
	return profile
}

// Orderers returns the endpoints of all provinces' orderers, in the order of the
// topology.
func (t *Topology) Orderers(f Files) []Endpoint {
	var endpoints []Endpoint
	for _, p := range t.Provinces {
		endpoints = append(endpoints, Endpoint{Province: p.Code, MSP: p.OrdererMSP(), Address: p.OrdererAddress(), TLSRoot: f.OrdererTLS(p).Root})
	}
	return endpoints
}

// Write writes the profile.
func (p *Profile) Write(path string) error {
	content, err := json.Marshal(p, jsontext.WithIndent("  "))
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.WriteFile(path, append(content, '\n'), 0o600)
}

// ReadProfile reads what Write wrote.
func ReadProfile(path string) (*Profile, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the network's profile: %w", err)
	}
	p := new(Profile)
	if err := json.Unmarshal(content, p, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("network profile %s: %w", path, err)
	}
	if len(p.Peers) == 0 {
		return nil, fmt.Errorf("network profile %s names no peer", path)
	}
	return p, nil
}

// FindProfile reads the profile of the province of a code or name below the
// network's folder.
func (f Files) FindProfile(codeOrName string) (*Profile, error) {
	paths, err := filepath.Glob(filepath.Join(f.Root, "*", "profile.json"))
	if err != nil {
		return nil, err
	}
	var known []string
	for _, path := range paths {
		p, err := ReadProfile(path)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(filepath.Dir(path))
		if p.Province == codeOrName || name == codeOrName {
			return p, nil
		}
		known = append(known, p.Province+" "+name)
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("%s has no profile.json of a province: make the network with `network up`, or name its folder", f.Root)
	}
	return nil, fmt.Errorf("found %q, expected one of %q", codeOrName, known)
}
