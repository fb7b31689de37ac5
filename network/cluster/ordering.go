package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/network/topology"
)

// Ordering is how far a province's orderer is with the channel.
type Ordering struct {
	Province string `json:"province"` // its name in the topology
	Status   string `json:"status"`   // Fabric's word: active, onboarding, inactive, failed; empty outside the channel
	Height   uint64 `json:"height"`   // number of blocks
	Error    string `json:"error"`    // why it is not known; empty when it is
}

// Orderings asks every orderer that runs here.
func (c *Cluster) Orderings(ctx context.Context) []Ordering {
	orderings := make([]Ordering, len(c.provinces))
	var group sync.WaitGroup
	for i, p := range c.provinces {
		group.Go(func() {
			o, err := c.ordering(ctx, p)
			if err != nil {
				o.Error = err.Error()
			}
			orderings[i] = o
		})
	}
	group.Wait()
	return orderings
}

// errOutside says that an orderer knows nothing of the channel.
var errOutside = errors.New("not a member of the channel: `network up` lets it join")

// ordering asks an orderer's channel participation service, as osnadmin does.
func (c *Cluster) ordering(ctx context.Context, p topology.Province) (Ordering, error) {
	o := Ordering{Province: p.Name}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	client, err := c.ordererAdmin(p)
	if err != nil {
		return o, fmt.Errorf("%s: %w", Name(p, Orderer), err)
	}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		"https://"+p.OrdererAdminAddress()+"/participation/v1/channels/"+c.Topology.Channel, nil)
	if err != nil {
		return o, err
	}
	response, err := client.Do(request)
	if err != nil {
		return o, likely(err.Error(), fmt.Errorf("%s: %w", Name(p, Orderer), err))
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return o, fmt.Errorf("%s: %w", Name(p, Orderer), err)
	}
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return o, fmt.Errorf("%s: %w", Name(p, Orderer), errOutside)
	default:
		return o, fmt.Errorf("%s: %s: %s", Name(p, Orderer), response.Status, content)
	}
	if err := json.Unmarshal(content, &o); err != nil {
		return o, fmt.Errorf("%s: %w", Name(p, Orderer), err)
	}
	return o, nil
}

// ordererAdmin is a client of an orderer's administration, with the orderer's own
// certificate.
func (c *Cluster) ordererAdmin(p topology.Province) (*http.Client, error) {
	files := c.files.OrdererTLS(p)
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		return nil, err
	}
	root, err := os.ReadFile(files.Root)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(root) {
		return nil, fmt.Errorf("%s has no certificate", files.Root)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		Certificates: []tls.Certificate{pair}, RootCAs: roots, MinVersion: tls.VersionTLS12,
	}}}, nil
}

// stalled is how long an orderer may be at one height, behind the peers, before
// it counts as stuck.
const stalled = time.Minute

// awaitOrdering waits until each orderer that runs here takes part and has the
// blocks that the peers had at the beginning: one whose folder is new fetches them
// from the others.
func (c *Cluster) awaitOrdering(ctx context.Context) error {
	heights, err := c.Heights(ctx)
	if err != nil {
		return err
	}
	var target uint64
	for _, h := range heights {
		target = max(target, h.Height)
	}
	moved, told, sum := time.Now(), time.Now(), uint64(0)
	for {
		var behind []string
		now := uint64(0)
		for _, o := range c.Orderings(ctx) {
			now += o.Height
			switch {
			case o.Error != "":
				behind = append(behind, o.Error)
			case o.Status != "active" || o.Height < target:
				behind = append(behind, fmt.Sprintf("%s-orderer is %s, with %d of %d blocks", o.Province, o.Status, o.Height, target))
			}
		}
		if len(behind) == 0 {
			return nil
		}
		if now > sum {
			moved, sum = time.Now(), now
		}
		if time.Since(moved) > stalled {
			return fmt.Errorf("%s; nothing came for %v: do the others' orderers run, three of four?", strings.Join(behind, "; "), stalled)
		}
		if time.Since(told) >= 2*time.Second {
			told = time.Now()
			c.say("  … %s", strings.Join(behind, "; "))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
