package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// ErrAddress says that a delivery was not let go to an address.
var ErrAddress = errors.New("webhook: the address is not one that deliveries may go to")

// Guard says which addresses deliveries may go to: those of the public net, at the
// ports, and what the operator allows besides. It judges the address that is about
// to be called, after names are resolved, so that it does not matter what a name
// says, how an address is spelt, or that a name leads elsewhere the second time.
type Guard struct {
	Ports []uint16       // 443 when empty
	Allow []netip.Prefix // also these, at any port: an intranet, or a test's loopback
}

// Control is a net.Dialer's Control. Errors are ErrAddress.
func (g Guard) Control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q", ErrAddress, address)
	}
	return g.Check(to)
}

// Check judges an address. Errors are ErrAddress.
func (g Guard) Check(to netip.AddrPort) error {
	a := to.Addr().Unmap().WithZone("")
	if slices.ContainsFunc(g.Allow, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return nil
	}
	if slices.ContainsFunc(reserved(), func(p netip.Prefix) bool { return p.Contains(a) }) || !a.IsGlobalUnicast() || a.Is6() && !unicast6().Contains(a) {
		return fmt.Errorf("%w: it is not on the public net", ErrAddress)
	}
	ports := g.Ports
	if len(ports) == 0 {
		ports = []uint16{443}
	}
	if !slices.Contains(ports, to.Port()) {
		return fmt.Errorf("%w: port %d", ErrAddress, to.Port())
	}
	return nil
}

// unicast6 is all of IPv6 that is given out (RFC 4291, IANA).
func unicast6() netip.Prefix { return netip.MustParsePrefix("2000::/3") }

// reserved are the special-purpose addresses of IANA's two registries (RFC 6890 and
// later) that are not of the public net, or that hide an IPv4 address in them.
func reserved() []netip.Prefix {
	var list []netip.Prefix
	for _, prefix := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
		"5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
	} {
		list = append(list, netip.MustParsePrefix(prefix))
	}
	return list
}

// dialer calls only where the guard lets it.
func (g Guard) dialer() *net.Dialer { return &net.Dialer{Timeout: connectTimeout, Control: g.Control} }
