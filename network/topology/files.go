package topology

import "path/filepath"

// Files says where a network keeps its files below one folder. A province that
// runs its part on its own machine has the same layout there, with the keys of
// no other.
type Files struct{ Root string }

// Crypto has the key material of all organisations, as cryptogen lays it out.
func (f Files) Crypto() string { return filepath.Join(f.Root, "crypto") }

// GenesisBlock is the channel's first block, which orderers and peers join with.
func (f Files) GenesisBlock() string { return filepath.Join(f.Root, "channel", "genesis.block") }

// Genesis names the four regulators and their public keys: what the ledger
// starts from.
func (f Files) Genesis() string { return filepath.Join(f.Root, "channel", "genesis.json") }

// Regulator has the code and the public key of a province's regulator, for the
// genesis.
func (f Files) Regulator(p Province) string {
	return filepath.Join(f.Root, "regulators", p.Code+".json")
}

// Keys has the regulators' private keys. They belong to the parties, not to the
// network: it is here for networks that run on one machine to be looked at.
func (f Files) Keys() string { return filepath.Join(f.Root, "keys") }

// Config has the peers' and orderers' common configuration, core.yaml and
// orderer.yaml.
func (f Files) Config() string { return filepath.Join(f.Root, "config") }

// Builder is the external builder that lets peers use chaincode as a service.
func (f Files) Builder() string { return filepath.Join(f.Root, "builder") }

// Package is the chaincode package of a label.
func (f Files) Package(label string) string {
	return filepath.Join(f.Root, "packages", label+".tar.gz")
}

// Deployments says which chaincodes are deployed.
func (f Files) Deployments() string { return filepath.Join(f.Root, "deployments.json") }

// Province is the folder of what a province's processes write.
func (f Files) Province(p Province) string { return filepath.Join(f.Root, p.Name) }

// Profile is how a client of the province reaches the network.
func (f Files) Profile(p Province) string { return filepath.Join(f.Province(p), "profile.json") }

// PeerData is what the province's peer keeps: its ledger and its state.
func (f Files) PeerData(p Province) string { return filepath.Join(f.Province(p), "peer") }

// OrdererData is what the province's orderer keeps.
func (f Files) OrdererData(p Province) string { return filepath.Join(f.Province(p), "orderer") }

// Connections has, for each chaincode label, how the peer reaches it.
func (f Files) Connections(p Province) string { return filepath.Join(f.Province(p), "connections") }

// Connection is how the province's peer reaches a chaincode.
func (f Files) Connection(p Province, label string) string {
	return filepath.Join(f.Connections(p), label+".json")
}

// Log is a process's log.
func (f Files) Log(p Province, process string) string {
	return filepath.Join(f.Province(p), process+".log")
}

// Identity is a certificate with its key: an MSP folder of one member, or a TLS
// pair.
type Identity struct {
	Cert, Key string // files, PEM
	Root      string // file, PEM: the authority that issued it
}

func (f Files) organisation(p Province) string {
	return filepath.Join(f.Crypto(), "peerOrganizations", p.Domain())
}

func (f Files) ordererOrganisation(p Province) string {
	return filepath.Join(f.Crypto(), "ordererOrganizations", p.OrdererDomain())
}

// Domain is the province's name in certificates.
func (p Province) Domain() string { return p.Name + ".deltatrace" }

// OrdererDomain is the name of the province's ordering organisation in
// certificates.
func (p Province) OrdererDomain() string { return "ordering." + p.Domain() }

// MSP is the folder that describes the province's organisation to others: public
// certificates only.
func (f Files) MSP(p Province) string { return filepath.Join(f.organisation(p), "msp") }

// OrdererMSP is the same for its ordering organisation.
func (f Files) OrdererMSP(p Province) string {
	return filepath.Join(f.ordererOrganisation(p), "msp")
}

// PeerMSP is the peer's own MSP folder, with its signing key.
func (f Files) PeerMSP(p Province) string { return f.node(p, "peer", "msp") }

// OrdererNodeMSP is the orderer's own MSP folder, with its signing key.
func (f Files) OrdererNodeMSP(p Province) string { return f.orderer(p, "msp") }

// OrdererSigningCert is the certificate with which the orderer signs blocks.
func (f Files) OrdererSigningCert(p Province) string {
	return Member(f.OrdererNodeMSP(p), "orderer."+p.OrdererDomain()).Cert
}

// PeerSigningCert is the certificate with which the peer endorses.
func (f Files) PeerSigningCert(p Province) string {
	return Member(f.PeerMSP(p), "peer."+p.Domain()).Cert
}

// PeerTLS is the peer's TLS pair, as server and as client.
func (f Files) PeerTLS(p Province) Identity { return tls(f.node(p, "peer", "tls")) }

// ChaincodeTLS is the chaincode's TLS pair.
func (f Files) ChaincodeTLS(p Province) Identity { return tls(f.node(p, "chaincode", "tls")) }

// OrdererTLS is the orderer's TLS pair, as server and as client of the others.
func (f Files) OrdererTLS(p Province) Identity { return tls(f.orderer(p, "tls")) }

// AdminMSP is the MSP folder of the province's administrator.
func (f Files) AdminMSP(p Province) string { return f.user(p, "Admin") }

// ClientMSP is the MSP folder with which the province's API submits.
func (f Files) ClientMSP(p Province) string { return f.user(p, "User1") }

func (f Files) node(p Province, host, kind string) string {
	return filepath.Join(f.organisation(p), "peers", host+"."+p.Domain(), kind)
}

func (f Files) orderer(p Province, kind string) string {
	return filepath.Join(f.ordererOrganisation(p), "orderers", "orderer."+p.OrdererDomain(), kind)
}

func (f Files) user(p Province, name string) string {
	return filepath.Join(f.organisation(p), "users", name+"@"+p.Domain(), "msp")
}

// Member returns the certificate and key in an MSP folder of cryptogen's layout.
func Member(msp, name string) Identity {
	return Identity{
		Cert: filepath.Join(msp, "signcerts", name+"-cert.pem"),
		Key:  filepath.Join(msp, "keystore", "priv_sk"),
	}
}

// Admin is the administrator's certificate and key.
func (f Files) Admin(p Province) Identity { return Member(f.AdminMSP(p), "Admin@"+p.Domain()) }

// Client is the certificate and key with which the province's API submits.
func (f Files) Client(p Province) Identity { return Member(f.ClientMSP(p), "User1@"+p.Domain()) }

func tls(folder string) Identity {
	return Identity{
		Cert: filepath.Join(folder, "server.crt"),
		Key:  filepath.Join(folder, "server.key"),
		Root: filepath.Join(folder, "ca.crt"),
	}
}
