package fiberx

import (
	"log/slog"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// parseProxies reads CIDRs and single addresses; what is neither is logged and
// left out, so it trusts nobody.
func parseProxies(list []string, log *slog.Logger) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		if p, err := netip.ParsePrefix(s); err == nil {
			out = append(out, p.Masked())
		} else if a, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
		} else {
			log.Warn("trusted proxy ignored: neither an address nor a CIDR", "trusted_proxy", s)
		}
	}
	return out
}

// clientIP walks X-Forwarded-For from the right, the end that our own proxies
// wrote, and returns the first address that is not one of them. Everything
// left of it is the client's claim.
func (s *server) clientIP(c *fiber.Ctx) string {
	peer := peerAddr(c)
	if !peer.IsValid() || !s.trusts(peer) {
		return addrText(peer)
	}
	hops := strings.Split(forwardedFor(c), ",")
	client := peer
	for i := len(hops) - 1; i >= 0; i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		client = a.Unmap().WithZone("")
		if !s.trusts(client) {
			break
		}
	}
	return addrText(client)
}

// forwardedFor joins repeated headers in their order (RFC 9110, section 5.3).
func forwardedFor(c *fiber.Ctx) string {
	var all []string
	for _, v := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		all = append(all, string(v))
	}
	return strings.Join(all, ",")
}

func (s *server) trusts(a netip.Addr) bool {
	for _, p := range s.proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// peerAddr is the other end of the connection.
func peerAddr(c *fiber.Ctx) netip.Addr {
	ap, err := netip.ParseAddrPort(c.Context().RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

// FromLoopback tells whether the connection comes from this machine and no
// proxy forwarded it.
func FromLoopback(c *fiber.Ctx) bool {
	return peerAddr(c).IsLoopback() && forwardedFor(c) == "" && c.Get("Forwarded") == ""
}

func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
