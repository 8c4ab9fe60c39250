package webhook

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
)

// Guard decides which addresses and ports webhooks may reach. It is safe for
// concurrent use.
type Guard struct {
	networks []netip.Prefix
	ports    []uint16
}

// BlockedError says which rule refuses an address; its text is for admins.
type BlockedError struct {
	Text string
}

func (e *BlockedError) Error() string { return e.Text }

// NewGuard opens the given networks besides the public internet. An empty list
// of ports allows all of them.
func NewGuard(networks []netip.Prefix, ports []uint16) *Guard {
	g := &Guard{ports: slices.Clone(ports)}
	for _, n := range networks {
		g.networks = append(g.networks, unmapPrefix(n))
	}
	return g
}

// unmapPrefix turns ::ffff:10.0.0.0/104 into 10.0.0.0/8, which is how
// addresses are compared.
func unmapPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96).Masked()
	}
	return p.Masked()
}

// CheckPort returns a BlockedError for a port that is not allowed.
func (g *Guard) CheckPort(port uint16) error {
	if len(g.ports) == 0 || slices.Contains(g.ports, port) {
		return nil
	}
	return &BlockedError{fmt.Sprintf("Port %d is not one that webhooks may use. Add it to WEBHOOK_ALLOWED_PORTS.", port)}
}

// Check returns a BlockedError for an address that is not on the public
// internet and in none of the opened networks. Addresses that carry another
// one (IPv4-mapped, NAT64, 6to4) are judged by what they carry; those with a
// zone are always refused.
func (g *Guard) Check(a netip.Addr) error {
	if a.Zone() != "" {
		return &BlockedError{fmt.Sprintf("%s has a zone, so it is a link-local address of this machine. Use an address without one.", a)}
	}
	return g.check(a.Unmap(), a.Unmap().String())
}

func (g *Guard) check(a netip.Addr, said string) error {
	if !a.IsValid() {
		return &BlockedError{"There is no address to connect to."}
	}
	for _, n := range g.networks {
		if n.Contains(a) {
			return nil
		}
	}
	for _, r := range blocked {
		if r.net.Contains(a) {
			return refusal(said, r.net, r.why)
		}
	}
	if v4, ok := inner(a); ok {
		return g.check(v4, fmt.Sprintf("%s leads to %s, which", said, v4))
	}
	if a.Is6() && !globalIPv6.Contains(a) {
		return &BlockedError{fmt.Sprintf("%s is outside 2000::/3 (not a public IPv6 address). Use a public address, or add its network to WEBHOOK_ALLOWED_NETWORKS.", said)}
	}
	return nil
}

func refusal(said string, n netip.Prefix, why string) error {
	return &BlockedError{fmt.Sprintf("%s is in %s (%s), which webhooks may not reach. If it is yours, add it to WEBHOOK_ALLOWED_NETWORKS.", said, n, why)}
}

// control is called by net.Dialer with the address it is about to connect to,
// after any lookup. An error here means that no packet is sent.
func (g *Guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &BlockedError{fmt.Sprintf("%q is not an address that webhooks may reach.", address)}
	}
	if err := g.CheckPort(ap.Port()); err != nil {
		return err
	}
	return g.Check(ap.Addr())
}
