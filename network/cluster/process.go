package cluster

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"deltatrace/network/launcher"
	"deltatrace/network/topology"
)

// The kinds of process, in the order in which they need each other.
const (
	Orderer   = "orderer"
	Peer      = "peer"
	Chaincode = "chaincode"
	Watch     = "watch" // over the province's other processes
)

// Name is what a province's process is called: "shanghai-peer".
func Name(p topology.Province, kind string) string { return p.Name + "-" + kind }

// process makes a province's process from its command and environment.
func (c *Cluster) process(p topology.Province, kind, path string, args, env []string) launcher.Detached {
	if c.Wrap != nil {
		command := append(c.Wrap(p), path)
		path, args = command[0], append(command[1:], args...)
	}
	// At level info the engine writes some twenty lines for each block. Its heaps
	// are small: it may let them grow before it collects.
	env = append(env, "FABRIC_LOGGING_SPEC=warn:orderer.common.broadcast=error", "GOGC=200",
		"FABRIC_LOGGING_FORMAT=%{time:2006-01-02T15:04:05.000Z07:00} %{level} [%{module}] %{message}")
	return launcher.Detached{
		Process: launcher.Process{
			Name: Name(p, kind), Path: path, Args: args, Env: env, Log: c.files.Log(p, kind),
			StartWithin: 60 * time.Second, StopWithin: 20 * time.Second,
		},
		PIDFile: filepath.Join(c.files.Province(p), kind+".pid"),
	}
}

func (c *Cluster) orderer(p topology.Province) launcher.Detached {
	f, tls, data := c.files, c.files.OrdererTLS(p), c.files.OrdererData(p)
	d := c.process(p, Orderer, filepath.Join(c.Fabric, "orderer"), nil, []string{
		"FABRIC_CFG_PATH=" + f.Config(),
		"ORDERER_GENERAL_LISTENADDRESS=" + p.Host,
		fmt.Sprint("ORDERER_GENERAL_LISTENPORT=", p.Ports.Orderer),
		"ORDERER_GENERAL_LOCALMSPID=" + p.OrdererMSP(),
		"ORDERER_GENERAL_LOCALMSPDIR=" + f.OrdererNodeMSP(p),
		"ORDERER_GENERAL_TLS_CERTIFICATE=" + tls.Cert,
		"ORDERER_GENERAL_TLS_PRIVATEKEY=" + tls.Key,
		"ORDERER_GENERAL_TLS_ROOTCAS=[" + tls.Root + "]",
		"ORDERER_GENERAL_CLUSTER_CLIENTCERTIFICATE=" + tls.Cert,
		"ORDERER_GENERAL_CLUSTER_CLIENTPRIVATEKEY=" + tls.Key,
		"ORDERER_FILELEDGER_LOCATION=" + data,
		"ORDERER_CONSENSUS_WALDIR=" + filepath.Join(data, "wal"),
		"ORDERER_CONSENSUS_SNAPDIR=" + filepath.Join(data, "snapshots"),
		"ORDERER_OPERATIONS_LISTENADDRESS=" + p.OrdererOperationsAddress(),
		"ORDERER_ADMIN_LISTENADDRESS=" + p.OrdererAdminAddress(),
		"ORDERER_ADMIN_TLS_CERTIFICATE=" + tls.Cert,
		"ORDERER_ADMIN_TLS_PRIVATEKEY=" + tls.Key,
		"ORDERER_ADMIN_TLS_CLIENTROOTCAS=[" + tls.Root + "]",
	})
	d.Ready = healthy(p.OrdererOperationsAddress(), p.OrdererAddress(), p.OrdererAdminAddress())
	d.Alive = healthy(p.OrdererOperationsAddress())
	return d
}

func (c *Cluster) peer(p topology.Province) launcher.Detached {
	f, tls := c.files, c.files.PeerTLS(p)
	d := c.process(p, Peer, filepath.Join(c.Fabric, "peer"), []string{"node", "start"}, []string{
		"FABRIC_CFG_PATH=" + f.Config(),
		"CORE_PEER_ID=peer." + p.Domain(),
		"CORE_PEER_LISTENADDRESS=" + p.PeerAddress(),
		"CORE_PEER_ADDRESS=" + p.PeerAddress(),
		"CORE_PEER_CHAINCODELISTENADDRESS=" + p.Host + ":0", // chaincode is a service: no one calls here
		"CORE_PEER_GOSSIP_BOOTSTRAP=" + p.PeerAddress(),
		"CORE_PEER_GOSSIP_ENDPOINT=" + p.PeerAddress(),
		"CORE_PEER_GOSSIP_EXTERNALENDPOINT=" + p.PeerAddress(),
		"CORE_PEER_LOCALMSPID=" + p.MSP,
		"CORE_PEER_MSPCONFIGPATH=" + f.PeerMSP(p),
		"CORE_PEER_FILESYSTEMPATH=" + f.PeerData(p),
		"CORE_LEDGER_SNAPSHOTS_ROOTDIR=" + filepath.Join(f.PeerData(p), "snapshots"),
		"CORE_PEER_TLS_CERT_FILE=" + tls.Cert,
		"CORE_PEER_TLS_KEY_FILE=" + tls.Key,
		"CORE_PEER_TLS_ROOTCERT_FILE=" + tls.Root,
		"CORE_OPERATIONS_LISTENADDRESS=" + p.PeerOperationsAddress(),
		"DELTATRACE_CONNECTIONS=" + f.Connections(p),
	})
	d.Ready = healthy(p.PeerOperationsAddress(), p.PeerAddress())
	d.Alive = healthy(p.PeerOperationsAddress())
	return d
}

// chaincode is the process of a deployment's program.
func (c *Cluster) chaincode(p topology.Province, d Deployment) launcher.Detached {
	tls := c.files.ChaincodeTLS(p)
	process := c.process(p, d.process(), filepath.Join(c.Bin, d.Program), []string{"serve",
		"--listen", p.ChaincodeAddress(d.Sequence),
		"--id", d.PackageID,
		"--genesis", c.files.Genesis(),
		"--tls-cert", tls.Cert, "--tls-key", tls.Key, "--tls-client-ca", c.files.PeerTLS(p).Root,
	}, nil)
	process.Ready = dialled(p.ChaincodeAddress(d.Sequence))
	process.Alive = greeted(p.ChaincodeAddress(d.Sequence), c.files.PeerTLS(p), tls.Root)
	return process
}

// watch is the process that sees to it that the province's others run
// (network/watch).
func (c *Cluster) watch(p topology.Province) launcher.Detached {
	args := []string{"watch", "--root", c.Root, "--bin", c.Bin, "--fabric", c.Fabric, "--only", p.Name}
	if c.TopologyFile != "" {
		args = append(args, "--topology", c.TopologyFile)
	}
	d := c.process(p, Watch, c.Watcher, args, nil)
	d.StopWithin = 5 * time.Second
	return d
}

// stages returns all processes that run here, in the order in which they need
// each other; those of one stage do not.
func (c *Cluster) stages() ([][]launcher.Detached, error) {
	deployments, err := c.deployments()
	if err != nil {
		return nil, err
	}
	var orderers, peers, chaincodes, watches []launcher.Detached
	for _, p := range c.provinces {
		orderers = append(orderers, c.orderer(p))
		peers = append(peers, c.peer(p))
		for _, d := range programs(deployments) {
			chaincodes = append(chaincodes, c.chaincode(p, d))
		}
		if c.Watcher != "" {
			watches = append(watches, c.watch(p))
		}
	}
	return [][]launcher.Detached{orderers, peers, chaincodes, watches}, nil
}

// Watched returns the processes that run here and are watched over.
func (c *Cluster) Watched() ([]launcher.Detached, error) {
	unwatched := *c
	unwatched.Watcher = ""
	return unwatched.processes()
}

// Here returns the provinces whose processes run here.
func (c *Cluster) Here() []topology.Province { return c.provinces }

func (c *Cluster) processes() ([]launcher.Detached, error) {
	stages, err := c.stages()
	return slices.Concat(stages...), err
}

func (c *Cluster) named(name string) (launcher.Detached, error) {
	all, err := c.processes()
	if err != nil {
		return launcher.Detached{}, err
	}
	var known []string
	for _, d := range all {
		if d.Name == name {
			return d, nil
		}
		known = append(known, d.Name)
	}
	return launcher.Detached{}, fmt.Errorf("process: found %q, expected one of: %s", name, strings.Join(known, ", "))
}

// Start starts one process, unless it runs, and waits until it is ready.
func (c *Cluster) Start(ctx context.Context, name string) error {
	d, err := c.named(name)
	if err != nil {
		return err
	}
	return explain(d, d.Start(ctx))
}

// Stop stops one process in good order.
func (c *Cluster) Stop(name string) error {
	d, err := c.named(name)
	if err != nil {
		return err
	}
	return d.Stop()
}

// Kill ends one process with SIGKILL, as a power cut would.
func (c *Cluster) Kill(name string) error {
	d, err := c.named(name)
	if err != nil {
		return err
	}
	return d.Kill()
}

// Pause holds one process with SIGSTOP: it is there, and answers nothing. Who
// watches over it leaves it so.
func (c *Cluster) Pause(name string) error {
	d, err := c.named(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Hold(), d.Signal(syscall.SIGSTOP))
}

// Resume lets a paused process go on.
func (c *Cluster) Resume(name string) error {
	d, err := c.named(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Signal(syscall.SIGCONT), d.Release())
}

// Break does to one process what nobody asked for: it is signalled, and who watches
// over it is to notice.
func (c *Cluster) Break(name string, signal syscall.Signal) error {
	d, err := c.named(name)
	if err != nil {
		return err
	}
	return d.Signal(signal)
}

// Substitute stops a process and starts it with the programs of another folder.
func (c *Cluster) Substitute(ctx context.Context, name, bin string) error {
	if err := c.Stop(name); err != nil {
		return err
	}
	other := *c
	other.Bin = bin
	return other.Start(ctx, name)
}

// PID returns the id of one process; 0 when it does not run.
func (c *Cluster) PID(name string) int {
	d, err := c.named(name)
	if err != nil {
		return 0
	}
	return d.PID()
}

// elsewhere is added to an orderer's port where nobody looks for it.
const elsewhere = 3000

// Deafen starts an orderer anew so that it neither hears the others nor reaches
// them. It runs, answers whoever asks for its health or for blocks, and takes no
// further part: as one does whose consensus is stuck. Started again, it is well.
func (c *Cluster) Deafen(ctx context.Context, p topology.Province) error {
	d := c.orderer(p)
	if err := d.Stop(); err != nil {
		return err
	}
	tls := c.files.OrdererTLS(p)
	d.Env = append(d.Env, "ORDERER_GENERAL_CLUSTER_DIALTIMEOUT=1ns",
		"ORDERER_GENERAL_CLUSTER_LISTENADDRESS="+p.Host, fmt.Sprint("ORDERER_GENERAL_CLUSTER_LISTENPORT=", p.Ports.Orderer+elsewhere),
		"ORDERER_GENERAL_CLUSTER_SERVERCERTIFICATE="+tls.Cert, "ORDERER_GENERAL_CLUSTER_SERVERPRIVATEKEY="+tls.Key)
	return d.Start(ctx)
}
