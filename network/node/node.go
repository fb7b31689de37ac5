package node

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"deltatrace/network/keyring"
	"deltatrace/network/launcher"
)

// Config says where a node runs.
type Config struct {
	Listen    string   // host:port of the API
	PublicURL string   // what QR codes point to; http://<Listen> when empty
	Data      string   // folder of ledger, read model, keys and log
	Bin       string   // folder of the program api
	Flags     []string // more flags of `api serve`
}

// Node is a running API.
type Node struct {
	URL  string
	Keys keyring.Keyring

	group *launcher.Group
}

const process = "api"

// Start starts the API and waits until it is ready. A new ledger starts from the
// four provinces, with keys from the keyring.
func Start(ctx context.Context, c Config) (*Node, error) {
	n := &Node{URL: "http://" + c.Listen, Keys: keyring.Keyring{Dir: filepath.Join(c.Data, "keys")}}
	if c.PublicURL == "" {
		c.PublicURL = n.URL
	}
	genesis, err := n.genesis(c)
	if err != nil {
		return nil, err
	}
	if err := free(c.Listen); err != nil {
		return nil, err
	}
	n.group, err = launcher.Start(ctx, launcher.Process{
		Name: process, Path: filepath.Join(c.Bin, "api"), Log: filepath.Join(c.Data, "api.log"),
		Args: append([]string{"serve", "--listen", c.Listen, "--public-url", c.PublicURL,
			"--data", filepath.Join(c.Data, "api"), "--genesis", genesis}, c.Flags...),
		Ready: launcher.HTTPReady(n.URL + "/readyz"),
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Stop stops the API and waits for it.
func (n *Node) Stop() error { return n.group.Stop() }

// Died delivers the error of an API that ended by itself.
func (n *Node) Died() <-chan error { return n.group.Died() }

// PID returns the API's process id.
func (n *Node) PID() int { return n.group.PID(process) }

// genesis writes the file that names the four provinces.
func (n *Node) genesis(c Config) (string, error) {
	genesis, err := n.Keys.Genesis()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(c.Data, 0o755); err != nil {
		return "", fmt.Errorf("make the data folder: %w", err)
	}
	path := filepath.Join(c.Data, "genesis.json")
	return path, keyring.WriteJSON(path, genesis)
}

// free says early and clearly when another program has the address.
func free(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("%s cannot be used: %w; choose another with LISTEN=127.0.0.1:8081", address, err)
	}
	return listener.Close()
}
