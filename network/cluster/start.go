package cluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"deltatrace/network/launcher"
	"deltatrace/network/topology"
)

// free says early and clearly when another program has an address that one of
// our processes needs.
func (c *Cluster) free() error {
	deployments, err := c.deployments()
	if err != nil {
		return err
	}
	var taken []error
	for _, p := range c.provinces {
		needs := []struct {
			process   launcher.Detached
			addresses []string
		}{
			{c.orderer(p), []string{p.OrdererAddress(), p.OrdererAdminAddress(), p.OrdererOperationsAddress()}},
			{c.peer(p), []string{p.PeerAddress(), p.PeerOperationsAddress()}},
		}
		for _, d := range programs(deployments) {
			needs = append(needs, struct {
				process   launcher.Detached
				addresses []string
			}{c.chaincode(p, d), []string{p.ChaincodeAddress(d.Sequence)}})
		}
		for _, need := range needs {
			if need.process.PID() != 0 || c.Wrap != nil {
				continue
			}
			for _, address := range need.addresses {
				listener, err := net.Listen("tcp", address)
				if err != nil {
					taken = append(taken, fmt.Errorf("%s cannot have %s: %w", need.process.Name, address, err))
					continue
				}
				listener.Close()
			}
		}
	}
	if len(taken) > 0 {
		return fmt.Errorf("%w\nanother program has the port, perhaps another network (its own folder: `network down --root …`); ports are set in the topology file (--topology)", errors.Join(taken...))
	}
	return nil
}

// startAll starts processes side by side.
func (c *Cluster) startAll(ctx context.Context, processes []launcher.Detached) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, d := range processes {
		group.Go(func() error { return explain(d, d.Start(ctx)) })
	}
	return group.Wait()
}

func (c *Cluster) startOrderers(ctx context.Context) error {
	c.say("starting %d orderers", len(c.provinces))
	var orderers []launcher.Detached
	for _, p := range c.provinces {
		orderers = append(orderers, c.orderer(p))
	}
	if err := c.startAll(ctx, orderers); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, p := range c.provinces {
		group.Go(func() error { return c.joinOrderer(ctx, p) })
	}
	return group.Wait()
}

// joinOrderer has an orderer take part in the channel, unless it does already.
func (c *Cluster) joinOrderer(ctx context.Context, p topology.Province) error {
	_, err := c.ordering(ctx, p)
	if !errors.Is(err, errOutside) {
		return err
	}
	joined, err := c.osnadmin(ctx, p, "channel", "join", "--channelID", c.Topology.Channel, "--config-block", c.files.GenesisBlock())
	if err == nil && !bytes.HasPrefix(joined, []byte("Status: 201")) {
		err = fmt.Errorf("%s does not join channel %s: %s", Name(p, Orderer), c.Topology.Channel, joined)
	}
	return err
}

func (c *Cluster) osnadmin(ctx context.Context, p topology.Province, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	own := c.files.OrdererTLS(p)
	args = append(args, "-o", p.OrdererAdminAddress(), "--ca-file", own.Root, "--client-cert", own.Cert, "--client-key", own.Key)
	output, err := exec.CommandContext(ctx, filepath.Join(c.Fabric, "osnadmin"), args...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s: osnadmin: %w: %s", Name(p, Orderer), err, bytes.TrimSpace(output))
	}
	return bytes.TrimSpace(output), nil
}

func (c *Cluster) startPeers(ctx context.Context) error {
	c.say("starting %d peers", len(c.provinces))
	var peers []launcher.Detached
	for _, p := range c.provinces {
		peers = append(peers, c.peer(p))
	}
	return c.startAll(ctx, peers)
}

// healthy is ready once the process says that it is well and takes calls; it may
// say so before it does.
func healthy(operations string, addresses ...string) func(context.Context) error {
	health := launcher.HTTPReady("http://" + operations + "/healthz")
	return func(ctx context.Context) error {
		if err := health(ctx); err != nil {
			return err
		}
		for _, address := range addresses {
			if err := dialled(address)(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// startWatches starts the processes that watch over the others; only New's
// Config.Watcher says that there are any.
func (c *Cluster) startWatches(ctx context.Context) error {
	if c.Watcher == "" {
		return nil
	}
	var watches []launcher.Detached
	for _, p := range c.provinces {
		watches = append(watches, c.watch(p))
	}
	return c.startAll(ctx, watches)
}

// greeted is ready once the address answers a TLS client's greeting, which one
// that hangs does not, though it takes connections.
func greeted(address string, client topology.Identity, root string) func(context.Context) error {
	return func(ctx context.Context) error {
		pair, err := tls.LoadX509KeyPair(client.Cert, client.Key)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(root)
		if err != nil {
			return err
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(content)
		dialer := tls.Dialer{
			NetDialer: &net.Dialer{Timeout: 2 * time.Second},
			Config:    &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, RootCAs: pool, NextProtos: []string{"h2"}},
		}
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		connection, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return connection.Close()
	}
}

// dialled is ready once the address takes connections.
func dialled(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		dialer := net.Dialer{Timeout: 2 * time.Second}
		connection, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return connection.Close()
	}
}
