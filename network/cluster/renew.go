package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"deltatrace/network/topology"
)

// Certificate is when the first certificate of a node ends.
type Certificate struct {
	Node string    `json:"node"` // process, "…-administrator", "…-client" or "…-authorities"
	Ends time.Time `json:"ends"` // Endless when none does
	File string    `json:"file"` // the certificate that ends then
}

// soon is how long before their end certificates are warned of.
const soon = 60 * 24 * time.Hour

// Warning says what is to be done about the certificate at a time; empty when
// nothing is.
func (c Certificate) Warning(now time.Time) string {
	province, _, _ := strings.Cut(c.Node, "-")
	switch left := c.Ends.Sub(now); {
	case left <= 0:
		return "has expired: run `network renew --only " + province + "`"
	case left < soon:
		return fmt.Sprintf("ends in %d days: run `network renew --only %s`", int(left.Hours()/24), province)
	}
	return ""
}

// Certificates returns when the certificates of the provinces that run here end, by
// node. Where there is no key material yet there is none.
func (c *Cluster) Certificates() ([]Certificate, error) {
	var all []Certificate
	for _, p := range c.provinces {
		if !exists(c.files.AdminMSP(p)) {
			continue
		}
		for _, node := range []struct {
			name  string
			files []string
		}{
			{Name(p, Peer), []string{c.files.PeerSigningCert(p), c.files.PeerTLS(p).Cert}},
			{Name(p, Chaincode), []string{c.files.ChaincodeTLS(p).Cert}},
			{Name(p, Orderer), []string{c.files.OrdererSigningCert(p), c.files.OrdererTLS(p).Cert}},
			{Name(p, "administrator"), []string{c.files.Admin(p).Cert}},
			{Name(p, "client"), []string{c.files.Client(p).Cert}},
			{Name(p, "authorities"), []string{c.files.PeerTLS(p).Root, c.files.OrdererTLS(p).Root}},
		} {
			var first Certificate
			for _, file := range node.files {
				certificate, err := readCertificate(file)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", node.name, err)
				}
				if first.File == "" || certificate.NotAfter.Before(first.Ends) {
					first = Certificate{node.name, certificate.NotAfter, file}
				}
			}
			all = append(all, first)
		}
	}
	return all, nil
}

// Renew issues the certificates of the provinces that run here anew, from their own
// authorities, for the same keys, and starts their processes with them: a province
// at a time, so that the others go on meanwhile. It needs no one's leave: what the
// channel's configuration names stays as it is. Clients that run, such as an API,
// go on with the old certificates until they are started again.
func (c *Cluster) Renew(ctx context.Context) error {
	var errs []error
	for _, p := range c.provinces {
		if err := c.renew(ctx, p); err != nil {
			errs = append(errs, fmt.Errorf("renew the certificates of %s: %w", p.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (c *Cluster) renew(ctx context.Context, p topology.Province) error {
	one, err := c.alone(p)
	if err != nil {
		return err
	}
	c.say("%s: stopping its processes; the others go on", p.Name)
	if err := one.Down(); err != nil {
		return err
	}
	from, to := c.period()
	if err := c.Reissue(p, from, to); err != nil {
		return err
	}
	c.say("%s: new certificates, valid until %s", p.Name, to.Format(time.DateOnly))
	return one.Up(ctx)
}

// alone is the network with one province's processes.
func (c *Cluster) alone(p topology.Province) (*Cluster, error) {
	config := c.Config
	config.Only = []string{p.Name}
	return New(config)
}

// Reissue issues the certificates of a province's nodes and members anew, for the
// same keys. A process has the old ones until it is started again.
func (c *Cluster) Reissue(p topology.Province, from, to time.Time) error {
	for _, msp := range []string{c.files.MSP(p), c.files.OrdererMSP(p)} {
		if err := reissue(filepath.Dir(msp), c.files.OrdererSigningCert(p), from, to); err != nil {
			return err
		}
	}
	return c.forgetBuilds(p)
}

// forgetBuilds removes what the peer has made of the chaincode packages: how it
// reaches the chaincode, its certificate for that included. It makes them again
// from Connections when it starts.
func (c *Cluster) forgetBuilds(p topology.Province) error {
	return os.RemoveAll(filepath.Join(c.files.PeerData(p), "externalbuilder", "builds"))
}
