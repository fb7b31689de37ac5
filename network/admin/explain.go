package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"

	"deltatrace/network/topology"
)

// outside is the cause when a peer knows nothing of the channel, as one does whose
// folder is new.
const outside = "the peer is not a member of the channel: `network up` lets it join"

// causes are what Fabric says, and what the likely cause is.
var causes = []struct{ says, cause string }{
	{"channel does not exist", outside},
	{"channel not found", outside},
	{"cannot retrieve channel", outside},
	{"creator certificate is not valid", "the peer does not accept the administrator's certificate: it may have expired, or be of another network; were the keys generated anew?"},
	{"has expired or is not yet valid", "a certificate is not valid at this time: `network renew` issues new ones (`network status` shows when each ends), or set the machine's clock"},
	{"certificate signed by unknown authority", "the process has a certificate of another network: is it one of this topology, with these keys?"},
	{"certificate is valid for", "the process has a TLS certificate for other names than its host in the topology"},
	{"access denied", "the channel does not grant this to the administrator: is the province a member of the channel?"},
	{"Failed to init ledger", "the peer's data is of another network or damaged: see its log"},
	{"ledger [", "the peer has data of an earlier network: delete its folder, or join with that network's first block"},
	{"could not launch chaincode", "the peer cannot reach the chaincode: is it running, with this package's id?"},
	{"failed to execute transaction", "the chaincode failed or the peer cannot reach it: see the chaincode's log"},
	{"SERVICE_UNAVAILABLE", "the ordering service has no quorum: are enough provinces' orderers running?"},
}

// quoted are the names in Fabric's messages: channel 'deltatrace' not found.
var quoted = regexp.MustCompile(` '[^']*'`)

// explain names the province and the likely cause of a failed call to its peer.
func (m *member) explain(err error) error {
	return explain(m.Name, "peer", m.PeerAddress(), m.network.files.Log(m.Province, "peer"), err)
}

func explainOrderer(n *network, p topology.Province, err error) error {
	return explain(p.Name, "orderer", p.OrdererAddress(), n.files.Log(p, "orderer"), err)
}

func explain(province, process, address, log string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if refused := probe(address); refused != nil {
		return fmt.Errorf("%s: the %s does not answer at %s: is it running? (%w; its log is %s)", province, process, address, refused, log)
	}
	says := quoted.ReplaceAllString(err.Error(), "")
	for _, c := range causes {
		if strings.Contains(says, c.says) {
			return fmt.Errorf("%s: %s (%w; the %s's log is %s)", province, c.cause, err, process, log)
		}
	}
	return fmt.Errorf("%s: the %s at %s: %w (its log is %s)", province, process, address, err, log)
}

// probe says why nothing can be reached at an address, if it is so.
func probe(address string) error {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return err
	}
	return c.Close()
}
